"""Everything that needs aiogram, put together: the chat, its line to Telegram, the courier. Imported late."""

import logging
from dataclasses import dataclass
from typing import Final

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError
from aiogram.fsm.strategy import FSMStrategy
from aiogram.types import BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from aiogram.utils.token import TokenValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.courier import Courier, Renderer
from bot.chat import menu
from bot.chat.access import Entrance, Gate, Here
from bot.chat.cardbook import CardBook
from bot.chat.cards import Card
from bot.chat.errors import ErrorAnswer
from bot.chat.isolation import QueueIsolation
from bot.chat.line import TelegramLine
from bot.chat.menu import Entry, Menu, MenuButton, MenuChat
from bot.chat.outbound import LogLine, Outbound
from bot.chat.polling import Polling, Spawn
from bot.chat.replies import ReplyTo
from bot.chat.storage import FormStorage
from bot.files import following as following_handlers
from bot.files import handlers as file_handlers
from bot.files import notices as file_notices
from bot.files import processing as file_processing
from bot.files import watches as watch_handlers
from bot.files.following import FollowingChat
from bot.files.handlers import FilesChat
from bot.files.keyboards import FilesButton, FollowButton, WatchButton
from bot.files.process_cards import ProcessButton
from bot.files.processing import ProcessesChat
from bot.files.watches import WatchesChat
from bot.health import handlers as health_handlers
from bot.health.away import away_card, no_backup_card, second_card
from bot.health.cards import source_card
from bot.health.configuration import configuration_card
from bot.health.handlers import HealthChat
from bot.letters import handlers as letter_handlers
from bot.letters import mailboxes
from bot.letters import notices as letter_notices
from bot.letters import outgoing as outgoing_letters
from bot.letters.handlers import LettersChat
from bot.letters.keyboards import LettersButton
from bot.letters.mailboxes import MailboxesChat
from bot.letters.outgoing import OutgoingChat
from bot.people import cards as people_cards
from bot.people import groups, invited
from bot.people import handlers as people_handlers
from bot.people import notices as people_notices
from bot.people.groups import GroupsChat
from bot.people.handlers import PeopleChat
from bot.people.invited import InvitedChat
from bot.people.keyboards import AccessButton, SettingsButton
from bot.requests import contractors as contractor_handlers
from bot.requests import handlers as request_handlers
from bot.requests import notices as request_notices
from bot.requests.contractors import ContractorsChat
from bot.requests.handlers import RequestsChat
from bot.requests.keyboards import ContractorButton, FormButton, ListButton
from bot.services import Services
from core.alerts.model import LiveCard, Notice
from core.errors import ConfigError
from core.people import store as people_store
from core.people.model import Reader
from core.settings import Settings
from core.text import LANGUAGES, translator
from jobs.supervisor import Supervisor

log = logging.getLogger(__name__)
COMMANDS: Final = (
    Entry(
        "new",
        "operator",
        lambda t: t("➕ New request"),
        lambda t: t("make a request: /new 101 12 Leak"),
        FormButton(action="new").pack(),
    ),
    Entry(
        "requests",
        "viewer",
        lambda t: t("📋 Requests"),
        lambda t: t("requests; /requests on_site, /requests leak"),
        ListButton(page=0).pack(),
    ),
    Entry("request", "viewer", lambda t: t("Request"), lambda t: t("one request: /request 101")),
    Entry(
        "overdue",
        "viewer",
        lambda t: t("⏰ Late"),
        lambda t: t("requests without news for too long"),
        ListButton(page=0, late=True).pack(),
    ),
    Entry(
        "letters",
        "viewer",
        lambda t: t("✉️ Letters"),
        lambda t: t("contractors' letters and what they changed"),
        LettersButton(action="list").pack(),
    ),
    Entry(
        "contractors",
        "viewer",
        lambda t: t("👷 Contractors"),
        lambda t: t("contractors; /contractors Lift Service @lift.example"),
        ContractorButton(action="list").pack(),
    ),
    Entry(
        "files",
        "viewer",
        lambda t: t("📁 Files"),
        lambda t: t("search the history of files: /files *.docx"),
        FilesButton(page=0).pack(),
    ),
    Entry(
        "watch",
        "viewer",
        lambda t: t("👁 Folders"),
        lambda t: t("watched folders: their state, pause, compare"),
        WatchButton(action="list").pack(),
    ),
    Entry(
        "follow",
        "viewer",
        lambda t: t("🔔 Subscriptions"),
        lambda t: t("follow files: /follow *.docx CRM"),
        FollowButton(action="list").pack(),
    ),
    Entry(
        "jobs",
        "viewer",
        lambda t: t("⚙️ Processes"),
        lambda t: t("what is done with changed files, and on a schedule"),
        ProcessButton(action="list").pack(),
    ),
    Entry(
        "status",
        "viewer",
        lambda t: t("🩺 Status"),
        lambda t: t("is everything all right?"),
        MenuButton(name="status").pack(),
    ),
    Entry(
        "access", "admin", lambda t: t("🔑 Access"), lambda t: t("who may do what"), AccessButton(action="list").pack()
    ),
    Entry("group", "admin", lambda t: t("Group"), lambda t: t("in a group: what I see there and what it is told")),
    Entry(
        "settings",
        "viewer",
        lambda t: t("⚙️ Settings"),
        lambda t: t("language and time zone"),
        SettingsButton(action="open").pack(),
    ),
    Entry("help", "viewer", lambda t: t("❓ Help"), lambda t: t("what I can do"), MenuButton(name="help").pack()),
    Entry("start", "viewer", lambda t: t("Menu"), lambda t: t("the menu")),
    Entry("cancel", "viewer", lambda t: t("Cancel"), lambda t: t("close a half-filled form")),
)
"""Every command, in the order of the menu."""


