"""`vakhta doctor`: one line a check, and what to do where it fails."""

import argparse
import asyncio
from collections.abc import Awaitable, Iterator

from bot.commands.common import say_findings, settings_of
from bot.doctor import machine, mail
from bot.doctor.checking import in_a_thread, settle
from bot.doctor.telegram import telegram
from bot.findings import Finding
from core.settings import Settings
from core.text import Translator


def call(options: argparse.Namespace, t: Translator) -> int:
    """Run every check; exit status 1 when one fails."""
    settings = settings_of(options)
    return say_findings(asyncio.run(examine(settings, t)), as_json=options.json)


async def examine(settings: Settings, t: Translator) -> list[Finding]:
    """Every check, all at once, in the order of the configuration; each ends in time and none raises."""
    found = await asyncio.gather(*(settle(check, work, t) for check, work in _checks(settings, t)))
    return [Finding(t("configuration"), ok=True, found=t("no faults")), *(each for part in found for each in part)]


def _checks(settings: Settings, t: Translator) -> Iterator[tuple[str, Awaitable[list[Finding]]]]:
    yield t("database"), machine.database(settings, t)
    yield t("disk"), in_a_thread(machine.disk, settings, t)
    yield "Telegram", telegram(settings, t)
    for name, watch in settings.watch.items():
        check = t("folder {name}", name=name)
        yield check, in_a_thread(machine.folder, check, watch.path, t)
    for name, process in settings.process.items():
        if process.command:
            check = t("process {name}", name=name)
            yield check, in_a_thread(machine.command, check, process, t)
    for name, mailbox in settings.mailbox.items():
        yield t("mailbox {name}", name=name), _one(mail.mailbox(name, mailbox, t))
        if mailbox.smtp is not None:
            yield t("SMTP of mailbox {name}", name=name), _one(mail.smtp(name, mailbox.smtp, mailbox.ca_file, t))
        if mailbox.client_secret_expires is not None:
            check = t("client secret of mailbox {name}", name=name)
            yield check, in_a_thread(mail.secret, name, mailbox.client_secret_expires, t)


async def _one(work: Awaitable[Finding]) -> list[Finding]:
    return [await work]
