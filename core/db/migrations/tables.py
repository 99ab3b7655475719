"""Every table of the program, gathered for Alembic: importing the stores fills the shared metadata."""

from core.alerts import cards_store
from core.alerts import store as alerts
from core.db.metadata import metadata
from core.files import following_store, orders_store, who_store
from core.files import store as files
from core.health import store as health
from core.letters import store as letters
from core.people import departures_store
from core.people import store as people
from core.requests import store as requests

STORES = (
    people,
    departures_store,
    alerts,
    cards_store,
    health,
    requests,
    files,
    orders_store,
    following_store,
    who_store,
    letters,
)

__all__ = ["STORES", "metadata"]
