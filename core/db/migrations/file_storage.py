"""Revision 0003, the history of files: paths of their own, counts by the hour, snapshots by machine.

What an older version wrote is brought along in pieces; what is searched is indexed later, while all runs.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT
from sqlalchemy.schema import SchemaItem

PIECE: Final = 2000
_IDENTIFIER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PATH: Final = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
_MOVED: Final = sa.text("old_path_id IS NOT NULL")
_SEARCH: Final = (
    "CREATE VIRTUAL TABLE file_search USING fts5"
    "(folded, content='file_paths', content_rowid='id', tokenize='trigram case_sensitive 1', detail=none)"
)
"""Without positions: a third of the size and of the writing; what it finds is compared with the path itself."""


def storage_up() -> None:
    """From a row with its path twice to a table of paths; the snapshot's tables know the machine."""
    _create_tables()
    op.add_column("file_events", sa.Column("host", sa.Text(), server_default="", nullable=False))
    op.add_column("file_events", sa.Column("path_id", _IDENTIFIER, nullable=True))
    op.add_column("file_events", sa.Column("old_path_id", _IDENTIFIER, nullable=True))
    _bring_events()
    op.drop_index("ix_file_events_path", "file_events")
    op.drop_column("file_events", "folded_path")
    op.drop_column("file_events", "folded_name")
    op.create_index("ix_file_events_path_id", "file_events", ["path_id"])
    op.create_index(
        "ix_file_events_old_path_id", "file_events", ["old_path_id"], sqlite_where=_MOVED, postgresql_where=_MOVED
    )
    _snapshots_up()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_SEARCH)
    else:
        _create_trigrams()


