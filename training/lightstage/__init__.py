"""The virtual light stage: people, light and cameras, with exact ground truth."""
