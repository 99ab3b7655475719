"""mail in time: a mailbox that is not read is known to be late"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Since when a mailbox was not read."""
    op.add_column("mailboxes", sa.Column("late_since", sa.String(length=32), nullable=True))


def downgrade() -> None:
    """As it was before."""
    op.drop_column("mailboxes", "late_since")
