import asyncio
import dataclasses
import gzip
import logging
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from core.errors import AuthFailed, ConfigError, Rejected, Unavailable, Uncertain
from jobs.connectors.graph import client, mapping
from jobs.connectors.graph.client import GraphMailbox, GraphOptions
from jobs.letters.mailbox import Changes, Mailbox, RawLetter, Unreadable
from jobs.letters.oauth import ClientCredentials
from tests.conftest import NOON, ManualClock
from tests.connectors.microsoft import ADDRESS, CLIENT, SECRET, TENANT, Microsoft, fault, make_certificates

SINCE = NOON - timedelta(days=1)
MAIL = b"From: a@contractor.example\r\nSubject: x\r\n\r\n\xffy"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def microsoft(certificates: tuple[Path, Path], clock: ManualClock) -> AsyncIterator[Microsoft]:
    async with Microsoft(certificates, clock) as server:
        yield server


@pytest.fixture
def options(microsoft: Microsoft) -> GraphOptions:
    return GraphOptions(
        ADDRESS, TENANT, CLIENT, SECRET, microsoft.origin, microsoft.url, ca_file=microsoft.ca_file, timeout=5
    )


@pytest.fixture
async def box(options: GraphOptions, clock: ManualClock) -> AsyncIterator[GraphMailbox]:
    mailbox = GraphMailbox(options, clock)
    yield mailbox
    await mailbox.close()


async def look(options: GraphOptions, clock: ManualClock, cursor: str | None = None) -> Changes:
    """One look with a mailbox of its own."""
    mailbox = GraphMailbox(options, clock)
    try:
        return await mailbox.changes(cursor, SINCE)
    finally:
        await mailbox.close()


def keys(changes: Changes) -> list[str]:
    return [entry.key for entry in changes.entries]


def letter(to: str = "a@contractor.example", text: str = "Добрий день") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ADDRESS, to, "Заявка 101"
    message["Message-ID"], message["In-Reply-To"] = "<1@company.example>", "<9@contractor.example>"
    message.set_content(text)
    return message.as_bytes()


def test_it_is_a_mailbox_with_history(box: GraphMailbox) -> None:
    mailbox: Mailbox = box
    assert mailbox.has_history


# Looking


async def test_the_first_look_names_what_came_since_oldest_first(microsoft: Microsoft, box: GraphMailbox) -> None:
    late = microsoft.add(MAIL, NOON)
    early = microsoft.add(MAIL, NOON - timedelta(hours=1))
    microsoft.add(MAIL, SINCE - timedelta(seconds=1))
    found = await box.changes(None, SINCE)
    assert keys(found) == [early, late]
    assert found.entries[0].received_at == found.entries[0].sent_at == NOON - timedelta(hours=1)


async def test_the_next_look_names_only_what_changed(microsoft: Microsoft, box: GraphMailbox) -> None:
    old, gone, moved = (microsoft.add(MAIL, NOON) for _ in range(3))
    cursor = (await box.changes(None, SINCE)).cursor
    assert keys(await box.changes(cursor, SINCE)) == []
    new = microsoft.add(MAIL, NOON)
    microsoft.remove(gone)
    microsoft.mark_read(old)
    found = await box.changes(cursor, SINCE)
    assert set(keys(found)) == {old, new}
    assert keys(await box.changes(found.cursor, SINCE)) == []
    assert moved not in keys(found)


async def test_a_cursor_outlives_the_process(microsoft: Microsoft, options: GraphOptions, clock: ManualClock) -> None:
    microsoft.add(MAIL, NOON)
    cursor = (await look(options, clock)).cursor
    new = microsoft.add(MAIL, NOON)
    assert keys(await look(options, clock, cursor)) == [new]


async def test_a_thousand_letters_are_paged_and_read_in_order(microsoft: Microsoft, box: GraphMailbox) -> None:
    expected = [microsoft.add(b"Subject: %d\r\n\r\n" % n, NOON + timedelta(seconds=n)) for n in range(1000)]
    found = await box.changes(None, SINCE)
    assert keys(found) == expected
    letters = await box.read(expected)
    assert [each.data for each in letters if isinstance(each, RawLetter)] == [
        b"Subject: %d\r\n\r\n" % n for n in range(1000)
    ]
    assert 1 < microsoft.most_at_once <= 4
    assert sum("/delta" in name for name in microsoft.requests) == 2
    assert len(microsoft.tokens) == 1


