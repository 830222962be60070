"""Face parsing: what each pixel of the person is, on top of what the overview sees."""
