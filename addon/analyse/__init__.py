"""The Analyse job: the networks run over a shot in a process of their own, while Blender goes on."""
