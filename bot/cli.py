"""The command line. Nothing heavy is imported until a command needs it: `vakhta --help` answers at once.

Exit status: 0 done, 1 failed, 2 wrong usage or configuration; 141 when nobody reads on, as after `| head`.
"""

import argparse
import errno
import importlib
import io
import os
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from bot.logs import begin
from core.errors import ConfigError, VakhtaError

if TYPE_CHECKING:
    from bot.commands.common import Call

UNREAD: Final = 141
"""The exit status when nobody reads on: what a shell says of a program that SIGPIPE (13) ended."""
LOG_LEVELS: Final = ("debug", "info", "warning", "error")


def parser() -> argparse.ArgumentParser:
    """Every command and option."""
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument("--config", metavar="PATH", default=argparse.SUPPRESS, help="the configuration file")
    everywhere.add_argument("--log-level", choices=LOG_LEVELS, default=argparse.SUPPRESS, help="default: info")
    data = argparse.ArgumentParser(add_help=False, parents=[everywhere])
    data.add_argument("--json", action="store_true", help="one JSON document on stdout")

    root = argparse.ArgumentParser(prog="vakhta", description="An operations assistant that lives in a Telegram chat.")
    root.add_argument("--config", metavar="PATH", default=None, help="the configuration file (default: vakhta.toml)")
    root.add_argument("--log-level", choices=LOG_LEVELS, default="info")
    root.add_argument("--version", action="store_true", help="print the version")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=False)

    def command(name: str, about: str, module: str, parent: argparse.ArgumentParser) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about, parents=[parent])
        made.set_defaults(module=module)
        return made

    _watch_commands(command, everywhere, data)
    _data_commands(command, everywhere, data)
    return root


def _watch_commands(command: "Command", everywhere: argparse.ArgumentParser, data: argparse.ArgumentParser) -> None:
    demo = command("demo", "run the assistant with the outside world in miniature", "demo", everywhere)
    demo.add_argument("--port", type=_port, default=8080, help="the status page's port (default: 8080)")
    demo.add_argument("--chat-port", type=_port, default=8081, help="the chat page's port (default: 8081)")
    demo.add_argument("--dir", help="the data folder (default: vakhta-demo, with --token-file vakhta-demo-telegram)")
    demo.add_argument("--fresh", action="store_true", help="begin anew: forget what the data folder holds")
    demo.add_argument(
        "--token-file", metavar="FILE", help="play into your own Telegram; the bot's token is in the file"
    )
    setup = command("setup", "from nothing to a running bot, by question and answer", "setup", everywhere)
    setup.add_argument("--proxy", default="", help="how Telegram is reached: http://… or socks5://…")
    setup.add_argument("--api-base", default="", help="a Bot API server of your own")
    run = command("run", "run the assistant", "run", everywhere)
    run.add_argument("--once", action="store_true", help="one cycle of every job, then end")
    run.add_argument("--only", metavar="NAME,…", help="what to run: chat, courier, page, files, letters, reminders")
    command("status", "what every job is doing", "status", data)
    command("doctor", "check everything and say what to do about each fault", "doctor", data)
    config = _with_actions(command("config", "the configuration", "config", everywhere))
    config.add_parser("example", help="a commented example", parents=[everywhere])
    config.add_parser("check", help="every wrong value at once", parents=[everywhere])
    config.add_parser("show", help="the effective values, secrets masked", parents=[data])


