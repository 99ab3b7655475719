"""What the sources say and what the catalogs hold: shared by `locales.update` and `locales.check`."""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from core.text import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "t": None,
    "html": None,
    "many": (1, 2),
    "many_html": (1, 2),
    "N_": None,
} | dict.fromkeys(
    ("UserError", "NotAllowed", "Unavailable", "StorageUnavailable", "Rejected", "AuthFailed", "ConfigError")
)


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


__all__ = ["KEYWORDS", "LANGUAGES", "load", "po_path", "sources", "template"]
