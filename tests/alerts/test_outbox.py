from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core.alerts import store
from core.alerts.model import Destination, LiveCard
from core.alerts.outbox import LEASE, LeaseLost, Outbox
from core.alerts.rules import Answer, Batch, decide
from core.alerts.service import AlertsService
from core.alerts.store import notices
from core.db.engine import Database
from tests.alerts.conftest import DUTY, telling
from tests.conftest import ManualClock

ANNA = Destination(11)


@pytest.fixture
def outbox(clock: ManualClock) -> Outbox:
    return Outbox(clock, "one")


async def tell(db: Database, alerts: AlertsService, *dedups: str, **changes: object) -> None:
    async with db.transaction() as tx:
        for dedup in dedups:
            await alerts.tell(tx, telling(dedup, **changes))


async def next_batches(db: Database, outbox: Outbox) -> list[Batch]:
    async with db.reading() as connection:
        return await outbox.batches(connection, [head.id for head in await outbox.heads(connection)])


async def states(db: Database) -> list[tuple[str, int]]:
    async with db.reading() as connection:
        query = select(notices.c.state, notices.c.attempts).order_by(notices.c.id)
        return [tuple(row) for row in await connection.execute(query)]


async def leave(db: Database, outbox: Outbox) -> list[Batch]:
    batches = await next_batches(db, outbox)
    async with db.transaction() as tx:
        await outbox.leave(tx, batches)
    return batches


async def test_the_oldest_row_of_each_chat_is_next_the_urgent_chat_first(
    db: Database, alerts: AlertsService, outbox: Outbox
) -> None:
    await tell(db, alerts, "1", "2", mode="new")
    await tell(db, alerts, "3", mode="new", to=(ANNA,), priority=1)
    async with db.reading() as connection:
        found = await outbox.heads(connection)
    assert [(head.id, head.chat_id) for head in found] == [(3, ANNA.chat_id), (1, DUTY.chat_id)]


async def test_a_row_held_back_lets_later_ones_pass(
    db: Database, alerts: AlertsService, outbox: Outbox, clock: ManualClock
) -> None:
    await tell(db, alerts, "1", mode="new", not_before=clock.now() + timedelta(minutes=5))
    await tell(db, alerts, "2", mode="new")
    assert [batch.first.id for batch in await next_batches(db, outbox)] == [2]
    clock.advance(minutes=5)
    assert [batch.first.id for batch in await next_batches(db, outbox)] == [1]


async def test_waiting_changes_of_one_card_are_one_batch(db: Database, alerts: AlertsService, outbox: Outbox) -> None:
    await tell(db, alerts, "1", "2")
    await tell(db, alerts, "3", subject="request:8")
    await tell(db, alerts, "4", mode="new")
    await tell(db, alerts, "5")
    (batch,) = await next_batches(db, outbox)
    assert [row.id for row in batch.rows] == [1, 2, 5]


async def test_a_batch_knows_the_message_it_edits(
    db: Database, alerts: AlertsService, outbox: Outbox, clock: ManualClock
) -> None:
    card = LiveCard(DUTY, 50, "request", "request:7", "old", clock.now(), {"a": 1})
    async with db.transaction() as tx:
        await alerts.remember_card(tx, card)
    await tell(db, alerts, "1")
    (batch,) = await next_batches(db, outbox)
    assert batch.card == card


async def test_what_leaves_is_marked_before_it_leaves(db: Database, alerts: AlertsService, outbox: Outbox) -> None:
    await tell(db, alerts, "1")
    await leave(db, outbox)
    assert await states(db) == [("sending", 1)]
    assert await next_batches(db, outbox) == []


