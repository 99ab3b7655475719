"""Every SQL statement about what letters taught: tickets, ignored senders, what threads and requests were told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.metadata import upsert
from core.letters.model import Update
from core.letters.record import Learned
from core.letters.rows import fitted, storable
from core.letters.store import ignored_senders, letter_requests, letters, outgoing_letters, tickets
from core.letters.threads import Earlier

_THREAD_LOOKED_AT: Final = 50
_SENDER_LIMIT: Final = 320
_TICKET_LIMIT: Final = 64


async def ticket_requests(tx: AsyncConnection, owners: Sequence[str], numbers: Sequence[str]) -> dict[str, int]:
    """Which requests these tickets stand for; of several owners the first that uses a number counts."""
    query = select(tickets).where(tickets.c.owner.in_(owners), tickets.c.ticket.in_(numbers))
    rows = sorted(await tx.execute(query), key=lambda row: owners.index(row.owner), reverse=True)
    return {row.ticket: row.request_id for row in rows}


async def save_ticket(tx: AsyncConnection, owner: str, ticket: str, request_id: int, now: datetime) -> None:
    """Let a ticket stand for a request, whatever it stood for."""
    if len(owner) > _SENDER_LIMIT or len(ticket) > _TICKET_LIMIT:
        return
    values = {"request_id": request_id, "learned_at": now}
    statement = upsert(tx, tickets).values(owner=owner, ticket=ticket, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["owner", "ticket"], set_=values))


async def forget_ticket(tx: AsyncConnection, learned: Learned) -> None:
    """A ticket stands for nothing any more, unless it has come to stand for another request since."""
    known = tickets.c
    same = (known.owner == learned.owner, known.ticket == learned.ticket, known.request_id == learned.request_id)
    await tx.execute(delete(tickets).where(*same))


async def ignored_by(tx: AsyncConnection, sender: str) -> str | None:
    """Who said that letters of this address are to be ignored; None when nobody did."""
    query = select(ignored_senders.c.ignored_by).where(ignored_senders.c.sender == _address(sender))
    found: str | None = (await tx.execute(query)).scalar_one_or_none()
    return found


async def ignore(tx: AsyncConnection, sender: str, by: str, now: datetime) -> bool:
    """Ignore what comes from this address; False when that was said before."""
    statement = upsert(tx, ignored_senders).values(sender=_address(sender), ignored_by=by, ignored_at=now)
    new = statement.on_conflict_do_nothing(index_elements=["sender"]).returning(ignored_senders.c.sender)
    return (await tx.execute(new)).one_or_none() is not None


async def hear_again(tx: AsyncConnection, sender: str) -> None:
    """What comes from this address counts again."""
    await tx.execute(delete(ignored_senders).where(ignored_senders.c.sender == _address(sender)))


def _address(sender: str) -> str:
    return storable(sender)[:_SENDER_LIMIT]


async def add_requests(tx: AsyncConnection, letter_id: int, request_ids: Sequence[int]) -> None:
    """Write down which requests a letter is about beside the first."""
    rows = [{"letter_id": letter_id, "request_id": each} for each in request_ids]
    await tx.execute(upsert(tx, letter_requests).on_conflict_do_nothing(), rows)


async def drop_requests(tx: AsyncConnection, letter_id: int, request_ids: Sequence[int]) -> None:
    """A letter is not about these requests any more."""
    about = letter_requests.c
    await tx.execute(delete(letter_requests).where(about.letter_id == letter_id, about.request_id.in_(request_ids)))


async def earlier(tx: AsyncConnection, thread: Sequence[str], but: int) -> list[Earlier]:
    """The letters of a thread, theirs and ours, without the letter `but`. `thread`: the message ids before it."""
    ids = [fitted(each) for each in thread]
    theirs = select(
        letters.c.sender, letters.c.contractor_id, letters.c.state, letters.c.effects, letters.c.updates
    ).where(or_(letters.c.message_id.in_(ids), letters.c.root.in_(ids)), letters.c.id != but)
    theirs = theirs.order_by(letters.c.id.desc()).limit(_THREAD_LOOKED_AT)
    found = [
        Earlier(
            state=row.state,
            writers=(row.sender,),
            requests=tuple(effect["request_id"] for effect in row.effects),
            names=tuple(Update(**each) for each in row.updates),
            contractor_id=row.contractor_id,
        )
        for row in await tx.execute(theirs)
    ]
    ours = select(outgoing_letters.c.recipients, outgoing_letters.c.request_id).where(
        outgoing_letters.c.message_id.in_(ids), outgoing_letters.c.state.in_(("sending", "sent", "unknown"))
    )
    found += [
        Earlier(state=None, writers=tuple(row.recipients), requests=() if row.request_id is None else (row.request_id,))
        for row in await tx.execute(ours)
    ]
    return found


async def told_after(tx: AsyncConnection, request_id: int, moment: datetime, but: int) -> bool:
    """Whether another letter than `but`, written after that moment, has told a status of a request."""
    found = select(letters.c.id, letters.c.effects).where(letters.c.moment > moment, letters.c.id != but)
    others = found.join(letter_requests, letter_requests.c.letter_id == letters.c.id)
    query = union_all(
        found.where(letters.c.request_id == request_id), others.where(letter_requests.c.request_id == request_id)
    )
    return any(
        effect["request_id"] == request_id and effect["status"] is not None
        for row in await tx.execute(query)
        for effect in row.effects
    )


async def thread_requests(connection: AsyncConnection, thread: Sequence[str], limit: int = 3) -> list[int]:
    """The requests that this thread's letters, theirs and ours, were about, the latest first.

    `thread` are the message ids before a letter.
    """
    if not thread:
        return []
    ids = [fitted(each) for each in thread]
    theirs = await _requests(connection, or_(letters.c.message_id.in_(ids), letters.c.root.in_(ids)), limit)
    ours = select(outgoing_letters.c.request_id).where(
        outgoing_letters.c.message_id.in_(ids), outgoing_letters.c.request_id.is_not(None)
    )
    found = (await connection.execute(ours.order_by(outgoing_letters.c.id.desc()).limit(limit))).scalars()
    return list(dict.fromkeys((*theirs, *found)))[:limit]


async def sender_requests(connection: AsyncConnection, sender: str, limit: int = 10) -> list[int]:
    """The requests that this sender wrote about, the latest first."""
    return await _requests(connection, letters.c.sender == storable(sender), limit) if sender else []


async def _requests(connection: AsyncConnection, condition: ColumnElement[bool], limit: int) -> list[int]:
    query = (
        select(letters.c.request_id)
        .where(condition, letters.c.request_id.is_not(None))
        .group_by(letters.c.request_id)
        .order_by(func.max(letters.c.id).desc())
        .limit(limit)
    )
    return [int(each) for each in (await connection.execute(query)).scalars()]
