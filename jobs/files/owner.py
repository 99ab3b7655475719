"""Which assistant runs something, and whether it still lives: by its number and when it started."""

import os
import secrets
import sys
from pathlib import Path
from typing import Final

_WINDOWS: Final = sys.platform == "win32"


def new_owner() -> str:
    """A name for this assistant that no other has, now or later."""
    return f"{os.getpid()}.{_started(os.getpid())}.{secrets.token_hex(8)}"


def is_alive(owner: str) -> bool:
    """Whether the assistant of that name is still running."""
    pid, _, rest = owner.partition(".")
    started = rest.partition(".")[0]
    return pid.isdecimal() and started != "" and _started(int(pid)) == started


def _started(pid: int) -> str:
    """When a process started, as its system tells it; '' when it is not there or nobody can tell."""
    if _WINDOWS:
        return _started_on_windows(pid)
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _started_on_windows(pid: int) -> str:
    """GetProcessTimes of the Windows API; written for it, not tested on it."""
    import ctypes

    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]  # there
    handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
    if not handle:
        return ""
    times = [ctypes.c_uint64() for _ in range(4)]
    told = kernel.GetProcessTimes(handle, *(ctypes.byref(each) for each in times))
    kernel.CloseHandle(handle)
    return str(times[0].value) if told and times[1].value == 0 else ""
