"""Readings that wait for a person's yes, a mailbox's history, and what people write themselves."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from core.db.engine import Database
from core.errors import Rejected, UserError
from core.letters import placing, rules
from core.letters.mailboxes import ANSWERS_TO_TRUST, applies_by_itself
from core.letters.model import Letter, Reading, Update
from core.letters.record import HistorySummary, LettersOptions, Record
from core.letters.service import AlreadyDecidedError
from core.requests.model import ROBOT, Request, WorkingHours
from tests.conftest import NOON, ManualClock
from tests.letters.post import OKSANA, TARAS, Post, letter, post_of, reading, seen

EN_ROUTE = Update("101", "12", "en_route")
ON_SITE = Reading("triage", (), rules.NO_NUMBER, (seen("status", "on_site"),), "We are there.")


SQLITE = pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
"""For decisions that make no statement which another test does not make on both databases."""


@pytest.fixture
def post(db: Database, clock: ManualClock) -> Post:
    return post_of(db, clock)


# --- trust is earned


async def propose(post: Post, *updates: Update, came: Letter | None = None) -> int:
    assert await post.receive(reading(*updates), came, mode="confirm") == "proposed"
    return (await post.last()).id


async def test_a_reading_waits_for_a_yes_and_then_does_what_it_says(post: Post) -> None:
    await post.begin()
    await post.make("101/12")
    letter_id = await propose(post, Update("101", None, "en_route"))
    assert await post.history("101/12") == []
    assert (await post.last()).updates == (EN_ROUTE,)
    assert await post.told() == [("card", f"letter:{letter_id}")]
    record = await post.confirm(letter_id)
    assert (record.state, record.decided_by) == ("applied", "Oksana")
    found = await post.request("101/12")
    assert (found.status, found.comment_author) == ("en_route", ROBOT)
    assert ((await post.mailbox()).confirmed, (await post.mailbox()).corrected) == (1, 0)
    with pytest.raises(AlreadyDecidedError):
        await post.confirm(letter_id)
    record = await post.undo(letter_id)
    assert (record.state, (await post.mailbox()).confirmed) == ("proposed", 0)
    assert (await post.request("101/12")).status == "sent"
    assert (await post.confirm(letter_id)).state == "applied"


@SQLITE
async def test_a_wrong_reading_becomes_a_question(post: Post) -> None:
    await post.begin()
    _, other = await post.make("101/12", "102")
    letter_id = await propose(post, EN_ROUTE)
    record = await post.wrong(letter_id)
    assert (record.state, record.status) == ("triage", "en_route")
    assert record.candidates[0].name == "101/12"
    assert (await post.mailbox()).corrected == 1
    assert (await post.link(letter_id, other.id)).state == "linked"
    assert (await post.undo(letter_id)).state == "triage"
    record = await post.undo(letter_id)
    assert (record.state, record.updates, (await post.mailbox()).corrected) == ("proposed", (EN_ROUTE,), 0)


@SQLITE
async def test_a_decision_about_a_proposal_is_an_answer_too(post: Post) -> None:
    await post.begin()
    request, other = await post.make("101/12", "102")
    await post.link(await propose(post, EN_ROUTE), request.id)
    wrong = await propose(post, EN_ROUTE, came=letter("2@x"))
    await post.link(wrong, other.id)
    assert ((await post.mailbox()).confirmed, (await post.mailbox()).corrected) == (1, 1)
    assert (await post.undo(wrong)).state == "proposed"
    assert (await post.mailbox()).corrected == 0


@SQLITE
async def test_what_a_proposal_could_not_place_is_asked_after_the_yes(post: Post) -> None:
    await post.begin()
    await post.make("101/12")
    letter_id = await propose(post, EN_ROUTE, Update("777", None, "on_site"))
    record = await post.confirm(letter_id)
    assert (record.state, record.number, record.decided_by) == ("triage", "777", None)
    assert (await post.request("101/12")).status == "en_route"


@SQLITE
async def test_what_is_in_doubt_is_asked_and_not_proposed(post: Post) -> None:
    assert await post.receive(reading(Update("777", None, "on_site")), mode="confirm") == "triage"
    assert await post.receive(reading(outcome="ignore"), letter("2@x"), mode="confirm") == "ignored"


@SQLITE
async def test_a_proposal_by_thread_is_confirmed_as_it_was_shown(post: Post) -> None:
    await post.begin()
    await post.make("101/12", "102")
    await post.receive(reading(EN_ROUTE))
    await post.receive(ON_SITE, letter("2@x", references=("1@contractor.example",)), mode="confirm")
    record = await post.last()
    assert (record.state, record.reason.sentence) == ("proposed", placing.BY_THREAD)
    await post.receive(reading(Update("102", None, "accepted")), letter("3@x", references=("1@contractor.example",)))
    assert (await post.confirm(record.id)).state == "applied"
    assert (await post.request("101/12")).status == "on_site"


async def test_after_enough_answers_the_score_is_shown_once(sqlite_db: Database, clock: ManualClock) -> None:
    post = post_of(sqlite_db, clock)
    await post.begin()
    await post.make("101/12")
    for n in range(ANSWERS_TO_TRUST + 1):
        assert await post.told("trust") == ([("new", "mailbox:contractor")] if n >= ANSWERS_TO_TRUST else [])
        letter_id = await propose(post, EN_ROUTE, came=letter(f"{n}@x"))
        await (post.wrong(letter_id) if n % 10 == 0 else post.confirm(letter_id))
    state = await post.mailbox()
    assert not applies_by_itself(state, "confirm")
    assert applies_by_itself(state, "auto")
    async with post.db.transaction() as tx:
        state = await post.letters.trust(tx, "contractor", OKSANA)
    assert applies_by_itself(state, "confirm")
    assert await post.told("trust") == [("new", "mailbox:contractor")]


# --- history is not news


async def keep(post: Post, *said: Reading, senders: Sequence[str] = ()) -> None:
    """Letters of the history, the later ones first."""
    for n, each in enumerate(said):
        came = letter(f"h{n}@x", sent_at=NOON - timedelta(hours=n))
        assert await post.receive(each, came, mode="history", senders=senders) == "history"


async def advance(post: Post, cursor: str | None = "c1", *, complete: bool = True) -> str:
    async with post.db.transaction() as tx:
        return (await post.letters.advance(tx, "contractor", cursor, complete=complete)).history


async def decide(post: Post, choice: str) -> str:
    async with post.db.transaction() as tx:
        state = await post.letters.decide_history(tx, "contractor", "apply" if choice == "apply" else "skip", OKSANA)
        return state.history


async def apply(post: Post, limit: int) -> bool:
    async with post.db.transaction() as tx:
        return await post.letters.apply_history(tx, "contractor", limit)


OLD = (reading(Update("101", "12", "on_site")), reading(EN_ROUTE), reading(Update("102", None, None)), reading())


async def test_history_changes_nothing_until_a_person_says_so(post: Post) -> None:
    await post.make("101/12", "102")
    await post.begin(has_history=True)
    await keep(post, *OLD, reading(Update("777", None, "left")), reading(EN_ROUTE, outcome="ignore"))
    assert await post.history("101/12") == []
    assert await advance(post, "c0", complete=False) == "collecting"
    assert await advance(post) == "asked"
    assert await advance(post, "c2") == "asked"
    assert await post.told("first_pass") == [("new", "mailbox:contractor")]
    assert await post.told() == []
    assert (await post.mailbox()).summary == HistorySummary(letters=6, changing=4, requests=2)
    assert not await apply(post, 10)
    assert (await post.mailbox()).cursor == "c2"


async def test_history_is_applied_once_oldest_first_in_steps(post: Post) -> None:
    await post.make("101/12", "102")
    await post.begin(has_history=True)
    await keep(post, *OLD)
    await advance(post)
    assert await decide(post, "apply") == "applying"
    assert await decide(post, "skip") == "applying"
    assert await apply(post, 3)
    assert not await apply(post, 3)
    assert not await apply(post, 3)
    assert [entry.new for entry in await post.history("101/12") if entry.kind == "status"] == ["en_route", "on_site"]
    assert [each.state for each in await post.all()] == ["applied", "applied", "noted", "triage"]
    assert (await post.mailbox()).history == "applied"
    assert (await post.mailbox()).summary == HistorySummary(letters=4, changing=3, requests=2)


@SQLITE
async def test_skipped_history_stays_what_it_is(post: Post) -> None:
    await post.make("101/12")
    await post.begin(has_history=True)
    await keep(post, reading(EN_ROUTE))
    await advance(post)
    assert await decide(post, "skip") == "skipped"
    assert not await apply(post, 3)
    assert (await post.last()).state == "history"
    assert await post.receive(reading(EN_ROUTE), letter("h0@x"), key="again") is None
    with pytest.raises(UserError):
        await post.undo((await post.last()).id)


@SQLITE
async def test_history_that_would_change_nothing_is_told_all_the_same(post: Post) -> None:
    await post.make("101/12")
    await post.begin(has_history=True)
    await keep(post, reading(EN_ROUTE), senders=["*@other.example"])
    async with post.db.transaction() as tx:
        error = Rejected("{name} is no letter.", name="x")
        assert await post.letters.unreadable(tx, "contractor", "x", error, mode="history") == "history"
    assert await advance(post) == "asked"
    assert len(await post.told("first_pass")) == 1


@SQLITE
async def test_an_empty_mailbox_has_no_history_to_tell(post: Post) -> None:
    await post.begin(has_history=True)
    assert await advance(post) == "skipped"
    assert await post.told("first_pass") == []


async def test_another_mailbox_of_the_same_name_starts_anew(post: Post) -> None:
    clock = post.clock
    assert isinstance(clock, ManualClock)
    await post.make("101/12")
    assert (await post.begin(has_history=True)).history == "collecting"
    await keep(post, reading(EN_ROUTE))
    await advance(post)
    await decide(post, "skip")
    clock.advance(minutes=1)
    same = await post.begin(has_history=True)
    assert (same.history, same.cursor) == ("skipped", "c1")
    other = await post.begin(has_history=True, identity="graph://b/Inbox")
    assert (other.history, other.cursor, other.started_at) == ("collecting", None, clock.now())
    assert await advance(post) == "skipped"  # what was skipped before is not asked about again
    assert (await post.begin(has_history=False, identity="maildir:c")).history == "none"


@SQLITE
async def test_a_mailbox_nobody_looked_into_is_not_known(post: Post) -> None:
    async with post.db.reading() as connection:
        assert await post.letters.mailbox(connection, "contractor") is None
    with pytest.raises(UserError):
        await decide(post, "apply")
    await post.begin()
    async with post.db.reading() as connection:
        assert await post.letters.mailbox_names(connection) == ["contractor"]


# --- a person writes as a contractor would


async def hear(post: Post, text: str, about: Request | None = None, ref: str = "-100:5") -> Record | None:
    async with post.db.transaction() as tx:
        return await post.letters.hear(tx, text, about, TARAS, "Taras", ref=ref)


async def test_what_a_person_writes_waits_for_one_tap_and_is_his_word(post: Post) -> None:
    await post.make("101/12")
    record = await hear(post, "101/12 на месте")
    assert record is not None
    assert (record.state, record.updates) == ("proposed", (Update("101", "12", "on_site"),))
    assert await post.told() == []
    assert await hear(post, "101/12 на месте") == record
    assert (await post.confirm(record.id, TARAS)).state == "applied"
    found = await post.request("101/12")
    assert (found.status, found.comment, found.comment_author) == ("on_site", "101/12 на месте", "Taras")
    assert (await post.undo(record.id)).state == "proposed"
    assert (await post.request("101/12")).status == "sent"
    assert (await post.wrong(record.id)).state == "dismissed"


@pytest.mark.parametrize(
    ("text", "about", "expected"),
    [
        ("на месте", "101/12", (Update("101", "12", "on_site"),)),
        ("заявка 101: на месте", "101/12", (Update("101", "12", "on_site"),)),
        ("заявка 102: на месте", "101/12", (Update("102", "", "on_site"),)),
        ("на месте", None, None),
        ("заявка 777: на месте", "101/12", None),
        ("заявка 102: на месте, заявка 777: приняли", "101/12", None),
        ("заявка 777: когда будете?", None, None),
        ("спасибо", "101/12", None),
        ("101/12 когда будете?", "101/12", None),
    ],
)
async def test_a_person_is_heard_only_where_nothing_is_in_doubt(
    sqlite_db: Database, clock: ManualClock, text: str, about: str | None, expected: tuple[Update, ...] | None
) -> None:
    post = post_of(sqlite_db, clock)
    await post.make("101/12", "101/3", "102")
    record = await hear(post, text, await post.request(about) if about else None)
    assert (record and record.updates) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("заявка 101: на месте", "There are several: 101/3, 101/12. Write which one you mean."),
        ("777/2 на месте", "There is no request 777/2. /new makes one."),
        ("заявка 102: на месте, заявка 777: приняли", "There is no request 777. /new makes one."),
    ],
)
async def test_a_person_is_told_when_no_one_request_can_be_meant(
    sqlite_db: Database, clock: ManualClock, text: str, told: str
) -> None:
    post = post_of(sqlite_db, clock)
    await post.make("101/12", "101/3", "102")
    with pytest.raises(UserError) as error:
        await hear(post, text)
    assert str(error.value) == told


# --- nobody decides


async def remind(post: Post, *, dry_run: bool = False) -> list[int]:
    async with post.db.transaction() as tx:
        return [record.id for record in await post.letters.remind(tx, dry_run=dry_run)]


async def test_letters_that_wait_too_long_are_told_again_once(post: Post) -> None:
    clock = post.clock
    assert isinstance(clock, ManualClock)
    await post.make("101/12")
    await post.receive(reading())
    await post.receive(reading(EN_ROUTE), letter("2@x"), mode="confirm")
    await post.receive(reading(EN_ROUTE), letter("3@x"))
    assert await hear(post, "101/12 на месте") is not None
    clock.advance(minutes=59)
    assert await remind(post) == []
    clock.advance(minutes=1)
    waiting = [each.id for each in (await post.all())[:2]]
    assert await remind(post, dry_run=True) == waiting
    assert await remind(post) == waiting
    assert await remind(post) == []
    assert await post.told("letters_waiting") == [("new", "letters:waiting")]


async def test_waiting_is_counted_in_working_time(sqlite_db: Database, clock: ManualClock) -> None:
    hours = WorkingHours((NOON - timedelta(hours=3)).time(), (NOON + timedelta(minutes=30)).time())
    post = post_of(sqlite_db, clock, options=LettersOptions(working_hours=hours))
    await post.receive(reading())
    clock.advance(hours=2)
    assert await remind(post) == []
    clock.advance(hours=19, minutes=15)  # a quarter of an hour into the next day
    assert await remind(post) == []
    clock.advance(minutes=15)
    assert await remind(post) == [(await post.last()).id]


@SQLITE
async def test_a_letter_taken_back_waits_from_then_on(post: Post) -> None:
    clock = post.clock
    assert isinstance(clock, ManualClock)
    await post.receive(reading())
    clock.advance(hours=1)
    (letter_id,) = await remind(post)
    await post.dismiss(letter_id)
    await post.undo(letter_id)
    assert await remind(post) == []
    clock.advance(hours=1)
    assert await remind(post) == [letter_id]
