"""How letters look in a chat. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from markupsafe import Markup

from bot.chat.cards import Button, Card, Document, clean, lines, rows_of, shorten
from bot.chat.links import MailButton
from bot.chat.pager import PAGE_SIZE, page_row
from bot.letters import keyboards
from bot.letters.keyboards import LetterButton, LettersButton
from bot.letters.words import explained, label
from core.letters.model import Reading, Update
from core.letters.record import (
    DECIDED,
    SPOKEN,
    WAITING,
    Content,
    Effect,
    KeptAttachment,
    Reason,
    Record,
    Rereading,
    State,
)
from core.people.model import Reader
from core.requests.model import Workflow
from core.text import Translator, local_time, size_text, translator

TEXT_SHOWN: Final = 1200
ICONS: Final[dict[State, str]] = {
    "applied": "✅",
    "noted": "💬",
    "triage": "❓",
    "ignored": "🤖",
    "linked": "🔗",
    "created": "➕",
    "dismissed": "🚫",
    "proposed": "🤝",
    "history": "🕰",
}
_EFFECTS_SHOWN: Final = 3
_EFFECTS_LISTED: Final = 2
_FILES_SHOWN: Final = 5


def letter_card(
    workflow: Workflow,
    record: Record,
    reader: Reader,
    now: datetime,
    files: Sequence[KeptAttachment] = (),
    *,
    reopened: Collection[str] = (),
    more: bool = False,
) -> Card:
    """A letter: from whom, what it says, what it did or why a person must decide, and what can be decided.

    `files` came with it; `reopened` names the finished requests that a yes would reopen; `more` unfolds the buttons
    that are rarely needed.
    """
    t = translator(reader.language)
    text = shorten(record.excerpt.strip(), TEXT_SHOWN)
    parts = [
        _head(t, record, reader, now),
        _origin(t, record, reader, now),
        t.html("<b>{subject}</b>", subject=_one_line(record.subject, 200)) if record.subject.strip() else None,
        Markup("<blockquote>{}</blockquote>").format(text) if text else None,
        *_files(t, files),
        *(_effect(workflow, t, effect) for effect in record.effects[:_EFFECTS_SHOWN]),
        *_why(workflow, t, record, reopened),
    ]
    kept = sum(1 for each in files if each.digest is not None)
    return Card(lines(parts), keyboards.card_rows(t, record, files=kept, more=more), record.subject_key)


def _files(t: Translator, files: Sequence[KeptAttachment]) -> list[Markup]:
    """What came with a letter: a line each, with the reason where a file was not kept."""
    shown = [
        t.html("📎 {name}, {size}", name=_one_line(each.name or each.content_type, 60), size=size_text(t, each.size))
        if each.refused is None
        else t.html(
            "📎 <s>{name}</s>, {size} — <i>{reason}</i>",
            name=_one_line(each.name or each.content_type, 60),
            size=size_text(t, each.size),
            reason=t(each.refused.sentence, **each.refused.values),
        )
        for each in files[:_FILES_SHOWN]
    ]
    if len(files) > _FILES_SHOWN:
        more = len(files) - _FILES_SHOWN
        shown.append(t.many_html("📎 and {n} more", "📎 and {n} more", more))
    return shown


def _head(t: Translator, record: Record, reader: Reader, now: datetime) -> Markup:
    by = _one_line(record.decided_by or "", 60)
    when = local_time(record.decided_at, reader.timezone, now) if record.decided_at else ""
    name = record.effects[-1].name if record.effects else ""
    heads = {
        "triage": lambda: t.html("❓ <b>Which request is this letter about?</b>"),
        "proposed": lambda: t.html("🤝 <b>Shall I apply this?</b>"),
        "applied": lambda: t.html("✅ <b>A letter, applied</b>"),
        "noted": lambda: t.html("💬 <b>A letter, kept as a comment</b>"),
        "ignored": lambda: t.html("🤖 <b>A letter that changes nothing</b>"),
        "history": lambda: t.html("🕰 <b>A letter from before I began</b>"),
        "linked": lambda: t.html("🔗 <b>Linked to {name}</b> by {by}, {when}", name=name, by=by, when=when),
        "created": lambda: t.html("➕ <b>New request {name}</b> by {by}, {when}", name=name, by=by, when=when),
        "dismissed": lambda: t.html("🚫 <b>Not about a request</b>, says {by}, {when}", by=by, when=when),
    }
    spoken = {
        "applied": lambda: t.html("✅ <b>Done</b> by {by}, {when}", by=by, when=when),
        "dismissed": lambda: t.html("✖ <b>Nothing was changed</b>"),
    }
    if record.source == SPOKEN and record.state in spoken:
        return spoken[record.state]()
    if by and record.state in ("applied", "noted"):
        return t.html("✅ <b>Applied</b> by {by}, {when}", by=by, when=when)
    return heads[record.state]()


def _origin(t: Translator, record: Record, reader: Reader, now: datetime) -> Markup:
    icon = "🗣" if record.source == SPOKEN else "✉️"
    when = local_time(record.moment, reader.timezone, now)
    return t.html("{icon} {who} · {when}", icon=icon, who=_who(t, record, full=True), when=when)


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


def _why(workflow: Workflow, t: Translator, record: Record, reopened: Collection[str]) -> list[Markup]:
    """Why it did what it did, or what a person must decide; a person's decision needs no reason."""
    if record.state == "triage":
        return _question(workflow, t, record, reopened)
    if record.state == "proposed":
        return [
            Markup(),
            *(_proposal(workflow, t, update, reopened) for update in record.updates),
            _reason(t, record.reason),
        ]
    return [] if record.state in DECIDED or record.source == SPOKEN else [_reason(t, record.reason)]


