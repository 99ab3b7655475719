"""The buttons of letters: what each carries in its 64 bytes, and how they stand below a card."""

from aiogram.filters.callback_data import CallbackData

from bot.chat.cards import Button, RowId, rows_of, shorten
from core.letters.record import Record
from core.text import Translator

NAME_SHOWN = 40


class LetterButton(CallbackData, prefix="lt"):
    """A button on a letter's card: `open`, `link` (to `request`, its id), `create`, `dismiss`."""

    action: str
    id: RowId
    request: RowId = 0


class LettersButton(CallbackData, prefix="ll"):
    """The `list` of letters, a page of it."""

    action: str = "list"
    page: RowId = 0


def new_name(record: Record) -> str:
    """What a new request would be called, as a button can show it."""
    name = f"{record.number}/{record.position}" if record.position else f"{record.number}"
    return shorten(name, NAME_SHOWN)


def card_rows(t: Translator, record: Record) -> tuple[tuple[Button, ...], ...]:
    """What a person may decide: the requests it may be about, a new one, none."""
    if record.state != "triage":
        return ()
    links = [
        Button(f"🔗 {each.name}", LetterButton(action="link", id=record.id, request=each.request_id).pack())
        for each in record.candidates
    ]
    create: tuple[tuple[Button, ...], ...] = ()
    if record.number is not None:
        text = t("➕ New request {name}", name=new_name(record))
        create = ((Button(text, LetterButton(action="create", id=record.id).pack()),),)
    dismiss = (Button(t("🚫 Not about a request"), LetterButton(action="dismiss", id=record.id).pack()),)
    return (*rows_of(links, 3), *create, dismiss)


def back_row(t: Translator) -> tuple[Button, ...]:
    """Back to the list."""
    return (Button(t("‹ Letters"), LettersButton().pack()),)
