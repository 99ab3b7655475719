"""What is seen, what changed, and when a new message begins."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from core.files.model import Change, FileState, Snapshot
from core.files.naming import decode_name, details, encode_name, is_below, join, lineage, parse_details, shown, split
from core.files.rules import (
    PACE,
    QUIET,
    Comparing,
    Filters,
    Sieve,
    apply,
    continues,
    forgotten,
    next_telling,
    pair_moves,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NAMES = st.sampled_from(["a", "b", "c", "d"])
STATES = st.builds(
    FileState,
    st.integers(0, 20),
    st.integers(0, 3),
    st.just(1),
    st.integers(1, 6),
    st.booleans(),
    ctime_ns=st.integers(0, 2),
    attributes=st.sampled_from([bytes(16), b"rw" * 8]),
)
FOLDERS = st.dictionaries(NAMES, STATES, max_size=4)
TREES = st.dictionaries(st.sampled_from(["", "x", "x/y"]), FOLDERS, max_size=3)
BOUNDS = st.builds(Comparing, st.none() | st.integers(0, 10), st.none() | st.integers(10, 20), st.booleans())
FILE_NAMES = st.binary(min_size=1, max_size=12).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
TEXTS = st.text(max_size=12)
Tree = dict[str, dict[str, FileState]]


def compare(comparing: Comparing, old: Tree, new: Tree) -> list[Change]:
    was, now = packed(old), packed(new)
    folders = sorted({*old, *new})
    changes = [change for each in folders for change in comparing.folder(each, was.get(each, {}), now.get(each, {}))]
    return pair_moves(changes, stable_inodes=comparing.stable_inodes, recognise_saves=comparing.recognise_saves)


def packed(tree: Tree) -> Snapshot:
    return {folder: {name: state.pack() for name, state in files.items()} for folder, files in tree.items() if files}


def unpacked(snapshot: Snapshot) -> Tree:
    return {
        folder: {name: FileState.unpack(state) for name, state in files.items()} for folder, files in snapshot.items()
    }


def without_told(tree: Tree) -> dict[str, dict[str, tuple[object, ...]]]:
    return {folder: {name: state[:4] for name, state in files.items()} for folder, files in tree.items() if files}


@given(TREES, TREES, BOUNDS)
def test_applying_the_changes_leads_to_what_was_found(old: Tree, new: Tree, comparing: Comparing) -> None:
    result = packed(old)
    apply(result, compare(comparing, old, new))
    assert without_told(unpacked(result)) == without_told(new)


@given(TREES, TREES, BOUNDS)
def test_a_second_look_finds_nothing(old: Tree, new: Tree, comparing: Comparing) -> None:
    result = packed(old)
    apply(result, compare(comparing, old, new))
    assert compare(comparing, unpacked(result), new) == []


@given(TREES, TREES)
def test_each_file_has_one_change_at_most(old: Tree, new: Tree) -> None:
    changes = compare(Comparing(), old, new)
    touched = [(change.folder, change.name) for change in changes]
    left = [change.came_from for change in changes if change.came_from]
    vacated = [change.came_from for change in changes if change.came_from and change.vacated]
    assert len(touched) == len(set(touched))
    assert len(left) == len(set(left))
    assert not {*vacated} & {*touched}


@given(TREES, TREES, st.randoms())
def test_the_order_and_the_size_of_batches_do_not_matter(old: Tree, new: Tree, random: Random) -> None:
    changes = compare(Comparing(), old, new)
    random.shuffle(changes)
    result = packed(old)
    for change in changes:
        apply(result, [change])
    assert without_told(unpacked(result)) == without_told(new)


@given(TREES, TREES, BOUNDS)
def test_only_what_was_told_is_told_to_be_deleted(old: Tree, new: Tree, comparing: Comparing) -> None:
    for change in compare(comparing, old, new):
        if change.kind in ("deleted", "modified", "moved"):
            assert change.before is not None
            assert change.before.told


@given(TREES, TREES)
def test_a_move_keeps_device_inode_size_and_time(old: Tree, new: Tree) -> None:
    for change in compare(Comparing(), old, new):
        if change.came_from is not None:
            assert change.before is not None
            assert change.after is not None
            assert change.before[:4] == change.after[:4]


def state(
    size: int = 5,
    mtime: int = 1,
    inode: int = 1,
    *,
    told: bool = True,
    ctime: int = 0,
    attributes: bytes = bytes(16),
) -> FileState:
    return FileState(size, mtime, 1, inode, told, ctime, attributes)


def kinds(comparing: Comparing, old: Tree, new: Tree) -> list[str | None]:
    return [change.kind for change in compare(comparing, old, new)]


def test_shares_without_stable_inodes_are_not_full_of_changes() -> None:
    old, new = {"": {"a": state(inode=1)}}, {"": {"a": state(inode=2)}}
    assert kinds(Comparing(stable_inodes=False), old, new) == [None]
    assert kinds(Comparing(stable_inodes=True), old, new) == ["modified"]


def test_a_move_on_a_share_without_stable_inodes_is_deleted_and_created() -> None:
    old, new = {"": {"a": state()}}, {"": {"b": state()}}
    assert sorted(map(str, kinds(Comparing(stable_inodes=False), old, new))) == ["created", "deleted"]


def test_of_two_links_to_one_file_one_may_move() -> None:
    old, new = {"": {"a": state()}}, {"": {"b": state(), "c": state()}}
    assert sorted(map(str, kinds(Comparing(), old, new))) == ["created", "moved"]


def test_files_without_an_inode_are_never_taken_for_moved() -> None:
    old, new = {"": {"a": state(inode=0)}}, {"": {"b": state(inode=0)}}
    assert sorted(map(str, kinds(Comparing(), old, new))) == ["created", "deleted"]


def test_a_file_that_grows_into_the_bounds_is_created() -> None:
    small = state(size=1, told=False)
    assert kinds(Comparing(min_size=3), {"": {"a": small}}, {"": {"a": state(size=5, mtime=2)}}) == ["created"]


def test_a_file_outside_the_bounds_goes_in_silence() -> None:
    assert kinds(Comparing(min_size=3), {"": {"a": state(size=1, told=False)}}, {}) == [None]


def found(comparing: Comparing, old: Tree, new: Tree) -> list[tuple[str | None, str, str | None]]:
    """Kind, name and, of a move, the old name."""
    changes = compare(comparing, old, new)
    return sorted((each.kind or "", each.name, each.came_from and each.came_from[1]) for each in changes)


def test_two_files_that_swap_their_names_are_two_moves() -> None:
    old, new = {"": {"a": state(inode=1), "b": state(inode=2)}}, {"": {"a": state(inode=2), "b": state(inode=1)}}
    assert found(Comparing(), old, new) == [("moved", "a", "b"), ("moved", "b", "a")]


def test_a_chain_of_renames_is_a_move_of_each() -> None:
    old = {"": {"log": state(inode=1), "log.1": state(inode=2), "log.2": state(inode=3)}}
    new = {"": {"log": state(inode=4), "log.1": state(inode=1), "log.2": state(inode=2)}}
    moves = [("created", "log", None), ("moved", "log.1", "log"), ("moved", "log.2", "log.1")]
    assert found(Comparing(), old, new) == moves


def test_a_file_moved_over_another_is_one_move() -> None:
    old, new = {"": {"a": state(inode=1), "b": state(inode=2)}}, {"": {"a": state(inode=2)}}
    assert found(Comparing(), old, new) == [("moved", "a", "b")]


def test_a_rewrite_with_the_time_set_back_shows_in_ctime() -> None:
    old, new = {"": {"a": state(ctime=1)}}, {"": {"a": state(ctime=2)}}
    assert kinds(Comparing(), old, new) == ["modified"]
    assert kinds(Comparing(stable_inodes=False), old, new) == [None]


def test_other_rights_or_links_are_no_change_of_a_file() -> None:
    old, new = {"": {"a": state(ctime=1)}}, {"": {"a": state(ctime=2, attributes=b"rw" * 8)}}
    assert kinds(Comparing(), old, new) == [None]


def test_a_state_without_ctime_is_taken_on_trust() -> None:
    assert kinds(Comparing(), {"": {"a": state(ctime=0)}}, {"": {"a": state(ctime=2)}}) == [None]


@given(STATES)
def test_a_state_survives_packing(each: FileState) -> None:
    assert FileState.unpack(each.pack()) == each


def sieve(**values: object) -> Sieve:
    return Sieve(Filters(**values))  # type: ignore[arg-type]  # a test's own words


def test_patterns_speak_of_the_name_or_of_the_path_under_the_root() -> None:
    assert sieve(include=("*.docx",)).sees("a/b", "x.docx")
    assert sieve(include=("a/*.docx",)).sees("a", "x.docx")
    assert not sieve(include=("a/*.docx",)).sees("b", "x.docx")
    assert not sieve(include=("*.docx",)).sees("a", "x.txt")


def test_an_excluded_folder_hides_what_is_below() -> None:
    for pattern in ("drafts", "a/drafts", "a/drafts*"):
        assert not sieve(exclude=(pattern,)).sees("a/drafts/deep", "x")
    assert sieve(exclude=("drafts",)).sees("a", "x")


def test_an_include_does_not_open_an_excluded_folder() -> None:
    assert not sieve(include=("*",), exclude=("drafts",)).sees("drafts", "x")


def test_hidden_names_are_ignored_when_asked() -> None:
    assert not sieve(ignore_hidden=True).sees("a", ".x")
    assert not sieve(ignore_hidden=True).sees(".a/b", "x")
    assert sieve().sees(".a", ".x")


def test_without_recursion_only_the_root_is_seen() -> None:
    assert sieve(recursive=False).sees("", "x")
    assert not sieve(recursive=False).sees("a", "x")


def test_windows_patterns_ignore_case_and_take_its_separators() -> None:
    windows = Sieve(Filters(include=("Sub\\*.DOCX",)), ignore_case=True)
    assert windows.sees("sub", "a.docx")


def test_filters_survive_json() -> None:
    filters = Filters(("*.a",), ("b",), recursive=False, ignore_hidden=True)
    assert Filters.from_dict(filters.as_dict()) == filters


def test_what_the_filters_no_longer_see_is_forgotten_in_silence() -> None:
    snapshot = packed({"": {"a.txt": state(), "b.docx": state(inode=2)}})
    assert [(each.kind, each.name) for each in forgotten(snapshot, sieve(include=("*.docx",)))] == [(None, "a.txt")]


@given(FILE_NAMES)
def test_any_name_survives_the_snapshot(name: str) -> None:
    coded = encode_name(name)
    coded.encode()
    assert decode_name(coded) == name


@given(st.text(st.characters(), min_size=1, max_size=8))
def test_half_characters_of_windows_survive_the_snapshot(name: str) -> None:
    name = "\ud800" + name
    assert decode_name(encode_name(name)) == name


@given(FILE_NAMES, st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=3), st.booleans())
def test_details_can_be_read_back(root: str, metadata: dict[str, str], scan: bool) -> None:
    metadata = {key: value for key, value in metadata.items() if key not in ("watched_root", "old_path", "source")}
    text = details(root, metadata, old_path="/old; 100%", scan=scan)
    source = {"source": "scan"} if scan else {}
    assert parse_details(text) == {"watched_root": root, "old_path": "/old; 100%", **source, **metadata}


def test_details_stand_in_the_order_of_the_contract() -> None:
    text = details("/srv/a;b", {"department": "sales"}, old_path="/srv/a;b/100%", scan=True)
    assert text == "watched_root=/srv/a%3Bb; old_path=/srv/a%3Bb/100%25; source=scan; department=sales"


def test_undecodable_bytes_are_shown_by_their_numbers() -> None:
    assert shown("100%\udcff.txt") == "100%%FF.txt"


@given(st.lists(st.sampled_from(["a", "b", "cc"]), max_size=4))
def test_the_lineage_of_a_folder_ends_with_itself(parts: list[str]) -> None:
    folder = "/".join(parts)
    assert list(lineage(folder)) == ["/".join(parts[: n + 1]) for n in range(len(parts))]
    assert all(is_below(folder, each) for each in lineage(folder))
    assert join(*split(folder)) == folder


def test_a_message_lasts_until_it_has_been_quiet() -> None:
    assert continues(NOON, NOON + QUIET - timedelta(seconds=1))
    assert not continues(NOON, NOON + QUIET)


@given(st.lists(st.floats(0, 10), max_size=50))
def test_a_message_is_brought_up_to_date_at_its_pace_and_after_the_last_change(gaps: list[float]) -> None:
    now = told = NOON
    for gap in gaps:
        now += timedelta(seconds=gap)
        at = next_telling(told, now)
        if at is not None:
            assert at - told >= PACE
            told = at
        assert now <= told <= now + PACE
