import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.alerts.parcels import LineState
from core.alerts.model import Destination, LiveCard
from core.db.engine import Database
from tests.alerts.conftest import DUTY, telling
from tests.alerts.world import ANNA, BORIS, PRIVATE, World, courier_of, world

MARK = "↻ Repeat: this may have reached you before.\n"


@pytest.fixture
async def here(sqlite_db: Database) -> AsyncIterator[World]:
    async with world(sqlite_db) as found:
        yield found


async def test_a_notice_arrives_once_committed(db: Database) -> None:
    async with world(db) as here:
        await here.supervisor.start()
        began = time.monotonic()
        await here.tell("Hello", mode="new")
        await here.settled("sent")
        assert here.texts() == ["Hello"]
        assert time.monotonic() - began < 1.0


async def test_text_is_html_and_buttons_come_with_it(here: World) -> None:
    await here.tell("a < b & c", mode="new", to=PRIVATE)
    await here.supervisor.start()
    await here.settled("sent")
    message = here.telegram.last(ANNA)
    assert message.text == "a < b & c"
    assert message.inline == {"inline_keyboard": [[{"text": "Open", "callback_data": "open:1"}]]}


async def test_each_chat_is_told_in_order(here: World) -> None:
    everyone = (DUTY, Destination(ANNA), Destination(BORIS))
    await here.tell("1", "2", "3", mode="new", to=everyone)
    await here.supervisor.start()
    await here.settled(*["sent"] * 9)
    assert here.texts(DUTY.chat_id) == here.texts(ANNA) == here.texts(BORIS) == ["1", "2", "3"]


async def test_the_servers_own_limits_are_never_hit(here: World) -> None:
    here.telegram.pace.strict = True
    await here.tell(*map(str, range(14)), mode="new")
    await here.tell("a", "b", "c", mode="new", to=(Destination(ANNA), Destination(BORIS)))
    await here.supervisor.start()
    await here.settled(*["sent"] * 20)
    assert here.telegram.pace.refused == 0


async def test_a_later_card_edits_the_message_of_the_earlier_one(here: World) -> None:
    await here.supervisor.start()
    await here.tell("first")
    await here.settled("sent")
    await here.tell("second")
    await here.settled("sent", "sent")
    assert here.texts() == ["second"]


async def test_waiting_changes_of_one_card_become_one_message(here: World) -> None:
    await here.tell("first", "second", "third")
    await here.supervisor.start()
    await here.settled("sent", "sent", "sent")
    assert here.texts() == ["third"]
    assert len(here.telegram.pace.sent) == 1


async def test_a_card_that_would_look_the_same_is_not_edited(here: World) -> None:
    await here.supervisor.start()
    await here.tell("same")
    await here.settled("sent")
    async with here.db.transaction() as tx:
        await here.alerts.tell(tx, telling("again", data={"text": "same"}))
    await here.settled("sent", "sent")
    assert len(here.telegram.pace.sent) == 1


async def test_a_refresh_without_a_message_to_edit_sends_nothing(here: World) -> None:
    await here.tell("quiet", mode="refresh", to=PRIVATE)
    await here.supervisor.start()
    await here.settled("sent")
    assert here.texts(ANNA) == []


async def test_a_card_on_its_way_is_refreshed_when_it_has_arrived(here: World) -> None:
    here.telegram.faults.add("slow", "sendMessage", delay=0.3)
    await here.supervisor.start()
    await here.tell("first")
    await here.telegram.wait_for(here.texts)
    await here.tell("second", mode="refresh", topic="files")
    await here.settled("sent", "sent")
    assert here.texts() == ["second"]


async def test_a_card_whose_message_was_deleted_is_sent_anew(here: World) -> None:
    async with here.db.transaction() as tx:
        await here.alerts.remember_card(tx, LiveCard(DUTY, 999, "request", "request:7", "old", here.clock.now()))
    await here.tell("again")
    await here.supervisor.start()
    await here.settled("sent")
    assert here.texts() == ["again"]


async def test_what_has_nothing_to_show_is_done_without_a_message(here: World) -> None:
    await here.tell("gone", mode="new")
    await here.supervisor.start()
    await here.settled("sent")
    assert here.texts() == []


async def test_a_fault_in_one_notice_does_not_hold_up_the_others(here: World, caplog: pytest.LogCaptureFixture) -> None:
    await here.tell("broken", "fine", mode="new")
    await here.supervisor.start()
    await here.settled("dead", "sent")
    assert here.texts() == ["fine"]
    assert "ZeroDivisionError" in caplog.text


async def test_a_chat_that_refuses_for_good_ends_its_notices_only(here: World) -> None:
    await here.tell("x", mode="new", to=(Destination(404404),))
    await here.tell("y", mode="new")
    await here.supervisor.start()
    await here.settled("dead", "sent")


async def test_a_thread_that_is_gone_does_not_lose_the_notice(here: World) -> None:
    await here.tell("kept", "gone thread", mode="new", to=(Destination(DUTY.chat_id, 6),))
    await here.supervisor.start()
    await here.settled("sent", "sent")
    assert here.texts() == ["kept", "gone thread"]


async def test_429_is_obeyed_and_only_that_chat_waits(here: World) -> None:
    here.telegram.faults.add("flood", "sendMessage", retry_after=2)
    began = time.monotonic()
    await here.tell("held", mode="new", priority=1)
    await here.tell("others", mode="new", to=PRIVATE)
    await here.supervisor.start()
    await here.settled("new", "sent")
    await here.settled("sent", "sent")
    assert time.monotonic() - began >= 2
    assert here.texts() == ["held"]


