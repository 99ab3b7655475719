"""The composition root: settings → database → services → jobs → chat → page, run in one loop and stopped in order.

aiogram costs seconds to import, so everything that needs it is in `bot.telegram`, which `App` imports late and in a
thread: the page answers, and jobs work, while it loads.
"""

import asyncio
import importlib
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.folders import Folders
from bot.mailboxes import intake_of, open_mailbox, open_post
from bot.presence import PARTS, Presence
from bot.processes import Processes
from bot.reload import Change, Reload
from bot.services import build_services, host_of, open_database, process_settings, storage_options, watch_settings
from core.clock import Clock
from core.db.engine import Database
from core.errors import ConfigError
from core.files.disk import DiskService
from core.health.rules import is_backup_late
from core.settings import Settings
from jobs.files.maintenance import Maintenance
from jobs.health import backup
from jobs.health.manager import ServiceManager
from jobs.letters.job import MailboxJob
from jobs.letters.lateness import LOOK_EVERY as LATENESS_EVERY
from jobs.letters.lateness import Lateness, late_after
from jobs.letters.mailbox import Mailbox
from jobs.letters.post import Post, PostJob
from jobs.letters.secrets import LOOK_EVERY, SecretsWatch
from jobs.supervisor import Stage, Supervisor
from jobs.threads import in_thread

if TYPE_CHECKING:
    from bot.page.app import PageServer
    from bot.telegram import Prepare, Telegram

log = logging.getLogger(__name__)

REMIND_EVERY: Final = 15.0
"""Seconds between two looks for requests without news."""
OUTBOX_KEPT: Final = timedelta(days=30)
PRUNE_EVERY: Final = 3600.0
PRUNE_PIECE: Final = 1000
"""What was told is remembered for a month, and forgotten each hour in pieces that stop nobody."""
STOP_WITHIN: Final = 2.8
"""Seconds for a whole stop. What has not ended by then ends with the process, which needs a moment, too."""
JOBS_WITHIN: Final = 2.4
"""The part of it for the jobs; what they leave of it is for the page and the connections."""
DATABASE_WITHIN: Final = 0.2
"""The last part of it, for the database: it is closed when nobody uses it any more."""
MAINTENANCE: Final = "maintenance"


