"""Whether the way, the arrival or the leaving is that of another place, job or crew."""

import re
from typing import Final

from core.letters.looks import Look
from core.letters.model import EN_ROUTE, LEFT

_SECOND: Final = re.compile(r"(?<!\w)(?:вторая|друга) (?=бригада|команда|машина)")
_ABOUT: Final = re.compile(
    r"\s*(?:[№#]?\d{2,8} (?:-|заявк|запит|запрос)|(?:заявк|запит|запрос)\w* [№#]?\d|(?:по|на|за|щодо) (?:заяв|запит|"
    r"запрос|поз|пункт|№|\d{3}))"
)
"""`по заявке 101 выехала вторая машина`: the second that goes there."""
_TO_YOU: Final = re.compile(r"\s(?:уже |вже |сразу |одразу )?(?:к вам|до вас|на об'єкт|на объект)(?!\w)")
_TO_A_TOWN: Final = re.compile(
    r"\s(?:\w+\s)?(?:в|до)\s(?!обед|обід|конц|кінц|вечер|вечор|ночи|ночі|ранк|утр)([а-яіїє'-]{3,}[уюаоеі])(?!\w)"
)
_THERE: Final = re.compile(r"\W*(?:там|there)\s")


def is_elsewhere(look: Look) -> bool:
    """Another place, job or crew; but not `по заявке 101 выехала вторая машина`."""
    if look.stage.status == EN_ROUTE and _TO_YOU.match(look.after):
        return look.has("elsewhere", look.after)  # `взяли деталь на складе и едем к вам`
    lead = _SECOND.sub(" ", look.earlier[: look.clause_start])
    if not look.has("crew", look.before) and any(
        look.has("crew", other[0]) for other in look.words["elsewhere"].finditer(lead)
    ):
        return True  # `the landlord's own roofer came, shrugged and left`
    away = _TO_A_TOWN.match(look.after) if look.stage.status == LEFT else None
    if away and look.strange(away[1]):
        return True  # `слесарь уехал вчера в Одессу`
    told = f"{look.before.rsplit(': ', 1)[-1]}{look.phrase}{look.after}"  # `у попередньому листі описка: на місці ми`
    if _THERE.match(look.sentence.text) and look.has("elsewhere", look.previous):
        return True  # `все на аварии в Мытищах. Там бригада на месте`
    return look.has("elsewhere", _SECOND.sub(" ", told) if _ABOUT.match(look.earlier) else told)
