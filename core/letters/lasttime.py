"""What is told of a visit of another time: `прошлый раз прибыли и стояли под воротами`."""

import re
from typing import Final

from core.letters.looks import Look
from core.letters.model import CANCELLED, DECLINED, EN_ROUTE, LEFT, ON_SITE
from core.letters.phrasebook import PAST

_FROM_STATE: Final = re.compile(r"(?:^|\s)(?:с|со|з|із|from)\s+[\"']?$")
_NOW: Final = re.compile(r"(?<!\w)(?:сейчас|теперь|сегодня|зараз|тепер|сьогодні|now|today)(?!\w)")
_TIME: Final = re.compile(r"(?:раз\w*|торік|год[ауе]|року|year|time|недел\w+|тижн\w+|week|month)$")
"""A time, not somebody of it: all that the sentence tells is of then."""
_BACK_THEN: Final = re.compile(r"(?<!\w)(?:тоді|тогда)(?!\w)")


def of_last_time(look: Look) -> bool:
    """The clause, or the sentence that it stands in, is of an earlier time; or the status is what was left behind."""
    left_behind = look.tells_state() and _FROM_STATE.search(look.before)
    told = look.before if look.stage.status in {CANCELLED, DECLINED} else look.clause
    if left_behind or look.has("last_time", told):
        return True
    if look.stage.tense == PAST and look.stage.status in {EN_ROUTE, ON_SITE, LEFT}:
        then = list(_BACK_THEN.finditer(look.earlier))
        if then and _NOW.search(look.earlier, then[-1].end()) is None:
            return True
    opens = look.words["last_time"].match(look.earlier.lstrip())
    return opens is not None and _TIME.search(opens[0]) is not None
