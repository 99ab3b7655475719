"""Texts for people in three languages: gettext catalogs, read from their `.po` files and kept in memory.

English is the source language: a message's id is its English text. Placeholders are `str.format` names.
"""

import functools
from collections.abc import Mapping, Sequence
from datetime import datetime
from gettext import c2py
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

LANGUAGES: Final = ("uk", "ru", "en")
LANGUAGE_NAMES: Final = {"uk": "Українська", "ru": "Русский", "en": "English"}

_PLURALS: Final = {
    "en": "n != 1",
    "uk": "n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2",
    "ru": "n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2",
}


class Translator:
    """Speaks one language. Calling it translates a message; `html` escapes what it fills in; `many` counts."""

    def __init__(self, language: str, messages: Mapping[str, Sequence[str]]) -> None:
        self.language = language
        self._messages = messages
        self._plural = c2py(_PLURALS[language])

    def __call__(self, message: str, /, **values: object) -> str:
        """The message in this language with its placeholders filled in, as plain text."""
        return self._find(message).format(**values)

    def html(self, message: str, /, **values: object) -> Markup:
        """The message, itself trusted HTML, with every value escaped unless it is already `Markup`."""
        return Markup(self._find(message)).format(**values)  # noqa: S704  the catalog is ours; values are escaped

    def many(self, one: str, other: str, n: int, /, **values: object) -> str:
        """The plural form of a message for `n`, which is also its placeholder `{n}`."""
        return self._find_plural(one, other, n).format(n=n, **values)

    def many_html(self, one: str, other: str, n: int, /, **values: object) -> Markup:
        """As `many`, for trusted HTML: values are escaped."""
        return Markup(self._find_plural(one, other, n)).format(n=n, **values)  # noqa: S704  as in `html`

    def _find(self, message: str) -> str:
        found = self._messages.get(message)
        return found[0] if found else message

    def _find_plural(self, one: str, other: str, n: int) -> str:
        forms = self._messages.get(one) or (one, other)
        return forms[min(self._plural(n), len(forms) - 1)]


def parse_po(source: str) -> dict[str, tuple[str, ...]]:
    """The translated messages of a `.po` text: id → its forms. Fuzzy and empty entries are left out."""
    from babel.messages.pofile import read_po  # costs 40 ms: only who shows texts pays

    messages: dict[str, tuple[str, ...]] = {}
    for message in read_po(source.splitlines(keepends=True)):
        said = message.string if isinstance(message.string, tuple | list) else [message.string]
        forms = tuple(form for form in said if form)
        key = message.id[0] if isinstance(message.id, tuple | list) else message.id
        if key and len(forms) == len(said) and not message.fuzzy:
            messages[key] = forms
    return messages


@functools.cache
def translator(language: str) -> Translator:
    """The translator of one of `LANGUAGES`; its catalog is read at the first call. `KeyError` for another."""
    if language not in LANGUAGES:
        raise KeyError(language)
    source = resources.files("locales").joinpath(language, "messages.po").read_text("utf-8")
    return Translator(language, parse_po(source))


def pick_language(code: str | None, default: str) -> str:
    """The language to greet somebody in, from Telegram's `language_code` ("uk", "ru-RU", "pl"), else the default."""
    base = (code or "").split("-")[0].lower()
    return base if base in LANGUAGES else default


def local_time(moment: datetime, zone: str, now: datetime) -> str:
    """A moment on the reader's clock: `14:05` today, `20.11 14:05` this year, `20.11.2025 14:05` otherwise."""
    there, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    if there.date() == today.date():
        return there.strftime("%H:%M")
    return there.strftime("%d.%m %H:%M" if there.year == today.year else "%d.%m.%Y %H:%M")


def duration(t: Translator, seconds: float) -> str:
    """A length of time in words, in its largest whole unit: `14 minutes`, `3 hours`, `2 days`."""
    minutes = max(0, int(seconds // 60))
    if minutes < 1:
        return t.many("{n} second", "{n} seconds", max(0, int(seconds)))
    if minutes < 120:
        return t.many("{n} minute", "{n} minutes", minutes)
    if minutes < 48 * 60:
        return t.many("{n} hour", "{n} hours", minutes // 60)
    return t.many("{n} day", "{n} days", minutes // (24 * 60))


def size_text(t: Translator, size: int) -> str:
    """A size in the largest unit that leaves a whole number before the point."""
    if size < 1 << 10:
        return t("{size} B", size=size)
    if size < 1 << 20:
        return t("{size} KB", size=_short(size / (1 << 10)))
    if size < 1 << 30:
        return t("{size} MB", size=_short(size / (1 << 20)))
    return t("{size} GB", size=_short(size / (1 << 30)))


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")


def N_(message: str) -> str:  # noqa: N802  gettext's customary name for "translate this later"
    """Mark a text for the catalogs without translating it here."""
    return message
