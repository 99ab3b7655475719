"""The menus: every command with its button, which of them what is configured needs, and how Telegram learns of them."""

import logging
from typing import Final

from aiogram import Bot
from aiogram.types import BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats

from bot.chat import menu
from bot.chat.line import FAILURES
from bot.chat.menu import Entry, Menu, MenuButton
from bot.files.keyboards import FilesButton, FollowButton, WatchButton
from bot.files.process_cards import ProcessButton
from bot.letters.keyboards import LettersButton
from bot.people.keyboards import AccessButton, SettingsButton
from bot.requests.keyboards import ContractorButton, FormButton, ListButton
from core.settings import Settings
from core.text import LANGUAGES, translator

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


def configured(settings: Settings) -> tuple[Entry, ...]:
    """Optional means absent: no command for what is not configured."""
    files = dict.fromkeys(("files", "watch", "follow"), settings.watch)
    needs = {**files, "jobs": settings.process, "letters": settings.mailbox, "contractors": settings.mailbox}
    return tuple(entry for entry in COMMANDS if needs.get(entry.command, True))


async def announce(bot: Bot, of: Menu) -> None:
    """Set the command menus: in private chats and in groups, in each language. Only the menus suffer if it fails."""
    try:
        for language in LANGUAGES:
            t = translator(language)
            code = None if language == "en" else language
            shown = menu.commands(t, of.entries, role="operator")
            for scope in (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()):
                await bot.set_my_commands(shown, scope=scope, language_code=code)
    except FAILURES as error:
        log.info("the command menus were not set: %s", type(error).__name__)