async def test_an_outage_delays_and_loses_nothing(here: World) -> None:
    await here.telegram.outage(True)
    await here.tell("1", "2", "3", mode="new")
    await here.supervisor.start()

    async def noticed() -> bool:
        async with here.db.reading() as connection:
            return [outage.source for outage in await here.health.open_outages(connection)] == ["telegram"]

    await here.until(noticed)
    assert await here.rows() == [("new", 0)] * 3
    await here.telegram.outage(False)
    here.clock.ahead += 10
    await here.settled("sent", "sent", "sent")
    assert here.texts() == ["1", "2", "3"]
    async with here.db.reading() as connection:
        assert await here.health.open_outages(connection) == []


async def test_after_an_outage_nobody_is_flooded_with_what_expired(here: World) -> None:
    await here.telegram.outage(True)
    await here.tell(*map(str, range(50)), mode="new", expires_after=timedelta(minutes=5))
    await here.tell("still of use", mode="new")
    await here.supervisor.start()
    here.clock.ahead += 600
    await here.telegram.outage(False)
    here.clock.ahead += 10
    await here.settled(*["expired"] * 50, "sent")
    assert here.texts() == ["still of use"]


async def test_a_lost_answer_is_repeated_once_later_and_marked(here: World) -> None:
    here.telegram.faults.add("lost_answer", "sendMessage")
    await here.tell("Hello", mode="new")
    await here.supervisor.start()
    await here.settled("unknown")
    assert here.texts() == ["Hello"]
    here.clock.ahead += 31
    await here.settled("sent")
    assert here.texts() == ["Hello", MARK + "Hello"]


async def test_two_lost_answers_leave_a_row_that_people_can_see(here: World) -> None:
    here.telegram.faults.add("lost_answer", "sendMessage", times=2)
    await here.tell("Hello", mode="new")
    await here.supervisor.start()
    await here.settled("unknown")
    here.clock.ahead += 31

    async def twice() -> bool:
        return await here.rows() == [("unknown", 2)]

    await here.until(twice)
    here.clock.ahead += 31
    await here.tell("next", mode="new")
    await here.settled("unknown", "sent")
    assert here.texts() == ["Hello", MARK + "Hello", "next"]


async def test_a_lost_answer_to_an_edit_is_made_good_without_a_mark(here: World) -> None:
    await here.supervisor.start()
    await here.tell("first")
    await here.settled("sent")
    here.telegram.faults.add("lost_answer", "editMessageText")
    await here.tell("second")
    await here.settled("sent", "sent")
    assert here.texts() == ["second"]


async def test_a_gateway_that_answers_instead_of_telegram_is_waited_out(here: World) -> None:
    here.telegram.faults.add("http", times=3, status=502)
    await here.tell("Hello", mode="new")
    await here.supervisor.start()

    async def sent() -> bool:
        here.clock.ahead += 1
        return [state for state, _ in await here.rows()] == ["sent"]

    await here.until(sent)
    assert here.texts() == [MARK + "Hello"]


async def test_a_refused_token_stops_the_courier_and_keeps_the_rows(here: World) -> None:
    here.telegram.token = "700000001:another-token-that-is-long-enough-to-be-one"
    await here.tell("Hello", mode="new")
    await here.supervisor.start()

    async def stopped() -> bool:
        return [job.state for job in here.supervisor.states()] == ["auth"]

    await here.until(stopped)
    assert (await here.rows())[0] == ("new", 0)


async def test_the_token_is_in_no_log_line(here: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = here.telegram.token
    await here.telegram.outage(True)
    await here.tell("Hello", mode="new")
    await here.supervisor.start()

    async def noticed() -> bool:
        return "cannot be reached" in caplog.text

    await here.until(noticed)
    assert token not in caplog.text
    assert token.partition(":")[2] not in caplog.text


async def test_a_stop_waits_for_what_is_on_its_way_and_frees_the_lease(here: World) -> None:
    await here.supervisor.start()
    await here.tell("Hello", mode="new")
    await here.settled("sent")
    await here.tell("Bye", mode="new")
    began = time.monotonic()
    await here.supervisor.stop(2.0)
    assert time.monotonic() - began < 2.0
    states = [state for state, _ in await here.rows()]
    assert states in (["sent", "sent"], ["sent", "new"])
    async with here.db.transaction() as tx:
        assert await here.courier._outbox.take(tx, ())


async def test_a_second_courier_waits_and_takes_over_when_the_first_is_gone(here: World) -> None:
    await here.supervisor.start()
    await here.tell("one", mode="new")
    await here.settled("sent")
    second = courier_of(here.db, here.clock, here.outbound, here.supervisor, here.alerts, "there")
    here.supervisor.spawn("second", second.run())
    await here.tell("two", mode="new")
    await here.settled("sent", "sent")
    assert await here.courier.drain(2.0)
    await here.tell("three", mode="new")
    await here.settled("sent", "sent", "sent")
    assert here.texts() == ["one", "two", "three"]
    assert await second.drain(2.0)


async def test_once_delivers_what_is_due_and_ends(here: World) -> None:
    await here.tell("1", "2", mode="new", to=PRIVATE)
    async with asyncio.timeout(5):
        assert await here.supervisor.run_once() == {"courier": None}
    assert here.texts(ANNA) == ["1", "2"]


async def test_once_gives_up_when_telegram_cannot_be_reached(here: World) -> None:
    await here.telegram.outage(True)
    await here.tell("1", mode="new", to=PRIVATE)
    async with asyncio.timeout(5):
        await here.supervisor.run_once()
    assert await here.rows() == [("new", 0)]


def test_going_away_and_coming_back_are_news_once_each(caplog: pytest.LogCaptureFixture) -> None:
    line = LineState()
    line.broke("no route", 0)
    line.broke("no route", 5)
    line.answered(60)
    line.answered(61)
    assert line.news == ["no route", None]
    assert len(caplog.records) == 2
