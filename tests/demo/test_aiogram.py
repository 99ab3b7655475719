import asyncio
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import ClientDecodeError, TelegramBadRequest, TelegramNetworkError, TelegramRetryAfter
from aiogram.filters import Command
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BufferedInputFile,
    CallbackQuery,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReactionTypeEmoji,
)

from deploy.demo.telegram import Person, TelegramServer
from tests.demo.conftest import DUTY, ENGINEER, OFFICE, REPAIRS

TAKE = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Take", callback_data="take")]])


@pytest.fixture
async def bot(telegram: TelegramServer) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(telegram.base_url))
    defaults = DefaultBotProperties(parse_mode="HTML", link_preview=LinkPreviewOptions(is_disabled=True))
    async with Bot(telegram.token, session=session, default=defaults) as bot:
        yield bot


@pytest.fixture
async def polling(bot: Bot) -> AsyncIterator[Dispatcher]:
    dispatcher = Dispatcher()

    @dispatcher.message(Command("start"))
    async def start(message: Message) -> None:
        await message.reply("Hello, <b>friend</b>", reply_markup=TAKE)

    @dispatcher.callback_query(F.data == "take")
    async def take(query: CallbackQuery) -> None:
        await query.answer("Yours")
        if isinstance(query.message, Message):
            await query.message.edit_text("Taken")

    task = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, polling_timeout=5))
    yield dispatcher
    await dispatcher.stop_polling()
    await task


@pytest.mark.usefixtures("polling")
async def test_aiogram_polls_answers_and_edits(telegram: TelegramServer, engineer: Person) -> None:
    await engineer.start()
    await telegram.wait_for(lambda: telegram.texts(ENGINEER) == ["Hello, friend"])
    press = await engineer.press(telegram.last(ENGINEER).id, "Take")
    assert await telegram.answer(press) == {"text": "Yours"}
    await telegram.wait_for(lambda: telegram.texts(ENGINEER) == ["Taken"])
    assert telegram.last(ENGINEER).inline is None


async def test_aiogram_reads_every_result(bot: Bot) -> None:
    assert (await bot.get_me()).username == "vakhta_demo_bot"
    assert await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.set_my_commands(
        [BotCommand(command="start", description="Почати")],
        scope=BotCommandScopeAllPrivateChats(),
        language_code="uk",
    )
    assert len(await bot.get_my_commands(scope=BotCommandScopeAllPrivateChats(), language_code="uk")) == 1
    sent = await bot.send_document(DUTY, BufferedInputFile(b"data", "a.txt"), caption="<i>c</i>", reply_markup=TAKE)
    assert sent.document is not None
    content = await bot.download(sent.document)
    assert content is not None
    assert content.read() == b"data"
    board = await bot.send_message(OFFICE, "Board", message_thread_id=REPAIRS)
    assert await bot.pin_chat_message(OFFICE, board.message_id, disable_notification=True)
    assert (await bot.get_chat(OFFICE)).pinned_message is not None
    assert (await bot.get_chat_member(DUTY, ENGINEER)).status == "member"
    assert len(await bot.get_chat_administrators(DUTY)) == 1
    asked = await bot.send_message(ENGINEER, "Number?", reply_markup=ForceReply(input_field_placeholder="101"))
    assert await bot.set_message_reaction(ENGINEER, asked.message_id, [ReactionTypeEmoji(emoji="👀")])
    assert await bot.delete_message(ENGINEER, asked.message_id)
    assert (await bot.get_webhook_info()).url == ""


async def test_aiogram_names_the_faults(bot: Bot, telegram: TelegramServer) -> None:
    with pytest.raises(TelegramBadRequest, match="can't parse entities"):
        await bot.send_message(ENGINEER, "<b>")
    telegram.faults.add("flood", retry_after=3)
    with pytest.raises(TelegramRetryAfter, match="Flood control"):
        await bot.get_me()
    telegram.faults.add("reset")
    with pytest.raises(TelegramNetworkError):
        await bot.get_me()
    telegram.faults.add("http")
    with pytest.raises(ClientDecodeError):
        await bot.get_me()
