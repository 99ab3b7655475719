"""Letters of the demo's contractor, and the maildir they arrive in."""

import itertools
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from core.errors import UserError

_DOMAIN: Final = "contractor.example"
_DUTY: Final = Address("Duty shift", "duty", "vakhta.example")
_ZONE: Final = ZoneInfo("Europe/Kyiv")
_COUNTER = itertools.count(1)
_ANSWER: Final = re.compile(r"re:\D*(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says; headers beyond the usual ones are in `extra`."""

    sender: Address
    subject: str
    text: str
    extra: Mapping[str, str] = field(default_factory=dict)


_HONCHAR: Final = Address("Павел Гончар", "p.honchar", _DOMAIN)
_DISPATCH: Final = Address("Диспетчерська", "dispatch", _DOMAIN)
_HONCHAR_EN: Final = Address("Pavlo Honchar", "p.honchar", _DOMAIN)
_DISPATCH_EN: Final = Address("Dispatch desk", "dispatch", _DOMAIN)
_MAYER: Final = Address("Anna Mayer", "a.mayer", _DOMAIN)


def _en_route(now: datetime, language: str) -> Letter:
    yesterday = (now - timedelta(days=1)).astimezone(_ZONE)
    if language == "en":
        return Letter(
            _HONCHAR_EN,
            "Re: Request 101, leak in the server room",
            "Hello,\n\n"
            "request 101 item 12 - crew is on the way, will be there in 30 minutes.\n\n"
            "Regards,\nPavlo Honchar\nKlimat-Montazh, emergency crew\n\n"
            f"On {yesterday:%d.%m.%Y} at 18:04 the duty shift wrote:\n"
            "> Request 101 item 12: please confirm that the crew is on site.\n"
            "> Passes are ordered, enter by the second gate.\n",
        )
    return Letter(
        _HONCHAR,
        "Re: Заявка 101, протечка в серверной",
        "Добрый день!\n\n"
        "По заявке 101 п.12 — выехали, будем через 30 минут.\n\n"
        "С уважением,\nПавел Гончар\nКлимат-Монтаж, аварийная бригада\n\n"
        f"{yesterday:%d.%m.%Y} в 18:04, дежурная смена написала:\n"
        "> Заявка 101 п.12: подтвердите, что бригада на месте.\n"
        "> Пропуска заказаны, въезд через вторые ворота.\n",
    )


def _on_site(_now: datetime, language: str) -> Letter:
    if language == "en":
        return Letter(
            _DISPATCH_EN,
            "REQ-101 item 12: arrived on site",
            "Hello,\n\nREQ-101 item 12: the crew has arrived on site and begins to work.\n\n"
            "--\nKlimat-Montazh dispatch desk\ntel. +380 44 000 00 00\n",
        )
    return Letter(
        _DISPATCH,
        "REQ-101 поз. 12: прибули на об'єкт",
        "Вітаємо!\n\nREQ-101 поз. 12: бригада прибула на об'єкт, починаємо роботи.\n\n"
        "--\nДиспетчерська «Клімат-Монтаж»\nтел. +380 44 000 00 00\n",
    )


def _declined(_now: datetime, language: str) -> Letter:
    if language == "en":
        return Letter(
            _HONCHAR_EN,
            "Re: request",
            "Declined. This is not our section, please ask the general contractor.\n\nPavlo\n",
        )
    return Letter(
        _HONCHAR,
        "Re: заявка",
        "Не принята. Это не наш участок, обратитесь к генподрядчику.\n\nПавел\n",
    )


def _unknown(_now: datetime, language: str) -> Letter:
    if language == "en":
        return Letter(
            _HONCHAR_EN,
            "Request 777",
            "Dear colleagues,\n\nrequest 777 is accepted, we come tomorrow at 9:00.\n\nRegards,\nPavlo Honchar\n",
        )
    return Letter(
        _HONCHAR,
        "Заявка 777",
        "Добрый день, коллеги!\n\nЗаявка 777 принята, выезд завтра в 9:00.\n\nС уважением,\nПавел Гончар\n",
    )


def _away(now: datetime, _language: str) -> Letter:
    until = (now + timedelta(days=4)).astimezone(_ZONE)
    return Letter(
        _MAYER,
        "Automatic reply: Request 101",
        f"I am out of the office until {until:%d %B %Y} and will read your letter when I am back.\n"
        f"In urgent cases please write to dispatch@{_DOMAIN}.\n\nAnna Mayer\n",
        {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", "Precedence": "auto_reply"},
    )


LETTERS: Final[Mapping[str, Callable[[datetime, str], Letter]]] = {
    "en_route": _en_route,
    "on_site": _on_site,
    "declined": _declined,
    "unknown": _unknown,
    "away": _away,
}
"""The prepared letters: the moment and the reader's language → the letter. Russian and Ukrainian get the same ones."""


def written(sender: str, subject: str, text: str) -> Letter:
    """A letter somebody composes on the page; `UserError` when the sender is no mail address."""
    try:
        address = Address(addr_spec=sender.strip())
    except (ValueError, IndexError):
        raise UserError("{sender} is not a mail address.", sender=sender.strip() or "—") from None
    if not address.username or not address.domain:
        raise UserError("{sender} is not a mail address.", sender=sender.strip() or "—")
    return Letter(address, " ".join(subject.split()), text)


def compose(letter: Letter, now: datetime) -> EmailMessage:
    """The letter with the headers a mail server leaves on it, dated by the given moment."""
    message = EmailMessage()
    message["Return-Path"] = f"<{letter.sender.addr_spec}>"
    message["Received"] = (
        f"from mail.{_DOMAIN} (mail.{_DOMAIN} [192.0.2.25]) by mx.vakhta.example with ESMTPS; {format_datetime(now)}"
    )
    message["Message-ID"] = make_msgid(domain=letter.sender.domain or _DOMAIN)
    message["Date"] = format_datetime(now.astimezone(_ZONE))
    message["From"] = letter.sender
    message["To"] = _DUTY
    message["Subject"] = letter.subject
    asked = _ANSWER.match(letter.subject)
    if asked:  # an answer in the thread of our letter about that request
        message["In-Reply-To"] = message["References"] = f"<request-{asked[1]}.duty@vakhta.example>"
    for name, value in letter.extra.items():
        message[name] = value
    message.set_content(letter.text)
    return message


def shown(message: EmailMessage) -> dict[str, str]:
    """A letter as a mail program shows it."""
    sender: Address = message["From"].addresses[0]
    return {
        "from": sender.display_name,
        "address": sender.addr_spec,
        "subject": str(message["Subject"]),
        "text": message.get_content(),
    }


def make_maildir(folder: Path) -> None:
    """The three folders of a maildir."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)


def deliver(folder: Path, message: EmailMessage, now: datetime, *, hold: bool = False) -> Path:
    """Put a letter into a maildir as a mail server does: written in `tmp`, then moved to `new` in one step.

    With `hold` it stays in `tmp` until `release`. Its file has the time at which it came. The name has no `:`, so that
    Windows takes it; flags are not needed in `new`.
    """
    name = f"{now.timestamp():.6f}.{os.getpid()}_{next(_COUNTER)}.vakhta"
    draft = folder / "tmp" / name
    draft.write_bytes(message.as_bytes())
    os.utime(draft, (now.timestamp(), now.timestamp()))
    return draft if hold else draft.replace(folder / "new" / name)


def release(folder: Path) -> None:
    """Deliver what was held, and what an end in the middle of a delivery left behind."""
    for draft in sorted((folder / "tmp").iterdir()):
        draft.replace(folder / "new" / draft.name)
