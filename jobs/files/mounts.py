"""Whether a folder lies on a file system whose changes the kernel does not report: shares and foreign mounts."""

import ctypes
import os
import re
import sys
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from core.files.naming import shown
from core.text import N_
from jobs.files.scanner import RootAway

_MOUNTS: Final = Path("/proc/self/mountinfo")
_FOREIGN: Final = re.compile(r"(cifs|smb|nfs|9p|fuse|afs|ceph|gluster|lustre|vboxsf|vmhgfs|virtiofs|drvfs|ncp|davfs)")
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")
UNSEEN: Final = N_("{path} is on a drive that this account cannot see: write {unc} instead.")
UNSEEN_HERE: Final = N_(
    "{path} is on a drive that this account cannot see: write the path as \\\\server\\share instead."
)
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
    return is_foreign_kind(kind_of(os.path.realpath(root), mounts))


def is_foreign_kind(kind: str) -> bool:
    """Whether the kernel reports no changes that others make on a file system of this type."""
    return _FOREIGN.match(kind) is not None


def unseen_drive(path: str, present: Collection[str], mapped: Mapping[str, str]) -> str | None:
    """The UNC path to write instead of one on a drive that this account has not; None when the drive is there.

    A drive is mapped for the account that did it; a service has an account of its own. `present` are the drives of
    this account, `mapped` those of others with what they stand for, as `{"Z:": "\\\\server\\share"}`. Where nobody
    says what it stands for, the answer is "".
    """
    drive = path[:2].upper() if path[1:2] == ":" else ""
    if not drive or drive in present:
        return None
    share = mapped.get(drive)
    return "" if share is None else share.rstrip("\\") + path[2:]


def refuse_unseen_drive(path: str) -> None:
    """Raises `RootAway` for a folder on a drive letter that this account cannot see (Windows only)."""
    if sys.platform == "win32":
        mask = ctypes.windll.kernel32.GetLogicalDrives()
        present = {f"{chr(ord('A') + n)}:" for n in range(26) if mask >> n & 1}
        instead = unseen_drive(path, present, _mapped_by_anybody())
        if instead is not None:
            raise RootAway(UNSEEN if instead else UNSEEN_HERE, path=shown(path), unc=shown(instead))


def _mapped_by_anybody() -> dict[str, str]:
    """The network drives that any account has mapped, from the registry (HKEY_USERS\\SID\\Network\\LETTER)."""
    found: dict[str, str] = {}
    if sys.platform == "win32":
        import winreg

        for n in range(winreg.QueryInfoKey(winreg.HKEY_USERS)[0]):
            account = winreg.EnumKey(winreg.HKEY_USERS, n)
            with suppress(OSError), winreg.OpenKey(winreg.HKEY_USERS, rf"{account}\Network") as drives:
                for m in range(winreg.QueryInfoKey(drives)[0]):
                    letter = winreg.EnumKey(drives, m)
                    with winreg.OpenKey(drives, letter) as drive:
                        found[f"{letter.upper()}:"] = str(winreg.QueryValueEx(drive, "RemotePath")[0])
    return found


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
