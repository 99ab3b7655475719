"""The line to the Bot API: cards to method calls, and aiogram's errors to what they mean for a delivery."""

from typing import Any, Final

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import EditMessageText, GetMe, SendDocument, SendMessage, TelegramMethod
from aiogram.types import (
    BufferedInputFile,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
    User,
)
from aiohttp import ClientConnectorError, ClientTimeout, ConnectionTimeoutError

from bot.chat.cards import Card, Document
from bot.way import PROXY_ERRORS
from core.alerts.model import Account, Destination
from core.alerts.rules import Answer, Meaning, meaning_of_refusal

SEND_TIMEOUT: Final = ClientTimeout(total=30, connect=10)
"""A connection that does not come about within its share surely carried nothing; later, nobody knows."""
UPLOAD_TIMEOUT: Final = ClientTimeout(total=180, connect=10)
PING_TIMEOUT: Final = ClientTimeout(total=10, connect=5)
FAILURES: Final = (TelegramAPIError, ClientDecodeError, *PROXY_ERRORS)
"""What a call to the Bot API may raise: Telegram refuses it, or a gateway, a proxy or the network is in the way."""

_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)


class TelegramLine:
    """A `Line` over aiogram, whatever the bot's session talks to."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def send(self, to: Destination, card: Card, *, reply_to: int | None = None) -> Answer:
        """Send a new message (Bot API sendMessage, with a file sendDocument)."""
        if card.document is not None:
            return await self._answer(_document(to, card, card.document, reply_to), UPLOAD_TIMEOUT)
        method = SendMessage(
            chat_id=to.chat_id,
            message_thread_id=to.thread_id or None,
            text=str(card.text),
            parse_mode="HTML",
            link_preview_options=_NO_PREVIEW,
            disable_notification=card.silent or None,
            reply_parameters=_reply(reply_to),
            reply_markup=ForceReply(selective=True) if card.ask else keyboard(card),
        )
        return await self._answer(method, SEND_TIMEOUT)

    async def edit(self, chat_id: int, message_id: int, card: Card) -> Answer:
        """Show this card in that message instead (Bot API editMessageText)."""
        method = EditMessageText(
            chat_id=chat_id,
            message_id=message_id,
            text=str(card.text),
            parse_mode="HTML",
            link_preview_options=_NO_PREVIEW,
            reply_markup=keyboard(card),
        )
        return await self._answer(method, SEND_TIMEOUT)

    async def ping(self) -> Answer:
        """Bot API getMe: whether anybody answers, and who we are there."""
        return await self._answer(GetMe(), PING_TIMEOUT)

    async def _answer(self, method: TelegramMethod[Any], timeout: ClientTimeout) -> Answer:
        try:
            # aiogram hands it on to aiohttp as it is, though it says int
            result = await self._bot(method, request_timeout=timeout)  # type: ignore[arg-type]  # see above
        except FAILURES as error:
            return answer_of(error, self._bot.token)
        if isinstance(result, User):
            return Answer("ok", account=Account(result.id, result.username or ""))
        return Answer("ok", result.message_id if isinstance(result, Message) else None)


def _document(to: Destination, card: Card, document: Document, reply_to: int | None) -> SendDocument:
    return SendDocument(
        chat_id=to.chat_id,
        message_thread_id=to.thread_id or None,
        document=BufferedInputFile(document.content, document.name),
        caption=str(card.text) or None,
        parse_mode="HTML",
        disable_content_type_detection=True,
        disable_notification=card.silent or None,
        reply_parameters=_reply(reply_to),
        reply_markup=keyboard(card),
    )


def keyboard(card: Card) -> InlineKeyboardMarkup | None:
    """The card's buttons as Telegram wants them."""
    if not card.rows:
        return None
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=b.text, callback_data=b.data) for b in row] for row in card.rows]
    )


def _reply(message_id: int | None) -> ReplyParameters | None:
    if message_id is None:
        return None
    return ReplyParameters(message_id=message_id, allow_sending_without_reply=True)


def answer_of(error: Exception, token: str) -> Answer:
    """What an error of a call means for its delivery; the bot's token is taken out of the reason."""
    reason = redact(f"{type(error).__name__}: {getattr(error, 'message', error)}", token)
    if isinstance(error, TelegramRetryAfter):
        return Answer("slow_down", retry_after=float(error.retry_after), reason=reason)
    if isinstance(error, TelegramMigrateToChat):
        return Answer("moved", moved_to=error.migrate_to_chat_id, reason=reason)
    return Answer(_meaning(error), reason=reason)


_MEANINGS: Final[tuple[tuple[type[Exception] | tuple[type[Exception], ...], Meaning], ...]] = (
    (TelegramEntityTooLarge, "refused"),  # before its parent, TelegramNetworkError
    ((TelegramUnauthorizedError, TelegramNotFound), "unauthorized"),  # 404 is how a malformed token is refused
    ((TelegramServerError, TelegramConflictError), "failed"),
    (ClientDecodeError, "unclear"),  # not the Bot API's JSON: a proxy or a gateway speaks
    (PROXY_ERRORS, "unreachable"),
)


def _meaning(error: Exception) -> Meaning:
    for kinds, meaning in _MEANINGS:
        if isinstance(error, kinds):
            return meaning
    if isinstance(error, TelegramNetworkError):
        never_left = isinstance(error.__cause__, ClientConnectorError | ConnectionTimeoutError)
        return "unreachable" if never_left else "unknown"
    if isinstance(error, TelegramBadRequest):
        return meaning_of_refusal(error.message)
    return "refused"


def redact(text: str, token: str) -> str:
    """The text without the bot's token or its secret half, short enough for a log line."""
    secret = token.partition(":")[2]
    for part in (token, secret):
        if part:
            text = text.replace(part, "***")
    return text[:500]
