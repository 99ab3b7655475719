"""Numbers that count or measure something, or are a date, a telephone, a car's plate: none of a request."""

import re
from typing import Final

from core.letters.lexicon import Lexicon
from core.letters.patterns import expression
from core.letters.places import YEAR

DATE: Final = re.compile(r"(?:0?[1-9]|[12]\d|3[01])[-/](?:0?[1-9]|1[0-2])(?:[-/]\d{2,4})?$|\d{4}-\d{2}-\d{2}$")
ACCOUNT: Final = re.compile(
    r"(?<!\w)(?:accounts?|iban|sort code|swift|bic|vat|tax|рахун\w+|счет[ауе]?|р/[рс]|п/р|картк\w+|карт[аыуе]|"
    r"єдрпоу|егрпоу|"
    r"[иі]нн|[иі]пн|мфо|бик|edrpou)(?!\w)[^.;!?]*$"
)
"""What is numbered behind it belongs to a bank or a tax office."""
OF_THAT: Final = re.compile(r"\s(?:заяв\w+|запит\w*|запрос\w*)\s?(?:№|#)?\s?\d")
"""`позиції 2 і 5 заявки 740`."""
SHORT_RANGE: Final = re.compile(r"\d{1,2}-\d{1,2}")
"""`detectors 1-18`."""
PHONE: Final = re.compile(r"\+?\(?\d(?:[\s()-]{0,2}\d){8,}")
_SIGN: Final = re.compile(r"\s?(?:%|°|\$|€|₴|₽|х\s?\d|x\s?\d)")
YEAR_MARK: Final = re.compile(r"\s?(?:г|р|год|року?|рік)(?!\w)")
_PLATE: Final = re.compile(r"(?:машин|авто|номер|бус|фургон|van|car|truck|plate)[^\d\n]{0,20}$")
_PLATE_END: Final = re.compile(r"\s?[a-zа-яіїє]{2}(?!\w)")
_GOES: Final = re.compile(r"\s(?:машин|бригад|мастер|майст|техник|технік|инженер|інженер|специалист|фахів|tech|engin)")
_ONE: Final = re.compile(
    r"\s(?:бригада|машина|мастер|майстер|техник|технік|инженер|інженер|специалист|спеціаліст|фахівець|электрик|"
    r"електрик|"
    r"сантехник|сантехнік|команда)(?!\w)"
)
"""One of them, and not so many as the number says: `по 15 и 16 бригада выехала`."""
_TELEPHONE: Final = re.compile(
    r"(?:(?:звон|дзвон|набер|набир|(?<!\w)тел|моб|call|phone|ext)\w*|(?<!\w)(?:доб|дод|вн)(?:ав\w*|атк\w*|утр\w*)?)[.:]?\s*(?:на|по|за|us|at)?\s*$"
)
_DAY_AND_MONTH: Final = re.compile(
    r"(?<!\d)\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:январ|феврал|март|апрел|ма[яй]|июн|июл|август|сентябр|октябр|ноябр|"
    r"декабр|січн|лют|берез|квіт|трав|черв|лип|серп|верес|жовт|листопад|груд|"
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*,? $"
)
_ROUBLES: Final = re.compile(r"\s?р(?!\w)")
_SHORTEST: Final = 3


class Quantities:
    """Tells them by what stands around, going by one vocabulary."""

    def __init__(self, words: Lexicon) -> None:
        vocabulary = words.words
        self._hard = re.compile(rf"\.?\s?-?(?:{expression(vocabulary.hard_unit)})(?!\w)")
        self._dated = re.compile(
            rf"(?<!\w)(?:{expression(vocabulary.hard_unit)}|in|since|until|from|с|з|в|у|до|від),?\s+$"
        )
        self._soft = re.compile(rf"\s?-?(?:{expression(vocabulary.soft_unit)})(?!\w)")

    def follows(self, text: str, end: int, *, soft: bool, number: str = "") -> bool:
        """The number that ends there is followed by a unit; `soft`: one that may also stand after a request's."""
        if _SIGN.match(text, end) or (YEAR.match(number) and YEAR_MARK.match(text, end)):
            return True
        if self._hard.match(text, end) and not _ROUBLES.match(text, end):
            return True
        if not soft or not self._soft.match(text, end) or (number[-1:] != "1" and _ONE.match(text, end)):
            return False
        # nobody sends five thousand cars: `по 5101 машина выехала`
        return len(number.split("/")[0]) < _SHORTEST or _GOES.match(text, end) is None

    def calls_or_drives(self, text: str, end: int, before: str) -> bool:
        """A telephone number, or that of a car; `before`: what stands before the number that ends there."""
        if _TELEPHONE.search(before):
            return True
        return _PLATE.search(before) is not None and _PLATE_END.match(text, end) is not None

    def of_a_full_date(self, number: str, before: str) -> bool:
        """The year of `28 февраля 2026`."""
        return YEAR.match(number) is not None and _DAY_AND_MONTH.search(before) is not None

    def dated(self, number: str, before: str) -> bool:
        """A year with the words of a date before it."""
        return YEAR.match(number) is not None and self._dated.search(before) is not None
