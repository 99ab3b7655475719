"""A file's life, followed through its renames."""

import pytest

from core.db.engine import Database
from core.files.lives import Life
from core.files.model import Change, EventType, FileState
from core.files.service import FilesService
from tests.files.recording import ROOT, Recorder


def sized(path: str, kind: EventType, size: int, came_from: str | None = None) -> Change:
    folder, _, name = path.rpartition("/")
    old_folder, _, old_name = (came_from or "").rpartition("/")
    state = FileState(size, size, 1, 1)
    after = None if kind == "deleted" else state
    return Change(kind, folder, name, state, after, (old_folder, old_name) if came_from else None)


@pytest.fixture
async def record(db: Database, service: FilesService) -> Recorder:
    record = Recorder(db, service)
    for change in (
        sized("draft.docx", "created", 10),
        sized("other.docx", "created", 1),
        sized("draft.docx", "modified", 25),
        sized("archive/contract.docx", "moved", 25, "draft.docx"),
        sized("draft.docx", "created", 7),
        sized("archive/contract.docx", "modified", 20),
        sized("archive/contract.docx", "deleted", 20),
        sized("archive/contract.docx", "created", 3),
    ):
        await record(change)
    return record


async def life(record: Recorder, path: str, at: int | None = None) -> Life:
    async with record.db.reading() as connection:
        found = await record.service.life(connection, "documents", path, at=at)
    assert found is not None
    return found


def told(life: Life) -> list[tuple[str, str, int | None]]:
    return [(step.event.event_type, step.path, step.grown) for step in life.steps]


async def test_a_life_goes_back_and_forward_through_a_rename(record: Recorder) -> None:
    whole = [
        ("created", "draft.docx", None),
        ("modified", "draft.docx", 15),
        ("moved", "archive/contract.docx", 0),
        ("modified", "archive/contract.docx", -5),
        ("deleted", "archive/contract.docx", None),
    ]
    for path, at in (("archive/contract.docx", 7), ("archive/contract.docx", 4), ("draft.docx", 1), ("draft.docx", 4)):
        found = await life(record, path, at)
        assert told(found) == whole
        assert (found.path, found.complete) == ("archive/contract.docx", True)


async def test_the_latest_file_of_a_path_is_meant(record: Recorder) -> None:
    assert told(await life(record, ROOT + "/archive/contract.docx")) == [("created", "archive/contract.docx", None)]
    assert told(await life(record, "draft.docx")) == [("created", "draft.docx", None)]


async def test_a_life_that_began_before_the_history_is_not_whole(record: Recorder) -> None:
    await record(sized("found.docx", "modified", 5))
    assert not (await life(record, "found.docx")).complete


async def test_of_an_unknown_file_nothing_is_known(record: Recorder) -> None:
    async with record.db.reading() as connection:
        assert await record.service.life(connection, "documents", "nowhere") is None
        assert await record.service.life(connection, "elsewhere", "draft.docx") is None
