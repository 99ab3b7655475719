import asyncio
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
)
from aiogram.filters import Command
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BufferedInputFile,
    CallbackQuery,
    ChatPermissions,
    EphemeralMessageParameters,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaDocument,
    InputMediaPhoto,
    InputRichBlockDivider,
    InputRichBlockParagraph,
    InputRichMessage,
    InputTextMessageContent,
    LinkPreviewOptions,
    MenuButtonCommands,
    Message,
    ReactionTypeEmoji,
    RichTextBold,
)

from deploy.demo.telegram import Person, TelegramServer
from tests.demo.conftest import DUTY, ENGINEER, HALL, LEAD, OFFICE, PICTURE, REPAIRS, STRANGER

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


async def test_aiogram_reads_what_groups_files_and_rich_messages_are(bot: Bot, telegram: TelegramServer) -> None:
    topic = await bot.create_forum_topic(OFFICE, "Leak", icon_color=9367192)
    assert await bot.close_forum_topic(OFFICE, topic.message_thread_id)
    picture = BufferedInputFile(PICTURE, "p.png")
    photo = await bot.send_photo(OFFICE, picture, caption="<b>here</b>", message_thread_id=REPAIRS)
    assert photo.photo
    album = await bot.send_media_group(
        OFFICE, [InputMediaPhoto(media=picture), InputMediaPhoto(media=photo.photo[0].file_id, caption="c")]
    )
    assert len({message.media_group_id for message in album}) == 1
    edited = await bot.edit_message_media(
        InputMediaDocument(media=BufferedInputFile(b"x", "x.txt")), chat_id=OFFICE, message_id=photo.message_id
    )
    assert isinstance(edited, Message)
    assert edited.document
    whisper = await bot.send_message(
        OFFICE, "psst", ephemeral_message_parameters=EphemeralMessageParameters(receiver_user_id=ENGINEER)
    )
    assert whisper.ephemeral_message_id
    assert await whisper.edit_ephemeral_text("done")
    rich = await bot.send_rich_message(
        OFFICE, InputRichMessage(html="<h1>Open</h1><table><tr><td>101</td></tr></table><ul><li>x</li></ul>")
    )
    assert rich.rich_message
    assert [block.type for block in rich.rich_message.blocks] == ["heading", "table", "list"]
    paragraph = InputRichBlockParagraph(text=["a ", RichTextBold(text="b")])
    given = InputRichMessage(blocks=[paragraph, InputRichBlockDivider()])
    assert (await bot.send_rich_message(OFFICE, given)).rich_message
    assert (await bot.copy_message(DUTY, OFFICE, edited.message_id)).message_id
    assert (await bot.forward_message(DUTY, OFFICE, edited.message_id)).forward_origin
    assert await bot.promote_chat_member(OFFICE, ENGINEER, can_pin_messages=True)
    assert (await bot.get_chat_member(OFFICE, ENGINEER)).status == "administrator"
    assert await bot.restrict_chat_member(OFFICE, STRANGER, ChatPermissions(can_send_messages=False))
    assert (await bot.get_chat_member(OFFICE, STRANGER)).status == "restricted"
    assert (await bot.create_chat_invite_link(OFFICE, name="guests")).invite_link
    assert await bot.set_webhook("https://bot.example/hook", secret_token="s", certificate=picture)
    assert (await bot.get_webhook_info()).has_custom_certificate
    assert (await bot.set_chat_menu_button(ENGINEER, MenuButtonCommands())) is True
    with pytest.raises(TelegramMigrateToChat) as moved:
        new = await telegram.person(LEAD).group(HALL).upgrade()
        await bot.send_message(HALL, "x")
    assert moved.value.migrate_to_chat_id == new.id


async def test_aiogram_reads_every_kind_of_update(bot: Bot, telegram: TelegramServer, engineer: Person) -> None:
    kinds = [
        *("message", "edited_message", "callback_query", "inline_query", "chosen_inline_result"),
        *("my_chat_member", "chat_member", "message_reaction", "chat_join_request"),
    ]
    await bot.get_updates(allowed_updates=kinds)
    card = await bot.send_message(OFFICE, "card", reply_markup=TAKE)
    lead, stranger = telegram.person(LEAD), telegram.person(STRANGER)
    said = await engineer.send("x", OFFICE, thread=REPAIRS)
    await engineer.edit(said.id, "y", OFFICE)
    await engineer.press(card.message_id, "Take", OFFICE)
    await engineer.react(card.message_id, "👍", OFFICE)
    asked = await engineer.ask("101")
    content = InputTextMessageContent(message_text="101")
    await bot.answer_inline_query(
        asked.id, [InlineQueryResultArticle(id="1", title="101", input_message_content=content, reply_markup=TAKE)]
    )
    await engineer.choose(asked, "1")
    await engineer.group(OFFICE).leave()
    await engineer.block()
    await stranger.open((await bot.create_chat_invite_link(OFFICE, creates_join_request=True)).invite_link)
    await lead.group(OFFICE).be_anonymous(on=True)
    await lead.send("as the group", OFFICE)
    await lead.group(HALL).upgrade()
    updates = await bot.get_updates()
    assert {update.event_type for update in updates} == set(kinds)
    assert any(update.message and update.message.sender_chat for update in updates)