async def test_the_first_look_names_the_newest_only(
    microsoft: Microsoft, options: GraphOptions, clock: ManualClock
) -> None:
    expected = [microsoft.add(MAIL, NOON + timedelta(seconds=n)) for n in range(5)]
    found = await look(dataclasses.replace(options, max_messages=2), clock)
    assert keys(found) == expected[-2:]
    assert keys(await look(options, clock, found.cursor)) == []


@pytest.mark.parametrize("status", [410, 400])
async def test_a_forgotten_cursor_begins_again(microsoft: Microsoft, box: GraphMailbox, status: int) -> None:
    known = microsoft.add(MAIL, NOON)
    cursor = (await box.changes(None, SINCE)).cursor
    new = microsoft.add(MAIL, NOON + timedelta(seconds=1))
    if status == 410:
        microsoft.forget_looks()
    else:
        microsoft.accident("deltatoken", fault(400, "syncStateNotFound"))
    found = await box.changes(cursor, SINCE)
    assert keys(found) == [known, new]
    assert keys(await box.changes(found.cursor, SINCE)) == []


async def test_a_server_that_forgets_every_look_is_away(microsoft: Microsoft, box: GraphMailbox) -> None:
    cursor = (await box.changes(None, SINCE)).cursor
    microsoft.accident("/delta", fault(410, "SyncStateNotFound"), times=9)
    with pytest.raises(Unavailable, match="410 SyncStateNotFound"):
        await box.changes(cursor, SINCE)


async def test_a_mailbox_that_refuses_the_filter_is_looked_through_without(
    microsoft: Microsoft, box: GraphMailbox
) -> None:
    microsoft.filter_works = False
    microsoft.add(MAIL, SINCE - timedelta(days=1))
    new = microsoft.add(MAIL, NOON)
    assert keys(await box.changes(None, SINCE)) == [new]


async def test_a_link_to_another_host_is_not_followed(microsoft: Microsoft, box: GraphMailbox) -> None:
    microsoft.foreign_links = "https://evil.example"
    for number in range(501):
        microsoft.add(MAIL, NOON + timedelta(seconds=number))
    with pytest.raises(Unavailable, match=r"nextLink"):
        await box.changes(None, SINCE)


async def test_a_cursor_to_another_host_is_not_followed(microsoft: Microsoft, box: GraphMailbox) -> None:
    new = microsoft.add(MAIL, NOON)
    assert keys(await box.changes("https://evil.example/v1.0/x?$deltatoken=1", SINCE)) == [new]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/x",
        "http://graph.microsoft.com/v1.0/x",
        "https://graph.microsoft.com:8443/v1.0/x",
        "https://graph.microsoft.com@evil.example/v1.0/x",
        "https://me@graph.microsoft.com/v1.0/x",
        "https://graph.microsoft.com.evil.example/v1.0/x",
        "https://graph.microsoft.com/beta/x",
        "https://graph.microsoft.com/v1.0x",
        "https://graph.microsoft.com/v1.0/x y",
        "https://graph.microsoft.com/v1.0/x\r\nX: y",
        "//graph.microsoft.com/v1.0/x",
        "https://graph.microsoft.com:x/v1.0/x",
        "",
    ],
)
async def test_the_token_goes_nowhere_else(link: str, clock: ManualClock) -> None:
    wire = GraphMailbox(GraphOptions(ADDRESS, TENANT, CLIENT, SECRET), clock)._wire
    assert not wire.is_ours(link)
    assert wire.is_ours(
        "https://graph.microsoft.com/v1.0/users('a')/mailFolders('x=')/messages/delta?$deltatoken=a%2Bb"
    )


# Folders


