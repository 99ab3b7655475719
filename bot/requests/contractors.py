"""Contractors in the chat: everybody sees them, admins change them; a request's contractor is chosen here, too."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.access import Here
from bot.chat.cards import Card
from bot.chat.talk import Talk
from bot.requests import contractor_cards as cards
from bot.requests.handlers import OPERATOR
from bot.requests.keyboards import ContractorButton, RequestButton
from core.db.engine import Database
from core.errors import NotAllowed, UserError
from core.people.model import Reader
from core.requests import contractor_rules as rules
from core.requests.contractors import ContractorsService
from core.requests.model import Contractor, Request
from core.requests.service import RequestsService

ADMIN = {"role": "admin"}


class ContractorForm(StatesGroup):
    """What is asked about a contractor; which one is in the form's data."""

    name = State()
    pattern = State()
    rename = State()
    hours = State()


@dataclass(frozen=True, slots=True)
class ContractorsChat:
    """What the assistant answers about contractors."""

    db: Database
    requests: RequestsService
    contractors: ContractorsService
    request_card: Callable[[Request, Reader], Awaitable[Card]]

    async def command(self, _event: TelegramObject, command: CommandObject, here: Here, talk: Talk) -> None:
        """`/contractors` lists; with a name it shows that one; with addresses behind the name it makes one or adds."""
        if not command.args:
            await self._list(here, talk, 0)
            return
        name, patterns = rules.split_line(command.args)
        if patterns:
            if not here.person.may("admin"):
                raise NotAllowed("Only an admin may change contractors.")
            await self._make(name, patterns, here, talk)
            return
        async with self.db.reading() as connection:
            found = await self.contractors.find(connection, name)
        if found is None:
            raise UserError(
                "There is no contractor {name}. A new one is made with its address: "
                "/contractors Lift Service @liftservice.example",
                name=name,
            )
        await talk.say(await self._card(found, here))

    async def _make(self, name: str, patterns: tuple[str, ...], here: Here, talk: Talk) -> None:
        """A contractor of that name, made if it is new, with these patterns; all of it or nothing."""
        async with self.db.transaction() as tx:
            contractor = await self.contractors.find(tx, name) or await self.contractors.create(tx, name, here.actor)
            for pattern in patterns:
                contractor = await self.contractors.add_pattern(tx, contractor.id, pattern, here.actor)
        await talk.say(await self._card(contractor, here))

    async def list(self, _event: TelegramObject, callback_data: ContractorButton, here: Here, talk: Talk) -> None:
        """A page of the list."""
        await self._list(here, talk, number(callback_data.value))

    async def _list(self, here: Here, talk: Talk, page: int) -> None:
        async with self.db.reading() as connection:
            found = await self.contractors.list(connection)
        await talk.show(cards.list_card(here.t, found, page=page, admin=here.person.may("admin")))

    async def open(self, _event: TelegramObject, callback_data: ContractorButton, here: Here, talk: Talk) -> None:
        """The card of one."""
        await talk.show(await self._card(await self._get(callback_data.id), here))

    async def ask_remove(self, _event: TelegramObject, callback_data: ContractorButton, here: Here, talk: Talk) -> None:
        """Which address shall go?"""
        contractor = await self._get(callback_data.id)
        card = cards.remove_card(here.t, contractor) if contractor.patterns else await self._card(contractor, here)
        await talk.show(card)

    async def drop(self, _event: TelegramObject, callback_data: ContractorButton, here: Here, talk: Talk) -> None:
        """Take an address away; one that is gone already only redraws the card."""
        async with self.db.transaction() as tx:
            contractor = await self.contractors.get(tx, callback_data.id)
            for pattern in contractor.patterns:
                if cards.mark(pattern) == callback_data.value:
                    contractor = await self.contractors.remove_pattern(tx, contractor.id, pattern, here.actor)
        await talk.show(await self._card(contractor, here))

    async def ask_archive(
        self, _event: TelegramObject, callback_data: ContractorButton, here: Here, talk: Talk
    ) -> None:
        """Is that meant?"""
        contractor = await self._get(callback_data.id)
        if contractor.archived_at:
            await talk.show(await self._card(contractor, here))
        else:
            await talk.show(cards.archive_card(here.t, contractor, await self._open(contractor)))

    async def archive(self, _event: TelegramObject, callback_data: ContractorButton, here: Here, talk: Talk) -> None:
        """It is meant."""
        async with self.db.transaction() as tx:
            contractor = await self.contractors.archive(tx, callback_data.id, here.actor)
        await talk.show(await self._card(contractor, here))

    # --- forms

    async def ask(
        self, _event: TelegramObject, callback_data: ContractorButton, state: FSMContext, here: Here, talk: Talk
    ) -> None:
        """A button that opens a form: its question. On a card that is out of date it shows how things stand."""
        step = {"new": "name", "add": "pattern"}.get(callback_data.action, callback_data.action)
        if callback_data.id:
            contractor = await self._get(callback_data.id)
            if contractor.archived_at:
                await talk.show(await self._card(contractor, here))
                return
        await state.set_data({"contractor": callback_data.id})
        await state.set_state(getattr(ContractorForm, step))
        await talk.toast("")
        await talk.say(cards.form_card(here.t, step, private=here.private))

    async def name(self, message: Message, state: FSMContext, here: Here, talk: Talk) -> None:
        """A new contractor's name, perhaps with addresses."""
        name, patterns = rules.split_line(message.text or "")
        async with self.db.transaction() as tx:
            contractor = await self.contractors.create(tx, name, here.actor)
            for pattern in patterns:
                contractor = await self.contractors.add_pattern(tx, contractor.id, pattern, here.actor)
        await self._done(contractor, state, here, talk)

    async def answer(self, message: Message, state: FSMContext, here: Here, talk: Talk) -> None:
        """What was asked about a contractor: an address, a name, its hours."""
        contractor_id = int((await state.get_data())["contractor"])
        step = (await state.get_state() or "").rpartition(":")[2]
        async with self.db.transaction() as tx:
            contractor = await self._change(tx, step, contractor_id, message.text or "", here)
        await self._done(contractor, state, here, talk)

    async def _change(self, tx: AsyncConnection, step: str, contractor_id: int, text: str, here: Here) -> Contractor:
        if step == "rename":
            renamed = await self.contractors.rename(tx, contractor_id, text, here.actor)
            await self.requests.redraw(tx, contractor_id)
            return renamed
        if step == "hours":
            hours, days = rules.parse_hours(text)
            return await self.contractors.set_hours(tx, contractor_id, hours, days, here.actor)
        contractor = await self.contractors.get(tx, contractor_id)
        for pattern in text.split() or [""]:
            contractor = await self.contractors.add_pattern(tx, contractor_id, pattern, here.actor)
        return contractor

    async def _done(self, contractor: Contractor, state: FSMContext, here: Here, talk: Talk) -> None:
        await state.clear()
        await talk.say(await self._card(contractor, here))

    # --- a request's contractor

    async def choose(self, _event: TelegramObject, callback_data: RequestButton, here: Here, talk: Talk) -> None:
        """The button "Contractor" of a request: a choice."""
        async with self.db.reading() as connection:
            request = await self.requests.get(connection, callback_data.id)
            found = await self.contractors.list(connection)
        await talk.show(cards.choice_card(here.t, request, found, page=number(callback_data.value)))

    async def chosen(self, _event: TelegramObject, callback_data: RequestButton, here: Here, talk: Talk) -> None:
        """One of them is chosen; a choice that is out of date only shows how things stand."""
        wanted = number(callback_data.value) or None
        async with self.db.transaction() as tx:
            request = await self.requests.get(tx, callback_data.id)
            gone = wanted is not None and (await self.contractors.get(tx, wanted)).archived_at is not None
            moved = number(callback_data.seen) != (request.contractor_id or 0)
            outdated = wanted != request.contractor_id and (gone or moved)
            if not outdated:
                request = await self.requests.set_contractor(tx, request.id, wanted, here.actor)
        if outdated:
            await talk.toast(here.t("The card was out of date: somebody else has decided meanwhile."))
        await talk.show(await self.request_card(request, here.reader))

    # --- what they share

    async def _get(self, contractor_id: int) -> Contractor:
        async with self.db.reading() as connection:
            return await self.contractors.get(connection, contractor_id)

    async def _open(self, contractor: Contractor) -> int:
        async with self.db.reading() as connection:
            return await self.contractors.count_open(connection, contractor.id, self.requests.workflow)

    async def _card(self, contractor: Contractor, here: Here) -> Card:
        return cards.contractor_card(here.t, contractor, await self._open(contractor), admin=here.person.may("admin"))


