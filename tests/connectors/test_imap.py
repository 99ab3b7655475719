"""The IMAP connector against a real Dovecot."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Literal, TypeVar

import pytest
from imap_tools import BaseMailBox, MailBoxUnencrypted

from core.errors import AuthFailed, Rejected, Unavailable
from core.letters.mime import parse_letter
from jobs.connectors.imap.account import ImapAccount
from jobs.connectors.imap.client import Imap
from jobs.letters.mailbox import Mailbox, RawLetter, Unreadable
from tests.connectors.dovecot import NATIVE, PASSWORD, Dovecot, running_dovecot, write_certificate
from tests.connectors.imap_letters import Sample, thousand_letters
from tests.connectors.imap_servers import cutting_proxy

T = TypeVar("T")
_USERS = count(1)
START = 1_795_000_000
"""Seconds since 1970 at which a test's first letter is delivered."""
LONG_AGO = datetime.fromtimestamp(START, UTC) - timedelta(days=2)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def letters() -> list[Sample]:
    return thousand_letters()


@pytest.fixture
def user() -> str:
    """A mailbox of the test's own."""
    return f"user{next(_USERS)}"


@pytest.fixture
def account(dovecot: Dovecot, user: str) -> ImapAccount:
    dovecot.maildir(user)
    dovecot.own(user)
    return ImapAccount("localhost", user, PASSWORD, port=dovecot.port, tls="none", timeout=5)


@asynccontextmanager
async def opened(account: ImapAccount) -> AsyncIterator[Imap]:
    box = Imap(account)
    try:
        yield box
    finally:
        await box.close()


def letter(number: int, text: str = "x") -> bytes:
    return f"Message-ID: <{number}@x>\nSubject: {number}\n\n{text}\n".encode()


def some(count: int, start: int = 0, text: str = "x") -> dict[str, bytes]:
    return {f"{number:06}.host": letter(number, text) for number in range(start, start + count)}


def subjects(found: list[RawLetter | Unreadable]) -> list[str]:
    return [parse_letter(each.data, each.received_at).subject for each in found if isinstance(each, RawLetter)]


async def all_subjects(box: Imap, cursor: str | None = None) -> list[str]:
    return subjects(await box.read([entry.key for entry in (await box.changes(cursor, LONG_AGO)).entries]))


def managed(dovecot: Dovecot, user: str, work: Callable[[BaseMailBox], T]) -> T:
    """What another mail program does meanwhile. Blocking."""
    with MailBoxUnencrypted("localhost", dovecot.port, timeout=5).login(user, PASSWORD) as box:
        return work(box)


def made_anew(box: BaseMailBox) -> None:
    box.folder.delete("INBOX.Contracts")
    box.folder.create("INBOX.Contracts")


@pytest.mark.timeout(60)  # starts Dovecot and writes the letters too
async def test_a_thousand_mixed_letters_are_listed_in_order_and_read(
    dovecot: Dovecot, account: ImapAccount, user: str, letters: list[Sample]
) -> None:
    dovecot.put(user, {each.name: each.data for each in letters}, at=START)
    async with opened(account) as box:
        listed = time.perf_counter()
        changes = await box.changes(None, LONG_AGO)
        read = time.perf_counter()
        found = await box.read([entry.key for entry in changes.entries])
        done = time.perf_counter()
    print(f"IMAP: 1,000 letters listed in {read - listed:.2f} s, read in {done - read:.2f} s")
    assert [entry.received_at for entry in changes.entries] == [
        datetime.fromtimestamp(START + at, UTC) for at in range(1000)
    ]
    parsed = [parse_letter(each.data, each.received_at) for each in found if isinstance(each, RawLetter)]
    assert [entry.sent_at for entry in changes.entries] == [each.sent_at for each in parsed]
    assert [str(each.number) in got.new_text for each, got in zip(letters, parsed, strict=True)] == [True] * 1000
    assert not [got.message_id for got in parsed if "9999" in got.new_text]


async def test_the_first_look_lists_the_newest_that_came_since(
    dovecot: Dovecot, account: ImapAccount, user: str
) -> None:
    dovecot.put(user, some(10), at=START)
    since = datetime.fromtimestamp(START + 2, UTC)
    async with opened(replace(account, max_messages=5)) as box:
        assert await all_subjects(box) == ["5", "6", "7", "8", "9"]
    async with opened(account) as box:
        changes = await box.changes(None, since)
        assert subjects(await box.read([each.key for each in changes.entries])) == [str(n) for n in range(2, 10)]


