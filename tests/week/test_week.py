"""An assistant set up by `vakhta setup` lives a week, by its own clock, with everything that goes wrong in one."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from bot.setup.draft import put
from core.db import backup
from deploy.demo.letters import make_maildir
from deploy.demo.telegram import Person, TelegramServer
from deploy.demo.telegram.faults import Kind
from tests.duty import ENGINEER, LEAD, STRANGER, add_people, labels
from tests.people.test_another_bot import OTHER, OTHER_TOKEN, become
from tests.process.processes import STOP_WITHIN, environment
from tests.setup.terminal import Terminal, eventually, terminal_in
from tests.week.clock import SteeredClock
from tests.week.week import HOUR, REPEAT, Refused, Week

GROUP = -4000077
MEMORY_MAY_GROW = 30.0
"""MB between the first evening of a process and its last: what is loaded at first use, and what the allocator keeps."""
FILES_MAY_GROW = 12
"""Open files likewise: connections to Telegram (aiohttp keeps idle ones) and to the database (a pool)."""
BY_HAND: Final[dict[str, dict[str, object]]] = {
    "page": {"port": 0},
    "log": {"folder": "log"},
    "mailbox.contractor": {"check_every": 600},  # a folder is looked into as soon as it changes; days pass in seconds
}

pytestmark = [
    pytest.mark.crash,
    pytest.mark.skipif(sys.platform != "linux", reason="assistants are forked, and what they use is read from /proc"),
]


async def set_up(setup: Terminal, telegram: TelegramServer) -> None:
    """The dialogue, to its end: the lead opens the link and is admin."""
    (setup.folder / "documents").mkdir()
    make_maildir(setup.folder / "mail")
    answers = ["en", "y", telegram.token, "Europe/Kyiv", "documents", "", "", "maildir", "", "mail", "*@lift.example"]
    running = asyncio.create_task(setup(*answers, "", "Lift Service @lift.example", "", "y"))

    def link() -> str:
        setup.said += setup.heard()
        found = re.search(r"https://t\.me/\S+start=\S+", setup.said)
        return found[0] if found else ""

    await telegram.person(LEAD).open(await eventually(link))
    assert "Taras is admin" in await running
    text = setup.config.read_text("utf-8")
    for table, values in BY_HAND.items():
        text = put(text, table, values)
    setup.config.write_text(text, "utf-8")


@pytest.fixture
async def week(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Week]:
    clock = SteeredClock()
    async with TelegramServer(clock=clock) as telegram:
        add_people(telegram)
        await set_up(terminal_in(tmp_path, telegram, monkeypatch, capsys), telegram)
        members = [LEAD, ENGINEER, STRANGER]
        telegram.add_group(GROUP, "Duty", members, admins=[LEAD], kind="group", bot_inside=False)
        week = Week(tmp_path, telegram, clock, GROUP)
        monday = week.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=7 - week.now.weekday())
        week.put((monday - week.now).total_seconds(), 0.0)
        yield week
        await week.end()


@pytest.mark.timeout(600)
async def test_a_week(week: Week) -> None:
    """From Monday's first hour to the next one's: after each day and at the end all is told, once, and true."""
    await monday(week)
    await tuesday(week)
    await wednesday(week)
    evening = await week.footprint()
    await thursday(week)
    await friday(week)
    await saturday(week)
    await sunday(week, evening)
    await week.until(4)
    week.check()
    assert "All is well" in (await week.says(lead(week), "/status", "Copy of the database")).text
    assert len(week.rows("SELECT id FROM notices WHERE kind = 'away'")) == 1
    assert await week.stop() < STOP_WITHIN
    copies = backup.nights(week.folder / "vakhta.db")
    assert len(copies) == 7
    assert all(backup.verify(copy) for copy in copies)
    assert await doctor(week) == []


def lead(week: Week) -> Person:
    return week.telegram.person(LEAD)


def engineer(week: Week) -> Person:
    return week.telegram.person(ENGINEER)


async def doctor(week: Week) -> list[dict[str, object]]:
    """What `vakhta doctor` finds fault with."""
    command = [sys.executable, "-m", "bot", "doctor", "--json"]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=week.folder, env=environment(), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said
    return [finding for finding in json.loads(said) if not finding["ok"]]


# --- what happens each day


async def morning(week: Week, day: int) -> None:
    """The night's copy is made; two requests are; a letter changes one, somebody saves a file."""
    await week.until(4)
    await week.see(lambda: f"nightly-{week.now:%Y%m%d}" in backup.nights(week.folder / "vakhta.db")[0].name)
    await week.until(8)
    await week.says(engineer(week), f"/new {day}01 1 Leak", "Request", week.group)
    made = await week.says(engineer(week), f"/new {day}02 1 Door", "Request")
    await week.shows(f"{day}02/1", "Sent")
    week.letter(f"Re: Request {day}01", f"Hello,\n\nrequest {day}01 item 1 is accepted.\n")
    await week.press(engineer(week), await week.hears("Shall I apply this?"), "Apply")
    await week.shows(f"{day}01/1", "Accepted")
    await week.says(engineer(week), "Call before you come", "comment", reply_to=made.id)
    (week.folder / "documents" / f"plan {day}.xlsx").write_text(str(day))
    await week.hears(f"plan {day}.xlsx")
    await week.until(10)
    await week.see(lambda: "No news for" in week.shown(f"{day}02/1")[-1].text)
    await week.calm()


