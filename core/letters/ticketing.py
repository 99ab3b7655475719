"""The contractor's own ticket numbers in a letter: by them later letters of the same case are known."""

import re
from typing import Final

from core.letters.model import Letter

_ID: Final = r"(?:[A-ZА-ЯІЇЄҐ]{1,6}[-/]?)?\d{2,12}(?:[-/]\d{1,8}){0,2}"
_GAP: Final = r"[\s:.\"'(«]{0,3}(?:(?:№|#|N[oо]?\.?|номер(?:ом)?|number|ID|ід)[\s:.#№]{0,3})?"
_TICKET: Final = (
    r"tickets?|(?<!in )cases?|incident|service order|work order|helpdesk|тик[еэ]т(?:а|у|ом)?|тікет(?:а|у|ом)?|"
    r"кейс(?:а|у)?|обращени(?:е|я|ю|ем)|звернення|зверненню|зверненням|инцидент(?:а|у|ом)?|інцидент(?:а|у|ом)?|наряд(?:а|у)?"
)
_OURS: Final = (
    r"our (?:own )?(?:ref(?:erence)?|number|no\.?|id)|internal (?:ref(?:erence)?|number|no\.?)|"
    r"наш(?:ему|им|ого)? (?:внутренн\w+ |внутрішн\w+ |регистрационн\w+ |реєстраційн\w+ )?(?:номер(?:у|ом)?|№)|"
    r"(?:внутренн(?:ий|ему|им)|внутрішн(?:ій|ім)|вн\.|внутр\.) ?(?:номер(?:у|ом)?|№|ном\.)"
)
_PREFIX: Final = r"INC|RITM|SCTASK|CHG|SD|HD|TT|TKT|CAS|WO|ITSM"
_SPOKEN: Final = re.compile(
    rf"(?<![\w-])(?:(?:{_TICKET})(?:{_GAP})|(?:{_OURS})[\s:.\"'(«№#-]{{0,5}})(?P<id>{_ID})(?![\w])", re.IGNORECASE
)
_CODED: Final = re.compile(rf"(?<![\w-])(?P<id>(?:{_PREFIX})[-# ]?\d{{3,12}})(?![\w])")
_BRACKETED: Final = re.compile(r"\[[^\]\[]{0,40}?#?(?P<id>[A-ZА-ЯІЇЄҐ]{1,8}-?\d{2,12})\]")
_BY_NAME: Final = re.compile(r"REQ|ЗАЯВ|ЗАПИТ|REQUEST", re.IGNORECASE)
_LONGEST: Final = 20_000
_MOST: Final = 10


def find_tickets(letter: Letter) -> tuple[str, ...]:
    """Ticket numbers in subject and new text, each once, in order: upper case, without `#` and spaces.

    Only what is called a ticket, case or the writer's own number, or is written as help desks do (`INC0012345`,
    `[#A-4411]`); never what is called a request (`заявка`, `REQ-`), which is ours. At most ten.
    """
    found: dict[str, None] = {}
    for text in (letter.subject, letter.new_text[:_LONGEST]):
        pieces = [piece for pattern in (_SPOKEN, _CODED, _BRACKETED) for piece in pattern.finditer(text)]
        for piece in sorted(pieces, key=lambda piece: piece.start("id")):
            if not _BY_NAME.match(piece["id"]):
                found.setdefault(re.sub(r"[\s#]", "", piece["id"]).upper())
    return tuple(found)[:_MOST]
