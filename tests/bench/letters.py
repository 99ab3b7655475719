"""Letters: how many are read in a second, a backlog of 10,000, and how soon a letter's card is edited.

The letters are the corpus', grown to the size letters have: headers of transport, a signature, a quoted earlier
letter, and in every third the same again as HTML. The backlog is a process of its own, so that its peak is its own.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from math import isnan
from pathlib import Path
from random import Random
from typing import Any, Final

from core.letters.mime import parse_letter
from core.letters.rules import read

CORPUS: Final = Path(__file__).resolve().parents[1] / "letters" / "corpus"
WANTED: Final = 300
"""Letters a second, on one core."""
BACKLOG: Final = 10_000
SETTLED: Final = 1000
"""Letters after which the backlog's memory is taken for what it needs."""
ARRIVALS: Final = 5
START: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_QUOTED: Final = """
--
З повагою / С уважением,
Павло Гончар, старший інженер
ТОВ «Підрядник», вул. Промислова, 12, оф. 305, Київ
тел.: +380 44 123-45-67, моб.: +380 67 765-43-21
www.contractor.example

{date} диспетчерська Vakhta <duty@vakhta.example> пише:
> Доброго дня!
> Прошу підтвердити отримання заявки № 9999 від 12.03.2026 та повідомити час прибуття бригади.
> Адреса: вул. Заводська, 7, корпус 2, поверх 3. Контактна особа на об'єкті: Олена Коваль, тел. 555-12-34.
>
> > Добрый день, по заявке 8888 работы завершены, акт подписан, сумма 12 500 грн без НДС.
> > Просим закрыть заявку и прислать номер следующей.
>
> Дякуємо за співпрацю, диспетчерська служба. Це повідомлення може містити конфіденційну інформацію.
"""


def grown(raw: bytes, number: int) -> bytes:
    """A letter of the corpus as a mail server would hand it over."""
    found = message_from_bytes(raw, policy=policy.default)
    path = b"".join(
        b"Received: from mail%d.contractor.example (mail%d.contractor.example [192.0.2.%d])\r\n"
        b"\tby mx.vakhta.example (Postfix) with ESMTPS id 4XyZ%08d; Fri, 20 Nov 2026 11:59:%02d +0000 (UTC)\r\n"
        % (hop, hop, hop, number, hop)
        for hop in range(1, 5)
    )
    if found.is_multipart() or found.get_content_maintype() != "text":
        return path + raw
    try:
        text = found.get_content()
    except (LookupError, UnicodeError):
        return path + raw
    message = EmailMessage()
    for name in ("From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References"):
        if found[name] is not None:
            message[name] = " ".join(str(found[name]).split())
    cte = ("8bit", "quoted-printable", "base64")[number % 3]
    if found.get_content_subtype() == "html":
        message.set_content(text, subtype="html", cte=cte)
        return path + message.as_bytes()
    text += _QUOTED.format(date=found["Date"] or "")
    message.set_content(text, cte=cte)
    if number % 3 == 0:
        lines = "".join(f"<p class=MsoNormal>{line}&nbsp;</p>\n" for line in text.splitlines())
        message.add_alternative(f"<html><body>{lines}</body></html>", subtype="html", cte=cte)
    return path + message.as_bytes()


def per_second(letters: list[bytes], work: Callable[[bytes], object], seconds: float = 2.0) -> float:
    """How many letters a second of processor time goes through, after a warm-up."""
    for letter in letters[:100]:
        work(letter)
    done, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        for letter in letters:
            work(letter)
        done += len(letters)
    return done / (time.process_time() - began)


def by_the_library(raw: bytes) -> object:
    """Less than reading is: decoding and the text alone."""
    try:
        body = message_from_bytes(raw, policy=policy.default).get_body(("plain", "html"))
        return body.get_content() if body else None
    except (LookupError, UnicodeError, ValueError):
        return None


def reading() -> list[tuple[str, float, str]]:
    """Parsing and reading the corpus, grown."""
    letters = [grown(path.read_bytes(), n) for n, path in enumerate(sorted(CORPUS.glob("*.eml")))]
    ours = per_second(letters, lambda raw: read(parse_letter(raw, START)))
    theirs = per_second(letters, by_the_library)
    return [
        (f"letters: letters read a second on one core, of the {WANTED} wanted", ours / WANTED, "≥ 1"),
        ("letters: the same, of email.message_from_bytes and get_body", ours / theirs, "shown"),
        ("letters: their median size, kB", statistics.median(map(len, letters)) / 1000, "shown"),
    ]


