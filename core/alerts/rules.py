"""Decisions of delivery, without I/O: how fast, what an answer means, when to try again, which rows are one message."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from core.alerts.model import CARD_LIFE, Account, LiveCard, Mode, Notice, Settlement

TRIES: Final = 2
"""How often a new message may leave whose arrival is unknown: once, and once more marked as a repeat."""
REPEAT_AFTER: Final = timedelta(seconds=30)
"""How long a message may be on its way before it is repeated."""


@dataclass(frozen=True, slots=True)
class Window:
    """At most `count` messages in any `seconds`."""

    count: int
    seconds: float


# Telegram gives no exact numbers; its FAQ for bots: about 30 messages a second in all, 1 a second in a chat with
# short bursts allowed, 20 a minute in a group. We stay below, and leave room for replies beside the notices.
ALL_NOTICES: Final = Window(24, 1)
ALL_REPLIES: Final = Window(25, 1)
GROUP_NOTICES: Final = Window(14, 60)
GROUP_REPLIES: Final = Window(18, 60)
PERSON_NOTICES: Final = Window(1, 1)
PERSON_REPLIES: Final = Window(20, 20)

_LEAST_WAIT: Final = 0.001  # sums of floats may fall short of the moment by their last bit
_FLOOD_MEMORY: Final = 30.0  # seconds; two chats refused within them mean that the bot as a whole is too fast


class Pace:
    """Keeps every message within Telegram's limits. Moments are seconds of a monotonic clock.

    What left counts for all limits; a notice must fit the narrower ones, so that replies always find room. In a chat
    new messages and edits are counted apart: Telegram's figures are for messages, and a live card must stay live.
    """

    def __init__(self) -> None:
        self._all: deque[float] = deque()
        self._chats: defaultdict[tuple[int, bool], deque[float]] = defaultdict(deque)
        self._paused: dict[int | None, float] = {}
        self._refused: tuple[int, float] | None = None
        self._tidy_above = 1000

    def wait(self, chat_id: int, now: float, *, reply: bool, edit: bool = False) -> float:
        """Seconds until a message to this chat (or an edit there) may leave; 0 when it may now. Counts nothing."""
        return max(self.wait_all(now, reply=reply), self._wait_chat(chat_id, now, reply=reply, edit=edit))

    def wait_all(self, now: float, *, reply: bool) -> float:
        """As `wait`, for what holds up every chat."""
        paused = self._paused.get(None, now) - now
        return max(paused, _room(self._all, ALL_REPLIES if reply else ALL_NOTICES, now))

    def reserve(self, chat_id: int, now: float, *, reply: bool, edit: bool = False) -> float:
        """As `wait`; when the answer is 0, the message counts as sent now."""
        wait = self.wait(chat_id, now, reply=reply, edit=edit)
        if wait == 0:
            self._note(self._all, now, ALL_REPLIES.seconds)
            self._note(self._chats[chat_id, edit], now, _keep(chat_id))
            self._tidy(now)
        return wait

    def pause(self, chat_id: int | None, until: float) -> None:
        """Nothing leaves for this chat (None: for any) before that moment."""
        self._paused[chat_id] = max(until, self._paused.get(chat_id, until))

    def refused(self, chat_id: int, now: float, seconds: float) -> None:
        """Telegram said 429, come back in `seconds`: that chat waits; all do when another was refused just before."""
        self.pause(chat_id, now + seconds)
        if self._refused and self._refused[0] != chat_id and now - self._refused[1] < _FLOOD_MEMORY:
            self.pause(None, now + seconds)
        self._refused = (chat_id, now)

    def _wait_chat(self, chat_id: int, now: float, *, reply: bool, edit: bool) -> float:
        paused = self._paused.get(chat_id, now) - now
        sent = self._chats.get((chat_id, edit))
        return max(0.0, paused, _room(sent, _limit(chat_id, reply=reply), now) if sent else 0.0)

    @staticmethod
    def _note(sent: deque[float], now: float, keep: float) -> None:
        while sent and sent[0] + keep <= now:
            sent.popleft()
        sent.append(now)

    def _tidy(self, now: float) -> None:
        """Forget chats that have been silent, now and then: a bot of many years meets many chats."""
        if len(self._chats) <= self._tidy_above:
            return
        for key in [key for key, sent in self._chats.items() if sent[-1] + GROUP_REPLIES.seconds <= now]:
            del self._chats[key]
        for paused in [chat for chat, until in self._paused.items() if until <= now]:
            del self._paused[paused]
        self._tidy_above = 2 * len(self._chats) + 1000


def _is_group(chat_id: int) -> bool:
    return chat_id < 0  # Bot API: persons have positive ids, groups and channels negative ones


def _limit(chat_id: int, *, reply: bool) -> Window:
    if _is_group(chat_id):
        return GROUP_REPLIES if reply else GROUP_NOTICES
    return PERSON_REPLIES if reply else PERSON_NOTICES


def _keep(chat_id: int) -> float:
    return max(_limit(chat_id, reply=False).seconds, _limit(chat_id, reply=True).seconds)


def _room(sent: deque[float], window: Window, now: float) -> float:
    """Seconds until the window has room for one more: until the `count`-th message from the end has left it."""
    if len(sent) < window.count:
        return 0.0
    wait = sent[-window.count] + window.seconds - now
    return 0.0 if wait <= 0 else max(wait, _LEAST_WAIT)


def backoff(failures: int, chance: float, *, first: float = 1.0, cap: float = 60.0) -> float:
    """Seconds before the next try after so many failures in a row: 1, 2, 4 … 60, of which a random half.

    `chance` is a random number from 0 to 1, so that many who failed together do not return together.
    """
    full = min(cap, first * 2.0 ** min(failures - 1, 16))
    return full * (0.5 + chance / 2)


Meaning = Literal[
    "kept",  # it was not sent at all
    "ok",  # arrived; `message_id` is the message
    "same",  # an edit that changes nothing: as good as done
    "slow_down",  # 429: not delivered; come back in `retry_after` seconds
    "unreachable",  # no connection: not delivered
    "failed",  # the server says it failed (5xx): not delivered
    "unclear",  # something between us and the server answered: probably not delivered
    "unknown",  # the connection broke after the text had left: may have arrived
    "refused",  # this message or chat is refused for good
    "moved",  # the chat became a supergroup: `moved_to`
    "no_message",  # the message to edit is gone
    "no_thread",  # the message thread is gone
    "unauthorized",  # the bot's token is refused
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call to Telegram. `reason` is for the log, without secrets; `account` who asked, of a ping."""

    meaning: Meaning
    message_id: int | None = None
    retry_after: float = 0.0
    moved_to: int | None = None
    reason: str = ""
    account: Account | None = None

    @property
    def line_is_down(self) -> bool:
        """Whether the next call would meet the same fate: the fault is not this message's."""
        return self.meaning in ("unreachable", "failed", "unclear", "unknown")


