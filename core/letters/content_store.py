"""Every SQL statement about what letters held: their decoded text and their files."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.metadata import upsert
from core.letters.record import KeptAttachment, Reason
from core.letters.rows import storable
from core.letters.store import attachments, letter_attachments, letter_contents, letter_requests, letters


async def save(tx: AsyncConnection, letter_id: int, packed: bytes) -> None:
    """Keep what a letter held, in place of what was kept."""
    statement = upsert(tx, letter_contents).values(letter_id=letter_id, content=packed)
    await tx.execute(statement.on_conflict_do_update(index_elements=["letter_id"], set_={"content": packed}))


async def content(connection: AsyncConnection, letter_id: int) -> bytes | None:
    """What a letter held, packed."""
    query = select(letter_contents.c.content).where(letter_contents.c.letter_id == letter_id)
    found: bytes | None = (await connection.execute(query)).scalar_one_or_none()
    return found


async def keep_file(tx: AsyncConnection, digest: str, data: bytes) -> None:
    """Keep a file, once."""
    known = (await tx.execute(select(attachments.c.digest).where(attachments.c.digest == digest))).one_or_none()
    if known is None:  # asked first, so that a file that is here is not sent to the database again
        statement = upsert(tx, attachments).values(digest=digest, size=len(data), content=data)
        await tx.execute(statement.on_conflict_do_nothing(index_elements=["digest"]))


async def file(connection: AsyncConnection, digest: str) -> bytes | None:
    """A kept file."""
    query = select(attachments.c.content).where(attachments.c.digest == digest)
    found: bytes | None = (await connection.execute(query)).scalar_one_or_none()
    return found


async def add_attachments(tx: AsyncConnection, kept: Sequence[KeptAttachment]) -> None:
    """Write down the files that came with a letter."""
    rows = [{**asdict(each), "name": storable(each.name), "content_type": storable(each.content_type)} for each in kept]
    await tx.execute(letter_attachments.insert(), rows)


async def attachments_of_letter(connection: AsyncConnection, letter_id: int) -> list[KeptAttachment]:
    """The files of a letter, in its order."""
    return await _attachments(connection, letter_attachments.c.letter_id == letter_id)


async def attachments_of_request(connection: AsyncConnection, request_id: int) -> list[KeptAttachment]:
    """The files of the letters about a request, oldest letter first."""
    also = select(letter_requests.c.letter_id).where(letter_requests.c.request_id == request_id)
    first = select(letters.c.id).where(letters.c.request_id == request_id)
    return await _attachments(connection, letter_attachments.c.letter_id.in_(union(first, also)))


async def _attachments(connection: AsyncConnection, condition: ColumnElement[bool]) -> list[KeptAttachment]:
    query = select(letter_attachments).where(condition)
    query = query.order_by(letter_attachments.c.letter_id, letter_attachments.c.place)
    return [_attachment(**row) for row in (await connection.execute(query)).mappings()]


def _attachment(refused: dict[str, Any] | None, **values: Any) -> KeptAttachment:
    return KeptAttachment(**values, refused=Reason(**refused) if refused else None)