@dataclass(frozen=True, slots=True)
class Telegram:
    """The chat's running parts. `polling` is None in a dry run."""

    courier: Courier
    polling: Polling | None
    book: CardBook
    bot: Bot | None
    menu: Menu
    spawn: Spawn

    def configure(self, settings: Settings) -> None:
        """Bring the menus up to what is configured now."""
        before, self.menu.entries = self.menu.entries, configured(settings)
        if self.bot is not None and self.menu.entries != before:
            self.spawn("command menus", announce(self.bot, self.menu))

    async def close(self) -> None:
        """Close the connections to Telegram."""
        if self.bot is not None:
            await self.bot.session.close()


def build(settings: Settings, services: Services, supervisor: Supervisor, holder: str) -> Telegram:
    """Put the chat together. Raises `ConfigError` for a token that cannot be one."""
    bot = make_bot(settings)
    outbound = Outbound(TelegramLine(bot) if bot else LogLine(), services.clock)
    book = CardBook(services.db, services.alerts, supervisor.spawn)
    renderers = make_renderers(services)
    courier = Courier(
        services.db,
        services.clock,
        outbound,
        renderers,
        services.people.reader_of,
        supervisor.spawn,
        alerts=services.alerts,
        health=services.health,
        holder=holder,
        beat=lambda: supervisor.beat("courier"),
    )
    shown = Menu(configured(settings))
    if bot is None:
        return Telegram(courier, None, book, None, shown, supervisor.spawn)
    dispatcher = make_dispatcher(services, supervisor, outbound, book, renderers, shown, settings.language)

    async def second_poller() -> None:
        async with services.db.transaction() as tx:
            await services.runs.tell_second_poller(tx)

    polling = Polling(
        bot,
        dispatcher,
        supervisor.spawn,
        on_contact=lambda: announce(bot, shown),
        beat=lambda: supervisor.beat("chat"),
        on_conflict=second_poller,
        waits=lambda message: supervisor.waits("chat", message),
        sleep=services.clock.sleep,
    )
    return Telegram(courier, polling, book, bot, shown, supervisor.spawn)


class Session(AiohttpSession):
    """aiogram's session, closed without its wait of 250 ms for TLS to say goodbye: the process is ending."""

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


def make_bot(settings: Settings) -> Bot | None:
    """The line to the Bot API; None without a token."""
    section = settings.telegram
    token = section.token.get_secret_value()
    if not token:
        return None
    session = Session(
        proxy=section.proxy or None, api=TelegramAPIServer.from_base(section.api_base.rstrip("/")), timeout=30
    )
    try:
        return Bot(token, session=session)
    except TokenValidationError as error:
        raise ConfigError("telegram.token does not look like a token from @BotFather (123456:ABC…).") from error


def configured(settings: Settings) -> tuple[Entry, ...]:
    """Optional means absent: no command for what is not configured."""
    files = dict.fromkeys(("files", "watch", "follow"), settings.watch)
    needs = {**files, "jobs": settings.process, "letters": settings.mailbox, "contractors": settings.mailbox}
    return tuple(entry for entry in COMMANDS if needs.get(entry.command, True))


