"""Watched folders, each looked into before it is saved."""

import asyncio
from datetime import datetime
from pathlib import Path

from bot.commands.common import say
from bot.doctor import machine
from bot.doctor.checking import in_a_thread, settle
from bot.setup.console import Console
from bot.setup.draft import Draft
from bot.setup.names import ask_name
from core.errors import ConfigError


def add_watches(console: Console, draft: Draft, now: datetime) -> None:
    """Ask for folders until an empty answer."""
    t = console.t
    while True:
        known = draft.values().get("watch", {})
        if known:
            say(t("Watched: {names}", names=", ".join(known)))
        answer = console.ask(t("A folder whose changes are told (empty: no more)"), "")
        if not answer:
            return
        path = Path(answer).expanduser().absolute()
        (finding,) = asyncio.run(settle("", in_a_thread(machine.folder, "", path, t), t))
        if not finding.ok:
            console.tell_fault(finding.found, finding.remedy)
            continue
        say(t("✓ {path} can be read.", path=path))
        name = ask_name(console, path.name, known)
        try:
            draft.save(f"watch.{name}", {"path": str(path)}, {}, now)
        except ConfigError as error:
            console.tell(error)