@pytest.mark.parametrize("path", ["inbox/contracts", " INBOX / Договори /2026", "Входящие", "Archiv/Contracts"])
async def test_a_folder_is_found_by_its_path(
    microsoft: Microsoft, options: GraphOptions, clock: ManualClock, path: str
) -> None:
    for number in range(12):
        microsoft.folder(f"other {number}", microsoft.inbox)
        microsoft.folder(f"top {number}")
    deep = microsoft.folder("2026", microsoft.folder("ДОГОВОРИ", microsoft.inbox))
    places = {
        "inbox/contracts": microsoft.folder("Contracts", microsoft.inbox),
        " INBOX / Договори /2026": deep,
        "Входящие": microsoft.folder("входящие"),
        "Archiv/Contracts": microsoft.folder("Contracts", microsoft.folder("Archiv")),
    }
    new = microsoft.add(MAIL, NOON, places[path])
    microsoft.add(MAIL, NOON)
    assert keys(await look(dataclasses.replace(options, folder=path), clock)) == [new]


async def test_a_folder_that_is_not_there_is_told_with_those_that_are(
    microsoft: Microsoft, options: GraphOptions, clock: ManualClock
) -> None:
    microsoft.folder("Договори", microsoft.inbox)
    microsoft.folder("Акти", microsoft.inbox)
    with pytest.raises(Unavailable) as caught:
        await look(dataclasses.replace(options, folder="Inbox/Contracts"), clock)
    assert str(caught.value) == "There is no folder Contracts in Inbox; there are: Договори, Акти."


async def test_a_folder_that_was_deleted_is_looked_for_again(
    microsoft: Microsoft, options: GraphOptions, clock: ManualClock
) -> None:
    options = dataclasses.replace(options, folder="Inbox/Contracts")
    first = microsoft.folder("Contracts", microsoft.inbox)
    cursor = (await look(options, clock)).cursor
    del microsoft.folders[first.id]
    with pytest.raises(Unavailable, match="no folder Contracts"):
        await look(options, clock, cursor)
    new = microsoft.add(MAIL, NOON, microsoft.folder("Contracts", microsoft.inbox))
    assert keys(await look(options, clock, cursor)) == [new]


# Reading


async def test_a_letter_is_its_bytes_and_its_time(
    microsoft: Microsoft, options: GraphOptions, clock: ManualClock, box: GraphMailbox
) -> None:
    key = microsoft.add(MAIL, NOON)
    await box.changes(None, SINCE)
    expected = [RawLetter(key, MAIL, NOON)]
    assert await box.read([key]) == expected
    later = GraphMailbox(options, clock)  # one that has not listed it
    assert await later.read([key]) == expected
    await later.close()


async def test_letters_that_are_gone_are_left_out(microsoft: Microsoft, box: GraphMailbox) -> None:
    first, gone, last = (microsoft.add(MAIL, NOON) for _ in range(3))
    microsoft.remove(gone)
    microsoft.accident("another", fault(400, "ErrorInvalidIdMalformed", "Id is malformed."))
    found = await box.read([last, gone, first, "AAMk of another kind"])
    assert [each.key for each in found] == [last, first]


async def test_a_letter_that_is_too_large_is_put_aside(microsoft: Microsoft, box: GraphMailbox) -> None:
    large, small = microsoft.add(MAIL, NOON), microsoft.add(MAIL, NOON)
    microsoft.accident(re.escape(quote(large)), f"half of {client.LARGEST + 1}")  # it is not even fetched
    found = await box.read([large, small])
    assert isinstance(found[0], Unreadable)
    assert isinstance(found[0].error, Rejected)
    assert str(found[0].error) == "The letter is larger than 25 MB."
    assert isinstance(found[1], RawLetter)


async def test_a_letter_that_unpacks_to_too_much_is_put_aside(microsoft: Microsoft, box: GraphMailbox) -> None:
    packed = gzip.compress(bytes(client.LARGEST + 1))
    microsoft.accident("value", web.Response(body=packed, headers={"Content-Encoding": "gzip"}))
    found = await box.read([microsoft.add(MAIL, NOON)])
    assert isinstance(found[0], Unreadable)
    assert isinstance(found[0].error, Rejected)


async def test_half_a_letter_is_none(microsoft: Microsoft, box: GraphMailbox) -> None:
    microsoft.accident("value", "half of 1000")
    with pytest.raises(Unavailable, match="localhost cannot be reached"):
        await box.read([microsoft.add(MAIL, NOON)])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(fault(500, "ErrorInternalServerError"), Unavailable), (fault(500, "ErrorMimeContentConversionFailed"), Rejected)],
)
async def test_a_letter_that_exchange_cannot_show_does_not_hold_up_the_others(
    microsoft: Microsoft, box: GraphMailbox, answer: web.Response, kind: type[Exception]
) -> None:
    bad, good = microsoft.add(MAIL, NOON), microsoft.add(MAIL, NOON)
    microsoft.accident(re.escape(quote(bad)), answer)
    found = await box.read([bad, good])
    assert isinstance(found[0], Unreadable)
    assert isinstance(found[0].error, kind)
    assert isinstance(found[1], RawLetter)


