"""Cards: how a thing looks in a chat. Pure, so that a card is tested and previewed without a bot.

A card is one message: trusted HTML (made with `Translator.html`, which escapes every value) and rows of buttons.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Final

from markupsafe import Markup
from pydantic import Field

TEXT_LIMIT: Final = 4096
"""Bot API, sendMessage: UTF-16 units of text after the entities are parsed."""
TOAST_LIMIT: Final = 200
"""Bot API, answerCallbackQuery: characters of the text."""


RowId = Annotated[int, Field(ge=0, lt=2**63)]
"""An id in a button's data: a hand-made one that no database could hold is not understood."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button below a card: `data` (1–64 bytes, Bot API InlineKeyboardButton) comes back when it is pressed."""

    text: str
    data: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file that goes with a message: its name and bytes (Bot API sendDocument: at most 50 MB)."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Card:
    """A message: HTML text, rows of buttons, and the `subject` a reply to it is about (`request:7`), if any.

    `ask` opens a reply to this message at the reader (a form in a group); it then has no buttons. With a `document`
    the message is that file and the text its caption; it is sent, never edited.
    """

    text: Markup
    rows: tuple[tuple[Button, ...], ...] = ()
    subject: str = ""
    silent: bool = False
    ask: bool = False
    document: Document | None = None

    @property
    def digest(self) -> str:
        """Changes when what is seen changes: the same digest needs no edit."""
        return hashlib.sha256(repr((str(self.text), self.rows)).encode()).hexdigest()[:16]


def lines(parts: Iterable[Markup | str | None]) -> Markup:
    """The parts that are not None, a line each; plain strings are escaped; '' makes an empty line."""
    return Markup("\n").join(part for part in parts if part is not None)


def units(text: str) -> int:
    """Length as Telegram counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def shorten(text: str, limit: int) -> str:
    """Plain text of at most `limit` UTF-16 units, with an ellipsis where it was cut."""
    text = clean(text)
    if units(text) <= limit:
        return text
    cut = text.encode("utf-16-le")[: 2 * (limit - 1)].decode("utf-16-le", "ignore")
    return cut.rstrip() + "…"


_DIRECTION_MARKS: Final = dict.fromkeys((0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069))


def clean(text: str) -> str:
    """Outside text made safe to show: no control characters but line breaks, no marks that turn the line around."""
    kept = text.translate(_DIRECTION_MARKS)
    return "".join(c for c in kept if c in "\n\t" or (c.isprintable() or c in "\u200d\ufe0f\u00a0"))


def rows_of(buttons: Iterable[Button], width: int) -> tuple[tuple[Button, ...], ...]:
    """Buttons in rows of that many."""
    row = tuple(buttons)
    return tuple(row[start : start + width] for start in range(0, len(row), width))
