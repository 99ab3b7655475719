"""A thousand letters such as contractors write, each about a request of its own number."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import product

from tests.conftest import NOON

_WORDS = {
    "ru": ("Заявка {n}", "Добрый день! По заявке {n}: бригада выехала."),
    "uk": ("Заявка {n}", "Добрий день! Щодо заявки {n}: бригада виїхала."),
    "en": ("Request {n}", "Hello, about request {n}: our team is on its way."),
}
_CHARSETS = {
    "ru": ("utf-8", "koi8-r", "windows-1251"),
    "uk": ("utf-8", "koi8-u", "windows-1251"),
    "en": ("utf-8", "us-ascii", "iso-8859-1"),
}
_QUOTES = {
    "ru": "\n\n01.11.2026 10:00, Диспетчер пишет:\n> Заявка 9999: принята?\n",
    "uk": "\n\nпт, 1 лист. 2026 р. о 10:00 Диспетчер пише:\n> Заявка 9999: прийнята?\n",
    "en": "\n\nOn Fri, Nov 1, 2026 at 10:00 AM Dispatcher <d@firm.example> wrote:\n> Request 9999: accepted?\n",
}
_FORMS = ("plain", "html", "alternative", "reply", "attachment")


@dataclass(frozen=True, slots=True)
class Sample:
    """A letter as it is sent, with the number its new text names."""

    name: str
    number: int
    data: bytes


def thousand_letters() -> list[Sample]:
    """Every mixture of language, charset, transfer encoding and form, over and over."""
    kinds = [
        (language, charset, encoding, form)
        for language in _WORDS
        for charset, encoding, form in product(_CHARSETS[language], ("quoted-printable", "base64"), _FORMS)
    ]
    return [_sample(at, *kinds[at % len(kinds)]) for at in range(1000)]


def _sample(at: int, language: str, charset: str, encoding: str, form: str) -> Sample:
    number = 10_000 + at
    subject, text = (words.format(n=number) for words in _WORDS[language])
    letter = EmailMessage()
    letter["From"] = "brigade@contractor.example"
    letter["To"] = "duty@firm.example"
    letter["Subject"] = f"Re: {subject}" if form == "reply" else subject
    letter["Message-ID"] = f"<{number}@contractor.example>"
    letter["Date"] = format_datetime(NOON.replace(minute=at % 60))
    body = text + (_QUOTES[language] if form == "reply" else "\n")
    html = f"<html><body><p>{text}</p></body></html>"
    if form == "html":
        letter.set_content(html, subtype="html", charset=charset, cte=encoding)
    else:
        letter.set_content(body, charset=charset, cte=encoding)
    if form == "alternative":
        letter.add_alternative(html, subtype="html", charset=charset, cte=encoding)
    if form == "attachment":
        letter.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename=f"Акт {number}.pdf")
    return Sample(f"{number}.host", number, letter.as_bytes())
