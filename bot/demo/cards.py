"""How the demo's own messages look: the world's buttons, and a letter that came."""

from collections.abc import Mapping
from typing import Any, Final

from aiogram.filters.callback_data import CallbackData
from markupsafe import Markup

from bot.chat.access import Here
from bot.chat.cards import Button, Card, clean, lines, rows_of, shorten
from bot.chat.menu import MenuButton
from core.text import Translator, local_time
from deploy.demo.chat.texts import strings
from deploy.demo.letters import LETTERS
from deploy.demo.surroundings import Surroundings

_LETTER_LIMIT: Final = 3000


class WorldButton(CallbackData, prefix="dm"):
    """A button of the world; `name` is the letter or the file it is about."""

    action: str
    name: str = ""


def world_card(here: Here, world: Surroundings) -> Card:
    """What can happen around the assistant, and three things to try."""
    t = here.t
    cable = t("Plug it in again") if world.away else t("Unplug the shared folder")
    return Card(
        lines(
            [
                _bold(t("Vakhta: the demo")),
                t("Now {time}", time=local_time(world.now(), here.reader.timezone, world.now())),
                "🔌 " + t("The shared folder is unplugged.") if world.away else None,
                "",
                _bold(t("Three things in two minutes")),
                t.html("1. Make a request: <code>/new 101 12 Leak in the server room</code>"),
                t.html("2. ✉️ Let a letter about 101/12 arrive: the card changes by itself. Press “Why?” under it."),
                t.html("3. 📄 Let somebody save a file, then 🔌 unplug the folder and plug it in again."),
                "",
                t.html("/start brings these buttons again. For a group of your own: <code>vakhta setup</code>"),
            ]
        ),
        (
            (Button("✉️ " + t("A letter arrives"), _data("letters")),),
            (Button("📄 " + t("Somebody saves a file"), _data("files")),),
            (Button("🔌 " + cable, _data("share")),),
            (Button("⏩ " + t("One hour later"), _data("hour")),),
            (Button("☰ " + t("Menu"), MenuButton(name="start").pack()),),
        ),
    )


def letters_card(t: Translator) -> Card:
    """Which letter is to arrive."""
    labels = strings(t.language)
    buttons = [Button(labels[f"letter_{name}"], _data("letter", name)) for name in LETTERS]
    return Card(_bold(t("A letter arrives")), (*rows_of(buttons, 1), _back(t)))


def files_card(t: Translator, world: Surroundings) -> Card:
    """Which file is saved, renamed or deleted."""
    rows: list[tuple[Button, ...]] = [
        (Button(t("Word saves the contract, then it is renamed"), _data("edit", "contract.docx")),)
    ]
    for file in world.files():
        name, now = str(file["name"]), file["now"]
        row = [Button(f"💾 {now or name}", _data("save", name))]
        if now:
            row += [Button(t("Rename"), _data("rename", name)), Button(t("Delete"), _data("delete", name))]
        rows.append(tuple(row))
    return Card(_bold(t("Somebody saves a file")), (*rows, _back(t)))


def letter_card(t: Translator, letter: Mapping[str, Any]) -> Card:
    """A letter as a mail program shows it."""
    return Card(
        lines(
            [
                _bold("✉️ " + t("This letter came")),
                clean(f"{letter['from']} <{letter['address']}>"),
                clean(letter["subject"]),
                Markup("<blockquote expandable>{}</blockquote>").format(shorten(letter["text"].strip(), _LETTER_LIMIT)),
            ]
        )
    )


def _bold(text: str) -> Markup:
    return Markup("<b>{}</b>").format(text)


def _back(t: Translator) -> tuple[Button, ...]:
    return (Button(t("Back"), _data("world")),)


def _data(action: str, name: str = "") -> str:
    return WorldButton(action=action, name=name).pack()
