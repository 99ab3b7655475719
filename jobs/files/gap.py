"""Since when a watched folder may have changed unseen, and why."""

from datetime import datetime, timedelta
from typing import Final

from core.clock import Clock
from core.files.model import GapReason, WatchState

BRIEF: Final = timedelta(seconds=10)
"""A stop that is no gap when the comparison after it finds nothing: hardly more than a restart."""


class Gap:
    """The gap that the next comparison of everything makes up for; often none."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reason: GapReason | None = None
        self._since: datetime | None = None

    def begin_off(self) -> None:
        """The watch was off until now; since when, `note` learns from its last sign of life."""
        self._reason, self._since = "off", None

    def open(self, reason: GapReason, seconds: float = 0.0) -> None:
        """From so long ago on, changes may have been missed; an earlier gap goes on."""
        if self._reason is None:
            self._reason, self._since = reason, self._clock.now() - timedelta(seconds=seconds)

    def note(self, state: WatchState) -> None:
        """What the table knows: the folder was away, or when the watch was last alive."""
        if state.away_since is not None:
            self._reason, self._since = "away", state.away_since
        elif self._reason == "off" and self._since is None:
            self._since = state.alive_at

    def close(self, events: int) -> tuple[GapReason, datetime] | None:
        """Everything was compared, which gave so many events: the gap to write down.

        Doubt without an event is none, nor is a `BRIEF` stop without one.
        """
        reason, since = self._reason, self._since
        self._reason = self._since = None
        if reason is None or since is None:
            return None
        brief = reason == "off" and self._clock.now() - since < BRIEF
        if not events and (brief or reason == "overflow"):
            return None
        return reason, since