async def afternoon(week: Week, day: int, *, one_group: bool = True) -> None:
    """The two are finished, and the one that takes all week goes on."""
    steps = [(f"{day}01", "On site"), (f"{day}02", "On site"), ("900", "En route" if day % 2 else "On site")]
    for number, status in (*steps, (f"{day}01", "Left"), (f"{day}02", "Left")):
        card = await week.says(engineer(week), f"/request {number}", "Request")
        await week.press(engineer(week), card, status)
        await week.shows(f"{number}/1", status)
    said = await week.says(lead(week), "/status", "Copy of the database")
    assert "All is well" in said.text, said.text
    await week.until(24)
    week.check(one_group=one_group)


# --- the days


async def monday(week: Week) -> None:
    """Nothing goes wrong: the group begins, two people are let in."""
    await week.start()
    await lead(week).group(GROUP).add(week.telegram.state.bot.id)
    await week.press(lead(week), await week.hears("I am on duty here"), "All")
    await week.see(lambda: "✓ All" in labels(week.told()[0]))
    for number, name in ((ENGINEER, "Oksana"), (STRANGER, "Ivan")):
        person = week.telegram.person(number)
        await week.press(person, await week.says(person, "/start", "You have no access"), "Ask for access")
        await week.press(lead(week), await week.hears(f"🔑 {name}", LEAD), "operator")
        await week.hears("You have access", number)
    await week.says(engineer(week), "/new 900 1 Roof", "Request")
    await morning(week, 1)
    await afternoon(week, 1)


async def tuesday(week: Week) -> None:
    """Telegram asks to slow down."""
    for method, chat in (("sendMessage", GROUP), ("sendMessage", ENGINEER), ("editMessageText", GROUP)):
        week.telegram.faults.add("flood", method, chat=chat, retry_after=20)
    week.telegram.faults.add("flood", "answerCallbackQuery", retry_after=20)
    await morning(week, 2)
    await afternoon(week, 2)
    assert not week.telegram.faults.waiting


async def wednesday(week: Week) -> None:
    """Killed while a message is on its way; nobody is there for a while, in which the world goes on."""
    await morning(week, 3)
    week.telegram.faults.add("timeout", "sendMessage", chat=week.group)
    await engineer(week).send("/new 303 1 Lamp")
    await week.see(lambda: week.shown("303/1"))
    await week.kill()
    week.lost.append("303/1")
    week.put(1800, 1800)
    week.letter("Request 303", "Request 303 item 1: our crew is on the way.")
    (week.folder / "documents" / "meanwhile.xlsx").write_text("x")
    await week.press(engineer(week), week.shown("302/1")[-1], "Accepted")
    await week.start()
    await week.shows("302/1", "Accepted")
    assert "1 letter read, 1 file change found" in (await week.hears("I was away for")).text
    await week.live(60)
    await week.see(lambda: week.shown("303/1")[-1].text.startswith(REPEAT))
    assert len(week.shown("303/1")) == 2
    await week.press(engineer(week), await week.hears("Shall I apply this?"), "Apply")
    await week.shows("303/1", "En route")
    await afternoon(week, 3)
    assert sum("I was away" in found.text for found in week.told()) == 1


async def thursday(week: Week) -> None:
    """Every method in turn meets a gateway's error, a connection that breaks, and one that breaks after it was done."""
    await morning(week, 4)
    kinds: Sequence[Kind] = ("http", "reset", "lost_answer")
    for hour, kind in enumerate(kinds, 11):
        await week.until(hour)
        await in_trouble(week, f"4{hour}", kind)
    await week.telegram.outage(on=True)
    week.letter("Request 411", "Request 411 item 1: the crew has left the site.")
    week.put(*HOUR)
    await week.telegram.outage(on=False)
    await week.press(engineer(week), await week.hears("Shall I apply this?"), "Apply")
    await week.shows("411/1", "Left")
    await afternoon(week, 4)


