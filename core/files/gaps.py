"""The gaps in SQL: the times in which a watch could follow nothing, each with what the comparison after it found."""

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.files.model import Gap
from core.files.tables import file_gaps


async def add(tx: AsyncConnection, gap: Gap, host: str = "") -> None:
    """Write down a gap."""
    await tx.execute(
        insert(file_gaps).values(
            watch=gap.watch,
            host=host,
            reason=gap.reason,
            began_at=gap.began_at,
            ended_at=gap.ended_at,
            found=gap.found,
        )
    )


async def last(connection: AsyncConnection, watch: str, limit: int) -> list[Gap]:
    """The last gaps of a watch, newest first."""
    column = file_gaps.c
    statement = select(column.watch, column.reason, column.began_at, column.ended_at, column.found)
    statement = statement.where(column.watch == watch).order_by(column.id.desc()).limit(limit)
    return [Gap(*row) for row in await connection.execute(statement)]
