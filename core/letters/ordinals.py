"""Positions told by ordinals in words: `по второй позиции`."""

import re
from typing import Final

_ORDINALS: Final = (
    "перв|перш|first", "втор|друг|second", "трет|third", "четверт|fourth", "пят|п'ят|fifth", "шест|шост|sixth",
    "седьм|сьом|seventh", "восьм|eighth", "девят|дев'ят|ninth", "десят|tenth", "одиннадцат|одинадцят|eleventh",
    "двенадцат|дванадцят|twelfth",
)  # fmt: skip
SPELLED: Final = re.compile(
    rf"(?<!\w)({'|'.join(reversed(_ORDINALS))})[а-яіїє]{{0,4}}\s(?:позици|позиці|пункт|position|item)[а-яіїє]{{0,4}}(?!\w)"
)
ORDINAL_ALONE: Final = re.compile(
    rf"(?<!\w)(?:по|на|в|у|за|for|on)\s(?:the )?({'|'.join(reversed(_ORDINALS))})[а-яіїє]{{0,4}}"
    r"(?=\s*(?:[-:,]|[а-яіїєa-z]))"
)
"""`по второй` beside a `первой позиции`."""
ORDINAL_JOINED: Final = re.compile(
    rf"(?<!\w)({'|'.join(reversed(_ORDINALS))})[а-яіїє]{{0,4}}"
    rf"(?=\s(?:и|і|та|and)\s(?:the )?(?:{'|'.join(reversed(_ORDINALS))}))"
)
"""`первая и вторая позиции`."""


def spelled_out(stem: str) -> str:
    """The number that a stem found by these says."""
    return str(1 + next(place for place, stems in enumerate(_ORDINALS) if stem in stems.split("|")))
