"""Results written: EXR passes, PNG pictures, movies, contact sheets."""
