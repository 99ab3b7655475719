"""The assistant's side of one conversation: answering a message, redrawing a card, a toast on a button."""

import logging
from typing import Final

from aiogram.types import CallbackQuery, InaccessibleMessage, Message

from bot.chat.cardbook import CardBook
from bot.chat.cards import TOAST_LIMIT, Card, shorten
from bot.chat.line import FAILURES
from bot.chat.outbound import Outbound, Undelivered
from core.alerts.model import Destination, LiveCard
from core.clock import Clock

log = logging.getLogger(__name__)

TOAST_WITHIN: Final = 3
"""Seconds that the answer to a press may take: the card is redrawn after it, and nobody waits longer for a toast."""


class Talk:
    """Answers to one update. A message is answered by a new message, a button by redrawing its own."""

    def __init__(self, event: Message | CallbackQuery, outbound: Outbound, book: CardBook, clock: Clock) -> None:
        self._outbound = outbound
        self._book = book
        self._began = clock.now()
        self._callback = event if isinstance(event, CallbackQuery) else None
        message = event.message if isinstance(event, CallbackQuery) else event
        self.message: Message | None = message if isinstance(message, Message) else None
        self.chat_id = message.chat.id if isinstance(message, Message | InaccessibleMessage) else event_person(event)
        thread = self.message.message_thread_id if self.message and self.message.is_topic_message else None
        self.to = Destination(self.chat_id, thread or 0)
        self.private = self.chat_id > 0
        self._answered = self._callback is None

    async def say(self, card: Card) -> None:
        """Send a card as a new message. What a group cannot be shown now comes there as soon as it can."""
        reply_to = self.message.message_id if card.ask and self.message else None
        try:
            message_id = await self._outbound.send(self.to, card, reply_to=reply_to)
        except Undelivered:
            if self.private or not card.subject:
                raise
            await self._book.owe(self.to, card.subject, self._began)
        else:
            self._remember(message_id, card)

    async def show(self, card: Card) -> None:
        """Redraw the card whose button was pressed; a message is answered by a new one."""
        if self._callback is None or self.message is None:
            await self.say(card)
            return
        await self.toast("")
        if await self._outbound.edit(self.chat_id, self.message.message_id, card):
            self._remember(self.message.message_id, card)
        else:  # deleted or too old: what was asked for is shown all the same
            await self.say(card)

    async def toast(self, text: str, *, alert: bool = False) -> None:
        """Answer the press of a button, once, at most 200 characters; nothing when it was no button."""
        if self._answered or self._callback is None or self._callback.bot is None:
            return
        self._answered = True
        try:
            answer = self._callback.answer(shorten(text, TOAST_LIMIT) or None, show_alert=alert or None)
            await self._callback.bot(answer, request_timeout=TOAST_WITHIN)
        except FAILURES as error:  # too old, or Telegram is away: only the toast is lost, not the press
            log.info("a button could not be answered: %s", type(error).__name__)

    @property
    def answered(self) -> bool:
        """Whether the press of the button has had its answer (true for a message)."""
        return self._answered

    def _remember(self, message_id: int, card: Card) -> None:
        if card.subject and message_id:
            kind = card.subject.partition(":")[0]
            self._book.remember(LiveCard(self.to, message_id, kind, card.subject, card.digest, self._began))


def event_person(event: Message | CallbackQuery) -> int:
    """The Telegram id of who caused the update; 0 when nobody did."""
    return event.from_user.id if event.from_user else 0
