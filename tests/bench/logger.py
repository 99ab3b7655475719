"""What we are measured against: watchdog, with one SQLite commit an event. `python -m tests.bench.logger FOLDER DB`.

It keeps what we keep: the contract's row with its indexes and, in the same transaction, the state of the file.
"""

import os
import sqlite3
import sys
import threading
from datetime import UTC, datetime

from watchdog.events import DirModifiedEvent, FileClosedEvent, FileOpenedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

TABLES = """
CREATE TABLE file_events (id INTEGER PRIMARY KEY AUTOINCREMENT, event_time TEXT, event_type TEXT, path TEXT,
    project TEXT, username TEXT, file_size INTEGER, checksum TEXT, details TEXT);
CREATE INDEX ix_time ON file_events (event_time);
CREATE INDEX ix_path ON file_events (path);
CREATE INDEX ix_project ON file_events (project, id);
CREATE TABLE file_states (path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, inode INTEGER) WITHOUT ROWID;
"""
EVENT = (
    "INSERT INTO file_events (event_time, event_type, path, project, username, file_size, details)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)


class Log(FileSystemEventHandler):
    """A row for every event of a file; opening, closing and the folders' own changes are nobody's history."""

    def __init__(self, root: str, path: str) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + TABLES)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Write it down."""
        if isinstance(event, FileOpenedEvent | FileClosedEvent | DirModifiedEvent):
            return
        path, old = str(event.dest_path or event.src_path), str(event.src_path)
        try:
            found = os.stat(path)  # noqa: PTH116  as quick as it can be
        except OSError:
            found = None
        details = f"watched_root={self._root}" + (f"; old_path={old}" if event.dest_path else "")
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        with self._lock:
            self._db.execute(EVENT, (at, event.event_type, path, "CRM", "", found and found.st_size, details))
            if found is None or event.dest_path:
                self._db.execute("DELETE FROM file_states WHERE path = ?", (old,))
            if found is not None:
                state = (path, found.st_size, found.st_mtime_ns, found.st_ino)
                self._db.execute("INSERT OR REPLACE INTO file_states VALUES (?, ?, ?, ?)", state)
            self._db.commit()


def main(folder: str, database: str) -> None:
    """Log until killed."""
    observer = Observer()
    observer.schedule(Log(folder, database), folder, recursive=True)
    observer.start()
    print("ready", flush=True)
    observer.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
