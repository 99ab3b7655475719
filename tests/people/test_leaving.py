"""Somebody leaves: what they hold goes to whoever takes over, all at once, and for two minutes there is a way back."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.chat.cards import TEXT_LIMIT, units
from bot.people.leave_cards import handed_card, leaving_card
from core.clock import ShiftedClock
from core.files import following_store
from core.people import store
from core.people.model import Actor, Departure, Person, Reader
from core.requests import store as requests_store
from deploy.demo.telegram import TelegramServer
from deploy.demo.telegram.model import Message
from tests.conftest import NOON
from tests.duty import ENGINEER, GROUP, LEAD, Duty, add_people, labels, on_duty

MARIA = 303
CLI = Actor("vakhta", None, "cli")


@pytest.fixture(autouse=True)
def maria(telegram: TelegramServer) -> None:
    telegram.add_user(MARIA, "Maria", language_code="en")


async def give(duty: Duty, person: int, role: str | None, name: str = "Maria") -> None:
    async with duty.app.services.db.transaction() as tx:
        await duty.app.services.people.meet(tx, Person(person, name))
        await duty.app.services.people.change_role(tx, person, role, CLI)


async def evening(duty: Duty) -> None:
    """Maria has a role; Oksana is responsible for one open request and a finished one, and follows a pattern."""
    await give(duty, MARIA, "viewer")
    await duty.answer(duty.engineer, "/new 101 12 Leak")
    await duty.told("Request 101/12")
    done = await duty.answer(duty.engineer, "/new 102 1 Door")
    await duty.press(duty.engineer, done, "Cancelled")
    await duty.shows(done, "Cancelled since")
    await duty.answer(duty.engineer, "/follow *.docx CRM")


async def asked(duty: Duty, person: str = "Oksana") -> Message:
    """The lead's card that asks who takes over."""
    card = await duty.answer(duty.lead, "/access")
    await duty.press(duty.lead, card, person)
    await duty.shows(card, "Telegram id")
    await duty.press(duty.lead, duty.now(card), "Left")
    return await duty.shows(card, " left?")


async def left(duty: Duty, heir: str = "Maria") -> Message:
    card = await asked(duty)
    await duty.press(duty.lead, card, heir)
    return await duty.shows(card, "Oksana (@oksana) left. Noted by Taras")


def undo_of(card: Message) -> str:
    """What the button on the card carries."""
    return str((card.inline or {})["inline_keyboard"][0][0]["callback_data"])


async def responsible(duty: Duty, number: str = "101") -> str:
    async with duty.app.services.db.reading() as connection:
        [request] = await requests_store.find(connection, number)
    return request.responsible


async def followers(duty: Duty) -> list[tuple[int, str]]:
    async with duty.app.services.db.reading() as connection:
        return [(follow.to.chat_id, follow.words) for follow in await following_store.every(connection)]


async def role_of(duty: Duty, person: int) -> str | None:
    async with duty.app.services.db.reading() as connection:
        found = await store.find_person(connection, person)
    return found.role if found else None


async def test_it_says_what_is_handed_over_before_anything_happens(duty: Duty) -> None:
    await evening(duty)
    card = await asked(duty)
    assert "Loses the role: operator" in card.text
    assert "• 1 unfinished request\n• 1 subscription to files" in card.text
    assert labels(card) == ["Maria", "Taras", "Nobody", "‹ Back"]
    assert await role_of(duty, ENGINEER) == "operator"


async def test_whoever_takes_over_gets_everything_and_one_notice(duty: Duty) -> None:
    await evening(duty)
    card = await left(duty)
    assert "Handed to Maria:\n• 1 unfinished request\n• 1 subscription to files" in card.text
    notice = await duty.told("You take over from Oksana", MARIA)
    assert "You are responsible for:\n• 101/12 Leak" in notice.text
    assert "You follow:\n• *.docx CRM" in notice.text
    assert labels(notice) == ["101/12 Leak"]
    assert (await responsible(duty), await responsible(duty, "102")) == ("Maria", "Oksana")
    assert await followers(duty) == [(MARIA, "*.docx CRM")]
    assert await role_of(duty, ENGINEER) is None
    shown = await duty.told("Responsible: Maria")
    assert "Request 101/12" in shown.text
    await duty.told("Your access was taken away", ENGINEER)
    async with duty.app.services.db.reading() as connection:
        [line, *_] = await store.list_audit(connection, subject=f"person:{ENGINEER}")
    assert (line.action, line.actor_id, line.details) == ("left", LEAD, "operator → Maria; requests: 1, follows: 1")


async def test_the_history_says_who_took_over(duty: Duty) -> None:
    await evening(duty)
    await left(duty)
    card = await duty.answer(duty.lead, "/request 101/12")
    await duty.press(duty.lead, card, "History")
    await duty.shows(card, "Taras: 🙋 responsible: Maria")


