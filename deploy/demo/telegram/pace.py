"""How fast a bot may go: what it sends is counted and, where that is wished, refused when it comes too fast."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from deploy.demo.telegram.errors import too_many_requests

# Bot API FAQ: about 30 messages a second in all, 1 a second to one chat with short bursts, 20 a minute to a group.
_OVERALL: Final = 30
_PRIVATE_BURST: Final = 5
_GROUP_PER_MINUTE: Final = 20


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
