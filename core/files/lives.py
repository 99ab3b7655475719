"""A file's whole life: created, changed, renamed, deleted; followed through its renames, back and forward."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.files import paths
from core.files.finding import event_of
from core.files.model import FileEvent
from core.files.naming import below_root, is_absolute, shown
from core.files.tables import file_events, file_paths, file_roots

LONGEST: Final = 2000
"""Events followed in each direction."""
_PIECE: Final = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a file's life. `grown` is by how many bytes, None where it is not known or says nothing."""

    event: FileEvent
    path: str
    old_path: str | None
    grown: int | None


@dataclass(frozen=True, slots=True)
class Life:
    """The life of one file, oldest step first; `path` is its last one under the root.

    `complete`: it begins with its creation, as far as it was not too long to be followed.
    """

    watch: str
    path: str
    steps: tuple[Step, ...]
    complete: bool


class _Seen(NamedTuple):
    event: FileEvent
    path: str
    old_path: str | None


async def follow(
    connection: AsyncConnection, watch: str, path: str, *, at: int | None = None, host: str | None = None
) -> Life | None:
    """The life of the file that has, or had, that path (whole, or under the root); None when nothing is known.

    One path may have been several files: the one is meant that the event `at`, by default the latest, speaks of.
    `host` narrows to one machine where several watch folders of that name.
    """
    roots = list(await connection.execute(select(file_roots).where(file_roots.c.watch == watch)))
    if is_absolute(path):
        found = (below_root(row.root, shown(path)) for row in roots)
        path = next((below for below in found if below is not None), path)
    files = _Files(connection, [row.id for row in roots], host)
    anchor = await anext(files.back(shown(path), None if at is None else at + 1), None)
    if anchor is None:
        return None
    back, complete = await _back(files, anchor)
    forward = await _forward(files, anchor)
    seen = [*reversed(back), anchor, *forward]
    return Life(watch, seen[-1].path, tuple(_steps(seen)), complete)


async def _back(files: "_Files", anchor: _Seen) -> tuple[list[_Seen], bool]:
    """What came before, latest first, and whether its creation was reached."""
    found: list[_Seen] = []
    at = anchor
    while len(found) < LONGEST:
        if at.event.event_type == "created":
            return found, True
        name = at.old_path if at.event.event_type == "moved" and at.old_path is not None else at.path
        async for seen in files.back(name, at.event.id):
            if seen.path != name or seen.event.event_type == "deleted":
                return found, False  # it went from here: that was another file
            found.append(seen)
            at = seen
            if seen.event.event_type in ("created", "moved") or len(found) == LONGEST:
                break
        else:
            return found, False
    return found, False


async def _forward(files: "_Files", anchor: _Seen) -> list[_Seen]:
    """What came after, oldest first."""
    found: list[_Seen] = []
    at = anchor
    while at.event.event_type != "deleted" and len(found) < LONGEST:
        async for seen in files.forward(at.path, at.event.id):
            came_here = seen.path == at.path
            if came_here and seen.event.event_type in ("created", "moved"):
                return found  # another file took its place
            found.append(seen)
            if not came_here or seen.event.event_type == "deleted" or len(found) == LONGEST:
                at = seen
                break
        else:
            return found
    return found


def _steps(seen: list[_Seen]) -> Iterator[Step]:
    before: int | None = None
    for each in seen:
        size = each.event.file_size
        told = size is not None and before is not None and each.event.event_type != "deleted"
        yield Step(each.event, each.path, each.old_path, (size or 0) - (before or 0) if told else None)
        before = size


class _Files:
    """Reads the events that speak of a path, in pieces."""

    def __init__(self, connection: AsyncConnection, roots: list[int], host: str | None) -> None:
        self._connection = connection
        self._roots = roots
        self._host = host

    def back(self, path: str, before: int | None) -> AsyncIterator[_Seen]:
        """Those before that id, latest first."""
        return self._read(path, before, newest_first=True)

    def forward(self, path: str, after: int) -> AsyncIterator[_Seen]:
        """Those after that id, oldest first."""
        return self._read(path, after, newest_first=False)

    async def _read(self, path: str, start: int | None, *, newest_first: bool) -> AsyncIterator[_Seen]:
        event, new, old = file_events.c, file_paths.alias("new"), file_paths.alias("old")
        of_path = select(file_paths.c.id).where(
            paths.among(self._connection, file_paths.c.root_id, self._roots), file_paths.c.path == path
        )
        ids = list((await self._connection.execute(of_path)).scalars())
        tests: list[ColumnElement[bool]] = [or_(event.path_id.in_(ids), event.old_path_id.in_(ids))]
        if self._host is not None:
            tests.append(event.host == self._host)
        statement = (
            select(file_events, new.c.path.label("below"), old.c.path.label("old_below"))
            .join(new, new.c.id == event.path_id)
            .outerjoin(old, old.c.id == event.old_path_id)
            .where(*tests)
            .order_by(event.id.desc() if newest_first else event.id)
            .limit(_PIECE)
        )
        while ids:
            beyond = [] if start is None else [event.id < start if newest_first else event.id > start]
            rows = (await self._connection.execute(statement.where(*beyond))).all()
            for row in rows:
                yield _Seen(event_of(row), row.below, row.old_below)
            if len(rows) < _PIECE:
                return
            start = rows[-1].id
