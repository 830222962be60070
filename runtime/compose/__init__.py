"""Compose: light back into the plate, at the plate's resolution."""
