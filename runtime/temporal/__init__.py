"""Steady: a frame's encoding by those of the frames before it."""
