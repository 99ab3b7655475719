"""Contractors as people meet them in the chat."""

from core.people.model import Actor
from deploy.demo.telegram.model import Message
from tests.duty import GROUP, Duty, labels

LIFT = "/contractors Lift Service @liftservice.example"


async def lift(duty: Duty) -> Message:
    return await duty.answer(duty.lead, LIFT)


async def asked(duty: Duty, card: Message, button: str, chat: int | None = None) -> Message:
    """Press a button that asks for something; the question."""
    where = duty.lead.id if chat is None else chat
    seen = len(duty.of_bot(where))
    await duty.press(duty.lead, card, button)
    await duty.telegram.wait_for(lambda: len(duty.of_bot(where)) > seen)
    return duty.of_bot(where)[-1]


async def test_one_line_makes_a_contractor_and_adds_to_it(duty: Duty) -> None:
    made = await lift(duty)
    assert made.text.startswith("👷 Lift Service\n")
    assert "• @liftservice.example" in made.text
    again = await duty.answer(duty.lead, "/contractors lift service ivan@gmail.com")
    assert again.text.startswith("👷 Lift Service\n")
    assert "• ivan@gmail.com" in again.text


async def test_everybody_sees_contractors_and_admins_change_them(duty: Duty) -> None:
    await lift(duty)
    listed = await duty.answer(duty.engineer, "/contractors")
    assert listed.text == "1 contractor\n\nLift Service · @liftservice.example"
    assert labels(listed) == ["👷 Lift Service"]
    await duty.press(duty.engineer, listed, "Lift Service")
    assert labels(await duty.shows(listed, "0 open requests")) == ["‹ Contractors"]
    assert "Only an admin" in (await duty.answer(duty.engineer, "/contractors Pumps @pumps.example")).text
    assert "There is no contractor Pumps" in (await duty.answer(duty.engineer, "/contractors Pumps")).text


async def test_a_form_makes_a_contractor_and_buttons_change_it(duty: Duty) -> None:
    listed = await duty.answer(duty.lead, "/contractors")
    assert "No contractors yet" in listed.text
    await asked(duty, listed, "➕ Contractor")
    made = await duty.answer(duty.lead, "Lift Service")
    assert "not recognised" in made.text
    assert "➖ Remove one" not in labels(made)
    await asked(duty, made, "Address or domain")
    assert "exact address" in (await duty.answer(duty.lead, "@gmail.com")).text
    changed = await duty.answer(duty.lead, "Ivan@gmail.com")
    assert "• ivan@gmail.com" in changed.text
    await asked(duty, changed, "Working hours")
    changed = await duty.answer(duty.lead, "пн-пт, нд 9-18")
    assert "🕘 Mon–Fri, Sun 09:00-18:00" in changed.text
    await asked(duty, changed, "Rename")
    assert (await duty.answer(duty.lead, "Lifts & Co")).text.startswith("👷 Lifts & Co\n")


async def test_a_form_in_the_group_asks_for_replies(duty: Duty) -> None:
    listed = await duty.answer(duty.lead, "/contractors", GROUP)
    question = await asked(duty, listed, "➕ Contractor", GROUP)
    assert "Reply to this message" in question.text
    made = await duty.answer(duty.lead, "Lift @lift.example", GROUP, reply_to=question.id)
    assert "• @lift.example" in made.text


async def test_an_address_is_removed_and_an_outdated_button_shows_how_things_stand(duty: Duty) -> None:
    made = await duty.answer(duty.lead, LIFT + " ivan@gmail.com")
    await duty.press(duty.lead, made, "Remove one")
    choice = await duty.shows(made, "Which one")
    rows = choice.inline["inline_keyboard"] if choice.inline else []
    await duty.press(duty.lead, choice, "ivan@gmail.com")
    left = await duty.shows(made, "Its letters come from")
    assert "ivan" not in left.text
    await duty.telegram.answer(await duty.lead.forge(made.id, rows[1][0]["callback_data"]))
    assert "• @liftservice.example" in duty.now(made).text


