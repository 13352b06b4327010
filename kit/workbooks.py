"""Workbooks: tables in Excel's format (XLSX), read row by row, as strictly as text is.

What a person sees and what stands in the file may differ here: a formula, merged cells, a hidden sheet. Such a thing is
refused or told with its sheet, row and column, never guessed at. A bomb meets a limit before anything is unpacked.
"""

import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import msgspec

from kit.folders import DENSE_FROM, DENSEST, File, Unreadable
from kit.words import _

LARGEST_UNPACKED = 2**29
MOST_COLUMNS = 500
MOST_ROWS = 500_000
LARGEST_CELL = 32_767
"""What Excel itself allows in a cell."""

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?hidden="(?:1|true)"')
_PIECE = 2**20


_Told = tuple[int, list[str], str, str | None]
"""Of a row: its number, its cells; or what is wrong, and in which column."""


def is_workbook(path: str) -> bool:
    """Whether a file's name says that it is a workbook that can be read here."""
    return PurePosixPath(path).suffix.lower() in (".xlsx", ".xlsm")


class WorkbookSheet:
    """One visible sheet: its columns, and its rows of text as often as one asks. `remarks` is what a person should know.

    Days are told as 2026-03-04 09:30:00, times as 09:30:00, lengths as 3:30, whole numbers without a point.
    """

    def __init__(self, name: str, sheet: Any) -> None:
        self.name, self._sheet = name, sheet
        self.remarks: list[str] = []
        self.columns: list[str] = []
        self._first_row = 0
        self._kept: BinaryIO | None = None
        self._read_header()

    def rows(self, bad: list[Unreadable] | None = None) -> Iterator[tuple[int, list[str]]]:
        """Row number as the sheet counts and its cells, as many as there are columns.

        A row with a formula or a cell beyond the columns goes to `bad` if that is given. Raises Unreadable otherwise.
        """
        for number, cells, fault, column in self._once_read():
            if fault:
                unfit = Unreadable(self.name, fault, number, column)
                if bad is None:
                    raise unfit
                bad.append(unfit)
            elif any(cells):
                yield number, cells

    def _once_read(self) -> Iterator[_Told]:
        """Every row below the header. Reading a sheet is slow, so the first reading to its end is kept beside it, on disk."""
        if self._kept is not None:
            self._kept.seek(0)
            for line in self._kept:
                yield msgspec.json.decode(line, type=_Told)
            return
        kept = tempfile.TemporaryFile()  # noqa: SIM115  closed with the workbook
        for number, row in self._records():
            if number <= self._first_row:
                continue
            try:
                told = number, self._fitted(number, row), "", None
            except Unreadable as unfit:
                told = number, [], unfit.text, unfit.column
            kept.write(msgspec.json.encode(told) + b"\n")
            yield told
        self._kept = kept

    def close(self) -> None:
        if self._kept is not None:
            self._kept.close()

    def _fitted(self, number: int, row: tuple[Any, ...]) -> list[str]:
        cells = [self._text(number, at, cell) for at, cell in enumerate(row)]
        while len(cells) > len(self.columns) and cells[-1] == "":
            cells.pop()
        if len(cells) > len(self.columns):
            raise Unreadable(
                self.name, _("A cell stands to the right of the last column that has a name."), number
            )
        return cells + [""] * (len(self.columns) - len(cells))

    def _text(self, number: int, at: int, cell: Any) -> str:
        column = self.columns[at] if at < len(self.columns) else None
        if cell.data_type == "f":
            raise Unreadable(
                self.name,
                _("A formula stands here. Copy the column and paste it as values, then save again."),
                number,
                column,
            )
        if cell.data_type == "e":
            raise Unreadable(
                self.name,
                _("“{error}” stands here, an error of a formula.", error=cell.value),
                number,
                column,
            )
        return _in_words(cell.value)

    def _read_header(self) -> None:
        for number, row in self._records():
            if any(cell.value is not None and str(cell.value).strip() for cell in row):
                self._first_row = number
                self.columns = [" ".join(self._text(number, at, cell).split()) for at, cell in enumerate(row)]
                while len(self.columns) > 1 and not self.columns[-1]:
                    self.columns.pop()
                return
        raise Unreadable(self.name, _("The sheet is empty: it has not even a header."))

    def _records(self) -> Iterator[tuple[int, tuple[Any, ...]]]:
        from openpyxl.cell.read_only import EMPTY_CELL

        self._sheet.reset_dimensions()
        try:
            for number, row in enumerate(self._sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
                if number > MOST_ROWS:
                    raise Unreadable(self.name, _("It has more than {most} rows.", most=f"{MOST_ROWS:,}"))
                # The library fills each row up to the last column that may be: most of the time went into nothing.
                width = len(row)
                while width and row[width - 1] is EMPTY_CELL:
                    width -= 1
                yield number, row[:width]
        except Unreadable:
            raise
        except Exception as broken:  # openpyxl tells of damage with whatever came up
            raise Unreadable(self.name, _("The sheet cannot be read: it is damaged.")) from broken


def _in_words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, float):
        # A float is printed as Excel shows it: 0.1 + 0.2 is 0.3 there.
        return f"{value:.15g}" if abs(value) < 1e15 else repr(value)
    return str(value).replace("\0", "")[: LARGEST_CELL + 1]


