"""Changes recorded by hand, as the watch of a folder records them."""

from pathlib import Path
from typing import Any

from core.db.engine import Database
from core.files import store
from core.files.model import Change, EventType, FileState, Query, WatchSettings
from core.files.service import FilesService

ROOT = "/srv/documents"
WATCH = WatchSettings(
    "documents", Path(ROOT), project="CRM", username="team-a", compute_checksum=True, metadata={"department": "sales"}
)
STATE = FileState(5, 1, 1, 1)


class Recorder:
    """Records changes as the watch does, a transaction each time."""

    def __init__(self, db: Database, service: FilesService, watch: WatchSettings = WATCH) -> None:
        self.db, self.service, self.watch = db, service, watch
        self.revision = -1

    async def __call__(self, *changes: Change, scan: bool = False) -> None:
        async with self.db.transaction() as tx:
            if self.revision < 0:
                self.revision = (await self.service.open_watch(tx, self.watch, ROOT, 1)).revision
            self.revision = await self.service.record(tx, self.watch, ROOT, changes, revision=self.revision, scan=scan)

    async def find(self, **query: Any) -> list[str]:
        async with self.db.reading() as connection:
            found = await store.find_events(connection, Query(**query))
        return [event.path.removeprefix(ROOT + "/") for event in found]


def change(path: str, kind: EventType | None = "created", came_from: tuple[str, str] | None = None) -> Change:
    folder, _, name = path.rpartition("/")
    before = None if kind == "created" else STATE
    return Change(kind, folder, name, before, None if kind == "deleted" else STATE, came_from)
