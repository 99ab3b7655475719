"""People as the assistant knows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

VIEWER: Final = "viewer"
OPERATOR: Final = "operator"
ADMIN: Final = "admin"
ROLES: Final = (VIEWER, OPERATOR, ADMIN)
"""Each role may do what the ones before it may."""

AccessState = Literal["asked", "granted", "declined"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and from where: what the audit trail and a request's history remember.

    `id` is the Telegram user id, None for the robot and the command line; `origin` is the place:
    `chat:-100123`, `cli`, `letter:<message-id>`, `config`.
    """

    name: str
    id: int | None = None
    origin: str = ""

    @property
    def chat_id(self) -> int | None:
        """The chat it is done in, if it is done in one."""
        place, _, chat_id = self.origin.partition(":")
        return int(chat_id) if place == "chat" else None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who wrote to the assistant or was named by an admin. `role` is None without access."""

    id: int
    name: str
    username: str | None = None
    role: str | None = None
    language: str | None = None
    timezone: str | None = None

    def may(self, role: str) -> bool:
        """Whether this person has that role or a stronger one."""
        return self.role is not None and ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat the assistant has spoken in: its language and zone, and where it moved to when it was upgraded."""

    id: int
    title: str = ""
    language: str | None = None
    timezone: str | None = None
    moved_to: int | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """What a group (thread 0) or one of its topics is told, as an admin chose it there.

    A `silent` one is kept for when the assistant is in the group again.
    """

    chat_id: int
    thread_id: int = 0
    receives: tuple[str, ...] = ()
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a text is made: language (`core.text.LANGUAGES`) and zone (IANA name)."""

    language: str
    timezone: str


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """Somebody asked to be let in, and what became of it."""

    id: int
    person_id: int
    state: AccessState
    asked_at: datetime
    decided_by: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whoever sends `code` first, before it expires, gets the role."""

    code: str = field(repr=False)
    role: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody left: the role they had, whoever takes over (None: nobody), and who did it.

    `handed` is what was handed over, by capability: of each thing what giving it back needs, and its name as `shown`.
    """

    id: int
    person_id: int
    heir_id: int | None
    role: str | None
    by_id: int | None
    by: str
    at: datetime
    handed: Mapping[str, Sequence[Mapping[str, Any]]]
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit trail: who did what to whom or what, when and from where."""

    id: int
    at: datetime
    actor_id: int | None
    actor: str
    action: str
    subject: str
    details: str
    origin: str
