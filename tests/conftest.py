"""What holds for all tests."""

import os

from hypothesis import settings

# A deadline is a timed assertion: it fails on a busy machine, whatever the code does. The examples are the same in
# every run, so that a commit which passed passes again; CHIARO_EXPLORE=1 looks for new ones.
settings.register_profile("chiaro", deadline=None, derandomize="CHIARO_EXPLORE" not in os.environ)
settings.load_profile("chiaro")
