"""The tables of files.

`file_events` is the contract's history. `file_states` is the snapshot, the truth a look is compared with: names are
kept in the coding of `core.files.rules.encode_name`, which any file name survives. `file_watches` is where a watch
stands, `file_bursts` the changes told by one message, `file_checksums` the queue of files to be read once settled.
"""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, String, Table, Text
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
    Column("folded_path", Text, nullable=False),  # below the root, with the old one of a move: for searching
    Column("folded_name", Text, nullable=False),
    Index("ix_file_events_event_time", "event_time"),
    Index("ix_file_events_path", "path"),
    Index("ix_file_events_project_id", "project", "id"),
    Index("ix_file_events_watch_id", "watch", "id"),
    sqlite_autoincrement=True,  # an id never comes back, even when everything was pruned
)

file_watches = Table(
    "file_watches",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("root", Text, nullable=False),
    Column("device", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),  # grows with every change of the snapshot
    Column("filters", JSON, nullable=False),  # with which the snapshot was taken
    Column("first_seen_at", Moment),  # when the first snapshot was complete
    Column("scanned_at", Moment),  # the last complete comparison
    Column("away_since", Moment),
    Column("backend", String(16), nullable=False, server_default=""),
)

file_states = Table(
    "file_states",
    metadata,
    Column("watch", String(64), primary_key=True),
    Column("folder", PathText, primary_key=True),  # below the root, '/' between, '' for the root itself
    Column("name", PathText, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("device", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),
    Column("told", Boolean, nullable=False),  # it has been within the size bounds
    sqlite_with_rowid=False,
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
    Column("watch", String(64), nullable=False),
    Column("folder", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("due_at", Moment, nullable=False),
    Index("ix_file_checksums_watch_due_at", "watch", "due_at"),
)

file_queries = Table(
    "file_queries",
    metadata,
    Column("id", Identifier, primary_key=True),
    Column("words", Text, nullable=False, unique=True),  # as the person wrote them; a button carries the id
    Column("asked_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
