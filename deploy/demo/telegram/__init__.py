"""Telegram in miniature: a strict Bot API server over real HTTP, for the demo and for tests."""

from deploy.demo.telegram.client import Person
from deploy.demo.telegram.errors import ApiError
from deploy.demo.telegram.model import Chat, Message, Press, User
from deploy.demo.telegram.server import BOT, TOKEN, TelegramServer

__all__ = ["BOT", "TOKEN", "ApiError", "Chat", "Message", "Person", "Press", "TelegramServer", "User"]
