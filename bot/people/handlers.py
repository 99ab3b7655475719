"""Access and settings in the chat."""

from dataclasses import dataclass

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message, TelegramObject
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.access import ANYONE, Here
from bot.chat.cards import Card
from bot.chat.talk import Talk
from bot.people import cards
from bot.people.keyboards import NO_ROLE, AccessButton, SettingsButton
from bot.people.leave_cards import left_row
from bot.people.notices import decision
from core.alerts.model import Telling
from core.alerts.service import AlertsService
from core.clock import Clock
from core.db.engine import Database
from core.errors import UserError
from core.people import store
from core.people.departures import DeparturesService
from core.people.model import AccessRequest, Person, Reader
from core.people.service import PeopleService
from core.text import LANGUAGES, translator

ADMIN = {"role": "admin"}
OPEN = {"role": ANYONE}


@dataclass(frozen=True, slots=True)
class PeopleChat:
    """What the assistant answers about people."""

    db: Database
    clock: Clock
    people: PeopleService
    alerts: AlertsService
    departures: DeparturesService

    async def ask(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """A stranger asks to be let in; the admins are told."""
        async with self.db.transaction() as tx:
            request = await self.people.ask_access(tx, here.person)
            subject = f"access:{request.id}"
            await self.alerts.tell(tx, Telling("access", subject, f"{subject}:asked", "admins", priority=1))
        await talk.show(cards.stranger_card(here.t, here.person.name, asked=True))

    async def list(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """`/access`: everybody who has access and who asks for it."""
        async with self.db.reading() as connection:
            people = await store.list_people(connection)
            waiting = await store.list_open_access_requests(connection)
        await talk.show(cards.people_card(people, waiting, here.reader))

    async def open(self, _event: TelegramObject, callback_data: AccessButton, here: Here, talk: Talk) -> None:
        """One person, with what can be done."""
        await talk.show(await self._card(await self._person(callback_data.id), here))

    async def grant(self, _event: TelegramObject, callback_data: AccessButton, here: Here, talk: Talk) -> None:
        """Give a role."""
        await self._change(callback_data, callback_data.value, here, talk)

    async def revoke(self, _event: TelegramObject, callback_data: AccessButton, here: Here, talk: Talk) -> None:
        """Take access away, or decline a request for it."""
        await self._change(callback_data, None, here, talk)

    async def _change(self, pressed: AccessButton, role: str | None, here: Here, talk: Talk) -> None:
        person_id = pressed.id
        async with self.db.transaction() as tx:
            before = await store.find_person(tx, person_id)
            outdated = before if before and is_outdated(pressed.seen, before.role, role) else None
            waiting = await store.open_access_request(tx, person_id)
            if not outdated:
                person = await self.people.change_role(tx, person_id, role, here.actor)
                await self._tell(tx, person, waiting, changed=before is None or before.role != role)
        if outdated:
            await talk.toast(here.t("The card was out of date: somebody else has decided meanwhile."), alert=True)
            await talk.show(await self._card(outdated, here))
            return
        if waiting:
            async with self.db.reading() as connection:
                decided = await store.find_access_request(connection, waiting.id)
            if decided:
                await talk.show(cards.access_request_card(decided, person, here.reader))
                return
        await talk.show(await self._card(person, here))

    async def _card(self, person: Person, here: Here) -> Card:
        """One person; [Left] where there is a role to take away or something to hand over."""
        async with self.db.reading() as connection:
            leaves = person.role is not None or bool(await self.departures.held(connection, person.id))
        return cards.person_card(person, here.reader, (left_row(here.t, person),) if leaves else ())

    async def _tell(self, tx: AsyncConnection, person: Person, waiting: AccessRequest | None, *, changed: bool) -> None:
        """The person learns what was decided; the cards of their request are redrawn."""
        mark = f"{person.id}:{self.clock.now().isoformat()}"
        if changed and person.role is None:
            await self.alerts.let_go(tx, person.id)
        if changed or waiting:
            await self.alerts.tell(tx, decision(person.id, person.role, mark, had=waiting is None))
        if waiting:
            subject = f"access:{waiting.id}"
            await self.alerts.tell(tx, Telling("access", subject, f"{subject}:{mark}", "admins", "refresh"))

    async def _person(self, person_id: int) -> Person:
        async with self.db.reading() as connection:
            person = await store.find_person(connection, person_id)
        if person is None:
            raise UserError("I do not know anybody with the number {id}.", id=person_id)
        return person

    async def settings(self, _event: TelegramObject, command: CommandObject, here: Here, talk: Talk) -> None:
        """`/settings`: language and zone; `/settings Europe/Madrid` sets the zone."""
        if command.args:
            async with self.db.transaction() as tx:
                await self.people.set_reader(tx, here.person.id, timezone=command.args.strip())
        await self._settings(here, talk)

    async def open_settings(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """Back to the settings."""
        await self._settings(here, talk)

    async def _settings(self, here: Here, talk: Talk) -> None:
        person = await self._person(here.person.id)
        group = None
        if not here.private and person.may("admin"):
            group = self.people.reader(await self.people.chat(self.db, here.chat_id)).language
        await talk.show(cards.settings_card(person, self.people.reader(person), group_language=group))

    async def zones(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """A choice of zones."""
        await talk.show(cards.zones_card(here.reader))

    async def zone(self, _event: TelegramObject, callback_data: SettingsButton, here: Here, talk: Talk) -> None:
        """Set the zone."""
        async with self.db.transaction() as tx:
            person = await self.people.set_reader(tx, here.person.id, timezone=callback_data.value)
        await talk.show(cards.zones_card(self.people.reader(person)))

    async def language(self, _event: TelegramObject, callback_data: SettingsButton, here: Here, talk: Talk) -> None:
        """Set the person's language; strangers may, too."""
        code = known_language(callback_data.value)
        async with self.db.transaction() as tx:
            person = await self.people.set_reader(tx, here.person.id, language=code)
            waiting = await store.open_access_request(tx, person.id)
        reader: Reader = self.people.reader(person)
        if person.role is None:
            await talk.show(cards.stranger_card(translator(reader.language), person.name, asked=waiting is not None))
        else:
            await self._settings(here, talk)

    async def chat_language(
        self, _event: TelegramObject, callback_data: SettingsButton, here: Here, talk: Talk
    ) -> None:
        """Set the language a group is told things in."""
        if here.private:
            raise UserError("This is for groups.")
        async with self.db.transaction() as tx:
            await self.people.set_chat_language(tx, here.chat_id, known_language(callback_data.value), here.actor)
        await self._settings(here, talk)

    async def moved(self, message: Message) -> None:
        """A group became a supergroup (Bot API, Message.migrate_to_chat_id): what was for it goes there."""
        if message.migrate_to_chat_id is None:
            return
        async with self.db.transaction() as tx:
            await self.alerts.chat_moved(tx, message.chat.id, message.migrate_to_chat_id)


def is_outdated(seen: str, present: str | None, wanted: str | None) -> bool:
    """Whether a button was pressed on a card that showed another role than the person has, and would change it."""
    return seen not in ("", present or NO_ROLE) and present != wanted


def known_language(code: str) -> str:
    """The language code, when it is one of ours. Raises `UserError`."""
    if code not in LANGUAGES:
        raise UserError("I do not speak {language} yet.", language=code)
    return code


def router(chat: PeopleChat) -> Router:
    """The handlers of people, each with the role it needs."""
    router = Router(name="people")
    button = router.callback_query.register
    router.message.register(chat.list, Command("access"), flags=ADMIN)
    router.message.register(chat.settings, Command("settings"))
    router.message.register(chat.moved, F.migrate_to_chat_id, flags=OPEN)
    button(chat.ask, AccessButton.filter(F.action == "ask"), flags=OPEN)
    button(chat.list, AccessButton.filter(F.action == "list"), flags=ADMIN)
    button(chat.open, AccessButton.filter(F.action == "open"), flags=ADMIN)
    button(chat.grant, AccessButton.filter(F.action == "grant"), flags=ADMIN)
    button(chat.revoke, AccessButton.filter(F.action == "revoke"), flags=ADMIN)
    button(chat.open_settings, SettingsButton.filter(F.action == "open"))
    button(chat.zones, SettingsButton.filter(F.action == "zones"))
    button(chat.zone, SettingsButton.filter(F.action == "zone"))
    button(chat.language, SettingsButton.filter(F.action == "language"), flags=OPEN)
    button(chat.chat_language, SettingsButton.filter(F.action == "chat"), flags=ADMIN)
    return router
