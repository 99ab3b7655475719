from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.alerts.model import Destination, LiveCard
from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.db.engine import Database
from core.people import store as people
from core.people.model import Chat, Person
from tests.alerts.conftest import DUTY, telling
from tests.conftest import ManualClock

ANNA, BORIS = 11, 12


async def rows(db: Database) -> list[tuple[int, int, str]]:
    async with db.reading() as connection:
        query = select(notices.c.chat_id, notices.c.thread_id, notices.c.mode).order_by(notices.c.id)
        return [tuple(row) for row in await connection.execute(query)]


async def add_admins(db: Database, clock: ManualClock) -> None:
    async with db.transaction() as tx:
        for number in (ANNA, BORIS):
            await people.save_person(tx, Person(number, "A", role="admin"), clock.now())


def shown(clock: ManualClock, chat_id: int, message_id: int = 1, thread_id: int = 0) -> LiveCard:
    return LiveCard(Destination(chat_id, thread_id), message_id, "request", "request:7", "digest", clock.now())


async def test_a_topic_is_told_to_the_chats_that_receive_it(db: Database, alerts: AlertsService) -> None:
    async with db.transaction() as tx:
        assert await alerts.tell(tx, telling("a")) == 1
    assert await rows(db) == [(DUTY.chat_id, 0, "card")]


async def test_the_same_occurrence_is_told_once(db: Database, alerts: AlertsService) -> None:
    async with db.transaction() as tx:
        assert await alerts.tell(tx, telling("a")) == 1
        assert await alerts.tell(tx, telling("a")) == 0
        assert await alerts.tell(tx, telling("b")) == 1


async def test_occurrences_with_long_names_are_told_apart(db: Database, alerts: AlertsService) -> None:
    async with db.transaction() as tx:
        assert await alerts.tell(tx, telling("x" * 400 + "1")) == 1
        assert await alerts.tell(tx, telling("x" * 400 + "2")) == 1
        assert await alerts.tell(tx, telling("x" * 400 + "2")) == 0


async def test_admins_are_told_in_private(db: Database, alerts: AlertsService, clock: ManualClock) -> None:
    await add_admins(db, clock)
    async with db.transaction() as tx:
        await alerts.tell(tx, telling("a", topic="admins"))
    assert await rows(db) == [(ANNA, 0, "card"), (BORIS, 0, "card")]


async def test_a_topic_that_no_chat_receives_reaches_the_admins(
    db: Database, alerts: AlertsService, clock: ManualClock
) -> None:
    await add_admins(db, clock)
    async with db.transaction() as tx:
        assert await alerts.tell(tx, telling("a", topic="sync")) == 2


async def test_telling_nobody_is_no_error(db: Database, alerts: AlertsService) -> None:
    async with db.transaction() as tx:
        assert await alerts.tell(tx, telling("a", topic="sync")) == 0


async def test_a_change_reaches_every_chat_that_shows_the_subject(
    db: Database, alerts: AlertsService, clock: ManualClock
) -> None:
    async with db.transaction() as tx:
        await alerts.remember_card(tx, shown(clock, ANNA))
        await alerts.remember_card(tx, shown(clock, DUTY.chat_id))
        await alerts.tell(tx, telling("a"))
    assert await rows(db) == [(DUTY.chat_id, 0, "card"), (ANNA, 0, "refresh")]


async def test_a_new_message_goes_to_the_topics_chats_only(
    db: Database, alerts: AlertsService, clock: ManualClock
) -> None:
    async with db.transaction() as tx:
        await alerts.remember_card(tx, shown(clock, ANNA))
        await alerts.tell(tx, telling("a", mode="new"))
    assert await rows(db) == [(DUTY.chat_id, 0, "new")]


async def test_a_refresh_goes_only_where_the_subject_is_shown(
    db: Database, alerts: AlertsService, clock: ManualClock
) -> None:
    async with db.transaction() as tx:
        await alerts.remember_card(tx, shown(clock, ANNA))
        await alerts.tell(tx, telling("a", mode="refresh"))
    assert await rows(db) == [(ANNA, 0, "refresh")]


async def test_a_card_of_yesterday_is_left_alone(db: Database, alerts: AlertsService, clock: ManualClock) -> None:
    async with db.transaction() as tx:
        await alerts.remember_card(tx, shown(clock, ANNA))
        clock.advance(hours=25)
        await alerts.tell(tx, telling("a"))
    assert await rows(db) == [(DUTY.chat_id, 0, "card")]


async def test_named_destinations_replace_the_topics_chats(db: Database, alerts: AlertsService) -> None:
    async with db.transaction() as tx:
        await alerts.tell(tx, telling("a", mode="new", to=(Destination(BORIS), Destination(DUTY.chat_id, 4))))
    assert await rows(db) == [(BORIS, 0, "new"), (DUTY.chat_id, 4, "new")]


