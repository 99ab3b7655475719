"""[Left] in the chat: who takes over, doing it, taking it back."""

from dataclasses import dataclass

from aiogram import F, Router
from aiogram.types import TelegramObject
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.access import ANYONE, Here
from bot.chat.cards import Card
from bot.chat.pager import PAGE_SIZE
from bot.chat.storage import FormStorage
from bot.chat.talk import Talk
from bot.people import leave_cards
from bot.people.leave_cards import DEPARTURE, HANDED, NOBODY, LeaveButton
from bot.people.notices import decision, departure_card
from core.alerts.model import Destination, Telling
from core.alerts.service import AlertsService
from core.clock import Clock
from core.db.engine import Database
from core.errors import NotAllowed
from core.people import store
from core.people.departures import UNDO_WITHIN, AlreadyLeftError, DeparturesService
from core.people.model import ADMIN, Departure, Reader
from core.people.service import PeopleService


@dataclass(frozen=True, slots=True)
class LeavingChat:
    """What the assistant does about people who left."""

    db: Database
    clock: Clock
    people: PeopleService
    alerts: AlertsService
    departures: DeparturesService
    forms: FormStorage

    async def ask(self, _event: TelegramObject, callback_data: LeaveButton, here: Here, talk: Talk) -> None:
        """What would be handed over, and to whom it can be."""
        async with self.db.reading() as connection:
            person = await self.people.check_revoke(connection, callback_data.id)
            held = await self.departures.held(connection, person.id)
            heirs = [heir for heir in await store.list_people(connection) if heir.id != person.id]
            before = None if person.role or held else await self.departures.latest(connection, person.id)
        if before is not None:
            await talk.show(await self._card(before, here.reader))
            return
        page = max(0, min(callback_data.value, (len(heirs) - 1) // PAGE_SIZE))
        await talk.show(leave_cards.leaving_card(person, held, heirs, here.reader, page=page))

    async def left(self, _event: TelegramObject, callback_data: LeaveButton, here: Here, talk: Talk) -> None:
        """Take the role away and hand over, all at once."""
        heir_id = None if callback_data.value == NOBODY else callback_data.value
        try:
            async with self.db.transaction() as tx:
                departure = await self.departures.leave(tx, callback_data.id, heir_id, here.actor)
                await self.forms.forget(tx, departure.person_id)
                await self.alerts.let_go(tx, departure.person_id)
                await self._tell(tx, departure, talk.to)
        except AlreadyLeftError as error:  # pressed twice, or by two admins
            if error.departure is None:
                raise
            await talk.toast(here.t(error.message, **error.values))
            departure = error.departure
        await talk.show(await self._card(departure, here.reader))

    async def undo(self, _event: TelegramObject, callback_data: LeaveButton, here: Here, talk: Talk) -> None:
        """Take it back; who let themselves leave may, too, although they have no role any more."""
        async with self.db.transaction() as tx:
            departure = await self.departures.find(tx, callback_data.id)
            if departure is None or not (here.person.may(ADMIN) or departure.person_id == here.person.id):
                raise NotAllowed("Only an admin can do this.")
            if not self.departures.may_undo(departure):
                await talk.toast(here.t("This cannot be undone any more."), alert=True)
            else:
                departure = await self.departures.undo(tx, departure.id, here.actor)
                await self._tell_undone(tx, departure)
        await talk.toast(here.t("Undone."))
        await talk.show(await self._card(departure, here.reader))

    async def _card(self, departure: Departure, reader: Reader) -> Card:
        async with self.db.reading() as connection:
            return await departure_card(connection, self.departures, departure, reader)

    async def _tell(self, tx: AsyncConnection, departure: Departure, to: Destination) -> None:
        """The person and the heir are told; the way back is taken off the card when its time is over."""
        if departure.role is not None:
            await self.alerts.tell(tx, decision(departure.person_id, None, f"left:{departure.id}"))
        if departure.heir_id is not None and any(departure.handed.values()):
            subject = f"{HANDED}:{departure.id}"
            heir = (Destination(departure.heir_id),)
            await self.alerts.tell(tx, Telling(HANDED, subject, subject, "admins", to=heir))
        subject = f"{DEPARTURE}:{departure.id}"
        over = departure.at + UNDO_WITHIN
        await self.alerts.tell(
            tx, Telling(DEPARTURE, subject, f"{subject}:kept", "admins", "refresh", to=(to,), not_before=over)
        )

    async def _tell_undone(self, tx: AsyncConnection, departure: Departure) -> None:
        person = await self.people.known(tx, departure.person_id)
        if departure.role is not None:
            await self.alerts.tell(tx, decision(person.id, person.role, f"back:{departure.id}"))
        subject = f"{DEPARTURE}:{departure.id}"
        await self.alerts.tell(tx, Telling(DEPARTURE, subject, f"{subject}:undone", "admins", "refresh"))
        if departure.heir_id is not None:
            subject, heir = f"{HANDED}:{departure.id}", (Destination(departure.heir_id),)
            await self.alerts.tell(tx, Telling(HANDED, subject, f"{subject}:undone", "admins", "refresh", to=heir))


def router(chat: LeavingChat) -> Router:
    """The handlers of [Left]; `undo` says itself who may."""
    router = Router(name="leaving")
    button = router.callback_query.register
    button(chat.ask, LeaveButton.filter(F.action == "ask"), flags={"role": ADMIN})
    button(chat.left, LeaveButton.filter(F.action == "left"), flags={"role": ADMIN})
    button(chat.undo, LeaveButton.filter(F.action == "undo"), flags={"role": ANYONE})
    return router
