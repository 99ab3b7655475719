"""Whether a folder lies on a file system whose changes the kernel does not report: shares and foreign mounts."""

import ctypes
import os
import re
import sys
from pathlib import Path
from typing import Final

_MOUNTS: Final = Path("/proc/self/mountinfo")
_FOREIGN: Final = re.compile(r"(cifs|smb|nfs|9p|fuse|afs|ceph|gluster|lustre|vboxsf|vmhgfs|virtiofs|drvfs|ncp|davfs)")
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")
_DRIVE_REMOTE: Final = 4
"""GetDriveTypeW (winbase.h): a network drive."""


def is_foreign(root: str) -> bool:
    """Whether changes below the folder must be polled for, and its inodes are not to be trusted."""
    if root.startswith(("\\\\", "//")) and sys.platform == "win32":
        return True
    if sys.platform == "win32":
        drive = os.path.splitdrive(root)[0]
        return bool(ctypes.windll.kernel32.GetDriveTypeW(drive + "\\") == _DRIVE_REMOTE)
    try:
        mounts = _MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:
        return False  # no /proc (macOS): a share there is configured with backend = "polling"
    return _FOREIGN.match(kind_of(os.path.realpath(root), mounts)) is not None


def kind_of(path: str, mounts: str) -> str:
    """The type of the file system a path lies on, from the text of /proc/self/mountinfo (proc(5))."""
    found = best = ""
    for line in mounts.splitlines():
        head, _, tail = line.partition(" - ")
        fields = head.split(" ")
        if len(fields) < 5 or not tail:
            continue
        point = _ESCAPED.sub(lambda match: chr(int(match.group(1), 8)), fields[4])
        if (path == point or path.startswith(point.rstrip("/") + "/")) and len(point) >= len(best):
            best, found = point, tail.split(" ")[0]
    return found
