"""A look compared with the snapshot; where it runs and what it is not sure of."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.files.model import FileState, Snapshot
from core.files.rules import Comparing, Filters, Sieve
from jobs.files.comparison import compare_all, compare_some, is_elsewhere, paths_under
from jobs.files.mounts import is_foreign, is_foreign_kind, kind_of, unseen_drive
from jobs.files.scanner import Found, Look, Scanner

STATE = FileState(5, 1, 1, 1).pack()
MOUNTS = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
35 21 0:30 / /mnt/share rw shared:2 - cifs //server/share rw
36 21 0:31 / /mnt/my\\040docs rw shared:3 - nfs4 server:/docs rw
37 35 8:2 / /mnt/share/local rw - ext4 /dev/sdb1 rw
"""


class Unsure(Scanner):
    """A scanner of a share that fails in places: `locked` folders, and single names that cannot be looked at."""

    def tree(self, start: str = "") -> Iterator[tuple[str, Look | None]]:
        yield "", Look(folders=["locked"], unsure=["hazy"])
        yield "locked", None

    def look_at(self, folder: str, name: str) -> Found:
        return "unsure"


@pytest.fixture
def unsure(folder: Path) -> Scanner:
    return Unsure(str(folder), Sieve(Filters()), follow_symlinks=False, ignore_hidden=False)


def test_what_cannot_be_read_keeps_what_was_known(unsure: Scanner) -> None:
    snapshot: Snapshot = {"": {"hazy": STATE, "gone": STATE}, "locked": {"a": STATE}, "locked/deep": {"b": STATE}}
    found = compare_all(unsure, Comparing(), snapshot)
    assert [(change.kind, change.name) for change in found.changes] == [("deleted", "gone")]


def test_a_hint_at_what_cannot_be_looked_at_changes_nothing(unsure: Scanner) -> None:
    snapshot: Snapshot = {"": {"hazy": STATE}, "locked": {"a": STATE}}
    assert compare_some(unsure, Comparing(), snapshot, {"hazy": False, "locked/a": False}).changes == []


def test_a_folder_where_no_known_file_is_may_be_another_one() -> None:
    snapshot: Snapshot = {"": {"a": STATE, "b": STATE}}
    changes = Comparing().folder("", snapshot[""], {})
    assert is_elsewhere(snapshot, changes)
    assert not is_elsewhere(snapshot, changes[:1])
    assert not is_elsewhere({}, [])


def test_hints_become_paths_under_the_root() -> None:
    hints = [(1, "/srv/docs/a/b"), (2, "/srv/docs/a/b"), (2, "/srv/docs"), (1, "/srv/docs2/c")]
    assert paths_under("/srv/docs", hints, 1) == {"a/b": True, "": True}
    assert paths_under("C:\\docs", [(2, "C:\\docs\\a\\b")], 1) == {"a/b": False}
    assert paths_under("/", [(2, "/a")], 1) == {"a": False}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv", "ext4"),
        ("/mnt/share/a", "cifs"),
        ("/mnt/share/local/a", "ext4"),
        ("/mnt/my docs", "nfs4"),
        ("/mnt/shared", "ext4"),
    ],
)
def test_the_nearest_mount_says_what_a_folder_lies_on(path: str, kind: str) -> None:
    assert kind_of(path, MOUNTS) == kind


def test_a_folder_of_this_machine_is_not_foreign(folder: Path) -> None:
    assert not is_foreign(str(folder))


@pytest.mark.parametrize(
    ("path", "instead"),
    [
        ("C:\\docs", None),
        ("Z:\\docs\\a", "\\\\server\\share\\docs\\a"),
        ("z:\\", "\\\\server\\share\\"),
        ("Y:\\docs", ""),
        ("\\\\server\\share", None),
    ],
)
def test_a_drive_that_this_account_cannot_see_is_refused_with_what_to_write(path: str, instead: str | None) -> None:
    assert unseen_drive(path, {"C:", "D:"}, {"Z:": "\\\\server\\share"}) == instead


@pytest.mark.parametrize("kind", ["cifs", "smb3", "nfs", "nfs4", "9p", "fuse.sshfs", "fuseblk", "drvfs", "virtiofs"])
def test_what_the_kernel_does_not_report_on_is_polled(kind: str) -> None:
    assert is_foreign_kind(kind)


@pytest.mark.parametrize("kind", ["ext4", "btrfs", "xfs", "tmpfs", "overlay", "zfs", ""])
def test_what_the_kernel_reports_on_is_followed(kind: str) -> None:
    assert not is_foreign_kind(kind)
