"""What a look at a folder names, and how a folder is found."""

import dataclasses
from datetime import timedelta

import pytest

from core.errors import Unavailable
from jobs.connectors.graph.client import GraphMailbox, GraphOptions
from jobs.letters.mailbox import Mailbox, RawLetter
from tests.conftest import NOON, ManualClock
from tests.connectors.graph.conftest import MAIL, SINCE, keys, look
from tests.connectors.microsoft import ADDRESS, CLIENT, SECRET, TENANT, Microsoft, fault


def test_it_is_a_mailbox_with_history(box: GraphMailbox) -> None:
    mailbox: Mailbox = box
    assert mailbox.has_history


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