def storage_down() -> None:
    """The columns of 0002, filled again; snapshots of other machines are dropped."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE file_search")
    _snapshots_down()
    for name in ("folded_path", "folded_name"):
        op.add_column("file_events", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.execute(
        "UPDATE file_events SET folded_path = coalesce((SELECT p.folded FROM file_paths p"
        " WHERE p.id = file_events.path_id), '') || coalesce((SELECT chr(10) || p.folded FROM file_paths p"
        " WHERE p.id = file_events.old_path_id), ''), folded_name = coalesce((SELECT substr(p.folded, p.name_at)"
        " FROM file_paths p WHERE p.id = file_events.path_id), '')".replace(
            "chr(10)", "char(10)" if op.get_bind().dialect.name == "sqlite" else "chr(10)"
        )
    )
    op.create_index("ix_file_events_path", "file_events", ["path"])
    op.drop_index("ix_file_events_old_path_id", "file_events")
    op.drop_index("ix_file_events_path_id", "file_events")
    for name in ("host", "path_id", "old_path_id"):
        op.drop_column("file_events", name)
    for table in ("file_marks", "file_hours", "file_paths", "file_roots"):
        op.drop_table(table)


def _create_tables() -> None:
    op.create_table(
        "file_roots",
        sa.Column("id", _IDENTIFIER, nullable=False),
        sa.Column("watch", sa.String(length=64), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_roots")),
        sa.UniqueConstraint("watch", "root", name=op.f("uq_file_roots_watch_root")),
    )
    op.create_table(
        "file_paths",
        sa.Column("id", _IDENTIFIER, nullable=False),
        sa.Column("root_id", _IDENTIFIER, nullable=False),
        sa.Column("path", _PATH, nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("name_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_paths")),
        sa.UniqueConstraint("root_id", "path", name=op.f("uq_file_paths_root_id_path")),
    )
    op.create_table(
        "file_hours",
        sa.Column("watch", sa.String(length=64), nullable=False),
        sa.Column("hour", sa.String(length=13), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("event_type", sa.String(length=16), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("first_id", _IDENTIFIER, nullable=False),
        sa.Column("last_id", _IDENTIFIER, nullable=False),
        sa.PrimaryKeyConstraint("watch", "hour", "project", "username", "event_type", name=op.f("pk_file_hours")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_file_hours_username", "file_hours", ["username"])
    op.create_table(
        "file_marks",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_file_marks")),
    )


def _bring_events() -> None:
    bind = op.get_bind()
    bind.execute(
        sa.text(
            "INSERT INTO file_hours SELECT watch, substr(event_time, 1, 13), project, username, event_type, count(*),"
            " min(id), max(id) FROM file_events GROUP BY 1, 2, 3, 4, 5"
        )
    )
    known = _Known(bind)
    read = sa.text(
        "SELECT id, watch, path, details, folded_path FROM file_events WHERE id > :last ORDER BY id LIMIT :piece"
    )
    last = 0
    while rows := bind.execute(read, {"last": last, "piece": PIECE}).all():
        last = rows[-1].id
        bind.execute(
            sa.text("UPDATE file_events SET path_id = :path_id, old_path_id = :old_path_id WHERE id = :id"),
            [{"id": row.id, **known.ids_of(dict(row._mapping))} for row in rows],
        )


class _Known:
    """The roots and paths written so far."""

    def __init__(self, bind: sa.Connection) -> None:
        self._bind = bind
        self._roots: dict[tuple[str, str], int] = {}

    def ids_of(self, row: Mapping[str, Any]) -> dict[str, int | None]:
        details = dict(part.partition("=")[::2] for part in row["details"].split("; "))
        root = _decoded(details.get("watched_root", ""))
        folded = row["folded_path"].split("\n")
        old = details.get("old_path")
        root_id = self._root(row["watch"], root)
        return {
            "path_id": self._path(root_id, _below(root, row["path"]), folded[0]),
            "old_path_id": self._path(root_id, _below(root, _decoded(old)), folded[-1]) if old else None,
        }

    def _root(self, watch: str, root: str) -> int:
        if (watch, root) not in self._roots:
            statement = sa.text("INSERT INTO file_roots (watch, root) VALUES (:watch, :root) RETURNING id")
            made = self._bind.execute(statement, {"watch": watch, "root": root}).scalar_one()
            self._roots[watch, root] = int(made)
        return self._roots[watch, root]

    def _path(self, root_id: int, path: str, folded: str) -> int:
        values = {"root_id": root_id, "path": path}
        known = self._bind.execute(
            sa.text("SELECT id FROM file_paths WHERE root_id = :root_id AND path = :path"), values
        ).scalar()
        if known is None:
            known = self._bind.execute(
                sa.text(
                    "INSERT INTO file_paths (root_id, path, folded, name_at)"
                    " VALUES (:root_id, :path, :folded, :name_at) RETURNING id"
                ),
                {**values, "folded": folded, "name_at": folded.rfind("/") + 2},
            ).scalar_one()
        return int(known)


def _decoded(text: str) -> str:
    return text.replace("%3B", ";").replace("%25", "%")


def _below(root: str, path: str) -> str:
    below = path.removeprefix(root.rstrip("/\\"))[1:] if root else path
    return below.replace("\\", "/") if "\\" in root and not root.startswith("/") else below


def _create_trigrams() -> None:
    """The index of pieces needs an extension; without the right to create it, the paths are read through."""
    bind = op.get_bind()
    try:
        with bind.begin_nested():
            bind.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            bind.execute(sa.text("CREATE INDEX ix_file_paths_folded ON file_paths USING gin (folded gin_trgm_ops)"))
    except sa.exc.DBAPIError:
        pass  # searching stays right, and slower: docs/files.md says how an administrator adds it


_STATES: Final = ("folder", "name", "size", "mtime_ns", "device", "inode", "told")
_CHECKSUMS: Final = ("event_id", "folder", "name", "size", "mtime_ns", "due_at")
_WATCHES: Final = (
    "name",
    "root",
    "device",
    "revision",
    "filters",
    "first_seen_at",
    "scanned_at",
    "away_since",
    "backend",
)


def _snapshots_up() -> None:
    _rebuild("file_watches", _watch_columns(by_host=True), f"{_list(_WATCHES)}, host", f"{_list(_WATCHES)}, ''")
    watch_id = "(SELECT w.id FROM file_watches w WHERE w.name = watch)"
    owned = "watch IN (SELECT name FROM file_watches)"
    states, checksums = _list(_STATES), _list(_CHECKSUMS)
    _rebuild("file_states", _state_columns("watch_id"), f"watch_id, {states}", f"{watch_id}, {states}", owned)
    _rebuild(
        "file_checksums", _checksum_columns("watch_id"), f"watch_id, {checksums}", f"{watch_id}, {checksums}", owned
    )
    op.create_index("ix_file_checksums_watch_id_due_at", "file_checksums", ["watch_id", "due_at"])


def _snapshots_down() -> None:
    name = "(SELECT w.name FROM file_watches w WHERE w.id = watch_id)"
    owned = "watch_id IN (SELECT min(id) FROM file_watches GROUP BY name)"
    states, checksums = _list(_STATES), _list(_CHECKSUMS)
    _rebuild("file_states", _state_columns("watch"), f"watch, {states}", f"{name}, {states}", owned)
    _rebuild("file_checksums", _checksum_columns("watch"), f"watch, {checksums}", f"{name}, {checksums}", owned)
    op.create_index("ix_file_checksums_watch_due_at", "file_checksums", ["watch", "due_at"])
    first = "id IN (SELECT min(id) FROM file_watches GROUP BY name)"
    _rebuild("file_watches", _watch_columns(by_host=False), _list(_WATCHES), _list(_WATCHES), first)


def _rebuild(table: str, parts: Sequence[SchemaItem], into: str, out: str, where: str = "1 = 1") -> None:
    """Another key means another table: nobody points at these."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT pk_{table} TO pk_{table}_before")
    op.create_table(f"{table}_next", *parts, sqlite_with_rowid=table != "file_states")
    op.execute(f"INSERT INTO {table}_next ({into}) SELECT {out} FROM {table} WHERE {where}")  # noqa: S608  ours
    op.drop_table(table)
    op.rename_table(f"{table}_next", table)


def _list(columns: Sequence[str]) -> str:
    return ", ".join(columns)


def _owner(column: str) -> sa.Column[Any]:
    kind: sa.types.TypeEngine[Any] = _IDENTIFIER if column == "watch_id" else sa.String(length=64)
    return sa.Column(column, kind, autoincrement=False, nullable=False)


def _state_columns(owner: str) -> list[SchemaItem]:
    return [
        _owner(owner),
        sa.Column("folder", _PATH, nullable=False),
        sa.Column("name", _PATH, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(owner, "folder", "name", name=op.f("pk_file_states")),
    ]


def _checksum_columns(owner: str) -> list[SchemaItem]:
    return [
        sa.Column("event_id", _IDENTIFIER, autoincrement=False, nullable=False),
        _owner(owner),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_file_checksums")),
    ]


def _watch_columns(*, by_host: bool) -> list[SchemaItem]:
    keys: list[SchemaItem] = [
        sa.Column("id", _IDENTIFIER, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_watches")),
        sa.UniqueConstraint("name", "host", name=op.f("uq_file_watches_name_host")),
    ]
    return [
        *(keys if by_host else [sa.PrimaryKeyConstraint("name", name=op.f("pk_file_watches"))]),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("device", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("first_seen_at", sa.String(length=32), nullable=True),
        sa.Column("scanned_at", sa.String(length=32), nullable=True),
        sa.Column("away_since", sa.String(length=32), nullable=True),
        sa.Column("backend", sa.String(length=16), server_default="", nullable=False),
    ]
