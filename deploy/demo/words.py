"""What the people of the evening say and write, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_HONCHAR: Final = "p.honchar@contractor.example"
_DISPATCH: Final = "dispatch@contractor.example"


@dataclass(frozen=True, slots=True)
class Words:
    """Titles of requests, names of files, what is said; `letters`: by name the sender's name, address, subject, text.

    Each title is told apart by its own words from all the others.
    """

    barrier: str
    conditioner: str
    radiator: str
    light: str
    lock: str
    lift: str
    key: str
    called: str
    phoned: str
    act: str
    letters: Mapping[str, tuple[str, str, str, str]]


LANGUAGES_SPOKEN: Final[Mapping[str, Words]] = {
    "uk": Words(
        barrier="Шлагбаум на в'їзді не піднімається",
        conditioner="З кондиціонера в переговорній капає вода",
        radiator="Холодна батарея в кабінеті 214",
        light="Блимають лампи в коридорі третього поверху",
        lock="Заїдає замок пожежного виходу",
        lift="Ліфт № 2 стоїть між поверхами, людей немає",
        key="Щитову відчинено, ключ у чергового",
        called="Щодо кондиціонера дзвонила: чекають на запчастину, обіцяють сьогодні.",
        phoned="Ліфтерам подзвонив, уже дивляться.",
        act="Акт 87.docx",
        letters={
            "barrier": (
                "Павло Гончар",
                _HONCHAR,
                "Заявка 87, шлагбаум",
                (
                    "Вітаємо!\n\nЗаявка 87: шлагбаум полагодили, роботи виконано, бригада поїхала з об'єкта.\n\n"
                    "З повагою,\nПавло Гончар\nКлімат-Монтаж, аварійна бригада\n"
                ),
            ),
            "light": (
                "Диспетчерська",
                _DISPATCH,
                "Заявка 95 поз. 4",
                (
                    "Вітаємо!\n\nЗаявка 95 поз. 4: електрик на місці, шукає обрив.\n\n"
                    "--\nДиспетчерська «Клімат-Монтаж»\nтел. +380 44 000 00 00\n"
                ),
            ),
            "radiator": (
                "Павло Гончар",
                _HONCHAR,
                "Re: Заявка 92, батарея",
                (
                    "Добрий день!\n\nПо заявці 92 майстер виїхав, буде за 40 хвилин. "
                    "По інших заявках новин поки немає.\n\nЗ повагою,\nПавло Гончар\n"
                ),
            ),
        },
    ),
    "ru": Words(
        barrier="Шлагбаум на въезде не поднимается",
        conditioner="Из кондиционера в переговорной капает вода",
        radiator="Холодная батарея в кабинете 214",
        light="Мигают лампы в коридоре третьего этажа",
        lock="Заедает замок пожарного выхода",
        lift="Лифт № 2 стоит между этажами, людей нет",
        key="Щитовая открыта, ключ у дежурного",
        called="Насчёт кондиционера звонила: ждут запчасть, обещают сегодня.",
        phoned="Лифтёрам позвонил, уже смотрят.",
        act="Акт 87.docx",
        letters={
            "barrier": (
                "Павел Гончар",
                _HONCHAR,
                "Заявка 87, шлагбаум",
                (
                    "Добрый день!\n\nЗаявка 87: шлагбаум починили, работы выполнены, бригада уехала с объекта.\n\n"
                    "С уважением,\nПавел Гончар\nКлимат-Монтаж, аварийная бригада\n"
                ),
            ),
            "light": (
                "Диспетчерская",
                _DISPATCH,
                "Заявка 95 поз. 4",
                (
                    "Здравствуйте!\n\nЗаявка 95 поз. 4: электрик на месте, ищет обрыв.\n\n"
                    "--\nДиспетчерская «Климат-Монтаж»\nтел. +380 44 000 00 00\n"
                ),
            ),
            "radiator": (
                "Павел Гончар",
                _HONCHAR,
                "Re: Заявка 92, батарея",
                (
                    "Добрый день!\n\nПо заявке 92 мастер выехал, будет через 40 минут. "
                    "По другим заявкам новостей пока нет.\n\nС уважением,\nПавел Гончар\n"
                ),
            ),
        },
    ),
    "en": Words(
        barrier="The barrier at the gate does not go up",
        conditioner="The air conditioner in the meeting room drips",
        radiator="Cold radiator in office 214",
        light="Lamps flicker in the corridor of the third floor",
        lock="The lock of the fire exit sticks",
        lift="Lift 2 is stuck between floors, nobody inside",
        key="The switch room is open, the guard has the key",
        called="I called about the air conditioner: they wait for a part and promise today.",
        phoned="I rang the lift people, they are looking already.",
        act="Acceptance 87.docx",
        letters={
            "barrier": (
                "Pavlo Honchar",
                _HONCHAR,
                "Request 87, barrier",
                (
                    "Hello,\n\nrequest 87: the barrier is repaired, all work is done, the crew has left the site.\n\n"
                    "Regards,\nPavlo Honchar\nKlimat-Montazh, emergency crew\n"
                ),
            ),
            "light": (
                "Dispatch desk",
                _DISPATCH,
                "Request 95 item 4",
                (
                    "Hello,\n\nrequest 95 item 4: the electrician is on site and looks for the break.\n\n"
                    "--\nKlimat-Montazh dispatch desk\ntel. +380 44 000 00 00\n"
                ),
            ),
            "radiator": (
                "Pavlo Honchar",
                _HONCHAR,
                "Re: Request 92, radiator",
                (
                    "Hello,\n\nrequest 92: the fitter is on the way, he will be there in 40 minutes. "
                    "No news on the others yet.\n\nRegards,\nPavlo Honchar\n"
                ),
            ),
        },
    ),
}
"""By language code."""
