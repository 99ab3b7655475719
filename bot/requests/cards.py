"""How requests look in a chat. Pure."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from bot.chat.cards import Button, Card, clean, lines, rows_of, shorten
from bot.chat.links import Mail
from bot.chat.pager import page_row
from bot.requests import keyboards
from bot.requests.keyboards import NOTHING_MORE, FormButton, ListButton, Offers, RequestButton
from core.letters.mailboxes import unread_text
from core.people.model import Reader
from core.requests.model import HistoryEntry, Request, Workflow
from core.requests.rules import author_name
from core.text import Translator, duration, local_time, translator

COMMENT_SHOWN = 600
UNREAD_SHOWN = 300


def subject(request: Request) -> str:
    """What a card of this request is about."""
    return f"request:{request.id}"


def label(workflow: Workflow, t: Translator, code: str) -> str:
    """A status with its icon, in the reader's language."""
    status = workflow.status(code)
    return f"{status.icon} {status.labels[t.language]}"


def request_card(
    workflow: Workflow, request: Request, reader: Reader, now: datetime, offers: Offers = NOTHING_MORE
) -> Card:
    """The card of a request: what, where it stands since when, the last comment, and what can be done."""
    rows = keyboards.card_rows(translator(reader.language), workflow, request, offers)
    return Card(_body(workflow, request, reader, now, offers), rows, subject(request))


def unmade_card(t: Translator, name: str, by: str) -> Card:
    """What is left of a request whose author took it back."""
    return Card(t.html("<s>Request {name}</s> was taken back by {by}.", name=name, by=clean(by)), (new_row(t),))


def _body(workflow: Workflow, request: Request, reader: Reader, now: datetime, offers: Offers) -> Markup:
    t = translator(reader.language)
    since = local_time(request.status_updated_at, reader.timezone, now)
    made = local_time(request.created_at, reader.timezone, now)
    comment = None
    if request.comment:
        comment = t.html(
            "💬 <b>{author}</b>: {comment}",
            author=clean(author_name(t, request.comment_author)),
            comment=shorten(request.comment, COMMENT_SHOWN),
        )
    return lines(
        [
            t.html("<b>Request {name}</b>", name=request.name),
            clean(request.title),
            "",
            t.html("<b>{status}</b> since {since}", status=label(workflow, t, request.status), since=since),
            _unread(t, workflow, request, reader, now, offers.mail),
            t.html("👷 {name}", name=clean(request.contractor)) if request.contractor else None,
            t.html("🙋 Responsible: {name}", name=clean(request.taken_over_by)) if request.taken_over_by else None,
            comment,
            t.html("📎 {names}", names=shorten(", ".join(offers.mail.files), 200)) if offers.mail.files else None,
            t.html("<i>Made {made} by {author}</i>", made=made, author=clean(author_name(t, request.author))),
        ]
    )


def _unread(
    t: Translator, workflow: Workflow, request: Request, reader: Reader, now: datetime, mail: Mail
) -> Markup | None:
    if not mail.unread or workflow.status(request.status).final:
        return None
    text = unread_text(t, mail.unread, reader.timezone, now)
    return Markup("📪 <i>{}</i>").format(shorten(text, UNREAD_SHOWN))


def reminder_card(
    workflow: Workflow, request: Request, reader: Reader, now: datetime, offers: Offers = NOTHING_MORE
) -> Card:
    """A request without news for too long: how long, and what can be done."""
    t = translator(reader.language)
    silence = duration(t, (now - request.status_updated_at).total_seconds())
    head = t.html("⚠️ <b>No news for {silence}</b>", silence=silence)
    text = lines([head, _body(workflow, request, reader, now, offers)])
    return Card(text, keyboards.reminder_rows(t, workflow, request, offers), subject(request))


def snoozed_card(card: Card, reader: Reader, now: datetime, until: datetime) -> Card:
    """The card of a request of which one will be reminded again."""
    t = translator(reader.language)
    note = t.html("⏰ I will remind again at {time}", time=local_time(until, reader.timezone, now))
    return Card(lines([card.text, note]), card.rows, card.subject)


def history_card(
    workflow: Workflow, request: Request, entries: Sequence[HistoryEntry], reader: Reader, now: datetime
) -> Card:
    """What happened to a request, newest first."""
    t = translator(reader.language)
    parts: list[Markup | str | None] = [t.html("<b>Request {name}: history</b>", name=request.name), ""]
    for entry in entries:
        when, what = local_time(entry.at, reader.timezone, now), _what(workflow, entry, reader, now)
        line = t.html("{when} · <b>{actor}</b>: {what}", when=when, actor=clean(author_name(t, entry.actor)), what=what)
        parts.append(Markup("<s>{}</s>").format(line) if entry.undone_at else line)
    return Card(lines(parts), (keyboards.back_row(t, request.id),), subject(request))


