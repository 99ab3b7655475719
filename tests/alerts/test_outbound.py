import logging
from collections.abc import AsyncIterator

import pytest
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe
from aiohttp_socks import ProxyConnectionError
from markupsafe import Markup

from bot.chat.cards import Button, Card, Document
from bot.chat.line import TelegramLine, answer_of, keyboard, redact
from bot.chat.outbound import LogLine, Outbound
from core.alerts.model import Destination
from core.alerts.rules import Answer, Meaning
from core.db.engine import Database
from core.errors import Rejected, Unavailable
from tests.alerts.conftest import DUTY
from tests.alerts.world import ANNA, World, bot_for, world
from tests.conftest import ManualClock

TOKEN = "700000001:AAG-secret-half-of-the-token-0123456789"
HELLO = Card(Markup("<b>Hello</b>"))
ME = GetMe()


@pytest.fixture
async def here(sqlite_db: Database) -> AsyncIterator[World]:
    async with world(sqlite_db) as found:
        yield found


async def test_a_reply_is_sent_as_html_and_its_id_returned(here: World) -> None:
    asked = await here.telegram.person(ANNA).send("Hi")
    message_id = await here.outbound.send(Destination(ANNA), HELLO, reply_to=asked.id)
    message = here.telegram.last(ANNA)
    assert (message.id, message.text) == (message_id, "Hello")


async def test_a_document_goes_with_its_caption_and_its_own_name(here: World) -> None:
    act = Document("акт 101.pdf", b"%PDF-1.7")
    await here.outbound.send(Destination(ANNA), Card(Markup("<b>101</b>"), document=act))
    sent = here.telegram.last(ANNA).content
    assert (sent["document"]["file_name"], sent["document"]["file_size"], sent["caption"]) == ("акт 101.pdf", 8, "101")


async def test_a_card_is_edited_in_place(here: World) -> None:
    message_id = await here.outbound.send(Destination(ANNA), HELLO)
    assert await here.outbound.edit(ANNA, message_id, Card(Markup("Bye")))
    assert here.texts(ANNA) == ["Bye"]


async def test_an_edit_that_changes_nothing_is_as_good_as_done(here: World) -> None:
    message_id = await here.outbound.send(Destination(ANNA), HELLO)
    assert await here.outbound.edit(ANNA, message_id, HELLO)


async def test_a_message_that_is_gone_is_said_to_be_gone(here: World) -> None:
    assert not await here.outbound.edit(ANNA, 999, HELLO)


async def test_a_reply_to_a_thread_that_is_gone_comes_outside_of_it(here: World) -> None:
    await here.outbound.send(Destination(DUTY.chat_id, 6), HELLO)
    assert here.texts() == ["Hello"]


async def test_a_short_429_is_waited_out(here: World) -> None:
    here.telegram.faults.add("flood", "sendMessage", retry_after=1)
    await here.outbound.send(Destination(ANNA), HELLO)
    assert here.texts(ANNA) == ["Hello"]


async def test_a_long_429_is_told_to_the_person(here: World) -> None:
    here.telegram.faults.add("flood", "sendMessage", retry_after=600)
    with pytest.raises(Unavailable, match="slow down"):
        await here.outbound.send(Destination(ANNA), HELLO)


async def test_an_outage_is_told_to_the_person(here: World) -> None:
    await here.telegram.outage(True)
    with pytest.raises(Unavailable, match="does not answer"):
        await here.outbound.send(Destination(ANNA), HELLO)


async def test_a_refused_message_is_rejected(here: World) -> None:
    with pytest.raises(Rejected):
        await here.outbound.send(Destination(404404), HELLO)
    with pytest.raises(Rejected):
        await here.outbound.edit(404404, 1, HELLO)


async def test_a_connection_that_cannot_be_made_surely_delivered_nothing(here: World) -> None:
    bot = bot_for("http://127.0.0.1:9", here.telegram.token)
    answer = await TelegramLine(bot).ping()
    await bot.session.close()
    assert answer.meaning == "unreachable"


@pytest.mark.parametrize(("kind", "meaning"), [("reset", "unknown"), ("http", "unclear"), ("flood", "slow_down")])
async def test_faults_of_the_wire_have_their_meaning(here: World, kind: str, meaning: Meaning) -> None:
    here.telegram.faults.add(kind)  # type: ignore[arg-type]  # the parameters above are its kinds
    assert (await here.line.send(Destination(ANNA), HELLO)).meaning == meaning


