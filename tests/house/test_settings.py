"""Every fault at once, the nearest known name, files for secrets; and nothing undocumented."""

import re
from pathlib import Path

import pytest

from bot.commands.config import example, flat
from core.errors import ConfigError
from core.settings import Settings, load, make
from core.settings_faults import InvalidConfig, known_keys
from core.settings_sources import environment, find_file
from core.settings_values import working_hours

ROOT = Path(__file__).resolve().parents[2]


def faults(text: str, tmp_path: Path) -> list[str]:
    path = tmp_path / "vakhta.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path)
    error = caught.value
    return [str(fault) for fault in error.faults] if isinstance(error, InvalidConfig) else [str(error)]


def test_every_wrong_value_is_named_at_once(tmp_path: Path) -> None:
    text = """
        langauge = "uk"
        timezone = "Europe/Nowhere"
        [telegram]
        tokn = "x"
        admins = ["me"]
        proxy = "ftp://x"
        [watch.docs]
        poll_interval = 0
        [requests]
        working_hours = "nine to five"
    """
    found = faults(text, tmp_path)
    assert len(found) == 8
    assert "langauge: no such setting. Did you mean language?" in found
    assert "telegram.tokn: no such setting. Did you mean telegram.token?" in found
    assert "watch.docs.path: is required." in found
    assert "telegram.admins.0: 'me' is not a whole number." in found


@pytest.mark.parametrize(
    ("keys", "needed"),
    [
        ("", "kind maildir needs path."),
        ('kind = "imap"\nhost = "x"', "kind imap needs username."),
        ('kind = "graph"\naddress = "a@b"', "kind graph needs tenant_id, client_id, client_secret."),
        (
            'kind = "imap"\nhost = "x"\nusername = "y"\nauth = "oauth"\nclient_id = "z"',
            "kind imap needs tenant_id, client_secret.",
        ),
    ],
)
def test_a_mailbox_says_what_its_kind_needs(keys: str, needed: str, tmp_path: Path) -> None:
    assert faults(f"[mailbox.a]\n{keys}", tmp_path) == [f"mailbox.a: a mailbox of {needed}"]


def test_an_audit_log_of_samba_says_what_it_needs(tmp_path: Path) -> None:
    watch = '[watch.a]\npath = "x"\n[watch.a.audit]\nkind = "samba"\n'
    assert faults(watch, tmp_path) == ["watch.a.audit: an audit of kind samba needs log."]
    assert faults(watch + 'log = "y"\nprefix = "%U"', tmp_path) == [
        "watch.a.audit.prefix: the prefix must hold %u, the user."
    ]


