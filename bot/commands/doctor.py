"""`vakhta doctor`: one line a check, and what to do where it fails."""

import argparse
import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from bot.commands.common import say, say_json, settings_of
from bot.services import open_database
from core.clock import SystemClock
from core.errors import AuthFailed, VakhtaError
from core.settings import ProcessSection, Settings
from core.settings_letters import MailboxSection, SmtpSection
from core.text import Translator

LOW_DISK = 200 * 1024 * 1024
TIMEOUT = 10.0
MAILBOX_TIMEOUT = 30.0
"""Seconds for signing in and listing; servers of mail think for a while."""
JUST_NOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `remedy` is '' when all is well."""

    check: str
    ok: bool
    found: str
    remedy: str = ""


def call(options: argparse.Namespace, t: Translator) -> int:
    """Run every check; exit status 1 when one fails."""
    settings = settings_of(options)

    async def gather() -> list[Finding]:
        return [finding async for finding in checks(settings, t)]

    findings = asyncio.run(gather())
    if options.json:
        say_json([asdict(finding) for finding in findings])
    for finding in [] if options.json else findings:
        say(f"{'✓' if finding.ok else '✗'} {finding.check}: {finding.found}")
        if finding.remedy:
            say(f"    → {finding.remedy}")
    return 0 if all(finding.ok for finding in findings) else 1


async def checks(settings: Settings, t: Translator) -> AsyncIterator[Finding]:
    """Every check in order: configuration, database, disk, Telegram, folders, processes, mailboxes, how they send."""
    yield Finding(t("configuration"), ok=True, found=t("no faults"))
    yield await _database(settings, t)
    yield _disk(settings, t)
    yield await _telegram(settings, t)
    for name, watch in settings.watch.items():
        yield await asyncio.to_thread(_folder, t("folder {name}", name=name), watch.path, t)
    for name, process in settings.process.items():
        if process.command:
            yield await asyncio.to_thread(_command, t("process {name}", name=name), process, t)
    for name, mailbox in settings.mailbox.items():
        yield await _mailbox(name, mailbox, t)
        if mailbox.smtp is not None:
            yield await _smtp(name, mailbox.smtp, mailbox.ca_file, t)
        if mailbox.client_secret_expires is not None:
            yield _secret(name, mailbox.client_secret_expires, t)


async def _mailbox(name: str, section: MailboxSection, t: Translator) -> Finding:
    """Connects, and lists what came in the last minutes; reads no letter."""
    from bot.mailboxes import open_mailbox

    check, clock = t("mailbox {name}", name=name), SystemClock()
    try:
        box = open_mailbox(section, clock)
        try:
            async with asyncio.timeout(MAILBOX_TIMEOUT):
                await box.changes(None, clock.now() - JUST_NOW)
        finally:
            with suppress(TimeoutError, VakhtaError):
                async with asyncio.timeout(1):
                    await box.close()
    except TimeoutError:
        found, remedy = (
            t("does not answer"),
            t("Check the network and the server's address in mailbox.{name}.", name=name),
        )
    except AuthFailed as error:
        found = t(error.message, **error.values)
        remedy = t("Check who logs in, the secret and the rights in mailbox.{name}.", name=name)
    except VakhtaError as error:
        found = t(error.message, **error.values)
        if section.kind == "maildir":
            remedy = t("Check the path and the share.")
        else:
            remedy = t("Check the network, the server's address and the folder in mailbox.{name}.", name=name)
    else:
        return Finding(check, ok=True, found=box.identity.removeprefix("maildir:"))
    return Finding(check, ok=False, found=found, remedy=remedy)


async def _smtp(name: str, section: SmtpSection, ca_file: Path | None, t: Translator) -> Finding:
    """Connects, encrypts and logs in as for a letter; sends none."""
    from bot.mailboxes import open_smtp

    check = t("SMTP of mailbox {name}", name=name)
    try:
        async with asyncio.timeout(MAILBOX_TIMEOUT):
            await open_smtp(section, ca_file).check()
    except TimeoutError:
        found = t("does not answer")
        remedy = t("Check the network and host, port and tls in mailbox.{name}.smtp.", name=name)
    except AuthFailed as error:
        found = t(error.message, **error.values)
        remedy = t("Check username and password in mailbox.{name}.smtp.", name=name)
    except VakhtaError as error:
        found = t(error.message, **error.values)
        remedy = t("Check the network and host, port and tls in mailbox.{name}.smtp.", name=name)
    else:
        logged_in = t("logs in as {name}", name=section.username) if section.username else t("takes letters unasked")
        return Finding(check, ok=True, found=f"{section.host}:{section.port}, {logged_in}")
    return Finding(check, ok=False, found=found, remedy=remedy)


def _secret(name: str, expires: date, t: Translator) -> Finding:
    from jobs.letters.secrets import THRESHOLDS, days_left

    check, days = t("client secret of mailbox {name}", name=name), days_left(expires, SystemClock().now())
    remedy = t("Make a new one in Microsoft Entra; put it and its date into mailbox.{name}.", name=name)
    if days < 0:
        return Finding(check, ok=False, found=t("expired on {date}", date=expires), remedy=remedy)
    found = t.many("expires in {n} day, on {date}", "expires in {n} days, on {date}", days, date=expires)
    return Finding(check, ok=True, found=found, remedy=remedy if days <= max(THRESHOLDS) else "")


async def _database(settings: Settings, t: Translator) -> Finding:
    try:
        db = await open_database(settings)
        async with db.transaction():
            pass
        await db.close()
    except VakhtaError as error:
        return Finding(t("database"), ok=False, found=t(error.message, **error.values), remedy=t("Check database.url."))
    return Finding(t("database"), ok=True, found=t("can be written"))


def _disk(settings: Settings, t: Translator) -> Finding:
    path = Path(settings.database.url.partition(":///")[2]).parent if ":///" in settings.database.url else Path()
    free = shutil.disk_usage(path if path.exists() else Path()).free
    found = t("{n} MB free", n=free // (1024 * 1024))
    if free < LOW_DISK:
        return Finding(t("disk"), ok=False, found=found, remedy=t("Free some space where the database is."))
    return Finding(t("disk"), ok=True, found=found)


async def _telegram(settings: Settings, t: Translator) -> Finding:
    telegram = settings.telegram
    token = telegram.token.get_secret_value()
    if not token:
        return Finding("Telegram", ok=True, found=t("no token: a dry run, messages go to the log"))
    try:
        status, name = await _get_me(telegram.api_base, token, telegram.proxy)
    except (OSError, TimeoutError, ValueError) as error:
        found = t("cannot be reached ({kind})", kind=type(error).__name__)
        return Finding(
            "Telegram", ok=False, found=found, remedy=t("Check the network, telegram.proxy and telegram.api_base.")
        )
    if status != 200:
        remedy = t("Get the token from @BotFather and put it into telegram.token.")
        return Finding("Telegram", ok=False, found=t("does not accept the token"), remedy=remedy)
    return Finding("Telegram", ok=True, found=f"@{name}")


async def _get_me(api_base: str, token: str, proxy: str) -> tuple[int, str]:
    import aiohttp
    from aiohttp_socks import ProxyConnector

    connector = ProxyConnector.from_url(proxy) if proxy else None
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.get(f"{api_base}/bot{token}/getMe") as response,
        ):
            body = await response.json(content_type=None)
            return response.status, str((body.get("result") or {}).get("username", ""))
    except aiohttp.ClientError as error:
        raise ConnectionError(type(error).__name__) from None


def _folder(check: str, path: Path, t: Translator) -> Finding:
    if not path.is_dir():
        return Finding(
            check, ok=False, found=t("{path} is not there", path=path), remedy=t("Check the path and the share.")
        )
    if not os.access(path, os.R_OK | os.X_OK):
        remedy = t("Give this account the right to read it.")
        return Finding(check, ok=False, found=t("{path} cannot be read", path=path), remedy=remedy)
    return Finding(check, ok=True, found=str(path))


def _command(check: str, section: ProcessSection, t: Translator) -> Finding:
    folder = section.working_directory or Path()
    if not folder.is_dir():
        remedy = t("Check its working_directory.")
        return Finding(check, ok=False, found=t("{path} is not there", path=folder), remedy=remedy)
    program = section.command[0]
    wanted = str(folder / program) if Path(program).name != program else program
    found = shutil.which(wanted, path=section.env["PATH"].get_secret_value() if "PATH" in section.env else None)
    if found is None:
        remedy = t("Check its command, and the rights of this account.")
        return Finding(check, ok=False, found=t("{program} cannot be run", program=program), remedy=remedy)
    return Finding(check, ok=True, found=found)
