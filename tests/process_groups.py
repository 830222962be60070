"""Which tests stay in one process where several processes run them (pytest-xdist).

xdist's own `loadgroup` (3.8) writes a test's group behind its id, and pytest 9.2 does not keep what is written there:
every test is a group of its own then, and what is made once for a module, or by one start of Blender, is made in every
process. Here the groups are read off the ids.
"""

from xdist.scheduler import LoadScopeScheduling


def process_group(nodeid: str) -> str:
    """The group of a test: its module; of a check in a Blender, its script and that Blender.

    Args:
        nodeid: as `tests/nodes/test_face.py::test_face[Blender 4.5-the_face_draws]`, or without what is in brackets.
    """
    function, _, case = nodeid.partition("[")
    blender, dash, _ = case.partition("-")
    return f"{function}[{blender}" if dash and blender.startswith("Blender ") else nodeid.partition("::")[0]


class GroupScheduling(LoadScopeScheduling):
    """Sends the tests of a group to one process, the largest groups first."""

    def _split_scope(self, nodeid: str) -> str:
        return process_group(nodeid)
