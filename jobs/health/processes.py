"""Whether a process of this machine is alive, and still the one it was."""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

_SLACK: Final = timedelta(seconds=2)
"""What the machine's clock may have been set by meanwhile."""


def is_alive(pid: int, since: datetime) -> bool:
    """Whether the process that had this number at that moment lives; not one that got the number later.

    Where the system does not tell when a process began, any process of that number counts.
    """
    if not _exists(pid):
        return False
    began = _began(pid)
    return began is None or began <= since + _SLACK


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _QUERY: Final = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
    _STILL_ACTIVE: Final = 259
    _DENIED: Final = 5  # ERROR_ACCESS_DENIED
    _KERNEL: Final = ctypes.WinDLL("kernel32", use_last_error=True)
    _KERNEL.OpenProcess.restype = wintypes.HANDLE

    def _exists(pid: int) -> bool:
        """Win32: OpenProcess, GetExitCodeProcess (`os.kill` would end it)."""
        handle = _KERNEL.OpenProcess(_QUERY, 0, pid)
        if not handle:
            return ctypes.get_last_error() == _DENIED
        code = wintypes.DWORD()
        known = _KERNEL.GetExitCodeProcess(wintypes.HANDLE(handle), ctypes.byref(code))
        _KERNEL.CloseHandle(wintypes.HANDLE(handle))
        return not known or code.value == _STILL_ACTIVE

    def _began(pid: int) -> datetime | None:
        """Win32: GetProcessTimes, in units of 100 ns since 1601."""
        handle = _KERNEL.OpenProcess(_QUERY, 0, pid)
        if not handle:
            return None
        times = [wintypes.FILETIME() for _ in range(4)]
        known = _KERNEL.GetProcessTimes(wintypes.HANDLE(handle), *(ctypes.byref(each) for each in times))
        _KERNEL.CloseHandle(wintypes.HANDLE(handle))
        ticks = (times[0].dwHighDateTime << 32) + times[0].dwLowDateTime
        return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10) if known else None

else:

    def _exists(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            return True  # somebody else's
        return True

    def _began(pid: int) -> datetime | None:
        """proc(5): the 22nd field of `stat` is the start in clock ticks since the boot, `btime` the boot in seconds."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
            booted = next(line for line in Path("/proc/stat").read_bytes().splitlines() if line.startswith(b"btime "))
            seconds = int(booted.split()[1]) + int(fields[19]) / os.sysconf("SC_CLK_TCK")
        except (OSError, IndexError, ValueError, StopIteration):
            return None
        return datetime.fromtimestamp(seconds, UTC)
