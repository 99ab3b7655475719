"""The tables of files.

`file_events` is the contract's history. What is searched stands once for each different path, in `file_paths` (a path
below one of `file_roots`); `file_search`, made by a migration, is its index of three-letter pieces on SQLite.
`file_hours` counts the events of each hour, and between which ids they lie. `file_states` is the snapshot, the truth a
look is compared with: names are kept in the coding of `core.files.naming.encode_name`, which any file name survives.
`file_watches` is where a watch stands, `file_bursts` the changes told by one message, `file_checksums` the queue of
files to be read once settled; `file_gaps` the times in which a watch could follow nothing.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql

from core.db.metadata import Identifier, Moment, metadata

PathText = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Compared byte by byte on both databases, so that an index serves "everything below this folder"."""

file_events = Table(
    "file_events",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("event_time", Moment, nullable=False),
    Column("event_type", String(16), nullable=False),
    Column("path", PathText, nullable=False),
    Column("project", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("file_size", BigInteger),
    Column("checksum", Text),
    Column("details", Text, nullable=False),
    Column("watch", String(64), nullable=False),
    Column("host", Text, nullable=False, server_default=""),  # which machine noticed it
    Column("path_id", Identifier),  # in file_paths, by which events are searched
    Column("old_path_id", Identifier),  # of a move
    Column("changed_by", Text),  # who, by the audit log of the share; several in order, with commas
    Index("ix_file_events_event_time", "event_time"),
    Index("ix_file_events_project_id", "project", "id"),
    Index("ix_file_events_watch_id", "watch", "id"),
    Index("ix_file_events_path_id", "path_id"),
    Index(
        "ix_file_events_old_path_id",
        "old_path_id",
        sqlite_where=text("old_path_id IS NOT NULL"),
        postgresql_where=text("old_path_id IS NOT NULL"),
    ),
    sqlite_autoincrement=True,  # an id never comes back, even when everything was pruned
)

file_roots = Table(
    "file_roots",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("watch", String(64), nullable=False),
    Column("root", Text, nullable=False),
    UniqueConstraint("watch", "root"),
)

file_paths = Table(
    "file_paths",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("root_id", Identifier, nullable=False),
    Column("path", PathText, nullable=False),  # below the root, '/' between
    Column("folded", Text, nullable=False),  # as it is searched (core.files.naming.fold)
    Column("name_at", Integer, nullable=False),  # where the name begins in `folded`, from 1
    UniqueConstraint("root_id", "path"),
)

file_hours = Table(
    "file_hours",
    metadata,
    Column("watch", String(64), primary_key=True),
    Column("hour", String(13), primary_key=True),  # UTC, '2026-11-20T14'
    Column("project", Text, primary_key=True),
    Column("username", Text, primary_key=True),
    Column("event_type", String(16), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("first_id", Identifier, nullable=False),  # no event of the row lies outside of these two
    Column("last_id", Identifier, nullable=False),
    Index("ix_file_hours_username", "username"),
    sqlite_with_rowid=False,
)

file_marks = Table(
    "file_marks",
    metadata,
    Column("name", String(32), primary_key=True),  # what is remembered: the disk is short of room
    Column("at", Moment, nullable=False),
)

file_watches = Table(
    "file_watches",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("host", Text, nullable=False),  # several machines may watch into one database
    Column("root", Text, nullable=False),
    Column("device", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),  # grows with every change of the snapshot
    Column("filters", JSON, nullable=False),  # with which the snapshot was taken
    Column("first_seen_at", Moment),  # when the first snapshot was complete
    Column("scanned_at", Moment),  # the last complete comparison
    Column("away_since", Moment),
    Column("backend", String(16), nullable=False, server_default=""),
    Column("alive_at", Moment),  # the last sign that changes are followed
    Column("reason", String(16), nullable=False, server_default=""),  # why it is not the backend that was wanted
    UniqueConstraint("name", "host"),
)

file_states = Table(
    "file_states",
    metadata,
    Column("watch_id", Identifier, primary_key=True, autoincrement=False),
    Column("folder", PathText, primary_key=True),  # below the root, '/' between, '' for the root itself
    Column("name", PathText, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("device", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),
    Column("told", Boolean, nullable=False),  # it has been within the size bounds
    Column("ctime_ns", BigInteger, nullable=False, server_default="0"),
    Column("attributes", LargeBinary),  # mode, links, owner, group: what else moves ctime
    sqlite_with_rowid=False,
)

file_gaps = Table(
    "file_gaps",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("watch", String(64), nullable=False),
    Column("host", Text, nullable=False, server_default=""),
    Column("reason", String(16), nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Column("found", Integer, nullable=False),  # events found by the comparison that ended it
    Index("ix_file_gaps_watch_id", "watch", "id"),
)

file_bursts = Table(
    "file_bursts",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("watch", String(64), nullable=False),
    Column("first_event_id", Identifier, nullable=False),
    Column("last_event_id", Identifier, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("told_at", Moment, nullable=False),  # when its message is next brought up to date, or was last
    Column("created", Integer, nullable=False),
    Column("modified", Integer, nullable=False),
    Column("deleted", Integer, nullable=False),
    Column("moved", Integer, nullable=False),
    Index("ix_file_bursts_watch_id", "watch", "id"),
    sqlite_autoincrement=True,  # the message of a pruned burst is not edited by a later one
)

file_checksums = Table(
    "file_checksums",
    metadata,
    Column("event_id", Identifier, primary_key=True, autoincrement=False),
    Column("watch_id", Identifier, nullable=False),
    Column("folder", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("due_at", Moment, nullable=False),
    Index("ix_file_checksums_watch_id_due_at", "watch_id", "due_at"),
)

file_queries = Table(
    "file_queries",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("words", Text, nullable=False, unique=True),  # as the person wrote them; a button carries the id
    Column("asked_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)

processes = Table(
    "processes",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("host", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("about", JSON, nullable=False),  # what it is for, for showing it on other hosts
    Column("position", Identifier, nullable=False),  # the last event it has considered
    Column("scheduled_at", Moment),  # when its last scheduled run was due
    Column("next_at", Moment),
    Column("paused_at", Moment),
    Column("paused_by", Text, nullable=False, server_default=""),
    Column("failures", Integer, nullable=False, server_default="0"),  # told by the present message
    Column("failing_since", Moment),
    Column("told_run_id", Identifier),
    Column("told_at", Moment),
    Column("edited_at", Moment),
    Column("removed_at", Moment),  # it is configured no more
    UniqueConstraint("host", "name"),
    sqlite_autoincrement=True,  # an old button never means another process
)

process_runs = Table(
    "process_runs",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("process_id", Identifier, nullable=False),
    Column("state", String(16), nullable=False),
    Column("trigger", String(16), nullable=False),
    Column("event", String(16), nullable=False),  # '' for a run without a file
    Column("event_id", Identifier),
    Column("watch", Text, nullable=False),
    Column("path", PathText, nullable=False),
    Column("old_path", Text, nullable=False),
    Column("queued_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    Column("exit_code", Integer),
    Column("reason", String(16), nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("crashes", Integer, nullable=False, server_default="0"),
    Column("owner", Text, nullable=False, server_default=""),  # which assistant runs it
    Column("asked_by", Text, nullable=False, server_default=""),
    Column("output", Text, nullable=False, server_default=""),  # the end of it
    Column("output_size", BigInteger, nullable=False, server_default="0"),
    Index("ix_process_runs_process_id_state_due_at", "process_id", "state", "due_at"),
    Index("ix_process_runs_process_id_id", "process_id", "id"),
    Index("ix_process_runs_process_id_path", "process_id", "path"),
    sqlite_autoincrement=True,
)
