"""How contractors look in a chat. Pure."""

import hashlib
from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from bot.chat.cards import Button, Card, clean, lines, rows_of, shorten
from bot.chat.pager import PAGE_SIZE, page_row
from bot.requests import keyboards
from bot.requests.keyboards import ContractorButton, FormButton, RequestButton
from core.requests.model import DAYS, Contractor, Request
from core.text import Translator

ADDRESS_SHOWN = 40
PATTERNS_SHOWN = 30
"""Addresses on a card: more would not fit one message."""

Rows = tuple[tuple[Button, ...], ...]


def _button(text: str, action: str, contractor_id: int = 0, value: str = "") -> Button:
    return Button(text, ContractorButton(action=action, id=contractor_id, value=value).pack())


def mark(pattern: str) -> str:
    """What stands for a pattern in a button, where an address may not fit."""
    return hashlib.sha256(pattern.encode()).hexdigest()[:12]


def list_card(t: Translator, found: Sequence[Contractor], *, page: int, admin: bool) -> Card:
    """A page of contractors, a button each; an admin may add one."""
    add = ((_button(t("➕ Contractor"), "new"),),) if admin else ()
    if not found:
        text = t.html("No contractors yet. A contractor is a name and the addresses its letters come from.")
        return Card(text, add)
    here = page_of(found, page)
    head = t.many_html("<b>{n} contractor</b>", "<b>{n} contractors</b>", len(found))
    openers = [_button(f"👷 {clean(each.name)}", "open", each.id) for each in here]
    turn = page_row(page, len(found), lambda to: ContractorButton(action="list", value=str(to)).pack())
    text = lines([head, "", *(_line(t, each) for each in here)])
    return Card(text, (*rows_of(openers, 1), *((turn,) if turn else ()), *add))


