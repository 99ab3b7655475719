"""Letters in the chat."""

from collections.abc import Awaitable
from dataclasses import dataclass

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import Message, TelegramObject

from bot.chat.access import Here
from bot.chat.cards import Card
from bot.chat.pager import PAGE_SIZE, pages
from bot.chat.replies import ReplyTo
from bot.chat.talk import Talk
from bot.letters import cards, keyboards
from bot.letters.keyboards import LetterButton, LettersButton
from core.clock import Clock
from core.db.engine import Database
from core.errors import UserError
from core.letters import store
from core.letters.record import Record
from core.letters.service import AlreadyDecidedError, LettersService
from core.requests import rules
from core.requests import store as requests_store

OPERATOR = {"role": "operator"}


@dataclass(frozen=True, slots=True)
class LettersChat:
    """What the assistant answers about letters."""

    db: Database
    clock: Clock
    letters: LettersService

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
        """The card of a letter, from the list."""
        async with self.db.reading() as connection:
            record = await self.letters.get(connection, callback_data.id)
        card = self._card(record, here)
        await talk.show(Card(card.text, (*card.rows, keyboards.back_row(here.t)), card.subject))

    async def link(self, _event: TelegramObject, callback_data: LetterButton, here: Here, talk: Talk) -> None:
        """The button of a request the letter may be about."""
        async with self.db.transaction() as tx:
            deciding = self.letters.link(tx, callback_data.id, callback_data.request, here.actor)
            record = await self._decided(deciding)
        await self._show(record, here, talk)

    async def create(self, _event: TelegramObject, callback_data: LetterButton, here: Here, talk: Talk) -> None:
        """The button "New request"."""
        async with self.db.transaction() as tx:
            record = await self._decided(self.letters.create_request(tx, callback_data.id, here.actor))
        await self._show(record, here, talk)

    async def dismiss(self, _event: TelegramObject, callback_data: LetterButton, here: Here, talk: Talk) -> None:
        """The button "Not about a request"."""
        async with self.db.transaction() as tx:
            record = await self._decided(self.letters.dismiss(tx, callback_data.id, here.actor))
        await self._show(record, here, talk)

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
                await talk.say(self._card(error.record, here))
                return
        await talk.say(cards.linked_card(here.t, record))

    async def _decided(self, deciding: Awaitable[Record]) -> tuple[Record, bool]:
        try:
            return await deciding, True
        except AlreadyDecidedError as error:  # somebody else was faster: their decision is shown
            return error.record, False

    async def _show(self, decision: tuple[Record, bool], here: Here, talk: Talk) -> None:
        record, mine = decision
        if not mine:
            await talk.toast(here.t("This letter has been dealt with already."))
        await talk.show(self._card(record, here))

    def _card(self, record: Record, here: Here) -> Card:
        return cards.letter_card(self.letters.workflow, record, here.reader, self.clock.now())


def router(chat: LettersChat, reply_to: ReplyTo) -> Router:
    """The handlers of letters, each with the role it needs. `reply_to` passes replies to letters' cards."""
    router = Router(name="letters")
    button = router.callback_query.register
    router.message.register(chat.list, Command("letters"))
    router.message.register(chat.reply, reply_to, flags=OPERATOR)
    button(chat.turn, LettersButton.filter())
    button(chat.open, LetterButton.filter(F.action == "open"))
    button(chat.link, LetterButton.filter(F.action == "link"), flags=OPERATOR)
    button(chat.create, LetterButton.filter(F.action == "create"), flags=OPERATOR)
    button(chat.dismiss, LetterButton.filter(F.action == "dismiss"), flags=OPERATOR)
    return router