async def test_a_look_from_the_cursor_lists_what_came_after_it_and_nothing_twice(
    dovecot: Dovecot, account: ImapAccount, user: str
) -> None:
    dovecot.put(user, some(3), at=START)
    async with opened(account) as box:
        first = await box.changes(None, LONG_AGO)
        assert (await box.changes(first.cursor, LONG_AGO)).entries == ()
        dovecot.put(user, some(2, 3), at=START - 10**7)  # moved here, so with an old time of receipt
        second = await box.changes(first.cursor, LONG_AGO)
        assert subjects(await box.read([each.key for each in second.entries])) == ["3", "4"]
        assert (await box.changes(second.cursor, LONG_AGO)).entries == ()
    async with opened(account) as box:
        assert await box.changes(first.cursor, LONG_AGO) == second


async def test_a_cursor_of_an_empty_folder_does_not_bring_history_back(
    dovecot: Dovecot, account: ImapAccount, user: str
) -> None:
    dovecot.put(user, some(3), at=START - 10**7)
    async with opened(account) as box:
        cursor = (await box.changes(None, LONG_AGO)).cursor
        assert (await box.changes(cursor, LONG_AGO)).entries == ()


async def test_letters_that_are_gone_are_left_out(dovecot: Dovecot, account: ImapAccount, user: str) -> None:
    dovecot.put(user, some(3), at=START)
    async with opened(account) as box:
        keys = [each.key for each in (await box.changes(None, LONG_AGO)).entries]
        await asyncio.to_thread(managed, dovecot, user, lambda other: other.delete(keys[1].split(":")[1]))
        assert subjects(await box.read([*reversed(keys), "7:1", "a.eml"])) == ["2", "0"]


async def test_a_letter_that_is_too_large_is_not_fetched(dovecot: Dovecot, account: ImapAccount, user: str) -> None:
    dovecot.put(user, {"1": letter(1), "2": letter(2, "x" * 5000), "3": letter(3)}, at=START)
    async with opened(replace(account, largest=4000)) as box:
        keys = [each.key for each in (await box.changes(None, LONG_AGO)).entries]
        found = await box.read(keys)
    assert subjects(found) == ["1", "3"]
    assert isinstance(found[1], Unreadable)
    assert found[1].key == keys[1]
    assert isinstance(found[1].error, Rejected)


async def test_nothing_is_marked_as_seen(dovecot: Dovecot, account: ImapAccount, user: str) -> None:
    dovecot.put(user, some(3), at=START)
    async with opened(account) as box:
        assert len(await all_subjects(box)) == 3

    seen = await asyncio.to_thread(
        managed, dovecot, user, lambda other: [each.flags for each in other.fetch(mark_seen=False)]
    )
    assert seen == [("\\Recent",)] * 3


async def test_a_letter_that_comes_ends_the_waiting(dovecot: Dovecot, account: ImapAccount, user: str) -> None:
    dovecot.put(user, some(1), at=START)
    async with opened(account) as box:
        cursor = (await box.changes(None, LONG_AGO)).cursor
        asyncio.get_running_loop().call_later(0.1, lambda: dovecot.put(user, some(1, 1), at=START))
        async with asyncio.timeout(5):
            await box.wait(60)
        assert await all_subjects(box, cursor) == ["1"]


async def test_a_letter_that_comes_while_others_are_read_ends_the_waiting_at_once(
    dovecot: Dovecot, account: ImapAccount, user: str
) -> None:
    dovecot.put(user, some(1), at=START)
    async with opened(account) as box:
        changes = await box.changes(None, LONG_AGO)
        dovecot.put(user, some(1, 1), at=START)
        await box.read([each.key for each in changes.entries])
        async with asyncio.timeout(2):
            await box.wait(60)


async def test_the_waiting_ends_in_time_and_the_connection_serves_on(
    dovecot: Dovecot, account: ImapAccount, user: str
) -> None:
    dovecot.put(user, some(1), at=START)
    async with opened(account) as box:
        await box.changes(None, LONG_AGO)
        started = time.monotonic()
        await box.wait(0.3)
        assert 0.3 <= time.monotonic() - started < 2
        assert await all_subjects(box) == ["0"]


