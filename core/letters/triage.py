"""Which requests a letter may speak of that nobody could place: pure.

The best guess first, at most three, each with its reason; a person decides.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.letters.model import Evidence, Reading, Update
from core.letters.record import Candidate, Reason
from core.requests.model import Request
from core.text import N_

SHOWN: Final = 3
_SHORTEST: Final = 2
"""Digits a number has at least before a slip of the pen is suspected: any one-digit number is one off another."""

NAMED: Final = N_("the letter names it")
POSITION: Final = N_("a position of request {number}")
THREAD: Final = N_("same thread")
ONE_DIGIT: Final = N_("number {number} differs by one digit from {read}")
SWAPPED: Final = N_("number {number} is {read} with two digits swapped")
SENDER: Final = N_("same sender wrote about it before")
LATEST: Final = N_("open, latest news")
TICKET: Final = N_("ticket {ticket} was about it")


Name = tuple[str, str]
"""A number and a position, '' where the letter names none."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a letter says that could not be placed.

    `names` are the requests it means, `quoted` those that only the earlier letters below it mention, `status` the
    one status it tells (None: none, or several).
    """

    names: tuple[Name, ...] = ()
    quoted: tuple[Name, ...] = ()
    status: str | None = None


def waiting(reading: Reading, unplaced: Sequence[Update] = ()) -> Waiting:
    """What waits for a person: the updates that could not be placed, else whatever the reader's evidence shows."""
    if unplaced:
        names = [(update.request, update.position or "") for update in unplaced]
        return Waiting(tuple(dict.fromkeys(names)), (), _only(update.status for update in unplaced))
    counted = [evidence for evidence in reading.why if evidence.counted]
    quoted = [evidence for evidence in reading.why if evidence.where == "quoted"]
    status = _only(evidence.value for evidence in counted if evidence.kind == "status")
    return Waiting(_names(counted), _names(quoted), status)


def _names(evidence: Sequence[Evidence]) -> tuple[Name, ...]:
    """The requests that the words name, as the reader writes them: `101`, `101/12`, `101, 102`."""
    spoken = [name for each in evidence if each.kind == "request" for name in each.value.split(", ") if name]
    names = tuple(dict.fromkeys((number, position) for number, _, position in (each.partition("/") for each in spoken)))
    position = _only(each.value for each in evidence if each.kind == "position")
    if len(names) == 1 and not names[0][1] and position and ", " not in position:
        return ((names[0][0], position),)
    return names


def _only(values: Iterable[str | None]) -> str | None:
    """The one value there is, None when there is none or several differ."""
    found = {value for value in values if value}
    return found.pop() if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known around a letter.

    `names` are the requests it mentions; `named` the requests with these numbers; `tickets` those that the
    contractor's own ticket numbers stood for; `thread` and `sender` those that
    earlier letters of the thread and of the sender were about, latest first; `open` the requests that are not
    finished, latest news first.
    """

    names: tuple[Name, ...] = ()
    named: tuple[Request, ...] = ()
    tickets: tuple[tuple[str, Request], ...] = ()
    thread: tuple[Request, ...] = ()
    sender: tuple[Request, ...] = ()
    open: tuple[Request, ...] = ()


def candidates(hints: Hints) -> tuple[Candidate, ...]:
    """Up to three requests to choose from, the likeliest first, none twice."""
    found: dict[int, Candidate] = {}
    for request, reason in _guesses(hints):
        if len(found) == SHOWN:
            break
        found.setdefault(request.id, Candidate(request.id, request.name, request.title, reason))
    return tuple(found.values())


def _guesses(hints: Hints) -> Iterator[tuple[Request, Reason]]:
    yield from (
        (request, Reason(NAMED)) for request in hints.named if (request.number, request.position) in hints.names
    )
    yield from ((request, Reason(TICKET, {"ticket": ticket})) for ticket, request in hints.tickets)
    numbers = [number for number, _ in hints.names]
    in_thread = {request.id for request in hints.thread}
    by_thread = sorted(hints.named, key=lambda request: request.id not in in_thread)
    for request in by_thread:
        number = Reason(POSITION, {"number": request.number})
        yield request, Reason(THREAD) if request.id in in_thread else number
    yield from ((request, Reason(THREAD)) for request in hints.thread)
    for read in dict.fromkeys(numbers):
        yield from _slips(read, hints.open)
    open_ids = {request.id for request in hints.open}
    yield from ((request, Reason(SENDER)) for request in hints.sender if request.id in open_ids)
    yield from ((request, Reason(LATEST)) for request in hints.open)


def _slips(read: str, requests: Sequence[Request]) -> Iterator[tuple[Request, Reason]]:
    for request in requests:
        sentence = slip(read, request.number)
        if sentence is not None:
            yield request, Reason(sentence, {"number": request.number, "read": read})


def slip(read: str, number: str) -> str | None:
    """How a slip of the pen turns one number into the other (a translatable sentence), None when it takes more.

    One digit mistyped, missed, doubled, or two neighbours swapped.
    """
    if read == number or min(len(read), len(number)) < _SHORTEST:
        return None
    start = _common(read, number)
    end = _common(read[start:][::-1], number[start:][::-1])
    middle, other = read[start : len(read) - end], number[start : len(number) - end]
    if not (middle + other).isdecimal():
        return None
    if len(middle) <= 1 and len(other) <= 1:
        return ONE_DIGIT
    if len(middle) == len(other) == 2 and middle == other[::-1]:
        return SWAPPED
    return None


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    length = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        length += 1
    return length
