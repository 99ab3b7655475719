"""Everything that needs aiogram, put together: the chat, its line to Telegram, the courier. Imported late."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.fsm.strategy import FSMStrategy
from aiogram.utils.token import TokenValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.courier import Courier, Renderer
from bot.asking import asking
from bot.chat import menu
from bot.chat.access import Entrance, Gate, Here
from bot.chat.cardbook import CardBook
from bot.chat.cards import Card
from bot.chat.errors import ErrorAnswer
from bot.chat.intake import Intake, Spawn
from bot.chat.isolation import QueueIsolation
from bot.chat.line import TelegramLine
from bot.chat.menu import Menu, MenuChat
from bot.chat.outbound import LogLine, Outbound
from bot.chat.polling import Polling
from bot.chat.replies import ReplyTo
from bot.chat.storage import FormStorage
from bot.chat.webhook import Address, Webhook, secret_of
from bot.files import following as following_handlers
from bot.files import handlers as file_handlers
from bot.files import notices as file_notices
from bot.files import processing as file_processing
from bot.files import watches as watch_handlers
from bot.files.following import FollowingChat
from bot.files.handlers import FilesChat
from bot.files.processing import ProcessesChat
from bot.files.watches import WatchesChat
from bot.health import handlers as health_handlers
from bot.health.accounts import account_card
from bot.health.away import away_card, no_backup_card, second_card
from bot.health.cards import source_card
from bot.health.configuration import configuration_card
from bot.health.handlers import HealthChat
from bot.letters import handlers as letter_handlers
from bot.letters import mailboxes
from bot.letters import notices as letter_notices
from bot.letters import outgoing as outgoing_letters
from bot.letters.handlers import LettersChat
from bot.letters.mailboxes import MailboxesChat
from bot.letters.outgoing import OutgoingChat
from bot.menus import announce, configured
from bot.people import cards as people_cards
from bot.people import groups, invited, leaving, members
from bot.people import handlers as people_handlers
from bot.people import notices as people_notices
from bot.people.groups import GroupsChat
from bot.people.handlers import PeopleChat
from bot.people.invited import InvitedChat
from bot.people.leaving import LeavingChat
from bot.people.members import MembersChat
from bot.requests import contractors as contractor_handlers
from bot.requests import handlers as request_handlers
from bot.requests import notices as request_notices
from bot.requests.contractors import ContractorsChat
from bot.requests.handlers import RequestsChat
from bot.services import Services
from core.alerts.model import LiveCard, Notice
from core.errors import ConfigError
from core.health.accounts import ACCOUNT, AccountsService
from core.people import store as people_store
from core.people.model import Reader
from core.settings import Settings
from jobs.supervisor import Supervisor

Prepare = Callable[[Dispatcher], None]
"""Adds to a chat what is asked before all else of it."""


@dataclass(frozen=True, slots=True)
class Telegram:
    """The chat's running parts. `intake` is None in a dry run."""

    courier: Courier
    intake: Intake | None
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


def build(
    settings: Settings, services: Services, supervisor: Supervisor, holder: str, prepare: Prepare | None = None
) -> Telegram:
    """Put the chat together. Raises `ConfigError` for a token that cannot be one."""
    bot = make_bot(settings)
    outbound = Outbound(TelegramLine(bot) if bot else LogLine(), services.clock)
    book = CardBook(services.db, services.alerts, supervisor.spawn)
    renderers = make_renderers(services)
    accounts = AccountsService(services.clock, services.alerts, asking(services))
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
        introduce=accounts.met if bot else None,
        beat=lambda: supervisor.beat("courier"),
    )
    shown = Menu(configured(settings))
    if bot is None:
        return Telegram(courier, None, book, None, shown, supervisor.spawn)
    language = settings.language
    dispatcher = make_dispatcher(services, supervisor, outbound, book, renderers, shown, language, accounts, prepare)

    intake = make_intake(settings, services, supervisor, bot, dispatcher, shown)
    return Telegram(courier, intake, book, bot, shown, supervisor.spawn)


