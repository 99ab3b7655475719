"""Mailboxes in the chat: what becomes of their history, how far they are trusted, what waits, which secret ends.

The cards are pure; `MailboxesChat` answers their buttons.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from aiogram import F, Router
from aiogram.filters.callback_data import CallbackData
from aiogram.types import TelegramObject
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.access import Here
from bot.chat.cards import Button, Card, clean, lines, shorten
from bot.chat.talk import Talk
from bot.letters.keyboards import LetterButton, LettersButton
from core.alerts.model import Notice
from core.clock import Clock
from core.db.engine import Database
from core.errors import UserError
from core.letters import store
from core.letters.mailboxes import MailboxState
from core.letters.record import Record
from core.letters.service import LettersService
from core.people.model import Reader
from core.text import Translator, local_time, translator

WAITING_LISTED: Final = 8
ADMIN: Final = {"role": "admin"}
OPERATOR: Final = {"role": "operator"}


class MailboxButton(CallbackData, prefix="mb"):
    """A button about a mailbox: `apply`, `skip` (its history), `trust`, `ask` (on as before)."""

    action: str
    mailbox: str
    """`key_of` its name, which may be longer than a button."""


def key_of(name: str) -> str:
    """A mailbox in a button's few bytes."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def first_pass_card(t: Translator, state: MailboxState) -> Card:
    """What lay in a mailbox before the watch began, and what becomes of it."""
    name = clean(state.name)
    head = t.html("📬 <b>Mailbox {name}</b>: what came before I began", name=name)
    ends = {
        "asked": t.html("<i>History is not news: nothing has been changed. New letters are applied as they come.</i>"),
        "applying": t.html("⏳ They are being applied, oldest first."),
        "applied": t.html("✅ Applied, oldest first."),
        "skipped": t.html("🕰 I start from now; they change nothing."),
    }
    rows: tuple[tuple[Button, ...], ...] = ()
    if state.history == "asked":
        rows = (
            (
                Button(t("✅ Apply"), MailboxButton(action="apply", mailbox=key_of(state.name)).pack()),
                Button(t("🕰 Start from now"), MailboxButton(action="skip", mailbox=key_of(state.name)).pack()),
            ),
        )
    return Card(lines([head, *_history(t, state), ends.get(state.history)]), rows)


def _history(t: Translator, state: MailboxState) -> list[Markup]:
    if state.summary is None:
        return []
    summary = state.summary
    if state.history == "applied":
        return [t.many_html("{n} request changed.", "{n} requests changed.", summary.requests)]
    return [
        t.many_html("{n} letter lies there.", "{n} letters lie there.", summary.letters),
        t.many_html(
            "Applied, they would change {n} request.", "Applied, they would change {n} requests.", summary.requests
        ),
    ]


def trust_card(t: Translator, state: MailboxState) -> Card:
    """How often the reader was right, and the offer to let it apply by itself."""
    answers = state.confirmed + state.corrected
    parts = [
        t.html("🤝 <b>Mailbox {name}</b>", name=clean(state.name)),
        t.many_html(
            "I asked about {n} letter and had read {right} right.",
            "I asked about {n} letters and had read {right} right.",
            answers,
            right=state.confirmed,
        ),
    ]
    if state.trusted_at is not None:
        return Card(lines([*parts, t.html("✅ I apply letters by myself now, and ask when in doubt.")]))
    key = key_of(state.name)
    row = (
        Button(t("✅ Apply by itself"), MailboxButton(action="trust", mailbox=key).pack()),
        Button(t("🤝 Go on asking"), MailboxButton(action="ask", mailbox=key).pack()),
    )
    return Card(lines([*parts, t.html("Shall I apply letters without asking? An admin decides.")]), (row,))


def waiting_card(t: Translator, found: Sequence[Record], reader: Reader, now: datetime) -> Card:
    """Letters that have waited for a person for too long; a button opens each."""
    if not found:
        return Card(t.html("✉️ Every letter has been dealt with. 👌"))
    head = t.many_html(
        "⏰ <b>{n} letter waits for a decision</b>", "⏰ <b>{n} letters wait for a decision</b>", len(found)
    )
    parts: list[Markup | str] = [head]
    rows = []
    for record in found[:WAITING_LISTED]:
        who = shorten(" ".join((record.sender_name or record.sender or "?").split()), 30)
        when = local_time(record.moment, reader.timezone, now)
        about = shorten(" ".join((record.subject or record.note).split()), 60)
        parts.append(t.html("• {who}, {when}: {about}", who=who, when=when, about=about))
        rows.append((Button(f"❓ {who} · {when}", LetterButton(action="open", id=record.id).pack()),))
    if len(found) > WAITING_LISTED:
        rows.append((Button(t("✉️ All letters"), LettersButton().pack()),))
    return Card(lines(parts), tuple(rows))


