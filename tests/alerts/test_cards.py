from datetime import UTC, datetime, timedelta

import pytest
from markupsafe import Markup

from bot.alerts.cards import repeated
from bot.chat.cards import Card
from bot.health.cards import source_card, source_title
from core.people.model import Reader
from core.text import translator

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
READER = Reader("en", "Europe/Kyiv")
T = translator("en")


def data(state: str) -> dict[str, str]:
    since = NOW - timedelta(minutes=28)
    return {
        "source": "mailbox.contractor",
        "state": state,
        "since": since.isoformat(),
        "until": (since + timedelta(minutes=14)).isoformat(),
    }


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("down", "⚠️ Mailbox contractor has not been reachable since 14:02. I keep trying."),
        ("auth", "⛔ Mailbox contractor refuses my credentials. I stopped asking; please check them."),
        ("up", "✅ Mailbox contractor is back after 14 minutes."),
    ],
)
def test_what_is_told_of_a_source(state: str, text: str) -> None:
    card = source_card(data(state), READER, NOW)
    assert (str(card.text), card.subject) == (text, "source:mailbox.contractor")


@pytest.mark.parametrize(
    ("language", "found", "text"),
    [
        ("en", 0, "✅ Folder documents is back after 14 minutes; nothing changed."),
        ("en", 1, "✅ Folder documents is back after 14 minutes, 1 change found."),
        ("en", 3, "✅ Folder documents is back after 14 minutes, 3 changes found."),
        ("uk", 0, "✅ Папка documents: знову на зв'язку, перерва — 14 хвилин; нічого не змінилося."),
        ("uk", 1, "✅ Папка documents: знову на зв'язку, перерва — 14 хвилин; знайдено 1 зміну."),
        ("uk", 3, "✅ Папка documents: знову на зв'язку, перерва — 14 хвилин; знайдено 3 зміни."),
        ("uk", 11, "✅ Папка documents: знову на зв'язку, перерва — 14 хвилин; знайдено 11 змін."),
        ("ru", 0, "✅ Папка documents: снова на связи, перерыв — 14 минут; ничего не изменилось."),
        ("ru", 21, "✅ Папка documents: снова на связи, перерыв — 14 минут; найдено 21 изменение."),
        ("ru", 3, "✅ Папка documents: снова на связи, перерыв — 14 минут; найдено 3 изменения."),
        ("ru", 5, "✅ Папка documents: снова на связи, перерыв — 14 минут; найдено 5 изменений."),
    ],
)
def test_a_folder_that_is_back_says_what_changed_in_it(language: str, found: int, text: str) -> None:
    told = data("up") | {"source": "watch.documents", "found": found}
    assert str(source_card(told, Reader(language, READER.timezone), NOW).text) == text


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("watch.documents", "Folder documents"),
        ("sync.crm", "Sync crm"),
        ("telegram", "Telegram"),
        ("requests.remind", "requests.remind"),
    ],
)
def test_a_sources_code_in_words(code: str, title: str) -> None:
    assert source_title(T, code) == title


def test_a_name_cannot_smuggle_markup_in() -> None:
    card = source_card({**data("down"), "source": "watch.<b>&"}, READER, NOW)
    assert "&lt;b&gt;&amp;" in card.text


def test_a_repeat_says_so_on_top_and_keeps_its_buttons_and_subject() -> None:
    card = Card(Markup("<b>x</b>"), subject="request:7")
    marked = repeated(T, card)
    assert str(marked.text) == "<i>↻ Repeat: this may have reached you before.</i>\n<b>x</b>"
    assert marked.subject == card.subject