async def test_when_the_server_goes_in_between_the_rest_is_not_there_now(
    microsoft: Microsoft, box: GraphMailbox
) -> None:
    expected = [microsoft.add(MAIL, NOON) for _ in range(40)]
    await box.changes(None, SINCE)
    microsoft.accident(re.escape(quote(expected[20])), None, times=9)
    found = await box.read(expected)
    assert [each.key for each in found] == expected
    unreadable = [each for each in found if isinstance(each, Unreadable)]
    assert all(isinstance(each.error, Unavailable) for each in unreadable)
    assert {expected[20], expected[39]} <= {each.key for each in unreadable}
    assert all(isinstance(each, RawLetter) for each in found[:17])


async def test_a_server_that_shows_no_letter_at_all_is_away(microsoft: Microsoft, box: GraphMailbox) -> None:
    microsoft.accident("value", None, times=99)
    with pytest.raises(Unavailable, match="localhost cannot be reached"):
        await box.read([microsoft.add(MAIL, NOON) for _ in range(10)])


# Being told to wait


@pytest.mark.parametrize("status", [429, 503])
async def test_it_waits_as_long_as_told(
    microsoft: Microsoft, box: GraphMailbox, clock: ManualClock, status: int
) -> None:
    new = microsoft.add(MAIL, NOON)
    await box.changes(None, SINCE)
    before = clock.monotonic()
    microsoft.accident("delta", fault(status, "ApplicationThrottled", retry_after=30))
    microsoft.blocked_until = before + 30
    assert keys(await box.changes(None, SINCE)) == [new]
    assert clock.monotonic() == before + 30
    assert microsoft.impatient == 0


async def test_it_does_not_wait_for_ever(microsoft: Microsoft, box: GraphMailbox, clock: ManualClock) -> None:
    microsoft.accident("delta", fault(429, "ApplicationThrottled", retry_after=50), times=9)
    with pytest.raises(Unavailable, match="localhost asks for a longer pause: 50 s"):
        await box.changes(None, SINCE)
    assert clock.monotonic() == 100


async def test_it_asks_for_no_more_than_four_at_a_time_whoever_asks(microsoft: Microsoft, box: GraphMailbox) -> None:
    expected = [microsoft.add(MAIL, NOON) for _ in range(8)]
    microsoft.pace = 0.01
    sends = [box.send(letter(), ADDRESS, ["a@contractor.example"]) for _ in range(4)]
    await asyncio.gather(box.read(expected), box.changes(None, SINCE), *sends)
    assert microsoft.most_at_once == 4


@pytest.mark.parametrize(
    ("status", "told", "expected"),
    [
        (429, "7", 7.0),
        (503, "7", 7.0),
        (429, "", mapping.PAUSE),
        (429, "soon", mapping.PAUSE),
        (429, "Fri, 20 Nov 2026 12:01:00 GMT", 60.0),
        (429, "Fri, 20 Nov 2026 11:00:00 GMT", mapping.SHORTEST),
        (429, "0", mapping.SHORTEST),
        (503, "", None),
        (500, "7", None),
        (200, "7", None),
    ],
)
def test_a_pause_is_what_the_server_says(status: int, told: str, expected: float | None) -> None:
    assert mapping.pause(status, {"Retry-After": told} if told else {}, NOON) == expected


# Signing in


async def test_a_token_that_is_about_to_end_is_renewed(microsoft: Microsoft, box: GraphMailbox) -> None:
    microsoft.token_seconds = 200
    await box.changes(None, SINCE)
    await box.changes(None, SINCE)
    assert len(microsoft.tokens) == 2


async def test_a_token_that_is_refused_is_renewed_once(microsoft: Microsoft, box: GraphMailbox) -> None:
    expected = [microsoft.add(MAIL, NOON) for _ in range(8)]
    await box.changes(None, SINCE)
    microsoft.live_tokens.clear()
    assert len(await box.read(expected)) == 8
    assert len(microsoft.tokens) == 2


