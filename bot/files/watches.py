"""`/watch`: the watched folders, and what admins do about them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import TelegramObject
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.access import Here
from bot.chat.talk import Talk
from bot.files import watch_cards
from bot.files.keyboards import WatchButton, key_of
from bot.files.watch_cards import Folder
from core.clock import Clock
from core.db.engine import Database
from core.errors import UserError
from core.files.orders import Answer, Orders
from core.files.service import FilesService
from core.files.watches import Overview, WatchesService
from core.health.model import JobState
from core.health.service import HealthService

ADMIN = {"role": "admin"}
_JOB = "watch."


@dataclass(frozen=True, slots=True)
class WatchesChat:
    """What the assistant answers about watched folders."""

    db: Database
    clock: Clock
    watches: WatchesService
    files: FilesService
    health: HealthService

    async def folders(self, _event: TelegramObject, command: CommandObject, here: Here, talk: Talk) -> None:
        """`/watch`, `/watch documents`."""
        name = (command.args or "").strip()
        if name:
            await self._show(await self._find(key_of(name), name), here, talk)
        else:
            await self._list(here, talk)

    async def open(self, _event: TelegramObject, callback_data: WatchButton, here: Here, talk: Talk) -> None:
        """One folder, or all of them."""
        if callback_data.action == "list":
            await self._list(here, talk)
        else:
            await self._show(await self._find(callback_data.key), here, talk)

    async def pause(self, _event: TelegramObject, callback_data: WatchButton, here: Here, talk: Talk) -> None:
        """Write nothing of a folder until it is resumed."""
        name = (await self._find(callback_data.key)).name
        async with self.db.transaction() as tx:
            await self.watches.pause(tx, name, here.actor)
        await talk.toast(here.t("Paused. What changes meanwhile is found when you resume."))
        await self._show(await self._find(callback_data.key), here, talk)

    async def resume(self, _event: TelegramObject, callback_data: WatchButton, here: Here, talk: Talk) -> None:
        """Go on with a folder."""
        name = (await self._find(callback_data.key)).name
        async with self.db.transaction() as tx:
            await self.watches.resume(tx, name, here.actor)
        await talk.toast(here.t("Resumed. I compare the folder with what I know of it."))
        await self._show(await self._find(callback_data.key), here, talk)

    async def rescan(self, _event: TelegramObject, callback_data: WatchButton, here: Here, talk: Talk) -> None:
        """Compare a folder now."""
        name = (await self._find(callback_data.key)).name
        async with self.db.transaction() as tx:
            await self.watches.rescan(tx, name, here.actor)
        await talk.toast(here.t("I compare the folder with what I know of it."))
        await self._show(await self._find(callback_data.key), here, talk)

    async def same(self, _event: TelegramObject, callback_data: WatchButton, here: Here, talk: Talk) -> None:
        """A folder at another path is the one that is known."""
        await self._answer(callback_data, "same", here, talk)

    async def new(self, _event: TelegramObject, callback_data: WatchButton, here: Here, talk: Talk) -> None:
        """A folder at another path is another one."""
        await self._answer(callback_data, "new", here, talk)

    async def _answer(self, pressed: WatchButton, answer: Answer, here: Here, talk: Talk) -> None:
        folder = await self._find(pressed.key)
        outdated = not folder.orders.waits or key_of(folder.orders.asked_root) != pressed.seen
        orders = folder.orders
        if not outdated:
            async with self.db.transaction() as tx:
                orders = await self.watches.answer(tx, folder.name, folder.orders.asked_root, answer, here.actor)
        else:
            await talk.toast(here.t("That has been decided already."), alert=True)
        await talk.show(watch_cards.moved_card(folder.name, folder.state, orders, here.reader))

    async def _list(self, here: Here, talk: Talk) -> None:
        async with self.db.reading() as connection:
            folders = await self._folders(connection)
        await talk.show(watch_cards.list_card(folders, here.reader, self.clock.now()))

    async def _show(self, folder: Folder, here: Here, talk: Talk) -> None:
        admin = here.person.may("admin")
        await talk.show(watch_cards.folder_card(folder, here.reader, self.clock.now(), admin=admin))

    async def _find(self, key: int, name: str = "") -> Folder:
        async with self.db.reading() as connection:
            folders = await self._folders(connection)
            found = next((folder for folder in folders if key in (folder.key, key_of(folder.name))), None)
            if found is None:
                found = next((folder for folder in folders if folder.name.casefold() == name.casefold()), None)
            if found is None and name:
                raise UserError("I do not watch a folder {watch}.", watch=name)
            if found is None:
                raise UserError("This folder is not watched any more.")
            host = found.state.host if found.state is not None else None
            gaps = await self.files.gaps(connection, found.name, 1, host)
        return replace(found, gap=next(iter(gaps), None))

    async def _folders(self, connection: AsyncConnection) -> list[Folder]:
        """The folders that some process watches; the database knows them, whichever process it is."""
        known: dict[str, list[Overview]] = {}
        for each in await self.watches.overview(connection):
            known.setdefault(each.state.name, []).append(each)
        jobs: dict[str, list[JobState]] = {}
        for job in await self.health.list_jobs(connection):
            if job.name.startswith(_JOB) and job.state != "off":
                jobs.setdefault(job.name.removeprefix(_JOB), []).append(job)
        return [folder for name in sorted(jobs) for folder in _of_name(name, known.get(name, []), jobs[name])]


def _of_name(name: str, known: Sequence[Overview], jobs: Sequence[JobState]) -> list[Folder]:
    """The folders of that name: one, or one for each machine that has looked at its own."""
    if not known:
        return [Folder(name, Orders(name), job=jobs[0])]
    if len(known) == 1:
        return [Folder(name, known[0].orders, known[0].state, known[0].files, jobs[0])]
    at = {job.host: job for job in jobs}
    return [
        Folder(name, each.orders, each.state, each.files, at.get(each.state.host), host=each.state.host)
        for each in known
    ]


def router(chat: WatchesChat) -> Router:
    """The handlers of folders: everybody sees them, admins decide."""
    router = Router(name="watches")
    router.message.register(chat.folders, Command("watch"))
    router.callback_query.register(chat.open, WatchButton.filter(F.action.in_({"list", "open"})))
    for action in ("pause", "resume", "rescan", "same", "new"):
        router.callback_query.register(getattr(chat, action), WatchButton.filter(F.action == action), flags=ADMIN)
    return router
