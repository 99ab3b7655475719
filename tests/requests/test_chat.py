"""Requests as people meet them in the chat."""

from datetime import timedelta

import pytest

from deploy.demo.telegram.model import Message
from tests.duty import GROUP, Duty, labels

LINE = "/new 101 12 Leak in the server room"


async def card(duty: Duty, chat: int | None = None) -> Message:
    return await duty.answer(duty.engineer, LINE, chat)


async def test_one_line_makes_a_request_and_the_group_sees_it(duty: Duty) -> None:
    made = await card(duty)
    assert made.text.startswith("Request 101/12\nLeak in the server room")
    assert "Sent" in made.text
    told = await duty.told("Request 101/12")
    assert labels(told) == labels(made)


async def test_the_form_asks_three_questions_and_makes_the_same_card(duty: Duty) -> None:
    assert "number" in (await duty.answer(duty.engineer, "/new")).text
    assert "position" in (await duty.answer(duty.engineer, "101")).text
    assert "what is wrong" in (await duty.answer(duty.engineer, "12")).text
    made = await duty.answer(duty.engineer, "Leak in the server room")
    assert made.text.startswith("Request 101/12\nLeak in the server room")


async def test_a_form_in_the_group_asks_for_replies(duty: Duty) -> None:
    question = await duty.answer(duty.engineer, "/new", GROUP)
    assert "Reply to this message" in question.text
    question = await duty.answer(duty.engineer, "101/12", GROUP, reply_to=question.id)
    made = await duty.answer(duty.engineer, "Leak", GROUP, reply_to=question.id)
    assert made.text.startswith("Request 101/12")


