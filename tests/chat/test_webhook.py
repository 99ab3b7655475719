"""Updates that Telegram posts: taken once, answered when done, by nobody else; and the ways there and back."""

import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiogram import Dispatcher
from aiogram.types import Message

from bot.chat.intake import CONFLICT
from bot.chat.webhook import AT_ONCE, BODY_LIMIT, HEADER, UNDELIVERED, Address, Webhook, secret_of
from core.requests import store
from deploy.demo.telegram import TelegramServer
from tests.alerts.world import bot_for
from tests.chat.test_trouble import chat_becomes, section
from tests.duty import ENGINEER, LEAD, Duty, on_duty, settings_for

URL = "https://bot.example/vakhta/hook"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Hook:
    """A webhook with a plain dispatcher behind it, and what it was told to say."""

    telegram: TelegramServer
    port: int
    dispatcher: Dispatcher = field(default_factory=Dispatcher)
    said: list[str | None] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    looks: asyncio.Queue[None] = field(default_factory=asyncio.Queue)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def make(self) -> Webhook:
        bot = bot_for(self.telegram.base_url, self.telegram.token)

        async def tell(what: str) -> None:
            self.told.append(what)

        async def sleep(_seconds: float) -> None:
            await self.looks.get()

        return Webhook(
            bot,
            self.dispatcher,
            self.spawn,
            Address(URL, "127.0.0.1", self.port, "s3cret"),
            on_contact=lambda: tell("contact"),
            beat=lambda: None,
            on_taken=tell,
            on_conflict=lambda: tell("conflict"),
            waits=lambda message=None, **_values: self.said.append(message),
            sleep=sleep,
        )

    def spawn(self, _name: str, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.create_task(work))

    async def look(self) -> None:
        """Let it look once whether Telegram still posts here."""
        before = len(self.said)
        self.looks.put_nowait(None)
        await self.telegram.wait_for(lambda: len(self.said) > before)

    async def post(self, body: object, **headers: str) -> int:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}/vakhta/hook"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=io.BytesIO(data), headers={HEADER: "s3cret"} | headers) as answer,
        ):
            return answer.status


@pytest.fixture
async def hook(telegram: TelegramServer) -> AsyncIterator[Hook]:
    """A running one, that Telegram knows of and reaches."""
    made = Hook(telegram, free_port())
    telegram.fronts["bot.example"] = f"http://127.0.0.1:{made.port}"
    running = made.make()
    made.spawn("chat", running.run())
    await telegram.wait_for(lambda: telegram.state.webhook.url == URL)
    yield made
    await running.drain(0.5)
    for task in made.tasks:
        task.cancel()
    await asyncio.gather(*made.tasks, return_exceptions=True)
    await running._bot.session.close()


def update(number: int, text: str = "hello") -> dict[str, Any]:
    chat = {"id": ENGINEER, "type": "private", "first_name": "O"}
    sender = {"id": ENGINEER, "is_bot": False, "first_name": "O"}
    return {"update_id": number, "message": {"message_id": 1, "date": 1, "chat": chat, "from": sender, "text": text}}


async def test_nobody_gets_in_without_the_secret_and_nothing_too_large_or_strange(hook: Hook) -> None:
    heard: list[str | None] = []

    @hook.dispatcher.message()
    async def hear(message: Message) -> None:
        heard.append(message.text)

    assert await hook.post(update(1), **{HEADER: "wrong"}) == 403
    assert await hook.post(update(1), **{HEADER: ""}) == 403
    assert await hook.post(b"x" * (BODY_LIMIT + 1)) == 413
    for strange in (b"\xff", b"[]", b'{"update_id": "x"}', b"[" * 100_000):
        assert await hook.post(strange) == 400
    assert await hook.post({"update_id": 5, "message": "of another kind"}) == 200  # else it would come for ever
    assert heard == []
    assert await hook.post(update(6)) == 200
    assert heard == ["hello"]


async def test_an_update_is_answered_when_it_is_done_and_its_repeat_is_not_handled_again(hook: Hook) -> None:
    heard: list[str | None] = []
    go_on = asyncio.Event()

    @hook.dispatcher.message()
    async def hear(message: Message) -> None:
        heard.append(message.text)
        await go_on.wait()

    posts = [asyncio.create_task(hook.post(update(1))) for _ in range(2)]
    await hook.telegram.wait_for(lambda: bool(heard))
    done, _ = await asyncio.wait(posts, timeout=0.1)
    assert not done
    go_on.set()
    assert [await post for post in posts] == [200, 200]
    assert await hook.post(update(1)) == 200
    assert heard == ["hello"]


async def test_what_could_not_be_handled_is_posted_again(hook: Hook) -> None:
    heard: list[str | None] = []

    @hook.dispatcher.message()
    async def hear(message: Message) -> None:
        heard.append(message.text)
        if len(heard) == 1:
            raise OSError("no database")

    await hook.telegram.person(ENGINEER).send("twice")
    await hook.telegram.wait_for(lambda: not hook.telegram.state.updates)
    assert heard == ["twice", "twice"]


async def test_there_is_a_bound_on_what_is_at_work(hook: Hook) -> None:
    go_on, at_work = asyncio.Event(), 0

    @hook.dispatcher.message()
    async def hear(_message: Message) -> None:
        nonlocal at_work
        at_work += 1
        await go_on.wait()

    posts = [asyncio.create_task(hook.post(update(number))) for number in range(AT_ONCE)]
    await hook.telegram.wait_for(lambda: at_work == AT_ONCE)
    assert await hook.post(update(AT_ONCE)) == 503
    go_on.set()
    assert {await post for post in posts} == {200}
    assert await hook.post(update(AT_ONCE)) == 200


