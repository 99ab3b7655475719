"""What can be done about people: letting them in and out, their language and zone, the audit trail."""

from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.db.engine import Database, after_commit
from core.errors import UserError
from core.people import rules, store
from core.people.model import AccessRequest, Actor, AuditEntry, Chat, Person, Reader

LOOK_EVERY = 1.0
"""Seconds between two looks for changes by other processes (the command line): so soon they are seen."""


class PeopleService:
    """Persons, chats and their roles. What every update needs is kept in memory and dropped when it changes."""

    def __init__(self, clock: Clock, admins: tuple[int, ...], default: Reader) -> None:
        self._clock = clock
        self._admins = admins
        self.default = default
        self._people: dict[int, Person] = {}
        self._chats: dict[int, Chat] = {}
        self._looked_at = -LOOK_EVERY
        self._audited = 0

    async def person(self, db: Database, person_id: int) -> Person | None:
        """A person, from memory where nothing has changed."""
        await self._look(db)
        known = self._people.get(person_id)
        if known is None:
            async with db.reading() as connection:
                known = await store.find_person(connection, person_id)
        if known is not None:
            self._people[person_id] = known
        return known

    async def chat(self, db: Database, chat_id: int) -> Chat:
        """What is known of a chat, from memory where nothing has changed."""
        await self._look(db)
        if chat_id not in self._chats:
            async with db.reading() as connection:
                self._chats[chat_id] = await store.find_chat(connection, chat_id) or Chat(chat_id)
        return self._chats[chat_id]

    async def _look(self, db: Database) -> None:
        """Forget what is remembered when something was audited since the last look, by whatever process."""
        now = self._clock.monotonic()
        if now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        async with db.reading() as connection:
            audited = await store.last_audited(connection)
        if audited != self._audited:
            self._audited = audited
            self._people.clear()
            self._chats.clear()

    async def reader_of(self, tx: AsyncConnection, chat_id: int) -> Reader:
        """For whom a push into that chat is written: the person of a private chat, or the group's choice."""
        who: Person | Chat | None = None
        if chat_id > 0:
            who = await store.find_person(tx, chat_id)
        else:
            who = await store.find_chat(tx, chat_id)
        return self.reader(who)

    def reader(self, who: Person | Chat | None) -> Reader:
        """Language and zone of a person or chat; what they did not choose is the configuration's."""
        return Reader(
            (who.language if who else None) or self.default.language,
            (who.timezone if who else None) or self.default.timezone,
        )

    async def meet(self, tx: AsyncConnection, person: Person) -> Person:
        """Write down somebody who wrote, or their new name; the person as known now."""
        await store.save_person(tx, person, self._clock.now())
        self._forget(tx, person.id)
        return await self.known(tx, person.id)

    async def install_admins(self, tx: AsyncConnection) -> None:
        """Make the configured admins admins."""
        for person_id in self._admins:
            known = await store.find_person(tx, person_id)
            if known is None:
                await store.save_person(tx, Person(person_id, str(person_id)), self._clock.now())
            if known is None or known.role != "admin":
                await store.set_role(tx, person_id, "admin")
                await self.audit(tx, Actor("configuration", origin="config"), "grant", f"person:{person_id}", "admin")
                self._forget(tx, person_id)

    async def ask_access(self, tx: AsyncConnection, person: Person) -> AccessRequest:
        """Write down that a person asks to be let in; asking again while it is open changes nothing."""
        if person.role is not None:
            raise UserError("You already have access. Press /start.")
        open_request = await store.open_access_request(tx, person.id)
        if open_request:
            return open_request
        now = self._clock.now()
        request_id = await store.add_access_request(tx, person.id, now)
        actor = Actor(person.name, person.id, f"chat:{person.id}")
        await self.audit(tx, actor, "ask-access", f"person:{person.id}", "")
        return AccessRequest(request_id, person.id, "asked", now)

    async def change_role(self, tx: AsyncConnection, person_id: int, role: str | None, actor: Actor) -> Person:
        """Give a person a role, or take access away (None), at once. Raises `UserError`.

        An open access request of theirs is decided by it. The person need not have written yet: an admin may
        grant by number.
        """
        if role is not None:
            rules.known_role(role)
        person = await store.find_person(tx, person_id)
        if person is None:
            if role is None:
                raise UserError("I do not know anybody with the number {id}.", id=person_id)
            person = await self.meet(tx, Person(person_id, str(person_id)))
        rules.check_change(person, role, await store.admin_ids(tx), self._admins)
        await store.set_role(tx, person_id, role)
        await store.decide_access_requests(
            tx,
            person_id,
            state="granted" if role else "declined",
            role=role,
            by=actor.name,
            at=self._clock.now(),
        )
        if role != person.role:
            action = "grant" if role else "revoke"
            await self.audit(tx, actor, action, f"person:{person_id}", f"{person.role or '-'} → {role or '-'}")
        self._forget(tx, person_id)
        return await self.known(tx, person_id)

    async def check_revoke(self, connection: AsyncConnection, person_id: int) -> Person:
        """The person, whose role may be taken away. Raises `UserError` for the last admin, and a configured one."""
        person = await self.known(connection, person_id)
        if person.role is not None:
            rules.check_change(person, None, await store.admin_ids(connection), self._admins)
        return person

    async def set_reader(
        self, tx: AsyncConnection, person_id: int, *, language: str | None = None, timezone: str | None = None
    ) -> Person:
        """Set a person's language or zone (None leaves it). Raises `UserError` for an unknown zone."""
        person = await self.known(tx, person_id)
        await store.set_person_reader(
            tx,
            person_id,
            language=language or person.language,
            timezone=rules.known_zone(timezone) if timezone else person.timezone,
        )
        self._forget(tx, person_id)
        return await self.known(tx, person_id)

    async def set_chat_language(self, tx: AsyncConnection, chat_id: int, language: str, actor: Actor) -> Chat:
        """Set the language a group is told things in."""
        known = await store.find_chat(tx, chat_id) or Chat(chat_id)
        changed = Chat(chat_id, known.title, language, known.timezone, known.moved_to)
        await store.save_chat(tx, changed)
        await self.audit(tx, actor, "chat-language", f"chat:{chat_id}", language)
        after_commit(tx, partial(_drop, self._chats, chat_id))
        return changed

    async def audit(self, tx: AsyncConnection, actor: Actor, action: str, subject: str, details: str) -> None:
        """Append to the audit trail: who did what, now, from where."""
        entry = AuditEntry(0, self._clock.now(), actor.id, actor.name, action, subject, details, actor.origin)
        await store.add_audit(tx, entry)

    async def known(self, tx: AsyncConnection, person_id: int) -> Person:
        """A person by their number. Raises `UserError` for one nobody knows."""
        person = await store.find_person(tx, person_id)
        if person is None:
            raise UserError("I do not know anybody with the number {id}.", id=person_id)
        return person

    def _forget(self, tx: AsyncConnection, person_id: int) -> None:
        after_commit(tx, partial(_drop, self._people, person_id))


def _drop(memory: dict[int, Any], key: int) -> None:
    memory.pop(key, None)