async def test_what_arrived_is_sent_and_remembered(
    db: Database, alerts: AlertsService, outbox: Outbox, clock: ManualClock
) -> None:
    await tell(db, alerts, "1", "2")
    (batch,) = await leave(db, outbox)
    async with db.transaction() as tx:
        await outbox.settle(tx, [decide(batch, Answer("ok", 70), "new", clock.now())])
        card = await alerts.card_at(tx, DUTY.chat_id, 70)
    assert await states(db) == [("sent", 1), ("sent", 1)]
    assert card is not None
    assert card.subject == "request:7"


async def test_a_card_whose_message_is_gone_is_sent_anew(
    db: Database, alerts: AlertsService, outbox: Outbox, clock: ManualClock
) -> None:
    async with db.transaction() as tx:
        await alerts.remember_card(tx, LiveCard(DUTY, 50, "request", "request:7", "old", clock.now()))
    await tell(db, alerts, "1")
    (batch,) = await leave(db, outbox)
    async with db.transaction() as tx:
        await outbox.settle(tx, [decide(batch, Answer("no_message"), "new", clock.now())])
    (again,) = await next_batches(db, outbox)
    assert again.card is None
    assert not again.repeat


async def test_only_one_courier_holds_the_lease(db: Database, outbox: Outbox, clock: ManualClock) -> None:
    other = Outbox(clock, "two")
    async with db.transaction() as tx:
        assert await outbox.take(tx, ())
        assert not await other.take(tx, ())
    clock.advance(seconds=LEASE.total_seconds() + 1)
    async with db.transaction() as tx:
        assert await other.take(tx, ())
        with pytest.raises(LeaseLost):
            await outbox.renew(tx)


async def test_a_lease_from_a_clock_that_was_ahead_keeps_nobody_waiting(
    sqlite_db: Database, outbox: Outbox, clock: ManualClock
) -> None:
    """Killed, and begun again by a machine whose clock has been set back meanwhile."""
    async with sqlite_db.transaction() as tx:
        await outbox.take(tx, ())
    clock.advance(hours=-1)
    async with sqlite_db.transaction() as tx:
        assert await Outbox(clock, "two").take(tx, ())


async def test_a_released_lease_is_free_at_once(db: Database, outbox: Outbox, clock: ManualClock) -> None:
    async with db.transaction() as tx:
        await outbox.take(tx, ())
        await outbox.release(tx)
        assert await Outbox(clock, "two").take(tx, ())


async def test_a_renewed_lease_lasts(db: Database, outbox: Outbox, clock: ManualClock) -> None:
    async with db.transaction() as tx:
        await outbox.take(tx, ())
        clock.advance(seconds=9)
        await outbox.renew(tx)
        clock.advance(seconds=9)
        assert not await Outbox(clock, "two").take(tx, ())


async def test_a_successor_repeats_new_messages_later_and_edits_at_once(
    db: Database, alerts: AlertsService, outbox: Outbox, clock: ManualClock
) -> None:
    await tell(db, alerts, "1", mode="new")
    async with db.transaction() as tx:
        await alerts.remember_card(tx, LiveCard(ANNA, 50, "request", "request:9", "old", clock.now()))
    await tell(db, alerts, "2", subject="request:9", to=(ANNA,))
    await leave(db, outbox)
    async with db.transaction() as tx:
        await Outbox(clock, "two").take(tx, ())
    assert await states(db) == [("unknown", 1), ("new", 0)]
    assert [batch.first.id for batch in await next_batches(db, outbox)] == [2]
    clock.advance(seconds=31)
    repeated = next(batch for batch in await next_batches(db, outbox) if batch.first.id == 1)
    assert repeated.repeat


async def test_a_courier_that_returns_keeps_what_it_has_on_its_way(
    db: Database, alerts: AlertsService, outbox: Outbox
) -> None:
    await tell(db, alerts, "1", mode="new")
    await leave(db, outbox)
    async with db.transaction() as tx:
        await outbox.take(tx, (1,))
    assert await states(db) == [("sending", 1)]


