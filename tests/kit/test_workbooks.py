"""Workbooks: what a cell says, and what is refused with a sentence and its place."""

import io
import re
import zipfile
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest

from kit import folders, workbooks
from kit.folders import Unreadable


def book(path: Path, *rows: list, **sheets: list) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    for title, more in sheets.items():
        sheet = made.create_sheet(title)
        for row in more:
            sheet.append(row)
    made.save(path)
    return path


@contextmanager
def opened(path: Path):
    remarks: list[str] = []
    with workbooks.sheets(folders.single(path), remarks) as found:
        yield found, remarks


def read(path: Path) -> list[list[str]]:
    with opened(path) as (found, _remarks):
        return [cells for _number, cells in found[0].rows()]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("text", "text"), (3, "3"), (3.0, "3"), (3.25, "3.25"), (0.1 + 0.2, "0.3"), (True, "true"), (None, ""), ("007", "007"),
        (date(2026, 3, 4), "2026-03-04 00:00:00"), (datetime(2026, 3, 4, 9, 30), "2026-03-04 09:30:00"), (time(9, 30), "09:30:00"),  # noqa: DTZ001  what a cell holds
        (timedelta(hours=27, minutes=30), "27:30:00"), ("'=x", "'=x"), (" a\nb ", " a\nb "),
    ],
)  # fmt: skip
def test_what_a_cell_says(tmp_path, cell, said):
    assert read(book(tmp_path / "x.xlsx", ["One", "Two"], [cell, "end"])) == [[said, "end"]]


def test_rows_are_numbered_as_the_sheet_counts_and_empty_ones_are_passed_over(tmp_path):
    path = book(tmp_path / "x.xlsx", [], ["A", "B"], ["1", "2"], [], ["3"])
    with opened(path) as (found, _remarks):
        assert found[0].columns == ["A", "B"]
        assert list(found[0].rows()) == [(3, ["1", "2"]), (5, ["3", ""])]
        assert list(found[0].rows()) == [(3, ["1", "2"]), (5, ["3", ""])]


def test_a_sheet_is_parsed_once_however_often_its_rows_are_asked_for(tmp_path, monkeypatch):
    """Some formats are read three times over; fifty thousand rows would take minutes each time."""
    path = book(tmp_path / "x.xlsx", ["A", "B"], ["1", "ä\nb"], ["=1+1", "2"], ["3", None])
    with opened(path) as (found, _remarks):
        bad: list[Unreadable] = []
        first = list(found[0].rows(bad))
        monkeypatch.setattr(found[0], "_records", lambda: pytest.fail("parsed again"))
        again: list[Unreadable] = []
        assert list(found[0].rows(again)) == first == [(2, ["1", "ä\nb"]), (4, ["3", ""])]
        assert [str(one) for one in again] == [str(one) for one in bad] and len(bad) == 1
        with pytest.raises(Unreadable, match="row 3, A: A formula stands here"):
            list(found[0].rows())


def test_a_reading_that_was_broken_off_is_no_whole_one(tmp_path):
    with opened(book(tmp_path / "x.xlsx", ["A"], ["1"], ["2"], ["3"])) as (found, _remarks):
        assert next(found[0].rows()) == (2, ["1"])
        assert [cells for _number, cells in found[0].rows()] == [["1"], ["2"], ["3"]]


def test_a_formula_is_refused_with_its_place(tmp_path):
    path = book(tmp_path / "x.xlsx", ["Who", "Hours"], ["Ada", "=1+2"], ["Ben", 2])
    with opened(path) as (found, _remarks):
        bad: list[Unreadable] = []
        assert list(found[0].rows(bad)) == [(3, ["Ben", "2"])]
    assert [str(one) for one in bad] == [
        "x.xlsx, row 2, Hours: A formula stands here. Copy the column and paste it as values, then save again."
    ]


def test_an_error_of_a_formula_is_refused(tmp_path):
    made = openpyxl.Workbook()
    made.worksheets[0].append(["Who"])
    made.worksheets[0]["A2"] = "#N/A"
    made.worksheets[0]["A2"].data_type = "e"
    made.save(tmp_path / "x.xlsx")
    with pytest.raises(Unreadable, match="#N/A"):
        read(tmp_path / "x.xlsx")


