"""Files in the chat."""

from dataclasses import dataclass, replace
from typing import Final

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import TelegramObject
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.access import Here
from bot.chat.pager import PAGE_SIZE
from bot.chat.talk import Talk
from bot.files import cards
from bot.files.keyboards import FilesButton, page_row
from core.clock import Clock
from core.db.engine import Database
from core.errors import UserError
from core.files.asking import parse_query
from core.files.model import FileEvent, Query
from core.files.service import FilesService

MOST: Final = 1000
"""What is found is counted up to here."""

LONGEST: Final = 300
"""Characters of a question."""


@dataclass(frozen=True, slots=True)
class FilesChat:
    """What the assistant answers about files."""

    db: Database
    clock: Clock
    files: FilesService

    async def search(self, _event: TelegramObject, command: CommandObject, here: Here, talk: Talk) -> None:
        """`/files`, `/files *.docx`, `/files CRM today`."""
        await self._show(FilesButton(page=0), (command.args or "").strip(), here, talk)

    async def turn(self, _event: TelegramObject, callback_data: FilesButton, here: Here, talk: Talk) -> None:
        """Another page, or the history of a burst's folder."""
        words = ""
        if callback_data.query:
            async with self.db.reading() as connection:
                found = await self.files.recall_query(connection, callback_data.query)
            if found is None:
                raise UserError("I have forgotten what was asked here. Please ask again: /files")
            words = found
        await self._show(callback_data, words, here, talk)

    async def _show(self, at: FilesButton, words: str, here: Here, talk: Talk) -> None:
        if len(words) > LONGEST:
            raise UserError("That is too long to search for. Use a few words, at most {n} characters.", n=LONGEST)
        async with self.db.reading() as connection:
            query = await self._query(connection, at, words, here)
            total = await self.files.count_found(connection, query, MOST)
            found, more = await self._page(connection, query, at)
            if not found and at.page > 0:
                at = FilesButton(page=0, query=at.query, burst=at.burst)
                found, more = await self._page(connection, query, at)
        if words and more and not at.query:
            async with self.db.transaction() as tx:
                at = at.model_copy(update={"query": await self.files.remember_query(tx, words)})
        row = page_row(at, found[0].id, found[-1].id, more=more) if found else ()
        asked = words or query.watch or ""
        await talk.show(cards.list_card(found, total, MOST, here.reader, self.clock.now(), asked=asked, row=row))

    async def _query(self, connection: AsyncConnection, at: FilesButton, words: str, here: Here) -> Query:
        projects, watches = await self.files.names(connection)
        now = self.clock.now()
        query = parse_query(words, projects=projects, watches=watches, now=now, timezone=here.reader.timezone)
        burst = await self.files.find_burst(connection, at.burst) if at.burst else None
        return replace(query, watch=burst.watch) if burst else query

    async def _page(self, connection: AsyncConnection, query: Query, at: FilesButton) -> tuple[list[FileEvent], bool]:
        """The events of a page, and whether older ones follow."""
        if at.page == 0:  # the newest, also on the way back
            found = await self.files.search(connection, query, limit=PAGE_SIZE + 1)
        elif at.after:
            newer = await self.files.search(connection, query, limit=PAGE_SIZE, after=at.after)
            return newer, True
        else:
            found = await self.files.search(connection, query, limit=PAGE_SIZE + 1, before=at.before)
        return found[:PAGE_SIZE], len(found) > PAGE_SIZE


def router(chat: FilesChat) -> Router:
    """The handlers of files: whoever may see anything may see them."""
    router = Router(name="files")
    router.message.register(chat.search, Command("files"))
    router.callback_query.register(chat.turn, FilesButton.filter())
    return router
