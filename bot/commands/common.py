"""What commands share: settings, services for one call, and printing data as text or JSON."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from bot.demo.folder import refuse
from bot.findings import Finding
from bot.services import Services, build_services, letters_options, open_database
from core.clock import SystemClock
from core.db.engine import file_of
from core.people.model import Actor
from core.settings import Settings, load
from core.settings_sources import find_file
from core.text import Translator

Call = Callable[[argparse.Namespace, Translator], int]
CLI = Actor("vakhta", None, "cli")
Result = TypeVar("Result")


def config_of(options: argparse.Namespace) -> Path | None:
    """The configuration file that this call names, None when there is none. Raises `ConfigError`."""
    return find_file(options.config, os.environ)


def settings_of(options: argparse.Namespace) -> Settings:
    """The configuration that this call names. Raises `ConfigError`."""
    config = config_of(options)
    settings = load(config)
    refuse_demo(settings, config)
    letters_options(settings)  # its words and its pattern are searched for: told before anything is started
    return settings


def refuse_demo(settings: Settings, config: Path | None) -> None:
    """Raises `ConfigError` where the configuration or the database lies in the data folder of a demo."""
    database = file_of(settings.database.url)
    refuse(*(path.absolute().parent for path in (config, database) if path is not None))


def with_services(options: argparse.Namespace, work: Callable[[Services], Awaitable[Result]]) -> Result:
    """Open the database (brought up to date), build the services, do the work, close."""
    settings = settings_of(options)

    async def go() -> Result:
        db = await open_database(settings)
        try:
            return await work(build_services(settings, SystemClock(), db))
        finally:
            await db.close()

    return asyncio.run(go())


def say(line: str = "") -> None:
    """A line on stdout, at once: another program may be waiting for it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def say_json(document: Any) -> None:
    """One JSON document on stdout; moments and paths as text. Pure ASCII where stdout does not speak UTF-8."""
    ascii_only = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    json.dump(document, sys.stdout, ensure_ascii=ascii_only, indent=2, default=_plain)
    sys.stdout.write("\n")


def say_findings(findings: Sequence[Finding], *, as_json: bool) -> int:
    """A line for each check, and below it what to do; exit status 1 when one failed."""
    if as_json:
        say_json([asdict(finding) for finding in findings])
    for finding in [] if as_json else findings:
        say(f"{'✓' if finding.ok else '✗'} {finding.check}: {finding.found}")
        if finding.remedy:
            say(f"    → {finding.remedy}")
    return 0 if all(finding.ok for finding in findings) else 1


def say_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns wide enough for what stands in them."""
    lines = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(head), *lines]) for i in range(len(head))]
    for line in [list(head), *lines]:
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _plain(value: object) -> object:
    from datetime import datetime

    from core.clock import iso

    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