def _data_commands(command: "Command", everywhere: argparse.ArgumentParser, data: argparse.ArgumentParser) -> None:
    people = _with_actions(command("people", "who may do what", "people", everywhere))
    people.add_parser("list", help="everybody who has access", parents=[data])
    grant = people.add_parser("grant", help="give a role", parents=[everywhere])
    grant.add_argument("id", type=_person_id, help="the person's Telegram id")
    grant.add_argument("role", help="viewer, operator or admin")
    invite = people.add_parser("invite", help="a one-time link that gives a role to whoever opens it", parents=[data])
    invite.add_argument("--role", default="admin", help="viewer, operator or admin (default: admin)")
    revoke = people.add_parser("revoke", help="take access away", parents=[everywhere])
    revoke.add_argument("id", type=_person_id, help="the person's Telegram id")

    requests = _with_actions(command("requests", "contractor requests", "requests", everywhere))
    found = requests.add_parser("list", help="requests, the latest news first", parents=[data])
    found.add_argument("query", nargs="*", help="a status or words of the number and title")
    found.add_argument("--late", action="store_true", help="only those without news for too long")
    found.add_argument("--limit", type=_count, default=50)
    show = requests.add_parser("show", help="a request with its history", parents=[data])
    show.add_argument("name", help="101 or 101/12")
    add = requests.add_parser("add", help="make a request", parents=[data])
    add.add_argument("words", nargs="+", metavar="WORD", help="101 12 Leak in the server room")
    change = requests.add_parser("set", help="move a request to a status", parents=[data])
    change.add_argument("name", help="101 or 101/12")
    change.add_argument("status")
    export = requests.add_parser("export", help="every request as CSV on stdout", parents=[data])
    export.add_argument("query", nargs="*", help="a status or words of the number and title")

    remind = command(
        "remind", "tell of requests without news, and letters without a decision, for too long", "remind", data
    )
    remind.add_argument("--minutes", type=_minutes, help="how long is too long (default: the configuration's)")
    remind.add_argument("--dry-run", action="store_true", help="only list them")

    letters = _with_actions(command("letters", "contractors' letters", "letters", everywhere))
    read = letters.add_parser("read", help="what the reader understands of letters", parents=[data])
    read.add_argument("paths", nargs="+", metavar="PATH", help=".eml files or folders")
    check = letters.add_parser("check", help="one pass over the mailboxes", parents=[data])
    check.add_argument("--source", metavar="NAME", help="only this mailbox")
    check.add_argument("--dry-run", action="store_true", help="change nothing, say what would change")

    files = _with_actions(command("files", "the history of watched folders", "files", everywhere))
    scan = files.add_parser("scan", help="a pass over the watched folders", parents=[data])
    scan.add_argument("--watch", metavar="NAME", help="only this folder")
    search = files.add_parser("search", help="search the history", parents=[data])
    search.add_argument("query", nargs="*", help="words, *.docx, a project, today")
    search.add_argument("--limit", type=_count, help="default: 50; of a file: everything")
    search.add_argument("--csv", metavar="FILE", help="write what is found to a CSV file")
    search.add_argument("--xlsx", metavar="FILE", help="write what is found to an Excel file")
    files.add_parser("stats", help="what is watched and how much is known", parents=[data])

    imports = _with_actions(command("import", "what older programs recorded", "imports", everywhere))
    events = imports.add_parser("file-events", help="the history of an old file monitor", parents=[data])
    events.add_argument("path", metavar="OLD.db", help="its SQLite file")
    events.add_argument("--dry-run", action="store_true", help="only say what would be imported")

    _service_commands(command, everywhere, data)

    db = _with_actions(command("db", "the database", "db", everywhere))
    db.add_parser("upgrade", help="bring it up to date", parents=[everywhere])
    backup = db.add_parser("backup", help="a verified copy, while everything runs", parents=[everywhere])
    backup.add_argument("path", nargs="?", help="where to (default: backups/ beside the database, with the time)")
    restore = db.add_parser("restore", help="put a copy in its place; the present one is kept", parents=[everywhere])
    restore.add_argument("path", help="the copy")
    restore.add_argument("--yes", action="store_true", help="do not ask")
    prune = db.add_parser("prune", help="remove file events older than the retention", parents=[everywhere])
    prune.add_argument("--days", type=_count, help="how old is too old (default: database.retention_days)")


