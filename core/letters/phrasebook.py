"""How phrases that tell a status are written down, and which words of them are mistyped, too.

A phrase is written as it is said, in lower case, with `е` for `ё` and a plain apostrophe. `*` stands for any ending
of a word, `(a|b)` for either, `?` after a letter or a group for "or not". Phrases are whole words.
"""

import re
from dataclasses import dataclass
from typing import Final

from core.letters.model import ACCEPTED, CANCELLED, DECLINED, EN_ROUTE, LEFT, ON_SITE
from core.letters.patterns import misheard, slips

PAST: Final = "past"
NOW: Final = "now"
WEAK: Final = "weak"


def phrases(text: str) -> tuple[str, ...]:
    """Phrases written with commas between them; a line may end anywhere but within a word."""
    return tuple(" ".join(phrase.split()) for phrase in _unwrapped(text).split(","))


def _unwrapped(text: str) -> str:
    """A line that ends between choices, `(a|b|`, puts no space before the next, unless the group's first has one."""
    spaced: list[bool] = []
    joined = []
    for at, char in enumerate(text):
        if char == "(":
            opens = text[at + 1 :]
            lead = opens.removeprefix("?=").removeprefix("?!").removeprefix("?:")
            spaced.append(lead[:1].isspace())
        elif char == ")" and spaced:
            spaced.pop()
        elif char == "\n" and spaced and not spaced[-1] and text[:at].rstrip(" ").endswith("|"):
            joined.append("\0")
            continue
        joined.append(char)
    return re.sub(r"[ ]*\0[ ]*", "", "".join(joined))


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """Phrases that tell a status.

    tense: `past` what has happened; `now` what is so unless the clause speaks of the future; `weak` as
    `now`, and
    only if the clause has somebody in it who can be there, or nothing else.
    needs_request: the clause must name the request (`closed` may be said of a door).
    negated: the status that a plain "not" in front of it tells; empty: then it tells none.
    bare: only in a letter that tells of an arrival: `left` alone may be said of the base.
    proven: a piece of the work; the last of it only where something shows it (`core.letters.finished`).
    by_crew: a verb whose subject, right before it, must be one of the crew, and with no time to come in its clause:
    English tells with one form what is so now and what is arranged.
    labour: a verb of work, said by whoever works or with the crew for its subject (`core.letters.labour`).
    forms: single words that tell it as well; so many that they are looked up word by word, not searched for.
    spread: other words may stand inside its phrases, and one of them may take it back.
    own: a phrase of the configuration; whoever wrote it knows of what it is said.
    A stage with an empty status is a phrase that looks like news and is none.
    """

    status: str
    tense: str
    phrases: tuple[str, ...]
    needs_request: bool = False
    negated: str = ""
    bare: bool = False
    proven: bool = False
    by_crew: bool = False
    labour: bool = False
    forms: frozenset[str] = frozenset()
    spread: bool = False
    own: bool = False


_SLIPS: Final = {
    (ACCEPTED, PAST): "приняли принял принята принято прийняли прийнята прийнято прийнятa accepted",
    (EN_ROUTE, PAST): "выехали выехала виїхали виїхала вирушили",
    (EN_ROUTE, NOW): "выезжаем виїжджаємо",
    (EN_ROUTE, WEAK): "выезжает виїжджає",
    (ON_SITE, PAST): "прибыли прибыла приехали прибули прибула приїхали приїхала arrived",
    (DECLINED, PAST): "отклонена отклонили відхилена відхилили declined rejected",
    (CANCELLED, PAST): "отменена отменили скасована скасовано скасували cancelled",
    (LEFT, PAST): "закончили завершили завершена завершены выполнена выполнено выполнили закінчили виконано виконали "
    "зробили зроблено сделали сделано отремонтировали відремонтували completed finished",
}
"""The words that matter most, as they are also mistyped."""
_SPELLED_RIGHT: Final = frozenset(
    {
        "приняла",
        "принять",
        "приято",
        "принт",
        "приедали",
        "finshed",
        "прибили",
        "прибила",
        "выполнены",
        "выполнена",
        "завершено",
        "заверена",
        "заверены",
        "заверили",
        "завешена",
        "завешены",
    }
)


def mistyped(status: str, tense: str) -> tuple[str, ...]:
    """Those words with one slip each."""
    right = {word for group in _SLIPS.values() for word in group.split()}
    said = _SLIPS[status, tense].split()
    return tuple(
        sorted({*slips(said), *misheard(word for word in said if not word.isascii())} - right - _SPELLED_RIGHT)
    )


MISTYPED: Final = tuple(
    Stage(
        status,
        tense,
        (),
        negated=DECLINED if status == ACCEPTED else "",
        forms=frozenset(mistyped(status, tense)),
    )
    for status, tense in _SLIPS
    if status != LEFT
)
