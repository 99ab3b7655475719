"""Names of watched folders and mailboxes: what stands in `[watch.NAME]`."""

import re
from collections.abc import Collection

from bot.setup.console import Console
from core.errors import UserError


def ask_name(console: Console, like: str, taken: Collection[str]) -> str:
    """Ask for a name that is free; one like that text is offered."""
    return console.valid(console.t("A short name for it"), lambda text: _free(text, taken), _offered(like, taken))


def _free(name: str, taken: Collection[str]) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        raise UserError("A name is made of small latin letters, digits and _.")
    if name in taken:
        raise UserError("There is one of that name already.")
    return name


def _offered(text: str, taken: Collection[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:30]
    base = base if base[:1].isalpha() else "documents"
    return next(name for name in (base, *(f"{base}_{n}" for n in range(2, 99))) if name not in taken)
