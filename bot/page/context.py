"""What every part of the page is handed: the database it reads, how it speaks, who may look."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiohttp import web
from jinja2 import Environment

from bot.page.assets import Assets
from bot.page.live import Feed
from core.clock import Clock
from core.db.engine import Database
from core.requests.model import Workflow


@dataclass(frozen=True, slots=True)
class Page:
    """One page and what it knows. A request is late when it was silent for `late_after`; `mailboxes` are configured."""

    db: Database
    clock: Clock
    language: str
    timezone: str
    version: str
    late_after: timedelta
    mailboxes: tuple[str, ...]
    workflow: Workflow
    templates: Environment
    assets: Assets
    feed: Feed

    @property
    def open_codes(self) -> tuple[str, ...]:
        """The statuses that are not final. Named in a query for late requests, they lead it to the index."""
        return tuple(status.code for status in self.workflow.statuses if not status.final)


PAGE: Final = web.AppKey("page", Page)