async def test_a_new_token_that_is_refused_too_needs_a_person(microsoft: Microsoft, box: GraphMailbox) -> None:
    microsoft.accident("/delta", fault(401, "InvalidAuthenticationToken"), times=9)
    with pytest.raises(AuthFailed, match=r"localhost does not take the application's token \(InvalidAuth"):
        await box.changes(None, SINCE)
    assert len(microsoft.tokens) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"client_secret": "guessed"}, f"The client secret of the application {CLIENT} is wrong"),
        ({"client_id": "00000000"}, f"The tenant {TENANT} has no application 00000000"),
        ({"tenant_id": "nobody.example"}, "localhost knows no tenant nobody.example: check tenant_id."),
    ],
)
async def test_a_refused_sign_in_says_what_to_do(
    options: GraphOptions, clock: ManualClock, change: dict[str, str], words: str
) -> None:
    with pytest.raises(AuthFailed) as caught:
        await look(dataclasses.replace(options, **change), clock)  # type: ignore[arg-type]  # all are texts
    assert str(caught.value).startswith(words)


async def test_an_expired_secret_says_so(microsoft: Microsoft, options: GraphOptions, clock: ManualClock) -> None:
    microsoft.secret = "expired"
    with pytest.raises(AuthFailed, match="has expired: make a new one"):
        await look(dataclasses.replace(options, client_secret="expired"), clock)


async def test_a_code_that_is_not_known_is_named(microsoft: Microsoft) -> None:
    with pytest.raises(AuthFailed, match=r"\(AADSTS1002012\)"):
        credentials = ClientCredentials(microsoft.origin, TENANT, CLIENT, SECRET, "wrong/.default", microsoft.ca_file)
        await asyncio.to_thread(credentials.token)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("openid-configuration", web.Response(status=503)),
        ("openid-configuration", web.Response(text="<html>Please sign in to the guest network")),
        ("openid-configuration", web.Response(text="{}")),
        ("openid-configuration", web.Response(status=403, text="<html>Blocked by the proxy")),
        ("/token", web.Response(status=503)),
        ("/token", web.Response(text="<html>")),
        ("/token", web.json_response({"error": "temporarily_unavailable"}, status=400)),
    ],
)
async def test_a_sign_in_that_is_out_of_order_is_tried_again_later(
    microsoft: Microsoft, box: GraphMailbox, path: str, answer: web.Response
) -> None:
    microsoft.accident(path, answer, times=9)
    with pytest.raises(Unavailable, match="localhost does not answer as it should"):
        await box.changes(None, SINCE)


async def test_no_mailbox_permission_says_what_to_do_and_is_seen_when_given(
    microsoft: Microsoft, box: GraphMailbox
) -> None:
    microsoft.roles.clear()
    with pytest.raises(AuthFailed, match=r"may not read .* \(ErrorAccessDenied\): .* Mail.Read"):
        await box.changes(None, SINCE)
    with pytest.raises(AuthFailed, match=r"may not send .* Mail.Send"):
        await box.send(letter(), ADDRESS, ["a@contractor.example"])
    microsoft.roles.add("Mail.Read")
    await box.changes(None, SINCE)
    assert len(microsoft.tokens) == 3  # each refusal is followed by a new token, which knows of new permissions


async def test_an_unknown_mailbox_says_so(options: GraphOptions, clock: ManualClock) -> None:
    with pytest.raises(AuthFailed, match=r"keeps no mailbox who@company.example \(ErrorInvalidUser\)"):
        await look(dataclasses.replace(options, address="who@company.example"), clock)


def test_no_secret_is_in_the_options_as_printed(options: GraphOptions, box: GraphMailbox) -> None:
    assert SECRET not in repr(options) + box.identity


