"""People who come into groups: whoever reads there without a role, the admins hear of, once."""

from pathlib import Path

import pytest

from core.people import store
from core.people.model import Actor
from deploy.demo.telegram import BOT, TelegramServer, User
from deploy.demo.telegram.model import Message
from tests.duty import ENGINEER, GROUP, LEAD, Duty, labels, on_duty

OLEH, HELPER, OPEN_HOUSE = 301, 302, -1001000000055
CAME = "Oleh joined the group “Duty”"
CLI = Actor("vakhta", None, "cli")


@pytest.fixture(autouse=True)
def newcomers(telegram: TelegramServer) -> None:
    telegram.add_user(OLEH, "Oleh", language_code="en")
    telegram.state.users[HELPER] = User(HELPER, "Helper", username="helper_bot", is_bot=True)


async def comes(duty: Duty, person: int = OLEH, group: int = GROUP) -> None:
    await duty.telegram.person(person).group(group).join()
    await handled(duty)


async def handled(duty: Duty) -> None:
    await duty.telegram.wait_for(lambda: not duty.telegram.state.updates)


async def heard(duty: Duty, text: str = "joined the group", chat: int = LEAD) -> list[Message]:
    """What the admin was told with this text, once everything before has been told, too."""
    seen = len(duty.of_bot(chat))
    await duty.telegram.person(chat).send("/help")
    await duty.telegram.wait_for(lambda: len(duty.of_bot(chat)) > seen)
    await duty.telegram.wait_for(lambda: "What I can do" in duty.of_bot(chat)[-1].text)
    return [message for message in duty.of_bot(chat) if text in message.text]


async def promote_the_assistant(duty: Duty) -> None:
    await duty.lead.group(GROUP).promote(BOT.id)
    await handled(duty)


async def role_of(duty: Duty, person: int) -> str | None:
    async with duty.app.services.db.reading() as connection:
        found = await store.find_person(connection, person)
    return found.role if found else None


async def give(duty: Duty, person: int, role: str | None) -> None:
    async with duty.app.services.db.transaction() as tx:
        await duty.app.services.people.change_role(tx, person, role, CLI)


async def test_admins_hear_of_a_newcomer_without_a_role_and_give_one(duty: Duty) -> None:
    await comes(duty)
    told = await duty.told(CAME, LEAD)
    assert labels(told) == ["🔑 Give a role"]
    await duty.press(duty.lead, told, "Give a role")
    card = await duty.shows(told, "no access")
    await duty.press(duty.lead, card, "viewer")
    await duty.shows(told, "Role: viewer")
    assert await role_of(duty, OLEH) == "viewer"
    assert not [message for message in duty.of_bot(ENGINEER) if "joined" in message.text]


async def test_both_updates_about_one_newcomer_are_told_once(duty: Duty) -> None:
    """As an administrator the assistant gets the change besides the service message."""
    await promote_the_assistant(duty)
    await comes(duty)
    await duty.told(CAME, LEAD)
    assert len(await heard(duty)) == 1


async def test_the_change_alone_is_enough(duty: Duty) -> None:
    """Big groups have no service messages."""
    await promote_the_assistant(duty)
    state = duty.telegram.state
    state.queue.holding = True
    await duty.telegram.person(OLEH).group(GROUP).join()
    state.queue.release()
    [message] = [number for number, update in state.updates.items() if "message" in update]
    state.queue.drop(message)
    state.wake()
    await duty.told(CAME, LEAD)


async def test_who_comes_again_is_not_told_again(duty: Duty) -> None:
    await comes(duty)
    await duty.told(CAME, LEAD)
    await duty.telegram.person(OLEH).group(GROUP).leave()
    await comes(duty)
    assert len(await heard(duty)) == 1


async def test_whose_role_was_taken_away_is_told_when_they_come_back(duty: Duty) -> None:
    await comes(duty)
    await duty.told(CAME, LEAD)
    await give(duty, OLEH, "viewer")
    await give(duty, OLEH, None)
    await duty.telegram.person(OLEH).group(GROUP).leave()
    await comes(duty)
    await duty.telegram.wait_for(lambda: len([m for m in duty.of_bot(LEAD) if CAME in m.text]) == 2)


async def test_a_restart_does_not_repeat_it(tmp_path: Path, telegram: TelegramServer) -> None:
    async with on_duty(tmp_path, telegram) as duty:
        telegram.faults.add("reset", "getUpdates", seconds=60)
        await duty.telegram.person(OLEH).group(GROUP).join()
    telegram.faults.clear()
    for _ in range(2):
        async with on_duty(tmp_path, telegram) as duty:
            await duty.told(CAME, LEAD)
            assert len(await heard(duty)) == 1


async def test_who_added_them_is_named(duty: Duty) -> None:
    await duty.engineer.group(GROUP).add(OLEH)
    await duty.told("Oksana added Oleh to the group “Duty”", LEAD)


async def test_bots_and_people_with_a_role_are_no_news(duty: Duty) -> None:
    await duty.lead.group(GROUP).add(HELPER)
    await give(duty, OLEH, "viewer")
    await comes(duty)
    assert await heard(duty) + await heard(duty, "Helper") == []


async def test_a_group_that_is_told_nothing_is_nobodys_business(duty: Duty) -> None:
    duty.telegram.add_group(OPEN_HOUSE, "Open house", [LEAD], admins=[LEAD])
    await comes(duty, OLEH, OPEN_HOUSE)
    assert await heard(duty) == []
