"""Groups as the assistant meets them: added, asked to be used for something, moved, removed."""

import pytest
from sqlalchemy import select

from core.alerts.store import notices
from core.people import store
from core.people.model import Binding
from deploy.demo.telegram.model import Message
from tests.duty import ENGINEER, GROUP, LEAD, STRANGER, Duty, labels

NIGHT = -1001000000077
OTHER = -4000077


async def added(duty: Duty, chat: int = NIGHT, **more: object) -> Message:
    """The lead adds the assistant to a new group; the card it posts there."""
    duty.telegram.add_group(
        chat,
        "Night",
        [LEAD, ENGINEER, STRANGER],
        admins=[LEAD],
        bot_inside=False,
        **more,  # type: ignore[arg-type]  # plain keywords
    )
    await duty.lead.group(chat).add(duty.telegram.state.bot.id)
    return await duty.told("I am on duty here", chat)


async def bindings(duty: Duty) -> list[Binding]:
    async with duty.app.services.db.reading() as connection:
        return await store.list_bindings(connection)


async def test_added_to_a_group_it_says_what_it_sees_and_what_it_lacks(duty: Duty) -> None:
    card = await added(duty)
    assert "I do not hear other messages (privacy mode)" in card.text
    assert "I cannot pin messages" in card.text
    assert labels(card) == ["Requests", "Files", "Syncs", "All"]
    await duty.lead.group(NIGHT).promote(duty.telegram.state.bot.id)
    shown = await duty.shows(card, "I hear every message")
    assert "✓ I can pin messages" in shown.text
    assert "✓ I see reactions" in shown.text
    await duty.lead.group(NIGHT).demote(duty.telegram.state.bot.id)
    await duty.shows(card, "I do not see reactions. Remedy:")


async def test_a_group_is_used_for_what_an_admin_of_the_assistant_presses(duty: Duty) -> None:
    card = await added(duty)
    for person in (duty.engineer, duty.stranger):
        await duty.press(person, card, "Requests")
    assert await bindings(duty) == []
    await duty.press(duty.lead, card, "Requests")
    await duty.until(lambda: duty.now(card), lambda found: "✓ Requests" in labels(found))
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    await duty.told("Request 101/12", NIGHT)
    await duty.told("Request 101/12", GROUP)
    await duty.press(duty.lead, card, "All")
    await duty.until(lambda: duty.now(card), lambda found: "✓ All" in labels(found))
    await duty.press(duty.lead, card, "All")
    await duty.until(lambda: duty.now(card), lambda found: labels(found) == ["Requests", "Files", "Syncs", "All"])
    await duty.answer(duty.engineer, "/new 102 1 Door")
    await duty.told("Request 102/1", GROUP)
    assert not [message for message in duty.of_bot(NIGHT) if "102/1" in message.text]


async def test_a_topic_is_used_by_itself(duty: Duty) -> None:
    await added(duty, threads=[5, 6])
    await duty.lead.send("/group", NIGHT, thread=6)
    card = await duty.told("Use this topic for", NIGHT)
    assert card.thread == 6
    await duty.press(duty.lead, card, "Requests")
    await duty.until(lambda: duty.now(card), lambda found: "✓ Requests" in labels(found))
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    assert (await duty.told("Request 101/12", NIGHT)).thread == 6
    assert await bindings(duty) == [Binding(NIGHT, 6, ("requests",))]


async def test_what_the_configuration_says_is_not_changed_here(duty: Duty) -> None:
    card = await duty.answer(duty.lead, "/group", GROUP)
    assert "✓ All" in labels(card)
    assert "telegram.chats" in (await duty.press(duty.lead, card, "Files"))["text"]
    assert "Only an admin" in (await duty.answer(duty.engineer, "/group", GROUP)).text
    assert "This is for groups" in (await duty.answer(duty.lead, "/group")).text


async def test_an_anonymous_administrator_goes_on_in_private(duty: Duty) -> None:
    await added(duty)
    await duty.lead.group(NIGHT).be_anonymous(on=True)
    await duty.lead.send("/group", NIGHT)
    sent = await duty.told("Go on in private", NIGHT)
    (link,) = [entity["url"] for entity in sent.content["entities"] if entity["type"] == "text_link"]
    await duty.stranger.open(link)
    await duty.told("You have no access", STRANGER)
    await duty.lead.open(link)
    card = await duty.told("Use this group for", LEAD)
    await duty.press(duty.lead, card, "Files")
    await duty.until(lambda: duty.now(card), lambda found: "✓ Files" in labels(found))
    assert await bindings(duty) == [Binding(NIGHT, 0, ("files",))]


async def test_removed_it_is_silent_there_and_the_admins_hear(duty: Duty) -> None:
    card = await added(duty)
    await duty.press(duty.lead, card, "Requests")
    await duty.until(lambda: duty.now(card), lambda found: "✓ Requests" in labels(found))
    await duty.lead.group(NIGHT).remove(duty.telegram.state.bot.id)
    assert "What it was told is kept" in (await duty.told("Taras removed me from the group “Night”", LEAD)).text
    assert await bindings(duty) == [Binding(NIGHT, 0, ("requests",), silent=True)]
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    await duty.told("Request 101/12", GROUP)
    async with duty.app.services.db.reading() as connection:
        written = select(notices.c.id).where(notices.c.chat_id == NIGHT, notices.c.kind == "request")
        assert (await connection.execute(written)).all() == []
    await duty.lead.group(NIGHT).add(duty.telegram.state.bot.id)
    await duty.until(lambda: duty.of_bot(NIGHT)[-1], lambda found: "✓ Requests" in labels(found))


async def test_what_is_bound_follows_a_group_to_the_supergroup(duty: Duty) -> None:
    card = await added(duty, OTHER, kind="group")
    await duty.press(duty.lead, card, "Requests")
    await duty.until(lambda: duty.now(card), lambda found: "✓ Requests" in labels(found))
    new = await duty.lead.group(OTHER).upgrade()
    await duty.telegram.wait_for(lambda: not duty.telegram.state.updates)
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    await duty.told("Request 101/12", new.id)
    assert await bindings(duty) == [Binding(new.id, 0, ("requests",))]


async def test_what_a_group_follows_is_listed_in_the_supergroup(duty: Duty) -> None:
    await added(duty, OTHER, kind="group")
    await duty.answer(duty.lead, "/follow *.docx CRM", OTHER)
    new = await duty.lead.group(OTHER).upgrade()
    await duty.telegram.wait_for(lambda: not duty.telegram.state.updates)
    assert "*.docx CRM" in (await duty.answer(duty.lead, "/follow", new.id)).text


@pytest.mark.parametrize("data", [f"bd:requests:{NIGHT}:0", f"bd:nonsense:{GROUP}:0"])
async def test_a_hand_made_button_binds_nothing(duty: Duty, data: str) -> None:
    card = await duty.answer(duty.lead, "/group", GROUP)
    await duty.telegram.answer(await duty.engineer.forge(card.id, data, GROUP))
    await duty.telegram.answer(await duty.lead.forge(card.id, data, GROUP))
    assert await bindings(duty) == []
