"""The notice about a configuration that was saved while everything runs. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from markupsafe import Markup

from bot.chat.cards import Card, lines, shorten
from core.people.model import Reader
from core.text import Translator, translator

SHOWN: Final = 15
"""Faults or changes in one message."""


def configuration_card(data: Mapping[str, Any], reader: Reader) -> Card:
    """What became of the saved file: refused with its faults, or applied; `data` as `bot.reload` writes it."""
    t = translator(reader.language)
    return Card(lines(_refused(t, data["faults"]) if data["faults"] else _applied(t, data)))


def _refused(t: Translator, faults: list[Any]) -> Iterator[Markup]:
    yield t.html("⛔ <b>The saved configuration is not taken:</b> I go on with the one before.")
    for message, values in faults[:SHOWN]:
        yield Markup("• {}").format(shorten(t(message, **values), 220))
    yield from _rest(t, len(faults))


def _applied(t: Translator, data: Mapping[str, Any]) -> Iterator[Markup]:
    changes = data["changes"]
    if changes:
        yield t.html("🔧 <b>The saved configuration is applied.</b>")
    for what, where in changes[:SHOWN]:
        yield Markup("• {}").format(_change(t, what, shorten(where, 80)))
    yield from _rest(t, len(changes))
    if data["restart"]:
        yield t.html("⏳ Needs a restart: {sections}.", sections=", ".join(data["restart"]))


def _rest(t: Translator, total: int) -> Iterator[Markup]:
    if total > SHOWN:
        yield t.many_html("<i>and {n} more</i>", "<i>and {n} more</i>", total - SHOWN)


def _change(t: Translator, what: str, where: str) -> Markup:
    match what:
        case "started":
            return t.html("{table}: started", table=where)
        case "stopped":
            return t.html("{table}: stopped", table=where)
        case _:
            return t.html("{table}: started anew", table=where)
