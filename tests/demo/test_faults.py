import asyncio

import aiohttp
import pytest

from core.clock import SystemClock
from core.errors import UserError
from deploy.demo.telegram import Person, TelegramServer
from deploy.demo.telegram.faults import Faults
from tests.demo.conftest import DUTY, ENGINEER, Caller


class HandClock(SystemClock):
    """A clock whose pace is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at


async def test_a_flood_answers_429_as_often_as_scripted(call: Caller) -> None:
    call.telegram.faults.add("flood", "sendMessage", times=2, retry_after=7)
    for _ in range(2):
        body = await call.raw("sendMessage", chat_id=ENGINEER, text="x")
        assert (body["error_code"], body["parameters"]) == (429, {"retry_after": 7})
    await call.ok("getMe")
    await call.ok("sendMessage", chat_id=ENGINEER, text="x")
    assert len(call.telegram.messages(ENGINEER)) == 1


async def test_a_gateway_error_has_no_json_body(telegram: TelegramServer) -> None:
    telegram.faults.add("http", status=502)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{telegram.base_url}/bot{telegram.token}/getMe") as answer,
    ):
        assert (answer.status, answer.content_type) == (502, "text/html")


async def test_a_reset_leaves_nothing_and_a_lost_answer_leaves_the_message(call: Caller) -> None:
    call.telegram.faults.add("reset", "sendMessage")
    with pytest.raises(aiohttp.ClientConnectionError):
        await call.raw("sendMessage", chat_id=ENGINEER, text="before")
    call.telegram.faults.add("lost_answer", "sendMessage")
    with pytest.raises(aiohttp.ClientConnectionError):
        await call.raw("sendMessage", chat_id=ENGINEER, text="after")
    assert call.telegram.texts(ENGINEER) == ["after"]


async def test_a_timeout_comes_after_the_message_was_taken(call: Caller) -> None:
    call.telegram.faults.add("timeout", "sendMessage")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(call.raw("sendMessage", chat_id=ENGINEER, text="once"), 0.2)
    await call.ok("sendMessage", chat_id=ENGINEER, text="twice")
    assert call.telegram.texts(ENGINEER) == ["once", "twice"]


async def test_a_slow_answer_comes_in_the_end(call: Caller) -> None:
    call.telegram.faults.add("slow", "getMe", delay=0.05)
    before = asyncio.get_running_loop().time()
    await call.ok("getMe")
    assert asyncio.get_running_loop().time() - before >= 0.05


async def test_a_scripted_refusal_is_the_bot_apis(call: Caller) -> None:
    call.telegram.faults.add("refuse", "sendMessage", status=500, description="Internal Server Error")
    body = await call.raw("sendMessage", chat_id=ENGINEER, text="x")
    assert body == {"ok": False, "error_code": 500, "description": "Internal Server Error"}


async def test_a_fault_may_meet_one_chat_only(call: Caller) -> None:
    fault = call.telegram.faults.add("flood", "sendMessage", chat=DUTY, times=1, retry_after=2)
    await call.ok("sendMessage", chat_id=ENGINEER, text="x")
    await call.ok("getChat", chat_id=DUTY)
    assert call.telegram.faults.waiting == [fault]
    assert (await call.raw("sendMessage", chat_id=DUTY, text="x"))["error_code"] == 429
    assert call.telegram.faults.waiting == []


async def test_a_fault_of_a_time_ends_with_it() -> None:
    clock = HandClock()
    faults = Faults(clock.monotonic)
    faults.add("reset", seconds=10)
    assert faults.take("getMe") is not None
    clock.at = 11
    assert faults.take("getMe") is None


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ({"kind": "earthquake"}, "earthquake"),
        ({"kind": "flood", "method": "sendPole"}, "sendPole"),
        ({"kind": "flood", "times": "often"}, "times"),
        ({"kind": "flood", "colour": "red"}, "colour"),
    ],
)
def test_a_script_from_outside_is_checked(script: dict[str, object], said: str) -> None:
    with pytest.raises(UserError) as refused:
        Faults(HandClock().monotonic).script(script)
    assert said in str(refused.value.values)


def test_a_script_from_outside_is_a_fault() -> None:
    faults = Faults(HandClock().monotonic)
    fault = faults.script({"kind": "flood", "method": "sendmessage", "chat": 5, "times": 2, "retry_after": 9})
    assert (fault.method, fault.chat, fault.left, fault.retry_after) == ("sendMessage", 5, 2, 9)


async def test_an_outage_refuses_connections_while_people_go_on(call: Caller, engineer: Person) -> None:
    await call.ok("getMe")
    await call.telegram.outage(True)
    with pytest.raises(aiohttp.ClientConnectorError):
        await call.raw("getMe")
    await engineer.send("anybody there?")
    await call.telegram.outage(False)
    assert [update["message"]["text"] for update in await call.ok("getUpdates")] == ["anybody there?"]


async def paced(clock: HandClock, chat: int, *, every: float, count: int) -> int:
    """How many of `count` messages, sent at a steady pace, are refused."""
    async with TelegramServer(clock=clock) as telegram, aiohttp.ClientSession() as session:
        telegram.add_user(ENGINEER, "Оксана")
        telegram.add_group(DUTY, "Duty", [ENGINEER])
        telegram.pace.strict = True
        url = f"{telegram.base_url}/bot{telegram.token}/sendMessage"
        for _ in range(count):
            clock.at += every
            async with session.post(url, data={"chat_id": str(chat), "text": "x"}) as answer:
                assert answer.status in {200, 429}
        assert len(telegram.pace.sent) == count - telegram.pace.refused
        return telegram.pace.refused


@pytest.mark.parametrize(
    ("chat", "every", "count", "refused"),
    [(ENGINEER, 1.0, 20, 0), (ENGINEER, 0.1, 10, 5), (DUTY, 3.01, 40, 0), (DUTY, 1.0, 30, 10)],
)
async def test_the_natural_limits_refuse_what_is_too_fast(chat: int, every: float, count: int, refused: int) -> None:
    assert await paced(HandClock(), chat, every=every, count=count) == refused


async def test_more_than_thirty_a_second_in_all_are_refused() -> None:
    clock = HandClock()
    async with TelegramServer(clock=clock) as telegram, aiohttp.ClientSession() as session:
        telegram.pace.strict = True
        statuses = []
        for user in range(1, 36):
            telegram.add_user(user, "Somebody")
            url = f"{telegram.base_url}/bot{telegram.token}/sendMessage"
            async with session.post(url, data={"chat_id": str(user), "text": "x"}) as answer:
                statuses.append(answer.status)
        assert statuses == [200] * 30 + [429] * 5