def _service_commands(command: "Command", everywhere: argparse.ArgumentParser, data: argparse.ArgumentParser) -> None:
    service = _with_actions(command("service", "the assistant as a service of this machine", "service", everywhere))
    install = service.add_parser("install", help="install or renew it, and start it", parents=[everywhere])
    check = service.add_parser("check", help="whether it runs, and may read and write what it must", parents=[data])
    uninstall = service.add_parser("uninstall", help="stop and remove it; data stays", parents=[everywhere])
    for each in (install, check, uninstall):
        each.add_argument("--name", default="vakhta", help="the service's name (default: vakhta)")
        each.add_argument("--user", action="store_true", help="systemd: your own service, not the machine's")
    for each in (install, uninstall):
        each.add_argument("--dry-run", action="store_true", help="only show what would be done")
    install.add_argument("--account", default="", help="who it runs as (default: an account of its own)")
    install.add_argument(
        "--secret", action="append", type=_secret, default=[], metavar="SETTING=FILE", help="telegram.token=/etc/token"
    )
    install.add_argument(
        "--writable",
        action="append",
        type=os.path.abspath,
        default=[],
        metavar="DIR",
        help="a folder processes write to",
    )


if TYPE_CHECKING:
    from typing import Protocol

    class Command(Protocol):
        """Adds a command to the parser."""

        def __call__(
            self, name: str, about: str, module: str, parent: argparse.ArgumentParser
        ) -> argparse.ArgumentParser:
            """The parser of the new command."""
            ...


def _with_actions(made: argparse.ArgumentParser) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    return made.add_subparsers(dest="action", metavar="ACTION", required=True)


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return number


def _person_id(text: str) -> int:
    number = int(text)
    if not 0 < number < 2**52:  # Bot API, User.id: at most 52 significant bits
        raise argparse.ArgumentTypeError("a person's Telegram id is a positive number")
    return number


def _count(text: str) -> int:
    number = int(text)
    if not 0 < number < 10**6:
        raise argparse.ArgumentTypeError("a whole number from 1 to 999999 is expected")
    return number


def _secret(text: str) -> tuple[str, str]:
    setting, separator, path = text.partition("=")
    if not (re.fullmatch(r"[a-z0-9_.]+", setting) and separator and path):
        raise argparse.ArgumentTypeError("a secret is given as setting=file, telegram.token=/etc/token")
    return setting, os.path.abspath(path)  # noqa: PTH100  links are left as they are


def _minutes(text: str) -> float:
    number = float(text)
    if not 0 <= number < 10**6:  # NaN is not, either
        raise argparse.ArgumentTypeError("minutes are a number from 0 to 999999")
    return number


def language_of(variables: "os._Environ[str] | dict[str, str]") -> str:
    """The language of the terminal: `LC_ALL`, `LC_MESSAGES`, `LANG`; English when it is none of ours."""
    from core.text import pick_language

    chosen = variables.get("LC_ALL") or variables.get("LC_MESSAGES") or variables.get("LANG") or ""
    return pick_language(chosen.replace("_", "-").split(".")[0], "en")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status. It ends quietly when whoever reads what it says has gone."""
    try:
        try:
            return _main(arguments)
        finally:
            sys.stdout.flush()
    except OSError as error:
        if not _is_unread(error):
            raise
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):  # what is left would be written at the end
            os.dup2(nowhere, stream.fileno())
        return UNREAD


def _is_unread(error: OSError) -> bool:
    """Whether the other end of a pipe is closed. Windows says so of files, too, as an invalid argument."""
    return isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL)


def _main(arguments: Sequence[str] | None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal or pipe that cannot show a letter shows a mark for it
            stream.reconfigure(errors="replace")
    root = parser()
    options = root.parse_args(arguments)
    if options.version:
        from importlib.metadata import version

        sys.stdout.write(f"vakhta {version('vakhta')}\n")
        return 0
    if options.command is None:
        root.print_help()
        return 2
    begin(options.log_level)
    return _run(options)


def _run(options: argparse.Namespace) -> int:
    from core.text import translator

    t = translator(language_of(os.environ))
    try:
        call: Call = importlib.import_module(f"bot.commands.{options.module}").call
        return call(options, t)
    except ConfigError as error:
        for fault in getattr(error, "faults", None) or [error]:
            sys.stderr.write(t(fault.message, **fault.values) + "\n")
        return 2
    except VakhtaError as error:
        sys.stderr.write(t(error.message, **error.values) + "\n")
        if remedy := getattr(error, "remedy", ""):
            sys.stderr.write(f"    → {t(remedy, **error.values)}\n")
        return 1
    except KeyboardInterrupt:
        return 1
