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
