"""Files that may only be read, also for root, who may otherwise write everywhere."""

import ctypes
import os
import sys

VERSION_3 = 0x20080522
OVERRIDING = 0b1110
"""CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH and CAP_FOWNER (linux/capability.h)."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def obey_permissions() -> None:
    """Let this thread of a root's process obey the permissions of files from now on.

    Raises:
        OSError: the system does not let go of the capabilities.
    """
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return
    library = ctypes.CDLL(None, use_errno=True)
    header, sets = _Header(VERSION_3, 0), (_Sets * 2)()
    if library.capget(ctypes.byref(header), sets):
        raise OSError(ctypes.get_errno(), "capget")
    sets[0].effective &= ~OVERRIDING
    if library.capset(ctypes.byref(header), sets):
        raise OSError(ctypes.get_errno(), "capset")