async def test_with_nobody_the_requests_have_nobody_and_the_subscriptions_end(duty: Duty) -> None:
    await evening(duty)
    assert "Nobody took over" in (await left(duty, "Nobody")).text
    assert await responsible(duty) == ""
    assert await followers(duty) == []


@pytest.mark.parametrize("heir", ["Maria", "Nobody"])
async def test_for_two_minutes_it_can_be_undone(duty: Duty, heir: str) -> None:
    await evening(duty)
    card = await left(duty, heir)
    await duty.press(duty.lead, card, "Undo")
    await duty.shows(card, "Taken back by Taras")
    assert await role_of(duty, ENGINEER) == "operator"
    assert await responsible(duty) == "Oksana"
    assert await followers(duty) == [(ENGINEER, "*.docx CRM")]
    await duty.told("You have access: your role is operator", ENGINEER)
    if heir == "Maria":
        await duty.told("Taken back by Taras", MARIA)


async def test_only_who_did_it_undoes_it_also_after_a_restart(tmp_path: Path, telegram: TelegramServer) -> None:
    async with on_duty(tmp_path, telegram) as duty:
        await evening(duty)
        await give(duty, MARIA, "admin")
        card = await left(duty)
        undo = undo_of(card)
    async with on_duty(tmp_path, telegram) as duty:
        await give(duty, ENGINEER, None, "Oksana")  # `on_duty` makes her an operator
        notice = await duty.told("You take over", MARIA)
        press = await telegram.person(MARIA).forge(notice.id, undo, MARIA)
        assert (await telegram.answer(press))["text"] == "Only Taras can undo this."
        assert await role_of(duty, ENGINEER) is None
        await duty.press(duty.lead, duty.now(card), "Undo")
        await duty.shows(card, "Taken back by Taras")
        assert await role_of(duty, ENGINEER) == "operator"


async def test_after_two_minutes_the_button_goes_and_a_late_press_changes_nothing(duty: Duty) -> None:
    await evening(duty)
    card = await left(duty)
    undo = undo_of(card)
    duty.clock.shift += timedelta(minutes=2)
    await duty.until(lambda: duty.now(card), lambda found: labels(found) == [])
    press = await duty.lead.forge(card.id, undo, card.chat)
    assert (await duty.telegram.answer(press))["text"] == "This cannot be undone any more."
    assert await role_of(duty, ENGINEER) is None


async def test_the_only_admin_cannot_leave(tmp_path: Path, telegram: TelegramServer) -> None:
    async with on_duty(tmp_path, telegram, telegram=unconfigured(telegram)) as duty:
        await give(duty, LEAD, "admin", "Taras")
        card = await duty.answer(duty.lead, "/access")
        await duty.press(duty.lead, card, "Taras")
        await duty.shows(card, "Telegram id")
        answer = await duty.press(duty.lead, duty.now(card), "Left")
        assert answer["text"] == "Taras is the only admin. Make somebody else an admin first."
        press = await duty.lead.forge(card.id, f"lv:left:{LEAD}:{ENGINEER}", card.chat)
        assert "the only admin" in (await telegram.answer(press))["text"]
        assert await role_of(duty, LEAD) == "admin"


async def test_an_admin_who_left_by_mistake_comes_back(tmp_path: Path, telegram: TelegramServer) -> None:
    async with on_duty(tmp_path, telegram, telegram=unconfigured(telegram)) as duty:
        await give(duty, LEAD, "admin", "Taras")
        await give(duty, MARIA, "admin")
        card = await asked(duty, "Taras")
        await duty.press(duty.lead, card, "Take the role away")
        await duty.shows(card, "Taras (@taras) left. Noted by Taras")
        assert await role_of(duty, LEAD) is None
        await duty.press(duty.lead, duty.now(card), "Undo")
        await duty.shows(card, "Taken back by Taras")
        assert await role_of(duty, LEAD) == "admin"


def unconfigured(telegram: TelegramServer) -> dict[str, object]:
    """No admin by the configuration."""
    chats = {"duty": {"id": GROUP}}
    return {"token": telegram.token, "api_base": telegram.base_url, "chats": chats}


async def test_nobody_without_a_role_takes_over(duty: Duty) -> None:
    await evening(duty)
    card = await asked(duty)
    await give(duty, MARIA, None)
    assert "somebody else who has a role" in (await duty.press(duty.lead, card, "Maria"))["text"]
    press = await duty.lead.forge(card.id, f"lv:left:{ENGINEER}:{ENGINEER}", card.chat)
    assert "somebody else who has a role" in (await duty.telegram.answer(press))["text"]
    assert await responsible(duty) == "Oksana"
    assert await role_of(duty, ENGINEER) == "operator"


async def test_only_admins_let_people_leave(duty: Duty) -> None:
    await evening(duty)
    made = await duty.told("Request 101/12")
    for action in ("ask", "left"):
        press = await duty.engineer.forge(made.id, f"lv:{action}:{LEAD}:{ENGINEER}", GROUP)
        assert "needs the role" in (await duty.telegram.answer(press))["text"]


