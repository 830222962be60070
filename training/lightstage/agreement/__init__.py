"""The light stage's pictures beside path-traced ones of the same people under the same light."""
