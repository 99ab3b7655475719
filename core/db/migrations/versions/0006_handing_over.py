"""handing over: who is responsible for a request, and who took over from people who left"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Departures; of each request whoever made it is responsible."""
    identifier = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "departures",
        sa.Column("id", identifier, nullable=False),
        sa.Column("person_id", identifier, nullable=False),
        sa.Column("heir_id", identifier, nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("by_id", identifier, nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("handed", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_departures_person_id")),
        sa.ForeignKeyConstraint(["heir_id"], ["people.id"], name=op.f("fk_departures_heir_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departures")),
    )
    op.create_index("ix_departures_person_id", "departures", ["person_id"], unique=False)
    op.add_column("requests", sa.Column("responsible_id", identifier, nullable=True))
    op.execute(
        "UPDATE requests SET responsible_id = (SELECT max(actor_id) FROM request_history"
        " WHERE request_id = requests.id AND kind = 'created')"
    )
    op.create_index("ix_requests_responsible_id", "requests", ["responsible_id"], unique=False)


def downgrade() -> None:
    """As it was at 0005."""
    op.drop_index("ix_requests_responsible_id", "requests")
    op.drop_column("requests", "responsible_id")
    op.drop_table("departures")