async def _by(until: float, work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do these at once by that time of the loop; what fails is logged, what takes longer is given up."""
    try:
        async with asyncio.timeout_at(until):
            for failed in await asyncio.gather(*work, return_exceptions=True):
                if isinstance(failed, BaseException):
                    log.warning("something was not closed well: %s", failed)
    except TimeoutError:
        log.warning("something did not close in time and is left behind")


class App:
    """The running assistant. `open`, `start`, `stop`; or `once`. `only` names the parts to run, None all of them.

    `config` is the file that is followed: what can change while everything runs is applied when it is saved.
    `manager` is told how we are. `opening` is done when the jobs are ready, before they go on by themselves. `prepare`
    is handed the chat while it is empty.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        only: Collection[str] | None = None,
        remind_every: float = REMIND_EVERY,
        config: Path | None = None,
        manager: ServiceManager | None = None,
        opening: Callable[[Supervisor], Awaitable[None]] | None = None,
        prepare: "Prepare | None" = None,
    ) -> None:
        unknown = set(only or ()) - set(PARTS)
        if unknown:
            raise ConfigError(
                "--only does not know {unknown}; it knows {known}.",
                unknown=", ".join(sorted(unknown)),
                known=", ".join(PARTS),
            )
        self._settings = settings
        self._clock = clock
        self._only = only
        self._remind_every = remind_every
        self._config = config
        self._manager = manager or ServiceManager()
        self._opening = opening
        self._prepare = prepare
        self._pages: Database | None = None
        self._mailboxes: list[Mailbox] = []
        self._page: PageServer | None = None
        self._telegram: Telegram | None = None

    async def open(self, *, once: bool = False) -> None:
        """The database and the page; for `once` without being known as the one at work.

        Raises `ConfigError` (`SecondCopy` when another process is at work), `StorageUnavailable`; nothing is left open
        then.
        """
        db = await open_database(self._settings)
        self.services = build_services(self._settings, self._clock, db)
        self.presence = Presence(self.services, [part for part in PARTS if self._wants(part)])
        host, pulse = host_of(self._settings), None if once else self.presence.pulse
        self.supervisor = Supervisor(self._clock, db, self.services.health, host=host, pulse=pulse)
        try:
            await (self.presence.refuse_second() if once else self.presence.begin())
            async with db.transaction() as tx:
                await self.services.people.install_admins(tx)
            await self._open_page()
        except BaseException:
            await self._close(asyncio.get_running_loop().time() + STOP_WITHIN)
            raise

    async def start(self) -> None:
        """Every job, and the chat when it is loaded; what cannot be reached yet is tried again by its job.

        Raises `ConfigError`.
        """
        self._register_jobs()
        self._register_signs_of_life()
        self._register_backup()
        if self._wants("chat", "letters"):
            self.supervisor.spawn("words", in_thread("words", self.services.letters.prepare))
        if self._opening is not None:
            await self._register_chat()
            await self._opening(self.supervisor)
        await self.supervisor.start()
        if self._telegram is None:
            await self._register_chat()
        self.supervisor.spawn("catching up", self.presence.tell_of_gap(self.supervisor.states))
        self._manager.ready(self.page_url)

    async def once(self) -> dict[str, str | None]:
        """One cycle of every job, the courier last; what went wrong with each, None if nothing did."""
        await self.open(once=True)
        try:
            self._register_jobs()
            await self._register_chat()
            return await self.supervisor.run_once()
        finally:
            await self.stop()

    async def stop(self) -> None:
        """End everything in order, within 3 s altogether, however much of it hangs."""
        until = asyncio.get_running_loop().time() + STOP_WITHIN
        self._manager.stopping()
        if self._telegram is not None:
            self._telegram.book.hurry()
        await self.supervisor.stop(timeout=JOBS_WITHIN)
        await self._close(until)

    @property
    def page_url(self) -> str:
        """Where the status page is; '' when it is not served."""
        return self._page.url if self._page else ""

    def _wants(self, *parts: str) -> bool:
        return self._only is None or any(part in self._only for part in parts)

    async def _close(self, until: float) -> None:
        """Close what is open by that time of the loop: all at once, the database last."""
        closing = [self.presence.end(), self._close_page(), *(box.close() for box in self._mailboxes)]
        if self._telegram is not None:
            closing.append(self._telegram.close())
        await _by(until - DATABASE_WITHIN, closing)
        await _by(until, [self.services.db.close()])

    async def _close_page(self) -> None:
        if self._page is not None:
            await self._page.stop()
        if self._pages is not None:
            await self._pages.close()

    async def _open_page(self) -> None:
        if not self._wants("page"):
            return
        from bot.page.app import PageServer, build
        from bot.page.security import check_exposure

        section, token = self._settings.page, self._settings.page.token.get_secret_value()
        check_exposure(section.host, token)
        options = storage_options(self._settings.database)
        self._pages = Database(self._settings.database.url, options, read_only=True)
        application = build(
            self._pages,
            clock=self._clock,
            language=self._settings.language,
            timezone=self._settings.timezone,
            token=token,
            late_after=self.services.requests.late_after,
            mailboxes=tuple(self._settings.mailbox),
        )
        self._page = PageServer(application, section.host, section.port)
        await self._page.start()

    def _register_jobs(self) -> None:
        if self._wants("reminders"):
            self.supervisor.every("reminders", self._remind_every, self._remind)
            self._register_lateness()
        if self._wants("courier"):
            self.supervisor.every("outbox", PRUNE_EVERY, self._prune_outbox)
        if self._wants("files"):
            self._register_files()
            self._processes = Processes(self.services, self.supervisor, self._clock, host_of(self._settings))
            self._processes.begin(process_settings(self._settings))
            self._register_reload()
        if self._wants("letters"):
            self._register_letters()

    def _register_lateness(self) -> None:
        """Whether the mailboxes are read in time, by this process or another."""
        limits = {name: late_after(box.check_every) for name, box in self._settings.mailbox.items()}
        if limits:
            services = self.services
            lateness = Lateness(services.db, self._clock, services.health, services.letters, limits)
            self.supervisor.every("lateness", LATENESS_EVERY, lateness.once)

    def _register_letters(self) -> None:
        if not self._settings.mailbox:
            self.supervisor.off("letters")
        for name, section in self._settings.mailbox.items():
            job = f"mailbox.{name}"
            box = open_mailbox(section, self._clock)
            self._mailboxes.append(box)
            intake = intake_of(name, section)
            pass_over = MailboxJob(
                self.services.db,
                self._clock,
                self.services.letters,
                box,
                intake,
                partial(self.supervisor.beat, job),
                partial(self.supervisor.alive, job),
            )
            self.supervisor.loop(job, pass_over.run, once=pass_over.once, topic="requests", beats=True)
            post = open_post(section, box)
            if post is not None:
                self._register_post(name, post, section.sender)
        expiring = {name: on for name, box in self._settings.mailbox.items() if (on := box.client_secret_expires)}
        if expiring:
            watch = SecretsWatch(self.services.db, self._clock, self.services.alerts, expiring)
            self.supervisor.every("secrets", LOOK_EVERY, watch.once)

    def _register_post(self, mailbox: str, post: Post, address: str) -> None:
        """What sends the letters of a mailbox: at once what is queued in this process."""
        name = f"post.{mailbox}"
        beat = partial(self.supervisor.beat, name)
        job = PostJob(self.services.db, self._clock, self.services.outgoing, mailbox, post, address, beat)
        self.supervisor.loop(
            name, job.run, once=job.once, drain=job.drain, stage=Stage.WORK, topic="requests", beats=True
        )

        def queued(source: str) -> None:
            if source == mailbox:
                job.wake()
                self.supervisor.wake(name)  # also when it waits after a failure

        self.services.outgoing.on_queued(queued)

    def _register_files(self) -> None:
        watches = watch_settings(self._settings)
        self._folders = Folders(self.services, self.supervisor, self._clock)
        self._folders.begin(watches)
        database = self._settings.database
        if watches or database.retention_days is not None or database.vacuum_on_start:
            self._register_maintenance()

    def _register_maintenance(self) -> None:
        database = self._settings.database
        maintenance = Maintenance(
            self.services.db,
            self._clock,
            self.services.files,
            DiskService(self._clock, self.services.alerts),
            retention_days=database.retention_days,
            interval=database.maintenance_interval,
            batch_size=database.maintenance_batch_size,
            on_start=database.maintenance_on_start,
            vacuum_on_start=database.vacuum_on_start,
            vacuum_on_maintenance=database.vacuum_on_maintenance,
            beat=partial(self.supervisor.beat, MAINTENANCE),
        )
        self.supervisor.loop(MAINTENANCE, maintenance.run, once=maintenance.once)

    def _register_signs_of_life(self) -> None:
        url = self._settings.health.ping_url.get_secret_value()
        if url:
            from jobs.health.ping import EVERY, Ping

            ping = Ping(self.services.db, self._clock, self.services.health, self.services.alerts, url)
            self.supervisor.every("health", EVERY, ping.once, topic=None)
        if self._manager.watchdog is not None:
            beat = partial(self.supervisor.beat, "watchdog")
            self.supervisor.loop("watchdog", partial(self._manager.keep_alive, self._clock, beat), topic=None)

    def _register_backup(self) -> None:
        """The copy of each night; now, when the machine was off at that time."""
        path = self.services.db.path
        if not self._wants("courier"):
            return
        if path is None:
            self.supervisor.off("backup")
            return
        waits = partial(self.supervisor.waits, "backup")
        nightly = backup.NightlyBackup(self.services.db, path, self._clock, self.services.runs, waits)
        last = backup.last_backup(path)
        zone = self._settings.timezone
        self.supervisor.daily("backup", backup.AT, zone, nightly.once, topic=None, last_ok_at=last)
        if not self.presence.is_first and is_backup_late(last, self._clock.now()):
            self.supervisor.wake("backup")

    def _register_reload(self) -> None:
        if self._config is None:
            return
        reload = Reload(
            self._config,
            self._settings,
            self.services.db,
            self._clock,
            self.services.alerts,
            {"watch": self._apply_watches, "process": self._apply_processes},
            self._reconfigured,
            beat=partial(self.supervisor.beat, "configuration"),
        )
        self.supervisor.loop("configuration", reload.run)

    async def _apply_watches(self, settings: Settings) -> list[Change]:
        changes = await self._folders.apply(watch_settings(settings))
        if settings.watch and MAINTENANCE not in {job.name for job in self.supervisor.states()}:
            self._register_maintenance()
        return changes

    async def _apply_processes(self, settings: Settings) -> list[Change]:
        return await self._processes.apply(process_settings(settings))

    def _reconfigured(self, settings: Settings) -> None:
        """The menus show what is configured; a chat that is still being loaded begins with it."""
        self._settings = settings
        if self._telegram is not None:
            self._telegram.configure(settings)

    async def _register_chat(self) -> None:
        """The chat and the courier. The import takes seconds: in a thread no stop waits for, while the page answers."""
        if not self._wants("chat", "courier"):
            return
        telegram = await in_thread("import", partial(importlib.import_module, "bot.telegram"))
        made: Telegram = telegram.build(
            self._settings, self.services, self.supervisor, f"{socket.gethostname()}:{os.getpid()}", self._prepare
        )
        self._telegram = made
        if self._wants("courier"):
            courier = made.courier
            self.supervisor.loop(
                "courier", courier.run, stage=Stage.DELIVERY, drain=courier.drain, once=courier.once, topic=None
            )
        intake = made.intake
        if intake is None:
            self.supervisor.off("chat")
        elif self._wants("chat"):
            self.supervisor.loop("chat", intake.run, drain=intake.drain, once=intake.cycle, topic=None)

    async def _prune_outbox(self) -> None:
        before = self._clock.now() - OUTBOX_KEPT
        removed = PRUNE_PIECE
        while removed >= PRUNE_PIECE:
            async with self.services.db.transaction() as tx:
                removed = await self.services.alerts.prune(tx, before, PRUNE_PIECE)

    async def _remind(self) -> None:
        async with self.services.db.transaction() as tx:
            await self.services.requests.end_offers(tx)  # first: it redraws cards, and a reminder is a new one
            late = await self.services.requests.remind(tx)
            waiting = await self.services.letters.remind(tx)
        if late:
            log.info("reminded of %s", ", ".join(request.name for request in late))
        if waiting:
            log.info("reminded of %d letters that wait for a person", len(waiting))
