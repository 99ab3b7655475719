"""How letters look in a chat. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from markupsafe import Markup

from bot.chat.cards import Button, Card, lines, rows_of, shorten
from bot.chat.pager import page_row
from bot.letters import keyboards
from bot.letters.keyboards import LetterButton, LettersButton
from core.letters.record import DECIDED, Effect, Reason, Record, State
from core.people.model import Reader
from core.requests.model import Workflow
from core.text import Translator, local_time, translator

TEXT_SHOWN: Final = 1200
ICONS: Final[dict[State, str]] = {
    "applied": "✅",
    "noted": "💬",
    "triage": "❓",
    "ignored": "🤖",
    "linked": "🔗",
    "created": "➕",
    "dismissed": "🚫",
}
_EFFECTS_SHOWN: Final = 3
_EFFECTS_LISTED: Final = 2


def letter_card(workflow: Workflow, record: Record, reader: Reader, now: datetime) -> Card:
    """A letter: from whom, what it says, what it did or why a person must decide, and what can be decided."""
    t = translator(reader.language)
    text = shorten(record.excerpt.strip(), TEXT_SHOWN)
    parts = [
        _head(t, record, reader, now),
        _origin(t, record, reader, now),
        t.html("<b>{subject}</b>", subject=_one_line(record.subject, 200)) if record.subject.strip() else None,
        Markup("<blockquote>{}</blockquote>").format(text) if text else None,
        *(_effect(workflow, t, effect) for effect in record.effects[:_EFFECTS_SHOWN]),
        *_why(workflow, t, record),
    ]
    return Card(lines(parts), keyboards.card_rows(t, record), record.subject_key)


def _head(t: Translator, record: Record, reader: Reader, now: datetime) -> Markup:
    by = _one_line(record.decided_by or "", 60)
    when = local_time(record.decided_at, reader.timezone, now) if record.decided_at else ""
    name = record.effects[-1].name if record.effects else ""
    heads = {
        "triage": lambda: t.html("❓ <b>Which request is this letter about?</b>"),
        "applied": lambda: t.html("✅ <b>A letter, applied</b>"),
        "noted": lambda: t.html("💬 <b>A letter, kept as a comment</b>"),
        "ignored": lambda: t.html("🤖 <b>A letter that changes nothing</b>"),
        "linked": lambda: t.html("🔗 <b>Linked to {name}</b> by {by}, {when}", name=name, by=by, when=when),
        "created": lambda: t.html("➕ <b>New request {name}</b> by {by}, {when}", name=name, by=by, when=when),
        "dismissed": lambda: t.html("🚫 <b>Not about a request</b>, says {by}, {when}", by=by, when=when),
    }
    return heads[record.state]()


def _origin(t: Translator, record: Record, reader: Reader, now: datetime) -> Markup:
    when = local_time(record.moment, reader.timezone, now)
    return t.html("✉️ {who} · {when}", who=_who(t, record, full=True), when=when)


def _who(t: Translator, record: Record, *, full: bool = False) -> str:
    name, sender = _one_line(record.sender_name, 40), _one_line(record.sender, 80 if full else 40)
    if full and name and sender:
        return f"{name} <{sender}>"
    return name or sender or t("unknown sender")


def _one_line(text: str, limit: int) -> str:
    return shorten(" ".join(text.split()), limit)


def _reason(t: Translator, reason: Reason) -> Markup:
    values = {name: _one_line(value, 80) for name, value in reason.values.items()}
    return t.html("<i>{reason}</i>", reason=_one_line(t(reason.sentence, **values), 200))


def _why(workflow: Workflow, t: Translator, record: Record) -> list[Markup]:
    """Why it did what it did, or what a person must decide; a person's decision needs no reason."""
    if record.state == "triage":
        return _question(workflow, t, record)
    return [] if record.state in DECIDED else [_reason(t, record.reason)]


def _question(workflow: Workflow, t: Translator, record: Record) -> list[Markup]:
    """Why a person is asked, what will be applied, and what it may be about."""
    parts = [Markup("🤔 ") + _reason(t, record.reason)]
    if record.status is not None:
        parts.append(t.html("It says: <b>{status}</b>", status=_label(workflow, t, record.status)))
    if record.candidates:
        parts += [Markup(), t.html("It may be about:")]
    for each in record.candidates:
        values = {name: _one_line(value, 60) for name, value in each.reason.values.items()}
        parts.append(
            t.html(
                "• <b>{name}</b> {title} — <i>{reason}</i>",
                name=each.name,
                title=_one_line(each.title, 60),
                reason=t(each.reason.sentence, **values),
            )
        )
    parts += [Markup(), t.html("<i>Another one? Reply to this message with its number.</i>")]
    return parts


def _effect(workflow: Workflow, t: Translator, effect: Effect) -> str:
    """What a letter did to one request."""
    if effect.status is None:
        return t("{name}: a comment", name=effect.name)
    status = _label(workflow, t, effect.status)
    if effect.moved:
        return f"{effect.name}: {status}"
    return t("{name}: {status}, which is no news", name=effect.name, status=status)


def _label(workflow: Workflow, t: Translator, code: str) -> str:
    if code not in workflow.codes:
        return code
    status = workflow.status(code)
    return f"{status.icon} {status.labels[t.language]}"


def list_card(
    workflow: Workflow,
    found: Sequence[Record],
    counts: Mapping[str, int],
    reader: Reader,
    now: datetime,
    *,
    page: int = 0,
) -> Card:
    """A page of the letters that came, what each did and why; a button for each that waits for a person.

    `counts`: how many letters there are of each state.
    """
    t = translator(reader.language)
    total, waiting = sum(counts.values()), counts.get("triage", 0)
    if not found:
        return Card(t.html("No letter has come yet."))
    parts: list[Markup | str] = [t.many_html("✉️ <b>{n} letter</b>", "✉️ <b>{n} letters</b>", total)]
    if waiting:
        parts.append(t.many_html("❓ {n} letter waits for a person", "❓ {n} letters wait for a person", waiting))
    for record in found:
        parts += ["", *_entry(workflow, t, record, local_time(record.moment, reader.timezone, now))]
    openers = [
        Button(
            f"❓ {shorten(_who(t, record), 24)} · {local_time(record.moment, reader.timezone, now)}",
            LetterButton(action="open", id=record.id).pack(),
        )
        for record in found
        if record.state == "triage"
    ]
    turn = page_row(page, total, lambda to: LettersButton(page=to).pack())
    return Card(lines(parts), tuple(row for row in (*rows_of(openers, 1), turn) if row))


def _entry(workflow: Workflow, t: Translator, record: Record, when: str) -> list[Markup | str]:
    """A letter in the list: from whom and when, about what, what it did and why."""
    head = t.html("{icon} <b>{who}</b> · {when}", icon=ICONS[record.state], who=_who(t, record), when=when)
    parts: list[Markup | str] = [head]
    if record.subject.strip():
        parts.append(_one_line(record.subject, 60))
    parts += [_effect(workflow, t, effect) for effect in record.effects[:_EFFECTS_LISTED]]
    if record.state in DECIDED:
        parts.append(t.html("<i>decided by {by}</i>", by=_one_line(record.decided_by or "", 60)))
    else:
        parts.append(_reason(t, record.reason))
    return parts


def linked_card(t: Translator, record: Record) -> Card:
    """The answer to a person who named the request in a reply."""
    return Card(t.html("🔗 The letter is linked to <b>{name}</b>.", name=record.effects[-1].name))


__all__ = ["letter_card", "linked_card", "list_card"]