def make_intake(
    settings: Settings, services: Services, supervisor: Supervisor, bot: Bot, dispatcher: Dispatcher, shown: Menu
) -> Intake:
    """How updates come: fetched, or posted by Telegram."""

    async def tell_conflict() -> None:
        async with services.db.transaction() as tx:
            await services.runs.tell_second_poller(tx)

    async def tell_taken(host: str) -> None:
        async with services.db.transaction() as tx:
            await services.runs.tell_webhook(tx, host)

    def waits(message: str | None = None, **values: object) -> None:
        supervisor.waits("chat", message, **values)

    section, beat = settings.telegram.webhook, partial(supervisor.beat, "chat")
    if settings.telegram.mode == "webhook":
        secret = section.secret.get_secret_value() or secret_of(bot.token, section.url)
        return Webhook(
            bot,
            dispatcher,
            supervisor.spawn,
            Address(section.url, section.host, section.port, secret),
            on_contact=lambda: announce(bot, shown),
            beat=beat,
            on_taken=tell_taken,
            on_conflict=tell_conflict,
            waits=waits,
            sleep=services.clock.sleep,
        )
    return Polling(
        bot,
        dispatcher,
        supervisor.spawn,
        on_contact=lambda: announce(bot, shown),
        beat=beat,
        on_conflict=tell_conflict,
        on_webhook=tell_taken,
        own_url=section.url,
        waits=waits,
        sleep=services.clock.sleep,
    )


class Session(AiohttpSession):
    """aiogram's session, closed without its wait of 250 ms for TLS to say goodbye: the process is ending."""

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


def make_bot(settings: Settings) -> Bot | None:
    """The line to the Bot API; None without a token."""
    section = settings.telegram
    token, proxy = section.token.get_secret_value(), section.proxy.get_secret_value()
    if not token:
        return None
    session = Session(proxy=proxy or None, api=TelegramAPIServer.from_base(section.api_base.rstrip("/")), timeout=30)
    try:
        return Bot(token, session=session)
    except TokenValidationError as error:
        raise ConfigError("telegram.token does not look like a token from @BotFather (123456:ABC…).") from error


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

    async def account(_connection: AsyncConnection, notice: Notice, reader: Reader) -> Card | None:
        return account_card(notice.data, reader) if notice.data else None

    return {
        ACCOUNT: account,
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
        **people_notices.renderers(services.alerts, services.departures),
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
    accounts: AccountsService,
    prepare: Prepare | None,
) -> Dispatcher:
    """The chat: errors outermost, then who is there, then may they, then the features."""
    forms = FormStorage(services.db, services.clock)
    dispatcher = Dispatcher(
        storage=forms,
        events_isolation=QueueIsolation(),
        fsm_strategy=FSMStrategy.USER_IN_TOPIC,
    )
    if prepare is not None:
        prepare(dispatcher)
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

    async def waiting() -> int:
        async with services.db.reading() as connection:
            return len(await people_store.list_open_access_requests(connection))

    async def let_in(chat_id: int) -> None:
        async with services.db.reading() as connection:
            missed = await accounts.missed(connection, chat_id)
        if missed:
            async with services.db.transaction() as tx:
                await accounts.let_in(tx, chat_id)

    menu_chat = MenuChat(shown, stranger, redraw, waiting, let_in)
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
        groups.router(GroupsChat(services.db, services.clock, services.people, services.alerts, accounts)),
        members.router(MembersChat(services.db, services.clock, services.people, services.alerts)),
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
        people_handlers.router(
            PeopleChat(services.db, services.clock, services.people, services.alerts, services.departures)
        ),
        leaving.router(
            LeavingChat(services.db, services.clock, services.people, services.alerts, services.departures, forms)
        ),
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
