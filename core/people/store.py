"""The tables of people and every SQL statement about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Row,
    String,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.metadata import Identifier, Moment, metadata, upsert
from core.people.model import AccessRequest, AccessState, AuditEntry, Binding, Chat, Invitation, Person

people = Table(
    "people",
    metadata,
    Column("id", Identifier, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("username", String(64)),
    Column("role", String(16)),
    Column("language", String(8)),
    Column("timezone", String(64)),
    Column("created_at", Moment, nullable=False),
)

chats = Table(
    "chats",
    metadata,
    Column("id", Identifier, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False, server_default=""),
    Column("language", String(8)),
    Column("timezone", String(64)),
    Column("moved_to", Identifier),
)

access_requests = Table(
    "access_requests",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("person_id", Identifier, ForeignKey("people.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", Text),
    Column("role", String(16)),
    Index("ix_access_requests_person_id", "person_id"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor_id", Identifier),
    Column("actor", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("details", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Index("ix_audit_subject", "subject"),
)

forms = Table(
    "forms",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("state", String(128)),
    Column("data", JSON, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("used_by", Identifier),
)

bindings = Table(
    "bindings",
    metadata,
    Column("chat_id", Identifier, primary_key=True, autoincrement=False),
    Column("thread_id", Identifier, primary_key=True, autoincrement=False),
    Column("receives", JSON, nullable=False),
    Column("bound_by", Text, nullable=False),
    Column("bound_at", Moment, nullable=False),
)


def _person(row: Row[Any]) -> Person:
    return Person(row.id, row.name, row.username, row.role, row.language, row.timezone)


async def find_person(tx: AsyncConnection, person_id: int) -> Person | None:
    """The person with that Telegram id."""
    row = (await tx.execute(select(people).where(people.c.id == person_id))).one_or_none()
    return _person(row) if row else None


async def list_people(tx: AsyncConnection, *, with_access: bool = True) -> list[Person]:
    """People by name; only those who have a role, unless asked otherwise."""
    query = select(people).order_by(people.c.name, people.c.id)
    if with_access:
        query = query.where(people.c.role.is_not(None))
    return [_person(row) for row in await tx.execute(query)]


async def admin_ids(tx: AsyncConnection) -> list[int]:
    """The Telegram ids of the admins."""
    rows = await tx.execute(select(people.c.id).where(people.c.role == "admin").order_by(people.c.id))
    return list(rows.scalars())


async def save_person(tx: AsyncConnection, person: Person, at: datetime) -> None:
    """Insert the person or bring name and username up to date; role, language and zone are left alone."""
    statement = upsert(tx, people).values(
        id=person.id,
        name=person.name,
        username=person.username,
        role=person.role,
        language=person.language,
        timezone=person.timezone,
        created_at=at,
    )
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={"name": statement.excluded.name, "username": statement.excluded.username},
        )
    )


async def set_role(tx: AsyncConnection, person_id: int, role: str | None) -> None:
    """Give or take a role."""
    await tx.execute(update(people).where(people.c.id == person_id).values(role=role))


async def set_person_reader(tx: AsyncConnection, person_id: int, *, language: str | None, timezone: str | None) -> None:
    """Set a person's language and zone; None leaves the choice to the defaults."""
    await tx.execute(update(people).where(people.c.id == person_id).values(language=language, timezone=timezone))


async def find_chat(tx: AsyncConnection, chat_id: int) -> Chat | None:
    """What is known of a chat."""
    row = (await tx.execute(select(chats).where(chats.c.id == chat_id))).one_or_none()
    return Chat(row.id, row.title, row.language, row.timezone, row.moved_to) if row else None


