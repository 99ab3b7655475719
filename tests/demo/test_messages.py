import json

import aiohttp
import pytest

from deploy.demo.telegram import Person, TelegramServer
from tests.demo.conftest import DUTY, ENGINEER, STRANGER, Caller

KEYBOARD = json.dumps({"inline_keyboard": [[{"text": "Take", "callback_data": "take:1"}]]})


async def test_a_message_comes_back_as_stored_with_its_entities(call: Caller) -> None:
    sent = await call.ok("sendMessage", chat_id=ENGINEER, text="<b>😀 Leak</b> &lt;12&gt;", parse_mode="HTML")
    assert sent["text"] == "😀 Leak <12>"
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 7}]
    assert sent["chat"] == {"id": ENGINEER, "type": "private", "first_name": "Оксана"}


async def test_a_call_may_come_as_json_as_a_query_and_in_any_letter_case(telegram: TelegramServer) -> None:
    base = f"{telegram.base_url}/bot{telegram.token}"
    async with aiohttp.ClientSession() as session:
        markup = json.loads(KEYBOARD)
        body = {"chat_id": ENGINEER, "text": "1", "reply_markup": markup}
        async with session.post(f"{base}/sendMessage", json=body) as answer:
            assert (await answer.json())["result"]["reply_markup"] == markup
        async with session.get(f"{base}/SENDMESSAGE", params={"chat_id": str(ENGINEER), "text": "2"}) as answer:
            assert (await answer.json())["result"]["text"] == "2"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"text": ""}, "Bad Request: message text is empty"),
        ({"text": " \n "}, "Bad Request: message text is empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "Bad Request: message text is empty"),
        ({"text": "😀" * 2049}, "Bad Request: message is too long"),
        ({"text": "x", "chat_id": 5}, "Bad Request: chat not found"),
        ({"text": "x", "chat_id": "@nobody"}, "Bad Request: chat not found"),
        ({"text": "x", "chat_id": STRANGER}, "Forbidden: bot can't initiate conversation with a user"),
        ({"text": "x", "message_thread_id": 7}, "Bad Request: message thread not found"),
        ({"text": "x", "reply_parameters": '{"message_id": 7}'}, "Bad Request: message to be replied not found"),
        ({"text": "x", "disable_web_page_preview": True}, 'Bad Request: unknown parameter "disable_web_page_preview"'),
        ({"text": "x", "reply_markup": "{"}, "Bad Request: can't parse reply markup JSON object"),
        ({"text": "x", "disable_notification": "perhaps"}, 'Bad Request: "disable_notification" must be a Boolean'),
        ({"text": "x", "message_thread_id": "seven"}, 'Bad Request: "message_thread_id" must be an Integer'),
    ],
)
async def test_a_wrong_message_is_refused_in_the_real_words(call: Caller, params: dict[str, object], said: str) -> None:
    assert await call.refused("sendMessage", **({"chat_id": ENGINEER} | params)) == said