async def test_a_webhook_that_another_program_changes_is_taken_back_and_told(hook: Hook) -> None:
    await hook.look()
    assert hook.said == [None]
    for _ in range(2):
        async with aiohttp.ClientSession() as session:
            await session.post(f"{hook.telegram.base_url}/bot{hook.telegram.token}/deleteWebhook")
        hook.looks.put_nowait(None)
        await hook.telegram.wait_for(lambda: hook.telegram.state.webhook.url == URL)
    await hook.telegram.wait_for(lambda: "conflict" in hook.told)
    assert hook.said[-1] == CONFLICT


async def test_posts_that_do_not_get_through_are_said_until_they_do(hook: Hook) -> None:
    front = hook.telegram.fronts.pop("bot.example")
    await hook.telegram.person(ENGINEER).send("hello")
    await hook.telegram.wait_for(lambda: bool(hook.telegram.state.webhook.last_error))
    await hook.look()
    assert hook.said[-1] == UNDELIVERED
    hook.telegram.fronts["bot.example"] = front
    await hook.telegram.wait_for(lambda: not hook.telegram.state.updates)
    await hook.look()
    assert hook.said[-1] is None


# --- the whole assistant


def posted(telegram: TelegramServer, port: int, **more: object) -> dict[str, object]:
    telegram.fronts["bot.example"] = f"http://127.0.0.1:{port}"
    return section(telegram, mode="webhook", webhook={"url": URL, "port": port} | more)


@asynccontextmanager
async def by_webhook(folder: Path, telegram: TelegramServer, **more: object) -> AsyncIterator[Duty]:
    async with on_duty(folder, telegram, telegram=posted(telegram, free_port(), **more)) as duty:
        yield duty


async def test_the_assistant_works_by_webhook(tmp_path: Path, telegram: TelegramServer) -> None:
    """It begins while Telegram is away, then too busy; the secret is made; what is refused on the way comes again."""
    await telegram.outage(on=True)
    async with by_webhook(tmp_path, telegram) as duty:
        await chat_becomes(duty, "backoff")
        telegram.faults.add("flood", "setWebhook", retry_after=1)
        await telegram.outage(on=False)
        await telegram.wait_for(lambda: bool(telegram.state.webhook.url), 8)
        assert telegram.state.webhook.secret == secret_of(telegram.token, URL)
        assert "Hello, Oksana!" in (await duty.answer(duty.engineer, "/start")).text
        made = await duty.answer(duty.engineer, "/new 101 12 Leak")
        await duty.press(duty.engineer, made, "On site")
        await duty.shows(made, "On site since")
        await chat_becomes(duty, "running")
    assert not telegram.state.updates


async def test_from_polling_to_webhook_and_back_nothing_is_lost_and_nobody_alarmed(
    tmp_path: Path, telegram: TelegramServer
) -> None:
    async with on_duty(tmp_path, telegram) as duty:
        made = await duty.answer(duty.engineer, "/new 101 12 Leak")
    await telegram.person(ENGINEER).send("one", reply_to=made.id)
    async with by_webhook(tmp_path, telegram, secret="of-our-own") as duty:
        await duty.shows(made, "one")
        assert telegram.state.webhook.secret == "of-our-own"
    await telegram.person(ENGINEER).send("two", reply_to=made.id)
    back = posted(telegram, free_port()) | {"mode": "polling"}
    async with on_duty(tmp_path, telegram, telegram=back) as duty:
        await duty.shows(made, "two")
        async with duty.app.services.db.reading() as connection:
            (found,) = await store.find(connection, "101", "12")
            history = await store.list_history(connection, found.id)
        assert sorted(entry.text for entry in history if entry.kind == "comment") == ["one", "two"]
        assert not any("posted to" in message.text for message in duty.of_bot(LEAD))


async def test_a_webhook_of_another_program_is_removed_and_told(duty: Duty) -> None:
    await duty.answer(duty.engineer, "/start")
    async with aiohttp.ClientSession() as session:
        url = f"{duty.telegram.base_url}/bot{duty.telegram.token}/setWebhook"
        await session.post(url, data={"url": "https://other.example/secret/path"})
    told = await duty.told("Telegram posted to other.example", LEAD)
    assert "secret/path" not in told.text
    assert "What I can do" in (await duty.answer(duty.engineer, "/help")).text


async def test_once_takes_what_waits(tmp_path: Path, telegram: TelegramServer) -> None:
    from bot.app import App
    from core.clock import SystemClock

    await telegram.person(ENGINEER).send("/start")
    settings = settings_for(telegram, tmp_path, telegram=posted(telegram, free_port()))
    outcome = await App(settings, SystemClock(), only=("chat", "courier")).once()
    assert set(outcome.values()) == {None}
    assert not telegram.state.updates
    assert "Oksana" in telegram.last(ENGINEER).text


async def test_a_taken_port_is_a_sentence(tmp_path: Path, telegram: TelegramServer) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = posted(telegram, other.getsockname()[1])
        async with on_duty(tmp_path, telegram, telegram=taken) as duty:
            await chat_becomes(duty, "backoff")
            (job,) = [job for job in duty.app.supervisor.states() if job.name == "chat"]
            assert "cannot listen on 127.0.0.1" in (job.last_error or "").format(**job.error_values)
