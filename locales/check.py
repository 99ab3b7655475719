"""Are the catalogs complete? Part of `make check`, and a test: missing, fuzzy, unused, differing placeholders."""

import string
import sys
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message

from core.text import LANGUAGES
from locales.catalog import forms, ids, load, template

_PLURAL_FORMS = {"en": 2, "uk": 3, "ru": 3}


def placeholders(text: str) -> set[str]:
    """The names a message expects: `{number}` → `number`."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def faults(language: str, catalog: Catalog, wanted: Catalog) -> Iterator[str]:
    """What is wrong with a language's catalog, one sentence a fault."""
    for source in wanted:
        if source.id and catalog.get(ids(source)[0]) is None:
            yield f"{language}: missing: {source.id!r}"
    for message in catalog:
        fault = _fault(language, message, wanted) if message.id else None
        if fault:
            yield f"{language}: {fault}: {ids(message)[0]!r}"


def _fault(language: str, message: Message, wanted: Catalog) -> str | None:
    if wanted.get(ids(message)[0]) is None:
        return "unused"
    if message.fuzzy:
        return "fuzzy"
    if not all(forms(message)):
        return "not translated"
    if message.pluralizable and len(forms(message)) != _PLURAL_FORMS[language]:
        return f"needs {_PLURAL_FORMS[language]} plural forms"
    names = set.union(*map(placeholders, ids(message))) - {"n"}
    return "placeholders differ" if any(placeholders(form) - {"n"} != names for form in forms(message)) else None


def main() -> int:
    """Print every fault; exit status 1 when there is one."""
    wanted = template()
    found = [fault for language in LANGUAGES for fault in faults(language, load(language), wanted)]
    for fault in found:
        sys.stdout.write(fault + "\n")
    if not found:
        sys.stdout.write(f"translations: {len(wanted)} messages complete in {', '.join(LANGUAGES)}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
