"""The services over one database: what commands, jobs and the chat call; put together in one place."""

import os
import socket
from dataclasses import dataclass
from datetime import timedelta

from core.alerts.model import Destination, Route
from core.alerts.service import AlertsService
from core.clock import Clock
from core.db.engine import Database, StorageOptions
from core.db.migrations import upgrade
from core.files.following import FollowingService
from core.files.follows_handover import FollowsHandover
from core.files.model import AuditSettings, WatchSettings
from core.files.processing import ProcessingService
from core.files.processing_model import ProcessSettings
from core.files.service import FilesService
from core.files.timing import parse_every
from core.files.watches import WatchesService
from core.files.who_service import WhoService
from core.health.runs import RunsService
from core.health.service import HealthService
from core.letters.configured import configured
from core.letters.record import LettersOptions
from core.letters.sending import OutgoingService
from core.letters.service import LettersService
from core.people.departures import DeparturesService, Estate
from core.people.invitations import InvitationsService
from core.people.model import Reader
from core.people.service import PeopleService
from core.requests.contractors import ContractorsService
from core.requests.handover import RequestsHandover
from core.requests.model import WORKFLOW, WorkingHours
from core.requests.service import RequestsService
from core.settings import DatabaseSection, Settings, WatchSection
from core.settings_values import DAYS, working_hours
from jobs.health.processes import is_alive


@dataclass(frozen=True, slots=True)
class Services:
    """The services over one database: what commands, jobs and the chat call."""

    db: Database
    clock: Clock
    people: PeopleService
    invitations: InvitationsService
    departures: DeparturesService
    alerts: AlertsService
    health: HealthService
    runs: RunsService
    requests: RequestsService
    contractors: ContractorsService
    letters: LettersService
    outgoing: OutgoingService
    files: FilesService
    processing: ProcessingService
    watches: WatchesService
    who: WhoService
    following: FollowingService


async def open_database(settings: Settings) -> Database:
    """The configured database, brought up to date. Raises `ConfigError` or `StorageUnavailable`."""
    db = Database(settings.database.url, storage_options(settings.database))
    try:
        await upgrade(db)
    except BaseException:
        await db.close()
        raise
    return db


def storage_options(section: DatabaseSection) -> StorageOptions:
    """How SQLite is opened."""
    return StorageOptions(section.busy_timeout, section.journal_mode, section.synchronous, section.pragmas)


def build_services(settings: Settings, clock: Clock, db: Database) -> Services:
    """Every service, handed what it needs."""
    people = PeopleService(clock, settings.telegram.admins, Reader(settings.language, settings.timezone))
    chats = settings.telegram.chats.values()
    alerts = AlertsService(clock, tuple(Route(Destination(chat.id, chat.topic), chat.receives) for chat in chats))
    requests = RequestsService(
        clock,
        WORKFLOW,
        people,
        alerts,
        late_after=timedelta(minutes=settings.requests.remind_after_minutes),
        working_hours=hours_of_work(settings),
    )
    contractors = ContractorsService(clock, people)
    outgoing = OutgoingService(
        clock,
        people,
        requests,
        contractors,
        alerts,
        senders={name: box.sender for name, box in settings.mailbox.items() if box.sends},
        own=tuple(box.sender for box in settings.mailbox.values() if box.sender),
    )
    following = FollowingService(clock, people, alerts)
    alerts.when_moved(following.chat_moved)
    estates: dict[str, Estate] = {
        "requests": RequestsHandover(clock, WORKFLOW, alerts),
        "follows": FollowsHandover(following),
    }
    return Services(
        db=db,
        clock=clock,
        people=people,
        invitations=InvitationsService(clock, people),
        departures=DeparturesService(clock, people, estates),
        alerts=alerts,
        health=HealthService(clock, alerts),
        runs=RunsService(clock, alerts, host_of(settings), os.getpid(), is_alive, shared=not db.is_sqlite),
        requests=requests,
        contractors=contractors,
        letters=LettersService(clock, people, requests, alerts, contractors, letters_options(settings)),
        outgoing=outgoing,
        files=FilesService(clock, alerts, host=host_of(settings)),
        processing=ProcessingService(clock, people, alerts),
        watches=WatchesService(clock, people, alerts, host=host_of(settings)),
        who=WhoService(clock, host=host_of(settings)),
        following=following,
    )


def host_of(settings: Settings) -> str:
    """What rows say of the machine that wrote them: the configured name, else the machine's own."""
    return settings.host or socket.gethostname()


def hours_of_work(settings: Settings) -> WorkingHours:
    """When people may be disturbed."""
    start, end = working_hours(settings.requests.working_hours)
    days = tuple(DAYS.index(day) for day in settings.requests.working_days)
    return WorkingHours(start, end, days, settings.timezone)


def letters_options(settings: Settings) -> LettersOptions:
    """How letters are read and what is kept of them. Raises `ConfigError`."""
    section = settings.letters
    own = {status: {str(code): phrases for code, phrases in spoken.items()} for status, spoken in section.words.items()}
    return LettersOptions(
        words=configured(own, section.number_pattern),
        remind_after=timedelta(minutes=section.remind_after_minutes),
        working_hours=hours_of_work(settings),
        attachment_types=section.attachment_types,
        attachment_max=round(section.attachment_max_mb * 1024 * 1024),
        mailboxes=tuple(settings.mailbox),
    )


def watch_settings(settings: Settings) -> list[WatchSettings]:
    """The watched folders as the files capability knows them."""
    return [_watch(name, section) for name, section in settings.watch.items()]


def _watch(name: str, section: WatchSection) -> WatchSettings:
    audit = None if section.audit is None else AuditSettings(**dict(section.audit))
    return WatchSettings(name=name, **{**dict(section), "audit": audit})


def process_settings(settings: Settings) -> list[ProcessSettings]:
    """What is to be done with changed files, and on a schedule, as the files capability knows it."""
    return [
        ProcessSettings(
            **dict(section)
            | {
                "name": name,
                "timezone": settings.timezone,
                "every": parse_every(section.every) if section.every else None,
                "env": {variable: value.get_secret_value() for variable, value in section.env.items()},
            }
        )
        for name, section in settings.process.items()
    ]
