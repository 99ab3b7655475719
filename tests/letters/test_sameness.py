"""Which letters with one Message-ID are one letter, and what becomes of one that is not; on both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.db.engine import Database
from core.letters.model import Letter, Update
from core.letters.placing import ANOTHER
from core.letters.sameness import another_id, says_the_same
from tests.conftest import NOON, ManualClock
from tests.letters.post import CONTRACTOR, Post, letter, post_of, reading

SAID = "Hello,\n\nrequest 101: we are on our way, the crew has the keys with it and will call at the gate.\n\nPavlo"
LATER = NOON + timedelta(minutes=30)
EN_ROUTE, ON_SITE = Update("101", "12", "en_route"), Update("101", "12", "on_site")


@pytest.fixture
def post(db: Database, clock: ManualClock) -> Post:
    return post_of(db, clock)


def said(text: str, **changes: Any) -> Letter:
    return replace(letter(**changes), text=text, new_text=text)


@pytest.mark.parametrize(
    "other",
    [
        said(SAID.replace("\n", "\r\n  ")),
        said(SAID + "\n\nThis letter may be confidential. Contractor Ltd, phone 555-12-34"),
        said("[External sender, be careful]\n" + SAID),
        said(SAID, subject="[EXTERNAL] Re: Request 101"),
        said(SAID, sent_at=NOON + timedelta(seconds=59)),
        said(SAID, sent_at=None),
        said(SAID, sent_at=LATER),
        said(SAID, sender="list@vakhta.example"),
        said(SAID.replace("Pavlo", "Pavlo <https://contractor.example/a?id=17>")),
        said(SAID.replace("Hello", "Hullo")),
    ],
)
def test_what_stands_around_a_letter_makes_it_no_other(other: Letter) -> None:
    one = said(SAID)
    assert says_the_same(one, other)
    assert says_the_same(other, one)


@pytest.mark.parametrize(
    "other",
    [
        said(SAID.replace("101", "102"), subject="News"),
        said("Request 101: done, the crew has left."),
        said(SAID + "\nArrived.", sent_at=LATER),
        said("", subject="Out"),
    ],
)
def test_other_words_make_another_letter(other: Letter) -> None:
    one = said(SAID, subject="News")
    assert not says_the_same(one, other)
    assert not says_the_same(other, one)
    assert another_id(one) != another_id(other)


async def test_another_letter_under_the_same_id_changes_nothing_by_itself_and_comes_once(post: Post) -> None:
    (request,) = await post.make("101/12")
    other = said("We have arrived, 101/12.", sent_at=NOON - timedelta(minutes=1))
    assert await post.receive(reading(EN_ROUTE), said(SAID)) == "applied"
    assert await post.receive(reading(EN_ROUTE), said(SAID + "\nA footer"), key="by another mailbox") is None
    assert await post.receive(reading(ON_SITE), other, key="2") == "triage"
    assert await post.receive(reading(ON_SITE), other, key="3") is None
    record = await post.last()
    assert (record.reason.sentence, record.status, record.candidates[0].name) == (ANOTHER, "on_site", "101/12")
    assert (await post.request("101/12")).status == "en_route"
    async with post.db.reading() as connection:
        assert await post.letters.unseen(connection, "contractor", ["2", "3", "by another mailbox"]) == []
    await post.link(record.id, request.id)
    await post.undo(record.id)
    assert (await post.last()).state == "triage"
    assert len(await post.all()) == 2


@pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
async def test_automatic_mail_and_history_under_an_id_that_is_taken_stay_what_they_are(post: Post) -> None:
    await post.make("101/12")
    await post.begin(has_history=True)
    await post.receive(reading(EN_ROUTE), said(SAID))
    machine = said("I am out of the office.", sent_at=LATER)
    assert await post.receive(reading(outcome="ignore"), machine, key="2") == "ignored"
    old = replace(machine, text="Request 101/12: on site.", sender=CONTRACTOR)
    assert await post.receive(reading(ON_SITE), old, key="3", mode="history") == "history"
    async with post.db.transaction() as tx:
        state = await post.letters.advance(tx, "contractor", "1", complete=True)
        assert state.summary is not None
        assert state.summary.changing == 0
    assert (await post.receive(reading(ON_SITE), said("And on site, 101/12"), key="4", mode="confirm")) == "triage"
