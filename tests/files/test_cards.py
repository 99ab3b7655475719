"""How a burst and a found history look."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.chat.cards import TEXT_LIMIT, units
from bot.files.cards import LIFE_SHOWN, Changed, burst_card, by_file, life_card, list_card
from bot.files.keyboards import FilesButton, LifeButton, life_of, list_of, page_row
from core.files.lives import Life, Step
from core.files.model import Burst, EventType, FileEvent
from core.files.naming import details, parse_details
from core.people.model import Reader
from core.text import size_text, translator

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
READER = Reader("en", "Europe/Kyiv")


def event(
    path: str, kind: EventType = "created", *, size: int | None = 2048, old: str | None = None, project: str = "CRM"
) -> FileEvent:
    said = details("/srv/docs", {}, old_path=old)
    return FileEvent(1, NOW - timedelta(minutes=5), kind, path, project, "", size, None, said, "documents")


def changes(*events: FileEvent) -> list[Changed]:
    return [Changed(event, 1) for event in events]


def burst(**counts: int) -> Burst:
    every: Mapping[EventType, int] = {"created": 0, "modified": 0, "deleted": 0, "moved": 0, **counts}  # type: ignore[dict-item]  # the names are event types
    return Burst(3, "documents", 1, 9, NOW, NOW, NOW, every)


def test_a_single_change_is_told_by_its_name() -> None:
    card = burst_card(burst(created=1), [event("/srv/docs/sub/a & b.docx")], READER, NOW)
    assert str(card.text) == (
        "📁 <b>documents</b>: 1 change\n\n<i>CRM / sub</i>\n✚ <b>a &amp; b.docx</b> · 2 KB · 14:25"
    )
    assert card.subject == "files:documents:3"
    assert card.rows[0][0].data == FilesButton(page=0, burst=3).pack()


def test_a_large_burst_says_how_many_of_each_and_the_last() -> None:
    last = [event("/srv/docs/b", "deleted"), event("/srv/docs/a", project="")]
    text = str(burst_card(burst(created=30, deleted=12), last, READER, NOW).text)
    assert "42 changes\n✚ 30  ✖ 12\n" in text
    assert "✖ <b>b</b> · 14:25" in text
    assert text.endswith("<i>and 40 earlier</i>")


def test_a_document_saved_and_renamed_is_one_line_of_a_burst() -> None:
    renamed = event("/srv/docs/final.docx", "moved", old="/srv/docs/draft.docx")
    text = str(
        burst_card(burst(modified=1, moved=1), [renamed, event("/srv/docs/draft.docx", "modified")], READER, NOW).text
    )
    assert text.endswith("➜ <b>final.docx</b> · 2 KB · 2 changes · 14:25\n↳ was <i>draft.docx</i>")
    assert text.count("·") == 3


def test_two_machines_with_one_name_are_told_apart() -> None:
    here, there = (replace(event("/srv/docs/a"), host=host) for host in ("one", "two"))
    told = burst_card(replace(burst(created=1), host="one"), [here], READER, NOW, with_host=True)
    assert str(told.text).startswith("📁 <b>documents · one</b>: 1 change")
    assert "one" not in str(burst_card(replace(burst(created=1), host="one"), [here], READER, NOW).text)
    text = str(list_card(changes(here, there), 2, 100, READER, NOW).text)
    assert "<i>CRM · one</i>" in text
    assert "<i>CRM · two</i>" in text


def test_a_rename_says_the_old_name_and_a_move_the_old_folder() -> None:
    renamed = event("/srv/docs/a/new", "moved", old="/srv/docs/a/old")
    moved = event("/srv/docs/b/same", "moved", old="/srv/docs/a/same")
    text = str(list_card(changes(renamed, moved), 2, 100, READER, NOW).text)
    assert "➜ <b>new</b> · 2 KB · 14:25\n↳ was <i>old</i>" in text
    assert "↳ was <i>CRM / a</i>" in text


def test_a_name_with_a_line_break_stays_in_its_line() -> None:
    text = str(list_card(changes(event("/srv/docs/two\nlines")), 1, 100, READER, NOW).text)
    assert "<b>two lines</b>" in text


def test_neighbours_in_one_folder_stand_below_its_name_once() -> None:
    found = [event("/srv/docs/a/1"), event("/srv/docs/a/2"), event("/srv/docs/b/3")]
    text = str(list_card(changes(*found), 3, 100, READER, NOW).text)
    assert text.count("<i>CRM / a</i>") == text.count("<i>CRM / b</i>") == 1


def test_windows_paths_are_taken_apart_too() -> None:
    said = details("C:\\docs", {}, old_path="C:\\docs\\a\\old.txt")
    found = FileEvent(1, NOW, "moved", "C:\\docs\\a\\new.txt", "", "", 1, None, said, "documents")
    text = str(list_card(changes(found), 1, 100, READER, NOW).text)
    assert "<i>documents / a</i>\n1. ➜ <b>new.txt</b>" in text
    assert "was <i>old.txt</i>" in text


def test_nothing_found_says_what_could_be_asked() -> None:
    card = list_card([], 0, 100, READER, NOW, asked="<b>&")
    assert "No changes of files found." in card.text
    assert "🔎 &lt;b&gt;&amp;" in card.text


def test_what_was_not_counted_to_the_end_says_so() -> None:
    assert "100 changes of files or more" in list_card(changes(event("/srv/docs/a")), 100, 100, READER, NOW).text


@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_the_longest_names_fit_a_message(language: str) -> None:
    long = "/srv/docs/" + "папка/" * 60 + "😀" * 250
    moved = [event(f"{long}{n}", "moved", old=long) for n in range(8)]
    for card in (
        burst_card(burst(moved=100), moved, Reader(language, "Europe/Kyiv"), NOW),
        list_card(changes(*moved), 1000, 1000, Reader(language, "Europe/Kyiv"), NOW, asked="я" * 300),
    ):
        assert units(str(card.text)) < TEXT_LIMIT


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KB"),
        (1536, "1.5 KB"),
        (10_240, "10 KB"),
        (5 << 20, "5 MB"),
        (3 << 30, "3 GB"),
    ],
)
def test_a_size_is_short(size: int, text: str) -> None:
    assert size_text(translator("en"), size) == text


def test_pages_are_turned_by_ids_in_64_bytes() -> None:
    at = FilesButton(page=99999, query=2**31, burst=2**31, before=2**53)
    row = page_row(at, 2**53, 2**53 - 8, more=True)
    assert [button.text for button in row] == ["‹", "100000", "›"]
    assert all(len(button.data.encode()) <= 64 for button in row)
    assert page_row(FilesButton(page=0), 8, 1, more=False) == ()


def life(*events: FileEvent, complete: bool = True) -> Life:
    steps = []
    before: int | None = None
    for each in events:
        old = parse_details(each.details).get("old_path")
        grown = None if before is None or each.file_size is None else each.file_size - before
        below = each.path.removeprefix("/srv/docs/")
        steps.append(Step(each, below, old.removeprefix("/srv/docs/") if old else None, grown))
        before = each.file_size
    return Life("documents", steps[-1].path, tuple(steps), complete)


def test_a_files_life_says_how_it_grew_what_it_was_called_and_when_it_went() -> None:
    card = life_card(
        life(
            event("/srv/docs/a/draft.docx", size=1024),
            event("/srv/docs/a/draft.docx", "modified", size=3072),
            event("/srv/docs/a/Contract.docx", "moved", size=3072, old="/srv/docs/a/draft.docx"),
            event("/srv/docs/a/Contract.docx", "modified", size=2048),
            event("/srv/docs/a/Contract.docx", "deleted", size=2048),
        ),
        0,
        READER,
        NOW,
    )
    text = str(card.text)
    assert text.startswith("🗑 <b>Contract.docx</b>\n<i>CRM / a</i>\n5 changes\n\n✖ 14:25 · deleted\n")
    assert "✎ 14:25 · changed · 2 KB (−1 KB)" in text
    assert "➜ 14:25 · renamed · 3 KB\n↳ was <i>draft.docx</i>" in text
    assert "✎ 14:25 · changed · 3 KB (+2 KB)\n✚ 14:25 · created · 1 KB" in text
    assert "is not known on this share" in text


def test_who_is_said_where_the_share_says_it_and_the_label_never() -> None:
    known = replace(event("/srv/docs/a", "modified"), who="CORP\\olena", username="team-a")
    text = str(life_card(life(known), 0, READER, NOW).text)
    assert "CORP\\olena" in text
    assert "team-a" not in text
    assert "not known" not in text


def test_several_people_are_said_in_their_order() -> None:
    shared = replace(event("/srv/docs/a", "modified"), who="anna, petro")
    assert "👤 anna, then petro" in str(life_card(life(shared), 0, READER, NOW).text)


def test_a_life_shows_the_last_checksum_and_that_its_beginning_is_unknown() -> None:
    summed = replace(event("/srv/docs/a", "modified"), checksum="a" * 64)
    text = str(life_card(life(summed, complete=False), 0, READER, NOW).text)
    assert f"<code>{'a' * 64}</code>" in text
    assert "What was before is not in the history" in text


def test_a_long_life_is_paged_the_newest_first() -> None:
    long = life(*(event("/srv/docs/a", "modified", size=n) for n in range(LIFE_SHOWN + 1)))
    assert str(life_card(long, 0, READER, NOW).text).count("✎") == LIFE_SHOWN
    assert str(life_card(long, 1, READER, NOW).text).count("✎") == 1


def test_changes_are_put_together_by_file_through_its_renames() -> None:
    found = by_file(
        [
            event("/srv/docs/new", "modified"),
            event("/srv/docs/new", "moved", old="/srv/docs/old"),
            event("/srv/docs/other"),
            event("/srv/docs/old"),
        ]
    )
    assert [(each.event.path, each.changes) for each in found] == [("/srv/docs/new", 3), ("/srv/docs/other", 1)]


def test_the_way_back_from_a_life_leads_to_its_page() -> None:
    at = FilesButton(page=99999, query=2**40, files=True)
    there = life_of(at, 2**53)
    assert list_of(LifeButton.unpack(there.pack())) == at
    assert len(there.pack().encode()) <= 64