def _what(workflow: Workflow, entry: HistoryEntry, reader: Reader, now: datetime) -> str:
    t = translator(reader.language)
    words = shorten(entry.text, 200)
    if entry.kind == "status" and entry.new in workflow.codes:
        return label(workflow, t, entry.new)
    if entry.kind == "created":
        return t("made the request: {title}", title=words)
    if entry.kind == "contractor":
        return t("👷 {name}", name=words) if words else t("👷 no contractor")
    if entry.kind == "responsible":
        return t("🙋 responsible: {name}", name=words) if words else t("🙋 nobody is responsible")
    if entry.kind == "snooze":
        until = local_time(datetime.fromisoformat(entry.text), reader.timezone, now)
        return t("⏰ remind again at {time}", time=until)
    if entry.kind == "undone":
        moved = label(workflow, t, entry.old) if entry.old in workflow.codes else ""
        return t("↩ took back: {what}", what=" · ".join(part for part in (moved, words) if part))
    return words


def line(workflow: Workflow, request: Request, reader: Reader, now: datetime) -> Markup:
    """A request in a list: one line."""
    t = translator(reader.language)
    return t.html(
        "{icon} <b>{name}</b> {title} · <i>{since}</i>",
        icon=workflow.status(request.status).icon,
        name=request.name,
        title=shorten(request.title, 60),
        since=local_time(request.status_updated_at, reader.timezone, now),
    )


def list_card(
    workflow: Workflow,
    found: Sequence[Request],
    total: int,
    reader: Reader,
    now: datetime,
    *,
    page: int = 0,
    query: str = "",
    late: bool = False,
) -> Card:
    """A page of requests: a line each, a button each to open it."""
    t = translator(reader.language)
    head = t.many_html("<b>{n} request</b>", "<b>{n} requests</b>", total)
    if late:
        head = t.many_html("⏰ <b>{n} late request</b>", "⏰ <b>{n} late requests</b>", total)
    if query:
        head = lines([head, t.html("🔎 {query}", query=query)])
    if not found:
        text = t.html("Nothing is late. 👌") if late else t.html("No requests found.")
        return Card(lines([text, t.html("🔎 {query}", query=query) if query else None]), (new_row(t),))
    openers = [Button(request.name, RequestButton(action="open", id=request.id).pack()) for request in found]

    def data(to: int) -> str:
        return ListButton(page=to, late=late, query=query).pack()

    rows = (*rows_of(openers, 4), page_row(page, total, data))
    text = lines([head, "", *(line(workflow, request, reader, now) for request in found)])
    return Card(text, tuple(row for row in rows if row))


def choice_card(workflow: Workflow, found: Sequence[Request], reader: Reader, now: datetime) -> Card:
    """Several positions of one number: which?"""
    t = translator(reader.language)
    head = t.html("Request <b>{number}</b> has several positions. Which one?", number=found[0].number)
    openers = [Button(request.name, RequestButton(action="open", id=request.id).pack()) for request in found]
    text = lines([head, "", *(line(workflow, request, reader, now) for request in found)])
    return Card(text, rows_of(openers, 4))


def new_row(t: Translator) -> tuple[Button, ...]:
    """The button that opens the form."""
    return (Button(t("➕ New request"), FormButton(action="new").pack()),)


def form_card(t: Translator, step: str, *, private: bool) -> Card:
    """A question of the form. In a group it asks for a reply, the only text a bot hears there."""
    cancel = Button(t("✖ Cancel"), FormButton(action="cancel").pack())
    none = Button(t("No position"), FormButton(action="none").pack())
    texts = {
        "number": t.html("What is the <b>number</b> of the request? For example 101 or 12-345."),
        "position": t.html("Which <b>position</b>? For example 12, or - when there is none."),
        "title": t.html("In a few words: <b>what is wrong</b>, and where?"),
        "comment": t.html("What should the <b>comment</b> say?"),
    }
    if not private:
        return Card(lines([texts[step], t.html("<i>Reply to this message. /cancel ends the form.</i>")]), ask=True)
    return Card(texts[step], ((none, cancel) if step == "position" else (cancel,),))