def make_renderers(services: Services) -> dict[str, Renderer]:
    """Who draws a notice, by its kind."""

    async def source(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return source_card(notice.data, reader, services.clock.now())

    async def configuration(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return configuration_card(notice.data, reader) if notice.data else None

    async def away(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return away_card(notice.data, notice.subject, reader, services.clock.now())

    async def second(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return second_card(notice.data, reader)

    async def no_backup(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return no_backup_card(notice.data, reader)

    return {
        "away": away,
        "backup": no_backup,
        "second": second,
        "source": source,
        "configuration": configuration,
        **request_notices.renderers(
            services.requests,
            services.clock,
            asks=services.outgoing.can_send,
            mail_of=letter_notices.mail_of(services.letters),
        ),
        **people_notices.renderers(services.alerts),
        **letter_notices.renderers(services.letters, services.clock),
        **outgoing_letters.renderers(services.outgoing, services.clock),
        **file_notices.renderers(services.files, services.watches, services.following, services.clock),
        **file_processing.renderers(services.processing, services.clock),
    }


def make_dispatcher(
    services: Services,
    supervisor: Supervisor,
    outbound: Outbound,
    book: CardBook,
    renderers: dict[str, Renderer],
    shown: Menu,
    language: str,
) -> Dispatcher:
    """The chat: errors outermost, then who is there, then may they, then the features."""
    dispatcher = Dispatcher(
        storage=FormStorage(services.db, services.clock),
        events_isolation=QueueIsolation(),
        fsm_strategy=FSMStrategy.USER_IN_TOPIC,
    )
    dispatcher.update.outer_middleware(ErrorAnswer(language))
    dispatcher.update.outer_middleware(Entrance(services.db, services.clock, services.people, outbound, book))
    gate = Gate(stranger, supervisor.spawn)
    dispatcher.message.middleware(gate)
    dispatcher.callback_query.middleware(gate)

    async def redraw(chat_id: int, message_id: int, here: Here) -> Card | None:
        known = await book.at(chat_id, message_id)
        if known is None or known.kind not in renderers:
            return None
        async with services.db.reading() as connection:
            return await renderers[known.kind](connection, as_notice(known), here.reader)

    async def asking() -> int:
        async with services.db.reading() as connection:
            return len(await people_store.list_open_access_requests(connection))

    menu_chat = MenuChat(shown, stranger, redraw, asking)
    letters, requests = ReplyTo(book, "letter", "lt:dismiss:"), ReplyTo(book, "request", "rq:comment:")
    outgoing = [ReplyTo(book, kind, outgoing_letters.REPLIES) for kind in ("outgoing", "unsent")]
    letters_chat = LettersChat(services.db, services.clock, services.letters, services.requests)
    requests_chat = RequestsChat(
        services.db,
        services.clock,
        services.requests,
        asks=services.outgoing.can_send,
        mail_of=letter_notices.mail_of(services.letters),
    )
    dispatcher.include_routers(
        groups.router(GroupsChat(services.db, services.clock, services.people, services.alerts)),
        invited.router(InvitedChat(services.db, services.invitations, services.alerts)),
        menu.router(menu_chat),
        letter_handlers.router(letters_chat, letters, requests),
        mailboxes.router(MailboxesChat(services.db, services.letters)),
        request_handlers.router(requests_chat, requests),
        contractor_handlers.router(
            ContractorsChat(services.db, services.requests, services.contractors, requests_chat.card)
        ),
        outgoing_letters.router(OutgoingChat(services.db, services.clock, services.outgoing), *outgoing),
        file_handlers.router(
            FilesChat(services.db, services.clock, services.files, services.following, services.health)
        ),
        watch_handlers.router(
            WatchesChat(services.db, services.clock, services.watches, services.files, services.health)
        ),
        following_handlers.router(FollowingChat(services.db, services.clock, services.files, services.following)),
        file_processing.router(ProcessesChat(services.db, services.clock, services.processing)),
        people_handlers.router(PeopleChat(services.db, services.clock, services.people, services.alerts)),
        health_handlers.router(HealthChat(services.db, services.clock, services.health, services.alerts)),
        letter_handlers.listening_router(letters_chat),
        menu.last_router(menu_chat),
    )
    return dispatcher


def stranger(here: Here) -> Card:
    """What somebody without access sees."""
    return people_cards.stranger_card(here.t, here.person.name)


def as_notice(card: LiveCard) -> Notice:
    """A shown card as the notice that would show it again."""
    return Notice(
        id=0,
        to=card.to,
        kind=card.kind,
        subject=card.subject,
        mode="refresh",
        data=card.data,
        priority=0,
        state="new",
        attempts=0,
        created_at=card.sent_at,
        not_before=card.sent_at,
        expires_at=card.sent_at,
    )


async def announce(bot: Bot, of: Menu) -> None:
    """Set the command menus: in private chats and in groups, in each language. Only the menus suffer if it fails."""
    try:
        for language in LANGUAGES:
            t = translator(language)
            code = None if language == "en" else language
            shown = menu.commands(t, of.entries, role="operator")
            for scope in (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()):
                await bot.set_my_commands(shown, scope=scope, language_code=code)
    except TelegramAPIError as error:
        log.info("the command menus were not set: %s", type(error).__name__)