@contextmanager
def sheets(file: File, remarks: list[str]) -> Iterator[list[WorkbookSheet]]:
    """The visible sheets of a workbook, in their order; what a person should know goes into `remarks`.

    Raises Unreadable for what is no workbook, is locked, would unpack to far more than a table, or has merged cells.
    """
    name = PurePosixPath(file.path).name
    with tempfile.TemporaryFile() as kept:
        _copy(file, kept)
        unpacked = _check_size(name, kept)
        workbook = _opened(name, kept)
        found: list[WorkbookSheet] = []
        try:
            for sheet in workbook.worksheets:
                if sheet.sheet_state != "visible":
                    remarks.append(
                        _("{file}: the hidden sheet “{sheet}” is not read.", file=name, sheet=sheet.title)
                    )
                    continue
                if not _has_cells(sheet):
                    continue
                called = name if len(workbook.worksheets) == 1 else f"{name}, {sheet.title}"
                one = WorkbookSheet(called, sheet)
                _look_for_what_is_not_told(unpacked, sheet, one)
                found.append(one)
            yield found
        finally:
            for one in found:
                one.close()
            workbook.close()
            unpacked.close()


def _copy(file: File, kept: BinaryIO) -> None:
    with file.open() as raw:
        while piece := raw.read(_PIECE):
            kept.write(piece)


def _check_size(name: str, kept: BinaryIO) -> zipfile.ZipFile:
    """A workbook is a zip: what it claims to unpack to is also the most that the library will read of it."""
    size = kept.tell()
    kept.seek(0)
    start = kept.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            name, _("This is an old Excel file, or one with a password. Save it as .xlsx without a password.")
        )
    try:
        archive = zipfile.ZipFile(kept)
        claimed = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as broken:
        raise Unreadable(name, _("This is no Excel file, whatever its name says.")) from broken
    if claimed > LARGEST_UNPACKED or (claimed > DENSE_FROM and claimed > DENSEST * max(size, 1)):
        raise Unreadable(name, _("The workbook unpacks to far more than a table would: it is not opened."))
    for entry in archive.infolist():
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as part:
                if b"<!DOCTYPE" in part.read(2048):
                    raise Unreadable(
                        name, _("The workbook has parts that no workbook needs: it is not opened.")
                    )
    return archive


def _opened(name: str, kept: BinaryIO) -> Any:
    import openpyxl

    kept.seek(0)
    try:
        return openpyxl.load_workbook(kept, read_only=True, data_only=False, keep_links=False)
    except Exception as broken:  # whatever a damaged part makes the library say
        raise Unreadable(name, _("The workbook cannot be read: it is damaged.")) from broken


def _has_cells(sheet: Any) -> bool:
    sheet.reset_dimensions()
    try:
        return any(
            cell.value is not None
            for row in sheet.iter_rows(max_row=1000, max_col=MOST_COLUMNS)
            for cell in row
        )
    except Exception:  # told of, with the sheet's name, by whoever reads on
        return True


def _look_for_what_is_not_told(archive: zipfile.ZipFile, sheet: Any, one: WorkbookSheet) -> None:
    """Reading row by row says nothing of merged cells and hidden rows; they stand in the sheet's own part."""
    hidden = False
    tail = b""
    with archive.open(sheet._worksheet_path) as part:
        while piece := part.read(_PIECE):
            text = tail + piece
            for found in _MERGED.finditer(text):
                _refuse_merged(one, *(part.decode() for part in found.groups()))
            hidden = hidden or _HIDDEN_ROW.search(text) is not None
            # A tag that is cut in two is found whole with the next piece.
            tail = text[text.rfind(b"<") :][-400:]
    if hidden:
        one.remarks.append(_("Hidden or filtered rows are read as well."))


def _refuse_merged(one: WorkbookSheet, left: str, top: str, right: str, bottom: str) -> None:
    if int(bottom) >= one._first_row:
        raise Unreadable(
            one.name,
            _(
                "The cells {cells} are merged, so it is not sure which rows they speak for. Unmerge them.",
                cells=f"{left}{top}:{right}{bottom}",
            ),
            int(top),
        )