async def save_chat(tx: AsyncConnection, chat: Chat) -> None:
    """Insert or replace what is known of a chat."""
    values = {
        "title": chat.title,
        "language": chat.language,
        "timezone": chat.timezone,
        "moved_to": chat.moved_to,
    }
    statement = upsert(tx, chats).values(id=chat.id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


_SILENT: Final = "silent"
"""Stands among what a binding receives while the assistant is not in the group."""


async def list_bindings(tx: AsyncConnection, chat_id: int | None = None) -> list[Binding]:
    """The groups and topics that an admin chose in the chat; those of one chat, when it is named."""
    query = select(bindings).order_by(bindings.c.chat_id, bindings.c.thread_id)
    if chat_id is not None:
        query = query.where(bindings.c.chat_id == chat_id)
    return [
        Binding(
            row.chat_id,
            row.thread_id,
            tuple(topic for topic in row.receives if topic != _SILENT),
            _SILENT in row.receives,
        )
        for row in await tx.execute(query)
    ]


async def save_binding(tx: AsyncConnection, binding: Binding, by: str, at: datetime) -> None:
    """Insert or replace what a group or topic is told."""
    receives = [*binding.receives, *([_SILENT] if binding.silent else [])]
    values = {"receives": receives, "bound_by": by, "bound_at": at}
    statement = upsert(tx, bindings).values(chat_id=binding.chat_id, thread_id=binding.thread_id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["chat_id", "thread_id"], set_=values))


async def move_bindings(tx: AsyncConnection, old: int, new: int) -> None:
    """A group became a supergroup; what is bound there already stays."""
    known = select(bindings.c.thread_id).where(bindings.c.chat_id == new)
    await tx.execute(
        update(bindings).where(bindings.c.chat_id == old, bindings.c.thread_id.not_in(known)).values(chat_id=new)
    )
    await tx.execute(delete(bindings).where(bindings.c.chat_id == old))


def _access_request(row: Row[Any]) -> AccessRequest:
    state: AccessState = row.state
    return AccessRequest(row.id, row.person_id, state, row.asked_at, row.decided_by, row.role)


async def open_access_request(tx: AsyncConnection, person_id: int) -> AccessRequest | None:
    """The person's request that nobody has decided yet."""
    query = select(access_requests).where(access_requests.c.person_id == person_id, access_requests.c.state == "asked")
    row = (await tx.execute(query)).first()
    return _access_request(row) if row else None


async def find_access_request(tx: AsyncConnection, request_id: int) -> AccessRequest | None:
    """An access request by its id."""
    query = select(access_requests).where(access_requests.c.id == request_id)
    row = (await tx.execute(query)).one_or_none()
    return _access_request(row) if row else None


async def list_open_access_requests(tx: AsyncConnection) -> list[tuple[AccessRequest, Person]]:
    """Who waits to be let in, longest first."""
    query = (
        select(access_requests, people.c.name, people.c.username)
        .join(people, people.c.id == access_requests.c.person_id)
        .where(access_requests.c.state == "asked")
        .order_by(access_requests.c.id)
    )
    return [(_access_request(row), Person(row.person_id, row.name, row.username)) for row in await tx.execute(query)]


async def add_access_request(tx: AsyncConnection, person_id: int, at: datetime) -> int:
    """Write down that somebody asks for access; the request's id."""
    query = insert(access_requests).values(person_id=person_id, state="asked", asked_at=at)
    return int((await tx.execute(query.returning(access_requests.c.id))).scalar_one())


async def decide_access_requests(
    tx: AsyncConnection, person_id: int, *, state: AccessState, role: str | None, by: str, at: datetime
) -> Sequence[int]:
    """Close a person's open access requests; their ids."""
    query = (
        update(access_requests)
        .where(access_requests.c.person_id == person_id, access_requests.c.state == "asked")
        .values(state=state, role=role, decided_by=by, decided_at=at)
        .returning(access_requests.c.id)
    )
    return list((await tx.execute(query)).scalars())


async def add_invitation(tx: AsyncConnection, digest: str, invitation: Invitation, at: datetime) -> None:
    """Keep an invitation by the digest of its code."""
    await tx.execute(
        insert(invitations).values(digest=digest, role=invitation.role, created_at=at, expires_at=invitation.expires_at)
    )


