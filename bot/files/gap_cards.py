"""Times in which a folder was not seen, in words. Pure."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from markupsafe import Markup

from bot.chat.cards import lines, shorten
from core.files.model import Gap
from core.people.model import Reader
from core.text import Translator, duration, local_time

_NAME: Final = 60
_NAMED: Final = 2
"""Gaps told one by one below an answer."""


def span(t: Translator, gap: Gap, reader: Reader, now: datetime) -> str:
    """From when to when: `14:02–14:10`, `20.11 23:58–21.11 00:10`, `since 14:02`."""
    began = local_time(gap.began_at, reader.timezone, now)
    if gap.ended_at is None:
        return t("since {at}", at=began)
    ended = local_time(gap.ended_at, reader.timezone, now)
    day, _, ended_time = ended.rpartition(" ")
    if began == ended:
        return began
    return f"{began}–{ended_time}" if began.rpartition(" ")[0] == day else f"{began} – {ended}"


def why(t: Translator, gap: Gap) -> str:
    """Why nothing was seen."""
    said = {
        "off": t("I was off, or it was paused"),
        "frozen": t("the machine was too busy"),
        "overflow": t("too many changes at once"),
        "backend": t("the system's events failed"),
        "away": t("the folder was away") if gap.ended_at else t("the folder is away"),
        "paused": t("it is paused"),
    }
    return said[gap.reason]


def last_gap(t: Translator, gap: Gap, reader: Reader, now: datetime) -> Markup:
    """The last gap of a folder: when, how long, why, what was found after it."""
    assert gap.ended_at is not None  # noqa: S101  one that lasts is the folder's state
    length = duration(t, (gap.ended_at - gap.began_at).total_seconds())
    return lines(
        [
            t.html(
                "Last break in the watch: {span} ({length}), {why}.",
                span=span(t, gap, reader, now),
                length=length,
                why=why(t, gap),
            ),
            t.many_html("Found after it: {n} change.", "Found after it: {n} changes.", gap.found)
            if gap.found
            else t.html("Nothing had changed after it."),
            lost(t),
        ]
    )


def lost(t: Translator) -> Markup:
    """What no comparison brings back."""
    return t.html("<i>What was created and deleted again meanwhile is not known.</i>")


def between(t: Translator, gaps: Sequence[Gap], reader: Reader, now: datetime) -> Markup:
    """The gaps (newest first) between two changes of a file, in a line."""
    times, at, reason = len(gaps), span(t, gaps[0], reader, now), why(t, gaps[0])
    if times == 1:
        return t.html("<i>⋯ not seen {span}: {why}</i>", span=at, why=reason)
    return t.many_html(
        "<i>⋯ not seen {n} time, last {span}: {why}</i>",
        "<i>⋯ not seen {n} times, last {span}: {why}</i>",
        times,
        span=at,
        why=reason,
    )


def unseen(t: Translator, gaps: Sequence[Gap], reader: Reader, now: datetime) -> Markup | None:
    """What the answer to a question may lack: a quiet line below it; None when everything was seen.

    That something is lost is said of gaps that are over: what happens in the others is still to be found.
    """
    if not gaps:
        return None
    named = [
        ", ".join([f"{shorten(watch, _NAME)} {spans[0]}", *spans[1:]])
        for watch, some in groupby(gaps[:_NAMED], lambda gap: gap.watch)
        if (spans := [span(t, gap, reader, now) for gap in some])
    ]
    rest = len(gaps[_NAMED:])
    said = t.html("<i>⋯ Not seen: {gaps}.</i>", gaps=", ".join(named))
    if rest:
        said = t.many_html(
            "<i>⋯ Not seen: {gaps}, and {n} time more.</i>",
            "<i>⋯ Not seen: {gaps}, and {n} times more.</i>",
            rest,
            gaps=", ".join(named),
        )
    is_over = any(gap.ended_at is not None for gap in gaps)
    return lines([Markup(), said, lost(t) if is_over else None])
