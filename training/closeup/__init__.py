"""The close-up: all maps of the plate's view at half of its crop, on top of what the overview sees."""