def test_merged_cells_are_refused(tmp_path):
    made = openpyxl.Workbook()
    for row in (["Who", "Programme"], ["Ada", "Kitchen"], ["Ben", None]):
        made.worksheets[0].append(row)
    made.worksheets[0].merge_cells("B2:B3")
    made.save(tmp_path / "x.xlsx")
    with pytest.raises(Unreadable, match="The cells B2:B3 are merged"):
        read(tmp_path / "x.xlsx")


def test_what_stands_in_the_parts_is_seen_whatever_their_prefix(tmp_path):
    """Other programs than Excel write <x:mergeCell> and <x:row>."""
    made = openpyxl.Workbook()
    for row in (["Who"], ["Ada"], [None]):
        made.worksheets[0].append(row)
    made.worksheets[0].merge_cells("A2:A3")
    made.save(tmp_path / "plain.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "plain.xlsx") as plain,
        zipfile.ZipFile(tmp_path / "x.xlsx", "w") as other,
    ):
        for name in plain.namelist():
            text = plain.read(name)
            if name.endswith("sheet1.xml"):
                text = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", text).replace(b"xmlns=", b"xmlns:x=")
            other.writestr(name, text)
    with pytest.raises(Unreadable, match="The cells A2:A3 are merged"):
        read(tmp_path / "x.xlsx")


def test_hidden_sheets_are_not_read_and_hidden_rows_are_and_both_are_told(tmp_path):
    made = openpyxl.Workbook()
    for row in (["Who"], ["Ada"], ["Ben"]):
        made.worksheets[0].append(row)
    made.worksheets[0].row_dimensions[3].hidden = True
    hidden = made.create_sheet("Old")
    hidden.append(["Who"])
    hidden.sheet_state = "hidden"
    made.save(tmp_path / "x.xlsx")
    with opened(tmp_path / "x.xlsx") as (found, remarks):
        assert [[cells for _number, cells in sheet.rows()] for sheet in found] == [[["Ada"], ["Ben"]]]
        assert found[0].remarks == ["Hidden or filtered rows are read as well."]
    assert remarks == ["x.xlsx: the hidden sheet “Old” is not read."]


def test_several_sheets_are_named(tmp_path):
    with opened(book(tmp_path / "x.xlsx", ["A"], Two=[["B"]])) as (found, _remarks):
        assert [sheet.name for sheet in found] == ["x.xlsx, Sheet", "x.xlsx, Two"]


def test_a_cell_beyond_the_columns_is_refused(tmp_path):
    with pytest.raises(Unreadable, match="right of the last column"):
        read(book(tmp_path / "x.xlsx", ["A"], ["1", "stray"]))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"First name,Last name\n", "no Excel file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel file, or one with a password"),
        (b"PK\x03\x04 and nothing", "no Excel file"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path, data, why):
    path = tmp_path / "x.xlsx"
    path.write_bytes(data)
    with pytest.raises(Unreadable, match=why):
        read(path)


def with_part(path: Path, name: str, data: bytes) -> Path:
    """A workbook with one part exchanged."""
    old = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, data if entry.filename == name else old.read(entry))
    return path


def test_a_bomb_is_not_opened(tmp_path):
    path = with_part(book(tmp_path / "x.xlsx", ["A"]), "xl/worksheets/sheet1.xml", b" " * 64_000_000)
    with pytest.raises(Unreadable, match="unpacks to far more"):
        read(path)


def test_entities_are_not_expanded(tmp_path):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>'
    path = with_part(book(tmp_path / "x.xlsx", ["A"]), "xl/worksheets/sheet1.xml", bomb)
    with pytest.raises(Unreadable, match="parts that no workbook needs"):
        read(path)


def test_a_damaged_sheet_is_told(tmp_path):
    path = with_part(
        book(tmp_path / "x.xlsx", ["A"], ["1"]), "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c"
    )
    with pytest.raises(Unreadable, match="damaged"):
        read(path)