async def test_whoever_takes_over_cannot_undo_it(duty: Duty) -> None:
    await evening(duty)
    undo = undo_of(await left(duty))
    notice = await duty.told("You take over", MARIA)
    press = await duty.telegram.person(MARIA).forge(notice.id, undo, MARIA)
    assert (await duty.telegram.answer(press))["text"] == "Only an admin can do this."
    assert await role_of(duty, ENGINEER) is None


async def test_pressed_twice_it_happens_once(duty: Duty) -> None:
    await evening(duty)
    card = await asked(duty)
    for heir in ("Maria", "Taras"):
        press = await duty.lead.forge(card.id, f"lv:left:{ENGINEER}:{MARIA if heir == 'Maria' else LEAD}", card.chat)
        await duty.telegram.answer(press)
    await duty.shows(card, "Handed to Maria")
    assert await responsible(duty) == "Maria"


async def test_a_half_filled_form_ends(duty: Duty) -> None:
    await give(duty, MARIA, "viewer")
    await duty.answer(duty.engineer, "/new")
    await left_without_anything(duty)
    await give(duty, ENGINEER, "operator", "Oksana")
    assert "did not understand" in (await duty.answer(duty.engineer, "101")).text
    async with duty.app.services.db.reading() as connection:
        assert (await connection.execute(select(store.forms.c.key))).all() == []


async def left_without_anything(duty: Duty) -> None:
    card = await asked(duty)
    await duty.press(duty.lead, card, "Take the role away")
    await duty.shows(card, "Oksana (@oksana) left. Noted by Taras")


async def revoked(duty: Duty) -> None:
    card = await duty.answer(duty.lead, "/access")
    await duty.press(duty.lead, card, "Oksana")
    await duty.shows(card, "Telegram id")
    await duty.press(duty.lead, duty.now(card), "Take access away")
    shown = await duty.shows(card, "no access")
    assert "🚪 Left" in labels(shown)  # what she holds can still be handed over


@pytest.mark.parametrize("goes", [left, revoked])
async def test_what_somebody_was_shown_is_not_kept_up_to_date_without_access(
    duty: Duty, goes: Callable[[Duty], Awaitable[object]]
) -> None:
    await evening(duty)
    own = next(message for message in duty.of_bot(ENGINEER) if "101/12" in message.text)
    await goes(duty)
    card = await duty.answer(duty.lead, "/request 101/12")
    await duty.press(duty.lead, card, "On site")
    await duty.told("On site since")
    assert "On site" not in duty.now(own).text


async def test_who_goes_from_a_bound_group_is_named_to_the_admins_with_the_way_to_hand_over(duty: Duty) -> None:
    await evening(duty)
    await duty.engineer.group(GROUP).leave()
    told = await duty.told("Oksana (@oksana) left the group “Duty”", LEAD)
    assert "They still have the role operator" in told.text
    await duty.press(duty.lead, told, "Left")
    asks = await duty.shows(told, "Who takes over?")
    await duty.press(duty.lead, asks, "Maria")
    await duty.shows(told, "Handed to Maria")


async def test_both_updates_about_one_going_are_told_once_and_the_next_again(tmp_path: Path) -> None:
    clock = ShiftedClock()
    async with TelegramServer(clock=clock) as telegram:
        add_people(telegram)
        async with on_duty(tmp_path, telegram) as duty:

            async def gone(times: int) -> None:
                await duty.lead.group(GROUP).remove(ENGINEER)
                await telegram.wait_for(lambda: not telegram.state.updates)
                await telegram.wait_for(lambda: len(duty.of_bot(LEAD)) >= times)
                assert [m.text[:20] for m in duty.of_bot(LEAD)] == ["🚪 Taras removed Oksa"] * times

            await duty.lead.group(GROUP).promote(telegram.state.bot.id)
            await gone(1)
            clock.shift += timedelta(minutes=10)
            duty.clock.shift += timedelta(minutes=10)
            await duty.engineer.group(GROUP).join()
            await gone(2)


def test_many_who_could_take_over_are_turned_in_pages() -> None:
    heirs = [Person(n, f"Heir {n}", role="viewer") for n in range(1, 21)]
    card = leaving_card(Person(50, "Oksana", role="viewer"), {"requests": 1}, heirs, Reader("en", "UTC"), page=2)
    shown = [button.text for row in card.rows for button in row]
    assert shown == ["Heir 17", "Heir 18", "Heir 19", "Heir 20", "‹", "3/3", "›", "Nobody", "‹ Back"]


def test_whoever_takes_over_a_great_deal_gets_one_message_that_fits() -> None:
    things = [{"id": n, "shown": f"{n} " + "Leak & <water> " * 30} for n in range(100)]
    handed = {"requests": things, "follows": things}
    departure = Departure(1, 2, 3, "viewer", 1, "Taras", NOON, handed)
    card = handed_card(departure, Person(2, "Oksana"), Reader("en", "UTC"))
    assert units(card.text.striptags()) <= TEXT_LIMIT
    assert card.text.count("and 85 more") == 2
