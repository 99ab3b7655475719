"""Large letters in little memory: what makes them large, files in base64, is left out while they are fetched."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from core.errors import Rejected
from jobs.letters.mailbox import RawLetter, Unreadable

FETCHED: Final = 200 * 1024 * 1024
"""Bytes of the largest letter that is fetched at all; Exchange takes 150 MB at most."""
KEPT: Final = 768 * 1024
"""Bytes kept of base64 that goes on for longer: no text that is read has so many."""
HEAD: Final = 65_536
"""Bytes at the beginning of a letter that hold its header."""
_RUN: Final = re.compile(rb"(?:[A-Za-z0-9+/=]{40,1000}+\r?\n)*+")
_LINE: Final = 65_536
"""A longer line is taken in pieces: it is no base64 of mail (RFC 2045: 76 characters)."""


class TooMuch(Exception):
    """What is left of the letter is too large, too."""


class Thinner:
    """Takes a letter piece by piece. `dropped`: of each long run of base64 the bytes that were left out, in order."""

    def __init__(self, most: int, keep: int = KEPT) -> None:
        self.dropped: list[int] = []
        self.kept = bytearray()
        self._most = most
        self._keep = keep
        self._rest = b""
        self._run = 0

    def feed(self, piece: bytes) -> None:
        """The next piece. Raises `TooMuch`."""
        data, at = self._rest + piece, 0
        while at < len(data):
            run = _RUN.match(data, at)
            end = run.end() if run else at
            if end > at:
                self._packed(data[at:end])
            else:
                end = data.find(b"\n", at) + 1
                if not end and len(data) - at < _LINE:
                    break
                end = end or len(data)
                self._plain(data[at:end])
            at = end
        self._rest = data[at:]

    def check(self, size: int) -> None:
        """Raises `TooMuch` for a letter of so many bytes that is not worth fetching, once its head is here."""
        if size > FETCHED and len(self.kept) + len(self._rest) > HEAD:
            raise TooMuch

    def end(self) -> None:
        """Nothing follows. Raises `TooMuch`."""
        self._plain(self._rest)
        self._rest = b""

    def _packed(self, lines: bytes) -> None:
        """Lines of base64."""
        if self._run + len(lines) <= self._keep:
            self._run += len(lines)
            self._hold(lines)
            return
        at = 0
        while self._run <= self._keep and at < len(lines):
            end = lines.index(b"\n", at) + 1
            self._run += end - at
            self._hold(lines[at:end])
            at = end
            if self._run > self._keep:
                self.dropped.append(0)
        if at < len(lines):
            self.dropped[-1] += len(lines) - at

    def _plain(self, line: bytes) -> None:
        self._run = 0
        self._hold(line)

    def _hold(self, data: bytes) -> None:
        self.kept += data
        if len(self.kept) > self._most:
            raise TooMuch


def thinned(
    key: str, pieces: Iterable[bytes], received_at: datetime, *, size: int, most: int
) -> RawLetter | Unreadable:
    """A letter of `size` bytes, of which at most `most` are kept; with its head alone where that is not enough."""
    thinner = Thinner(most)
    try:
        for piece in pieces:
            thinner.feed(piece)
            thinner.check(size)
        thinner.end()
    except TooMuch:
        return too_large(key, size, bytes(thinner.kept[:HEAD]))
    return RawLetter(key, bytes(thinner.kept), received_at, tuple(thinner.dropped))


def too_large(key: str, size: int, head: bytes = b"") -> Unreadable:
    """What a person is told of a letter that is not read; `head` is how it begins, if that is known."""
    error = Rejected("It has {size} MB, too much to be read here. Open it in the mailbox.", size=size // 1024 // 1024)
    return Unreadable(key, error, head)
