"""`vakhta letters`: what the reader understands; one pass over the mailboxes."""

import argparse
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot.commands.common import say, say_json
from core.errors import AuthFailed, Unavailable, UserError, VakhtaError
from core.text import Translator

if TYPE_CHECKING:
    from bot.services import Services
    from jobs.letters.job import Preview

Found = TypeVar("Found")


def call(options: argparse.Namespace, t: Translator) -> int:
    """Read, check."""
    return _read(options, t) if options.action == "read" else _check(options, t)


def _read(options: argparse.Namespace, t: Translator) -> int:
    """Asks no database, no configuration file and no sender list."""
    from jobs.letters.reading import read_paths

    found: list[dict[str, Any]] = list(read_paths([Path(path) for path in options.paths]))
    if options.json:
        say_json(found)
        return 0
    for letter in found:
        reason = letter["reason"]
        _print(letter["outcome"], letter["updates"], letter["file"], t(reason))
    return 0


def _print(outcome: str, updates: list[dict[str, str | None]], file: str, reason: str) -> None:
    say(f"{outcome:7} {', '.join(_update(update) for update in updates):24} {file}")
    say(f"        {reason}")


def _update(update: dict[str, str | None]) -> str:
    name = f"{update['request']}/{update['position']}" if update["position"] else f"{update['request']}"
    return f"{name} → {update['status']}" if update["status"] else name


def _check(options: argparse.Namespace, t: Translator) -> int:
    from bot.commands.common import settings_of, with_services
    from bot.mailboxes import intake_of, open_mailbox
    from jobs.letters.job import MailboxJob

    boxes = settings_of(options).mailbox
    if options.source and options.source not in boxes:
        raise UserError(
            "There is no mailbox {name}. Known are: {known}.", name=options.source, known=", ".join(boxes) or "-"
        )
    chosen = {name: box for name, box in boxes.items() if options.source in (None, name)}

    failures: dict[str, VakhtaError] = {}

    async def check(services: "Services") -> dict[str, int]:
        return await over(services, MailboxJob.once)

    async def foresee(services: "Services") -> "dict[str, list[Preview]]":
        return await over(services, MailboxJob.preview)

    async def over(services: "Services", work: Callable[[MailboxJob], Awaitable[Found]]) -> dict[str, Found]:
        """What was found in each; a mailbox that fails does not hold up the others."""
        found = {}
        for name, section in chosen.items():
            box = open_mailbox(section, services.clock)
            job = MailboxJob(services.db, services.clock, services.letters, box, intake_of(name, section))
            try:
                found[name] = await work(job)
            except (Unavailable, AuthFailed) as error:
                failures[name] = error
            finally:
                await box.close()
        return found

    if options.dry_run:
        _foreseen(with_services(options, foresee), options, t)
    else:
        _checked(with_services(options, check), options, t)
    for name, error in failures.items():
        sys.stderr.write(f"{name}: {t(error.message, **error.values)}\n")
    return 1 if failures else 0


def _checked(done: dict[str, int], options: argparse.Namespace, t: Translator) -> None:
    if options.json:
        say_json(done)
    for name, n in () if options.json else done.items():
        say(t.many("{name}: {n} new letter", "{name}: {n} new letters", n, name=name))


def _foreseen(found: dict[str, list["Preview"]], options: argparse.Namespace, t: Translator) -> None:
    """What a pass would do, by mailbox, each letter under the keys of `letters read`."""
    if options.json:
        say_json({name: [_plain(preview) for preview in previews] for name, previews in found.items()})
        return
    for name, previews in found.items():
        say(t.many("{name}: {n} new letter", "{name}: {n} new letters", len(previews), name=name))
        for preview in previews:
            plain = _plain(preview)
            _print(preview.outcome, plain["updates"], preview.key, t(preview.reason, **preview.values))


def _plain(preview: "Preview") -> dict[str, Any]:
    letter = preview.letter
    return {
        "file": preview.key,
        "outcome": preview.outcome,
        "updates": [
            {"request": update.request, "position": update.position, "status": update.status}
            for update in preview.updates
        ],
        "reason": preview.reason.format(**preview.values),
        "sender": letter.sender if letter else "",
        "received_at": letter.moment if letter else None,
        "message_id": letter.message_id if letter else "",
    }
