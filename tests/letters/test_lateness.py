"""Mail that is not read in time: when it is late, which requests that concerns, and how their cards say so."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.chat.links import Mail
from bot.requests.cards import reminder_card, request_card
from bot.requests.keyboards import Offers
from core.alerts.model import LiveCard
from core.alerts.service import AlertsService
from core.db.engine import Database
from core.health.model import JobState
from core.health.service import HealthService
from core.letters import mailbox_store
from core.letters.mailboxes import Unread, unread_text
from core.letters.model import Update
from core.letters.record import LettersOptions
from core.people.model import Reader
from core.requests.model import WORKFLOW, Request
from core.text import translator
from jobs.letters.lateness import Lateness, late_after
from tests.conftest import NOON, ManualClock
from tests.letters.post import DUTY, OKSANA, Post, letter, post_of, reading

READER = Reader("en", "UTC")


class Watch:
    """A process that reads the mailbox `contractor`, and looks whether it is late after five minutes."""

    def __init__(self, db: Database, clock: ManualClock, *, host: str = "here") -> None:
        self.db = db
        self.clock = clock
        self.host = host
        self.post = post_of(db, clock, options=LettersOptions(mailboxes=("contractor",)))
        self._health = HealthService(clock, AlertsService(clock, ()))
        self._lateness = Lateness(db, clock, self._health, self.post.letters, {"contractor": 300})

    async def read(self) -> datetime:
        """The mailbox is read now."""
        now = self.clock.now()
        async with self.db.transaction() as tx:
            await self._health.save_jobs(tx, [JobState("mailbox.contractor", self.host, "running", now, now, now)])
        return now

    async def look(self) -> dict[str, datetime]:
        """One look; the mailboxes that are late then."""
        await self._lateness.once()
        async with self.db.reading() as connection:
            return await self.post.letters.late_mailboxes(connection)


@pytest.fixture
async def watch(db: Database, clock: ManualClock) -> Watch:
    made = Watch(db, clock)
    await made.post.begin()
    return made


def test_a_mailbox_is_late_after_four_missed_looks_but_not_within_five_minutes() -> None:
    assert [late_after(seconds) for seconds in (1, 60, 120)] == [300, 300, 480]


async def test_a_mailbox_that_is_not_read_is_late_since_it_was_until_it_is_read(
    watch: Watch, clock: ManualClock
) -> None:
    last = await watch.read()
    assert await watch.look() == {}
    clock.advance(seconds=299)
    assert await watch.look() == {}
    clock.advance(seconds=1)
    assert await watch.look() == {"contractor": last}
    clock.advance(hours=1)
    assert await watch.look() == {"contractor": last}
    await watch.read()
    assert await watch.look() == {}


async def test_after_a_night_off_the_mailbox_has_its_time(watch: Watch, clock: ManualClock) -> None:
    last = await watch.read()
    clock.advance(hours=9)
    morning = Watch(watch.db, clock)
    assert await morning.look() == {}
    clock.advance(seconds=300)
    assert await morning.look() == {"contractor": last}


async def test_a_mailbox_known_to_be_late_is_so_after_a_restart_until_it_is_read(
    watch: Watch, clock: ManualClock
) -> None:
    last = await watch.read()
    await watch.look()
    clock.advance(seconds=300)
    await watch.look()
    again = Watch(watch.db, clock)
    assert await again.look() == {"contractor": last}
    await watch.read()
    assert await Watch(watch.db, clock).look() == {}


async def test_neither_a_clock_set_ahead_nor_one_set_back_makes_a_mailbox_late_or_keeps_it_so(
    watch: Watch, clock: ManualClock
) -> None:
    await watch.read()
    await watch.look()
    clock.start += timedelta(hours=1)
    assert await watch.look() == {}
    clock.advance(seconds=300)
    assert await watch.look() != {}
    clock.start -= timedelta(hours=5)
    await watch.read()
    assert await watch.look() == {}


async def test_a_mailbox_that_was_never_read_is_late_since_the_start(watch: Watch, clock: ManualClock) -> None:
    began = clock.now()
    await watch.look()
    clock.advance(seconds=300)
    assert await watch.look() == {"contractor": began}
    assert await Watch(watch.db, clock).look() == {"contractor": began}
    await watch.read()
    assert await watch.look() == {}


async def test_it_is_enough_that_one_host_reads_a_mailbox(watch: Watch, clock: ManualClock) -> None:
    there = Watch(watch.db, clock, host="there")
    await watch.read()
    for _ in range(9):
        await there.read()
        assert await watch.look() == {}
        clock.advance(seconds=100)


async def test_open_requests_are_redrawn_once_when_it_is_late_and_once_when_it_is_read(
    watch: Watch, clock: ManualClock
) -> None:
    post = watch.post
    made = await post.make("101", "102")
    async with watch.db.transaction() as tx:
        for request in made:
            card = LiveCard(DUTY, request.id, "request", f"request:{request.id}", "", clock.now())
            await AlertsService(clock, ()).remember_card(tx, card)
        await post.requests.set_status(tx, made[1].id, "left", OKSANA)
    told = await post.told("request")
    await watch.read()
    await watch.look()
    clock.advance(seconds=300)
    for read in (False, False, True, False):
        clock.advance(seconds=1)
        if read:
            await watch.read()
        await watch.look()
    assert (await post.told("request"))[len(told) :] == [("refresh", "request:1")] * 2


async def unread(db: Database, *mailboxes: str, about: int | None = None) -> list[str]:
    async with db.reading() as connection:
        return [each.mailbox for each in await mailbox_store.unread(connection, mailboxes, about)]


async def test_a_late_mailbox_concerns_the_requests_it_spoke_of_and_those_no_mailbox_spoke_of(
    db: Database, clock: ManualClock
) -> None:
    post = post_of(db, clock)
    first, second, untold = [request.id for request in await post.make("101", "102", "103")]
    async with db.transaction() as tx:
        for name, number, n in (("lift", "101", 1), ("pumps", "102", 2), ("gone", "103", 3)):
            await post.letters.begin(tx, name, name, has_history=False)
            came = letter(f"{n}@x", subject=f"Request {number}")
            said = reading(Update(number, None, "en_route"))
            await post.letters.receive(tx, name, came.message_id, came, said, senders=(), mode="apply")
        await post.letters.note_late(tx, {"lift": NOON})
    both = ("lift", "pumps")
    assert await unread(db, *both) == ["lift"]
    assert [await unread(db, *both, about=each) for each in (first, second, untold)] == [["lift"], [], ["lift"]]
    assert await unread(db, "lift", about=second) == [""]  # the only one is not named
    assert await unread(db, "pumps", about=first) == []  # it is not configured any more


async def test_a_mailbox_that_became_another_one_is_late_still(post: Post, clock: ManualClock) -> None:
    await post.begin()
    async with post.db.transaction() as tx:
        await post.letters.note_late(tx, {"contractor": clock.now()})
    assert (await post.begin(identity="graph://b/Inbox")).late_since == clock.now()


def asked(status: str = "sent") -> Request:
    return Request(1, "101", "", "Leak", status, "", "", NOON, NOON, "Oksana")


LATE = Offers(mail=Mail(unread=(Unread("", NOON - timedelta(hours=2)),)))


def test_the_card_of_an_open_request_says_that_mail_was_not_read() -> None:
    said = "<b>📤 Sent</b> since 12:00\n📪 <i>Mail not read since 10:00, status may be old</i>\n"
    assert said in str(request_card(WORKFLOW, asked(), READER, NOON, LATE).text)
    assert said in str(reminder_card(WORKFLOW, asked(), READER, NOON, LATE).text)
    assert "not read" not in str(request_card(WORKFLOW, asked("left"), READER, NOON, LATE).text)
    assert "not read" not in str(request_card(WORKFLOW, asked(), READER, NOON).text)


def test_names_of_mailboxes_are_text_and_take_little_room() -> None:
    many = Offers(mail=Mail(unread=tuple(Unread(f"<b>{n}", NOON) for n in range(100))))
    text = str(request_card(WORKFLOW, asked(), READER, NOON, many).text)
    assert "(&lt;b&gt;0 since 12:00, &lt;b&gt;1 since" in text
    assert len(text) < 800


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [
        ("en", "Mail not read since 02:10, status may be old", "lift since 02:10, pumps since 19.11 23:10"),
        ("uk", "Пошту не читано з 02:10, статус міг застаріти", "lift з 02:10, pumps з 19.11 23:10"),
        ("ru", "Почта не читалась с 02:10, статус мог устареть", "lift с 02:10, pumps с 19.11 23:10"),
    ],
)
def test_the_sentence_is_in_the_readers_language_and_zone(language: str, one: str, several: str) -> None:
    t, now = translator(language), NOON
    night = NOON.replace(hour=0, minute=10)
    late = (Unread("lift", night), Unread("pumps", night - timedelta(hours=3)))
    assert unread_text(t, [replace(late[0], mailbox="")], "Europe/Kyiv", now) == one
    assert several in unread_text(t, late, "Europe/Kyiv", now)
    assert unread_text(t, late[:1], "Europe/Kyiv", now).count("lift") == 1