def network_error(cause: Exception | None) -> TelegramNetworkError:
    error = TelegramNetworkError(ME, f"ClientError: http://host/bot{TOKEN}/getMe")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (TelegramRetryAfter(ME, "Too Many Requests", 7), "slow_down"),
        (TelegramMigrateToChat(ME, "upgraded", -1009), "moved"),
        (TelegramForbiddenError(ME, "bot was kicked"), "refused"),
        (TelegramBadRequest(ME, "Bad Request: chat not found"), "refused"),
        (TelegramBadRequest(ME, "Bad Request: message is not modified"), "same"),
        (TelegramEntityTooLarge(ME, "too large"), "refused"),
        (TelegramUnauthorizedError(ME, "Unauthorized"), "unauthorized"),
        (TelegramNotFound(ME, "Not Found"), "unauthorized"),
        (TelegramServerError(ME, "Internal Server Error"), "failed"),
        (TelegramAPIError(ME, "something new"), "refused"),
        (ClientDecodeError("no JSON", ValueError(), "<html>"), "unclear"),
        (ProxyConnectionError("refused"), "unreachable"),
        (network_error(TimeoutError()), "unknown"),
        (network_error(None), "unknown"),
    ],
)
def test_each_error_of_aiogram_has_its_meaning(error: Exception, meaning: Meaning) -> None:
    assert answer_of(error, TOKEN).meaning == meaning


def test_what_an_error_carries_is_kept() -> None:
    assert answer_of(TelegramRetryAfter(ME, "x", 7), TOKEN).retry_after == 7
    assert answer_of(TelegramMigrateToChat(ME, "x", -1009), TOKEN).moved_to == -1009


def test_the_token_is_taken_out_of_reasons() -> None:
    assert TOKEN.partition(":")[2] not in answer_of(network_error(None), TOKEN).reason
    assert redact("plain", "") == "plain"


def test_buttons_are_telegrams_buttons() -> None:
    made = keyboard(Card(Markup("x"), ((Button("A", "a:1"), Button("B", "b:2")), (Button("C", "c:3"),))))
    assert made is not None
    assert [[(b.text, b.callback_data) for b in row] for row in made.inline_keyboard] == [
        [("A", "a:1"), ("B", "b:2")],
        [("C", "c:3")],
    ]


async def test_a_dry_run_logs_instead(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    outbound = Outbound(LogLine(), clock)
    message_id = await outbound.send(Destination(ANNA), HELLO)
    assert await outbound.edit(ANNA, message_id, Card(Markup("<i>Bye</i>")))
    assert (await outbound.line.ping()).meaning == "ok"
    assert ["Hello" in caplog.text, "Bye" in caplog.text, "<b>" in caplog.text] == [True, True, False]


class MovedLine(LogLine):
    """A chat that became a supergroup, as only a real server can say it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent_to: list[int] = []

    async def send(self, to: Destination, card: Card, *, reply_to: int | None = None) -> Answer:
        self.sent_to.append(to.chat_id)
        return Answer("moved", moved_to=-1009) if to.chat_id == -5 else Answer("ok", 3)

    async def edit(self, chat_id: int, message_id: int, card: Card) -> Answer:
        return Answer("moved", moved_to=-1009)


async def test_a_reply_follows_a_group_that_became_a_supergroup(clock: ManualClock) -> None:
    line = MovedLine()
    outbound = Outbound(line, clock)
    assert await outbound.send(Destination(-5), HELLO) == 3
    assert line.sent_to == [-5, -1009]
    assert not await outbound.edit(-5, 3, HELLO)


async def test_replies_wait_for_their_turn(clock: ManualClock) -> None:
    outbound = Outbound(LogLine(), clock)
    for _ in range(21):
        await outbound.send(Destination(ANNA), HELLO)
    assert clock.elapsed >= 20


async def test_a_question_opens_a_reply_at_the_person_asked(here: World) -> None:
    asked = await here.telegram.person(ANNA).send("/new", DUTY.chat_id)
    await here.outbound.send(DUTY, Card(Markup("Which number?"), ask=True), reply_to=asked.id)
    assert here.telegram.last(DUTY.chat_id).keyboard == {"force_reply": True, "selective": True}


async def test_a_card_may_come_without_a_sound(here: World) -> None:
    await here.outbound.send(Destination(ANNA), Card(Markup("x"), silent=True))
    assert here.telegram.last(ANNA).silent
