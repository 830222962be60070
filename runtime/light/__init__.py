"""Light: environments, lamps, spherical harmonics, and shading of a G-buffer."""
