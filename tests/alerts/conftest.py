"""What the tests of alerts share: the service, and a courier that delivers to whatever line it is given."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.alerts.model import Destination, Route, Telling
from core.alerts.service import AlertsService
from tests.conftest import ManualClock

DUTY = Destination(-100500, 0)
Tell = Callable[..., Telling]


@pytest.fixture
def alerts(clock: ManualClock) -> AlertsService:
    return AlertsService(clock, (Route(DUTY, ("requests", "files")),))


def telling(dedup: str, **changes: object) -> Telling:
    values: dict[str, object] = {
        "kind": "request",
        "subject": "request:7",
        "dedup": dedup,
        "topic": "requests",
        "expires_after": timedelta(hours=1),
    }
    return Telling(**(values | changes))  # type: ignore[arg-type]  # the tests name Telling's own fields
