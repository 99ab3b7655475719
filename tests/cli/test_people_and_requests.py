"""People, requests and reminders from the command line."""

import pytest

from tests.cli.conftest import Shell

COLUMNS = {
    "id",
    "request_number",
    "position_number",
    "title",
    "status",
    "comment",
    "comment_author",
    "created_at",
    "status_updated_at",
    "contractor",
}


def test_roles_are_given_and_taken_also_when_no_admin_is_left(vakhta: Shell) -> None:
    assert "Nobody has access yet" in vakhta("people", "list")
    assert vakhta.json("people", "list") == []
    assert "101 (101) is now admin." in vakhta("people", "grant", "101", "admin")
    assert vakhta.json("people", "list") == [{"id": 101, "name": "101", "username": None, "role": "admin"}]
    vakhta("people", "revoke", "101", status=1)
    assert "only admin" in vakhta.err
    vakhta("people", "grant", "102", "admin")
    assert "has no access any more" in vakhta("people", "revoke", "101")
    assert [person["id"] for person in vakhta.json("people", "list")] == [102]


def test_an_unknown_role_or_person_is_a_sentence(vakhta: Shell) -> None:
    vakhta("people", "grant", "101", "emperor", status=1)
    assert "There is no role emperor. Roles are: viewer, operator, admin." in vakhta.err
    vakhta("people", "revoke", "424242", status=1)
    assert "424242" in vakhta.err


def test_requests_are_made_moved_shown_and_listed(vakhta: Shell) -> None:
    assert set(vakhta.json("requests", "add", "101", "12", "Leak", "in", "the", "hall")) == COLUMNS
    assert vakhta("requests", "set", "101/12", "on_site") == "101/12 is on_site.\n"
    assert vakhta("requests", "set", "101/12", "У дорозі") == "101/12 is en_route.\n"
    [shown] = vakhta.json("requests", "show", "101")
    assert (shown["request_number"], shown["position_number"], shown["status"]) == ("101", "12", "en_route")
    assert [entry["new"] for entry in shown["history"] if entry["kind"] == "status"] == ["en_route", "on_site"]
    vakhta("requests", "add", "102", "Window")
    assert [r["request_number"] for r in vakhta.json("requests", "list")] == ["102", "101"]
    assert [r["request_number"] for r in vakhta.json("requests", "list", "en_route")] == ["101"]
    assert [r["request_number"] for r in vakhta.json("requests", "list", "window")] == ["102"]
    assert vakhta.json("requests", "list", "--late") == []
    assert len(vakhta.json("requests", "list", "--limit", "1")) == 1
    assert "Leak in the hall" in vakhta("requests", "list")
    assert "on_site" in vakhta("requests", "show", "101/12")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "999"), "There is no request 999."),
        (("show", "leak"), "digits"),
        (("set", "999", "left"), "There is no request 999."),
        (("add", "101"), "what is wrong"),
        (("add", "7", "1", "Again"), "exists already"),
        (("set", "7/1", "flying"), "There is no status flying"),
        (("set", "7", "left"), "several positions: 7/1, 7/2"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_exit_1(vakhta: Shell, words: tuple[str, ...], sentence: str) -> None:
    vakhta("requests", "add", "7", "1", "Leak")
    vakhta("requests", "add", "7", "2", "Leak")
    vakhta("requests", *words, status=1)
    assert sentence in vakhta.err
    assert len(vakhta.err.splitlines()) == 1


def test_the_export_is_csv_that_no_spreadsheet_runs(vakhta: Shell) -> None:
    vakhta("requests", "add", "101", "12", '=cmd|"x"')
    head, row = vakhta("requests", "export").splitlines()
    assert set(head.split(",")) == COLUMNS
    assert "'=cmd" in row
    assert len(vakhta.json("requests", "export")) == 1


def test_reminders_are_listed_and_written_once(vakhta: Shell) -> None:
    vakhta("requests", "add", "101", "Leak")
    assert vakhta.json("remind") == []
    assert [r["request_number"] for r in vakhta.json("remind", "--minutes", "0", "--dry-run")] == ["101"]
    assert [r["request_number"] for r in vakhta.json("remind", "--minutes", "0")] == ["101"]
    assert vakhta("remind", "--minutes", "0") == "Nothing is late.\n"


def test_a_link_is_made_also_while_telegram_is_away(vakhta: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAKHTA_TELEGRAM__API_BASE", "http://127.0.0.1:9")
    said = vakhta("people", "invite")
    assert "Telegram cannot be reached now" in said
    assert "/start " in said
    made = vakhta.json("people", "invite", "--role", "operator")
    assert len(made["code"]) == 32
    vakhta("people", "invite", "--role", "emperor", status=1)
    assert "There is no role emperor" in vakhta.err
    monkeypatch.setenv("VAKHTA_TELEGRAM__TOKEN", "")
    vakhta("people", "invite", status=1)
    assert "telegram.token is empty" in vakhta.err