def page_of(found: Sequence[Contractor], page: int) -> Sequence[Contractor]:
    """The contractors of a page; the last page for one that is not there."""
    start = min(max(page, 0), max(0, (len(found) - 1) // PAGE_SIZE)) * PAGE_SIZE
    return found[start : start + PAGE_SIZE]


def _line(t: Translator, contractor: Contractor) -> Markup:
    first = shorten(contractor.patterns[0], ADDRESS_SHOWN) if contractor.patterns else t("no address yet")
    more = len(contractor.patterns) - 1
    where = t("{first} and {n} more", first=first, n=more) if more > 0 else first
    return t.html("<b>{name}</b> · <i>{where}</i>", name=clean(contractor.name), where=where)


def contractor_card(t: Translator, contractor: Contractor, open_requests: int, *, admin: bool) -> Card:
    """A contractor: whose letters are its, when it works, how much is open; an admin may change it."""
    back = (_button(t("‹ Contractors"), "list"),)
    name = t.html("👷 <b>{name}</b>", name=clean(contractor.name))
    count = t.many("📋 {n} open request", "📋 {n} open requests", open_requests)
    if contractor.archived_at:
        return Card(lines([name, "", t.html("🗄 In the archive: its requests keep it."), count]), (back,))
    text = lines([name, "", *_patterns(t, contractor), "", hours_line(t, contractor), count])
    return Card(text, (*(_admin_rows(t, contractor) if admin else ()), back))


def _patterns(t: Translator, contractor: Contractor) -> list[Markup]:
    if not contractor.patterns:
        return [t.html("No address yet, so its letters are not recognised.")]
    shown = [Markup("• {}").format(shorten(each, 100)) for each in contractor.patterns[:PATTERNS_SHOWN]]
    more = len(contractor.patterns) - len(shown)
    return [t.html("Its letters come from:"), *shown, *([t.html("… and {n} more", n=more)] if more else [])]


def _admin_rows(t: Translator, contractor: Contractor) -> Rows:
    add = (_button(t("➕ Address or domain"), "add", contractor.id),)
    remove = (_button(t("➖ Remove one"), "remove", contractor.id),) if contractor.patterns else ()
    return (
        (*add, *remove),
        (
            _button(t("✏️ Rename"), "rename", contractor.id),
            _button(t("🕘 Working hours"), "hours", contractor.id),
        ),
        (_button(t("🗄 Archive"), "archive", contractor.id),),
    )


def hours_line(t: Translator, contractor: Contractor) -> Markup:
    """When a contractor works: `🕘 Mon–Fri 09:00-18:00`."""
    if not contractor.working_hours:
        return t.html("🕘 Working hours: not known")
    return t.html("🕘 {days} {hours}", days=_days(t, contractor.working_days), hours=contractor.working_hours)


def _days(t: Translator, days: Sequence[str]) -> str:
    """Days in a row are one span: `Mon–Fri, Sun`."""
    if len(days) == len(DAYS):
        return t("every day")
    names = (t("Mon"), t("Tue"), t("Wed"), t("Thu"), t("Fri"), t("Sat"), t("Sun"))
    places = enumerate(sorted(DAYS.index(day) for day in days))
    spans = [[place for _, place in run] for _, run in groupby(places, lambda each: each[1] - each[0])]
    return ", ".join("–".join(dict.fromkeys((names[span[0]], names[span[-1]]))) for span in spans)


def remove_card(t: Translator, contractor: Contractor) -> Card:
    """Which address shall not be the contractor's any more?"""
    text = t.html("Which one does not belong to <b>{name}</b> any more?", name=clean(contractor.name))
    drops = [
        (_button(f"➖ {shorten(each, ADDRESS_SHOWN)}", "drop", contractor.id, mark(each)),)
        for each in contractor.patterns[:PATTERNS_SHOWN]
    ]
    return Card(text, (*drops, _back(t, contractor)))


def archive_card(t: Translator, contractor: Contractor, open_requests: int) -> Card:
    """Is that meant?"""
    text = lines(
        [
            t.html(
                "Archive <b>{name}</b>? Its addresses become free, its requests keep it.", name=clean(contractor.name)
            ),
            t.many("📋 {n} open request", "📋 {n} open requests", open_requests),
        ]
    )
    return Card(text, ((_button(t("🗄 Yes, archive"), "archived", contractor.id),), _back(t, contractor)))


def _back(t: Translator, contractor: Contractor) -> tuple[Button, ...]:
    return (_button(t("‹ Back to the card"), "open", contractor.id),)


def form_card(t: Translator, step: str, *, private: bool) -> Card:
    """A question of a form. In a group it asks for a reply, the only text a bot hears there."""
    texts = {
        "name": t.html(
            "What is the contractor called? You may add addresses: <i>Lift Service @liftservice.example</i>"
        ),
        "pattern": t.html(
            "Which <b>address</b> or <b>domain</b>? For example name@contractor.example or @contractor.example"
        ),
        "rename": t.html("What is the contractor called now?"),
        "hours": t.html("When does it work? For example <i>mon-fri 09:00-18:00</i>, or - when that is not known."),
    }
    if not private:
        return Card(lines([texts[step], t.html("<i>Reply to this message. /cancel ends the form.</i>")]), ask=True)
    return Card(texts[step], ((Button(t("✖ Cancel"), FormButton(action="cancel").pack()),),))


def choice_card(t: Translator, request: Request, found: Sequence[Contractor], *, page: int) -> Card:
    """Which contractor answers a request? The present one is marked."""
    seen = str(request.contractor_id or 0)

    def choose(text: str, contractor_id: int) -> Button:
        data = RequestButton(action="contractor", id=request.id, value=str(contractor_id), seen=seen)
        return Button(text, data.pack())

    def turn(to: int) -> str:
        return RequestButton(action="contractors", id=request.id, value=str(to)).pack()

    names = [
        choose(f"{'✓ ' if each.id == request.contractor_id else ''}{clean(each.name)}", each.id)
        for each in page_of(found, page)
    ]
    none = (choose(t("🚫 None of them"), 0),) if request.contractor_id else ()
    rows = (*rows_of(names, 1), page_row(page, len(found), turn), none, keyboards.back_row(t, request.id))
    text = t.html("Which contractor answers request <b>{name}</b>?", name=request.name)
    return Card(text, tuple(row for row in rows if row), f"request:{request.id}")
