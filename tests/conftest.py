"""What holds for all tests."""

import os
from typing import Any

import pytest
from hypothesis import settings

# A deadline is a timed assertion: it fails on a busy machine, whatever the code does. The examples are the same in
# every run, so that a commit which passed passes again; CHIARO_EXPLORE=1 looks for new ones.
settings.register_profile("chiaro", deadline=None, derandomize="CHIARO_EXPLORE" not in os.environ)
settings.load_profile("chiaro")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:  # noqa: ANN401 - xdist's own types
    """Tests that share what is made for them once stay in one process where several run."""
    from tests.process_groups import GroupScheduling  # noqa: PLC0415 - xdist may be missing where nobody asks for processes

    return GroupScheduling(config, log)
