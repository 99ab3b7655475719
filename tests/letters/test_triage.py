"""Which requests a letter may speak of."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.letters import triage
from core.letters.model import Update
from core.letters.record import Reason
from core.letters.triage import Hints, Waiting, candidates, slip, waiting
from core.requests.model import Request
from tests.conftest import NOON
from tests.letters.post import reading, seen


def request(name: str, request_id: int = 1) -> Request:
    number, _, position = name.partition("/")
    return Request(request_id, number, position, f"Leak {name}", "sent", "", "", NOON, NOON, "Oksana")


def offered(hints: Hints) -> list[tuple[str, str]]:
    return [(each.name, each.reason.sentence) for each in candidates(hints)]


def test_a_request_the_letter_names_comes_first() -> None:
    named = request("101/12")
    other = request("555", 2)
    hints = Hints(names=(("101", "12"),), named=(named,), thread=(other,), open=(other, named))
    assert offered(hints)[0] == ("101/12", triage.NAMED)


def test_of_several_positions_the_one_in_the_thread_comes_first() -> None:
    first, second = request("101/3", 1), request("101/12", 2)
    hints = Hints(names=(("101", ""),), named=(first, second), thread=(second,))
    assert candidates(hints)[1].reason == Reason(triage.POSITION, {"number": "101"})
    assert offered(hints) == [("101/12", triage.THREAD), ("101/3", triage.POSITION)]


def test_the_thread_comes_before_a_similar_number_and_that_before_the_sender_and_the_latest() -> None:
    thread, similar, sender, latest = request("300", 1), request("102", 2), request("500", 3), request("600", 4)
    hints = Hints(names=(("101", ""),), thread=(thread,), sender=(sender,), open=(latest, sender, similar, thread))
    assert offered(hints) == [("300", triage.THREAD), ("102", triage.ONE_DIGIT), ("500", triage.SENDER)]
    assert offered(Hints(open=(latest, sender))) == [("600", triage.LATEST), ("500", triage.LATEST)]


def test_a_finished_request_of_the_sender_is_not_offered() -> None:
    assert offered(Hints(sender=(request("500"),))) == []


def test_a_similar_number_says_which_was_read() -> None:
    found = candidates(Hints(names=(("110", ""),), open=(request("101"),)))
    assert found[0].reason == Reason(triage.SWAPPED, {"number": "101", "read": "110"})


def test_a_slip_of_the_pen_is_one_digit_or_two_neighbours_swapped() -> None:
    assert slip("102", "101") == slip("1011", "101") == slip("11", "101") == triage.ONE_DIGIT
    assert slip("110", "101") == slip("12-354", "12-345") == triage.SWAPPED
    assert slip("101", "101") is slip("221", "101") is slip("5", "7") is slip("12-345", "12345") is None


def test_what_could_not_be_placed_waits_with_its_status() -> None:
    said = reading(Update("777", "2", "en_route"), Update("778", None, None))
    assert waiting(said, said.updates) == Waiting((("777", "2"), ("778", "")), (), "en_route")


def test_of_several_statuses_none_waits() -> None:
    said = reading(Update("777", None, "en_route"), Update("778", None, "on_site"))
    assert waiting(said, said.updates).status is None


def test_the_evidence_of_an_undecided_letter_waits() -> None:
    why = [
        seen("status", "declined"),
        seen("status", "left", counted=False),
        seen("request", "101/12, 102", "quoted", counted=False),
        seen("request", "30", counted=False),
    ]
    assert waiting(reading(why=why)) == Waiting((), (("101", "12"), ("102", "")), "declined")


def test_a_lone_position_belongs_to_the_lone_number() -> None:
    assert waiting(reading(why=[seen("request", "777"), seen("position", "4")])).names == (("777", "4"),)
    assert waiting(reading(why=[seen("request", "777, 778"), seen("position", "4")])).names == (
        ("777", ""),
        ("778", ""),
    )


numbers = st.text("0123456789-", min_size=1, max_size=6)
known = st.lists(st.tuples(numbers, st.sampled_from(["", "1", "12"])), unique=True, max_size=12)


@given(known, known, st.data())
def test_at_most_three_are_offered_each_once_and_each_of_those_known(
    exist: list[tuple[str, str]], names: list[tuple[str, str]], data: st.DataObject
) -> None:
    everything = [replace(request("0", n), number=name[0], position=name[1]) for n, name in enumerate(exist)]
    some = st.lists(st.sampled_from(everything), unique=True).map(tuple) if everything else st.just(())
    numbers_read = {number for number, _ in names}
    hints = Hints(
        names=tuple(names),
        named=tuple(each for each in everything if each.number in numbers_read),
        thread=data.draw(some),
        sender=data.draw(some),
        open=data.draw(some),
    )
    found = candidates(hints)
    ids = [each.request_id for each in found]
    wanted = {each.id for each in (*hints.named, *hints.thread, *hints.open)}
    assert len(ids) == len(set(ids)) == min(triage.SHOWN, len(wanted))
    assert set(ids) <= wanted
    if hints.named:
        assert found[0].request_id in {each.id for each in hints.named}


@given(numbers, numbers)
def test_a_slip_goes_both_ways(one: str, other: str) -> None:
    assert slip(one, other) == slip(other, one)
