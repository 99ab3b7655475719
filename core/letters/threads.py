"""What a thread says about a letter that names no request: pure.

It places a letter only where a careful dispatcher would not ask: all that was written in the thread is about one
request, and this is a new letter of somebody who took part.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.letters.evidence import UNCLEAR_REQUEST
from core.letters.model import Reading, Update
from core.letters.record import State
from core.letters.rules import NO_NUMBER, NOTHING
from core.requests.contractor_rules import pattern_for


@dataclass(frozen=True, slots=True)
class Earlier:
    """A letter of a thread: who wrote it (or, of ours, whom it went to) and which requests it was about.

    `state` is None for ours. `names` are what it was read to speak of where it has done nothing yet.
    """

    state: State | None
    writers: tuple[str, ...]
    requests: tuple[int, ...] = ()
    names: tuple[Update, ...] = ()
    contractor_id: int | None = None
    unclear: bool = False
    """It may be about a request nobody knows of yet."""


@dataclass(frozen=True, slots=True)
class Unnumbered:
    """What a letter says that names no request: the status it tells (None: no news of it), and a position, if any."""

    status: str | None
    position: str | None


def unnumbered(reading: Reading) -> Unnumbered | None:
    """What is said of a request that is not named; None when a number is, or when more than one thing is said."""
    if reading.outcome != "triage" or reading.reason not in (NO_NUMBER, NOTHING):
        return None
    heard = [each for each in reading.why if each.where != "quoted"]
    if any(each.kind == "request" and (each.counted or each.reason == UNCLEAR_REQUEST) for each in heard):
        return None
    statuses = {each.value for each in heard if each.kind == "status" and each.counted}
    positions = {each.value for each in heard if each.kind == "position" and each.counted}
    if len(statuses) > 1 or len(positions) > 1:
        return None
    return Unnumbered(next(iter(statuses), None), next(iter(positions), None))


def only_request(earlier: Sequence[Earlier], sender: str, contractor_id: int | None) -> int | None:
    """The one request that all of a thread is about, if the sender took part in it; else None."""
    about = {request for letter in earlier for request in letter.requests}
    if len(about) != 1 or any(letter.unclear for letter in earlier):
        return None
    return about.pop() if any(_is_of(letter, sender, contractor_id) for letter in earlier) else None


def _is_of(letter: Earlier, sender: str, contractor_id: int | None) -> bool:
    """Whether the sender, or somebody of the same company, wrote or received it."""
    if contractor_id is not None and letter.contractor_id == contractor_id:
        return True
    whose = pattern_for(sender)
    return bool(whose) and any(pattern_for(writer) == whose for writer in letter.writers)
