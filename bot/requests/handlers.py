"""Requests in the chat."""

from dataclasses import dataclass
from datetime import timedelta

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject

from bot.chat.access import Here
from bot.chat.cards import Card
from bot.chat.links import MailOf, RequestLink, no_mail
from bot.chat.pager import PAGE_SIZE
from bot.chat.replies import ReplyTo
from bot.chat.talk import Talk
from bot.requests import cards
from bot.requests.keyboards import FormButton, ListButton, RequestButton, fit_query
from bot.requests.notices import offers_for
from core.clock import Clock
from core.db.engine import Database
from core.errors import UserError
from core.people.model import Reader
from core.requests import rules, store
from core.requests.model import Draft, Filter, Request
from core.requests.service import AlreadyExistsError, RequestsService
from core.requests.undoing import TooLateError

OPERATOR = {"role": "operator"}


class NewRequest(StatesGroup):
    """The form for a new request."""

    number = State()
    position = State()
    title = State()


class NewComment(StatesGroup):
    """The form for a comment."""

    text = State()


@dataclass(frozen=True, slots=True)
class RequestsChat:
    """What the assistant answers about requests.

    `asks`: their contractors can be written to; `mail_of` finds what letters brought.
    """

    db: Database
    clock: Clock
    requests: RequestsService
    asks: bool = False
    mail_of: MailOf = no_mail

    async def new(self, message: Message, command: CommandObject, state: FSMContext, here: Here, talk: Talk) -> None:
        """`/new 101 12 Leak` makes the request; `/new` alone opens the form."""
        if command.args:
            await self._create(rules.parse_draft(command.args), here, talk, ref(message))
        else:
            await self.open_form(message, state, here, talk)

    async def open_form(self, _event: TelegramObject, state: FSMContext, here: Here, talk: Talk) -> None:
        """The form's first question."""
        await state.set_data({})
        await state.set_state(NewRequest.number)
        await talk.toast("")
        await talk.say(cards.form_card(here.t, "number", private=here.private))

    async def cancel(self, _event: TelegramObject, state: FSMContext, here: Here, talk: Talk) -> None:
        """`/cancel` and the form's button: forget the form."""
        open_form = await state.get_state() is not None
        await state.clear()
        text = (
            here.t.html("The form is closed. Nothing was changed.")
            if open_form
            else here.t.html("There is nothing to cancel.")
        )
        await talk.show(Card(text))

    async def number(self, message: Message, state: FSMContext, here: Here, talk: Talk) -> None:
        """The first answer. `101/12` answers two questions at once."""
        number, position = rules.parse_name(message.text or "")
        await state.update_data(number=number, position=position or "")
        await self._ask(state, here, talk, "title" if position else "position")

    async def position(self, message: Message, state: FSMContext, here: Here, talk: Talk) -> None:
        """The second answer."""
        await state.update_data(position=rules.check_position(message.text or ""))
        await self._ask(state, here, talk, "title")

    async def no_position(self, _event: TelegramObject, state: FSMContext, here: Here, talk: Talk) -> None:
        """The button "No position"."""
        if await state.get_state() != NewRequest.position.state:
            raise UserError("This form is closed. /new opens a new one.")
        await state.update_data(position="")
        await talk.toast("")
        await self._ask(state, here, talk, "title")

    async def title(self, message: Message, state: FSMContext, here: Here, talk: Talk) -> None:
        """The last answer makes the request."""
        data = await state.get_data()
        draft = Draft(data["number"], data["position"], rules.check_title(message.text or ""))
        await self._create(draft, here, talk, ref(message))
        await state.clear()

    async def _ask(self, state: FSMContext, here: Here, talk: Talk, step: str) -> None:
        await state.set_state(getattr(NewRequest, step))
        await talk.say(cards.form_card(here.t, step, private=here.private))

    async def _create(self, draft: Draft, here: Here, talk: Talk, origin: str) -> None:
        try:
            async with self.db.transaction() as tx:
                request = await self.requests.create(tx, draft, here.actor, ref=origin)
        except AlreadyExistsError as error:
            await talk.say(
                Card(here.t.html("Request <b>{name}</b> exists already. Here it is:", name=error.request.name))
            )
            request = error.request
        await talk.say(await self.card(request, here.reader))

    async def request(self, _event: TelegramObject, command: CommandObject, here: Here, talk: Talk) -> None:
        """`/request 101`, `/request 101/12`: its card, or a choice of positions."""
        if not command.args:
            raise UserError("Which one? Write the number: /request 101")
        number, position = rules.parse_name(command.args)
        async with self.db.reading() as connection:
            found = await store.find(connection, number, position)
        if not found:
            raise UserError("There is no request {name}. /new makes one.", name=command.args.strip())
        if len(found) == 1:
            await talk.say(await self.card(found[0], here.reader))
        else:
            await talk.say(cards.choice_card(self.requests.workflow, found, here.reader, self.clock.now()))

    async def list(self, _event: TelegramObject, command: CommandObject, here: Here, talk: Talk) -> None:
        """`/requests`, `/requests on_site`, `/requests Leak`."""
        await self._list(here, talk, page=0, query=command.args or "", late=False)

    async def overdue(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """`/overdue`: requests without news for too long."""
        await self._list(here, talk, page=0, query="", late=True)

    async def turn(self, _event: TelegramObject, callback_data: ListButton, here: Here, talk: Talk) -> None:
        """Another page of a list."""
        await self._list(here, talk, page=callback_data.page, query=callback_data.query, late=callback_data.late)

    async def _list(self, here: Here, talk: Talk, *, page: int, query: str, late: bool) -> None:
        query = fit_query(query)
        workflow = self.requests.workflow
        code = rules.find_status(workflow, query) if query else None
        wanted = Filter(statuses=(code,)) if code else Filter(text=query)
        wanted = self.requests.late() if late else wanted
        async with self.db.reading() as connection:
            total = await store.count(connection, wanted, finals=workflow.finals)
            page = max(0, min(page, (total - 1) // PAGE_SIZE))
            found = await store.list_requests(
                connection, wanted, finals=workflow.finals, limit=PAGE_SIZE, offset=page * PAGE_SIZE
            )
        now = self.clock.now()
        await talk.show(cards.list_card(workflow, found, total, here.reader, now, page=page, query=query, late=late))

    async def open(
        self, _event: TelegramObject, callback_data: RequestButton | RequestLink, here: Here, talk: Talk
    ) -> None:
        """The card of a request, from a list or back from what was shown in its place."""
        async with self.db.reading() as connection:
            request = await self.requests.get(connection, callback_data.id)
        await talk.show(await self.card(request, here.reader))

    async def history(self, _event: TelegramObject, callback_data: RequestButton, here: Here, talk: Talk) -> None:
        """What happened to a request."""
        async with self.db.reading() as connection:
            request = await self.requests.get(connection, callback_data.id)
            entries = await store.list_history(connection, request.id, limit=12)
        card = cards.history_card(self.requests.workflow, request, entries, here.reader, self.clock.now())
        await talk.show(card)

    async def move(self, _event: TelegramObject, callback_data: RequestButton, here: Here, talk: Talk) -> None:
        """A status button; on a card that is out of date it only redraws the card."""
        async with self.db.transaction() as tx:
            request = await self.requests.get(tx, callback_data.id)
            outdated = callback_data.seen not in ("", request.status) and callback_data.value != request.status
            if not outdated:
                request = await self.requests.set_status(tx, callback_data.id, callback_data.value, here.actor)
        label = cards.label(self.requests.workflow, here.t, request.status)
        if outdated:
            await talk.toast(here.t("The card was out of date. Now: {status}", status=label))
        await talk.toast(f"{request.name}: {label}")
        await talk.show(await self.card(request, here.reader))

    async def undo(self, _event: TelegramObject, callback_data: RequestButton, here: Here, talk: Talk) -> None:
        """Take back what one has just done oneself; of a request just made nothing is left."""
        press = int(callback_data.value) if callback_data.value.isdecimal() else 0
        try:
            async with self.db.transaction() as tx:
                before = await self.requests.get(tx, callback_data.id)
                request = await self.requests.undo(tx, before.id, press, here.actor)
        except TooLateError as error:  # the card still offered it: let it show what holds now
            await talk.toast(here.t(error.message, **error.values), alert=True)
            request = error.request
        await talk.toast(here.t("Undone."))
        unmade = cards.unmade_card(here.t, before.name, here.actor.name)
        await talk.show(unmade if request is None else await self.card(request, here.reader))

    async def snooze(self, _event: TelegramObject, callback_data: RequestButton, here: Here, talk: Talk) -> None:
        """Be reminded again later."""
        minutes = int(callback_data.value) if callback_data.value.isdecimal() else 60
        until = self.clock.now() + timedelta(minutes=min(minutes, 7 * 24 * 60))
        async with self.db.transaction() as tx:
            request = await self.requests.snooze(tx, callback_data.id, until, here.actor)
        card = await self.card(request, here.reader)
        await talk.show(cards.snoozed_card(card, here.reader, self.clock.now(), until))

    async def open_comment(
        self, _event: TelegramObject, callback_data: RequestButton, state: FSMContext, here: Here, talk: Talk
    ) -> None:
        """The button "Comment" asks for the text."""
        async with self.db.reading() as connection:
            request = await self.requests.get(connection, callback_data.id)
        await state.set_data({"request": request.id})
        await state.set_state(NewComment.text)
        await talk.toast("")
        await talk.say(cards.form_card(here.t, "comment", private=here.private))

    async def comment(self, message: Message, state: FSMContext, here: Here, talk: Talk) -> None:
        """The text of a comment, asked for by the button."""
        data = await state.get_data()
        await self._comment(int(data["request"]), message, here, talk)
        await state.clear()

    async def reply(self, message: Message, subject_id: int, here: Here, talk: Talk) -> None:
        """A reply to a request's card is a comment."""
        await self._comment(subject_id, message, here, talk)

    async def _comment(self, request_id: int, message: Message, here: Here, talk: Talk) -> None:
        text = message.text or message.caption or ""
        async with self.db.transaction() as tx:
            request = await self.requests.comment(tx, request_id, text, here.actor, ref=ref(message))
        await talk.say(Card(here.t.html("💬 Saved as a comment on <b>{name}</b>.", name=request.name)))

    async def card(self, request: Request, reader: Reader) -> Card:
        """The card of a request, with what can be done here."""
        async with self.db.reading() as connection:
            offers = await offers_for(connection, self.requests, request, asks=self.asks, mail_of=self.mail_of)
        return cards.request_card(self.requests.workflow, request, reader, self.clock.now(), offers)


def ref(message: Message) -> str:
    """A message's own mark in the history: handled twice, it counts once."""
    return f"tg:{message.chat.id}:{message.message_id}"


def router(chat: RequestsChat, reply_to: ReplyTo) -> Router:
    """The handlers of requests, each with the role it needs."""
    router = Router(name="requests")
    button = router.callback_query.register
    router.message.register(chat.new, Command("new"), flags=OPERATOR)
    router.message.register(chat.request, Command("request"))
    router.message.register(chat.list, Command("requests"))
    router.message.register(chat.overdue, Command("overdue"))
    router.message.register(chat.cancel, Command("cancel"))
    router.message.register(chat.reply, reply_to, flags=OPERATOR)
    said = F.text & ~F.text.startswith("/")
    router.message.register(chat.number, NewRequest.number, said, flags=OPERATOR)
    router.message.register(chat.position, NewRequest.position, said, flags=OPERATOR)
    router.message.register(chat.title, NewRequest.title, said, flags=OPERATOR)
    router.message.register(chat.comment, NewComment.text, said, flags=OPERATOR)
    button(chat.open_form, FormButton.filter(F.action == "new"), flags=OPERATOR)
    button(chat.cancel, FormButton.filter(F.action == "cancel"))
    button(chat.no_position, FormButton.filter(F.action == "none"), flags=OPERATOR)
    button(chat.turn, ListButton.filter())
    button(chat.open, RequestButton.filter(F.action == "open"))
    button(chat.open, RequestLink.filter())
    button(chat.history, RequestButton.filter(F.action == "history"))
    button(chat.move, RequestButton.filter(F.action == "status"), flags=OPERATOR)
    button(chat.undo, RequestButton.filter(F.action == "undo"), flags=OPERATOR)
    button(chat.snooze, RequestButton.filter(F.action == "snooze"), flags=OPERATOR)
    button(chat.open_comment, RequestButton.filter(F.action == "comment"), flags=OPERATOR)
    return router
