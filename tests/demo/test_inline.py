"""Inline mode: a query in any chat, its results, the chosen one, and the message that came of it."""

import json

import pytest

from core.errors import UserError
from deploy.demo.telegram import Person, TelegramServer
from tests.demo.conftest import DUTY, ENGINEER, Caller

BUTTONS = {"inline_keyboard": [[{"text": "Take", "callback_data": "take:101"}]]}
RESULT = {
    "type": "article",
    "id": "101",
    "title": "Request 101",
    "description": "Leak",
    "input_message_content": {"message_text": "<b>Request 101</b>", "parse_mode": "HTML"},
    "reply_markup": BUTTONS,
}


async def test_a_chosen_result_is_a_message_that_the_bot_can_change(call: Caller, engineer: Person) -> None:
    asked = await engineer.ask("101", DUTY)
    [update] = await call.updates()
    query = update["inline_query"]
    assert (query["query"], query["offset"], query["chat_type"]) == ("101", "", "supergroup")
    button = {"text": "Sign in", "start_parameter": "inline"}
    await call.ok(
        "answerInlineQuery", inline_query_id=query["id"], results=json.dumps([RESULT]), button=json.dumps(button)
    )
    answer = await call.telegram.answer(asked)
    assert (answer["results"][0]["title"], answer["button"]) == ("Request 101", button)
    message = await engineer.choose(asked, "101")
    said, chosen = await call.updates()
    assert said["message"]["via_bot"]["username"] == "vakhta_demo_bot"
    assert chosen["chosen_inline_result"]["result_id"] == "101"
    inline_id = chosen["chosen_inline_result"]["inline_message_id"]
    assert await call.ok("editMessageText", inline_message_id=inline_id, text="Taken", reply_markup=json.dumps(BUTTONS))
    await engineer.press(message.id, "Take", DUTY)
    pressed = (await call.updates())[0]["callback_query"]
    assert (pressed["inline_message_id"], "message" in pressed) == (inline_id, False)
    assert await call.ok("editMessageReplyMarkup", inline_message_id=inline_id) is True
    assert (call.telegram.last(DUTY).text, call.telegram.last(DUTY).inline) == ("Taken", None)


async def test_a_query_is_answered_once(call: Caller, engineer: Person) -> None:
    asked = await engineer.ask("x")
    await call.ok("answerInlineQuery", inline_query_id=asked.id, results="[]")
    assert "query is too old" in await call.refused("answerInlineQuery", inline_query_id=asked.id, results="[]")


async def test_a_known_file_is_a_result(call: Caller, engineer: Person) -> None:
    theirs = await engineer.upload("plan.txt", b"plan")
    asked = await engineer.ask("plan")
    file_id = theirs.content["document"]["file_id"]
    result = {"type": "document", "id": "1", "title": "Plan", "document_file_id": file_id, "caption": "here"}
    await call.ok("answerInlineQuery", inline_query_id=asked.id, results=json.dumps([result]))
    message = await engineer.choose(asked, "1")
    assert (message.content["document"]["file_name"], message.text) == ("plan.txt", "here")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"input_message_content": {"message_text": ""}}, "message text is empty"),
        ({"input_message_content": {"message_text": "x" * 4097}}, "message is too long"),
        ({"id": "ж" * 33}, "RESULT_ID_INVALID"),
        ({"type": "game"}, "unknown field of InlineQueryResultGame"),
        ({"reply_markup": {"inline_keyboard": [[{"text": "x"}]]}}, "Text buttons are unallowed"),
    ],
)
async def test_a_wrong_result_is_refused(call: Caller, engineer: Person, change: dict[str, object], said: str) -> None:
    asked = await engineer.ask("x")
    results = json.dumps([RESULT | change])
    refused = await call.refused("answerInlineQuery", inline_query_id=asked.id, results=results)
    assert said in refused


async def test_without_inline_mode_nothing_is_offered(call: Caller, telegram: TelegramServer, engineer: Person) -> None:
    assert (await call.ok("getMe"))["supports_inline_queries"] is True
    telegram.state.settings.inline = False
    assert (await call.ok("getMe"))["supports_inline_queries"] is False
    with pytest.raises(UserError):
        await engineer.ask("101")
    assert call.telegram.messages(ENGINEER) == []
