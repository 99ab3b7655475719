"""Run by Alembic: migrates over the connection handed in by `core.db.migrations.upgrade`."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from core.db.metadata import Moment
from core.db.migrations.tables import metadata


def render_item(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types into a revision as what they are in the database."""
    return "sa.String(length=32)" if kind == "type" and isinstance(item, Moment) else False


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """All but the search index of files, which only one database or the other knows (revision 0003)."""
    return not (kind in ("table", "index") and (name or "").startswith(("file_search", "ix_file_paths_folded")))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
    include_name=include_name,
)
with context.begin_transaction():
    context.run_migrations()
