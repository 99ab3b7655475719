"""How far a long command has come: one line on stderr that is written anew, only on a terminal."""

import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

EVERY: Final = 0.25
AFTER: Final = 1.0
"""Seconds between two looks, and until the first: what is quick says nothing."""
WIDTH: Final = 30


class Progress:
    """Shows a number that grows, as a bar where its end is known. `line` says it in words.

    `count` is asked from another thread; the end may be 0 for one that is not known.
    """

    def __init__(
        self, line: Callable[[int], str], count: Callable[[], int], end: Callable[[], int] = lambda: 0
    ) -> None:
        self._line = line
        self._count = count
        self._end = end
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._thread = threading.Thread(target=self._show, daemon=True, name="progress")
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _show(self) -> None:
        began = time.monotonic()
        if self._over.wait(AFTER):
            return
        while True:
            sys.stderr.write("\r" + drawn(self._line(self._count()), self._count(), self._end()) + "\x1b[K")
            sys.stderr.flush()
            if self._over.wait(EVERY):
                break
        sys.stderr.write(f"\r{self._line(self._count())} ({time.monotonic() - began:.0f} s)\x1b[K\n")


def drawn(line: str, count: int, end: int) -> str:
    """The line, after a bar when the end is known."""
    if end <= 0:
        return line
    share = min(count / end, 1.0)
    full = round(share * WIDTH)
    return f"[{'█' * full}{'·' * (WIDTH - full)}] {share:4.0%} {line}"