async def test_no_secret_and_no_token_is_logged_or_told(
    microsoft: Microsoft, options: GraphOptions, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    cursor = (await look(options, clock)).cursor
    microsoft.forget_looks()
    await look(options, clock, cursor)
    microsoft.roles.clear()
    errors = []
    for attempt in (options, dataclasses.replace(options, client_secret=f"{SECRET}!")):
        with pytest.raises(AuthFailed) as caught:
            await look(attempt, clock)
        errors.append(f"{caught.value} {caught.value.values} {caught.value.__cause__}")
    said = caplog.text + "".join(errors)
    assert SECRET not in said
    assert "eyJ-access-token" not in said


# Being away


@pytest.mark.parametrize(
    "answer",
    [
        fault(500, "ErrorInternalServerError"),
        fault(504, ""),
        web.Response(status=502, text="<html>"),
        web.Response(status=403, text="<html>Blocked by the proxy"),
        web.Response(status=302, headers={"Location": "https://evil.example/"}),
        web.Response(text="<html>"),
        web.json_response([]),
        web.json_response({"value": []}),
        web.json_response({"value": [{}], "@odata.deltaLink": "x"}),
        None,
    ],
)
async def test_an_answer_that_is_none_is_tried_again_later(
    microsoft: Microsoft, box: GraphMailbox, answer: web.Response | None
) -> None:
    microsoft.accident("/delta", answer, times=9)
    with pytest.raises(Unavailable, match="localhost"):
        await box.changes(None, SINCE)


async def test_silence_ends(microsoft: Microsoft, options: GraphOptions, clock: ManualClock) -> None:
    microsoft.accident("/delta", "hang")
    with pytest.raises(Unavailable, match=r"localhost cannot be reached: timeout\."):
        await look(dataclasses.replace(options, timeout=0.3), clock)


def elsewhere(options: GraphOptions, what: str, address: str) -> GraphOptions:
    """The same mailbox, with its `authority` or its `url` at another address."""
    if what == "authority":
        return dataclasses.replace(options, authority=address)
    return dataclasses.replace(options, url=address)


@pytest.mark.parametrize("what", ["authority", "url"])
async def test_nobody_there(microsoft: Microsoft, options: GraphOptions, clock: ManualClock, what: str) -> None:
    microsoft.scope = "https://nowhere.invalid/.default"
    with pytest.raises(Unavailable, match=r"(localhost|nowhere\.invalid) cannot be reached: \w"):
        await look(elsewhere(options, what, "https://nowhere.invalid"), clock)


async def test_a_certificate_of_somebody_else_is_not_trusted(
    microsoft: Microsoft, options: GraphOptions, clock: ManualClock
) -> None:
    with pytest.raises(Unavailable, match=r"cannot be reached: .*certificate"):
        await look(dataclasses.replace(options, ca_file=None), clock)
    assert microsoft.requests == []


@pytest.mark.parametrize(("name", "reason"), [("nowhere.pem", "No such file"), ("test_graph.py", "NO_CERTIFICATE")])
async def test_a_file_of_certificates_that_cannot_be_read_is_named(
    options: GraphOptions, clock: ManualClock, name: str, reason: str
) -> None:
    with pytest.raises(Unavailable, match=rf"{name} cannot be read: {reason}"):
        await look(dataclasses.replace(options, ca_file=Path(__file__).with_name(name)), clock)


@pytest.mark.parametrize("what", ["authority", "url"])
def test_nothing_is_asked_of_another_machine_without_tls(options: GraphOptions, clock: ManualClock, what: str) -> None:
    with pytest.raises(ConfigError, match="must begin with https"):
        GraphMailbox(elsewhere(options, what, "http://graph.example"), clock)


def test_this_machine_may_be_asked_without_tls(options: GraphOptions, clock: ManualClock) -> None:
    box = GraphMailbox(dataclasses.replace(options, url="http://127.0.0.1:8000"), clock)
    assert box.identity.startswith("graph http://127.0.0.1:8000")


# Sending


async def test_a_letter_is_sent_as_it_is(microsoft: Microsoft, box: GraphMailbox) -> None:
    message = letter()
    await box.send(message, ADDRESS, ["A@contractor.example"])
    assert microsoft.sent == [message]


@pytest.mark.parametrize("recipients", [[], ["b@contractor.example"], ["a@contractor.example", "b@contractor.example"]])
async def test_a_letter_goes_to_nobody_it_should_not(
    microsoft: Microsoft, box: GraphMailbox, recipients: list[str]
) -> None:
    with pytest.raises(Rejected, match="does not name its recipients"):
        await box.send(letter(), ADDRESS, recipients)
    assert microsoft.sent == []


async def test_a_letter_too_large_for_graph_is_not_tried(microsoft: Microsoft, box: GraphMailbox) -> None:
    with pytest.raises(Rejected, match="larger than 3 MB"):
        await box.send(letter(text="x" * 4_000_000), ADDRESS, ["a@contractor.example"])
    assert microsoft.requests == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (fault(400, "ErrorInvalidRecipients"), Rejected),
        (fault(413, "RequestEntityTooLarge"), Rejected),
        (fault(403, "ErrorSendAsDenied"), Rejected),
        (fault(403, "ErrorAccessDenied"), AuthFailed),
        (fault(404, "MailboxNotEnabledForRESTAPI"), AuthFailed),
        (fault(503, "ServiceUnavailable"), Unavailable),
        (fault(504, "GatewayTimeout"), Uncertain),
        (web.Response(status=200), Uncertain),
        (None, Uncertain),
        ("hang", Uncertain),
    ],
)
async def test_what_became_of_a_letter_is_said_truly(
    microsoft: Microsoft,
    options: GraphOptions,
    clock: ManualClock,
    answer: web.Response | str | None,
    kind: type[Exception],
) -> None:
    microsoft.accident("sendMail", answer)
    mailbox = GraphMailbox(dataclasses.replace(options, timeout=0.5), clock)
    with pytest.raises(kind) as caught:
        await mailbox.send(letter(), ADDRESS, ["a@contractor.example"])
    assert type(caught.value) is kind
    assert microsoft.sent == []
    assert sum("sendMail" in name for name in microsoft.requests) == 1


