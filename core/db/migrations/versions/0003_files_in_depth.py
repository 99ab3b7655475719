"""files in depth"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """What files, their processing and their followers need."""
    _wishes_up()


def downgrade() -> None:
    """As it was at 0002."""
    _wishes_down()


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
