"""letters in depth"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_attachments")),
    )
    op.create_table(
        "contractors",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("working_hours", sa.String(length=16), server_default="", nullable=False),
        sa.Column("working_days", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("archived_at", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contractors")),
        sa.UniqueConstraint("folded", name=op.f("uq_contractors_folded")),
    )
    op.create_table(
        "ignored_senders",
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("ignored_by", sa.Text(), nullable=False),
        sa.Column("ignored_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("sender", name=op.f("pk_ignored_senders")),
    )
    op.create_table(
        "mailboxes",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("started_at", sa.String(length=32), nullable=False),
        sa.Column("synced_at", sa.String(length=32), nullable=True),
        sa.Column("history", sa.String(length=16), nullable=False),
        sa.Column("trusted_at", sa.String(length=32), nullable=True),
        sa.Column("confirmed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("corrected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("summary", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mailboxes")),
    )
    op.create_table(
        "contractor_addresses",
        sa.Column("pattern", sa.String(length=320), nullable=False),
        sa.Column("contractor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["contractor_id"], ["contractors.id"], name=op.f("fk_contractor_addresses_contractor_id")
        ),
        sa.PrimaryKeyConstraint("pattern", name=op.f("pk_contractor_addresses")),
    )
    with op.batch_alter_table("contractor_addresses", schema=None) as batch_op:
        batch_op.create_index("ix_contractor_addresses_contractor_id", ["contractor_id"], unique=False)

    op.create_table(
        "tickets",
        sa.Column("owner", sa.String(length=320), nullable=False),
        sa.Column("ticket", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("learned_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_tickets_request_id")),
        sa.PrimaryKeyConstraint("owner", "ticket", name=op.f("pk_tickets")),
    )
    op.create_table(
        "letter_attachments",
        sa.Column(
            "letter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("refused", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["digest"], ["attachments.digest"], name=op.f("fk_letter_attachments_digest")),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_letter_attachments_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "place", name=op.f("pk_letter_attachments")),
    )
    op.create_table(
        "letter_contents",
        sa.Column(
            "letter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_letter_contents_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_letter_contents")),
    )
    op.create_table(
        "letter_requests",
        sa.Column(
            "request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "letter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_letter_requests_letter_id")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_letter_requests_request_id")),
        sa.PrimaryKeyConstraint("request_id", "letter_id", name=op.f("pk_letter_requests")),
    )
    op.create_table(
        "outgoing_letters",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("letter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("thread", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("queued_at", sa.String(length=32), nullable=True),
        sa.Column("claimed_at", sa.String(length=32), nullable=True),
        sa.Column("sent_at", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name=op.f("fk_outgoing_letters_letter_id")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_outgoing_letters_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_letters")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outgoing_letters_message_id")),
    )
    with op.batch_alter_table("outgoing_letters", schema=None) as batch_op:
        batch_op.create_index("ix_outgoing_letters_request_id", ["request_id", "id"], unique=False)
        batch_op.create_index("ix_outgoing_letters_state", ["state", "source", "id"], unique=False)

    for table in ("letters", "requests"):
        _add_contractor(table)
    for column in ("reminded_at", "waiting_since"):
        op.add_column("letters", sa.Column(column, sa.String(length=32), nullable=True))
    op.add_column("letters", sa.Column("trace", sa.JSON(), nullable=True))
    op.create_index("ix_letters_request_id", "letters", ["request_id", "id"], unique=False)
    op.add_column("request_history", sa.Column("undone_at", sa.String(length=32), nullable=True))
    op.add_column("requests", sa.Column("commented_at", sa.String(length=32), nullable=True))


def _add_contractor(table: str) -> None:
    """In one statement: Alembic would rebuild a SQLite table for the reference, which the rows that point at it forbid."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    reference = f"CONSTRAINT fk_{table}_contractor_id REFERENCES contractors (id)"
    op.execute(f"ALTER TABLE {table} ADD COLUMN contractor_id {kind} {reference}")


def downgrade() -> None:
    op.drop_index("ix_letters_request_id", "letters")
    for table, column in (("requests", "commented_at"), ("request_history", "undone_at"), ("letters", "reminded_at")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
            if table != "request_history":
                batch_op.drop_column("contractor_id")
            if table == "letters":
                batch_op.drop_column("waiting_since")
                batch_op.drop_column("trace")

    with op.batch_alter_table("outgoing_letters", schema=None) as batch_op:
        batch_op.drop_index("ix_outgoing_letters_state")
        batch_op.drop_index("ix_outgoing_letters_request_id")

    op.drop_table("outgoing_letters")
    op.drop_table("letter_requests")
    op.drop_table("letter_contents")
    op.drop_table("letter_attachments")
    op.drop_table("tickets")
    with op.batch_alter_table("contractor_addresses", schema=None) as batch_op:
        batch_op.drop_index("ix_contractor_addresses_contractor_id")

    op.drop_table("contractor_addresses")
    op.drop_table("mailboxes")
    op.drop_table("ignored_senders")
    op.drop_table("contractors")
    op.drop_table("attachments")