def number(text: str) -> int:
    """The number in a button's data that a database can hold; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def router(chat: ContractorsChat) -> Router:
    """The handlers of contractors, each with the role it needs."""
    router = Router(name="contractors")
    button = router.callback_query.register
    router.message.register(chat.command, Command("contractors"))
    said = F.text & ~F.text.startswith("/")
    router.message.register(chat.name, ContractorForm.name, said, flags=ADMIN)
    for step in (ContractorForm.pattern, ContractorForm.rename, ContractorForm.hours):
        router.message.register(chat.answer, step, said, flags=ADMIN)
    button(chat.list, ContractorButton.filter(F.action == "list"))
    button(chat.open, ContractorButton.filter(F.action == "open"))
    button(chat.ask, ContractorButton.filter(F.action.in_({"new", "add", "rename", "hours"})), flags=ADMIN)
    button(chat.ask_remove, ContractorButton.filter(F.action == "remove"), flags=ADMIN)
    button(chat.drop, ContractorButton.filter(F.action == "drop"), flags=ADMIN)
    button(chat.ask_archive, ContractorButton.filter(F.action == "archive"), flags=ADMIN)
    button(chat.archive, ContractorButton.filter(F.action == "archived"), flags=ADMIN)
    button(chat.choose, RequestButton.filter(F.action == "contractors"), flags=OPERATOR)
    button(chat.chosen, RequestButton.filter(F.action == "contractor"), flags=OPERATOR)
    return router
