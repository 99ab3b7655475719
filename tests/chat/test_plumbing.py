"""The plumbing all chat features share: order, answers in time, errors, hand-made buttons, odd texts."""

import asyncio
import logging
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from itertools import product
from pathlib import Path

import pytest

from core.errors import UserError
from core.people.model import Actor
from core.people.rules import clean_name
from deploy.demo.telegram import TelegramServer
from deploy.demo.telegram.faults import Kind
from deploy.demo.telegram.model import Message
from tests.duty import ENGINEER, GROUP, Duty, labels, on_duty

BUSY = "another program holds the database"
DETAILS = "All the details, again and again. " * 50
WENT_WRONG = "Something went wrong"


@contextmanager
def other_program(duty: Duty) -> Iterator[sqlite3.Connection]:
    """A second program's connection to the same database."""
    with closing(sqlite3.connect(duty.folder / "vakhta.db", timeout=5, isolation_level=None)) as connection:
        yield connection


async def by_another(duty: Duty, statement: str) -> None:
    """Let a second program change the database: beside the loop, which must go on to let it in."""

    def run() -> None:
        with other_program(duty) as connection:
            connection.execute(statement)

    await asyncio.to_thread(run)


@asynccontextmanager
async def held(duty: Duty) -> AsyncIterator[None]:
    """The database, held by another program."""

    def taken() -> bool:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:  # the assistant is at work in it
            return False
        return True

    with other_program(duty) as connection:
        connection.execute("PRAGMA busy_timeout = 0")
        await duty.telegram.wait_for(taken)
        yield
        connection.execute("ROLLBACK")


@asynccontextmanager
async def impatient(folder: Path, telegram: TelegramServer, **database: object) -> AsyncIterator[Duty]:
    """The assistant with a database that waits for nobody."""
    async with on_duty(folder, telegram, database={"busy_timeout": 0.1, **database}) as duty:
        yield duty


async def card(duty: Duty) -> Message:
    return await duty.answer(duty.engineer, "/new 101 12 Leak")


def ask(duty: Duty, query: str) -> int:
    with other_program(duty) as connection:
        return int(connection.execute(query).fetchone()[0])


# --- order


async def test_quick_messages_of_one_person_are_handled_in_order(duty: Duty) -> None:
    for text in ("/new", "101", "12", "Leak"):
        await duty.engineer.send(text)
    await duty.told("Request 101/12\nLeak", ENGINEER)


async def test_another_person_does_not_wait_for_a_slow_one(duty: Duty) -> None:
    made = await card(duty)
    await duty.answer(duty.lead, "/start")
    async with held(duty):
        press = await duty.engineer.press(made.id, next(x for x in labels(made) if "On site" in x))
        answer = await duty.answer(duty.lead, "/request 101")
        assert press.answer is None
    assert "Sent since" in answer.text
    await duty.shows(made, "On site since")


# --- slow and refusing storage


async def test_a_press_is_answered_before_slow_work_is_done(duty: Duty) -> None:
    made = await card(duty)
    async with held(duty):
        began = time.monotonic()
        await duty.press(duty.engineer, made, "On site")
        assert time.monotonic() - began < 1.5
        assert "Sent since" in duty.now(made).text
    await duty.shows(made, "On site since")


