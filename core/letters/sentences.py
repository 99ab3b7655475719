"""A letter's folded text in sentences and clauses: how far a word's influence reaches."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

WRAPPED: Final = 50
"""A line this long that ends without a full stop was wrapped by a mail program; a shorter one was ended on purpose."""
LONGEST: Final = 600
"""A longer sentence is read in pieces; people do not write such."""

_HEAD: Final = r"(?:позици[яї]|поз|пункт|position|pos|заявка|запит|request|req)\.?\s?[№#]?\s?\d"
_LEADS_TO_IT: Final = "|".join(
    f"(?<= {word})"
    for word in (
        "по",
        "на",
        "к",
        "до",
        "с",
        "з",
        "из",
        "від",
        "for",
        "to",
        "on",
        "of",
        "the",
        "your",
        "our",
        "and",
        "и",
        "і",
    )
)
_WRAP: Final = re.compile(
    rf"(?<=[^\n]{{{WRAPPED}}})(?<![.!?:;|])(?<! \|)(?:(?!\n{_HEAD})|{_LEADS_TO_IT})"
    r"\n(?=[a-zа-яіїєґ0-9№(])(?![^\n]{0,200}\|)"
)
"""A line that begins with what it is about was not wrapped, unless the line before leads to it."""
CAPITAL: Final = "\x1e"
"""Stands for a space before a capital that begins a sentence, which folded text does not show: `40 хв. Ключі`."""
_BEGINS: Final = re.compile(r"(?:(?<=\d мин\.)|(?<=\d хв\.)|(?<=[()]{2})(?<! \(\()) (?=[A-ZА-ЯІЇЄҐ])")
_END: Final = re.compile(rf"(?<!\.)(?<!\d (?=\.\.))[.!?…]+(?=[\s)\"]|$)[)\"]*|\n+|{CAPITAL}")
"""No end are the dots that lead from a number to what is said of it: `Position 1 ... on site`."""
_ABBREVIATION: Final = re.compile(
    r"(?:^|[\s(.,/№-])(?:поз|п|пп|п\.п|каб|оф|ул|вул|тел|моб|мин|хв|(?<=\d )час|г|м|ст|стр|корп|кв|д|эт|"
    r"под|см|др|т\.д|т\.к|т\.е|"
    r"т\.п|"
    r"и\.о|ном|заяв|зам|руб|грн|ок|прибл|no|nr|num|reg|vat|req|pos|approx|исх|вх|вих|зав|инв|інв|рег|дог|доб|внутр|"
    r"вн|напр|тыс|тис|млн|сер|арт|мод|прим|бриг|пер|пров|mr|mrs|dr|st|tel|ext|e\.g|i\.e|vs|инж|інж|просп|пр|бул|обл|"
    r"р-н)$"
)
_NUMBER_SIGN: Final = re.compile(r" ?[№#]| (?=\d)")
_SHORTER: Final = re.compile(r"(?<!\w)(?!нет|так)[а-яіїєґ]{0,3}[бвгджзклмнпрстфхцчшщ]$")
_SHORT: Final = re.compile(
    r"(?<!\w)(?!(?:here|there|done|yes|no|now|hi|hello|all|ok|us|you|it|day|out|off|тут|там|все|усе|всі|да|так|ок|"
    r"нет|ні|день|дня|"
    r"вам|нас|нам)$)[^\W\d]{1,5}$"
)
ASIDE: Final = re.compile(r"\([^()]*\)")
"""Words in brackets."""
_CLAUSE: Final = re.compile(
    r"(?<!\d),|,(?!\d)|[;()|]|\s(?:а|но|але|but|зато|зате|однак|однако|проте|while)(?=\s)", re.IGNORECASE
)
_POLITE: Final = re.compile(r",?\s*(?:пожалуйста|будь ласка|please)\s*,?")
"""No clause of its own: `поставьте, пожалуйста, статус`."""
_PASS_ON: Final = re.compile(
    r"(?<!\w)(?:please )?(?:tell|inform|let) (?:the |your )?(?!whe|wha|why|how|which)[a-z]{3,} (?:know )?(?:that )?"
    r"(?=(?:we|our|i|i'm|we're|we've) )|"
    r"(?<!\w)(?:передайте|сообщите|скажите|повідомте|скажіть) (?:\w+ )?(?!нам|нас|мне|мені)\w{2,}, (?:что|що) "
    r"(?=(?:мы|ми|наш\w*|бригад\w+|мастер|майст\w+) )|"
    r"(?<!\w)(?<!\w )(?:для|к|до|for) (?:ваш\w+ |your )?"
    r"(?:информации|сведени[яю]|інформації|відома|information|info|records?)(?!\w)"
)
"""The reader shall tell somebody what we tell him; or we tell it for his information."""
_CAN_SAY: Final = re.compile(
    r"(?<!\w)(?:i|we)(?: can| am able to| are able to|'m able to|'re able to| would like to|'d like to|"
    r" want to| wish to) (?:now |hereby |gladly |just |also )?(?:confirm|report|advise|inform|tell|say|let|notify)"
    r"(?: you)?(?: know)? "
    r"(?:that |(?=(?:we|our|i|they|we've|we're|i've|i'm|they're|they've) ))"
)
"""`I can confirm that |`: it is told, and not only possible."""
_ASKS: Final = re.compile(
    r"[\s,-]*(?:подскажите|підкажіть)(?:\s+(?:пожалуйста|будь ласка))?,?\s(?:заяв|запит|запрос|бригад|мастер|майст)|"
    r"[\s,-]*(?:and |so |but )?(?:is|are|was|were|has|have|had|did|does|do|can|could|will|would|should)(?:n't)? "
    r"(?:the|your|our|they|he|she|you|it|anyone|anybody|someone|there|this|that|any|my|we|i) "
)
"""A question that has lost its mark."""
_INTERROGATIVE: Final = re.compile(
    r"[\s,-]*(?:а |и |і |та |й |но |але |so |and |but |also |while )?"
    r"(?:(?:о|об|в|во|на|у|с|со|з|із|по|до|за|к|at|for|by|to|in|with|from) )?"
    r"(?:как\w*|когда|куда|где|кто|что|чего|почему|зачем|сколько|котор\w+|нужн\w+|можно|"
    r"есть|є|[\w']+ (?:є|есть)(?=\s*\?)|кому|кого|до кого|к кому|"
    r"як\w*|коли|куди|де|хто|що|чого|чому|навіщо|скільки|котр\w+|потрібн\w+|можна|чи|what|when|where|who|which|why|how|"
    r"can|could|do|does|is|are|shall|should|will|would|may|подскаж\w+|підкаж\w+|скаж\w+|уточн\w+|сообщ\w+|повідом\w+|"
    r"please|пожалуйста|будь ласка|у вас|в вас|вы|ви|вам|вас|ваш\w*|you|your|any|anyone|somebody|someone|"
    r"все ли|все в|все ок|устраивает|влаштовує|подойдет|підійде|годится|удобно|зручно)\b"
)  # fmt: skip
_ASKED_APART: Final = re.compile(rf"{_CLAUSE.pattern}|:\s|\s-\s", re.IGNORECASE)
_TAG: Final = re.compile(
    r"[\s,-]*(?:да|так|правильно|верно|вірно|правда|ага|нет|ні|верно же|не так ли|чи не так|чи ні|или нет|"
    r"right|correct|yes|no|"
    r"ok|ок|хорошо|добре|(?:is|are|has|have|did|was|were|do|does)(?:n't)? (?:it|they|he|she|you|we|i))[\s?!.)\"]*$"
)
"""Turns the clause before it into a question."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of the text.

    question_from: offset within the sentence from which it asks; its length if it does not.
    line: the number of its line (after unwrapping), so that sentences of one line are known as neighbours.
    written: the same stretch before it was folded: which words have a capital; empty where that is not known.
    """

    start: int
    text: str
    question_from: int
    line: int
    written: str = ""

    def clause(self, at: int) -> tuple[int, int]:
        """The clause around an offset: its bounds within the sentence. Words in brackets do not end one."""
        asides = [found.span() for found in ASIDE.finditer(self.text)] if "(" in self.text else []
        start, end = next(((low + 1, high - 1) for low, high in asides if low < at < high), (0, len(self.text)))
        passed_over = [] if start else asides
        for found in _CLAUSE.finditer(self.text, start, end):
            if any(low <= found.start() < high for low, high in passed_over):
                continue
            if found.end() > at:
                return start, max(found.start(), at)
            start = found.end()
        return start, end


def with_ends(text: str) -> str:
    """The text, not yet folded, with a mark where only a capital shows that a sentence ends; of the same length."""
    return _BEGINS.sub(CAPITAL, text)


def sentences(folded: str, written: str = "") -> Iterator[Sentence]:
    """The sentences of a folded text, without blank ones; offsets are those of the text, and of it as `written`."""
    text = _POLITE.sub(lambda found: found[0].replace(",", " "), _WRAP.sub(" ", folded))
    text = _PASS_ON.sub(lambda found: " " * len(found[0]), text)
    text = _CAN_SAY.sub(lambda found: " " * len(found[0]), text)
    start, line = 0, 0
    for found in _END.finditer(text):
        if found[0][0] == "." and _is_abbreviation(text, start, found.start()):
            continue
        yield from _pieces(text, written, start, found.end(), line)
        start = found.end()
        line += found[0].startswith("\n")
    yield from _pieces(text, written, start, len(text), line)


def _is_abbreviation(text: str, start: int, dot: int) -> bool:
    """The dot belongs to a short form, and the sentence goes on after it."""
    if text[dot + 1 : dot + 2] in {"\n", CAPITAL}:
        return False
    before = text[max(start, dot - 8) : dot]
    if _ABBREVIATION.search(before) is not None:
        return True
    sign = _NUMBER_SIGN.match(text, dot + 1)
    return sign is not None and (_SHORT if sign[0].strip() else _SHORTER).search(before) is not None


def _pieces(text: str, written: str, start: int, end: int, line: int) -> Iterator[Sentence]:
    for at in range(start, end, LONGEST):
        piece = text[at : min(end, at + LONGEST)]
        if piece.strip(f" \n.,;:-{CAPITAL}"):
            yield Sentence(at, piece, _question_from(piece), line, written[at : at + len(piece)])


def _question_from(piece: str) -> int:
    """`Принято, когда выезжать?` asks only in its last clause."""
    if not piece.rstrip(' \n)"').endswith("?"):
        return 0 if _ASKS.match(piece) else len(piece)
    bounds = [0, *(found.end() for found in _ASKED_APART.finditer(piece) if piece[found.end() :].strip(' ?"!.)'))]
    if _TAG.match(piece, bounds[-1]):
        return bounds[-2] if len(bounds) > 1 else 0
    asked = 0
    for start in reversed(bounds[1:]):
        if not _INTERROGATIVE.match(piece, start):
            break
        asked = start
    return asked
