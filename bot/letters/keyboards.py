"""The buttons of letters: what each carries in its 64 bytes, and how they stand below a card."""

from aiogram.filters.callback_data import CallbackData

from bot.chat.cards import Button, RowId, rows_of, shorten
from bot.chat.links import AnswerButton, MailButton, RequestLink
from core.letters.record import SPOKEN, Record
from core.text import Translator

NAME_SHOWN = 40
FILES_AT_ONCE = 8
"""Messages a press may cause: a group takes twenty in a minute, and others want to be told, too."""
Rows = tuple[tuple[Button, ...], ...]


class LetterButton(CallbackData, prefix="lt"):
    """A button on a letter's card.

    It decides: `link` (to `value`, a request's id), `create`, `dismiss`, `ignore` (its sender), `same` (contractor),
    `confirm`, `wrong`, `comment` (nothing but that), `undo`, `adopt` (what was read again). It shows: `open` (from the
    list), `card`, `more`, `text` (page `value`), `why`, `files`, `reread`.
    """

    action: str
    id: RowId
    value: RowId = 0


class LettersButton(CallbackData, prefix="ll"):
    """The `list` of letters, a page of it."""

    action: str = "list"
    page: RowId = 0


def new_name(record: Record) -> str:
    """What a new request would be called, as a button can show it."""
    name = f"{record.number}/{record.position}" if record.position else f"{record.number}"
    return shorten(name, NAME_SHOWN)


def card_rows(t: Translator, record: Record, *, files: int = 0, more: bool = False) -> Rows:
    """What a person may do with a letter. `files`: how many are kept of it; `more` unfolds what is rarely needed."""
    decide = {"triage": _place, "proposed": _confirm}.get(record.state)
    rows = decide(t, record) if decide else ()
    return tuple(row for row in (*rows, *_look(t, record, files, more=more)) if row)


def _button(text: str, action: str, record: Record, value: int = 0) -> Button:
    return Button(text, LetterButton(action=action, id=record.id, value=value).pack())


def _place(t: Translator, record: Record) -> Rows:
    """The requests it may be about, a new one, none."""
    links = [_button(f"🔗 {each.name}", "link", record, each.request_id) for each in record.candidates]
    create: tuple[Button, ...] = ()
    if record.number is not None:
        create = (_button(t("➕ New request {name}", name=new_name(record)), "create", record),)
    same: tuple[Button, ...] = ()
    if record.offer is not None:
        pattern = shorten(record.offer.pattern, NAME_SHOWN)
        same = (_button(t("👷 Same contractor, add {pattern}", pattern=pattern), "same", record),)
    none = (_button(t("🚫 Not about a request"), "dismiss", record),)
    mute = (_button(t("🔇 Ignore this sender"), "ignore", record),) if record.sender else ()
    return (*rows_of(links, 3), create, same, none + mute)


def _confirm(t: Translator, record: Record) -> Rows:
    """A yes or a no to what was read."""
    if record.source == SPOKEN:
        only = _button(t("💬 Only a comment"), "comment", record)
        return ((_button(t("✅ Apply"), "confirm", record), only), (_button(t("✖ Never mind"), "dismiss", record),))
    return ((_button(t("✅ Apply"), "confirm", record), _button(t("✖ Wrong"), "wrong", record)),)


def _look(t: Translator, record: Record, files: int, *, more: bool) -> Rows:
    """What takes back what was done with it, and what shows more: the text, the reasons, the files."""
    undo = record.state not in ("triage", "proposed") and record.steps
    found = [_button(t("↶ Undo"), "undo", record)] if undo else []
    if record.source != SPOKEN:
        found += [_button(t("📖 Show the letter"), "text", record), _button(t("💡 Why?"), "why", record)]
        if files:
            found.append(_button(t.many("📎 {n} file", "📎 {n} files", files), "files", record))
        found += _rarely(t, record) if more else [_button(t("⋯ More"), "more", record)]
    return rows_of(found, 2)


def _rarely(t: Translator, record: Record) -> list[Button]:
    again = [_button(t("🔄 Read it again"), "reread", record)]
    answers = record.outcome != "ignore" and record.sender
    return [Button(t("↩️ Answer"), AnswerButton(id=record.id).pack()), *again] if answers else again


def back_row(t: Translator) -> tuple[Button, ...]:
    """Back to the list."""
    return (Button(t("‹ Letters"), LettersButton().pack()),)


def card_row(t: Translator, record: Record) -> tuple[Button, ...]:
    """Back to the letter's card."""
    return (_button(t("‹ Back to the card"), "card", record),)


def next_files(button: LetterButton | MailButton) -> LetterButton | MailButton:
    """The same press, for the files after those just sent."""
    if isinstance(button, MailButton):
        return MailButton(action=button.action, id=button.id, start=button.start + FILES_AT_ONCE)
    return LetterButton(action=button.action, id=button.id, value=button.value + FILES_AT_ONCE)


def why_rows(t: Translator, record: Record, request_id: int) -> Rows:
    """From the words that moved a request: to their letter, or back to the request's card."""
    letter = _button(t("✉️ The letter"), "open", record)
    return ((letter, Button(t("‹ Back to the card"), RequestLink(id=request_id).pack())),)


def adopt_rows(t: Translator, record: Record) -> Rows:
    """What was read again may be applied, or not."""
    return ((_button(t("✅ Apply the new reading"), "adopt", record),), card_row(t, record))
