"""How the room on the database's disk looks in a chat. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.chat.cards import Card, lines
from core.files.disk import DISK
from core.people.model import Reader
from core.text import size_text, translator


def disk_card(data: Mapping[str, Any], reader: Reader) -> Card:
    """Room is short, and what to do; or it is back."""
    t = translator(reader.language)
    free, total = size_text(t, data["free"]), size_text(t, data["total"])
    if data["state"] == "back":
        return Card(
            t.html("💾 The disk of the database has room again: {free} of {total} are free.", free=free, total=total),
            (),
            DISK,
        )
    what = t.html(
        "💾 <b>The disk of the database is nearly full</b>: {free} of {total} are free.", free=free, total=total
    )
    todo = t.html(
        "When it is full, nothing can be recorded any more. Free some space, or keep a shorter history: set "
        "<code>retention_days</code>, then <code>vakhta db prune</code>."
    )
    return Card(lines([what, todo]), (), DISK)
