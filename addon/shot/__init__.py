"""What an artist does with a shot around the Relight node: set it up, light it, place CG in it, write it out."""
