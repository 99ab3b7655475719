"""The history as CSV and XLSX."""

import csv
import zipfile
from pathlib import Path

import pytest

from bot.files.export import COLUMNS, export, guarded
from core.db.engine import Database
from core.errors import UserError
from core.files.model import Query
from core.files.service import FilesService
from tests.files.recording import Recorder, change


@pytest.fixture
async def record(sqlite_db: Database, service: FilesService) -> Recorder:
    record = Recorder(sqlite_db, service)
    await record(change("=cmd|' /C calc'!A0.docx"), change("Договір.docx"), change("other.txt"))
    return record


async def test_a_csv_opens_in_excel_with_its_letters_and_the_readers_time(record: Recorder, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    done = await export(record.db, record.service, Query(globs=("*.docx",)), path, format="csv", timezone="Europe/Kyiv")
    assert (done.rows, done.more) == (2, False)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert (rows[0]["path"], rows[0]["time"]) == ("/srv/documents/Договір.docx", "2026-11-20 14:00:00")
    assert rows[0]["event_time"] == "2026-11-20T12:00:00.000000+00:00"
    assert [entry.name for entry in tmp_path.glob("*out*")] == ["out.csv"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert guarded("a=1") == "a=1"
    assert guarded(-1) == -1


async def test_a_sheet_holds_text_as_text_and_says_when_not_all_fitted(record: Recorder, tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    done = await export(record.db, record.service, Query(), path, format="xlsx", timezone="UTC", most=2)
    assert (done.rows, done.more) == (2, True)
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "Договір.docx" in sheet


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_where_nothing_can_be_written_is_said_at_once(record: Recorder, tmp_path: Path, form: str) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        await export(record.db, record.service, Query(), tmp_path / "no" / "x", format=form, timezone="UTC")  # type: ignore[arg-type]  # both
