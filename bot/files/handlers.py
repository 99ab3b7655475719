"""Files in the chat: the history searched, a file's life, everything found as a document."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import TelegramObject
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.access import Here
from bot.chat.cards import Button, Card, Document, lines, shorten
from bot.chat.pager import PAGE_SIZE, pages
from bot.chat.talk import Talk
from bot.files import cards, gap_cards
from bot.files.cards import Changed
from bot.files.export import export
from bot.files.keyboards import (
    FilesButton,
    FollowButton,
    LifeButton,
    Rows,
    SaveButton,
    files_row,
    found_row,
    key_of,
    life_of,
    list_of,
    numbers_rows,
    page_row,
    way_row,
)
from core.clock import Clock
from core.db.engine import Database
from core.errors import UserError
from core.files.asking import parse_query
from core.files.following import FollowingService
from core.files.lives import Life
from core.files.model import FileEvent, Gap, Query
from core.files.service import FilesService
from core.health.service import HealthService

MOST: Final = 1000
"""What is found is counted up to here, and put together by file."""

LONGEST: Final = 300
"""Characters of a question."""

ROWS: Final = 100_000
BYTES: Final = 50_000_000
"""A document's rows; its bytes (Bot API, sendDocument: at most 50 MB)."""


@dataclass(frozen=True, slots=True)
class FilesChat:
    """What the assistant answers about the history of files."""

    db: Database
    clock: Clock
    files: FilesService
    following: FollowingService
    health: HealthService

    async def search(self, event: TelegramObject, command: CommandObject, here: Here, talk: Talk) -> None:
        """`/files`, `/files *.docx`, `/files CRM today`; of mere words that only one file has in its path, its life."""
        words = (command.args or "").strip()
        if len(words) > LONGEST:
            raise UserError("That is too long to search for. Use a few words, at most {n} characters.", n=LONGEST)
        at = FilesButton(page=0)
        if words:
            async with self.db.transaction() as tx:
                at = FilesButton(page=0, query=await self.files.remember_query(tx, words))
        async with self.db.reading() as connection:
            query = await self._read(connection, words, here)
            total = await self.files.count_found(connection, query, MOST)
            only = await self._only_file(connection, query) if total < MOST else None
        at = at.model_copy(update={"files": total > PAGE_SIZE})
        if only is not None:
            await self.life(event, life_of(at, only.id), here, talk)
        else:
            await self._show(at, query, total, words, here, talk)

    async def turn(self, _event: TelegramObject, callback_data: FilesButton, here: Here, talk: Talk) -> None:
        """Another page, the files or their changes, the history of a folder or of what is followed."""
        async with self.db.reading() as connection:
            query, asked = await self._asked(connection, callback_data, here)
            total = await self.files.count_found(connection, query, MOST)
        await self._show(callback_data, query, total, asked, here, talk)

    async def life(self, _event: TelegramObject, callback_data: LifeButton, here: Here, talk: Talk) -> None:
        """A file's whole life."""
        life = await self._life(callback_data.event)
        async with self.db.reading() as connection:
            gaps = await self.files.unseen_in(connection, life)
        page = min(callback_data.page, cards.life_pages(life) - 1)
        rows = _life_rows(callback_data.model_copy(update={"page": page}), life, here)
        await talk.show(cards.life_card(life, page, here.reader, self.clock.now(), gaps=gaps, rows=rows))

    async def follow(self, _event: TelegramObject, callback_data: FollowButton, here: Here, talk: Talk) -> None:
        """Follow this file: what a person writes for it is asked for, so that it is followed like any other words."""
        life = await self._life(callback_data.id)
        async with self.db.transaction() as tx:
            words = f'"{life.steps[-1].event.path}"'
            kept = await self.files.remember_query(tx, words)
        row = (Button(here.t("🔔 Follow"), FollowButton(action="query", id=kept).pack()),)
        await talk.say(
            Card(here.t.html("Shall I tell you of every change of <b>{path}</b>?", path=words.strip('"')), (row,))
        )

    async def save(self, _event: TelegramObject, callback_data: SaveButton, here: Here, talk: Talk) -> None:
        """Everything that was found, as a document."""
        at = FilesButton(page=0, **callback_data.model_dump(exclude={"kind"}))
        async with self.db.reading() as connection:
            query, asked = await self._asked(connection, at, here)
            gaps = await self._unseen(connection, query)
        await talk.toast(here.t("I am preparing the file…"))
        name = f"files-{self.clock.now():%Y%m%d-%H%M}.{callback_data.kind}"
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            path = Path(folder, name)
            made = await export(
                self.db,
                self.files,
                query,
                path,
                format="xlsx" if callback_data.kind == "xlsx" else "csv",
                timezone=here.reader.timezone,
                most=ROWS,
            )
            content = await asyncio.to_thread(path.read_bytes)
        if len(content) > BYTES:
            raise UserError("That would be more than Telegram carries (50 MB). Ask for less, such as a week.")
        said = here.t.many_html("{n} change of files", "{n} changes of files", made.rows)
        if made.more:
            said = here.t.html(
                "The latest {n} changes of files; there are more. Ask for less, such as a week.", n=made.rows
            )
        question = here.t.html("🔎 {query}", query=shorten(asked, 200)) if asked else None
        unseen = gap_cards.unseen(here.t, gaps, here.reader, self.clock.now())
        await talk.say(Card(lines([said, question, unseen]), document=Document(name, content)))

    async def _show(self, at: FilesButton, query: Query, total: int, asked: str, here: Here, talk: Talk) -> None:
        async with self.db.reading() as connection:
            found, files, at, turning = await (
                self._files(connection, query, at) if at.files else self._changes(connection, query, at)
            )
            gaps = await self._unseen(connection, query)
        rows: Rows = ()
        if found:
            way = way_row(here.t, at) if total > PAGE_SIZE and files != total else ()
            numbers = numbers_rows(at, [each.event.id for each in found])
            rows = tuple(row for row in (*numbers, turning, way, found_row(here.t, at)) if row)
        now = self.clock.now()
        card = cards.list_card(
            found,
            total,
            MOST,
            here.reader,
            now,
            asked=asked,
            people=query.people,
            files=files,
            gaps=gaps,
            rows=rows,
        )
        await talk.show(card)

    async def _only_file(self, connection: AsyncConnection, query: Query) -> FileEvent | None:
        """The latest change of the file that was asked for by words and nothing else, where only one has them."""
        if not query.words or query != Query(words=query.words):
            return None
        found = cards.by_file(await self.files.search(connection, query, limit=MOST))
        return found[0].event if len(found) == 1 else None

    async def _unseen(self, connection: AsyncConnection, query: Query) -> list[Gap]:
        """The times for which an answer may lack something: those that last count while the folder is watched."""
        gaps = await self.files.unseen(connection, query)
        if all(gap.ended_at is not None for gap in gaps):
            return gaps
        jobs = {job.name for job in await self.health.list_jobs(connection) if job.state != "off"}
        return [gap for gap in gaps if gap.ended_at is not None or f"watch.{gap.watch}" in jobs]

    async def _files(
        self, connection: AsyncConnection, query: Query, at: FilesButton
    ) -> tuple[list[Changed], int, FilesButton, tuple[Button, ...]]:
        """A page of the files that the latest changes are about, how many there are, and the way to other pages."""
        every = cards.by_file(await self.files.search(connection, query, limit=MOST))
        count = pages(len(every), PAGE_SIZE)
        at = at.model_copy(update={"page": min(at.page, count - 1)})
        return every[at.page * PAGE_SIZE :][:PAGE_SIZE], len(every), at, files_row(at, count)

    async def _changes(
        self, connection: AsyncConnection, query: Query, at: FilesButton
    ) -> tuple[list[Changed], int, FilesButton, tuple[Button, ...]]:
        found, more = await self._page(connection, query, at)
        if not found and at.page > 0:
            at = at.model_copy(update={"page": 0, "before": 0, "after": 0})
            found, more = await self._page(connection, query, at)
        turning = page_row(at, found[0].id, found[-1].id, more=more) if found else ()
        return [Changed(event, 1) for event in found], 0, at, turning

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

    async def _asked(self, connection: AsyncConnection, at: FilesButton, here: Here) -> tuple[Query, str]:
        """What a button is about, and how that reads."""
        if at.query:
            words = await self.files.recall_query(connection, at.query)
            if words is None:
                raise UserError("I have forgotten what was asked here. Please ask again: /files")
            return await self._read(connection, words, here), words
        if at.burst:
            burst = await self.files.find_burst(connection, at.burst)
            return (Query(watch=burst.watch), burst.watch) if burst else (Query(), "")
        if at.folder:
            states = await self.files.list_watches(connection)
            name = next((state.name for state in states if key_of(state.name) == at.folder), None)
            return (Query(watch=name), name) if name else (Query(), "")
        if at.follow:
            follow = await self.following.find(connection, at.follow)
            if follow is None:
                raise UserError("This subscription has ended already.")
            return await self.following.query(connection, follow), follow.words
        return Query(), ""

    async def _read(self, connection: AsyncConnection, words: str, here: Here) -> Query:
        projects, watches = await self.files.names(connection)
        return parse_query(
            words,
            projects=projects,
            watches=watches,
            people=await self.files.people(connection),
            now=self.clock.now(),
            timezone=here.reader.timezone,
        )

    async def _life(self, event_id: int) -> Life:
        async with self.db.reading() as connection:
            event = await self.files.find_event(connection, event_id)
            life = None
            if event is not None:
                life = await self.files.life(connection, event.watch, event.path, at=event.id, host=event.host)
        if life is None:
            raise UserError("This change is so old that it is no longer in the history.")
        return life


def _life_rows(at: LifeButton, life: Life, here: Here) -> Rows:
    count = cards.life_pages(life)

    def to(page: int) -> str:
        return at.model_copy(update={"page": min(max(page, 0), count - 1)}).pack()

    turning: tuple[Button, ...] = ()
    if count > 1:
        turning = (
            Button("‹", to(at.page - 1)),
            Button(f"{at.page + 1}/{count}", to(at.page)),
            Button("›", to(at.page + 1)),
        )
    follow = Button(here.t("🔔 Follow"), FollowButton(action="file", id=at.event).pack())
    back = Button(here.t("‹ Back"), list_of(at).pack())
    return tuple(row for row in (turning, (back, follow)) if row)


def router(chat: FilesChat) -> Router:
    """The handlers of files: whoever may see anything may see them."""
    router = Router(name="files")
    router.message.register(chat.search, Command("files"))
    router.callback_query.register(chat.turn, FilesButton.filter())
    router.callback_query.register(chat.life, LifeButton.filter())
    router.callback_query.register(chat.save, SaveButton.filter(F.kind.in_({"csv", "xlsx"})))
    router.callback_query.register(chat.follow, FollowButton.filter(F.action == "file"))
    return router
