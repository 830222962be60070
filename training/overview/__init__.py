"""The overview: a small network that sees the whole crop coarsely, and has seen many more pictures than the model."""