async def test_a_database_that_stays_held_is_a_sentence_and_nothing_is_written(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    async with impatient(tmp_path, telegram) as duty:
        made = await card(duty)
        async with held(duty):
            answer = await duty.press(duty.engineer, made, "On site")
            assert BUSY in answer["text"]
            assert BUSY in (await duty.answer(duty.engineer, "/new 102 1 Window")).text
            assert BUSY in (await duty.answer(duty.engineer, "/new")).text
            assert "Sent since" in (await duty.answer(duty.engineer, "/request 101")).text
        assert ask(duty, "SELECT count(*) FROM requests") == 1
        await duty.press(duty.engineer, made, "On site")
        await duty.shows(made, "On site since")


async def test_a_full_disk_is_a_sentence_and_work_goes_on_afterwards(tmp_path: Path, telegram: TelegramServer) -> None:
    async with impatient(tmp_path, telegram, busy_timeout=2, pragmas={"max_page_count": 400}) as duty:
        made = await card(duty)
        await by_another(duty, "CREATE TABLE ballast (content BLOB)")
        while (free := 400 - ask(duty, "PRAGMA page_count")) > 0:
            blob = f"zeroblob({max(free - 10, 1) * 4000})"
            await by_another(duty, f"INSERT INTO ballast VALUES ({blob})")  # noqa: S608  our own number
        saved = 0
        while "Saved" in (answer := await duty.answer(duty.engineer, DETAILS, reply_to=made.id)).text:
            saved += 1  # what fits into the pages that are there
        assert "the disk is full" in answer.text
        assert ask(duty, "SELECT count(*) FROM request_history") == 1 + saved
        await by_another(duty, "DROP TABLE ballast")
        assert "Saved as a comment" in (await duty.answer(duty.engineer, DETAILS, reply_to=made.id)).text


# --- errors


async def test_an_error_has_the_same_id_in_the_chat_and_in_the_log_and_life_goes_on(
    duty: Duty, caplog: pytest.LogCaptureFixture
) -> None:
    made = await card(duty)
    await by_another(duty, "DROP TABLE request_history")
    answer = await duty.press(duty.engineer, made, "History")
    assert answer["show_alert"]
    found = re.search(r"([0-9a-f]{6})$", answer["text"])
    assert found
    told = next(record for record in caplog.records if found[1] in record.getMessage())
    assert told.levelno == logging.ERROR
    assert told.exc_info
    assert "Traceback" not in answer["text"]
    answer_to_text = await duty.answer(duty.engineer, "comment", reply_to=made.id)
    assert WENT_WRONG in answer_to_text.text
    assert "sqlite" not in answer_to_text.text.lower()
    assert "Leak" in (await duty.answer(duty.engineer, "/requests")).text


async def test_a_reply_that_telegram_loses_does_not_end_the_loop(duty: Duty) -> None:
    duty.telegram.faults.add("http", "sendMessage", times=2)
    assert "Telegram does not answer me" in (await duty.answer(duty.engineer, "/help")).text
    assert "on duty" in (await duty.answer(duty.engineer, "/start")).text


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        *product(["answerCallbackQuery", "editMessageText"], ["http", "reset", "lost_answer"]),
        ("answerCallbackQuery", "timeout"),
    ],
)
async def test_a_press_takes_effect_and_shows_it_whatever_meets_its_answer(duty: Duty, method: str, kind: Kind) -> None:
    card = await duty.answer(duty.engineer, "/new 101 12 Leak")
    duty.telegram.faults.add(kind, method, chat=ENGINEER if method == "editMessageText" else None)
    await duty.engineer.press(card.id, "rq:status:1:on_site:sent")
    await duty.shows(card, "On site since")
    assert duty.now(card) == duty.of_bot(ENGINEER)[-1]


async def test_a_reply_that_a_gateway_kept_back_comes_all_the_same(duty: Duty) -> None:
    duty.telegram.faults.add("http", "sendMessage")
    assert "What I can do" in (await duty.answer(duty.engineer, "/help")).text


async def test_a_group_is_shown_what_was_made_in_it_though_the_answer_did_not_arrive(duty: Duty) -> None:
    duty.telegram.faults.add("http", "sendMessage", chat=GROUP, times=2)
    await duty.engineer.send("/new 101 12 Leak", GROUP)
    await duty.told("Request 101/12")
    await duty.telegram.wait_for(lambda: not duty.telegram.state.updates)
    assert len(duty.of_bot(GROUP)) == 1


# --- buttons that nobody offered

_HAND_MADE = (
    "garbage",
    "x" * 64,
    ":",
    "::::",
    " ",
    "\udcff".encode("utf-8", "surrogateescape").decode("latin-1"),
    "\u202e<b>&",
    "👩‍🚒" * 5,
    "rq",
    "rq:status:x:y:z",
    "rq:open:99999999999999999999999::",
    "rq:open:-1::",
    "rq:open:9223372036854775807::",
    "rq:open:1e3::",
    "rq:status:1:no_such_status:",
    "rq:status:1::",
    "rq:snooze:1:²:",
    "rq:snooze:1:99999999999999999999999:",
    "rq:history:0::",
    "rq:nonsense:1::",
    "rl:-5:0:",
    "rl:99999999999999999999:0:",
    "rl:1:maybe:",
    "rl:0:0:%_'\"",
    "rf:none",
    "rf:nonsense",
    "ac:grant:abc:admin:",
    "ac:grant:102:emperor:",
    "ac:grant:-5:admin:",
    "ac:open:99999999999999999999:::",
    "ac:open:424242::",
    "ac:revoke:424242::",
    "st:language:xx",
    "st:chat:uk",
    "st:zone:../../etc/passwd",
    "st:zone:",
    "mn:nonsense",
    "fl:99999999999999999999:0:0:0:0",
    "fl:0:99999999999999999999:0:0:0",
    "fl:3:7:0:0:0",
    "fl:-1:0:0:-1:0",
    "lt:open:99999999999999999999:0",
    "lt:link:1:99999999999999999999",
    "lt:dismiss:-1:0",
    "ll:list:99999999999999999999",
    "ll:list:-3",
)