async def test_no_position_is_a_button(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new")
    question = await duty.answer(duty.engineer, "101")
    seen = len(duty.of_bot(duty.engineer.id))
    await duty.press(duty.engineer, question, "No position")
    await duty.telegram.wait_for(lambda: len(duty.of_bot(duty.engineer.id)) > seen)
    made = await duty.answer(duty.engineer, "Leak")
    assert made.text.startswith("Request 101\n")


async def test_a_wrong_answer_is_explained_and_the_form_goes_on(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/new")
    assert "digits" in (await duty.answer(duty.engineer, "leak")).text
    assert "position" in (await duty.answer(duty.engineer, "101")).text


async def test_a_cancelled_form_changes_nothing(duty: Duty) -> None:
    question = await duty.answer(duty.engineer, "/new")
    await duty.press(duty.engineer, question, "Cancel")
    await duty.shows(question, "The form is closed")
    assert "I did not understand" in (await duty.answer(duty.engineer, "101")).text


async def test_a_status_button_moves_the_card_and_every_other_card_of_it(duty: Duty) -> None:
    made = await card(duty)
    told = await duty.told("Request 101/12")
    answer = await duty.press(duty.engineer, made, "En route")
    assert answer["text"] == "101/12: 🚗 En route"
    await duty.shows(made, "En route since")
    await duty.shows(told, "En route since")
    assert "🚗 En route" not in labels(duty.now(made))


async def test_a_press_on_a_card_that_is_out_of_date_only_redraws_it(duty: Duty) -> None:
    made = await card(duty)
    button = next(label for label in labels(made) if "Accepted" in label)
    rows = made.inline["inline_keyboard"] if made.inline else []
    data = next(found["callback_data"] for row in rows for found in row if found["text"] == button)
    await duty.press(duty.engineer, made, "On site")
    await duty.shows(made, "On site since")
    press = await duty.engineer.forge(made.id, data)
    assert "out of date" in (await duty.telegram.answer(press))["text"]
    assert "On site since" in duty.now(made).text


async def test_a_reply_to_the_card_is_a_comment(duty: Duty) -> None:
    await card(duty)
    told = await duty.told("Request 101/12")
    answer = await duty.answer(duty.engineer, "Call before you come <b>&", GROUP, reply_to=told.id)
    assert "Saved as a comment on 101/12" in answer.text
    await duty.shows(told, "Oksana: Call before you come <b>&")


async def test_the_comment_button_asks_for_the_text(duty: Duty) -> None:
    made = await card(duty)
    seen = len(duty.of_bot(duty.engineer.id))
    await duty.press(duty.engineer, made, "Comment")
    await duty.telegram.wait_for(lambda: len(duty.of_bot(duty.engineer.id)) > seen)
    await duty.answer(duty.engineer, "The key is at the desk")
    await duty.shows(made, "The key is at the desk")


async def test_the_history_tells_who_did_what(duty: Duty) -> None:
    made = await card(duty)
    await duty.press(duty.engineer, made, "Accepted")
    await duty.shows(made, "Accepted since")
    await duty.press(duty.engineer, duty.now(made), "History")
    history = await duty.shows(made, "history")
    assert "Oksana: 👍 Accepted" in history.text
    await duty.press(duty.engineer, history, "Back")
    await duty.shows(made, "Accepted since")


async def test_several_positions_are_a_choice(duty: Duty) -> None:
    await card(duty)
    await duty.answer(duty.engineer, "/new 101 13 Broken window")
    choice = await duty.answer(duty.engineer, "/request 101")
    assert labels(choice) == ["101/12", "101/13"]
    await duty.press(duty.engineer, choice, "101/13")
    await duty.shows(choice, "Broken window\n")


async def test_requests_are_listed_by_status_and_by_words_in_pages(duty: Duty) -> None:
    for number in range(1, 11):
        await duty.answer(duty.engineer, f"/new {number} Window {number}")
    listed = await duty.answer(duty.engineer, "/requests window")
    assert listed.text.startswith("10 requests")
    assert labels(listed)[-3:] == ["‹", "1/2", "›"]
    await duty.press(duty.engineer, listed, "›")
    assert labels(await duty.shows(listed, "Window 1 "))[-2] == "2/2"
    assert "No requests found" in (await duty.answer(duty.engineer, "/requests on_site")).text


async def test_what_exists_already_is_shown_instead(duty: Duty) -> None:
    await card(duty)
    shown = await duty.answer(duty.engineer, "/new 101 12 Something else")
    await duty.told("exists already", duty.engineer.id)
    again = await duty.until(lambda: duty.of_bot(duty.engineer.id)[-1], lambda found: "Leak" in found.text)
    assert shown.id <= again.id


async def test_silence_is_told_once_with_buttons_that_act(duty: Duty) -> None:
    await card(duty)
    duty.clock.shift += timedelta(hours=2)
    reminder = await duty.told("No news for")
    assert "⏰ Again in 1 hour" in labels(reminder)
    await duty.press(duty.engineer, reminder, "On site")
    await duty.shows(reminder, "On site since")
    reminders = [m for m in duty.of_bot(GROUP) if "No news" in m.text]
    assert reminders == []


async def test_overdue_lists_what_is_late(duty: Duty) -> None:
    assert "Nothing is late" in (await duty.answer(duty.engineer, "/overdue")).text
    await card(duty)
    duty.clock.shift += timedelta(hours=2)
    assert "1 late request" in (await duty.answer(duty.engineer, "/overdue")).text


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/request", "Which one?"),
        ("/request 999", "There is no request 999"),
        ("/request <b>&", "digits"),
        ("/new 101", "what is wrong"),
        ("/new " + "9" * 4000, "digits"),
        ("/new 101 12 " + "x" * 4000, "300 are enough"),
    ],
)
async def test_what_cannot_be_is_answered_in_one_sentence(duty: Duty, text: str, answer: str) -> None:
    assert answer in (await duty.answer(duty.engineer, text)).text


@pytest.mark.parametrize(
    "title", ["<b>&amp;</b>", "\u202egnihtemos\u202c", "👩‍🚒 🔥 пожежа", "a" * 300, "&lt;script&gt;"]
)
async def test_any_title_is_shown_as_it_was_written(duty: Duty, title: str) -> None:
    made = await duty.answer(duty.engineer, f"/new 101 12 {title}")
    assert title.replace("\u202e", "").replace("\u202c", "") in made.text


async def test_a_viewer_may_look_and_not_touch(duty: Duty) -> None:
    made = await card(duty, GROUP)
    async with duty.app.services.db.transaction() as tx:
        from core.people.model import Actor, Person

        await duty.app.services.people.meet(tx, Person(103, "Ivan"))
        await duty.app.services.people.change_role(tx, 103, "viewer", Actor("test"))
    answer = await duty.press(duty.stranger, made, "En route")
    assert "needs the role “operator”" in answer["text"]
    assert answer["show_alert"]
    assert "Request 101/12" in (await duty.answer(duty.stranger, "/request 101")).text