def _proposal(workflow: Workflow, t: Translator, update: Update, reopened: Collection[str]) -> Markup:
    """What would be done to one request."""
    name = f"{update.request}/{update.position}" if update.position else update.request
    if update.status is None:
        return t.html("➜ {name}: a comment", name=name)
    status = label(workflow, t, update.status)
    if name in reopened:
        return t.html("➜ {name}: <b>{status}</b> — ⚠️ it is finished and would be reopened", name=name, status=status)
    return t.html("➜ {name}: <b>{status}</b>", name=name, status=status)


def _question(workflow: Workflow, t: Translator, record: Record, reopened: Collection[str]) -> list[Markup]:
    """Why a person is asked, what will be applied, and what it may be about."""
    parts = [Markup("🤔 ") + _reason(t, record.reason)]
    if record.status is not None:
        parts.append(t.html("It says: <b>{status}</b>", status=label(workflow, t, record.status)))
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
        if each.name in reopened:
            parts.append(t.html("⚠️ {name} is finished and would be reopened.", name=each.name))
    parts += [Markup(), t.html("<i>Another one? Reply to this message with its number.</i>")]
    return parts


def _effect(workflow: Workflow, t: Translator, effect: Effect) -> str:
    """What a letter did to one request."""
    if effect.status is None:
        return t("{name}: a comment", name=effect.name)
    status = label(workflow, t, effect.status)
    if effect.moved:
        return f"{effect.name}: {status}"
    return t("{name}: {status}, which is no news", name=effect.name, status=status)


def list_card(
    workflow: Workflow,
    found: Sequence[Record],
    counts: Mapping[str, int],
    reader: Reader,
    now: datetime,
    *,
    page: int = 0,
) -> Card:
    """A page of the letters that came, what each did and why; a button opens each.

    `counts`: how many letters there are of each state.
    """
    t = translator(reader.language)
    total = sum(counts.values())
    waiting = sum(counts.get(state, 0) for state in WAITING)
    if not found:
        return Card(t.html("No letter has come yet."))
    parts: list[Markup | str] = [t.many_html("✉️ <b>{n} letter</b>", "✉️ <b>{n} letters</b>", total)]
    if waiting:
        parts.append(t.many_html("❓ {n} letter waits for a person", "❓ {n} letters wait for a person", waiting))
    openers = []
    for n, record in enumerate(found, page * PAGE_SIZE + 1):
        parts += ["", *_entry(workflow, t, record, n, local_time(record.moment, reader.timezone, now))]
        openers.append(Button(f"{ICONS[record.state]} {n}", LetterButton(action="open", id=record.id).pack()))
    turn = page_row(page, total, lambda to: LettersButton(page=to).pack())
    return Card(lines(parts), tuple(row for row in (*rows_of(openers, 4), turn) if row))


