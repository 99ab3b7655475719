"""How alerts of the assistant itself look: sources that went away and came back, the mark of a repeat."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bot.chat.cards import Card, lines
from core.people.model import Reader
from core.text import Translator, duration, local_time, translator


def source_title(t: Translator, code: str) -> str:
    """A source's code in words: `mailbox.contractor` → Mailbox contractor; an unknown code is its own title."""
    kind, _, name = code.partition(".")
    titles: Final = {
        "mailbox": t("Mailbox {name}", name=name),
        "watch": t("Folder {name}", name=name),
        "sync": t("Sync {name}", name=name),
        "telegram": t("Telegram"),
    }
    return titles.get(kind, code)


def source_card(data: Mapping[str, Any], reader: Reader, now: datetime) -> Card:
    """A source is away, refuses us, or is back; `data` as `core.health.service` writes it."""
    t = translator(reader.language)
    title, since = source_title(t, data["source"]), datetime.fromisoformat(data["since"])
    match data["state"]:
        case "up":
            away = duration(t, (datetime.fromisoformat(data["until"]) - since).total_seconds())
            text = t.html("✅ {title} is back after {away}.", title=title, away=away)
        case "auth":
            text = t.html("⛔ {title} refuses my credentials. I stopped asking; please check them.", title=title)
        case _:
            at = local_time(since, reader.timezone, now)
            text = t.html("⚠️ {title} has not been reachable since {at}. I keep trying.", title=title, at=at)
    return Card(text, subject=f"source:{data['source']}")


def repeated(t: Translator, card: Card) -> Card:
    """The card with a visible mark: it may have arrived before."""
    mark = t.html("<i>↻ Repeat: this may have reached you before.</i>")
    return replace(card, text=lines((mark, card.text)))
