"""The buttons of requests: what each carries in its 64 bytes, and how they stand below a card."""

from dataclasses import dataclass
from typing import Final

from aiogram.filters.callback_data import CallbackData

from bot.chat.cards import Button, RowId, rows_of
from bot.chat.links import NO_MAIL, AskButton, Mail, MailButton
from core.requests import rules
from core.requests.model import Request, Workflow
from core.text import Translator

QUERY_BYTES = 40


class RequestButton(CallbackData, prefix="rq"):
    """A button on a request's card: `open`, `status` (value: code), `comment`, `history`, `snooze` (value: minutes),
    `undo` (value: the press, as in the history), `contractors` (a choice; value: page), `contractor` (value: id, 0 for
    none).

    `seen` is the status (of `contractor`: its id) the card showed: a press on a card that is out of date moves nothing.
    """

    action: str
    id: RowId
    value: str = ""
    seen: str = ""


class ListButton(CallbackData, prefix="rl"):
    """A page of a list: `query` is what was asked for, shortened to fit; `late` for the overdue ones."""

    page: int
    late: bool = False
    query: str = ""


class ContractorButton(CallbackData, prefix="ct"):
    """Contractors: the `list` (value: page) and `new`; of one `open`, `add`, `remove` (a choice), `drop` (value: mark
    of a pattern), `rename`, `hours`, `archive` (asks) and `archived` (does it).
    """

    action: str
    id: RowId = 0
    value: str = ""


class FormButton(CallbackData, prefix="rf"):
    """A button of the form for a new request: `new`, `cancel`, `none` (no position)."""

    action: str


def fit_query(query: str) -> str:
    """As many whole words of a query as a button can carry."""
    kept = ""
    for word in query.replace(":", " ").split():
        longer = f"{kept} {word}".strip()
        if len(longer.encode()) > QUERY_BYTES:
            break
        kept = longer
    return kept


@dataclass(frozen=True, slots=True)
class Offers:
    """What a request's card offers beside the moves.

    Writing to the contractor (`asks`), choosing one of several, what letters brought (`mail`), and undoing what
    somebody has just done (`undo`: that press, as in the history).
    """

    asks: bool = False
    contractors: bool = False
    mail: Mail = NO_MAIL
    undo: int | None = None


NOTHING_MORE: Final = Offers()


def card_rows(
    t: Translator, workflow: Workflow, request: Request, offers: Offers = NOTHING_MORE
) -> tuple[tuple[Button, ...], ...]:
    """Where the request may go, three in a row; what there is of contractors; then comment and history."""
    moves = [
        Button(
            f"{status.icon} {status.labels[t.language]}",
            RequestButton(action="status", id=request.id, value=status.code, seen=request.status).pack(),
        )
        for status in rules.next_statuses(workflow, request.status)
    ]
    contractor = []
    if offers.asks and not workflow.status(request.status).final:
        contractor.append(Button(t("✉️ Ask the contractor"), AskButton(id=request.id).pack()))
    if offers.contractors:
        choose = RequestButton(action="contractors", id=request.id, value="0")
        contractor.append(Button(t("👷 Contractor"), choose.pack()))
    mail = []
    if offers.mail.spoke:
        mail.append(Button(t("💡 Why?"), MailButton(action="why", id=request.id).pack()))
    if offers.mail.files:
        n = len(offers.mail.files)
        mail.append(Button(t.many("📎 {n} file", "📎 {n} files", n), MailButton(action="files", id=request.id).pack()))
    return (
        *rows_of(moves, 3),
        *rows_of([*contractor, *mail, *_undo(t, request, offers)], 2),
        (
            Button(t("💬 Comment"), RequestButton(action="comment", id=request.id).pack()),
            Button(t("🕘 History"), RequestButton(action="history", id=request.id).pack()),
        ),
    )


def _undo(t: Translator, request: Request, offers: Offers) -> tuple[Button, ...]:
    if offers.undo is None:
        return ()
    return (Button(t("↶ Undo"), RequestButton(action="undo", id=request.id, value=str(offers.undo)).pack()),)


def reminder_rows(
    t: Translator, workflow: Workflow, request: Request, offers: Offers = NOTHING_MORE
) -> tuple[tuple[Button, ...], ...]:
    """What can be done about silence: move the status, be reminded again, comment."""
    rows = card_rows(t, workflow, request, offers)
    later = (
        Button(
            t.many("⏰ Again in {n} hour", "⏰ Again in {n} hours", 1),
            RequestButton(action="snooze", id=request.id, value="60").pack(),
        ),
        Button(
            t.many("⏰ Again in {n} hour", "⏰ Again in {n} hours", 4),
            RequestButton(action="snooze", id=request.id, value="240").pack(),
        ),
    )
    return (*rows[:-1], later, rows[-1])


def back_row(t: Translator, request_id: int) -> tuple[Button, ...]:
    """Back to the card."""
    return (Button(t("‹ Back to the card"), RequestButton(action="open", id=request_id).pack()),)
