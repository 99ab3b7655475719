"""How a notice that may have arrived before looks."""

from dataclasses import replace

from bot.chat.cards import Card, lines
from core.text import Translator


def repeated(t: Translator, card: Card) -> Card:
    """The card with a visible mark: it may have arrived before."""
    mark = t.html("<i>↻ Repeat: this may have reached you before.</i>")
    return replace(card, text=lines((mark, card.text)))