@pytest.mark.parametrize(
    ("button", "said"),
    [
        ({"text": "a", "callback_data": "ж" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "callback_data": "x", "url": "https://e.example"}, "BUTTON_TYPE_INVALID"),
        ({"text": "a"}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": " ", "callback_data": "x"}, "the text must be non-empty"),
        ({"callback_data": "x"}, 'field of InlineKeyboardButton "text" is required'),
        ({"text": "a", "colour": "red"}, 'unknown field of InlineKeyboardButton "colour"'),
        ({"text": "a", "url": "http://localhost:8080"}, "Wrong HTTP URL"),
        ({"text": "a", "callback_data": "x", "style": "pink"}, "invalid button style"),
    ],
)
async def test_a_wrong_button_is_refused(call: Caller, button: dict[str, str], said: str) -> None:
    markup = json.dumps({"inline_keyboard": [[button]]})
    assert said in await call.refused("sendMessage", chat_id=ENGINEER, text="x", reply_markup=markup)


async def test_a_real_method_not_done_here_differs_from_an_unknown_one(call: Caller) -> None:
    assert (await call.raw("sendPoll", chat_id=1, question="?", options="[]"))["error_code"] == 501
    assert (await call.raw("sendPole"))["error_code"] == 404


@pytest.mark.parametrize(("token", "status"), [("1:" + "x" * 35, 401), ("nonsense", 404)])
async def test_a_wrong_token_is_refused(telegram: TelegramServer, token: str, status: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{telegram.base_url}/bot{token}/getMe") as answer,
    ):
        assert answer.status == (await answer.json())["error_code"] == status


async def test_a_blocked_bot_is_told_so_until_the_next_start(call: Caller, engineer: Person) -> None:
    await engineer.block()
    assert await call.refused("sendMessage", chat_id=ENGINEER, text="x") == "Forbidden: bot was blocked by the user"
    await engineer.start()
    await call.ok("sendMessage", chat_id=ENGINEER, text="x")


async def test_an_account_that_is_gone_cannot_be_written_to(call: Caller, engineer: Person) -> None:
    await engineer.vanish()
    assert await call.refused("sendMessage", chat_id=ENGINEER, text="x") == "Forbidden: user is deactivated"


async def test_a_reply_shows_what_it_replies_to(call: Caller, engineer: Person) -> None:
    question = await engineer.send("question")
    parameters = json.dumps({"message_id": question.id})
    reply = await call.ok("sendMessage", chat_id=ENGINEER, text="answer", reply_parameters=parameters)
    assert reply["reply_to_message"]["text"] == "question"
    lenient = json.dumps({"message_id": 999, "allow_sending_without_reply": True})
    free = await call.ok("sendMessage", chat_id=ENGINEER, text="answer", reply_parameters=lenient)
    assert "reply_to_message" not in free


async def test_an_edit_changes_the_message_in_place(call: Caller, telegram: TelegramServer) -> None:
    sent = await call.ok("sendMessage", chat_id=ENGINEER, text="one", reply_markup=KEYBOARD)
    target = {"chat_id": ENGINEER, "message_id": sent["message_id"]}
    edited = await call.ok("editMessageText", **target, text="two", reply_markup=KEYBOARD)
    assert (edited["text"], edited["edit_date"] > 0) == ("two", True)
    bare = await call.ok("editMessageReplyMarkup", **target)
    assert "reply_markup" not in bare
    assert telegram.last(ENGINEER).text == "two"


async def test_an_edit_to_the_same_is_not_modified(call: Caller) -> None:
    sent = await call.ok("sendMessage", chat_id=ENGINEER, text="<b>one</b>", parse_mode="HTML")
    target = {"chat_id": ENGINEER, "message_id": sent["message_id"]}
    refusal = await call.refused("editMessageText", **target, text="<strong>one</strong> ", parse_mode="HTML")
    assert refusal == (
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
        "same as a current content and reply markup of the message"
    )
    await call.ok("editMessageText", **target, text="one")


async def test_only_the_bots_own_existing_message_is_edited(call: Caller, engineer: Person) -> None:
    theirs = await engineer.send("mine")
    edit = {"chat_id": ENGINEER, "text": "x"}
    assert await call.refused("editMessageText", **edit, message_id=99) == "Bad Request: message to edit not found"
    assert await call.refused("editMessageText", **edit, message_id=theirs.id) == "Bad Request: message can't be edited"


async def test_a_press_is_answered_once_and_in_time(call: Caller, telegram: TelegramServer, engineer: Person) -> None:
    sent = await call.ok("sendMessage", chat_id=ENGINEER, text="x", reply_markup=KEYBOARD)
    press = await engineer.press(sent["message_id"], "Take")
    [update] = await call.ok("getUpdates")
    assert update["callback_query"]["data"] == "take:1"
    assert update["callback_query"]["message"]["reply_markup"] == json.loads(KEYBOARD)
    long = await call.refused("answerCallbackQuery", callback_query_id=press.id, text="x" * 201)
    assert long == "Bad Request: MESSAGE_TOO_LONG"
    await call.ok("answerCallbackQuery", callback_query_id=press.id, text="Yours", show_alert="true")
    assert await telegram.answer(press) == {"text": "Yours", "show_alert": True}
    late = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await call.refused("answerCallbackQuery", callback_query_id=press.id) == late
    assert await call.refused("answerCallbackQuery", callback_query_id="0") == late


async def test_the_menu_is_kept_by_scope_and_language(call: Caller, engineer: Person) -> None:
    def menu(word: str) -> str:
        return json.dumps([{"command": "start", "description": word}])

    await call.ok("setMyCommands", commands=menu("Start"))
    await call.ok("setMyCommands", commands=menu("Почати"), language_code="uk")
    scope = json.dumps({"type": "all_group_chats"})
    await call.ok("setMyCommands", commands=menu("Group"), scope=scope)
    assert [found["description"] for found in engineer.menu()] == ["Почати"]
    assert [found["description"] for found in engineer.menu(DUTY)] == ["Group"]
    assert (await call.ok("getMyCommands"))[0]["description"] == "Start"
    await call.ok("deleteMyCommands", scope=scope)
    assert [found["description"] for found in engineer.menu(DUTY)] == ["Почати"]
    wrong = json.dumps([{"command": "Start!", "description": "x"}])
    assert await call.refused("setMyCommands", commands=wrong) == "Bad Request: BOT_COMMAND_INVALID"


async def test_a_chat_action_has_a_known_name(call: Caller) -> None:
    assert await call.ok("sendChatAction", chat_id=ENGINEER, action="typing") is True
    assert "wrong parameter action" in await call.refused("sendChatAction", chat_id=ENGINEER, action="dancing")