async def test_a_group_that_became_a_supergroup_is_told_there(db: Database, alerts: AlertsService) -> None:
    async with db.transaction() as tx:
        await people.save_chat(tx, Chat(DUTY.chat_id, "Duty", language="uk"))
        await alerts.tell(tx, telling("before"))
        await alerts.chat_moved(tx, DUTY.chat_id, -1009)
        await alerts.tell(tx, telling("after"))
        moved = await people.find_chat(tx, -1009)
    assert moved == Chat(-1009, "Duty", language="uk")
    assert await rows(db) == [(-1009, 0, "card"), (-1009, 0, "card")]


async def test_a_reply_finds_what_its_message_shows(db: Database, alerts: AlertsService, clock: ManualClock) -> None:
    async with db.transaction() as tx:
        await alerts.remember_card(tx, shown(clock, ANNA, 5))
        assert await alerts.card_at(tx, ANNA, 5) == shown(clock, ANNA, 5)
        await alerts.forget_card(tx, ANNA, 5)
        assert await alerts.card_at(tx, ANNA, 5) is None


async def tell_and_fail(db: Database, alerts: AlertsService) -> None:
    async with db.transaction() as tx:
        await alerts.tell(tx, telling("a"))
        raise KeyError("the change itself failed")


async def test_nothing_is_told_of_a_change_that_was_rolled_back(db: Database, alerts: AlertsService) -> None:
    with pytest.raises(KeyError):
        await tell_and_fail(db, alerts)
    assert await rows(db) == []


async def test_counts_say_how_many_stand_where(db: Database, alerts: AlertsService) -> None:
    async with db.transaction() as tx:
        await alerts.tell(tx, telling("a"))
        await alerts.tell(tx, telling("b"))
        assert await alerts.counts(tx) == {"new": 2}


async def test_a_card_written_down_late_shows_what_was_told_meanwhile(
    db: Database, alerts: AlertsService, clock: ManualClock
) -> None:
    """Its redrawing takes the place of what was told: also in the other chats, whose messages may not be edited yet."""
    async with db.transaction() as tx:
        await alerts.remember_card(tx, shown(clock, BORIS))
        await alerts.tell(tx, telling("gone", mode="refresh", data={"gone": "101"}))
        await alerts.remember_shown(tx, [shown(clock, ANNA, 5)])
    async with db.reading() as connection:
        query = select(notices.c.chat_id, notices.c.data).order_by(notices.c.id)
        told = {row.chat_id: row.data for row in await connection.execute(query)}
    assert told == {ANNA: {"gone": "101"}, BORIS: {"gone": "101"}}


async def test_what_is_redrawn_is_the_last_card_in_each_chat_as_it_is_some_a_minute(
    db: Database, alerts: AlertsService, clock: ManualClock
) -> None:
    async with db.transaction() as tx:
        await alerts.remember_card(tx, shown(clock, -1, 1))
        await alerts.remember_card(tx, replace(shown(clock, -1, 2), subject="request:8"))
        clock.advance(hours=1)
        reminder = replace(shown(clock, -1, 3), kind="reminder", data={"a": 1})
        for card in (reminder, shown(clock, 5, 4), replace(shown(clock, 5, 5), subject="request:9")):
            await alerts.remember_card(tx, card)
        assert await alerts.redraw(tx, ["request:7", "request:8"], "late") == 3
        assert await alerts.redraw(tx, ["request:7", "request:8"], "late") == 0
        column = notices.c
        found = await tx.execute(select(column.chat_id, column.kind, column.mode, column.data, column.not_before))
        told = {(row.chat_id, row.kind, row.mode): (row.data, row.not_before - clock.now()) for row in found}
    apart = timedelta(seconds=5)
    assert told == {
        (-1, "reminder", "refresh"): ({"a": 1}, timedelta()),
        (-1, "request", "refresh"): ({}, apart),
        (5, "request", "refresh"): ({}, timedelta()),
    }


async def test_a_card_nobody_scrolls_up_to_is_not_redrawn(
    db: Database, alerts: AlertsService, clock: ManualClock
) -> None:
    async with db.transaction() as tx:
        await alerts.remember_card(tx, shown(clock, -1))
        clock.advance(hours=24)
        assert await alerts.redraw(tx, ["request:7"], "late") == 0


async def test_of_very_many_cards_those_sent_last_are_redrawn(
    db: Database, alerts: AlertsService, clock: ManualClock
) -> None:
    async with db.transaction() as tx:
        for n in range(502):
            await alerts.remember_card(tx, replace(shown(clock, -1, n), subject=f"request:{n}"))
            clock.advance(seconds=1)
        assert await alerts.redraw(tx, [f"request:{n}" for n in range(502)], "late") == 500
        found = await tx.execute(select(notices.c.subject).order_by(notices.c.not_before))
        subjects = list(found.scalars())
    assert (subjects[0], subjects[-1]) == ("request:501", "request:2")
