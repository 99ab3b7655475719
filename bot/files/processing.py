"""`/jobs`: what is done with changed files, and on a schedule; and the notices that it fails."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import TelegramObject
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.access import Here
from bot.chat.cards import Card
from bot.chat.pager import PAGE_SIZE
from bot.chat.talk import Talk
from bot.files import process_cards as cards
from bot.files.process_cards import ProcessButton
from core.alerts.model import Notice
from core.clock import Clock
from core.db.engine import Database
from core.errors import UserError
from core.files.processing import ProcessingService
from core.files.processing_model import KIND, RECOVERED, Overview, Process, Run
from core.people.model import Reader

ADMIN = {"role": "admin"}
OPERATOR = {"role": "operator"}

Renderer = Callable[[AsyncConnection, Notice, Reader], Awaitable[Card | None]]


@dataclass(frozen=True, slots=True)
class ProcessesChat:
    """What the assistant answers about processes."""

    db: Database
    clock: Clock
    processing: ProcessingService

    async def all(self, _event: TelegramObject, here: Here, talk: Talk) -> None:
        """`/jobs`: every process of every host."""
        async with self.db.reading() as connection:
            found = await self.processing.overview(connection)
        await talk.show(cards.list_card(found, here.reader, self.clock.now()))

    async def open(self, _event: TelegramObject, callback_data: ProcessButton, here: Here, talk: Talk) -> None:
        """One process."""
        await self._show(callback_data.id, here, talk)

    async def start(self, _event: TelegramObject, callback_data: ProcessButton, here: Here, talk: Talk) -> None:
        """Run it now."""
        async with self.db.transaction() as tx:
            await self.processing.run_now(tx, callback_data.id, here.actor)
        await talk.toast(here.t("It is in the queue."))
        await self._show(callback_data.id, here, talk)

    async def pause(self, _event: TelegramObject, callback_data: ProcessButton, here: Here, talk: Talk) -> None:
        """Let it rest, or go on."""
        paused = callback_data.action == "pause"
        async with self.db.transaction() as tx:
            await self.processing.pause(tx, callback_data.id, here.actor, paused=paused)
        await self._show(callback_data.id, here, talk)

    async def runs(self, _event: TelegramObject, callback_data: ProcessButton, here: Here, talk: Talk) -> None:
        """What it has done."""
        offset = callback_data.page * PAGE_SIZE
        async with self.db.reading() as connection:
            process = (await self._find(connection, callback_data.id)).process
            found, total = await self.processing.runs(connection, process.id, limit=PAGE_SIZE, offset=offset)
        card = cards.runs_card(process, found, total, callback_data.page, here.reader, self.clock.now())
        await talk.show(card)

    async def output(self, _event: TelegramObject, callback_data: ProcessButton, here: Here, talk: Talk) -> None:
        """One run and what it wrote; in a new message, for a failure's message stays what it is."""
        process, run = await self._run(callback_data.id)
        operator = here.person.may("operator")
        await talk.say(cards.run_card(process, run, here.reader, self.clock.now(), operator=operator))

    async def file(self, _event: TelegramObject, callback_data: ProcessButton, here: Here, talk: Talk) -> None:
        """All that is kept of what a run wrote."""
        process, run = await self._run(callback_data.id)
        caption = here.t.html("📎 {name}, {how}", name=process.name, how=cards.how(here.t, run))
        await talk.say(Card(caption, document=cards.output_file(process, run)))

    async def again(self, _event: TelegramObject, callback_data: ProcessButton, here: Here, talk: Talk) -> None:
        """The same run once more."""
        async with self.db.transaction() as tx:
            await self.processing.run_again(tx, callback_data.id, here.actor)
        await talk.toast(here.t("It is in the queue."))

    async def _show(self, process_id: int, here: Here, talk: Talk) -> None:
        async with self.db.reading() as connection:
            found = await self._find(connection, process_id)
        operator, admin = here.person.may("operator"), here.person.may("admin")
        card = cards.process_card(found, here.reader, self.clock.now(), operator=operator, admin=admin)
        await talk.show(card)

    async def _find(self, connection: AsyncConnection, process_id: int) -> Overview:
        found = await self.processing.find(connection, process_id)
        if found is None:
            raise UserError("This process is not known any more. /jobs shows what is.")
        return found

    async def _run(self, run_id: int) -> tuple[Process, Run]:
        async with self.db.reading() as connection:
            run = await self.processing.find_run(connection, run_id)
            if run is None:
                raise UserError("This run is not known any more. /jobs shows what is.")
            return (await self._find(connection, run.process_id)).process, run


def renderers(processing: ProcessingService, clock: Clock) -> dict[str, Renderer]:
    """By kind: `process` fails, `process_ok` works again."""

    async def failure(connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        _, process_id, run_id = notice.subject.split(":")
        found = await processing.find(connection, int(process_id))
        if found is None:
            return None
        process = found.process
        latest = process.told_run_id == int(run_id)
        run = await processing.last_failure(connection, process.id) if latest else None
        run = run or await processing.find_run(connection, int(run_id))
        return cards.failure_card(process, run, reader, clock.now(), latest=latest) if run else None

    async def recovered(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return cards.recovered_card(notice.data, reader) if notice.data else None

    return {KIND: failure, RECOVERED: recovered}


def router(chat: ProcessesChat) -> Router:
    """The handlers of processes: viewers look, operators start, admins pause."""
    router = Router(name="processes")
    router.message.register(chat.all, Command("jobs"))
    presses: tuple[tuple[str, Any, dict[str, str]], ...] = (
        ("list", chat.all, {}),
        ("open", chat.open, {}),
        ("runs", chat.runs, {}),
        ("output", chat.output, {}),
        ("file", chat.file, {}),
        ("start", chat.start, OPERATOR),
        ("again", chat.again, OPERATOR),
        ("pause", chat.pause, ADMIN),
        ("resume", chat.pause, ADMIN),
    )
    for action, handler, flags in presses:
        router.callback_query.register(handler, ProcessButton.filter(F.action == action), flags=flags)
    return router