async def test_a_row_repeated_in_vain_stays_visible_and_is_not_sent_a_third_time(
    db: Database, alerts: AlertsService, outbox: Outbox, clock: ManualClock
) -> None:
    await tell(db, alerts, "1", mode="new")
    for _ in range(2):
        await leave(db, outbox)
        async with db.transaction() as tx:
            await outbox.take(tx, ())
        clock.advance(seconds=31)
    assert await next_batches(db, outbox) == []
    async with db.transaction() as tx:
        assert await alerts.counts(tx) == {"unknown": 1}


async def test_a_courier_that_was_replaced_cannot_settle_its_successors_row(
    db: Database, alerts: AlertsService, outbox: Outbox, clock: ManualClock
) -> None:
    await tell(db, alerts, "1", mode="new")
    (late,) = await leave(db, outbox)
    async with db.transaction() as tx:
        await Outbox(clock, "two").take(tx, ())
    clock.advance(seconds=31)
    await leave(db, outbox)
    async with db.transaction() as tx:
        await outbox.settle(tx, [decide(late, Answer("slow_down"), "", clock.now())])
    assert await states(db) == [("sending", 2)]


async def test_what_nobody_needs_any_more_expires_at_once(
    db: Database, alerts: AlertsService, outbox: Outbox, clock: ManualClock
) -> None:
    await tell(db, alerts, "1", "2", mode="new")
    clock.advance(hours=2)
    assert await next_batches(db, outbox) == []
    async with db.transaction() as tx:
        await outbox.expire(tx)
    assert await states(db) == [("expired", 0), ("expired", 0)]


async def test_what_waits_for_somebody_who_has_no_access_any_more_never_leaves(
    db: Database, alerts: AlertsService, outbox: Outbox, clock: ManualClock
) -> None:
    await tell(db, alerts, "1", mode="new", to=(ANNA,))
    await tell(db, alerts, "2", mode="new")
    await tell(db, alerts, "3", mode="new", to=(ANNA,), not_before=clock.now() + timedelta(seconds=30))
    async with db.transaction() as tx:
        await alerts.let_go(tx, ANNA.chat_id)
    clock.advance(minutes=1)
    assert [batch.first.to for batch in await next_batches(db, outbox)] == [DUTY]


async def test_moving_a_chat_leaves_behind_what_it_was_told_already(db: Database, alerts: AlertsService) -> None:
    await tell(db, alerts, "1", to=(DUTY, Destination(-1009)), mode="new")
    async with db.transaction() as tx:
        await store.move_chat(tx, DUTY.chat_id, -1009)
        rows = (await tx.execute(select(notices.c.chat_id).order_by(notices.c.id))).scalars().all()
    assert rows == [DUTY.chat_id, -1009]


async def test_old_rows_are_pruned_a_portion_at_a_time(
    db: Database, alerts: AlertsService, outbox: Outbox, clock: ManualClock
) -> None:
    await tell(db, alerts, "1", "2", "3", mode="new")
    clock.advance(hours=2)
    async with db.transaction() as tx:
        await outbox.expire(tx)
        await alerts.remember_card(tx, LiveCard(DUTY, 50, "request", "request:7", "old", clock.now()))
        clock.advance(days=30)
        await alerts.tell(tx, telling("4", mode="new"))
        before: datetime = clock.now() - timedelta(days=1)
        assert await alerts.prune(tx, before, 2) == 3
        assert await alerts.prune(tx, before, 2) == 1
        assert await alerts.counts(tx) == {"new": 1}


async def test_the_next_rows_of_a_large_outbox_are_found_by_an_index(sqlite_db: Database) -> None:
    async with sqlite_db.transaction() as tx:
        query = store.heads_query(datetime.fromisoformat("2026-11-20T12:00:00+00:00"), 2)
        sql = str(query.compile(tx.sync_connection, compile_kwargs={"literal_binds": True}))
        plan = "\n".join(str(row) for row in await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}"))
    assert "SCAN" not in plan