def secret_card(t: Translator, data: Mapping[str, Any]) -> Card:
    """A mailbox's client secret ends: when, and what to do."""
    name, expires, days = clean(str(data["mailbox"])), str(data["expires"]), int(data["days"])
    if days < 0:
        head = t.html("🔑 <b>The client secret of mailbox {name} expired on {date}.</b>", name=name, date=expires)
    else:
        head = t.many_html(
            "🔑 <b>The client secret of mailbox {name} expires in {n} day</b>, on {date}.",
            "🔑 <b>The client secret of mailbox {name} expires in {n} days</b>, on {date}.",
            days,
            name=name,
            date=expires,
        )
    todo = t.html(
        "Make a new one in the app's registration, put it into mailbox.{name}.client_secret and its date into"
        " client_secret_expires, and start me again.",
        name=name,
    )
    return Card(lines([head, todo]))


Renderer = Callable[[AsyncConnection, Notice, Reader], Awaitable[Card | None]]


def renderers(letters: LettersService, clock: Clock) -> dict[str, Renderer]:
    """By kind: `first_pass`, `trust`, `letters_waiting`, `secret`."""

    async def first_pass(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        state = await letters.mailbox(connection, notice.subject.partition(":")[2])
        return first_pass_card(translator(reader.language), state) if state else None

    async def trust(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        state = await letters.mailbox(connection, notice.subject.partition(":")[2])
        return trust_card(translator(reader.language), state) if state else None

    async def waiting(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        found = [record for each in notice.data.get("ids", ()) if (record := await store.get(connection, int(each)))]
        still = [record for record in found if record.waits]
        return waiting_card(translator(reader.language), still, reader, clock.now())

    async def secret(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return secret_card(translator(reader.language), notice.data)

    return {"first_pass": first_pass, "trust": trust, "letters_waiting": waiting, "secret": secret}


@dataclass(frozen=True, slots=True)
class MailboxesChat:
    """What the assistant answers about mailboxes."""

    db: Database
    letters: LettersService

    async def history(self, _event: TelegramObject, callback_data: MailboxButton, here: Here, talk: Talk) -> None:
        """[Apply] or [Start from now]."""
        async with self.db.transaction() as tx:
            name = await self._name(tx, callback_data)
            choice: Literal["apply", "skip"] = "apply" if callback_data.action == "apply" else "skip"
            state = await self.letters.decide_history(tx, name, choice, here.actor)
        await talk.show(first_pass_card(here.t, state))

    async def trust(self, _event: TelegramObject, callback_data: MailboxButton, here: Here, talk: Talk) -> None:
        """[Apply by itself]."""
        async with self.db.transaction() as tx:
            state = await self.letters.trust(tx, await self._name(tx, callback_data), here.actor)
        await talk.show(trust_card(here.t, state))

    async def ask(self, _event: TelegramObject, callback_data: MailboxButton, here: Here, talk: Talk) -> None:
        """[Go on asking]."""
        async with self.db.reading() as connection:
            state = await self.letters.mailbox(connection, await self._name(connection, callback_data))
        if state is not None:
            await talk.show(Card(lines([trust_card(here.t, state).text, here.t.html("🤝 I go on asking.")])))

    async def _name(self, connection: AsyncConnection, button: MailboxButton) -> str:
        for name in await self.letters.mailbox_names(connection):
            if key_of(name) == button.mailbox:
                return name
        raise UserError("This mailbox is not known any more.")


def router(chat: MailboxesChat) -> Router:
    """The handlers of mailboxes' buttons, each with the role it needs."""
    router = Router(name="mailboxes")
    button = router.callback_query.register
    button(chat.history, MailboxButton.filter(F.action.in_({"apply", "skip"})), flags=OPERATOR)
    button(chat.trust, MailboxButton.filter(F.action == "trust"), flags=ADMIN)
    button(chat.ask, MailboxButton.filter(F.action == "ask"), flags=ADMIN)
    return router
