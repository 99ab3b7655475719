"""How somebody's leaving looks: what they hold, who takes over, what came of it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiogram.filters.callback_data import CallbackData
from markupsafe import Markup

from bot.chat.access import role_name
from bot.chat.cards import Button, Card, RowId, clean, lines, rows_of, shorten
from bot.chat.links import RequestLink
from bot.chat.pager import PAGE_SIZE, page_row
from bot.people import keyboards
from bot.people.cards import mention
from core.people.model import Departure, Person, Reader
from core.text import Translator, translator

DEPARTURE: Final = "departure"
"""The kind of the card of a departure, for whoever let somebody leave; the subject is `departure:ID`."""
HANDED: Final = "handed"
"""The kind of the notice to whoever takes over; the subject is `handed:ID`."""
NOBODY: Final = 0
"""Stands for nobody taking over, in a button."""
_LISTED: Final = 15
_BUTTONS: Final = 6


class LeaveButton(CallbackData, prefix="lv"):
    """`ask` who takes over from person `id` (value: page), `left` (value: the heir's id or `NOBODY`), and `undo` of
    departure `id`.
    """

    action: str
    id: RowId
    value: RowId = 0


def left_row(t: Translator, person: Person) -> tuple[Button, ...]:
    """The button that begins it."""
    return (Button(t("🚪 Left"), LeaveButton(action="ask", id=person.id).pack()),)


def leaving_card(
    person: Person, held: Mapping[str, int], heirs: Sequence[Person], reader: Reader, *, page: int = 0
) -> Card:
    """What would be taken away and handed over, and who could take over; nothing has happened yet."""
    t = translator(reader.language)
    parts: list[Markup | str | None] = [
        t.html("🚪 Has {who} left?", who=mention(person)),
        t.html("Loses the role: <b>{role}</b>", role=role_name(t, person.role)) if person.role else None,
    ]
    back = (Button(t("‹ Back"), keyboards.AccessButton(action="open", id=person.id).pack()),)

    def button(words: str, heir_id: int) -> Button:
        return Button(words, LeaveButton(action="left", id=person.id, value=heir_id).pack())

    if not held:
        parts.append(t.html("There is nothing to hand over."))
        return Card(lines(parts), ((button(t("🚪 Take the role away"), NOBODY),), back))
    parts += ["", t.html("<b>To hand over:</b>"), *_counts(t, held), "", t.html("<b>Who takes over?</b>")]
    parts.append(t.html("<i>Nobody: nobody is responsible for the requests then, and the subscriptions end.</i>"))
    shown = heirs[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
    rows = (
        *rows_of([button(clean(heir.name), heir.id) for heir in shown], 2),
        page_row(page, len(heirs), lambda to: LeaveButton(action="ask", id=person.id, value=to).pack()),
        (button(t("Nobody"), NOBODY),),
        back,
    )
    return Card(lines(parts), tuple(row for row in rows if row))


def departure_card(
    departure: Departure, person: Person, heir: Person | None, reader: Reader, *, may_undo: bool
) -> Card:
    """Who left and who took over, with the way back while there is one."""
    t = translator(reader.language)
    subject = f"{DEPARTURE}:{departure.id}"
    if departure.undone_at is not None:
        return Card(_taken_back(t, departure, person), (), subject)
    held = {name: len(things) for name, things in departure.handed.items() if things}
    head = t.html("🚪 {who} left. Noted by {by}.", who=mention(person), by=clean(departure.by))
    parts: list[Markup | str | None] = [
        head,
        t.html("Role taken away: <b>{role}</b>", role=role_name(t, departure.role)) if departure.role else None,
    ]
    if held and heir is not None:
        parts += ["", t.html("<b>Handed to {heir}:</b>", heir=clean(heir.name)), *_counts(t, held)]
    elif held:
        parts += ["", t.html("<b>Nobody took over:</b>"), *_counts(t, held)]
    undo = (Button(t("↶ Undo"), LeaveButton(action="undo", id=departure.id).pack()),)
    return Card(lines(parts), (undo,) if may_undo else (), subject)


def handed_card(departure: Departure, person: Person, reader: Reader) -> Card:
    """To whoever takes over: each thing by its name; the first requests have a button."""
    t = translator(reader.language)
    subject = f"{HANDED}:{departure.id}"
    if departure.undone_at is not None:
        return Card(_taken_back(t, departure, person), (), subject)
    requests, follows = departure.handed.get("requests", ()), departure.handed.get("follows", ())
    parts: list[Markup | str | None] = [t.html("📥 You take over from {who}.", who=mention(person))]
    if requests:
        parts += ["", t.html("<b>You are responsible for:</b>"), *_names(t, requests)]
    if follows:
        parts += ["", t.html("<b>You follow:</b>"), *_names(t, follows)]
    openers = [Button(shorten(each["shown"], 24), RequestLink(id=each["id"]).pack()) for each in requests[:_BUTTONS]]
    return Card(lines(parts), rows_of(openers, 2), subject)


def gone_card(person: Person, data: Mapping[str, Any], subject: str, reader: Reader) -> Card:
    """To the admins: somebody with a role is not in a group any more."""
    t = translator(reader.language)
    who, title, by = mention(person), clean(data["title"]), clean(data["by"])
    went = (
        t.html("🚪 {by} removed {who} from the group “{title}”.", by=by, who=who, title=title)
        if by
        else t.html("🚪 {who} left the group “{title}”.", who=who, title=title)
    )
    if person.role is None:
        return Card(lines([went, t.html("They have no role any more.")]), (), subject)
    role = t.html("They still have the role <b>{role}</b>.", role=role_name(t, person.role))
    return Card(lines([went, role]), (left_row(t, person),), subject)


def _taken_back(t: Translator, departure: Departure, person: Person) -> Markup:
    return t.html("↩ Taken back by {by}: {who} did not leave.", by=clean(departure.by), who=mention(person))


def _counts(t: Translator, held: Mapping[str, int]) -> list[Markup]:
    found = []
    if n := held.get("requests"):
        found.append(t.many_html("• {n} unfinished request", "• {n} unfinished requests", n))
    if n := held.get("reminders"):
        found.append(t.many_html("• {n} reminder", "• {n} reminders", n))
    if n := held.get("follows"):
        found.append(t.many_html("• {n} subscription to files", "• {n} subscriptions to files", n))
    return found


def _names(t: Translator, things: Sequence[Mapping[str, Any]]) -> list[Markup]:
    rest = len(things) - _LISTED
    found = [Markup("• {}").format(shorten(each["shown"], 100)) for each in things[:_LISTED]]
    return found + ([t.many_html("<i>and {n} more</i>", "<i>and {n} more</i>", rest)] if rest > 0 else [])
