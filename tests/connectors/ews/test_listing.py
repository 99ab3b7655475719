"""What a look at a folder names, and how a folder is found."""

import pytest

from core.errors import Unavailable
from jobs.connectors.ews.client import Exchange
from jobs.connectors.ews.options import Options
from jobs.letters.mailbox import Mailbox
from tests.connectors.ews.conftest import NOON, at, error_of, keys, mailbox, works
from tests.connectors.exchange import ExchangeServer


def test_it_is_a_mailbox_whose_letters_are_history_at_first() -> None:
    box: Mailbox = Exchange(Options("ops@b.example", host="mail.b.example"))
    assert box.has_history


async def test_letters_are_listed_oldest_first_with_their_moments(server: ExchangeServer, box: Exchange) -> None:
    late, early = server.put(server.inbox, at(2)), server.put(server.inbox, at(1))
    changes = await box.changes(None, NOON)
    assert [(entry.key, entry.received_at) for entry in changes.entries] == [(early.key, at(1)), (late.key, at(2))]


async def test_the_first_look_is_bounded_in_time(server: ExchangeServer, box: Exchange) -> None:
    server.put(server.inbox, at(-1))
    on_time = server.put(server.inbox, NOON)
    assert await keys(box, since=NOON) == [on_time.key]


async def test_the_first_look_is_bounded_in_number_to_the_newest(server: ExchangeServer) -> None:
    items = [server.put(server.inbox, at(minute)) for minute in range(5)]
    box = mailbox(server, max_messages=2)
    assert await keys(box) == [items[3].key, items[4].key]
    await box.close()


async def test_only_letters_that_came_since_the_cursor_are_new(server: ExchangeServer, box: Exchange) -> None:
    old, gone = server.put(server.inbox, at(1)), server.put(server.inbox, at(2))
    cursor = (await box.changes(None, NOON)).cursor
    server.touch(server.inbox, old)
    server.touch(server.inbox, old, "ReadFlagChange")
    server.remove(server.inbox, gone)
    new = server.put(server.inbox, at(-9999))
    assert await keys(box, cursor, NOON) == [new.key]


async def test_the_cursor_outlives_the_connection(server: ExchangeServer, box: Exchange) -> None:
    server.put(server.inbox, at(1))
    cursor = (await box.changes(None, NOON)).cursor
    await box.close()
    assert await keys(box, cursor) == []


async def test_all_pages_are_read(server: ExchangeServer, box: Exchange) -> None:
    items = [server.put(server.inbox, at(minute)) for minute in range(8)]
    server.page = 3
    assert await keys(box) == [item.key for item in items]
    assert server.asked.count("SyncFolderItems") == 3


async def test_a_cursor_the_server_does_not_know_begins_again(server: ExchangeServer, box: Exchange) -> None:
    server.put(server.inbox, at(-1))
    new = server.put(server.inbox, at(1))
    cursor = (await box.changes(None, NOON)).cursor
    server.epoch = "2"
    changes = await box.changes(cursor, NOON)
    assert ([entry.key for entry in changes.entries], changes.cursor != cursor) == ([new.key], True)


@pytest.mark.parametrize("path", ["Inbox/Договори/2026", "inbox/договори/2026", "Вхідні/Договори/2026"])
async def test_a_folder_is_found_by_its_path(server: ExchangeServer, path: str) -> None:
    contracts = server.folder("Договори", server.inbox.key)
    deep = server.folder("2026", contracts.key)
    letter = server.put(deep, at(1))
    box = mailbox(server, folder=path)
    assert await keys(box) == [letter.key]
    await box.close()


async def test_a_folder_among_many_is_found(server: ExchangeServer) -> None:
    for number in range(150):
        server.folder(f"Project {number}", server.inbox.key)
    assert await works(mailbox(server, folder="Inbox/Project 149"))


async def test_a_missing_folder_is_told_with_those_that_are_there(server: ExchangeServer) -> None:
    server.folder("Contracts", server.inbox.key)
    server.folder("Archive", server.inbox.key)
    assert await error_of(mailbox(server, folder="Inbox/Contarcts")) == (
        "FolderMissing: Mailbox ops@b.example has no folder Inbox/Contarcts: "
        "there is no Contarcts among Archive, Contracts."
    )


async def test_a_folder_that_was_removed_meanwhile_is_told_likewise(server: ExchangeServer) -> None:
    contracts = server.folder("Contracts", server.inbox.key)
    box = mailbox(server, folder="Inbox/Contracts")
    cursor = (await box.changes(None, NOON)).cursor
    del server.folders[contracts.key]
    with pytest.raises(Unavailable, match="there is no Contracts among –"):
        await box.changes(cursor, NOON)
    await box.close()


def test_the_identity_names_server_mailbox_and_folder_and_no_secret() -> None:
    options = Options(
        "Ops@B.example", url="https://Mail.b.example/EWS/Exchange.asmx", folder="INBOX/X", password="p4ss"
    )
    assert Exchange(options).identity == "ews:mail.b.example/ops@b.example/Inbox/X"
