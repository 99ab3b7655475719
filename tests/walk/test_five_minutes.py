"""The first five minutes of a visitor on the real demo, from the terminal to a kill -9 and back."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.demo.browsing import chromium
from tests.walk.visit import (
    Visit,
    a_badly_written_letter_moves_the_card_and_says_why,
    a_late_request_rings_once,
    a_letter_without_a_number_is_asked_about_and_taken_back,
    a_saved_and_renamed_document_is_one_line_with_its_life,
    an_evening_is_behind_the_group,
    an_unplugged_folder_loses_nothing,
    nothing_is_lost_and_the_cards_work,
    three_answers_make_a_request,
)
from tests.walk.walking import SHOTS, Look, a_demo, a_walk, port_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LOOKS = [
    Look("uk", "light", 1440, 900),
    Look("ru", "light", 1440, 900),
    Look("en", "dark", 390, 844),
]


@pytest.fixture
def processes() -> Iterator[ExitStack]:
    """What is started, ended at the end."""
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("look", LOOKS if SHOTS else LOOKS[:1], ids=lambda look: f"{look.language}-{look.width}")
async def test_the_first_five_minutes(look: Look, processes: ExitStack, tmp_path: Path) -> None:
    demo = processes.enter_context(a_demo(tmp_path))
    assert "Nothing leaves this machine" in demo.running.line("Nothing leaves")
    async with chromium() as browser, a_walk(browser, demo, look, Visit) as visit:
        await an_evening_is_behind_the_group(visit)
        await three_answers_make_a_request(visit)
        await a_badly_written_letter_moves_the_card_and_says_why(visit)
        await a_letter_without_a_number_is_asked_about_and_taken_back(visit)
        await a_saved_and_renamed_document_is_one_line_with_its_life(visit)
        await an_unplugged_folder_loses_nothing(visit)
        await a_late_request_rings_once(visit)
        demo.running.kill()
        await visit.line("8a-killed")
        again = processes.enter_context(a_demo(tmp_path, port=port_of(demo.status), chat_port=port_of(demo.chat)))
        assert (again.chat, again.status) == (demo.chat, demo.status)
        await nothing_is_lost_and_the_cards_work(visit)