def _entry(workflow: Workflow, t: Translator, record: Record, n: int, when: str) -> list[Markup | str]:
    """A letter in the list: from whom and when, about what, what it did and why."""
    head = Markup("{}. {} <b>{}</b> · {}").format(n, ICONS[record.state], _who(t, record), when)
    parts: list[Markup | str] = [head]
    if record.subject.strip():
        parts.append(_one_line(record.subject, 60))
    parts += [_effect(workflow, t, effect) for effect in record.effects[:_EFFECTS_LISTED]]
    if record.state in DECIDED:
        parts.append(t.html("<i>decided by {by}</i>", by=_one_line(record.decided_by or "", 60)))
    else:
        parts.append(_reason(t, record.reason))
    return parts


def text_card(t: Translator, record: Record, pages: Sequence[str], page: int) -> Card:
    """The whole letter as it was decoded, a page of it."""
    page = max(0, min(page, len(pages) - 1))
    head = t.html("📖 <b>{subject}</b>", subject=_one_line(record.subject, 200) or _who(t, record))
    text = pages[page] if pages and pages[page].strip() else t("There is no text in it.")

    def turn(to: int) -> str:
        return LetterButton(action="text", id=record.id, value=to).pack()

    rows = (page_row(page, len(pages), turn, size=1), keyboards.card_row(t, record))
    return Card(lines([head, Markup(), text]), tuple(row for row in rows if row), record.subject_key)


def why_card(workflow: Workflow, t: Translator, record: Record, content: Content) -> Card:
    """Which words made the reading, and which did not count."""
    parts = [
        t.html("💡 <b>Why?</b> {reason}", reason=_reason(t, record.reason)),
        explained(workflow, t, content.letter, content.why),
    ]
    return Card(lines(parts), (keyboards.card_row(t, record),), record.subject_key)


def reread_card(workflow: Workflow, t: Translator, record: Record, found: Rereading) -> Card:
    """What was read, what would be read today, and whether to apply that."""
    before, after = _reading(workflow, t, found.before), _reading(workflow, t, found.after)
    if not found.differs:
        text = [t.html("🔄 <b>Read again: nothing has changed.</b>"), after]
        return Card(lines(text), (keyboards.card_row(t, record),), record.subject_key)
    text = [
        t.html("🔄 <b>Read again, it says something else.</b>"),
        t.html("Then: {reading}", reading=Markup("<s>{}</s>").format(before)),
        t.html("Now: {reading}", reading=Markup("<b>{}</b>").format(after)),
        _reason(t, Reason(found.after.reason)),
    ]
    return Card(lines(text), keyboards.adopt_rows(t, record), record.subject_key)


def _reading(workflow: Workflow, t: Translator, reading: Reading) -> Markup:
    outcomes = {
        "update": t("a status"),
        "note": t("a comment"),
        "triage": t("a person must look"),
        "ignore": t("automatic mail, changes nothing"),
    }
    updates = [
        f"{name} → {label(workflow, t, each.status)}" if each.status else name
        for each in reading.updates[:_EFFECTS_SHOWN]
        for name in [f"{each.request}/{each.position}" if each.position else each.request]
    ]
    said = ", ".join(updates)
    return (
        Markup("{}: {}").format(outcomes[reading.outcome], said)
        if said
        else Markup("{}").format(outcomes[reading.outcome])
    )


def file_card(t: Translator, record: Record, kept: KeptAttachment, content: bytes) -> Card:
    """A file that came with a letter, as a message of its own."""
    name = " ".join(clean(kept.name).split()) or f"{record.id}-{kept.place + 1}"
    return Card(t.html("📎 from {who}", who=_who(t, record)), document=Document(shorten(name, 100), content))


def more_files_card(t: Translator, button: LetterButton | MailButton, more: int) -> Card:
    """After the first files: the others, with the next press."""
    step = keyboards.next_files(button)
    row = (Button(t("📎 Show more"), step.pack()),)
    return Card(t.many_html("📎 and {n} more", "📎 and {n} more", more), (row,))


def linked_card(t: Translator, record: Record) -> Card:
    """The answer to a person who named the request in a reply."""
    return Card(t.html("🔗 The letter is linked to <b>{name}</b>.", name=record.effects[-1].name))


__all__ = [
    "file_card",
    "letter_card",
    "linked_card",
    "list_card",
    "more_files_card",
    "reread_card",
    "text_card",
    "why_card",
]
