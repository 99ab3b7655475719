"""Whether a status is said of some requests, or of all but the one that the letter is about."""

import re
from typing import Final

from core.letters.looks import Look
from core.letters.model import ACCEPTED, CANCELLED, DECLINED

_SO_MANY: Final = re.compile(
    r"(?<!\w)(?<!все )(?<!всі )(?<!усі )(?<!all )(?<!эти )(?<!ці )"
    r"(?:дв[аеі]|три|чотири|четыре|п'ять|пять|кілька|декілька|несколько|багато|много|"
    r"several|two|three|four|many|[2-9])"
    r"\s(?:\w+\s)?(?:заяв|запит|запрос|requests)|(?<![\w/.-])\d{1,2} (?:заявок|запитів|запросов)"
)
_OTHER_REQUEST: Final = re.compile(
    r"(?<!\w)(?:change|access|purchase|leave|permit|extension|parts?|credit|refund|quote|approval) requests?"
    r"(?! [#№]?\d)"
)
"""`your change request was rejected`."""
_REST: Final = (
    r"(?:(?:everything|all) (?:else|(?:that )?you(?:'ve| have)? (?:sent|gave|given|passed)|"
    r"(?:the |your )?others?(?: (?:\w+ ){0,2}?(?:requests|jobs|ones|tickets|calls))?)|"
    r"the (?:rest|others)|(?:the |your )?other (?:\w+ )?(?:requests|jobs|ones|tickets))(?!\w)"
)
_THE_REST: Final = re.compile(rf"\s{_REST}")
_REST_IS: Final = re.compile(
    rf"(?<!\w){_REST}(?: (?:of (?:them|the \w+)|are|is|was|were|has|have|been|all|now|already|on the list)){{0,3}}\s$"
)


def is_of_several(look: Look) -> bool:
    """`выполнено 5 заявок`: of some requests, and which ones they are is not said."""
    many = _SO_MANY.search(look.clause)
    return many is not None and re.search(r"\d\d", look.sentence.text[look.clause_start + many.end() :]) is None


def is_of_the_rest(look: Look) -> bool:
    """`we accepted everything else`, `your change request was rejected`: of all but the request."""
    if look.stage.status in {ACCEPTED, DECLINED, CANCELLED} and _OTHER_REQUEST.search(look.before):
        return True
    return _THE_REST.match(look.after) is not None or _REST_IS.search(look.before) is not None