async def test_archiving_is_asked_twice_and_an_archived_card_has_no_buttons(duty: Duty) -> None:
    made = await lift(duty)
    await duty.press(duty.lead, made, "Archive")
    question = await duty.shows(made, "Archive Lift Service?")
    await duty.press(duty.lead, question, "Yes, archive")
    assert labels(await duty.shows(made, "In the archive")) == ["‹ Contractors"]
    await duty.telegram.answer(await duty.lead.forge(made.id, "ct:rename:1:"))
    assert "In the archive" in duty.now(made).text
    assert "No contractors yet" in (await duty.answer(duty.lead, "/contractors")).text


async def test_a_requests_contractor_is_chosen_on_its_card(duty: Duty) -> None:
    before = await duty.answer(duty.engineer, "/new 101 12 Leak")
    assert "👷 Contractor" not in labels(before)
    await lift(duty)
    made = await duty.answer(duty.engineer, "/request 101")
    told = await duty.told("Request 101/12")
    await duty.press(duty.engineer, made, "👷 Contractor")
    choice = await duty.shows(made, "Which contractor answers")
    assert labels(choice) == ["Lift Service", "‹ Back to the card"]
    rows = choice.inline["inline_keyboard"] if choice.inline else []
    await duty.press(duty.engineer, choice, "Lift Service")
    await duty.shows(made, "\n👷 Lift Service\n")
    await duty.shows(told, "\n👷 Lift Service\n")
    await duty.press(duty.lead, await duty.answer(duty.lead, "/contractors lift service"), "Rename")
    await duty.told("called now", duty.lead.id)
    await duty.answer(duty.lead, "Lifts")
    await duty.shows(told, "\n👷 Lifts\n")
    await duty.press(duty.engineer, await duty.shows(made, "\n👷 Lifts\n"), "👷 Contractor")
    await duty.press(duty.engineer, await duty.shows(made, "Which contractor"), "None of them")
    await duty.until(lambda: duty.now(made), lambda card: card.text.startswith("Request") and "👷" not in card.text)
    await duty.press(duty.engineer, duty.now(made), "History")
    history = await duty.shows(made, "history")
    assert "Oksana: 👷 no contractor\n" in history.text
    assert "Oksana: 👷 Lift Service\n" in history.text
    outdated = rows[0][0]["callback_data"] + "9"  # as if the choice had shown contractor 09
    await duty.telegram.answer(await duty.engineer.forge(made.id, outdated))
    assert "👷" not in (await duty.shows(made, "Made ")).text


async def test_what_was_taken_back_is_struck_through_in_the_history(duty: Duty) -> None:
    made = await duty.answer(duty.engineer, "/new 101 12 Leak")
    services = duty.app.services
    async with services.db.transaction() as tx:
        request = (await services.requests.find(tx, "101"))[0]
        await services.requests.set_status(tx, request.id, "on_site", Actor("Робот"), ref="a")
        await services.requests.comment(tx, request.id, "Ми на місці", Actor("Робот"), ref="b")
        await services.requests.take_back(tx, request.id, ["a", "b"], Actor("Oksana"))
    await duty.press(duty.engineer, duty.now(made), "History")
    history = await duty.shows(made, "history")
    assert "Oksana: ↩ took back: 📍 On site · Ми на місці" in history.text
    struck = [entity for entity in history.content["entities"] if entity["type"] == "strikethrough"]
    assert len(struck) == 2


async def test_made_up_buttons_are_answered(duty: Duty) -> None:
    made = await duty.answer(duty.lead, "/new 101 12 Leak")
    for data in ("ct:open:999:", "ct:drop:999:x", f"ct:list:0:{'9' * 21}", "rq:contractor:1:x:", "rq:contractor:1:7:"):
        assert await duty.telegram.answer(await duty.lead.forge(made.id, data)) is not None
