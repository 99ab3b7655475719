"""Every SQL statement about mailboxes."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.clock import iso
from core.db.metadata import upsert
from core.letters.mailboxes import MailboxState, Tried, Unread
from core.letters.record import HistorySummary
from core.letters.store import letter_requests, letters, mailboxes


def _state(row: Row[Any]) -> MailboxState:
    kept = row.summary or {}
    return MailboxState(
        name=row.name,
        identity=row.identity,
        started_at=row.started_at,
        history=row.history,
        cursor=row.cursor,
        synced_at=row.synced_at,
        confirmed=row.confirmed,
        corrected=row.corrected,
        trusted_at=row.trusted_at,
        summary=HistorySummary(**kept["summary"]) if kept.get("summary") else None,
        changed_letters=kept.get("letters", 0),
        changed_requests=tuple(kept.get("requests", ())),
        tried={
            key: Tried(datetime.fromisoformat(since), times) for key, (since, times) in kept.get("tried", {}).items()
        },
        late_since=row.late_since,
    )


async def get(connection: AsyncConnection, name: str) -> MailboxState | None:
    """A mailbox by its name in the configuration."""
    row = (await connection.execute(select(mailboxes).where(mailboxes.c.name == name))).one_or_none()
    return _state(row) if row else None


async def names(connection: AsyncConnection) -> list[str]:
    """Every mailbox that was ever looked into."""
    return list((await connection.execute(select(mailboxes.c.name).order_by(mailboxes.c.name))).scalars())


async def save(tx: AsyncConnection, state: MailboxState) -> None:
    """Write a mailbox, known or new."""
    values = {column.name: getattr(state, column.name) for column in mailboxes.columns}
    values["summary"] = {
        "summary": asdict(state.summary) if state.summary else None,
        "letters": state.changed_letters,
        "requests": list(state.changed_requests),
        "tried": {key: (iso(each.since), each.times) for key, each in state.tried.items()},
    }
    statement = upsert(tx, mailboxes).values(values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


async def set_late(tx: AsyncConnection, name: str, since: datetime | None) -> bool:
    """Write down since when a mailbox was not read, None: it is; False when that was known of it, or it is not."""
    late = mailboxes.c.late_since
    known = late.is_(None) if since else late.is_not(None)
    statement = update(mailboxes).where(mailboxes.c.name == name, known).values(late_since=since)
    return bool((await tx.execute(statement)).rowcount)


async def late(connection: AsyncConnection, names: Collection[str]) -> dict[str, datetime]:
    """Those of the mailboxes that are not read, by name, and since when."""
    column = mailboxes.c
    query = select(column.name, column.late_since).where(column.name.in_(names), column.late_since.is_not(None))
    return {row.name: row.late_since for row in await connection.execute(query.order_by(column.name))}


async def unread(
    connection: AsyncConnection, names: Collection[str], request_id: int | None = None
) -> tuple[Unread, ...]:
    """Those of all the mailboxes that are not read; of a request, those that may hold news of it.

    That is the mailboxes whose letters spoke of it, or every one when none of theirs did.
    """
    found = await late(connection, names)
    if found and request_id is not None and len(names) > 1:
        spoke = await _spoke(connection, request_id) & set(names)
        found = {name: since for name, since in found.items() if not spoke or name in spoke}
    return tuple(Unread(name if len(names) > 1 else "", since) for name, since in found.items())


async def _spoke(connection: AsyncConnection, request_id: int) -> set[str]:
    """Where the letters about a request came from."""
    also = letter_requests.join(letters, letters.c.id == letter_requests.c.letter_id)
    query = union(
        select(letters.c.source).where(letters.c.request_id == request_id),
        select(letters.c.source).select_from(also).where(letter_requests.c.request_id == request_id),
    )
    return set((await connection.execute(query)).scalars())


async def count_answer(tx: AsyncConnection, name: str, *, confirmed: int = 0, corrected: int = 0) -> None:
    """Add to the readings that a person found right and wrong; negative to take an answer back."""
    await tx.execute(
        update(mailboxes)
        .where(mailboxes.c.name == name)
        .values(confirmed=mailboxes.c.confirmed + confirmed, corrected=mailboxes.c.corrected + corrected)
    )


async def count_letters(connection: AsyncConnection, since: datetime) -> int:
    """How many letters were taken in since then, from any mailbox."""
    query = select(func.count()).select_from(letters).where(letters.c.recorded_at >= since)
    return int((await connection.execute(query)).scalar_one())
