"""Every SQL statement about the bots that the assistant was; the table is among those of health."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.alerts.model import Account
from core.db.metadata import upsert
from core.health.store import bots


async def current(connection: AsyncConnection) -> Account | None:
    """The bot we were last; None when Telegram was never reached."""
    row = (await connection.execute(select(bots).order_by(bots.c.since.desc(), bots.c.id).limit(1))).one_or_none()
    return Account(row.id, row.username) if row else None


async def save(tx: AsyncConnection, account: Account, at: datetime, *, anew: bool) -> None:
    """Write down who we are, and what it is called now; `anew`: since that moment."""
    values = {"username": account.username} | ({"since": at} if anew else {})
    statement = upsert(tx, bots).values(id=account.id, username=account.username, since=at)
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