async def in_trouble(week: Week, number: str, kind: Kind) -> None:
    """A request is made and moved, and each call on its way meets the fault."""
    faults, name = week.telegram.faults, f"{number}/1"
    faults.add(kind, "sendMessage", chat=week.group)
    faults.add(kind, "getMe")
    if kind == "lost_answer":
        week.lost.append(name)
    await week.says(engineer(week), f"/new {number} 1 Pump", "Request")
    await week.see(lambda: week.shown(name) and week.shown(name)[-1].text.startswith(REPEAT))
    meets = (("editMessageText", week.group), ("editMessageText", ENGINEER), ("answerCallbackQuery", None))
    for (method, chat), status in zip(meets, ("Accepted", "En route", "On site"), strict=True):
        faults.add(kind, method, chat=chat)
        await week.press(engineer(week), week.shown(name, ENGINEER)[-1], status)
        await week.shows(name, status, ENGINEER)
        await week.shows(name, status)
    faults.add(kind, "getUpdates")
    await week.says(engineer(week), "/requests", "requests")
    assert not faults.waiting


async def friday(week: Week) -> None:
    """The group becomes a supergroup, the mailbox is away for hours, a topic is deleted."""
    await morning(week, 5)
    week.group = (await lead(week).group(GROUP).upgrade()).id
    mail, aside = week.folder / "mail", week.folder / "mail-away"
    mail.rename(aside)
    await week.hears("Mailbox contractor has not been reachable")
    await week.until(14)
    aside.rename(mail)
    await week.hears("Mailbox contractor is back after")
    await to_a_topic_that_is_deleted(week)
    await afternoon(week, 5, one_group=False)
    assert sum("Mailbox contractor" in found.text for found in week.told()) == 2


async def to_a_topic_that_is_deleted(week: Week) -> None:
    """Requests are told in a topic; when it is gone, outside of it."""
    group = lead(week).group(week.group)
    await group.make_forum()
    topic = await group.create_topic("Requests")
    for thread, before, after in ((0, "✓ Requests", "Requests"), (topic.id, "Requests", "✓ Requests")):
        card = await week.says(lead(week), "/group", "Use this", week.group, thread=thread)
        assert before in labels(card)  # what the group was used for went with it
        await week.press(lead(week), card, "Requests")
        await week.see(lambda: after in labels(week.told()[-1]))  # noqa: B023  awaited at once
    await week.says(engineer(week), "/new 505 1 Gate", "Request")
    assert (await week.shows("505/1", "Sent")).thread == topic.id
    await group.delete_topic(topic.id)
    await week.press(engineer(week), week.shown("505/1", ENGINEER)[-1], "Declined")
    assert (await week.shows("505/1", "Declined")).thread == 0


async def saturday(week: Week) -> None:
    """The clock is set back two hours, and right again; the share is unplugged, and back."""
    await week.until(5)
    week.put(-7200, 0)
    await morning(week, 6)
    week.put(7200, 0)
    documents, aside = week.folder / "documents", week.folder / "documents-away"
    documents.rename(aside)
    await week.hears("Folder documents is away")
    await week.until(15)
    (aside / "new.xlsx").write_text("x")
    aside.rename(documents)
    assert "1 change found" in (await week.hears("Folder documents is back after")).text
    await afternoon(week, 6, one_group=False)
    assert sum("Folder documents" in found.text for found in week.told()) == 2


async def sunday(week: Week, evening: tuple[float, int]) -> None:
    """Somebody blocks the bot, a second copy is started, another program takes updates; the bot becomes another one."""
    await morning(week, 7)
    ivan = week.telegram.person(STRANGER)
    await week.says(ivan, "/request 702", "Request")
    await ivan.block()
    with pytest.raises(Refused, match="runs on this database already"):
        await week.start()
    await another_program(week)
    await afternoon(week, 7, one_group=False)
    memory, files = await week.footprint()
    assert memory - evening[0] < MEMORY_MAY_GROW
    assert files - evening[1] < FILES_MAY_GROW
    assert await week.stop() < STOP_WITHIN
    become(week.telegram, OTHER, OTHER_TOKEN)
    (week.folder / "secrets" / "telegram.token").write_text(OTHER_TOKEN)
    await week.start()
    await week.hears("@vakhta_new_bot now", LEAD)
    await week.shows("900/1", "En route")
    assert len(week.shown("900/1")) == 1


async def another_program(week: Week) -> None:
    """It takes updates of the same token, three times; the lead is told once."""
    url = f"{week.telegram.base_url}/bot{week.telegram.token}/getUpdates"
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            asked = week.telegram.api.poller
            async with session.get(url) as answer:
                assert answer.status == HTTPStatus.OK
            await week.see(lambda: week.telegram.api.poller > asked + 1)  # noqa: B023  awaited at once
    await week.hears("Another program uses the same Telegram token", LEAD)
    assert sum("Another program" in found.text for found in week.told(LEAD)) == 1