# --- a backlog


def peak() -> float:
    """The most memory this process has used, MB (Linux: as the kernel counts it)."""
    try:
        status = Path("/proc/self/status").read_text("utf-8")
    except OSError:
        return float("nan")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def news(number: int) -> bytes:
    """The number-th letter by time; a hundred requests, each told of in turn."""
    stage = ("Бригада выехала, будем через 30 минут.", "Бригада прибыла на место, приступаем.")[number // 100 % 2]
    message = EmailMessage()
    message["From"] = "Pavlo Honchar <p.honchar@contractor.example>"
    message["To"] = "duty@vakhta.example"
    message["Subject"] = f"Заявка {100 + number % 100}"
    message["Date"] = format_datetime(START + timedelta(minutes=number))
    message["Message-ID"] = f"<{number}@contractor.example>"
    message.set_content(f"Добрый день.\n{stage}\n" + _QUOTED.format(date=""))
    return message.as_bytes()


async def backlog(folder: Path) -> dict[str, Any]:
    """Apply them all; memory at the peak after `SETTLED` and at the end, and how many moves are out of order."""
    from sqlalchemy import select

    from bot.mailboxes import intake_of, open_mailbox
    from bot.services import build_services, open_database
    from core.clock import ShiftedClock
    from core.people.model import Actor
    from core.requests.model import Draft
    from core.requests.store import history
    from core.settings import make
    from jobs.letters.job import MailboxJob

    for part in ("new", "cur", "tmp"):
        (folder / "mail" / part).mkdir(parents=True)
    names = list(range(BACKLOG))
    Random(1).shuffle(names)
    for number, name in enumerate(names):
        (folder / "mail" / "new" / f"{name}.host").write_bytes(news(number))
    chats = {"duty": {"id": -1001234567890}}
    settings = make({"mailbox": {"contractor": {"path": "mail"}}, "telegram": {"chats": chats}}, folder)
    clock = ShiftedClock(START - datetime.now(UTC))
    services = build_services(settings, clock, await open_database(settings))
    async with services.db.transaction() as tx:
        for number in range(100):
            await services.requests.create(tx, Draft(str(100 + number), "", "Leak"), Actor("Bench", None, "bench"))
    clock.shift = timedelta()
    peaks: list[float] = []
    section = settings.mailbox["contractor"]
    intake = intake_of("contractor", section)
    job = MailboxJob(
        services.db, clock, services.letters, open_mailbox(section, clock), intake, lambda: peaks.append(peak())
    )
    began = time.monotonic()
    received = await job.once()
    seconds = time.monotonic() - began
    query = select(history.c.request_id, history.c.at).where(history.c.kind == "status").order_by(history.c.id)
    async with services.db.reading() as connection:
        moves = [tuple(row) for row in await connection.execute(query)]
    await services.db.close()
    last: dict[int, datetime] = {}
    backwards = 0
    for request, at in moves:
        backwards += at < last.get(request, at)
        last[request] = at
    return {
        "received": received,
        "moves": len(moves),
        "backwards": backwards,
        "seconds": seconds,
        "growth": peak() / peaks[SETTLED // intake.batch - 1],
        "peak": peak(),
    }


async def in_a_process_of_its_own() -> list[tuple[str, float, str]]:
    """The backlog's figures."""
    with tempfile.TemporaryDirectory() as folder:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.letters", folder, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
    found = json.loads(output)
    if found["received"] != BACKLOG:
        raise RuntimeError(f"{found['received']} of {BACKLOG} letters were received")
    return [
        (f"letters: backlog of {BACKLOG}, peak memory at its end of that after {SETTLED}", found["growth"], "≤ 1.2"),
        ("letters: backlog, letters applied out of order", found["backwards"], "≤ 0"),
        ("letters: backlog, moves of all that the letters tell of", found["moves"] / BACKLOG, "≥ 1"),
        ("letters: backlog, seconds", found["seconds"], "shown"),
        ("letters: backlog, peak memory, MB", found["peak"], "shown"),
    ]


# --- from a letter's arrival to the edited card


async def arrivals(folder: Path, deliver: Callable[[str, bytes], None], **mailbox: Any) -> float:
    """The median of seconds from a letter's arrival to its request's card in the group, edited."""
    from core.people.model import Actor
    from core.requests.model import Draft
    from deploy.demo.telegram import TelegramServer
    from tests.duty import GROUP, add_people, on_duty

    seconds = []
    async with TelegramServer() as telegram:
        add_people(telegram)
        async with on_duty(folder, telegram, mailbox={"contractor": {"check_every": 60, **mailbox}}) as duty:
            services = duty.app.services
            for number in range(ARRIVALS):
                async with services.db.transaction() as tx:
                    draft = Draft(str(100 + number), "", "Leak")
                    await services.requests.create(tx, draft, Actor("Bench", None, "bench"))
                card = await duty.told(f"{100 + number}", GROUP)
                await asyncio.sleep(1.5 + number * 0.3)  # the watch rests; arrivals fall anywhere between two looks
                began = time.monotonic()
                deliver(f"{number}.host", letter_of(number))
                await duty.shows(card, "En route")
                seconds.append(time.monotonic() - began)
    return statistics.median(seconds)


def letter_of(number: int) -> bytes:
    """A letter that has just been sent."""
    message = EmailMessage()
    message["From"] = "p.honchar@contractor.example"
    message["To"] = "duty@vakhta.example"
    message["Subject"] = f"Заявка {100 + number}"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<arrival-{number}@contractor.example>"
    message.set_content("Бригада выехала.")
    return message.as_bytes()


async def by_maildir() -> float:
    """Arrivals in a maildir."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("new", "cur", "tmp"):
            (folder / "mail" / part).mkdir(parents=True)

        def deliver(file: str, data: bytes) -> None:
            (folder / "mail" / "tmp" / file).write_bytes(data)
            os.replace(folder / "mail" / "tmp" / file, folder / "mail" / "new" / file)  # noqa: PTH105  as mail servers do

        return await arrivals(folder, deliver, path=str(folder / "mail"))


async def by_idle() -> float:
    """Arrivals in Dovecot, told by IDLE; NaN where it is not installed."""
    from tests.connectors.dovecot import BINARY, PASSWORD, running_dovecot

    if not Path(BINARY).exists():
        return float("nan")

    with running_dovecot() as dovecot, tempfile.TemporaryDirectory() as name:
        dovecot.maildir("duty")
        dovecot.own("duty")
        return await arrivals(
            Path(name),
            lambda file, data: dovecot.put("duty", {file: data}, at=time.time()),
            kind="imap",
            host="127.0.0.1",
            port=dovecot.port,
            tls="none",
            username="duty",
            password=PASSWORD,
        )


def hostile() -> list[tuple[str, float, str]]:
    """The dearest hundred kilobytes that were found, in milliseconds of the processor."""
    html = b"Content-Type: text/html; charset=utf-8\r\n\r\n"
    shapes = (
        (html, "<tr><td>1<td>2"), (html, "<b><i>"), (b"", "101 - на месте\n"), (b"", "заявка 101 | 5 | принята\n"),
        (b"", "не не "), (html, "<blockquote>1"),
    )  # fmt: skip
    costs = []
    for head, piece in shapes:
        raw = head + (piece.encode() * 100_000)[:100_000]
        tries = []
        for _ in range(5):
            began = time.process_time()
            read(parse_letter(raw, START))
            tries.append(time.process_time() - began)
        costs.append(min(tries) * 1000)
    return [("letters: the dearest 100 kB, milliseconds", max(costs), "≤ 50")]


async def run() -> list[tuple[str, float, str]]:
    """Name, value and goal of each measure."""
    rows = reading() + hostile()
    rows += await in_a_process_of_its_own()
    rows.append(("letters: maildir, seconds from arrival to the edited card", await by_maildir(), "≤ 2"))
    idle = await by_idle()
    rows.append(
        ("letters: IMAP IDLE, seconds from arrival to the edited card", idle, "not here" if isnan(idle) else "≤ 2")
    )
    return rows


if __name__ == "__main__":
    print(json.dumps(asyncio.run(backlog(Path(sys.argv[1])))))
