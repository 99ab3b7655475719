"""The world's time: the machine's, moved ahead by its visitor, and for a while back in the evening before."""

from datetime import datetime, timedelta

from core.clock import ShiftedClock


class WorldClock(ShiftedClock):
    """A clock that goes ahead by hours and, while an evening is played, stands where the play has come.

    Its seconds for pacing go along with the play: what may be said in two hours is said in a second of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._ahead = timedelta()
        self._back = timedelta()
        self._played = 0.0

    def monotonic(self) -> float:
        """The machine's, plus what was played."""
        return super().monotonic() + self._played

    @property
    def ahead(self) -> timedelta:
        """How far the visitor has gone ahead."""
        return self._ahead

    @ahead.setter
    def ahead(self, ahead: timedelta) -> None:
        self._ahead = ahead
        self.shift = self._ahead - self._back

    def stand_at(self, moment: datetime) -> None:
        """Go to a moment of the play and on from there."""
        self._go(self.now() - moment + self._back)

    def come_back(self) -> None:
        """Go to the present: the play is over."""
        self._go(timedelta())

    def _go(self, back: timedelta) -> None:
        self._played += max(0.0, (self._back - back).total_seconds())
        self._back = back
        self.shift = self._ahead - self._back