async def test_a_letter_is_sent_once_after_a_pause_and_a_new_token(microsoft: Microsoft, box: GraphMailbox) -> None:
    microsoft.accident("sendMail", fault(429, "ApplicationThrottled", retry_after=3))
    microsoft.accident("sendMail", fault(401, "InvalidAuthenticationToken"))
    await box.send(letter(), ADDRESS, ["a@contractor.example"])
    assert len(microsoft.sent) == 1


async def test_a_letter_that_could_not_leave_is_not_sent(
    microsoft: Microsoft, options: GraphOptions, clock: ManualClock
) -> None:
    microsoft.scope = "https://localhost:1/.default"
    mailbox = GraphMailbox(dataclasses.replace(options, url="https://localhost:1"), clock)
    with pytest.raises(Unavailable):
        await mailbox.send(letter(), ADDRESS, ["a@contractor.example"])


async def test_a_letter_does_not_wait_long(microsoft: Microsoft, box: GraphMailbox, clock: ManualClock) -> None:
    microsoft.accident("sendMail", fault(429, "ApplicationThrottled", retry_after=21))
    with pytest.raises(Unavailable, match="longer pause: 21 s"):
        await box.send(letter(), ADDRESS, ["a@contractor.example"])
    assert clock.monotonic() == 0
    assert microsoft.sent == []


# What Graph says, whatever it says


@given(st.binary(max_size=200), st.sampled_from([400, 401, 403, 404, 410, 500]))
def test_any_error_has_a_sentence(body: bytes, status: int) -> None:
    error = mapping.error_of(mapping.fault(status, body), host="h", address="a")
    assert str(error).endswith(".")


@given(
    st.lists(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)), max_size=9)  # noqa: DTZ001  the zone is put on below
)
def test_moments_come_back_as_they_were(moments: list[datetime]) -> None:
    for each in moments:
        aware = each.replace(tzinfo=UTC)
        assert mapping.moment(aware.isoformat().replace("+00:00", "Z")) == aware
    assert mapping.moment("tomorrow") is None


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("Inbox/Contracts", ["Inbox", "Contracts"]), ("", ["Inbox"]), (" / a // b /", ["a", "b"])],
)
def test_a_path_is_its_steps(folder: str, expected: list[str]) -> None:
    assert mapping.steps(folder) == expected


def test_nobody_is_addressed_twice() -> None:
    message = b"To: =?utf-8?b?0IbQstCw0L0=?= <A@x.example>, b@x.example\r\nCc: a@x.example\r\nBcc: c@x.example\r\n\r\n"
    assert mapping.addressed(message) == {"a@x.example", "b@x.example", "c@x.example"}
