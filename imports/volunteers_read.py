"""Reading files of volunteers, shifts and hours: which file is which, and which column is which.

What a file tells of is known by its columns: a number of places makes it shifts, a length makes it hours, names make it
volunteers. Columns are known by our names and those of other programs (`volunteers_columns.csv`), compared without case,
signs and spaces.
"""

import csv
import re
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Protocol

import msgspec

from imports.volunteers_cells import Order, Orders
from imports.volunteers_records import VolunteersPlan
from kit import folders, sheets, workbooks
from kit.folders import File, Unreadable
from kit.words import _

KINDS = ("volunteers", "shifts", "hours")
_UNNAMED = "No column has a name by which volunteers (Last name), shifts (Maximum) or hours (Hours) are known. The names stand in the first row."
_DAYS = ("Day", "Start", "End", "End day", "Joined", "Date of birth")


class Column(msgspec.Struct, frozen=True):
    """A column as we call it, and whether a file has to have it."""

    name: str
    needed: bool


class _Sheet(Protocol):
    name: str
    columns: list[str]
    remarks: list[str]

    def rows(self, bad: list[Unreadable] | None = None) -> Iterator[tuple[int, list[str]]]: ...


@cache
def known_columns() -> dict[str, dict[str, Column]]:
    """The table `volunteers_columns.csv`: of each kind of file, every spelling of its columns."""
    table: dict[str, dict[str, Column]] = {kind: {} for kind in KINDS}
    with Path(__file__).with_name("volunteers_columns.csv").open(newline="", encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            column = Column(line["column"], line["needed"] == "yes")
            for spelling in (line["column"], *line["also"].split("|")):
                if spelling:
                    table[line["kind"]].setdefault(_bare(spelling), column)
    return table


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def kind_of(columns: list[str]) -> str | None:
    """What a table with these columns tells of; None for something else."""
    said = {_bare(column) for column in columns}

    def has(kind: str, *names: str) -> bool:
        known = known_columns()[kind]
        return any(known[one].name in names for one in said & known.keys())

    somebody = has("hours", "Volunteer ID", "Email", "Last name")
    if has("shifts", "Maximum") and has("shifts", "Start", "Day"):
        return "shifts"
    if somebody and has("hours", "Programme") and has("hours", "Hours", "Minutes", "End", "End time"):
        return "hours"
    if somebody and has("hours", "Hours", "Minutes") and has("hours", "Day", "Start"):
        return "hours"
    return "volunteers" if has("volunteers", "Last name") else None


def _why_unknown(columns: list[str]) -> str:
    """Of a table that tells of something else, what it is; empty where its columns do not show it."""
    said = {_bare(column) for column in columns}
    if said & {"qualification", "qualifications", "certificate", "certification"}:
        return _(
            "This is a list of qualifications. Only volunteers, shifts and hours come in by files: note qualifications on each volunteer’s page."
        )
    if said & {"signedup", "signup", "shiftid", "shift", "attendance"}:
        return _(
            "This is a list of sign-ups. Only volunteers, shifts and hours come in by files: add people on the shift’s page, or import the hours they gave."
        )
    return ""


class Row:
    """One row of a file, asked by our name of the column; a column that is not there is empty."""

    __slots__ = ("cells", "number", "table")

    def __init__(self, table: "Table", number: int, cells: list[str]) -> None:
        self.table, self.number, self.cells = table, number, cells

    def __getitem__(self, column: str) -> str:
        at = self.table.at.get(column)
        if at is None:
            return ""
        said = self.cells[at].strip()
        # Text needs an apostrophe before what a spreadsheet would run; a workbook does not.
        return sheets.as_it_was(said).strip() if self.table.is_text else said


class Table:
    """One file or sheet: what it tells of, where its columns are, its rows, and how its days are written."""

    def __init__(self, kind: str, sheet: _Sheet, plan: VolunteersPlan) -> None:
        self.kind, self.sheet, self.file = kind, sheet, sheet.name
        self.is_text = isinstance(sheet, sheets.Sheet)
        self.at: dict[str, int] = {}
        self.broken = self.is_empty = False
        self.order: Order = ""
        self._find_columns(plan)

    def rows(self, plan: VolunteersPlan | None = None) -> Iterator[Row]:
        """With a plan, rows that cannot be read become faults of it; without, they are passed over."""
        bad: list[Unreadable] = []
        self.is_empty = True
        try:
            for number, cells in self.sheet.rows(bad):
                self.is_empty = False
                yield Row(self, number, cells)
        except Unreadable as unreadable:
            bad.append(unreadable)
        for fault in bad if plan is not None else ():
            self.broken = True
            assert plan is not None
            plan.fault(fault.text, fault.file, fault.row, fault.column)

    def decide_order(self, plan: VolunteersPlan, told: Order) -> None:
        """Whether the month comes first in this file; reads all of it, so unreadable rows are found here."""
        orders = Orders()
        dated = [column for column in _DAYS if column in self.at]
        for row in self.rows(plan):
            orders.look(row[column] for column in dated)
        if orders.disagree:
            self.broken = True
            plan.fault(
                _(
                    "Some days have the month first (“{one}”) and some the day (“{other}”). Write all as 2026-03-04.",
                    one=orders.month_first,
                    other=orders.day_first,
                ),
                self.file,
            )
        elif orders.asks(told):
            plan.ambiguous_days[self.file] = orders.either
        self.order = orders.decided(told)
        for remark in self.sheet.remarks:
            plan.remark(remark, self.file)

    def _find_columns(self, plan: VolunteersPlan) -> None:
        known = known_columns()[self.kind]
        found: dict[str, list[int]] = {}
        unknown = []
        for index, header in enumerate(self.sheet.columns):
            column = known.get(_bare(header))
            if column is None:
                unknown.append(header or _("(no name)"))
            else:
                found.setdefault(column.name, []).append(index)
        for name, at in found.items():
            exact = [index for index in at if _bare(self.sheet.columns[index]) == _bare(name)] or at
            self.at[name] = exact[0]
            if len(exact) > 1:
                self.broken = True
                plan.fault(_("{count} columns could be this one.", count=len(exact)), self.file, 1, name)
            unknown += [self.sheet.columns[index] for index in at if index != exact[0]]
        for column in dict.fromkeys(known.values()):
            if column.needed and column.name not in self.at:
                self.broken = True
                plan.fault(_("This column is missing."), self.file, column=column.name)
        if unknown:
            plan.unknown_columns[self.file] = unknown


def tables(path: Path, plan: VolunteersPlan, stack: ExitStack) -> list[Table]:
    """The tables of a file, a folder or a zip, in the order volunteers, shifts, hours; faults go to the plan.

    `stack` keeps what has to stay open while rows are read.
    """
    found: list[Table] = []
    others: dict[str, str] = {}
    try:
        for file in _files(path, stack):
            for sheet in _sheets(file, plan, stack):
                kind = kind_of(sheet.columns)
                if kind is None:
                    others[sheet.name] = _why_unknown(sheet.columns)
                    plan.unknown_files.append(sheet.name)
                else:
                    found.append(Table(kind, sheet, plan))
    except Unreadable as unreadable:
        plan.fault(unreadable.text, unreadable.file, unreadable.row, unreadable.column)
    if not found and not plan.faults:
        # Nothing can be read: each table is a fault. Beside one that can be read it is only told of.
        for name, why in others.items():
            plan.fault(why or _(_UNNAMED), name)
        if not others:
            plan.fault(_("No CSV and no XLSX file with anything in it is here."), path.name)
    elif not plan.faults:
        for name, why in others.items():
            if why:
                plan.remark(why, name)
    return sorted(found, key=lambda table: KINDS.index(table.kind))


def _files(path: Path, stack: ExitStack) -> list[File]:
    if path.is_file() and path.suffix.lower() != ".zip":
        return [folders.single(path)]
    return stack.enter_context(folders.folder(path))


def _sheets(file: File, plan: VolunteersPlan, stack: ExitStack) -> list[_Sheet]:
    name = PurePosixPath(file.path).name
    try:
        if workbooks.is_workbook(file.path):
            remarks: list[str] = []
            found = stack.enter_context(workbooks.sheets(file, remarks))
            for remark in remarks:
                plan.remark(remark)
            return list(found)
        if folders.is_table(file.path):
            return [sheets.Sheet(file)]
    except Unreadable as unreadable:
        plan.fault(unreadable.text, unreadable.file, unreadable.row, unreadable.column)
        return []
    if PurePosixPath(file.path).suffix.lower() in (".xls", ".ods", ".numbers", ".xlsb"):
        plan.fault(_("This format is not read here. Save it as .xlsx or as CSV."), name)
    else:
        plan.unknown_files.append(name)
    return []
