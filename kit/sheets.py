"""Sheets: tables in text (CSV), read as tolerantly as is safe.

Commas, semicolons, tabs or bars; any line end; quotes with line breaks inside; very large cells. What cannot be
read for certain is refused with its file, row and column, never guessed at (`kit.encodings` does so for letters).
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from kit.encodings import detect
from kit.folders import File, Unreadable
from kit.words import _

LARGEST_CELL = 8 * 2**20
LONGEST_LINE = 4 * LARGEST_CELL
MOST_COLUMNS = 5_000

_SEPARATORS = ",;\t|"


class Sheet:
    """A table in text: its columns, and its rows as often as one asks. `remarks` is what a person should know."""

    def __init__(self, file: File) -> None:
        self.file, self.name = file, PurePosixPath(file.path).name
        self.remarks: list[str] = []
        self.encoding = detect(file, self.remarks)
        self.separator = ","
        self.columns: list[str] = []
        self._first_row = 0
        self._read_header()

    def rows(self, bad: list[Unreadable] | None = None) -> Iterator[tuple[int, list[str]]]:
        """Row number as a spreadsheet counts (the header is 1) and its cells, as many as there are columns.

        A row with more or fewer cells goes to `bad` if that is given, so that one reading finds all of them.
        Raises Unreadable otherwise, and for a quote that never ends: what follows it cannot be told apart.
        """
        for number, cells in self._records():
            if number <= self._first_row or not any(cells):
                continue
            if len(cells) != len(self.columns):
                try:
                    cells = self._fitted(number, cells)
                except Unreadable as unfit:
                    if bad is None:
                        raise
                    bad.append(unfit)
                    continue
            yield number, cells

    def _fitted(self, number: int, cells: list[str]) -> list[str]:
        while len(cells) > len(self.columns) and cells[-1] == "":
            cells.pop()
        if len(cells) != len(self.columns):
            raise Unreadable(
                self.name,
                _(
                    "It has {cells} cells where the header has {columns}.",
                    cells=len(cells),
                    columns=len(self.columns),
                ),
                number,
            )
        return cells

    def _read_header(self) -> None:
        with _text(self) as lines:
            start = lines.read(65_536)
        self.separator = _separator(start)
        for number, cells in self._records():
            if any(cell.strip() for cell in cells):
                if len(cells) > MOST_COLUMNS:
                    raise Unreadable(
                        self.name, _("It has more than {most} columns.", most=MOST_COLUMNS), number
                    )
                self._first_row, self.columns = number, [cell.strip() for cell in cells]
                while len(self.columns) > 1 and not self.columns[-1]:
                    self.columns.pop()
                return
        raise Unreadable(self.name, _("The file is empty: it has not even a header."))

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(LARGEST_CELL)
        with _text(self) as text:
            reader = csv.reader(_lines(text, self), delimiter=self.separator, strict=True)
            number = 0
            while True:
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as broken:
                    raise Unreadable(self.name, _why_broken(str(broken)), number + 1) from broken
                except UnicodeError as broken:
                    raise Unreadable(
                        self.name, _("Its characters cannot be read here."), number + 1
                    ) from broken
                number += 1
                yield number, cells


def _why_broken(message: str) -> str:
    if "field larger" in message:
        return _(
            "A cell is larger than {mib} MB; a quotation mark may be missing.", mib=LARGEST_CELL // 2**20
        )
    if "unexpected end" in message:
        return _("A quotation mark opens here and never closes.")
    return _("The quotation marks do not pair up: a quote inside a cell has to be doubled.")


def _lines(text: io.TextIOWrapper, sheet: Sheet) -> Iterator[str]:
    """Lines of a bearable length. NUL is no character of any name and PostgreSQL has no place for it: left out, and said."""
    remark = _("NUL characters were left out.")
    while line := text.readline(LONGEST_LINE):
        if len(line) >= LONGEST_LINE:
            raise csv.Error("field larger than field limit")
        if "\0" in line:
            if remark not in sheet.remarks:
                sheet.remarks.append(remark)
            line = line.replace("\0", "")
        yield line


@contextmanager
def _text(sheet: Sheet) -> Iterator[io.TextIOWrapper]:
    with sheet.file.open() as raw, io.TextIOWrapper(raw, sheet.encoding, newline="") as text:
        yield text


def _separator(start: str) -> str:
    """The sign that cuts the header into most columns; a comma where nothing cuts it."""
    line = next((line for line in re.split(r"[\r\n]+", start) if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", line)
    return max(_SEPARATORS, key=lambda sign: (bare.count(sign), -_SEPARATORS.index(sign)))


# ---------------------------------------------------------------- writing

# A spreadsheet takes a cell that begins so for a formula and runs it.
# The wide signs of East Asia count as well: a spreadsheet set to Japanese reads them as the narrow ones.
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def csv_line(cells: Iterable[str]) -> str:
    """One line of a CSV file that a spreadsheet opens as text: what would be a formula gets an apostrophe before it."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([_inert(cell) for cell in cells])
    return line.getvalue()


def _inert(cell: str) -> str:
    """With an apostrophe where a spreadsheet would see a formula; also where one stands so already, to be undone."""
    bare = cell.lstrip("'").lstrip(" \u00a0\u200b\ufeff\n\x00")
    return f"'{cell}" if bare.startswith(_BEGINS_A_FORMULA) else cell


def as_it_was(cell: str) -> str:
    """A cell that `csv_line` wrote, without the apostrophe that it may have put before it."""
    return cell[1:] if cell.startswith("'") and _inert(cell[1:]) == cell else cell
