"""The buttons of people: access and settings."""

from aiogram.filters.callback_data import CallbackData

from bot.chat.access import role_name
from bot.chat.cards import Button, RowId, rows_of
from bot.chat.menu import MenuButton
from core.people.model import ROLES, Person
from core.text import LANGUAGE_NAMES, LANGUAGES, Translator

NO_ROLE = "-"
ZONES = ("Europe/Kyiv", "Europe/Warsaw", "Europe/Berlin", "Europe/London", "UTC", "America/New_York")


class AccessButton(CallbackData, prefix="ac"):
    """`ask`; for admins `list`, `open` (a person), `grant` (value: role), `revoke`.

    `seen` is the role the card showed (`-` for none): a press on a card that is out of date changes nothing.
    """

    action: str
    id: RowId = 0
    value: str = ""
    seen: str = ""


class SettingsButton(CallbackData, prefix="st"):
    """`open`, `language` and `chat` (a group's language; value: code), `zone` (value: IANA name), `zones`."""

    action: str
    value: str = ""


def ask_row(t: Translator) -> tuple[Button, ...]:
    """A stranger's one button."""
    return (Button(t("🔑 Ask for access"), AccessButton(action="ask").pack()),)


def menu_row(t: Translator) -> tuple[Button, ...]:
    """The way to the menu."""
    return (Button(t("Menu"), MenuButton(name="start").pack()),)


def language_row(current: str, action: str = "language") -> tuple[Button, ...]:
    """The languages, each in its own name; the present one is marked."""
    return tuple(
        Button(
            f"{'✓ ' if code == current else ''}{LANGUAGE_NAMES[code]}", SettingsButton(action=action, value=code).pack()
        )
        for code in LANGUAGES
    )


def zone_rows(current: str) -> tuple[tuple[Button, ...], ...]:
    """Frequent zones; any other is set by `/settings Europe/Madrid`."""
    buttons = [
        Button(f"{'✓ ' if zone == current else ''}{zone}", SettingsButton(action="zone", value=zone).pack())
        for zone in ZONES
    ]
    return rows_of(buttons, 2)


def person_row(words: str, person: Person) -> tuple[Button, ...]:
    """The way to what can be done about a person."""
    return (Button(words, AccessButton(action="open", id=person.id).pack()),)


def role_rows(t: Translator, person: Person) -> tuple[tuple[Button, ...], ...]:
    """The roles a person can be given, and taking access away."""
    seen = person.role or NO_ROLE
    roles = tuple(
        Button(
            f"{'✓ ' if role == person.role else ''}{role_name(t, role)}",
            AccessButton(action="grant", id=person.id, value=role, seen=seen).pack(),
        )
        for role in ROLES
    )
    words = t("🚫 Take access away") if person.role else t("✋ Decline")
    return roles, (Button(words, AccessButton(action="revoke", id=person.id, seen=seen).pack()),)
