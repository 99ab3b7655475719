"""What goes wrong on purpose, and how fast a bot may go."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from deploy.demo.telegram.errors import too_many_requests

Kind = Literal["flood", "http", "reset", "lost_answer"]

# Bot API FAQ: about 30 messages a second in all, 1 a second to one chat with short bursts, 20 a minute to a group.
_OVERALL: Final = 30
_PRIVATE_BURST: Final = 5
_GROUP_PER_MINUTE: Final = 20


@dataclass(slots=True)
class Fault:
    """One scripted fault.

    `flood` answers 429 with `retry_after`; `http` answers `status` with a body that is no JSON; `reset` drops the
    connection before the call is accepted; `lost_answer` accepts it and then drops the connection unanswered.
    """

    kind: Kind
    method: str | None
    left: int | None
    until: float | None
    retry_after: int = 1
    status: int = 502


class Faults:
    """The faults in force, oldest first."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._faults: list[Fault] = []

    def add(
        self,
        kind: Kind,
        method: str | None = None,
        *,
        times: int | None = None,
        seconds: float | None = None,
        retry_after: int = 1,
        status: int = 502,
    ) -> Fault:
        """Script a fault for a method (None: any), for a number of calls or for seconds; by default once."""
        if times is None and seconds is None:
            times = 1
        until = None if seconds is None else self._monotonic() + seconds
        fault = Fault(kind, method, times, until, retry_after, status)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """No faults any more."""
        self._faults.clear()

    def take(self, method: str) -> Fault | None:
        """The fault that meets this call, counted down."""
        now = self._monotonic()
        self._faults = [fault for fault in self._faults if fault.left != 0 and (fault.until or now) >= now]
        for fault in self._faults:
            if fault.method in (None, method):
                if fault.left is not None:
                    fault.left -= 1
                return fault
        return None


@dataclass(frozen=True, slots=True)
class Sent:
    """An accepted message or edit: which chat, by which method, when (monotonic seconds), which message."""

    chat: int
    method: str
    at: float
    message_id: int


class Pace:
    """Counts what the bot sends and, when `strict`, refuses what is too fast with 429."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self.strict = False
        self.sent: deque[Sent] = deque(maxlen=20_000)
        self.refused = 0
        self._overall: deque[float] = deque()
        self._chats: dict[int, deque[float]] = {}

    def admit(self, chat: int, *, private: bool) -> None:
        """Let a message pass, or raise 429."""
        if not self.strict:
            return
        now = self._monotonic()
        wait = max(self._wait_overall(now), self._wait_private(chat, now) if private else self._wait_group(chat, now))
        if wait > 0:
            self.refused += 1
            raise too_many_requests(math.ceil(wait))
        self._overall.append(now)
        self._chats.setdefault(chat, deque()).append(now)

    def note(self, chat: int, method: str, message_id: int) -> None:
        """Remember an accepted message or edit."""
        self.sent.append(Sent(chat, method, self._monotonic(), message_id))

    def _wait_overall(self, now: float) -> float:
        while self._overall and now - self._overall[0] >= 1:
            self._overall.popleft()
        return 1 - (now - self._overall[0]) if len(self._overall) >= _OVERALL else 0

    def _wait_private(self, chat: int, now: float) -> float:
        # One a second on average: at most `_PRIVATE_BURST` in any window of as many seconds.
        return _wait_window(self._chats.get(chat), now, _PRIVATE_BURST, _PRIVATE_BURST)

    def _wait_group(self, chat: int, now: float) -> float:
        return _wait_window(self._chats.get(chat), now, _GROUP_PER_MINUTE, 60)


def _wait_window(times: deque[float] | None, now: float, most: int, seconds: float) -> float:
    if not times:
        return 0
    while times and now - times[0] >= seconds:
        times.popleft()
    return seconds - (now - times[0]) if len(times) >= most else 0