async def test_a_stop_while_waiting_does_not_hang_and_the_next_call_works(
    dovecot: Dovecot, account: ImapAccount, user: str
) -> None:
    dovecot.put(user, some(1), at=START)
    async with opened(account) as box:
        await box.changes(None, LONG_AGO)
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await box.wait(60)
        assert time.monotonic() - started < 1
        assert await all_subjects(box) == ["0"]


async def test_closing_ends_a_waiting_within_a_second(account: ImapAccount) -> None:
    async with opened(account) as box:
        await box.changes(None, LONG_AGO)
        waiting = asyncio.ensure_future(box.wait(60))
        await asyncio.sleep(0.1)
        started = time.monotonic()
        await box.close()
        assert time.monotonic() - started < 1
        waiting.cancel()


@pytest.mark.parametrize("budget", [1, 700, 3_000, 60_000, 200_000])
async def test_a_connection_cut_anywhere_loses_nothing_and_doubles_nothing(
    dovecot: Dovecot, account: ImapAccount, user: str, budget: int
) -> None:
    dovecot.put(user, some(60, text="x" * 4000), at=START)
    got: dict[str, str] = {}
    cursor: str | None = None
    failures = 0
    async with cutting_proxy(dovecot.port) as proxy, opened(replace(account, port=proxy.port)) as box:
        proxy.budget = budget
        for _ in range(3):
            try:
                changes = await box.changes(cursor, LONG_AGO)
                new = [each.key for each in changes.entries if each.key not in got]
                found = await box.read(new)
            except Unavailable:
                failures += 1
                continue
            for each in found:
                if isinstance(each, RawLetter):
                    assert each.key not in got
                    got[each.key] = subjects([each])[0]
                else:
                    assert isinstance(each.error, Unavailable)
                    failures += 1
            if len(found) == len(new) and all(isinstance(each, RawLetter) for each in found):
                cursor = changes.cursor
    assert proxy.cuts == 1
    assert failures
    assert list(got.values()) == [str(number) for number in range(60)]


async def test_what_was_read_before_the_cut_is_not_asked_for_again(
    dovecot: Dovecot, account: ImapAccount, user: str
) -> None:
    dovecot.put(user, some(250, text="x" * 300), at=START)
    async with cutting_proxy(dovecot.port) as proxy, opened(replace(account, port=proxy.port)) as box:
        keys = [each.key for each in (await box.changes(None, LONG_AGO)).entries]
        proxy.budget = 90_000  # the first hundred letters, and a part of the second
        found = await box.read(keys)
    assert [each.key for each in found] == keys
    assert subjects(found) == [str(number) for number in range(100)]
    assert all(isinstance(each.error, Unavailable) for each in found if isinstance(each, Unreadable))


async def test_a_folder_made_anew_voids_the_cursor(dovecot: Dovecot, account: ImapAccount, user: str) -> None:
    dovecot.put(user, some(5), name=".INBOX.Contracts", at=START)
    async with opened(replace(account, folder="Inbox/Contracts")) as box:
        old = await box.changes(None, LONG_AGO)
        await asyncio.to_thread(managed, dovecot, user, made_anew)
        dovecot.put(user, some(2, 7), name=".INBOX.Contracts", at=START)
        new = await box.changes(old.cursor, LONG_AGO)
        assert new.cursor != old.cursor
        assert subjects(await box.read([each.key for each in (*old.entries, *new.entries)])) == ["7", "8"]


async def test_a_kept_connection_that_died_is_replaced(dovecot: Dovecot, account: ImapAccount, user: str) -> None:
    dovecot.put(user, some(2), at=START)
    async with cutting_proxy(dovecot.port) as proxy, opened(replace(account, port=proxy.port)) as box:
        keys = [each.key for each in (await box.changes(None, LONG_AGO)).entries]
        proxy.budget = 1
        assert subjects(await box.read(keys)) == ["0", "1"]
        assert proxy.cuts == 1


async def test_a_connection_that_breaks_in_idle_is_replaced(dovecot: Dovecot, account: ImapAccount, user: str) -> None:
    dovecot.put(user, some(1), at=START)
    async with cutting_proxy(dovecot.port) as proxy, opened(replace(account, port=proxy.port)) as box:
        await box.changes(None, LONG_AGO)
        proxy.budget = 1
        await box.wait(0.2)
        assert proxy.cuts == 1
        assert await all_subjects(box) == ["0"]