async def drop_invitations(tx: AsyncConnection, role: str) -> None:
    """Forget the unused invitations to a role."""
    await tx.execute(delete(invitations).where(invitations.c.role == role, invitations.c.used_at.is_(None)))


async def drop_invitation(tx: AsyncConnection, digest: str) -> str | None:
    """Forget an unused invitation; its role, None when there is none such."""
    unused = and_(invitations.c.digest == digest, invitations.c.used_at.is_(None))
    role: str | None = (
        await tx.execute(delete(invitations).where(unused).returning(invitations.c.role))
    ).scalar_one_or_none()
    return role


async def invited_role(tx: AsyncConnection, digest: str, person_id: int, at: datetime) -> str | None:
    """The role of an invitation that this person has used, or that anybody still may."""
    used_by = invitations.c.used_by
    open_still = and_(used_by.is_(None), invitations.c.expires_at > at)
    query = select(invitations.c.role).where(invitations.c.digest == digest, or_(used_by == person_id, open_still))
    role: str | None = (await tx.execute(query)).scalar_one_or_none()
    return role


async def use_invitation(tx: AsyncConnection, digest: str, person_id: int, at: datetime) -> str | None:
    """Use an invitation up: its role for the one who was first and in time, None for everybody else."""
    query = (
        update(invitations)
        .where(invitations.c.digest == digest, invitations.c.used_at.is_(None), invitations.c.expires_at > at)
        .values(used_at=at, used_by=person_id)
        .returning(invitations.c.role)
    )
    role: str | None = (await tx.execute(query)).scalar_one_or_none()
    return role


async def add_audit(tx: AsyncConnection, entry: AuditEntry) -> None:
    """Append to the audit trail; the entry's own id is not used."""
    await tx.execute(
        insert(audit).values(
            at=entry.at,
            actor_id=entry.actor_id,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            details=entry.details,
            origin=entry.origin,
        )
    )


async def last_audited(tx: AsyncConnection) -> int:
    """The id of the newest line of the audit trail; it grows with every change of a role."""
    return int((await tx.execute(select(func.max(audit.c.id)))).scalar() or 0)


async def role_changed_at(tx: AsyncConnection, person_id: int) -> datetime | None:
    """When a person's role changed last; None when they never had one."""
    query = select(func.max(audit.c.at)).where(
        audit.c.subject == f"person:{person_id}", audit.c.action.in_(("grant", "revoke"))
    )
    moment: datetime | None = (await tx.execute(query)).scalar()
    return moment


async def list_audit(tx: AsyncConnection, *, subject: str | None = None, limit: int = 100) -> list[AuditEntry]:
    """The audit trail, newest first."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    return [AuditEntry(**row._mapping) for row in await tx.execute(query)]


async def load_form(tx: AsyncConnection, key: str) -> tuple[str | None, dict[str, Any]] | None:
    """A form's state and data, as they were saved."""
    row = (await tx.execute(select(forms.c.state, forms.c.data).where(forms.c.key == key))).one_or_none()
    return (row.state, row.data) if row else None


async def drop_forms(tx: AsyncConnection, person_id: int) -> None:
    """Forget every form of a person, in whichever chat (the key's third part, `bot.chat.storage.form_key`)."""
    keys = await tx.execute(select(forms.c.key).where(forms.c.key.like(f"%:{person_id}:%")))
    theirs = [key for key in keys.scalars() if key.split(":")[2] == str(person_id)]
    await tx.execute(delete(forms).where(forms.c.key.in_(theirs)))


async def save_form(tx: AsyncConnection, key: str, state: str | None, data: dict[str, Any], at: datetime) -> None:
    """Keep a form's state and data; a form without both is forgotten."""
    if state is None and not data:
        await tx.execute(delete(forms).where(forms.c.key == key))
        return
    values = {"state": state, "data": data, "updated_at": at}
    statement = upsert(tx, forms).values(key=key, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))
