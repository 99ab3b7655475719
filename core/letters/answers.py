"""What a plain yes means: the quoted question that it answers, read as a statement.

Only where there is one question that a yes can belong to: the one right above it, the one of its number, or the only
one that is quoted. Everything else that stands in a quotation is no news.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_QUOTE_MARK: Final = re.compile(r"(?:\s{0,3}>)+\s?")
_NUMBERED: Final = re.compile(r"\s*(?:№\s?)?(\d{1,2})\s?[.):-]\s*(?=\S)")
_YES: Final = re.compile(
    r"[\s>*•-]*(?:так|да|yes|yep|yeah|ага|угу|sure|so|вже так|уже да|так точно|именно так|саме так|подтверждаю|"
    r"підтверджую|confirmed|correct)"
    r"(?:[\s,]+(?:уже|вже|already|конечно|звичайно|of course|indeed|подтверждаю|підтверджую))?"
    r"(?:[\s,]+(?:в|у|о|об|с|з|at|since)?\s?\d{1,2}[:.]\d{2})?[\s.!]*$",
    re.IGNORECASE,
)
_GREETING: Final = re.compile(
    r"\s*(?:добр\w+|здравствуйте|вітаю\w*|вітання|привет\w*|привіт\w*|hello|hi|dear|good|hey|дякую|спасибо|thanks|"
    r"thank you|шановн\w+|уважаем\w+|колеги|коллеги|colleagues)(?:[\s,!.]|$)",
    re.IGNORECASE,
)
_PARTICLE: Final = re.compile(
    r"(?<!\w)(?:чи|ли|и|а|і|has|have|is|are|was|were|уже ли|разве|хіба|скажите|скажіть|подскажите|підкажіть|please|"
    r"пожалуйста|будь ласка)(?!\w)[\s,]*",
    re.IGNORECASE,
)
_ASIDE: Final = re.compile(r"(?<!\w)(?:ли|чи)(?!\w)", re.IGNORECASE)
_YOU: Final = {"вы": "мы", "ви": "ми", "you": "we ", "вас": "нас", "ваша": "наша", "ваш": "наш", "your": "our "}
_YOUR: Final = re.compile(r"(?<!\w)(?:" + "|".join(_YOU) + r")(?!\w)", re.IGNORECASE)
_OPEN: Final = re.compile(
    r"(?<!\w)(?:или|либо|або|or|не|ні|not|n't|когда|коли|when|где|де|where|кто|хто|who|что|що|what|почему|чому|why|"
    r"сколько|скільки|how|какой|який|which|если|якщо|if|did|do|does|can|could|will|would|shall|should|may|"
    r"можете|можно|можна|готов\w*|нужно|потрібно)(?!\w)",
    re.IGNORECASE,
)
_LONGEST: Final = 200
_MOST_LINES: Final = 400


@dataclass(frozen=True, slots=True)
class Affirmed:
    """A question that was answered with yes: where it stands in the quoted text, and as a statement of its length."""

    start: int
    question: str
    statement: str


def affirmed(text: str, own: str, quoted: str) -> list[Affirmed]:
    """The questions that a letter says yes to. `text`: the whole letter; `own`, `quoted`: its parts."""
    if "?" not in quoted or not any(_is_yes(line) for line in own.split("\n", 60)[:60]):
        return []
    asked = list(_asked(quoted))
    found = {*_between(text, asked), *_by_number(own, asked), *_only(own, asked)}
    statements = (_stated(start, question) for start, question in sorted(found))
    return [statement for statement in statements if statement is not None]


def _is_yes(line: str) -> bool:
    number = _NUMBERED.match(line)
    return _YES.match(line[number.end() :] if number else line) is not None


def _asked(quoted: str) -> Iterator[tuple[int, str]]:
    """The lines of a quotation that ask, each with its offset."""
    at = 0
    for line in quoted.split("\n")[:_MOST_LINES]:
        if line.rstrip().endswith("?") and len(line) <= _LONGEST:
            yield at, line
        at += len(line) + 1


def _between(text: str, asked: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """A yes on the line below a quoted question, and no other quoted line or answer between."""
    known = {line: (at, line) for at, line in asked if sum(line == other for _, other in asked) == 1}
    last = ""
    for line in text.split("\n")[: 2 * _MOST_LINES]:
        if not line.strip():
            continue
        if last in known and _QUOTE_MARK.match(last) and _YES.match(line):
            yield known[last]
        last = line


def _by_number(own: str, asked: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """`1. Да` below or above `> 1. Бригада выехала?`, where each number stands once."""
    questions: dict[str, list[tuple[int, str]]] = {}
    for at, line in asked:
        if number := _NUMBERED.match(_QUOTE_MARK.sub("", line, count=1)):
            questions.setdefault(number[1], []).append((at, line))
    answers: dict[str, list[str]] = {}
    for line in own.split("\n")[:_MOST_LINES]:
        if number := _NUMBERED.match(line):
            answers.setdefault(number[1], []).append(line[number.end() :])
    for name, lines in answers.items():
        if len(lines) == 1 and _YES.match(lines[0]) and len(questions.get(name, ())) == 1:
            yield questions[name][0]


def _only(own: str, asked: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """A letter that says no more than yes, to the only question of the letter it answers."""
    said = [line for line in own.split("\n") if line.strip() and not _GREETING.match(line)]
    if len(asked) == 1 and len(said) == 1 and _YES.match(said[0]):
        yield asked[0]


def _stated(start: int, line: str) -> Affirmed | None:
    """A question as the statement that a yes makes of it; None where a yes may mean something else."""
    mark = _QUOTE_MARK.match(line)
    at = mark.end() if mark else 0
    if number := _NUMBERED.match(line, at):
        at = number.end()
    at = max(at, *(line.rfind(end, 0, len(line.rstrip()) - 1) + 1 for end in ".!?"))
    question = line[at:]
    if _OPEN.search(question) or question.count("?") != 1:
        return None
    statement = _ASIDE.sub(lambda found: " " * len(found[0]), question)
    lead = re.match(r"\s*", statement)
    begin = lead.end() if lead else 0
    for _ in range(3):
        if particle := _PARTICLE.match(statement, begin):
            statement = statement[:begin] + " " * len(particle[0]) + statement[particle.end() :]
            begin = particle.end()
    statement = _YOUR.sub(lambda found: _YOU[found[0].lower()], statement.replace("?", "."))
    return Affirmed(start + at, question, statement)