async def test_a_wrong_password_stops_the_source_and_is_not_shown(account: ImapAccount, user: str) -> None:
    with pytest.raises(AuthFailed) as caught:
        await Imap(replace(account, password="hunter2")).changes(None, LONG_AGO)
    assert user in str(caught.value)
    assert "hunter2" not in str(caught.value)


async def test_a_password_may_be_written_in_any_alphabet(account: ImapAccount) -> None:
    async with opened(replace(account, username=NATIVE[0], password=NATIVE[1])) as box:
        assert (await box.changes(None, LONG_AGO)).entries == ()


@pytest.mark.parametrize("folder", ["Inbox/Підряд/Звіти & акти", "INBOX.Підряд.Звіти & акти"])
async def test_a_folder_is_found_whatever_parts_its_levels(
    dovecot: Dovecot, account: ImapAccount, user: str, folder: str
) -> None:
    dovecot.put(user, some(1), name=".INBOX.&BB8EVgQ0BEAETwQ0-.&BBcEMgRWBEIEOA- &- &BDAEOgRCBDg-", at=START)
    async with opened(replace(account, folder=folder)) as box:
        assert await all_subjects(box) == ["0"]


async def test_a_missing_folder_is_told_with_those_that_are_there(
    dovecot: Dovecot, account: ImapAccount, user: str
) -> None:
    dovecot.put(user, {}, name=".&BB8EVgQ0BEAETwQ0-.2026")
    with pytest.raises(Unavailable, match=r"“Contracts”.*There are: INBOX, Підряд/2026"):
        await Imap(replace(account, folder="Contracts")).changes(None, LONG_AGO)


@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_letters_are_read_and_waited_for_over_tls(
    dovecot: Dovecot, account: ImapAccount, user: str, tls: Literal["tls", "starttls"]
) -> None:
    dovecot.put(user, some(2), at=START)
    port = dovecot.tls_port if tls == "tls" else dovecot.port
    async with opened(replace(account, tls=tls, port=port, ca_file=dovecot.ca_file)) as box:
        cursor = (await box.changes(None, LONG_AGO)).cursor
        asyncio.get_running_loop().call_later(0.1, lambda: dovecot.put(user, some(1, 2), at=START))
        async with asyncio.timeout(5):
            await box.wait(60)
        assert await all_subjects(box, cursor) == ["2"]


@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_a_certificate_nobody_vouches_for_is_refused(
    dovecot: Dovecot, account: ImapAccount, tmp_path: Path, tls: Literal["tls", "starttls"]
) -> None:
    port = dovecot.tls_port if tls == "tls" else dovecot.port
    for ca_file in (None, write_certificate(tmp_path)):
        with pytest.raises(Unavailable, match=r"certificate of the mail server localhost is not trusted"):
            await Imap(replace(account, tls=tls, port=port, ca_file=ca_file)).changes(None, LONG_AGO)


async def test_missing_certificates_are_named(account: ImapAccount, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"ca\.pem cannot be read: No such file"):
        await Imap(replace(account, tls="starttls", ca_file=tmp_path / "ca.pem")).changes(None, LONG_AGO)


async def test_calls_may_overlap(dovecot: Dovecot, account: ImapAccount, user: str) -> None:
    dovecot.put(user, some(3), at=START)
    async with opened(account) as box:
        await box.changes(None, LONG_AGO)
        waiting = asyncio.ensure_future(box.wait(0.4))
        await asyncio.sleep(0)
        assert list(await asyncio.gather(all_subjects(box), all_subjects(box))) == [["0", "1", "2"]] * 2
        await waiting


def test_it_is_a_mailbox_with_history_and_an_identity_without_secrets() -> None:
    box: Mailbox = Imap(ImapAccount("Mail.Firm.example", "ops@firm.example", "hunter2", folder="Inbox/Підряд"))
    assert box.has_history
    assert box.identity == "imap://ops%40firm.example@mail.firm.example:993/INBOX/Підряд"
    assert "hunter2" not in repr(ImapAccount("host", "ops", "hunter2", token=lambda: "hunter2"))
