"""The tables of letters, on both databases."""

from core.db.engine import Database
from core.letters import memory_store, store
from core.letters.model import Update
from core.letters.record import Candidate, Effect, Reason, Record
from core.letters.rows import fitted, storable
from tests.conftest import NOON, ManualClock
from tests.letters.post import post_of


def record(message_id: str = "1@x", **changes: object) -> Record:
    values: dict[str, object] = {
        "id": 0,
        "message_id": message_id,
        "source": "contractor",
        "sender": "a@x",
        "sender_name": "A",
        "subject": "S",
        "moment": NOON,
        "recorded_at": NOON,
        "excerpt": "Text",
        "note": "Note",
        "outcome": "triage",
        "reason": Reason("There is no request {name}.", {"name": "777"}),
    }
    return Record(**(values | changes))  # type: ignore[arg-type]  # the tests name Record's own fields


async def add(db: Database, added: Record) -> int:
    async with db.transaction() as tx:
        return await store.add(tx, added)


async def test_a_letter_is_given_back_as_it_was_remembered(db: Database, clock: ManualClock) -> None:
    (request,) = await post_of(db, clock).make("101/12")
    full = record(
        updates=(Update("101", "12", "en_route"), Update("777", None, None)),
        status="en_route",
        number="777",
        position="3",
        candidates=(Candidate(request.id, "101/12", "Leak", Reason("same thread")),),
        effects=(Effect(request.id, "101/12", "en_route", moved=True),),
        request_id=request.id,
        decided_by="Oksana",
        decided_at=NOON,
        state="linked",
        thread=("0@x",),
    )
    letter_id = await add(db, full)
    async with db.reading() as connection:
        found = await store.get(connection, letter_id)
        assert await store.get(connection, letter_id + 1) is None
    assert found is not None
    assert found == Record(**{name: getattr(full, name) for name in Record.__slots__} | {"id": letter_id})


async def test_text_that_a_database_refuses_is_kept_without_what_it_refuses(db: Database) -> None:
    letter_id = await add(db, record("\ud800@x", subject="a\0b \udcff", excerpt="🔥 <b>&\0"))
    async with db.reading() as connection:
        found = await store.get(connection, letter_id)
    assert found is not None
    assert (found.subject, found.excerpt) == ("ab ?", "🔥 <b>&")


async def test_an_endless_message_id_is_known_again(db: Database) -> None:
    endless = "x" * 5000
    letter_id = await add(db, record(endless, thread=("y" * 5000,)))
    async with db.reading() as connection:
        assert await store.find_id(connection, endless) == letter_id
        assert await store.find_id(connection, endless + "x") is None
    assert fitted("1@x") == "1@x"
    assert storable("plain") == "plain"


async def test_thousands_of_keys_are_asked_for_at_once(db: Database) -> None:
    letter_id = await add(db, record())
    async with db.transaction() as tx:
        for n in range(0, 3000, 2):
            await store.mark_seen(tx, "contractor", f"{n}.host", letter_id, NOON)
        await store.mark_seen(tx, "contractor", "0.host", letter_id, NOON)
    keys = [f"{n}.host" for n in range(3000)]
    async with db.reading() as connection:
        assert await store.seen(connection, "contractor", keys) == set(keys[::2])
        assert await store.seen(connection, "another", keys) == set()


async def test_the_latest_letters_come_first_in_pages(db: Database) -> None:
    for n in range(5):
        await add(db, record(f"{n}@x", subject=str(n), state="triage" if n else "ignored"))
    async with db.reading() as connection:
        page = await store.list_letters(connection, limit=2, offset=1)
        assert [each.subject for each in page] == ["3", "2"]
        assert await store.count_by_state(connection) == {"ignored": 1, "triage": 4}


async def test_a_thread_and_a_sender_know_the_requests_they_were_about(db: Database, clock: ManualClock) -> None:
    first, second = await post_of(db, clock).make("101", "102")
    await add(db, record("1@x", request_id=first.id, thread=("ours@vakhta",)))
    await add(db, record("2@x", request_id=second.id, sender="b@x"))
    await add(db, record("3@x", request_id=first.id))
    async with db.reading() as connection:
        assert await memory_store.thread_requests(connection, ["1@x"]) == [first.id]
        assert await memory_store.thread_requests(connection, ["ours@vakhta"]) == [first.id]
        assert await memory_store.thread_requests(connection, ["1@x", "2@x"]) == [first.id, second.id][::-1]
        assert await memory_store.thread_requests(connection, []) == []
        assert await memory_store.sender_requests(connection, "a@x") == [first.id]
        assert await memory_store.sender_requests(connection, "") == []
