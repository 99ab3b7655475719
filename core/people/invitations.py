"""Invitations: a link whose first opener gets a role, so that nobody looks up numeric ids."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import Clock
from core.errors import UserError
from core.people import rules, store
from core.people.model import Actor, Invitation, Person
from core.people.service import PeopleService

SECRET_BYTES: Final = 24
"""192 bits, 32 characters of the 64 that Bot API allows a deep link: not to be guessed, however often it is tried."""
INVITATION_LIFE: Final = timedelta(hours=24)


class InvitationsService:
    """Makes invitations and lets in whoever opens one first. Only a secret's SHA-256 is kept."""

    def __init__(self, clock: Clock, people: PeopleService) -> None:
        self._clock = clock
        self._people = people

    async def invite(self, tx: AsyncConnection, role: str, actor: Actor) -> Invitation:
        """A new invitation; unused ones to the same role open nothing any more. Raises `UserError`."""
        now = self._clock.now()
        invitation = Invitation(secrets.token_urlsafe(SECRET_BYTES), rules.known_role(role), now + INVITATION_LIFE)
        await store.drop_invitations(tx, role)
        await store.add_invitation(tx, _digest(invitation.code), invitation, now)
        await self._people.audit(tx, actor, "invite", f"role:{role}", "")
        return invitation

    async def accept(self, tx: AsyncConnection, code: str, person: Person, actor: Actor) -> Person:
        """The person with the invitation's role; one who may as much already is left as they are, and so is the code.

        Raises `UserError` when it was used by somebody else, is too old, or never was.
        """
        now, digest = self._clock.now(), _digest(code)
        role = await store.invited_role(tx, digest, person.id, now)
        if role is not None and person.may(role):
            return person
        role = await store.use_invitation(tx, digest, person.id, now)
        if role is None:
            raise UserError("This link was used already or is too old. Ask an admin for a new one.")
        await self._people.audit(tx, actor, "accept-invitation", f"person:{person.id}", role)
        return await self._people.change_role(tx, person.id, role, actor)

    async def withdraw(self, tx: AsyncConnection, code: str, actor: Actor) -> bool:
        """Make an unused invitation open nothing any more; whether it was one."""
        role = await store.drop_invitation(tx, _digest(code))
        if role is not None:
            await self._people.audit(tx, actor, "withdraw-invitation", f"role:{role}", "")
        return role is not None


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
