"""What a person sees: pages, languages, times, nothing of the outside taken for markup."""

from datetime import timedelta

import aiohttp
import pytest
from sqlalchemy import update

from core.clock import iso
from core.db.engine import Database
from core.health import store as health
from core.letters import mailbox_store
from core.letters.mailboxes import MailboxState
from core.requests import store as requests
from core.requests.model import HistoryEntry
from tests.conftest import NOON, ManualClock
from tests.page.conftest import Serve, add_events, add_jobs, add_request, event_row, job


async def read(http: aiohttp.ClientSession, address: str, language: str = "en") -> str:
    async with http.get(address, headers={"Accept-Language": language}) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.content_type == "text/html"
        return await answer.text()


@pytest.fixture(params=["sqlite", "postgresql"])
def db_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "clean_postgres_url")
    return url


async def test_the_overview_says_that_all_is_well(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    await add_jobs(db, job("courier"), job("chat"))
    await add_request(db)
    await add_events(db, event_row(1))

    text = await read(http, f"{url}/")

    assert "All is well." in text
    assert "2 jobs at work, 1 open request" in text
    assert "Invoice 1.xlsx" in text


async def test_the_overview_names_what_needs_a_person(
    db: Database, url: str, http: aiohttp.ClientSession, clock: ManualClock
) -> None:
    await add_jobs(
        db,
        job("chat", heartbeat_at=NOON + timedelta(hours=2)),
        job("files.plans", "backoff", heartbeat_at=NOON + timedelta(hours=2)),
        job("letters.contractor", "auth"),
        job("page"),
        job("watch.plans", "backoff", next_run_at=NOON + timedelta(hours=2)),  # its outage says it better
    )
    await add_request(db)
    async with db.transaction() as tx:
        await health.add_outage(tx, "watch.plans", "files", "gone", NOON + timedelta(hours=1))
    clock.advance(hours=2)

    text = await read(http, f"{url}/")

    assert "5 things to look at" in text
    assert 'data-level="bad"' in text
    assert "files.plans failed and tries again" in text
    assert "letters.contractor stopped: its credentials are refused" in text
    assert "page gives no sign of life (2 hours)" in text
    assert "watch.plans cannot be reached (60 minutes)" in text
    assert "1 request is late" in text


async def test_a_dead_process_is_one_concern(
    db: Database, url: str, http: aiohttp.ClientSession, clock: ManualClock
) -> None:
    await add_jobs(db, job("chat"), job("courier"), job("files.plans", "off"))
    clock.advance(minutes=5)

    text = await read(http, f"{url}/")

    assert "1 thing to look at" in text
    assert "The assistant gives no sign of life (5 minutes)" in text


async def test_a_job_that_moved_to_another_host_is_not_missed(
    db: Database, url: str, http: aiohttp.ClientSession, clock: ManualClock
) -> None:
    clock.advance(hours=1)
    await add_jobs(db, job("courier", host="old"), job("courier", host="new", heartbeat_at=clock.now()))

    text = await read(http, f"{url}/")

    assert "All is well." in text
    assert "1 job at work" in text


async def test_a_job_that_waits_for_its_next_run_may_be_quiet(
    db: Database, url: str, http: aiohttp.ClientSession, clock: ManualClock
) -> None:
    await add_jobs(db, job("maintenance", "idle", next_run_at=NOON + timedelta(hours=10)))
    clock.advance(hours=9)

    assert "All is well." in await read(http, f"{url}/")


async def test_requests_are_filtered_by_status_words_and_lateness(
    db: Database, url: str, http: aiohttp.ClientSession, clock: ManualClock
) -> None:
    await add_request(db, "101", title="Leak upstairs")
    await add_request(db, "102", title="Broken gate", status="left")
    await add_request(db, "103", title="Broken door", status_updated_at=NOON + timedelta(hours=3))
    clock.advance(hours=3)

    by_status = await read(http, f"{url}/requests?status=left")
    by_words = await read(http, f"{url}/requests?text=broken")
    late = await read(http, f"{url}/requests?late=1")

    assert ("Broken gate" in by_status, "Broken door" in by_status) == (True, False)
    assert ("Broken gate" in by_words, "Broken door" in by_words, "Leak" in by_words) == (True, True, False)
    assert ("Leak upstairs" in late, "Broken" in late) == (True, False)


async def test_a_list_has_pages_that_keep_the_filter(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    for number in range(31):
        await add_request(db, str(100 + number), title="Leak")

    first = await read(http, f"{url}/requests?text=leak")
    second = await read(http, f"{url}/requests?text=leak&offset=30")

    assert "1–30 of 31" in first
    assert 'href="/requests?offset=30&amp;text=leak"' in first
    assert "31–31 of 31" in second


async def test_a_request_shows_its_history(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    request_id = await add_request(db, comment="On the way", comment_author="Робот")
    entry = HistoryEntry(0, request_id, NOON, "status", "Робот", "letter:1", "sent", "en_route", "<b>soon</b>")
    async with db.transaction() as tx:
        await requests.add_history(tx, entry, actor_id=None, ref=None)

    text = await read(http, f"{url}/requests/{request_id}")

    assert "Status: Sent → En route" in text
    assert "&lt;b&gt;soon&lt;/b&gt;" in text
    assert text.count("<bdi>Robot</bdi>") == 2
    assert "Робот" not in text
    assert "<bdi>Робот</bdi>" in await read(http, f"{url}/requests/{request_id}", "uk")


async def test_what_was_taken_back_is_struck_through_and_every_kind_has_its_word(
    db: Database, url: str, http: aiohttp.ClientSession
) -> None:
    request_id = await add_request(db)
    told = [
        HistoryEntry(0, request_id, NOON, "snooze", "Taras", "chat", None, None, NOON.isoformat()),
        HistoryEntry(0, request_id, NOON, "contractor", "Taras", "chat", None, None, ""),
        HistoryEntry(0, request_id, NOON, "undone", "Taras", "chat", "on_site", "sent", "they have come"),
        HistoryEntry(0, request_id, NOON, "responsible", "Taras", "chat", None, None, "Марія"),
    ]
    async with db.transaction() as tx:
        for entry in told:
            await requests.add_history(tx, entry, actor_id=None, ref=None)
        await tx.execute(update(requests.history).where(requests.history.c.kind == "contractor").values(undone_at=NOON))

    text = await read(http, f"{url}/requests/{request_id}")

    assert ["Remind again later" in text, "no contractor" in text, "On site · they have come" in text] == [True] * 3
    assert "Responsible" in text
    assert "Марія" in text
    assert text.count('class="undone"') == 1


@pytest.mark.parametrize("path", ["/requests/999", "/requests/abc", "/nowhere", "/static/none.css"])
async def test_what_is_not_there_is_said_in_words(url: str, http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(url + path, headers={"Accept-Language": "uk"}) as answer:
        assert answer.status == 404
        assert 'data-testid="error"' in await answer.text()


async def test_files_are_found_by_pattern_words_whole_path_and_day(
    db: Database, url: str, http: aiohttp.ClientSession
) -> None:
    await add_events(
        db,
        event_row(1, path="/srv/share/Plan.docx"),
        event_row(
            2, path="/srv/share/CRM/Bill.xlsx", event_type="moved", details="watched_root=/srv; old_path=/a%3B.x"
        ),
        event_row(3, path="/srv/share/CRM/Late.docx", event_time=NOON + timedelta(hours=11)),
    )

    async def names(query: str) -> list[str]:
        text = await read(http, f"{url}/files?{query}")
        return [name for name in ("Plan.docx", "Bill.xlsx", "Late.docx") if name in text]

    assert await names("path=*.docx") == ["Plan.docx", "Late.docx"]
    assert await names("path=crm+bill") == ["Bill.xlsx"]
    assert await names("path=/srv/share/CRM") == ["Bill.xlsx", "Late.docx"]
    assert await names("type=moved") == ["Bill.xlsx"]
    assert await names("since=2026-11-21") == ["Late.docx"]  # 23:00 UTC is tomorrow in Kyiv
    assert await names("until=2026-11-20") == ["Plan.docx", "Bill.xlsx"]
    assert "/a;.x" in await read(http, f"{url}/files?type=moved")


async def test_outside_text_is_never_markup(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    await add_request(db, title="<b>&\"'<script>alert(1)</script>")
    await add_events(db, event_row(1, path="/srv/<i>&.docx", project="<u>", username="a\u202eb"))

    text = await read(http, f"{url}/") + await read(http, f"{url}/files?path=%22%3E%3Cimg%3E")

    assert "<b>&" not in text
    assert "<script>alert" not in text
    assert "<i>" not in text
    assert "<u>" not in text
    assert "<img>" not in text
    assert "&lt;b&gt;&amp;" in text
    assert "a\ufffdb" in text  # a mark that turns the line around is shown, not obeyed


async def test_each_visitor_reads_their_language(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    await add_request(db, status="on_site")

    assert "На місці" in await read(http, f"{url}/requests", "uk-UA,en;q=0.5")
    assert "На месте" in await read(http, f"{url}/requests", "pl, ru;q=0.8, en;q=0.7")
    assert "On site" in await read(http, f"{url}/requests", "pl")


async def test_a_chosen_language_is_remembered(url: str, http: aiohttp.ClientSession) -> None:
    assert '<html lang="ru"' in await read(http, f"{url}/syncs?lang=ru", "uk")
    assert '<html lang="ru"' in await read(http, f"{url}/files", "uk")
    assert 'href="/syncs?lang=uk"' in await read(http, f"{url}/syncs?lang=ru", "uk")


async def test_times_are_in_the_pages_zone_and_say_so(db: Database, url: str, http: aiohttp.ClientSession) -> None:
    request_id = await add_request(db)

    text = await read(http, f"{url}/requests/{request_id}")

    assert f'<time datetime="{iso(NOON)}" title="20.11.2026 14:00:00 Europe/Kyiv">14:00</time>' in text
    assert "Times are in Europe/Kyiv, UTC+02:00." in text


async def test_a_wrong_filter_is_refused_in_words(url: str, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{url}/files?since=yesterday") as answer:
        assert answer.status == 400
        assert "since is yesterday; it must be a day, like 2026-11-20." in await answer.text()


async def test_syncs_are_off(url: str, http: aiohttp.ClientSession) -> None:
    assert 'data-testid="sync-state">off' in await read(http, f"{url}/syncs")


async def test_the_pages_of_requests_say_that_mail_was_not_read(
    db: Database, serve: Serve, http: aiohttp.ClientSession
) -> None:
    expects, ended = await add_request(db), await add_request(db, "102", status="left")
    late = MailboxState("contractor", "maildir:mail", NOON, "none", late_since=NOON - timedelta(hours=2))
    async with db.transaction() as tx:
        await mailbox_store.save(tx, late)
    url, other = await serve(mailboxes=("contractor",)), await serve(mailboxes=("another",))

    said = "Mail not read since 12:00, status may be old"
    for address in (f"{url}/requests", f"{url}/requests/{expects}"):
        assert said in await read(http, address)
    for address in (f"{url}/requests/{ended}", f"{other}/requests"):
        assert "Mail not read" not in await read(http, address)
