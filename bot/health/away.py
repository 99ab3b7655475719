"""What is told after an unplanned stop, of a second copy of the assistant, and of a missing backup. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.chat.cards import Card, lines
from bot.health.cards import source_title
from core.people.model import Reader
from core.text import duration, local_time, translator


def away_card(data: Mapping[str, Any], subject: str, reader: Reader, now: datetime) -> Card:
    """How long nobody was at work and what was caught up; `data` as `core.health.runs` writes it."""
    t = translator(reader.language)
    since, until = datetime.fromisoformat(data["since"]), datetime.fromisoformat(data["until"])
    away = duration(t, (until - since).total_seconds())
    at = f"{local_time(since, reader.timezone, now)}:{since:%S}"
    found = [
        t.many("{n} letter read", "{n} letters read", data["letters"]) if data["letters"] else "",
        t.many("{n} file change found", "{n} file changes found", data["changes"]) if data["changes"] else "",
    ]
    caught_up = ", ".join(part for part in found if part)
    if caught_up:
        said = t.html("⏱ I was away for {away} (from {at}); nothing lost: {found}.", away=away, at=at, found=caught_up)
    else:
        said = t.html("⏱ I was away for {away} (from {at}); nothing lost.", away=away, at=at)
    late = ", ".join(source_title(t, source) for source in data["late"])
    often = local_time(datetime.fromisoformat(data["began"]), reader.timezone, now)
    return Card(
        lines(
            [
                said,
                t.html("🔌 Not caught up yet: {sources}.", sources=late) if late else None,
                t.many_html(
                    "⚠️ It has stopped {n} time since {at}; the log says why.",
                    "⚠️ It has stopped {n} times since {at}; the log says why.",
                    data["stops"],
                    at=often,
                )
                if data["stops"] > 1
                else None,
            ]
        ),
        subject=subject,
    )


def second_card(data: Mapping[str, Any], reader: Reader) -> Card:
    """Another program uses the same token, or another host the same database; and what to do."""
    t = translator(reader.language)
    if data["on"] == "token":
        return Card(
            t.html(
                "👥 <b>Another program uses the same Telegram token.</b> Each of us gets only a part of what people "
                "write and press. Stop the other one, or give one of us a token of its own (@BotFather)."
            )
        )
    if data["on"] == "webhook":
        return Card(
            t.html(
                "👥 <b>Until now Telegram posted to {host} what people write and press.</b> I take it from here on; "
                "{host} hears nothing more. If it is still needed, give one of us a bot of its own (@BotFather).",
                host=data["host"],
            )
        )
    return Card(
        t.html(
            "👥 <b>Another copy works on the same database:</b> process {pid} on {host}. Stop it unless you want both; "
            "folders are told apart by host, the rest is done twice.",
            pid=data["pid"],
            host=data["host"],
        )
    )


def no_backup_card(data: Mapping[str, Any], reader: Reader) -> Card:
    """No copy of the database could be made, and what to do."""
    t = translator(reader.language)
    message, values = data["message"], data["values"]
    reason = t(message, **values)
    what = t.html("💾 <b>Tonight's copy of the database was not made.</b> {reason}", reason=reason)
    todo = t.html("I try again each hour. Free some space, or check the rights on its folder; see docs/backup.md.")
    return Card(lines([what, todo]))
