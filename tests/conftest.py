"""What holds for all tests."""

import os

import pytest
from hypothesis import settings

# A deadline is a timed assertion: it fails on a busy machine, whatever the code does. The examples are the same in
# every run, so that a commit which passed passes again; CHIARO_EXPLORE=1 looks for new ones.
settings.register_profile("chiaro", deadline=None, derandomize="CHIARO_EXPLORE" not in os.environ)
settings.load_profile("chiaro")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a module share what is made for them once, so they stay in one process where several run (xdist)."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
