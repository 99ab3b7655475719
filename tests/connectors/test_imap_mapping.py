from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.connectors.imap.mapping import (
    EPOCH,
    Fetched,
    Folder,
    Place,
    batches,
    entry,
    fetched,
    find_folder,
    received_since,
    uid_set,
    will_pass,
)

UIDS = st.lists(st.integers(1, 500), unique=True)


@given(UIDS)
def test_a_set_of_uids_names_each_of_them_once(uids: list[int]) -> None:
    named = [
        uid
        for part in filter(None, uid_set(uids).split(","))
        for uid in range(int(part.split(":")[0]), int(part.split(":")[-1]) + 1)
    ]
    assert named == sorted(uids)


@given(st.dictionaries(st.integers(1, 500), st.integers(0, 3000)), st.integers(1, 10), st.integers(1, 5000))
def test_batches_hold_every_letter_in_order_within_the_bounds(
    sizes: dict[int, int], most: int, most_bytes: int
) -> None:
    groups = list(batches(sizes, most=most, most_bytes=most_bytes))
    assert [uid for group in groups for uid in group] == list(sizes)
    assert all(
        len(group) == 1 or (len(group) <= most and sum(sizes[uid] for uid in group) <= most_bytes) for group in groups
    )


@given(st.binary())
def test_any_answer_can_be_looked_through(noise: bytes) -> None:
    list(fetched([(noise, noise), noise, None, b'1 (UID 5 INTERNALDATE "' + noise + b'")']))


@given(st.text())
def test_any_text_may_stand_for_a_place(text: str) -> None:
    place = Place.parse(text)
    assert place is None or Place.parse(str(place)) == place


def test_what_stands_before_and_after_a_literal_belongs_to_one_letter() -> None:
    answers = fetched(
        [
            (b"1 (BODY[HEADER.FIELDS (DATE)] {4}", b"\r\n\r\n"),
            b' UID 5 INTERNALDATE " 1-Nov-2026 10:00:00 +0200" RFC822.SIZE 77)',
            b"2 (FLAGS (\\Seen))",
            b"3 (UID 6)",
        ]
    )
    assert list(answers) == [
        Fetched(5, 77, datetime(2026, 11, 1, 8, tzinfo=UTC), b"\r\n\r\n"),
        Fetched(6, None, None, None),
    ]


def test_a_letter_says_itself_when_it_was_sent() -> None:
    found = entry(7, Fetched(5, None, EPOCH, b"Date: Fri, 20 Nov 2026 10:00:00 +0200\r\n\r\n"))
    assert (found.key, found.received_at, found.sent_at) == ("7:5", EPOCH, datetime(2026, 11, 20, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Inbox", "INBOX"),
        ("inbox/Contracts", "INBOX.Contracts"),
        ("INBOX.Contracts", "INBOX.Contracts"),
        ("a/b", "a/b"),
        ("contracts", None),
        ("INBOX", "INBOX"),
    ],
)
def test_a_folder_is_found_by_its_path_or_its_name(path: str, name: str | None) -> None:
    folders = [Folder("INBOX", "."), Folder("INBOX.Contracts", "."), Folder("a/b", "")]
    found = find_folder(folders, path)
    assert (found.name if found else None) == name


def test_a_day_before_is_searched_too_because_servers_count_days_in_zones_of_their_own() -> None:
    assert received_since(datetime(2026, 3, 1, 0, 30, tzinfo=UTC)) == "SINCE 28-Feb-2026"


@pytest.mark.parametrize(
    ("reason", "passing"),
    [("[UNAVAILABLE] Temporary", True), ("[inuse] x", True), ("[EXPIRED] password", False), ("LOGIN failed", False)],
)
def test_a_refused_login_may_be_for_now_only(reason: str, passing: bool) -> None:
    assert will_pass(reason) is passing
