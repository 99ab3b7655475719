"""Live cards in SQL: which message of ours shows what."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Row, String, Table, delete, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Destination, LiveCard
from core.alerts.store import notices
from core.db.metadata import Moment, metadata, upsert

cards = Table(
    "cards",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("thread_id", BigInteger, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("digest", String(16), nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("data", JSON, nullable=False),
    Index("ix_cards_subject_sent_at", "subject", "sent_at"),
)


def _card(row: Row[Any]) -> LiveCard:
    return LiveCard(
        to=Destination(row.chat_id, row.thread_id),
        message_id=row.message_id,
        kind=row.kind,
        subject=row.subject,
        digest=row.digest,
        sent_at=row.sent_at,
        data=row.data,
    )


async def save_cards(tx: AsyncConnection, live: Sequence[LiveCard]) -> None:
    """Insert or replace what these messages show."""
    if not live:
        return
    statement = upsert(tx, cards)
    changed = ("thread_id", "kind", "subject", "digest", "data")
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["chat_id", "message_id"],
            set_={name: statement.excluded[name] for name in changed},
        ),
        [
            {
                "chat_id": card.to.chat_id,
                "message_id": card.message_id,
                "thread_id": card.to.thread_id,
                "kind": card.kind,
                "subject": card.subject,
                "digest": card.digest,
                "sent_at": card.sent_at,
                "data": dict(card.data),
            }
            for card in live
        ],
    )


async def card_at(connection: AsyncConnection, chat_id: int, message_id: int) -> LiveCard | None:
    """What a message of ours shows."""
    query = select(cards).where(cards.c.chat_id == chat_id, cards.c.message_id == message_id)
    row = (await connection.execute(query)).one_or_none()
    return _card(row) if row else None


async def live_cards(connection: AsyncConnection, subjects: Collection[str], since: datetime) -> list[LiveCard]:
    """The messages sent after `since` that show one of these subjects, oldest first."""
    query = (
        select(cards)
        .where(cards.c.subject.in_(subjects), cards.c.sent_at > since)
        .order_by(cards.c.sent_at, cards.c.message_id)
    )
    return [_card(row) for row in await connection.execute(query)]


async def told_cards(connection: AsyncConnection) -> list[LiveCard]:
    """The messages that belong to their chats, oldest first: all in groups, in private what was told unasked."""
    told = select(notices.c.id).where(
        notices.c.subject == cards.c.subject,
        notices.c.chat_id == cards.c.chat_id,
        notices.c.message_id == cards.c.message_id,
        notices.c.mode != "refresh",
    )
    query = select(cards).where(or_(cards.c.chat_id < 0, told.exists()))
    return [_card(row) for row in await connection.execute(query.order_by(cards.c.sent_at, cards.c.message_id))]


async def forget_all(tx: AsyncConnection) -> None:
    """None of our messages can be edited any more."""
    await tx.execute(delete(cards))


async def forget_card(tx: AsyncConnection, chat_id: int, message_id: int) -> None:
    """This message shows nothing any more."""
    await tx.execute(delete(cards).where(cards.c.chat_id == chat_id, cards.c.message_id == message_id))


async def forget_chat(tx: AsyncConnection, chat_id: int) -> None:
    """The messages of a chat cannot be edited any more."""
    await tx.execute(delete(cards).where(cards.c.chat_id == chat_id))


async def prune(tx: AsyncConnection, before: datetime, limit: int) -> int:
    """Forget cards sent before then, at most `limit`; how many."""
    stale = select(cards.c.chat_id, cards.c.message_id).where(cards.c.sent_at < before).limit(limit)
    found = [tuple(row) for row in await tx.execute(stale)]
    if found:
        await tx.execute(delete(cards).where(tuple_(cards.c.chat_id, cards.c.message_id).in_(found)))
    return len(found)
