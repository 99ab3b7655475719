"""`vakhta service`: the assistant as a service of the machine, looked after by its manager."""

import argparse
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.commands.common import config_of, say, say_findings, settings_of
from bot.install.host import Host
from bot.install.plan import Options, Plan, plan_of, taken_along, variable_of
from core.errors import ConfigError
from core.settings import files_of_secrets
from core.settings_sources import read_file
from core.text import Translator


def call(options: argparse.Namespace, t: Translator) -> int:
    """Install, check, uninstall."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,60}", options.name):
        raise ConfigError("A service is called by small letters, digits and hyphens.")
    host = _host(options, t)
    if options.action == "uninstall":
        for line in host.uninstall(dry_run=options.dry_run):
            say(line)
        return 0
    plan = _plan(options, host.asked(), host)
    if options.action == "install":
        for line in host.install(plan, dry_run=options.dry_run):
            say(line)
        if options.dry_run:
            return 0
    return say_findings(host.check(plan), as_json=options.action == "check" and options.json)


def _host(options: argparse.Namespace, t: Translator) -> Host:
    if sys.platform == "win32":
        from bot.install.on_windows import Windows

        return Windows(options.name, t, config=config_of(options))
    from bot.install.on_linux import Linux

    return Linux(options.name, t, user=options.user)


def _plan(options: argparse.Namespace, before: Options | None, host: Host) -> Plan:
    """What is asked for now, else what was asked for when it was installed. Raises `ConfigError`."""
    config = config_of(options)
    if config is None:
        raise ConfigError("A service needs a configuration file: vakhta.toml here, or --config PATH.")
    asked = _asked(options, before or Options())
    with _variables({variable_of(setting): path for setting, path in asked.secrets.items()}):
        settings = settings_of(options)
    account = host.account(asked, settings)
    return plan_of(settings, config.absolute(), options.name, account, asked)


@contextmanager
def _variables(more: Mapping[str, str]) -> Iterator[None]:
    """The environment as the service will have it, while its settings are read."""
    before = {name: os.environ.get(name) for name in more}
    os.environ.update(more)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _asked(options: argparse.Namespace, before: Options) -> Options:
    named = dict(options.secret) if options.action == "install" else {}
    if options.action != "install":
        return before
    secrets, others = taken_along(os.environ)
    if others:
        raise ConfigError(
            "A service does not have these variables: {names}. Put their values into the configuration file.",
            names=", ".join(others),
        )
    return Options(
        options.account or before.account,
        {**before.secrets, **_named_in(config_of(options)), **secrets, **named},
        tuple(options.writable) or before.writable,
    )


def _named_in(config: Path | None) -> dict[str, str]:
    """The files of secrets that the configuration names: the service's account need not be able to read them."""
    if config is None:
        return {}
    files = files_of_secrets(read_file(config)).items()
    folder = config.absolute().parent
    return {setting: str(folder / path) for setting, path in files if re.fullmatch(r"[a-z0-9_.]+", setting)}
