"""files in depth"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.db.migrations.file_storage import storage_down, storage_up

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """What files, their processing and their followers need."""
    storage_up()
    _wishes_up()
    _processing_up()
    _watching_up()  # after whatever makes file_watches and file_states anew
    _authors_up()


def downgrade() -> None:
    """As it was at 0002."""
    _authors_down()
    _watching_down()
    _processing_down()
    _wishes_down()
    storage_down()


def _wishes_up() -> None:
    """What people decide about watched folders, and what they follow."""
    identifier = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "file_orders",
        sa.Column("watch", sa.String(length=64), nullable=False),
        sa.Column("paused_at", sa.String(length=32), nullable=True),
        sa.Column("paused_by", sa.Text(), nullable=False),
        sa.Column("rescan_at", sa.String(length=32), nullable=True),
        sa.Column("asked_root", sa.Text(), nullable=False),
        sa.Column("asked_host", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.String(length=32), nullable=True),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("sampled", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("watch", name=op.f("pk_file_orders")),
    )
    op.create_table(
        "file_follows",
        sa.Column("id", identifier, nullable=False),
        sa.Column("chat_id", identifier, nullable=False),
        sa.Column("thread_id", identifier, nullable=False),
        sa.Column("person_id", identifier, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("digest_at", sa.String(length=5), nullable=True),
        sa.Column("due_at", sa.String(length=32), nullable=True),
        sa.Column("position", identifier, nullable=False),
        sa.Column("message", identifier, nullable=False),
        sa.Column("first_event_id", identifier, nullable=False),
        sa.Column("last_event_id", identifier, nullable=False),
        sa.Column("last_at", sa.String(length=32), nullable=True),
        sa.Column("told_at", sa.String(length=32), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_follows")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("uq_file_follows_chat_id"), "file_follows", ["chat_id", "thread_id", "words"], unique=True)


def _wishes_down() -> None:
    op.drop_table("file_follows")
    op.drop_table("file_orders")


def _processing_up() -> None:
    """What is done with changed files, and on a schedule."""
    identifier = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    path = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    op.create_table(
        "processes",
        sa.Column("id", identifier, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("position", identifier, nullable=False),
        sa.Column("scheduled_at", sa.String(length=32), nullable=True),
        sa.Column("next_at", sa.String(length=32), nullable=True),
        sa.Column("paused_at", sa.String(length=32), nullable=True),
        sa.Column("paused_by", sa.Text(), server_default="", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", sa.String(length=32), nullable=True),
        sa.Column("told_run_id", identifier, nullable=True),
        sa.Column("told_at", sa.String(length=32), nullable=True),
        sa.Column("edited_at", sa.String(length=32), nullable=True),
        sa.Column("removed_at", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processes")),
        sa.UniqueConstraint("host", "name", name=op.f("uq_processes_host_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "process_runs",
        sa.Column("id", identifier, nullable=False),
        sa.Column("process_id", identifier, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("trigger", sa.String(length=16), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("event_id", identifier, nullable=True),
        sa.Column("watch", sa.Text(), nullable=False),
        sa.Column("path", path, nullable=False),
        sa.Column("old_path", sa.Text(), nullable=False),
        sa.Column("queued_at", sa.String(length=32), nullable=False),
        sa.Column("due_at", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.String(length=32), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=16), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("crashes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_by", sa.Text(), server_default="", nullable=False),
        sa.Column("output", sa.Text(), server_default="", nullable=False),
        sa.Column("output_size", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_runs")),
        sqlite_autoincrement=True,
    )
    for columns in (["process_id", "state", "due_at"], ["process_id", "id"], ["process_id", "path"]):
        op.create_index(op.f(f"ix_process_runs_{'_'.join(columns)}"), "process_runs", columns, unique=False)


def _processing_down() -> None:
    op.drop_table("process_runs")
    op.drop_table("processes")


def _watching_up() -> None:
    """A file's ctime and attributes, why a watch is polled, and the gaps in what was followed."""
    identifier = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("file_watches", sa.Column("alive_at", sa.String(length=32), nullable=True))
    op.add_column("file_watches", sa.Column("reason", sa.String(length=16), server_default="", nullable=False))
    op.add_column("file_states", sa.Column("ctime_ns", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("file_states", sa.Column("attributes", sa.LargeBinary(), nullable=True))
    op.create_table(
        "file_gaps",
        sa.Column("id", identifier, nullable=False),
        sa.Column("watch", sa.String(length=64), nullable=False),
        sa.Column("host", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("began_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_gaps")),
    )
    op.create_index("ix_file_gaps_watch_id", "file_gaps", ["watch", "id"], unique=False)


def _watching_down() -> None:
    op.drop_table("file_gaps")
    op.drop_column("file_states", "attributes")
    op.drop_column("file_states", "ctime_ns")
    op.drop_column("file_watches", "reason")
    op.drop_column("file_watches", "alive_at")


def _authors_up() -> None:
    """Who changed a file, and what audit logs say of it."""
    identifier = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("file_events", sa.Column("changed_by", sa.Text(), nullable=True))
    op.create_table(
        "file_audits",
        sa.Column("watch", sa.String(length=64), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("position", sa.JSON(), nullable=False),
        sa.Column("read_at", sa.String(length=32), nullable=False),
        sa.Column("event_id", identifier, nullable=False),
        sa.Column("scanned_at", sa.String(length=32), nullable=True),
        sa.Column("scanned_before", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("watch", "host", name=op.f("pk_file_audits")),
    )
    op.create_table(
        "file_audit_entries",
        sa.Column("id", identifier, nullable=False),
        sa.Column("entry_key", sa.String(length=32), nullable=False),
        sa.Column("watch", sa.String(length=64), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("path_key", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("until", sa.String(length=32), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_audit_entries")),
        sa.UniqueConstraint("entry_key", name=op.f("uq_file_audit_entries_entry_key")),
    )
    op.create_index("ix_file_audit_entries_at", "file_audit_entries", ["at"])
    op.create_index("ix_file_audit_entries_watch_path_key", "file_audit_entries", ["watch", "path_key"])


def _authors_down() -> None:
    op.drop_table("file_audit_entries")
    op.drop_table("file_audits")
    op.drop_column("file_events", "changed_by")
