"""Letters in the chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, StateFilter
from aiogram.types import Message, TelegramObject
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.access import Here
from bot.chat.cards import Card
from bot.chat.links import MailButton
from bot.chat.pager import PAGE_SIZE, pages
from bot.chat.replies import ReplyTo
from bot.chat.talk import Talk
from bot.letters import cards, keyboards
from bot.letters.keyboards import FILES_AT_ONCE, LetterButton, LettersButton
from bot.letters.words import text_pages
from core.clock import Clock
from core.db.engine import Database
from core.errors import UserError
from core.letters import store
from core.letters.record import Content, KeptAttachment, Record
from core.letters.service import AlreadyDecidedError, LettersService
from core.people.model import Actor
from core.requests import rules
from core.requests import store as requests_store
from core.requests.service import RequestsService

OPERATOR: Final = {"role": "operator"}
ADMIN: Final = {"role": "admin"}


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter with what its card shows besides."""

    record: Record
    files: tuple[KeptAttachment, ...] = ()
    content: Content | None = None
    reopened: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LettersChat:
    """What the assistant answers about letters."""

    db: Database
    clock: Clock
    letters: LettersService
    requests: RequestsService

    async def list(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """`/letters`: what came, what it did and why."""
        await self._list(here, talk, 0)

    async def turn(self, _event: TelegramObject, callback_data: LettersButton, here: Here, talk: Talk) -> None:
        """Another page of the list, or back to it."""
        await self._list(here, talk, callback_data.page)

    async def _list(self, here: Here, talk: Talk, page: int) -> None:
        async with self.db.reading() as connection:
            counts = await store.count_by_state(connection)
            page = max(0, min(page, pages(sum(counts.values())) - 1))
            found = await store.list_letters(connection, limit=PAGE_SIZE, offset=page * PAGE_SIZE)
        workflow, now = self.letters.workflow, self.clock.now()
        await talk.show(cards.list_card(workflow, found, counts, here.reader, now, page=page))

    async def open(self, _event: TelegramObject, callback_data: LetterButton, here: Here, talk: Talk) -> None:
        """The card of a letter, from the list, with a way back there."""
        card = self._card(await self._letter(callback_data.id), here)
        await talk.show(Card(card.text, (*card.rows, keyboards.back_row(here.t)), card.subject))

    async def card(self, _event: TelegramObject, callback_data: LetterButton, here: Here, talk: Talk) -> None:
        """Back to the card from what was shown in its place."""
        await self._show(await self._letter(callback_data.id), here, talk)

    async def more(self, _event: TelegramObject, callback_data: LetterButton, here: Here, talk: Talk) -> None:
        """The same card with every button."""
        await self._show(await self._letter(callback_data.id), here, talk, more=True)

    async def text(self, _event: TelegramObject, callback_data: LetterButton, here: Here, talk: Talk) -> None:
        """[Show the letter]: its whole text, a page of it."""
        found = await self._letter(callback_data.id)
        text = found.content.letter.text if found.content else found.record.excerpt
        await talk.show(cards.text_card(here.t, found.record, text_pages(text), callback_data.value))

    async def why(self, _event: TelegramObject, callback_data: LetterButton, here: Here, talk: Talk) -> None:
        """[Why?]: which words made the reading."""
        found = await self._letter(callback_data.id)
        if found.content is None:
            raise UserError("The words of this letter were not kept.")
        await talk.show(cards.why_card(self.letters.workflow, here.t, found.record, found.content))

    async def files(self, _event: TelegramObject, callback_data: LetterButton, here: Here, talk: Talk) -> None:
        """[📎]: the files that came with it, a message each."""
        files = (await self._letter(callback_data.id)).files
        more = await self._send(files, callback_data.value, here, talk)
        if more:
            await talk.say(cards.more_files_card(here.t, callback_data, more))

    async def why_request(self, _event: TelegramObject, callback_data: MailButton, here: Here, talk: Talk) -> None:
        """[Why?] on a request's card: the words of the latest letter about it."""
        async with self.db.reading() as connection:
            letter_id = await store.latest_about(connection, callback_data.id)
        if letter_id is None:
            raise UserError("No letter speaks of this request any more.")
        found = await self._letter(letter_id)
        if found.content is None:
            raise UserError("The words of this letter were not kept.")
        card = cards.why_card(self.letters.workflow, here.t, found.record, found.content)
        rows = keyboards.why_rows(here.t, found.record, callback_data.id)
        await talk.show(Card(card.text, rows, f"request:{callback_data.id}"))

    async def files_of_request(self, _event: TelegramObject, callback_data: MailButton, here: Here, talk: Talk) -> None:
        """[📎] on a request's card: every file that letters about it brought."""
        async with self.db.reading() as connection:
            found = await self.letters.attachments(connection, request_id=callback_data.id)
        more = await self._send(found, callback_data.start, here, talk)
        if more:
            await talk.say(cards.more_files_card(here.t, callback_data, more))

    async def _send(self, files: Sequence[KeptAttachment], start: int, here: Here, talk: Talk) -> int:
        """The kept ones from `start` on, a message each, the same file once; how many are left for another press."""
        await talk.toast("")
        kept_ones = list({each.digest: each for each in files if each.digest is not None}.values())
        for kept in kept_ones[start : start + FILES_AT_ONCE]:
            async with self.db.reading() as connection:
                record = await self.letters.get(connection, kept.letter_id)
                content = await self.letters.attachment_content(connection, str(kept.digest))
            await talk.say(cards.file_card(here.t, record, kept, content))
        return max(0, len(kept_ones) - start - FILES_AT_ONCE)

    async def reread(self, _event: TelegramObject, callback_data: LetterButton, here: Here, talk: Talk) -> None:
        """[Read it again]: what would be read today, before it applies."""
        async with self.db.reading() as connection:
            record = await self.letters.get(connection, callback_data.id)
            found = await self.letters.reread(connection, callback_data.id)
        await talk.show(cards.reread_card(self.letters.workflow, here.t, record, found))

    async def decide(self, _event: TelegramObject, callback_data: LetterButton, here: Here, talk: Talk) -> None:
        """A button that decides: link, create, dismiss, ignore, same contractor, confirm, wrong, adopt, undo."""
        mine, asked = True, 0
        try:
            async with self.db.transaction() as tx:
                asked = await self.letters.swallowed(tx, callback_data.id) if callback_data.action == "undo" else 0
                await self._decide(tx, callback_data, here.actor)
        except AlreadyDecidedError:  # somebody else was faster: their decision is shown
            mine = False
        if not mine:
            await talk.toast(here.t("This letter has been dealt with already."))
        elif asked:
            said = here.t.many(
                "{n} letter that came from this sender meanwhile waits for a decision now, too.",
                "{n} letters that came from this sender meanwhile wait for a decision now, too.",
                asked,
            )
            await talk.toast(said, alert=True)
        await self._show(await self._letter(callback_data.id), here, talk)

    async def _decide(self, tx: AsyncConnection, button: LetterButton, actor: Actor) -> None:
        letters = self.letters
        simple = {
            "create": letters.create_request,
            "dismiss": letters.dismiss,
            "ignore": letters.ignore_sender,
            "same": letters.same_contractor,
            "confirm": letters.confirm,
            "wrong": letters.wrong,
            "adopt": letters.apply_reread,
            "undo": letters.undo,
        }
        if button.action == "link":
            await letters.link(tx, button.id, button.value, actor)
        else:
            await simple[button.action](tx, button.id, actor)

    async def comment(self, _event: TelegramObject, callback_data: LetterButton, here: Here, talk: Talk) -> None:
        """[Only a comment]: what a person wrote is kept, no status moves."""
        names = []
        async with self.db.transaction() as tx:
            record = await self.letters.dismiss(tx, callback_data.id, here.actor)
            for update in record.updates:
                for request in (await self.requests.find(tx, update.request, update.position))[:1]:
                    ref = f"{record.subject_key}:said:{request.id}"
                    await self.requests.comment(tx, request.id, record.excerpt, here.actor, ref=ref)
                    names.append(request.name)
        await talk.show(Card(here.t.html("💬 Kept as a comment on <b>{names}</b>.", names=", ".join(names))))

    async def hear(self, message: Message, here: Here, talk: Talk, subject_id: int | None = None) -> None:
        """A person writes as a contractor would: "101/12 on site", or that as a reply to a request's card.

        What says nothing of the kind is left to the other handlers.
        """
        ref = f"{message.chat.id}:{message.message_id}"
        async with self.db.transaction() as tx:
            about = await requests_store.get(tx, subject_id) if subject_id else None
            record = await self.letters.hear(tx, message.text or "", about, here.actor, here.person.name, ref=ref)
            reopened = await self.letters.reopened(tx, record) if record else frozenset[str]()
        if record is None:
            raise SkipHandler
        await talk.say(self._card(_Letter(record, reopened=reopened), here))

    async def reply(self, message: Message, subject_id: int, here: Here, talk: Talk) -> None:
        """A reply to the card names the request: `101/12`."""
        number, position = rules.parse_name(message.text or "")
        async with self.db.transaction() as tx:
            found = await requests_store.find(tx, number, position)
            if not found:
                raise UserError("There is no request {name}. /new makes one.", name=(message.text or "").strip())
            if len(found) > 1:
                names = ", ".join(request.name for request in found[:20])
                raise UserError("There are several: {names}. Reply with one of them.", names=names)
            try:
                record = await self.letters.link(tx, subject_id, found[0].id, here.actor)
            except AlreadyDecidedError as error:
                await talk.say(self._card(_Letter(error.record), here))
                return
        await talk.say(cards.linked_card(here.t, record))

    async def _letter(self, letter_id: int) -> _Letter:
        async with self.db.reading() as connection:
            record = await self.letters.get(connection, letter_id)
            files = await self.letters.attachments(connection, letter_id=letter_id)
            content = await self.letters.content(connection, letter_id)
            return _Letter(record, tuple(files), content, await self.letters.reopened(connection, record))

    async def _show(self, found: _Letter, here: Here, talk: Talk, *, more: bool = False) -> None:
        await talk.show(self._card(found, here, more=more))

    def _card(self, found: _Letter, here: Here, *, more: bool = False) -> Card:
        record, now = found.record, self.clock.now()
        return cards.letter_card(
            self.letters.workflow, record, here.reader, now, found.files, reopened=found.reopened, more=more
        )


DECISIONS: Final = frozenset({"link", "create", "dismiss", "ignore", "confirm", "wrong", "adopt", "undo"})


def router(chat: LettersChat, reply_to: ReplyTo, about_request: ReplyTo) -> Router:
    """The handlers of letters, each with the role it needs.

    `reply_to` passes replies to letters' cards, `about_request` replies to requests' cards. It stands before the
    requests' own router: what a reply says as a contractor would is heard here, the rest is a comment there.
    """
    router = Router(name="letters")
    button, message = router.callback_query.register, router.message.register
    message(chat.list, Command("letters"))
    message(chat.reply, reply_to, flags=OPERATOR)
    message(chat.hear, StateFilter(None), about_request, flags=OPERATOR)
    button(chat.turn, LettersButton.filter())
    for action, show in {
        "open": chat.open,
        "card": chat.card,
        "more": chat.more,
        "text": chat.text,
        "why": chat.why,
        "files": chat.files,
    }.items():
        button(show, LetterButton.filter(F.action == action))
    button(chat.why_request, MailButton.filter(F.action == "why"))
    button(chat.files_of_request, MailButton.filter(F.action == "files"))
    button(chat.comment, LetterButton.filter(F.action == "comment"), flags=OPERATOR)
    button(chat.reread, LetterButton.filter(F.action == "reread"), flags=OPERATOR)
    button(chat.decide, LetterButton.filter(F.action.in_(DECISIONS)), flags=OPERATOR)
    button(chat.decide, LetterButton.filter(F.action == "same"), flags=ADMIN)
    return router


def listening_router(chat: LettersChat) -> Router:
    """Plain words in private that no other handler wanted: perhaps they say what a contractor would."""
    router = Router(name="listening")
    router.message.register(
        chat.hear, StateFilter(None), F.chat.type == "private", F.text, ~F.text.startswith("/"), flags=OPERATOR
    )
    return router
