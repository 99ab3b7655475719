"""`make messages`: bring the three catalogs in line with the sources; new messages come in empty."""

import io
import sys

from babel.messages.pofile import write_po

from core.text import LANGUAGES
from locales.catalog import forms, load, po_path, template


def main() -> int:
    """Rewrite each `messages.po`, sorted by message; English translates itself."""
    wanted = template()
    for language in LANGUAGES:
        catalog = load(language)
        catalog.update(wanted, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        if language == "en":
            for message in catalog:
                if message.id:
                    message.string = message.id
        text = io.BytesIO()
        write_po(text, catalog, sort_output=True, no_location=True, omit_header=False, width=110)
        lines = [line for line in text.getvalue().decode().splitlines() if "-Date:" not in line]
        po_path(language).parent.mkdir(exist_ok=True)
        po_path(language).write_text("\n".join(lines).rstrip() + "\n", "utf-8", newline="\n")
        missing = [message for message in catalog if message.id and not all(forms(message))]
        sys.stdout.write(f"{language}: {len(catalog)} messages, {len(missing)} to translate\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
