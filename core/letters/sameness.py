"""Whether two letters with one Message-ID are one letter: pure.

The same letter comes by another mailbox with a footer, a tagged subject, links rewritten, its text made anew from
HTML. A program that uses its ids again, or a gateway, sends another letter under the same id: it says other things.
"""

import hashlib
import re
from collections import Counter
from datetime import timedelta
from typing import Final

from core.letters.mime import strip_subject
from core.letters.model import Letter

AGAIN: Final = "again:"
"""What the ids begin with that `another_id` makes; no Message-ID of a letter does: there is no @ in them."""
_APART: Final = timedelta(minutes=1)
"""Two times of one letter are no further apart: Exchange counts whole seconds, some gateways whole minutes."""
_ALIKE: Final = 0.9
"""So much of what the shorter one says must be in the longer one."""
_LINK: Final = re.compile(r"(?:https?:|mailto:|www\.)[^\s<>\")\]]+", re.IGNORECASE)
_READ: Final = 20_000
"""Characters of each text that are compared."""


def says_the_same(one: Letter, other: Letter) -> bool:
    """Whether they say the same, but for what stands around it.

    Written at another time, they must say exactly the same to be one letter.
    """
    mine, theirs = _words(one), _words(other)
    if one.sent_at and other.sent_at and abs(one.sent_at - other.sent_at) > _APART:
        return mine == theirs
    short, long = sorted((mine, theirs), key=Counter.total)
    missing = short - long
    numbers = any(word.isdecimal() and len(word) > 1 for word in missing)  # single digits are marks of lists, too
    return not numbers and missing.total() <= short.total() * (1 - _ALIKE)


def another_id(letter: Letter) -> str:
    """What a letter is known by whose Message-ID is another letter's: its own id and what it says."""
    said = " ".join(f"{word}*{times}" for word, times in sorted(_words(letter).items()))
    when = letter.sent_at.isoformat() if letter.sent_at else ""
    digest = hashlib.sha256(f"{letter.message_id}\n{when}\n{said}".encode("utf-8", "replace")).hexdigest()
    return f"{AGAIN}{digest}"


def _words(letter: Letter) -> Counter[str]:
    """What a letter says: its words and numbers, with how often each is said."""
    said = f"{strip_subject(letter.subject)[0]}\n{letter.text[:_READ]}"
    return Counter(re.findall(r"\w+", _LINK.sub(" ", said).casefold()))
