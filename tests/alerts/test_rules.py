from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alerts.model import Destination, LiveCard, Mode, Notice, State
from core.alerts.rules import (
    ALL_NOTICES,
    ALL_REPLIES,
    GROUP_NOTICES,
    GROUP_REPLIES,
    PERSON_NOTICES,
    PERSON_REPLIES,
    TRIES,
    Answer,
    Batch,
    Meaning,
    Pace,
    Window,
    backoff,
    decide,
    meaning_of_refusal,
    merge,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GROUP, PERSON = -100, 7
HERE = Destination(GROUP)


def notice(
    row: int, *, mode: Mode = "card", state: State = "new", attempts: int = 0, subject: str = "request:7"
) -> Notice:
    return Notice(
        id=row,
        to=HERE,
        kind="request",
        subject=subject,
        mode=mode,
        data={"row": row},
        priority=5,
        state=state,
        attempts=attempts,
        created_at=NOW,
        not_before=NOW,
        expires_at=NOW + timedelta(hours=1),
    )


def live(message_id: int = 50, *, sent_at: datetime = NOW) -> LiveCard:
    return LiveCard(HERE, message_id, "request", "request:7", "old", sent_at)


def fits(moments: list[float], window: Window) -> bool:
    """Whether no span of the window's length holds more than it allows."""
    return all(
        later - earlier >= window.seconds - 1e-6
        for earlier, later in zip(moments, moments[window.count :], strict=False)
    )


wishes = st.lists(
    st.tuples(st.sampled_from([GROUP, -200, PERSON, 8, 9]), st.booleans(), st.floats(0, 3)),
    max_size=200,
)


@given(wishes)
def test_no_window_is_ever_exceeded(sequence: list[tuple[int, bool, float]]) -> None:
    pace, now = Pace(), 0.0
    sent: list[tuple[int, bool, float]] = []
    for chat, reply, pause in sequence:
        now += pause
        while wait := pace.reserve(chat, now, reply=reply):
            now += wait
        sent.append((chat, reply, now))
    assert fits([at for _, _, at in sent], ALL_REPLIES)
    assert fits([at for _, reply, at in sent if not reply], ALL_NOTICES)
    for chat in {chat for chat, _, _ in sent}:
        notices = [at for where, reply, at in sent if where == chat and not reply]
        everything = [at for where, _, at in sent if where == chat]
        assert fits(notices, GROUP_NOTICES if chat < 0 else PERSON_NOTICES)
        assert fits(everything, GROUP_REPLIES if chat < 0 else PERSON_REPLIES)


@given(wishes)
def test_the_wait_is_exact(sequence: list[tuple[int, bool, float]]) -> None:
    pace, now = Pace(), 0.0
    for chat, reply, pause in sequence:
        now += pause
        wait = pace.wait(chat, now, reply=reply)
        assert pace.reserve(chat, now, reply=reply) == wait
        if wait > 0.002:
            assert pace.wait(chat, now + wait - 0.002, reply=reply) > 0
            assert pace.wait(chat, now + wait, reply=reply) <= 0.001


def test_notices_reach_the_overall_rate() -> None:
    pace, now, sent = Pace(), 0.0, 0
    while now < 60:
        waits = [pace.reserve(chat, now, reply=False) for chat in range(1, 101)]
        sent += waits.count(0)
        now += min(wait for wait in waits if wait)
    assert sent >= 0.95 * 25 * 60


def test_notices_leave_room_for_replies_in_a_group() -> None:
    pace = Pace()
    while pace.reserve(GROUP, 0, reply=False) == 0:
        pass
    assert [pace.reserve(GROUP, 0, reply=True) for _ in range(4)] == [0, 0, 0, 0]
    assert pace.reserve(GROUP, 0, reply=True) > 0


def test_replies_to_a_person_may_burst() -> None:
    pace = Pace()
    assert [pace.reserve(PERSON, 0, reply=True) for _ in range(20)] == [0] * 20
    assert pace.reserve(PERSON, 0, reply=True) == pytest.approx(20)


def test_a_refusal_pauses_that_chat_only() -> None:
    pace = Pace()
    pace.refused(GROUP, 0, 30)
    assert pace.wait(GROUP, 10, reply=True) == pytest.approx(20)
    assert pace.wait(PERSON, 10, reply=False) == 0


def test_refusals_in_two_chats_soon_after_each_other_pause_all() -> None:
    pace = Pace()
    pace.refused(GROUP, 0, 3)
    pace.refused(PERSON, 5, 10)
    assert pace.wait(8, 6, reply=False) == pytest.approx(9)


def test_one_chat_refused_again_and_again_does_not_silence_the_others() -> None:
    pace = Pace()
    for now in range(5):
        pace.refused(GROUP, now, 1000)
    assert pace.wait(PERSON, 5, reply=False) == 0


def test_silent_chats_are_forgotten() -> None:
    pace = Pace()
    for chat in range(1, 3001):
        assert pace.reserve(chat, chat * 1.0, reply=False) == 0
    assert len(pace._chats) < 2000


@given(st.integers(1, 1000), st.floats(0, 1))
def test_backoff_grows_to_its_cap_and_never_is_nothing(failures: int, chance: float) -> None:
    seconds = backoff(failures, chance)
    assert 0.5 <= seconds <= 60
    assert backoff(failures + 1, chance) >= seconds


@pytest.mark.parametrize(
    ("description", "meaning"),
    [
        ("Bad Request: message is not modified: specified new message content …", "same"),
        ("Bad Request: message to edit not found", "no_message"),
        ("Bad Request: message can't be edited", "no_message"),
        ("Bad Request: MESSAGE_ID_INVALID", "no_message"),
        ("Bad Request: message thread not found", "no_thread"),
        ("Bad Request: chat not found", "refused"),
        ("Bad Request: can't parse entities", "refused"),
    ],
)
def test_the_words_of_a_refusal_tell_its_meaning(description: str, meaning: Meaning) -> None:
    assert meaning_of_refusal(description) == meaning


def states(batch: Batch, answer: Answer) -> list[tuple[State, int]]:
    return [(each.state, each.attempts) for each in decide(batch, answer, "new", NOW).settlements]


def test_what_arrived_is_sent_and_its_card_remembered() -> None:
    outcome = decide(Batch((notice(1),)), Answer("ok", 77), "new", NOW)
    assert [(s.state, s.message_id, s.done_at) for s in outcome.settlements] == [("sent", 77, NOW)]
    assert outcome.remember == LiveCard(HERE, 77, "request", "request:7", "new", NOW, {"row": 1})


def test_an_edit_keeps_the_cards_age_and_changes_its_digest() -> None:
    card = live(sent_at=NOW - timedelta(hours=3))
    outcome = decide(Batch((notice(1),), card), Answer("same"), "new", NOW)
    assert outcome.remember is not None
    assert (outcome.remember.message_id, outcome.remember.digest) == (50, "new")
    assert outcome.remember.sent_at == card.sent_at


@pytest.mark.parametrize("meaning", ["kept", "slow_down", "unreachable", "failed", "moved", "unauthorized"])
def test_what_surely_did_not_arrive_waits_as_if_it_had_never_left(meaning: Meaning) -> None:
    assert states(Batch((notice(1),)), Answer(meaning)) == [("new", 0)]


def test_what_may_have_arrived_is_repeated_once_and_then_left_for_people_to_see() -> None:
    first = decide(Batch((notice(1),)), Answer("unknown"), "new", NOW).settlements[0]
    assert (first.state, first.attempts, first.done_at) == ("unknown", 1, None)
    assert first.not_before >= NOW + timedelta(seconds=30)
    second = decide(Batch((notice(1, state="unknown", attempts=1),)), Answer("unknown"), "new", NOW).settlements[0]
    assert (second.state, second.attempts, second.done_at) == ("unknown", TRIES, NOW)


def test_an_edit_whose_fate_is_unknown_is_simply_made_again() -> None:
    assert states(Batch((notice(1),), live()), Answer("unknown")) == [("new", 0)]


def test_an_answer_from_a_gateway_is_tried_again_and_marked() -> None:
    assert states(Batch((notice(1),)), Answer("unclear")) == [("new", 1)]
    assert Batch((notice(1, attempts=1),)).repeat


def test_a_refused_notice_is_dead_with_its_reason() -> None:
    outcome = decide(Batch((notice(1),)), Answer("refused", reason="kicked"), "new", NOW)
    assert [(s.state, s.error) for s in outcome.settlements] == [("dead", "kicked")]


def test_a_card_whose_message_is_gone_is_forgotten_and_sent_anew() -> None:
    outcome = decide(Batch((notice(1),), live()), Answer("no_message"), "new", NOW)
    assert [s.state for s in outcome.settlements] == ["new"]
    assert outcome.forget == live()


def test_a_refresh_of_a_message_that_is_gone_is_done() -> None:
    outcome = decide(Batch((notice(1, mode="refresh"),), live()), Answer("no_message"), "new", NOW)
    assert [s.state for s in outcome.settlements] == ["sent"]


def test_cards_of_one_subject_are_one_message_made_from_the_newest() -> None:
    rows = [notice(3), notice(2, mode="refresh")]
    (batch,) = merge([notice(1)], rows, [live(50), live(60)], NOW)
    assert [row.id for row in batch.rows] == [1, 2, 3]
    assert batch.shown.id == 3
    assert batch.mode == "card"
    assert batch.card == live(60)


def test_a_new_message_is_never_merged_and_never_an_edit() -> None:
    assert merge([notice(1, mode="new")], [notice(2)], [live()], NOW) == [Batch((notice(1, mode="new"),))]


def test_a_card_too_old_is_not_edited() -> None:
    (batch,) = merge([notice(1)], [], [live(sent_at=NOW - timedelta(hours=25))], NOW)
    assert batch.card is None
