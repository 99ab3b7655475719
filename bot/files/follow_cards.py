"""How subscriptions look in a chat: the list, one of them, what a follower is told. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, Final

from markupsafe import Markup

from bot.chat.cards import Button, Card, lines, rows_of, shorten
from bot.files.cards import ICONS, groups
from bot.files.keyboards import FilesButton, FollowButton, back_to_follows
from core.files.follows import FOLLOW, Follow
from core.files.model import FileEvent
from core.people.model import Reader
from core.text import Translator, translator

TIMES: Final = (900, 1300, 1800)
"""Hours a digest can be had at by a button, as a button carries them: 1800 is 18:00."""
_WORDS: Final = 100


def follows_card(follows: Sequence[Follow], reader: Reader) -> Card:
    """What is followed here, numbered; a button opens each."""
    t = translator(reader.language)
    if not follows:
        return Card(
            lines(
                [
                    t.html("🔔 Nothing is followed here yet."),
                    t.html("Try <code>/follow *.docx CRM</code>, or daily: <code>/follow 9:00 CRM</code>"),
                ]
            )
        )
    parts: list[Markup | str] = [t.html("🔔 <b>Followed here</b>"), ""]
    for n, follow in enumerate(follows, 1):
        words = shorten(follow.words, _WORDS)
        parts.append(Markup("{}. <b>{}</b> · {}").format(n, words, _when(t, follow.digest_at)))
    buttons = []
    for n, follow in enumerate(follows, 1):
        buttons.append(Button(f"⚙️ {n}", FollowButton(action="open", id=follow.id).pack()))
        buttons.append(Button(f"✖ {n}", FollowButton(action="stop", id=follow.id).pack()))
    return Card(lines(parts), rows_of(buttons, 4))


def follow_card(follow: Follow, reader: Reader, *, made: bool = False) -> Card:
    """One subscription, with when it is told; `made`: it has just begun."""
    t = translator(reader.language)
    head = t.html("🔔 I follow this from now on.") if made else t.html("🔔 <b>Followed here</b>")
    text = [head, Markup("<b>{}</b>").format(shorten(follow.words, 200)), _when(t, follow.digest_at)]
    now = Button(
        _chosen(t("At once"), chosen=follow.digest_at is None), FollowButton(action="now", id=follow.id).pack()
    )
    daily = [
        Button(
            _chosen(f"🗞 {value // 100}:{value % 100:02}", chosen=follow.digest_at == time_of(value)),
            FollowButton(action="at", id=follow.id, value=value).pack(),
        )
        for value in TIMES
    ]
    stop = Button(t("✖ Stop"), FollowButton(action="stop", id=follow.id).pack())
    return Card(lines(text), ((now,), *rows_of(daily, 3), (stop, back_to_follows(t))))


def time_of(value: int) -> time:
    """The time of day that a button carries. Raises `ValueError` for a hand-made one."""
    return time(value // 100, value % 100)


def news_card(data: Mapping[str, Any], last: Sequence[FileEvent], reader: Reader, now: datetime) -> Card:
    """What a follower is told: how many changes, and the last of them (newest first)."""
    t = translator(reader.language)
    counts: Mapping[Any, int] = data["counts"]
    total = sum(counts.values())
    rest = total - len(last)
    head = (
        t.many_html("🗞 <b>{words}</b>: {n} change", "🗞 <b>{words}</b>: {n} changes", total, words=_short(data))
        if data["digest"]
        else t.many_html("🔔 <b>{words}</b>: {n} change", "🔔 <b>{words}</b>: {n} changes", total, words=_short(data))
    )
    text = lines(
        [
            head,
            "  ".join(f"{ICONS[kind]} {n}" for kind, n in counts.items() if n) if total > 1 else None,
            *groups(last, reader, now),
            t.many_html("<i>and {n} earlier</i>", "<i>and {n} earlier</i>", rest) if rest > 0 else None,
        ]
    )
    row = (
        Button(t("🔎 All of it"), FilesButton(page=0, follow=data["follow"]).pack()),
        Button(t("⚙️ Subscription"), FollowButton(action="open", id=data["follow"]).pack()),
    )
    return Card(text, (row,), f"{FOLLOW}:{data['follow']}:{data['message']}")


def _short(data: Mapping[str, Any]) -> str:
    return shorten(data["words"], _WORDS)


def _when(t: Translator, at: time | None) -> str:
    return t("at once") if at is None else t("daily at {time}", time=f"{at:%H:%M}")


def _chosen(text: str, *, chosen: bool) -> str:
    return f"✓ {text}" if chosen else text