async def test_a_hand_made_button_gets_a_kind_answer(duty: Duty, caplog: pytest.LogCaptureFixture) -> None:
    await card(duty)
    told = await duty.told("Request 101/12")
    for data in _HAND_MADE:
        press = await duty.lead.forge(told.id, data, GROUP)
        answer = await duty.telegram.answer(press)
        assert WENT_WRONG not in str(answer), data
    assert "Sent since" in (await duty.answer(duty.engineer, "/request 101")).text
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_an_outdated_button_redraws_its_card(duty: Duty) -> None:
    await card(duty)
    told = await duty.told("Request 101/12")
    settled = await duty.until(lambda: duty.now(told), lambda found: bool(labels(found)))
    await duty.press(duty.engineer, settled, "History")
    await duty.shows(told, "history")
    press = await duty.engineer.forge(told.id, "v0:moved:1", GROUP)
    assert "out of date" in (await duty.telegram.answer(press))["text"]
    await duty.shows(told, "Sent since")


async def test_an_outdated_button_elsewhere_shows_the_menu(duty: Duty) -> None:
    shown = await duty.answer(duty.engineer, "/help")
    press = await duty.engineer.forge(shown.id, "v0:moved:1")
    assert "out of date" in (await duty.telegram.answer(press))["text"]
    await duty.shows(shown, "Hello, Oksana!")


async def test_somebody_elses_form_button_changes_nothing_of_theirs(duty: Duty) -> None:
    question = await duty.answer(duty.engineer, "/new 101 12 Leak", GROUP)
    press = await duty.lead.forge(question.id, "rf:none", GROUP)
    assert "form is closed" in (await duty.telegram.answer(press))["text"]


# --- odd texts


async def test_the_longest_text_telegram_carries_is_answered_and_a_longer_one_is_never_sent(duty: Duty) -> None:
    with pytest.raises(UserError):
        await duty.engineer.send("x" * 5000)
    assert "did not understand" in (await duty.answer(duty.engineer, "x" * 4096)).text
    made = await card(duty)
    answer = await duty.answer(duty.engineer, "😀" * 2048, reply_to=made.id)
    assert "please shorten it" in answer.text.lower()


async def test_any_name_is_greeted(duty: Duty) -> None:
    marks = "\u202e\u202c\u200f\u200e\u200b"
    names = (
        "<b>&amp;</b>",
        "\u202eanaskO\u202c",
        "\u200f\u200eОксана",
        "👩\u200d🚒 Пожежа",
        "a" * 64,
        "{t} %s {0}",
        marks,
    )
    for number, name in enumerate(names):
        person = duty.telegram.add_user(2000 + number, name, last_name="<i>", language_code="en")
        greeting = await duty.answer(person, "/start")
        assert "Hello, " in greeting.text
        assert "<i>" in greeting.text
        assert not set(greeting.text) & set(marks)


@pytest.mark.parametrize("name", ["\ud83d", "a\udfffb", "\x00", "\n\t"])
def test_what_is_no_text_is_no_name(name: str) -> None:
    cleaned = clean_name(name, None)
    assert cleaned.encode().strip()
    assert cleaned.isprintable()


async def test_any_text_is_answered_in_a_sentence(duty: Duty, caplog: pytest.LogCaptureFixture) -> None:
    texts = (
        "/",
        "//",
        "/new@",
        "/requests@vakhta_demo_bot x",
        "/NEW",
        "/request\n101",
        "\u200f/start",
        "/start x",
        "-",
    )
    for number, text in enumerate(texts):
        person = duty.telegram.add_user(2000 + number, "Anybody", language_code="en")
        async with duty.app.services.db.transaction() as tx:
            await duty.app.services.people.change_role(tx, person.id, "operator", Actor("test"))
        assert WENT_WRONG not in (await duty.answer(person, text)).text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_many_people_at_once_are_all_answered(duty: Duty) -> None:
    people = [duty.telegram.add_user(1000 + n, f"Person {n}", language_code="en") for n in range(20)]
    await asyncio.gather(*(person.send("/start") for person in people))
    await duty.telegram.wait_for(lambda: all(duty.of_bot(person.id) for person in people))