def test_a_fault_in_a_section_that_need_not_be_there_is_named_too(tmp_path: Path) -> None:
    text = '[mailbox.a]\npath = "x"\nsmtp = { hots = "y", port = 0 }'
    assert faults(text, tmp_path) == [
        "mailbox.a.smtp.host: is required.",
        "mailbox.a.smtp.port: 0 is too small; the least is 1.",
        "mailbox.a.smtp.hots: no such setting. Did you mean mailbox.a.smtp.host?",
    ]


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        ("https://duty:hunter2@host:1", "begins with http://, socks5:// or socks4://"),
        ("socks5://duty:hunter2@:1080", "host is missing"),
        ("http://duty:hunter2@host", "port is missing"),
        ("socks5://duty:hunter2@host:99999", "port is missing or wrong"),
        ("socks5://duty@host:1080", "password is missing"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(proxy: str, said: str, tmp_path: Path) -> None:
    (fault,) = faults(f'[telegram]\nproxy = "{proxy}"', tmp_path)
    assert said in fault
    assert "hunter2" not in fault
    (fault,) = faults(f'[telegram]\nproxy = ["{proxy}"]', tmp_path)
    assert "hunter2" not in fault


def test_a_syntax_error_is_told_alone(tmp_path: Path) -> None:
    assert len(faults('language = "uk\nfoo = ', tmp_path)) == 1


def test_a_secret_is_not_repeated_in_a_fault(tmp_path: Path) -> None:
    assert "hunter2" not in " ".join(faults('[telegram]\ntoken = ["hunter2"]', tmp_path))


def test_the_environment_goes_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "vakhta.toml"
    path.write_text('[page]\nport = 1\nhost = "::1"\n', "utf-8")
    monkeypatch.setenv("VAKHTA_PAGE__PORT", "2")
    monkeypatch.setenv("VAKHTA_TELEGRAM__ADMINS", "1, 2")
    settings = load(path)
    assert (settings.page.port, settings.page.host, settings.telegram.admins) == (2, "::1", (1, 2))


def test_a_secret_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "token"
    secret.write_text("123:abc\n", "utf-8")
    monkeypatch.setenv("VAKHTA_TELEGRAM__TOKEN_FILE", str(secret))
    assert load(None).telegram.token.get_secret_value() == "123:abc"


def test_the_file_of_a_secret_is_named_in_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts from the configuration, is not asked for where the environment has the value, and is not both."""
    named = '[telegram]\ntoken_file = "token"\n[mailbox.office]\nkind = "imap"\nhost = "h"\nusername = "u@h.example"\n'
    path = tmp_path / "vakhta.toml"
    path.write_text(named + 'smtp = { host = "s", password_file = "post" }\n', "utf-8")
    with pytest.raises(ConfigError, match=r"telegram\.token_file: the file .*token cannot be read"):
        load(path)
    (tmp_path / "post").write_text("letterbox\n", "utf-8")
    monkeypatch.setenv("VAKHTA_TELEGRAM__TOKEN", "1:environment")
    assert load(path).telegram.token.get_secret_value() == "1:environment"
    monkeypatch.delenv("VAKHTA_TELEGRAM__TOKEN")
    (tmp_path / "token").write_text("1:secret\n", "utf-8")
    settings = load(path)
    assert settings.telegram.token.get_secret_value() == "1:secret"
    assert settings.mailbox["office"].smtp is not None
    assert settings.mailbox["office"].smtp.password.get_secret_value() == "letterbox"
    path.write_text('[telegram]\ntoken = "1:a"\ntoken_file = "token"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"telegram\.token is there twice"):
        load(path)


def test_a_setting_that_names_a_file_is_no_secret_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAKHTA_MAILBOX__A__PATH", "mail")
    monkeypatch.setenv("VAKHTA_MAILBOX__A__CA_FILE", "/nowhere/ca.pem")
    assert load(None).mailbox["a"].ca_file == Path("/nowhere/ca.pem")


def test_a_password_may_begin_with_a_brace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAKHTA_MAILBOX__A__PATH", "mail")
    monkeypatch.setenv("VAKHTA_MAILBOX__A__PASSWORD", "{x")
    assert load(None).mailbox["a"].password.get_secret_value() == "{x"


def test_a_table_that_is_no_json_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAKHTA_LETTERS__WORDS", "{on_site")
    with pytest.raises(InvalidConfig) as caught:
        load(None)
    assert [str(fault).partition(":")[0] for fault in caught.value.faults] == ["letters.words"]


def test_a_secret_file_that_cannot_be_read_is_a_fault() -> None:
    with pytest.raises(ConfigError, match="TOKEN_FILE"):
        environment({"VAKHTA_TELEGRAM__TOKEN_FILE": "/nowhere/at/all"})


def test_an_unknown_variable_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAKHTA_PAGE__PROT", "1")
    with pytest.raises(InvalidConfig) as caught:
        load(None)
    assert [str(fault) for fault in caught.value.faults] == ["page.prot: no such setting. Did you mean page.port?"]


def test_our_own_variables_are_no_settings() -> None:
    assert environment({"VAKHTA_CONFIG": "x", "VAKHTA_TEST_SERVICES": "required", "PATH": "/bin"}) == {}


def test_nested_values_may_be_json(tmp_path: Path) -> None:
    tree = environment({"VAKHTA_WATCH__A__METADATA": '{"k": "v"}', "VAKHTA_WATCH__A__PATH": "x"})
    assert make(tree, tmp_path).watch["a"].metadata == {"k": "v"}


def test_relative_paths_count_from_the_file(tmp_path: Path) -> None:
    settings = make({"watch": {"a": {"path": "docs"}}, "mailbox": {"b": {"path": "mail"}}}, tmp_path)
    assert settings.watch["a"].path == tmp_path / "docs"
    assert settings.mailbox["b"].path == tmp_path / "mail"
    assert settings.database.url == f"sqlite+aiosqlite:///{tmp_path / 'vakhta.db'}"


def test_a_database_elsewhere_is_left_where_it_is(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://me@db/vakhta"
    assert make({"database": {"url": url}}, tmp_path).database.url == url


def test_a_named_file_must_be_there_and_the_default_need_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_file(None, {}) is None
    with pytest.raises(ConfigError):
        find_file("other.toml", {})
    with pytest.raises(ConfigError):
        find_file(None, {"VAKHTA_CONFIG": "other.toml"})
    (tmp_path / "vakhta.toml").touch()
    assert find_file(None, {}) == Path("vakhta.toml")


@pytest.mark.parametrize("text", ["9-18", "25:00-26:00", "", "09:00"])
def test_working_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hour|working"):
        working_hours(text)


def test_the_example_names_every_setting_and_is_valid(tmp_path: Path) -> None:
    text = example()
    for key in known_keys(Settings):
        assert re.search(rf"\b{re.escape(key.rsplit('.', 1)[-1])}\b", text), key
    path = tmp_path / "vakhta.toml"
    path.write_text(text, "utf-8")
    assert load(path) == make({}, tmp_path)


def test_the_whole_example_is_valid_when_uncommented(tmp_path: Path) -> None:
    lines = [re.sub(r"^# (?=[\[a-z_]+( =|\]|\.))", "", line) for line in example().splitlines()]
    path = tmp_path / "vakhta.toml"
    path.write_text("\n".join(lines), "utf-8")
    settings = load(path)
    assert set(settings.watch) == {"documents"}
    assert settings.telegram.chats["duty"].id == -1001234567890
    assert {box.kind for box in settings.mailbox.values()} == {"maildir", "imap", "ews", "graph"}


def test_shown_values_hide_secrets(tmp_path: Path) -> None:
    settings = make({"telegram": {"token": "123:hunter2"}}, tmp_path)
    assert "hunter2" not in str(flat(settings.model_dump(mode="json")))
    assert "hunter2" not in repr(settings)


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(Settings(), "language", "en")  # noqa: B010  the plain assignment does not even type-check


def test_a_mailbox_is_not_named_as_what_people_say(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig) as raised:
        make({"mailbox": {"chat": {"path": "mail"}}}, tmp_path)
    assert [str(fault) for fault in raised.value.faults] == ["mailbox: the name chat is taken; give it another one."]
