"""What holds for all tests."""

from hypothesis import settings

# A deadline is a timed assertion: it fails on a busy machine, whatever the code does.
settings.register_profile("chiaro", deadline=None)
settings.load_profile("chiaro")
