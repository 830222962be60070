"""The textured people: rigged avatars converted once, posed, varied and recoloured."""
