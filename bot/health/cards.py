"""How the assistant is doing: the card of `/status`, and of sources that went away and came back. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from markupsafe import Markup

from bot.chat.cards import Button, Card, lines, shorten
from bot.chat.menu import MenuButton
from core.health.model import REMARK, JobState, Outage
from core.health.rules import BACKUP, is_backup_late
from core.people.model import Reader
from core.text import Translator, duration, local_time, translator

ICONS = {
    "running": "🟢",
    "idle": "🟢",
    "starting": "🟡",
    "backoff": "🟠",
    "waiting": "⏸",
    "auth": "🔴",
    "stopped": "⚪",
    "off": "⚪",
}


def source_title(t: Translator, code: str) -> str:
    """A source's code in words: `mailbox.contractor` → Mailbox contractor; an unknown code is its own title."""
    kind, _, name = code.partition(".")
    titles: Final = {
        "mailbox": t("Mailbox {name}", name=name),
        "post": t("Outgoing mail of {name}", name=name),
        "watch": t("Folder {name}", name=name),
        "checksums": t("Checksums of {name}", name=name),
        "sync": t("Sync {name}", name=name),
        "telegram": t("Telegram"),
    }
    return titles.get(kind, code)


def source_card(data: Mapping[str, Any], reader: Reader, now: datetime) -> Card:
    """A source is away, refuses us, or is back; `data` as `core.health.service` writes it."""
    t = translator(reader.language)
    title, since = source_title(t, data["source"]), datetime.fromisoformat(data["since"])
    match data["state"]:
        case "up":
            away = duration(t, (datetime.fromisoformat(data["until"]) - since).total_seconds())
            text = _back(t, title, away, data.get("found"))
        case "auth":
            text = t.html("⛔ {title} refuses my credentials. I stopped asking; please check them.", title=title)
        case "down" if data["source"].startswith("watch."):
            at = local_time(since, reader.timezone, now)
            text = t.html(
                "⚠️ {title} is away (since {at}); nothing is counted as deleted. I keep trying.", title=title, at=at
            )
        case _:
            at = local_time(since, reader.timezone, now)
            text = t.html("⚠️ {title} has not been reachable since {at}. I keep trying.", title=title, at=at)
    return Card(text, subject=f"source:{data['source']}")


def _back(t: Translator, title: str, away: str, found: int | None) -> Markup:
    """A source is back; with what was `found` to have changed there, where that was looked for."""
    if found is None:
        return t.html("✅ {title} is back after {away}.", title=title, away=away)
    if not found:
        return t.html("✅ {title} is back after {away}; nothing changed.", title=title, away=away)
    return t.many_html(
        "✅ {title} is back after {away}, {n} change found.",
        "✅ {title} is back after {away}, {n} changes found.",
        found,
        title=title,
        away=away,
    )


def job_title(t: Translator, name: str) -> str:
    """A job's name in words."""
    titles = {
        "chat": t("Chat"),
        "courier": t("Courier"),
        "page": t("Status page"),
        "reminders": t("Reminders"),
        "checksums": t("Checksums"),
        "maintenance": t("Maintenance"),
        "outbox": t("Old messages"),
        "folders": t("Decisions about folders"),
        "followers": t("Subscriptions"),
        "lateness": t("Mail read in time"),
        "configuration": t("Configuration"),
        "letters": t("Letters"),
        "files": t("Files"),
        "processing": t("Processing"),
        "sync": t("Syncs"),
        "health": t("Sign of life"),
        "watchdog": t("Watchdog"),
        BACKUP: t("Copy of the database"),
    }
    return titles.get(name) or source_title(t, name)


def state_name(t: Translator, state: str) -> str:
    """A job's state in words."""
    names = {
        "starting": t("starting"),
        "running": t("at work"),
        "idle": t("waiting for its time"),
        "backoff": t("failed, will try again"),
        "waiting": t("waits for a person"),
        "stopped": t("stopped"),
        "off": t("off"),
        "auth": t("stopped: credentials refused"),
    }
    return names.get(state, state)


def status_card(
    jobs: Sequence[JobState],
    outages: Sequence[Outage],
    outbox: Mapping[str, int],
    reader: Reader,
    now: datetime,
) -> Card:
    """Is all well? Sources that are away, every job with its state, and what waits to be told."""
    t = translator(reader.language)
    broken = [job for job in jobs if job.state in ("backoff", "auth")]
    head = t.html("✅ <b>All is well.</b>")
    if outages or broken:
        head = t.many_html(
            "⚠️ <b>{n} thing needs attention.</b>", "⚠️ <b>{n} things need attention.</b>", max(len(outages), len(broken))
        )
    parts: list[Markup | str | None] = [head, ""]
    for outage in outages:
        away = duration(t, (now - outage.began_at).total_seconds())
        parts.append(t.html("🔌 {source}: away for {away}", source=source_title(t, outage.source), away=away))
    parts += [_line(t, job, reader, now) for job in jobs]
    waiting = outbox.get("new", 0) + outbox.get("sending", 0)
    parts += ["", t.many_html("📨 {n} message waits to be sent.", "📨 {n} messages wait to be sent.", waiting)]
    if unknown := outbox.get("unknown", 0):
        parts.append(
            t.many_html("❔ {n} message may not have arrived.", "❔ {n} messages may not have arrived.", unknown)
        )
    return Card(lines(parts), ((Button(t("🔄 Refresh"), MenuButton(name="status").pack()),),))


def _line(t: Translator, job: JobState, reader: Reader, now: datetime) -> Markup:
    text = t.html(
        "{icon} {title}: {state}",
        icon=ICONS.get(job.state, "⚪"),
        title=job_title(t, job.name),
        state=state_name(t, job.state),
    )
    remarks = job.state == "running" and REMARK in job.error_values
    if (remarks or job.state in ("backoff", "auth", "waiting")) and job.last_error:
        reason = shorten(t(job.last_error, **job.error_values), 200)
        return Markup("{}\n    <i>{}</i>").format(text, reason)
    if job.name == BACKUP and job.state != "off":
        return Markup("{} · {}").format(text, _backup_age(t, job, now))
    if job.state == "idle" and job.next_run_at:
        return Markup("{} · {}").format(text, local_time(job.next_run_at, reader.timezone, now))
    return text


def _backup_age(t: Translator, job: JobState, now: datetime) -> Markup:
    if job.last_ok_at is None:
        return t.html("none yet")
    age = duration(t, (now - job.last_ok_at).total_seconds())
    if is_backup_late(job.last_ok_at, now):
        return t.html("⚠️ the last one is {age} old", age=age)
    return t.html("the last one is {age} old", age=age)
