"""How it looks that another bot speaks for the assistant now. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.chat.cards import Card, lines
from core.people.model import Reader
from core.text import translator


def account_card(data: Mapping[str, Any], reader: Reader) -> Card:
    """Who speaks now, what became of the cards, and what is to be done; `data` as `core.health.accounts` writes it."""
    t = translator(reader.language)
    said = t.html(
        "🪪 <b>I am @{now} now</b>; before, I was @{before}. What is open is posted anew.",
        now=data["now"],
        before=data["before"],
    )
    todo = t.html("The buttons of older messages no longer work. Add me to every group that I am to serve.")
    return Card(lines([said, todo]))
