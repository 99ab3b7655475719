"""What programs get: the contract's keys and order, faults as JSON, metrics that Prometheus reads."""

import re
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.page.metrics import family
from bot.page.params import moment
from core.db.engine import Database
from tests.conftest import NOON, ManualClock
from tests.page.conftest import add_events, add_jobs, add_request, event_row, job

EVENT_KEYS = ["id", "event_time", "event_type", "path", "project", "username", "file_size", "checksum", "details"]
REQUEST_KEYS = [
    *("id", "request_number", "position_number", "title", "status"),
    *("comment", "comment_author", "created_at", "status_updated_at"),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "clean_postgres_url")
    return url


async def fetch(http: aiohttp.ClientSession, address: str, expected: int = 200, /, **params: str) -> Any:
    async with http.get(address, params=params, headers={"Accept-Language": "en"}) as answer:
        assert answer.status == expected, await answer.text()
        return await answer.json()


@pytest.mark.parametrize("path", ["/api/events", "/events"])
async def test_events_have_the_contracts_keys_newest_first(
    db: Database, url: str, http: aiohttp.ClientSession, path: str
) -> None:
    await add_events(db, event_row(1), event_row(2, file_size=None, checksum=None))

    found = await fetch(http, url + path)

    assert [list(event) for event in found] == [EVENT_KEYS, EVENT_KEYS]
    assert [event["id"] for event in found] == [2, 1]
    assert found[0]["event_time"] == "2026-11-20T12:02:00.000000+00:00"
    assert (found[0]["file_size"], found[1]["file_size"]) == (None, 2048)


async def test_events_are_filtered_by_every_parameter(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    await add_events(
        db,
        event_row(1, project="CRM", username="a", watch="one", path="/srv/A/x.docx"),
        event_row(2, project="Plans", username="b", watch="two", path="/srv/B/y.docx", event_type="deleted"),
        event_row(3, project="Plans", username="a", watch="two", path="/srv/B/z.xlsx"),
    )

    async def ids(**params: str) -> list[int]:
        return [event["id"] for event in await fetch(http, f"{url}/api/events", **params)]

    assert await ids(project="Plans") == [3, 2]
    assert await ids(username="a") == [3, 1]
    assert await ids(watch="one") == [1]
    assert await ids(type="deleted") == [2]
    assert await ids(path="/srv/B") == [3, 2]
    assert await ids(limit="1", offset="1") == [2]
    assert await ids(since="2026-11-20T14:02:00+02:00") == [3, 2]
    assert await ids(until="2026-11-20T12:02:00Z") == [1]


async def test_a_plus_that_arrives_as_a_blank_is_understood(
    db: Database, url: str, http: aiohttp.ClientSession
) -> None:
    await add_events(db, event_row(1), event_row(2))
    async with http.get(f"{url}/api/events?since=2026-11-20T14:02:00+02:00") as answer:
        assert [event["id"] for event in await answer.json()] == [2]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "1001"),
        ("limit", "ten"),
        ("limit", "１"),
        ("offset", "-1"),
        ("offset", "9" * 30),
        ("since", "yesterday"),
        ("since", "2026-11-20T14:00:00"),
        ("until", "0001-01-01T00:00:00+14:00"),
        ("type", "renamed"),
        ("project", "a\x00b"),
        ("path", "x" * 1001),
        ("projct", "CRM"),
    ],
)
async def test_a_wrong_parameter_is_refused_in_words(
    url: str, http: aiohttp.ClientSession, name: str, value: str
) -> None:
    fault = await fetch(http, f"{url}/api/events", 400, **{name: value})

    assert list(fault) == ["error"]
    assert name in fault["error"]
    assert fault["error"].endswith(".")


@given(st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001  zoned below
def test_any_offset_names_the_same_moment(naive: datetime, minutes: int) -> None:
    sign, distance = "-" if minutes < 0 else "+", abs(minutes)
    written = f"{naive.isoformat()}{sign}{distance // 60:02}:{distance % 60:02}"

    found = moment({"since": written}, "since")

    assert found == moment({"since": written.replace("+", " ")}, "since")
    assert found is not None
    assert found.replace(tzinfo=None) == naive - timedelta(minutes=minutes)
    assert found.utcoffset() == timedelta()


async def test_requests_have_the_contracts_columns(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    await add_request(db, "101", "12", comment="On the way", comment_author="Робот")
    await add_request(db, "102", "", status="left", status_updated_at=NOON - timedelta(hours=1))

    found = await fetch(http, f"{url}/api/requests")

    assert [list(item) for item in found] == [REQUEST_KEYS, REQUEST_KEYS]
    assert [(item["request_number"], item["position_number"]) for item in found] == [("101", "12"), ("102", "")]
    assert found[0]["status_updated_at"] == "2026-11-20T12:00:00.000000+00:00"
    assert [item["id"] for item in await fetch(http, f"{url}/api/requests", status="left")] == [2]
    assert [item["id"] for item in await fetch(http, f"{url}/api/requests", limit="1", offset="1")] == [2]
    await fetch(http, f"{url}/api/requests", 400, status="gone")


async def test_the_status_tells_what_the_overview_tells(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    await add_jobs(db, job("courier", "backoff", last_error="The folder {path} is away.", error_values={"path": "/x"}))
    await add_request(db)

    found = await fetch(http, f"{url}/api/status")

    assert found["level"] == "warn"
    assert found["concerns"] == [{"level": "warn", "text": "courier failed and tries again"}]
    assert found["jobs"][0]["last_error"] == "The folder /x is away."
    assert (found["requests"]["sent"], found["requests"]["left"], found["late_requests"]) == (1, 0, 0)


async def test_ready_while_the_jobs_live(
    db: Database, url: str, http: aiohttp.ClientSession, clock: ManualClock
) -> None:
    assert await fetch(http, f"{url}/readyz", 503) == {"ready": False, "reasons": ["no job is at work"]}

    await add_jobs(db, job("courier"), job("letters.contractor", "off"))
    assert await fetch(http, f"{url}/readyz") == {"ready": True, "reasons": []}

    clock.advance(minutes=4)
    fault = await fetch(http, f"{url}/readyz", 503)
    assert fault["reasons"][0] == "courier on duty-1: no sign of life"


async def test_metrics_are_in_prometheus_text_format(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    await add_jobs(db, job('files."a\\b"\nc', heartbeat_at=NOON - timedelta(seconds=30)))
    await add_request(db, status="on_site")
    await add_events(db, event_row(1), event_row(2))

    async with http.get(f"{url}/metrics") as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        text = await answer.text()

    assert text.endswith("\n")
    line = re.compile(r'[a-z_]+(\{[a-z_]+="(\\.|[^"\\\n])*"(,[a-z_]+="(\\.|[^"\\\n])*")*\})? -?[0-9.e+-]+')
    names = {part.split()[2] for part in text.splitlines() if part.startswith("# TYPE")}
    for sample in text.splitlines():
        assert sample.startswith(("# HELP ", "# TYPE ")) or line.fullmatch(sample), sample
        assert sample.startswith("#") or re.split("[{ ]", sample)[0] in names
    assert 'vakhta_requests{status="on_site"} 1\n' in text
    assert 'vakhta_job_up{job="files.\\"a\\\\b\\"\\nc",host="duty-1"} 1\n' in text
    assert "vakhta_job_heartbeat_age_seconds" in text
    assert "vakhta_file_events_total 2\n" in text


def test_a_metric_without_samples_still_says_what_it_is() -> None:
    assert family("x", "gauge", "Nothing.", []) == "# HELP x Nothing.\n# TYPE x gauge\n"
