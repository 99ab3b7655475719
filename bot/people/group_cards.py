"""How a group's card looks: what the assistant can do there, the remedies, and what it is told. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from aiogram.filters.callback_data import CallbackData
from markupsafe import Markup

from bot.chat.cards import Button, Card, clean, lines
from core.alerts.model import Destination
from core.text import Translator

TOPICS: Final = ("requests", "files", "sync")
ALL: Final = "all"


class BindButton(CallbackData, prefix="bd"):
    """Tell a group (thread 0) or its topic `what` from now on, or no more: one of `TOPICS`, or `all`."""

    what: str
    chat: int
    thread: int


@dataclass(frozen=True, slots=True)
class Sight:
    """What the assistant can do in a group (Bot API: User, Chat, ChatMember)."""

    writes: bool
    hears: bool
    reacts: bool
    pins: bool
    forum: bool

    def data(self) -> dict[str, Any]:
        """As plain data, for a notice."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Sight | None":
        """From plain data; None when there is none."""
        return cls(**data) if data else None


def group_card(t: Translator, to: Destination, sight: Sight, receives: Collection[str]) -> Card:
    """What the assistant can and cannot see, what to do about it, and what this group or topic is used for."""
    parts: list[Markup | str | None] = [
        t.html("<b>I am on duty here.</b>"),
        t.html("✓ I see commands, replies to my messages and presses of my buttons."),
        None if sight.writes else t.html("✗ I may not write here. Remedy: let me send messages."),
        t.html("✓ I hear every message.")
        if sight.hears
        else t.html("– I do not hear other messages (privacy mode). Remedy: make me an administrator."),
        t.html("✓ I see reactions.")
        if sight.reacts
        else t.html("– I do not see reactions. Remedy: make me an administrator."),
        t.html("✓ I can pin messages.")
        if sight.pins
        else t.html("– I cannot pin messages. Remedy: make me an administrator who may pin."),
        t.html("✓ There are topics. Write /group in one to use it by itself.") if sight.forum else None,
        "",
        t.html("Use this topic for:") if to.thread_id else t.html("Use this group for:"),
    ]
    names = {"requests": t("Requests"), "files": t("Files"), "sync": t("Syncs")}

    def button(what: str, name: str, *, on: bool) -> Button:
        data = BindButton(what=what, chat=to.chat_id, thread=to.thread_id).pack()
        return Button(f"✓ {name}" if on else name, data)

    row = tuple(button(topic, names[topic], on=topic in receives) for topic in TOPICS)
    return Card(lines(parts), (row, (button(ALL, t("All"), on=set(TOPICS) <= set(receives)),)))


def anonymous_card(t: Translator, link: str) -> Card:
    """To an anonymous administrator, of whom nobody can say who it is."""
    text = t.html(
        'You write in the group\'s name, so I cannot see who you are. <a href="{link}">Go on in private</a>.', link=link
    )
    return Card(text)


def muted_card(t: Translator, data: Mapping[str, Any]) -> Card:
    """To the admins: the assistant is in a group and may not write there."""
    title, who = clean(str(data.get("title", ""))), clean(str(data.get("who", "")))
    return Card(
        t.html(
            "🤐 In the group “{title}” I may not write (by {who}). "
            "Remedy: let members or me send messages there, then write /group in it.",
            title=title,
            who=who,
        )
    )


def left_card(t: Translator, data: Mapping[str, Any]) -> Card:
    """To the admins: the assistant was removed from a group."""
    title, who = clean(str(data.get("title", ""))), clean(str(data.get("who", "")))
    parts = [t.html("🚪 {who} removed me from the group “{title}”.", who=who, title=title)]
    if data.get("bound"):
        parts.append(t.html("What it was told is kept for when I am back; until then it is told nothing."))
    return Card(lines(parts))
