"""Wrong usage, configuration and language: what is said, on which stream, and how it exits."""

import json

import pytest

from tests.cli.conftest import Shell, write


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("nonsense",),
        ("run", "--nonsense"),
        ("people",),
        ("people", "grant", "me", "admin"),
        ("people", "grant", "0", "admin"),
        ("people", "grant", "99999999999999999999", "admin"),
        ("requests", "set", "101"),
        ("demo", "--port", "99999"),
        ("demo", "--port", "x"),
        ("--log-level", "loud", "status"),
        ("run", "--only", "nonsense"),
        ("run", "--only", "page,,watch"),
        ("db", "prune", "--days", "-1"),
        ("remind", "--minutes", "x"),
        ("remind", "--minutes", "nan"),
        ("requests", "list", "--limit", "-1"),
        ("files", "search", "--limit", "0"),
    ],
)
def test_wrong_usage_is_exit_2(vakhta: Shell, words: tuple[str, ...]) -> None:
    vakhta(*words, status=2)
    assert "Traceback" not in vakhta.err


def test_help_is_exit_0(vakhta: Shell) -> None:
    said = vakhta("--help")
    for command in (
        "demo",
        "run",
        "status",
        "doctor",
        "config",
        "people",
        "requests",
        "remind",
        "letters",
        "files",
        "db",
    ):
        assert f"\n    {command} " in said
    assert "vakhta 0." in vakhta("--version")


@pytest.mark.parametrize("command", [("status",), ("run",), ("requests", "list"), ("doctor",), ("config", "check")])
def test_a_named_file_that_is_missing_is_exit_2(vakhta: Shell, command: tuple[str, ...]) -> None:
    vakhta(*command, "--config", "nowhere.toml", status=2)
    assert vakhta.err == "The configuration file nowhere.toml is not there.\n"
    vakhta("--config", "nowhere.toml", *command, status=2)


def test_a_file_named_in_the_environment_counts(vakhta: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAKHTA_CONFIG", "elsewhere.toml")
    vakhta("config", "check", status=2)
    (vakhta.folder / "elsewhere.toml").write_text('language = "ru"', "utf-8")
    assert vakhta.json("config", "show")["language"] == "ru"


def test_no_file_at_the_default_place_means_the_defaults(vakhta: Shell) -> None:
    (vakhta.folder / "vakhta.toml").unlink()
    assert vakhta.json("config", "show")["language"] == "uk"


def test_every_fault_is_told_and_nothing_is_started(vakhta: Shell) -> None:
    write(vakhta.folder, 'langauge = "uk"\n[page]\nport = "x"\n[requests]\nremind_after_minutes = -1\n')
    (vakhta.folder / "vakhta.db").unlink()
    vakhta("run", status=2)
    faults = vakhta.err.splitlines()
    assert len(faults) == 3
    assert "langauge: no such setting. Did you mean language?" in faults
    assert not (vakhta.folder / "vakhta.db").exists()


@pytest.mark.parametrize("command", [("config", "check"), ("run", "--once"), ("letters", "check")])
@pytest.mark.parametrize("setting", ['number_pattern = "(["', 'words = { gone = { en = ["we are gone"] } }'])
def test_words_of_letters_that_cannot_be_read_are_told_before_anything_starts(
    vakhta: Shell, command: tuple[str, ...], setting: str
) -> None:
    write(vakhta.folder, f"[letters]\n{setting}\n")
    (vakhta.folder / "vakhta.db").unlink()
    vakhta(*command, status=2)
    assert vakhta.err.startswith("letters.")
    assert not (vakhta.folder / "vakhta.db").exists()


def test_a_file_that_is_no_toml_is_told_alone(vakhta: Shell) -> None:
    write(vakhta.folder, "language = \n port")
    vakhta("config", "check", status=2)
    assert "is not valid TOML" in vakhta.err
    assert len(vakhta.err.splitlines()) == 1


def test_the_example_is_a_configuration_without_faults(vakhta: Shell) -> None:
    write(vakhta.folder, vakhta("config", "example"))
    assert vakhta("config", "check") == "The configuration is fine.\n"


def test_the_effective_values_hide_secrets(vakhta: Shell) -> None:
    for shown in (vakhta("config", "show"), json.dumps(vakhta.json("config", "show"))):
        assert "secret-secret" not in shown
        assert "page-secret" not in shown
        assert "**********" in shown
        assert "contractor.example" in shown


def test_a_secret_in_the_address_of_the_database_or_the_proxy_is_hidden(vakhta: Shell) -> None:
    write(
        vakhta.folder,
        '[database]\nurl = "postgresql+asyncpg://duty:hunter2@db.example/vakhta"\n'
        '[telegram]\nproxy = "socks5://duty:p@hunter3@proxy.example:1080"\n',
    )
    for shown in (vakhta("config", "show"), json.dumps(vakhta.json("config", "show"))):
        assert "hunter" not in shown
        assert "db.example" in shown
        assert "proxy.example" in shown


def test_the_terminals_language_is_spoken(vakhta: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "uk_UA.UTF-8")
    assert vakhta("requests", "list") == "Заявок не знайдено.\n"
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    assert vakhta("requests", "list") == "Заявок не найдено.\n"
    monkeypatch.setenv("LC_ALL", "pl_PL.UTF-8")
    assert vakhta("requests", "list") == "No requests found.\n"