_DESCRIPTIONS: Final[tuple[tuple[str, Meaning], ...]] = (
    ("message is not modified", "same"),
    ("message to edit not found", "no_message"),
    ("message can't be edited", "no_message"),
    ("message_id_invalid", "no_message"),
    ("message thread not found", "no_thread"),
    ("topic_deleted", "no_thread"),
    ("topic_closed", "no_thread"),
)


def meaning_of_refusal(description: str) -> Meaning:
    """What a 400 means, by the words the Bot API uses; an unknown one is for good."""
    words = description.lower()
    return next((meaning for part, meaning in _DESCRIPTIONS if part in words), "refused")


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that one message satisfies: the first is the oldest, the last one's data is shown.

    `card` is the live message to be edited, if there is one.
    """

    rows: tuple[Notice, ...]
    card: LiveCard | None = None

    @property
    def first(self) -> Notice:
        """The row whose turn it was."""
        return self.rows[0]

    @property
    def shown(self) -> Notice:
        """What the message is made of: the newest row."""
        return self.rows[-1]

    @property
    def mode(self) -> Mode:
        """`card` if one of the rows may send a new message."""
        modes = {row.mode for row in self.rows}
        return "new" if "new" in modes else "card" if "card" in modes else "refresh"

    @property
    def repeat(self) -> bool:
        """Whether the text may have arrived before."""
        return self.card is None and any(row.attempts for row in self.rows)


def merge(heads: Iterable[Notice], mates: Iterable[Notice], cards: Iterable[LiveCard], now: datetime) -> list[Batch]:
    """One batch a head. A card shows the present state, so all that wait for the same one are one edit."""
    waiting: defaultdict[tuple[object, str], list[Notice]] = defaultdict(list)
    for mate in mates:
        waiting[mate.to, mate.subject].append(mate)
    latest = {(card.to, card.subject): card for card in cards if card.sent_at > now - CARD_LIFE}
    batches = []
    for head in heads:
        if head.mode == "new":
            batches.append(Batch((head,)))
            continue
        rows = sorted([head, *waiting[head.to, head.subject]], key=lambda row: row.id)
        batches.append(Batch(tuple(rows), latest.get((head.to, head.subject))))
    return batches


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be written after a delivery: the rows, the card that is shown now, the card that is gone."""

    settlements: tuple[Settlement, ...]
    remember: LiveCard | None = None
    forget: LiveCard | None = None


