"""The history as a table: CSV for any program, XLSX for a spreadsheet. Written beside its place, then moved there."""

import asyncio
import csv
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from core.db.engine import Database
from core.errors import UserError
from core.files.model import FileEvent, Query
from core.files.service import FilesService

Format = Literal["csv", "xlsx"]

XLSX_MOST: Final = 1_048_575
"""Rows below the head that a sheet holds (Excel specifications and limits)."""

COLUMNS: Final = (
    "time",
    "id",
    "event_time",
    "event_type",
    "path",
    "project",
    "username",
    "file_size",
    "checksum",
    "details",
    "watch",
    "host",
    "who",
)
"""The contract's columns; before them the time in the reader's zone, without an offset, as spreadsheets read it."""

_WIDTHS: Final = {"time": 19, "id": 10, "event_time": 32, "path": 80, "details": 60, "checksum": 20}
_PIECE: Final = 1000
_LONGEST: Final = 32_767
"""Characters of a cell (Excel specifications and limits)."""


@dataclass(frozen=True, slots=True)
class Exported:
    """How many rows were written; `more`: the newest ones, others did not fit."""

    rows: int
    more: bool


async def export(
    db: Database,
    files: FilesService,
    query: Query,
    path: Path,
    *,
    format: Format,  # noqa: A002  the reader's word
    timezone: str,
    most: int | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Exported:
    """Write what the query finds, newest first, at most `most` rows; the file appears when it is whole.

    Raises `UserError` when it cannot be written.
    """
    most = min(most or XLSX_MOST, XLSX_MOST) if format == "xlsx" else most
    zone = ZoneInfo(timezone)
    partial = path.with_name(f".{path.name}.partial")
    rows, more = 0, False
    try:
        table = await asyncio.to_thread(_open, format, partial)
        try:
            async with db.reading() as connection:
                async for piece in _pieces(files.stream(connection, query)):
                    room = len(piece) if most is None else most - rows
                    more = len(piece) > room
                    await asyncio.to_thread(table.add, [_row(event, zone) for event in piece[:room]])
                    rows += len(piece[:room])
                    progress(rows)
                    if more:
                        break
        finally:
            await asyncio.to_thread(table.close)
        await asyncio.to_thread(os.replace, partial, path)
    except OSError as error:
        raise UserError("{path} cannot be written: {reason}", path=path, reason=error.strerror or error) from error
    finally:
        partial.unlink(missing_ok=True)
    return Exported(rows, more)


def _open(format: Format, path: Path) -> "_Csv | _Xlsx":  # noqa: A002  as above
    return _Csv(path) if format == "csv" else _Xlsx(path)


async def _pieces(events: AsyncIterator[FileEvent]) -> AsyncIterator[list[FileEvent]]:
    piece: list[FileEvent] = []
    async for event in events:
        piece.append(event)
        if len(piece) == _PIECE:
            yield piece
            piece = []
    if piece:
        yield piece


def _row(event: FileEvent, zone: ZoneInfo) -> list[Any]:
    local = event.event_time.astimezone(zone).replace(tzinfo=None, microsecond=0)
    return [local, *(event.public()[name] for name in COLUMNS[1:10]), event.watch, event.host, event.who]


def guarded(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula is kept from it by a leading apostrophe (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


class _Csv:
    """A table as it is written to a CSV file. Blocking."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")  # the mark tells Excel that it is UTF-8
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS)

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """These rows too."""
        self._writer.writerows([guarded(value) for value in row] for row in rows)

    def close(self) -> None:
        """That was all."""
        self._file.close()


class _Xlsx:
    """A table as it is written to a sheet, in constant memory. Blocking."""

    def __init__(self, path: Path) -> None:
        from xlsxwriter import Workbook  # 0.1 s, and only an export needs it

        path.touch()  # whether it can be written shows now, not after everything
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = Workbook(str(path), options)
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._sheet = self._book.add_worksheet("files")
        self._rows = 0
        for at, name in enumerate(COLUMNS):
            self._sheet.set_column(at, at, _WIDTHS.get(name, 14))
            self._sheet.write_string(0, at, name)
        self._sheet.freeze_panes(1, 0)

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """These rows too; text is text in a sheet, whatever it begins with."""
        for row in rows:
            self._rows += 1
            for at, value in enumerate(row):
                if isinstance(value, datetime):
                    self._sheet.write_datetime(self._rows, at, value, self._moment)
                elif isinstance(value, int):
                    self._sheet.write_number(self._rows, at, value)
                elif value:
                    self._sheet.write_string(self._rows, at, value[:_LONGEST])

    def close(self) -> None:
        """That was all."""
        from xlsxwriter.exceptions import XlsxWriterException

        self._sheet.autofilter(0, 0, max(self._rows, 1), len(COLUMNS) - 1)
        try:
            self._book.close()
        except XlsxWriterException as error:
            raise OSError(str(error)) from error
