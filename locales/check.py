"""Are the catalogs complete? Part of `make check`, and a test: missing, fuzzy, unused, differing placeholders."""

import string
import sys
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message

from locales.catalog import LANGUAGES, load, template

_PLURAL_FORMS = {"en": 2, "uk": 3, "ru": 3}


def placeholders(text: str) -> set[str]:
    """The names a message expects: `{number}` → `number`."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if message.pluralizable else (str(message.string or ""),)


def _ids(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if message.pluralizable else (str(message.id),)


def faults(language: str, catalog: Catalog, wanted: Catalog) -> Iterator[str]:
    """What is wrong with a language's catalog, one sentence a fault."""
    for source in wanted:
        if source.id and catalog.get(_ids(source)[0]) is None:
            yield f"{language}: missing: {source.id!r}"
    for message in catalog:
        if not message.id:
            continue
        key = _ids(message)[0]
        if wanted.get(key) is None:
            yield f"{language}: unused: {key!r}"
        elif message.fuzzy:
            yield f"{language}: fuzzy: {key!r}"
        elif not all(_forms(message)):
            yield f"{language}: not translated: {key!r}"
        elif message.pluralizable and len(_forms(message)) != _PLURAL_FORMS[language]:
            yield f"{language}: needs {_PLURAL_FORMS[language]} plural forms: {key!r}"
        else:
            names = set.union(*map(placeholders, _ids(message)))
            for form in _forms(message):
                if placeholders(form) - {"n"} != names - {"n"}:
                    yield f"{language}: placeholders differ: {key!r}"


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