def decide(batch: Batch, answer: Answer, digest: str, now: datetime) -> Outcome:
    """What becomes of the rows of a batch after this answer. `digest` is of the card that was shown.

    The rows are as they were before they left: without the try that this answer ends.
    """
    card, shown = batch.card, batch.shown
    match answer.meaning:
        case "ok" | "same":
            message_id = card.message_id if card else answer.message_id
            live = None
            if message_id is not None and shown.subject:
                sent_at = card.sent_at if card else now
                live = LiveCard(shown.to, message_id, shown.kind, shown.subject, digest, sent_at, shown.data)
            return Outcome(_all(batch, now, "sent", message_id=message_id), live)
        case "refused" | "no_thread":
            return Outcome(_all(batch, now, "dead", error=answer.reason))
        case "no_message":
            rows = _all(batch, now, "sent") if batch.mode == "refresh" else _again(batch)
            return Outcome(rows, forget=card)
        case "unknown" if card is None:
            return Outcome(_unknown(batch, now, answer.reason))
        case "unclear" if card is None:
            return Outcome(tuple(replace(s, attempts=max(1, s.attempts)) for s in _again(batch)))
        case _:
            return Outcome(_again(batch))


def nothing_to_show(batch: Batch, now: datetime) -> Outcome:
    """The rows need no message: what they tell of is gone, or the card shows it already."""
    return Outcome(_all(batch, now, "sent", message_id=batch.card.message_id if batch.card else None))


def unreadable(batch: Batch, now: datetime, reason: str) -> Outcome:
    """The rows cannot be rendered: a fault of the program, seen in the log and never in the chat's way."""
    return Outcome(_all(batch, now, "dead", error=reason))


def _all(
    batch: Batch,
    now: datetime,
    state: Literal["sent", "dead"],
    *,
    message_id: int | None = None,
    error: str | None = None,
) -> tuple[Settlement, ...]:
    return tuple(
        Settlement(
            id=row.id,
            claimed_attempts=row.attempts + 1,
            state=state,
            attempts=row.attempts + 1,
            not_before=row.not_before,
            message_id=message_id,
            error=error,
            done_at=now,
        )
        for row in batch.rows
    )


def _again(batch: Batch) -> tuple[Settlement, ...]:
    """As if it had never left: the try surely did not arrive, or may be made twice without harm."""
    return tuple(Settlement(row.id, row.attempts + 1, "new", row.attempts, row.not_before) for row in batch.rows)


def _unknown(batch: Batch, now: datetime, reason: str) -> tuple[Settlement, ...]:
    return tuple(
        Settlement(
            id=row.id,
            claimed_attempts=row.attempts + 1,
            state="unknown",
            attempts=row.attempts + 1,
            not_before=now + REPEAT_AFTER,
            error=reason,
            done_at=now if row.attempts + 1 >= TRIES else None,
        )
        for row in batch.rows
    )
