"""The security log of this machine, asked by `wevtutil` (Windows only)."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from core.errors import Unavailable
from core.files.who_service import Reading
from jobs.connectors.windows_audit.mapping import SecurityEvent, WindowsLog, split_events

AT_ONCE: Final = 2000
"""Events asked for at once."""
WITHIN: Final = 30.0
"""Seconds for an answer."""

Run = Callable[[Sequence[str]], bytes]


class SecurityLog:
    """Reads the events of the security log after the last one read; its position is that record's number."""

    name = "security"

    def __init__(self, understands: WindowsLog, run: Run | None = None) -> None:
        self._understands = understands
        self._run = run or _wevtutil

    def read(self, position: Mapping[str, Any] | None, now: datetime) -> Reading:
        """What is new. The first time: nothing, from here on. Raises `Unavailable`."""
        newest = max((event.record for event in self._query("*", 1, newest_first=True)), default=0)
        if position is None:
            return Reading((), {"record": newest})
        last = int(position["record"])
        if newest < last:  # the log was cleared, and counts anew
            return Reading((), {"record": 0}, lost=True, more=newest > 0)
        oldest = min((event.record for event in self._query("*", 1)), default=0)
        wanted = f"*[System[(EventID=4663 or EventID=5145) and (EventRecordID>{last})]]"
        events = self._query(wanted, AT_ONCE)
        more = len(events) == AT_ONCE
        record = events[-1].record if more else max(newest, *(event.record for event in events), last)
        return Reading(self._understands.entries(events), {"record": record}, lost=oldest > last + 1, more=more)

    def _query(self, wanted: str, count: int, *, newest_first: bool = False) -> list[SecurityEvent]:
        direction = "true" if newest_first else "false"
        order = ("qe", "Security", f"/q:{wanted}", "/f:xml", "/uni:true", f"/c:{count}", f"/rd:{direction}")
        text = self._run(order).decode("utf-16").encode("utf-8", "replace")
        return split_events(text)[0]


def _wevtutil(arguments: Sequence[str]) -> bytes:
    if os.name != "nt":
        raise Unavailable("The security log can be read on Windows only; set log to a file of forwarded events.")
    try:
        done = subprocess.run(["wevtutil", *arguments], capture_output=True, timeout=WITHIN, check=False)  # noqa: S603, S607  the words are ours; Windows finds its own tool
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable("The security log cannot be read: {reason}", reason=error) from error
    if done.returncode != 0:
        reason = done.stderr.decode("utf-8", "replace").strip() or f"wevtutil: {done.returncode}"
        raise Unavailable("The security log cannot be read: {reason}", reason=reason)
    return done.stdout
