"""Who changed a file: named only where the log says it, and says one thing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.files.model import EventType
from core.files.who import Action, AuditEntry, Noticed, condense, gap, who_changed

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def entry(
    seconds: float,
    who: str = "anna",
    action: Action = "wrote",
    path: str = "a",
    other: str | None = "",
    until: float = 0,
) -> AuditEntry:
    return AuditEntry(at(seconds), at(seconds + until), who, "10.0.0.7", action, path, other)


def change(kind: EventType = "modified", path: str = "a", old: str | None = None, since: float = -30) -> Noticed:
    return Noticed(1, NOON, kind, path, old, at(since))


def test_who_wrote_to_a_file_changed_it() -> None:
    assert who_changed(change(), [entry(-1)]) == ("anna",)


@pytest.mark.parametrize(
    ("kind", "path", "old", "action", "where", "other", "known"),
    [
        ("created", "a", None, "wrote", "a", "", True),
        ("created", "a", None, "came", "a", "", True),
        ("created", "f/a", None, "came", "f", "g", True),  # its folder was moved
        ("created", "a", None, "deleted", "a", "", False),
        ("modified", "a", None, "came", "a", "a.tmp", True),  # saved beside it and renamed
        ("modified", "a", None, "went", "a", "b", False),
        ("modified", "a", None, "wrote", "A", "", False),
        ("deleted", "a", None, "deleted", "a", "", True),
        ("deleted", "a", None, "went", "a", "b", True),
        ("deleted", "f/a", None, "went", "f", "", True),
        ("deleted", "a", None, "wrote", "a", "", False),
        ("moved", "b", "a", "came", "b", "a", True),
        ("moved", "b", "a", "went", "a", "b", True),
        ("moved", "b", "a", "went", "a", None, True),  # Windows does not say where to
        ("moved", "b", "a", "came", "b", "c", False),
        ("moved", "b", "a", "wrote", "b", "", False),
        ("moved", "g/x/a", "f/x/a", "came", "g", "f", True),
        ("moved", "g/x/b", "f/x/a", "came", "g", "f", False),
        ("moved", "g/a", "f/a", "went", "f", None, True),
    ],
)
def test_an_entry_speaks_of_a_change_that_it_explains(
    kind: EventType, path: str, old: str | None, action: Action, where: str, other: str | None, known: bool
) -> None:
    assert who_changed(change(kind, path, old), [entry(-1, "anna", action, where, other)]) == (
        ("anna",) if known else ()
    )


def test_what_came_before_the_last_change_or_after_the_notice_does_not_count() -> None:
    assert who_changed(change(since=-30), [entry(-30), entry(0.1)]) == ()


def test_several_people_are_named_in_their_order() -> None:
    assert who_changed(change(), [entry(-1, "petro"), entry(-9), entry(-8)]) == ("anna", "petro")
    assert who_changed(change(), [entry(-3), entry(-2, "petro"), entry(-1)]) == ("anna", "petro", "anna")


def test_people_whose_order_is_not_known_are_not_named() -> None:
    assert who_changed(change(), [entry(-2, until=0.99), entry(-2, "petro", until=0.99)]) == ()
    assert who_changed(change(), [entry(-2, until=0.99), entry(-1, "petro", until=0.99)]) == ("anna", "petro")


def test_too_many_people_are_nobody() -> None:
    assert who_changed(change(), [entry(-n, f"user{n}") for n in range(1, 7)]) == ()


def test_a_doubt_or_a_gap_means_not_known() -> None:
    assert who_changed(change(), [entry(-5), entry(-3, "")]) == ()
    assert who_changed(change(), [entry(-5), gap(at(-20), at(-10))]) == ()
    assert who_changed(change(), [entry(-5), entry(-3, "", path="b"), gap(at(-90), at(-60))]) == ("anna",)


def test_case_is_ignored_where_the_share_ignores_it() -> None:
    assert who_changed(change(path="Договір.docx"), [entry(-1, path="договір.DOCX")], ignore_case=True) == ("anna",)


def test_the_pieces_of_one_writing_are_put_together() -> None:
    pieces = [entry(n / 100) for n in range(250)] + [entry(0.5, "petro")]
    kept = condense(pieces)
    assert len(kept) == 4
    assert {each.who for each in kept if each.at <= at(0.5) <= each.until} == {"anna", "petro"}


ENTRIES = st.lists(
    st.builds(
        entry,
        st.integers(-40, 5),
        st.sampled_from(["anna", "petro", ""]),
        st.sampled_from(["wrote", "deleted", "came", "went"]),
        st.sampled_from(["a", "b", "f/a", "f"]),
        st.sampled_from(["a", "b", "f", "", None]),
    ),
    max_size=6,
)
CHANGES = st.one_of(
    st.builds(change, st.sampled_from(["created", "modified", "deleted"]), st.sampled_from(["a", "f/a"])),
    st.builds(change, st.just("moved"), st.sampled_from(["b", "f/a"]), st.just("a")),
)


@given(noticed=CHANGES, entries=ENTRIES)
def test_whoever_is_named_did_something_that_alone_explains_it(noticed: Noticed, entries: list[AuditEntry]) -> None:
    for who in who_changed(noticed, entries):
        own = [each for each in entries if each.who == who]
        assert any(who_changed(noticed, [each]) == (who,) for each in own)
        assert all(noticed.known_before < each.at <= noticed.at for each in own if who_changed(noticed, [each]))


@given(noticed=CHANGES, entries=ENTRIES)
def test_a_doubt_about_the_same_path_never_lets_a_name_through(noticed: Noticed, entries: list[AuditEntry]) -> None:
    explaining = [each for each in entries if who_changed(noticed, [each])]
    doubts = [AuditEntry(each.at, each.until, "", "", each.action, each.path, each.other) for each in explaining]
    assert who_changed(noticed, entries + doubts) == ()
