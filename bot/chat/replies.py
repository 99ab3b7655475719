"""A reply to a card is about what the card shows."""

from aiogram.filters import Filter
from aiogram.types import InlineKeyboardMarkup, Message

from bot.chat.cardbook import CardBook


class ReplyTo(Filter):
    """Passes replies to a card of this kind; hands the handler `subject_id` (`request:7` → 7).

    `buttons` is how the data of a button that only such a card has begins, up to the id (`rq:comment:`).
    """

    def __init__(self, book: CardBook, kind: str, buttons: str) -> None:
        self._book = book
        self._kind = kind
        self._buttons = buttons

    async def __call__(self, message: Message) -> bool | dict[str, int]:
        """Look the card up by its message; where it was never written down, its own buttons say what it is."""
        card = message.reply_to_message
        if card is None or card.from_user is None or not card.from_user.is_bot or (message.text or "").startswith("/"):
            return False
        known = await self._book.at(message.chat.id, card.message_id)
        if known is not None:
            kind, _, subject_id = known.subject.partition(":")
            return {"subject_id": int(subject_id)} if kind == self._kind and subject_id.isdigit() else False
        return self._from_buttons(card.reply_markup)

    def _from_buttons(self, markup: InlineKeyboardMarkup | None) -> bool | dict[str, int]:
        for row in markup.inline_keyboard if markup else ():
            for button in row:
                data = button.callback_data or ""
                subject_id = data.removeprefix(self._buttons).split(":")[0]
                if data.startswith(self._buttons) and subject_id.isdigit():
                    return {"subject_id": int(subject_id)}
        return False
