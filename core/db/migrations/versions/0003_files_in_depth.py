"""files in depth"""

from collections.abc import Sequence

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """What files, their processing and their followers need."""


def downgrade() -> None:
    """As it was at 0002."""
