"""What the sources say and what the catalogs hold: shared by `locales.update` and `locales.check`."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
_PLURAL: Final[tuple[int, ...]] = (1, 2)
KEYWORDS: Final[dict[str, tuple[int, ...] | None]] = {
    "t": None,
    "html": None,
    "many": _PLURAL,
    "many_html": _PLURAL,
    "N_": None,
    **dict.fromkeys(
        (
            "UserError",
            "NotAllowed",
            "Unavailable",
            "StorageUnavailable",
            "Undelivered",
            "Rejected",
            "Uncertain",
            "AuthFailed",
            "ConfigError",
            "FolderMissing",
            "Untrusted",
        )
    ),
}


def forms(message: Message) -> tuple[str, ...]:
    """What a message says: one text, or its plural forms; '' where nothing is said yet."""
    said = message.string if isinstance(message.string, tuple | list) else [message.string]
    return tuple(str(form or "") for form in said)


def ids(message: Message) -> tuple[str, ...]:
    """A message's English text, or its two."""
    return tuple(message.id) if isinstance(message.id, tuple | list) else (str(message.id),)


def sources() -> Iterator[Path]:
    """The files whose texts are shown to people."""
    for room in ("bot", "core", "jobs", "deploy"):
        for pattern in ("*.py", "*.html"):
            yield from sorted((ROOT / room).rglob(pattern))


def template() -> Catalog:
    """Every message the sources use, in a catalog without translations."""
    catalog = Catalog(project="vakhta", charset="utf-8")
    for path in sources():
        method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
        with path.open("rb") as file:
            for _line, message, comments, _context in extract(method, file, keywords=KEYWORDS):
                catalog.add(message, auto_comments=comments)
    return catalog


def po_path(language: str) -> Path:
    """Where a language's catalog is kept."""
    return ROOT / "locales" / language / "messages.po"


def load(language: str) -> Catalog:
    """A language's catalog as it is on disk; empty when there is none yet."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, project="vakhta", charset="utf-8")
    return read_po(io.StringIO(path.read_text("utf-8")), locale=language)
