"""Letters of ours in the chat: previewed by the person who presses, sent, and what became of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiogram import F, Router
from aiogram.filters.callback_data import CallbackData
from aiogram.types import Message, TelegramObject
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.access import Here
from bot.chat.cards import Button, Card, RowId, clean, lines, shorten
from bot.chat.links import AnswerButton, AskButton
from bot.chat.replies import ReplyTo
from bot.chat.talk import Talk
from core.alerts.model import Notice
from core.clock import Clock
from core.db.engine import Database
from core.letters import outgoing_store as store
from core.letters.outgoing import OutgoingLetter
from core.letters.sending import OutgoingService
from core.people.model import Reader
from core.text import Translator, local_time, translator

OPERATOR = {"role": "operator"}
REPLIES = "og:cancel:"
"""How a button begins that every preview has."""

Renderer = Callable[[AsyncConnection, Notice, Reader], Awaitable[Card | None]]
Rows = tuple[tuple[Button, ...], ...]


class OutgoingButton(CallbackData, prefix="og"):
    """A button on the preview of a letter of ours: `send`, `cancel`, `arrived`.

    `seen` is the version that was previewed: a press on a text that has changed since sends nothing. `alarm`: the
    card is not the preview, but the one that says that it went wrong.
    """

    action: str
    id: RowId
    seen: str = ""
    alarm: bool = False


# --- how it looks


def outgoing_card(letter: OutgoingLetter, sender: str, reader: Reader, sent: str, *, alarm: bool = False) -> Card:
    """A letter of ours: to whom, from whom, the very text, where it stands, what can be done. `sent`: when.

    `alarm`: see `OutgoingButton`.
    """
    t = translator(reader.language)
    head = t.html("✉️ <b>A question to the contractor</b>")
    if letter.kind == "answer":
        head = t.html("↩️ <b>An answer to a letter</b>")
    text = clean(letter.text)
    parts = [
        head,
        t.html("To: {to}", to=shorten(", ".join(letter.recipients), 200)),
        t.html("From: {sender}", sender=shorten(sender, 100)) if sender else None,
        t.html("Subject: <b>{subject}</b>", subject=shorten(letter.subject, 200)),
        Markup("<blockquote>{}</blockquote>").format(text) if text else None,
        *_standing(t, letter, sent),
    ]
    return Card(lines(parts), _rows(t, letter, alarm=alarm), letter.alarm_key if alarm else letter.subject_key)


def _standing(t: Translator, letter: OutgoingLetter, sent: str) -> list[Markup]:
    """Where it stands, and what to do when something went wrong."""
    by = shorten(letter.author, 60)
    why = shorten(t(letter.reason.sentence, **letter.reason.values), 300) if letter.reason else ""
    match letter.state:
        case "draft" if letter.text:
            return [t.html("<i>Reply to this message with your own words to change the text.</i>")]
        case "draft":
            return [t.html("<i>Reply to this message with what the letter should say.</i>")]
        case "queued" if why:
            return [t.html("⏳ It waits and will be tried again. {reason}", reason=why)]
        case "queued" | "sending":
            return [t.html("⏳ It is being sent…")]
        case "sent":
            return [t.html("✅ Sent {at} by {by}", at=sent, by=by)]
        case "unknown":
            return [
                t.html("❓ <b>It may or may not have arrived.</b> {reason}", reason=why),
                t.html("<i>I do not send it again by myself. Did the contractor get it?</i>"),
            ]
        case "refused":
            return [
                t.html("✖ <b>It was not sent.</b> {reason}", reason=why),
                t.html("<i>Is the address right? /contractors has the addresses.</i>"),
            ]
        case _:
            return [t.html("✖ Cancelled by {by}", by=by)]


def _rows(t: Translator, letter: OutgoingLetter, *, alarm: bool) -> Rows:
    def button(text: str, action: str) -> Button:
        return Button(text, OutgoingButton(action=action, id=letter.id, seen=letter.version, alarm=alarm).pack())

    cancel = button(t("✖ Cancel"), "cancel")
    match letter.state:
        case "draft":
            return ((button(t("✉️ Send"), "send"), cancel),) if letter.text else ((cancel,),)
        case "queued":
            return ((cancel,),)
        case "unknown":
            return ((button(t("🔁 Send again"), "send"), button(t("✅ It arrived"), "arrived")),)
        case "refused":
            return ((button(t("🔁 Send again"), "send"), cancel),)
        case _:
            return ()


def renderers(outgoing: OutgoingService, clock: Clock) -> dict[str, Renderer]:
    """By kind: `outgoing` is the preview of a letter of ours, `unsent` says that it went wrong; as it stands now."""

    async def letter(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        found = await store.get(connection, int(notice.subject.partition(":")[2]))
        return _card(outgoing, clock, found, reader, alarm=notice.kind == "unsent") if found else None

    return {"outgoing": letter, "unsent": letter}


def _card(
    outgoing: OutgoingService, clock: Clock, letter: OutgoingLetter, reader: Reader, *, alarm: bool = False
) -> Card:
    sent = local_time(letter.sent_at, reader.timezone, clock.now()) if letter.sent_at else ""
    return outgoing_card(letter, outgoing.senders.get(letter.source, ""), reader, sent, alarm=alarm)


# --- what it does


@dataclass(frozen=True, slots=True)
class OutgoingChat:
    """What the assistant answers about letters of ours."""

    db: Database
    clock: Clock
    outgoing: OutgoingService

    async def ask(self, _event: TelegramObject, callback_data: AskButton, here: Here, talk: Talk) -> None:
        """The button "Ask the contractor" on a request's card: the preview of a letter."""
        async with self.db.transaction() as tx:
            letter = await self.outgoing.draft_nudge(tx, callback_data.id, here.actor)
        await self._preview(letter, here, talk)

    async def answer(self, _event: TelegramObject, callback_data: AnswerButton, here: Here, talk: Talk) -> None:
        """The button "Answer" on a letter's card: the preview of an answer, still empty."""
        async with self.db.transaction() as tx:
            letter = await self.outgoing.draft_answer(tx, callback_data.id, here.actor)
        await self._preview(letter, here, talk)

    async def reply(self, message: Message, subject_id: int, here: Here, talk: Talk) -> None:
        """A reply to the preview is what the letter says now."""
        async with self.db.transaction() as tx:
            letter = await self.outgoing.write(tx, subject_id, message.text or message.caption or "", here.actor)
        await self._preview(letter, here, talk)

    async def send(self, _event: TelegramObject, callback_data: OutgoingButton, here: Here, talk: Talk) -> None:
        """The button "Send": only what the presser has seen leaves."""
        async with self.db.transaction() as tx:
            before = await self.outgoing.get(tx, callback_data.id)
            changed = callback_data.seen != before.version
            letter = before if changed else await self.outgoing.queue(tx, before.id, here.actor)
        if changed:
            await talk.toast(here.t("The text has changed meanwhile. Look at it, then press again."))
        elif before.state in ("queued", "sending", "sent"):
            await talk.toast(here.t("{by} has pressed “Send” already.", by=before.author))
        await self._show(letter, callback_data, here, talk)

    async def cancel(self, _event: TelegramObject, callback_data: OutgoingButton, here: Here, talk: Talk) -> None:
        """The button "Cancel": it is not sent, unless it has left already."""
        async with self.db.transaction() as tx:
            letter = await self.outgoing.discard(tx, callback_data.id, here.actor)
        if letter.state != "discarded":
            await talk.toast(here.t("It has left already."))
        await self._show(letter, callback_data, here, talk)

    async def arrived(self, _event: TelegramObject, callback_data: OutgoingButton, here: Here, talk: Talk) -> None:
        """The button "It arrived" on a letter of which nobody knew."""
        async with self.db.transaction() as tx:
            letter = await self.outgoing.arrived(tx, callback_data.id, here.actor)
        await self._show(letter, callback_data, here, talk)

    async def _preview(self, letter: OutgoingLetter, here: Here, talk: Talk) -> None:
        await talk.toast("")
        await talk.say(_card(self.outgoing, self.clock, letter, here.reader))

    async def _show(self, letter: OutgoingLetter, pressed: OutgoingButton, here: Here, talk: Talk) -> None:
        await talk.show(_card(self.outgoing, self.clock, letter, here.reader, alarm=pressed.alarm))


def router(chat: OutgoingChat, *replies: ReplyTo) -> Router:
    """The handlers of letters of ours, for operators. `replies` pass replies to their cards."""
    router = Router(name="outgoing")
    button = router.callback_query.register
    for reply_to in replies:
        router.message.register(chat.reply, reply_to, flags=OPERATOR)
    button(chat.ask, AskButton.filter(), flags=OPERATOR)
    button(chat.answer, AnswerButton.filter(), flags=OPERATOR)
    button(chat.send, OutgoingButton.filter(F.action == "send"), flags=OPERATOR)
    button(chat.cancel, OutgoingButton.filter(F.action == "cancel"), flags=OPERATOR)
    button(chat.arrived, OutgoingButton.filter(F.action == "arrived"), flags=OPERATOR)
    return router
