"""Reading an NPSP export: which file is which, which column is which, and whether every id points somewhere.

Names are compared without case, namespace prefix (`npsp__`, `npe01__`, any other), `__c` and underscores, so
`npe01__OppPayment__c.csv`, `OppPayment.csv` and `OPPPAYMENT__C.csv` are the same file. Of several that read alike the
one spelt as NPSP does is meant (`npsp__Address__c` beside another package's `maps__Address__c`), and what Salesforce
itself has, like `Amount`, is never taken from a field that somebody added under that name (`maps__Amount__c`). Ids of 15
or 18 characters are compared on their first 15, as Salesforce does; any other id is compared as it stands.
"""

import csv
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

import msgspec

from imports.plan import Plan
from kit.folders import File, Unreadable, is_table
from kit.sheets import Sheet
from kit.words import _, ngettext

NEEDED_FILES = ("Account", "Contact", "Opportunity", "OpportunityContactRole", "OppPayment")
_SPELT = {
    "General_Accounting_Unit": "npsp__General_Accounting_Unit__c",
    "Recurring_Donation": "npe03__Recurring_Donation__c",
    "OppPayment": "npe01__OppPayment__c",
    "Allocation": "npsp__Allocation__c",
    "Partial_Soft_Credit": "npsp__Partial_Soft_Credit__c",
    "Account_Soft_Credit": "npsp__Account_Soft_Credit__c",
    "Address": "npsp__Address__c",
    "Relationship": "npe4__Relationship__c",
    "Affiliation": "npe5__Affiliation__c",
}
"""The files of NPSP's own tables; the others are Salesforce's and have no prefix."""
_ADDED = re.compile(r"__[cr]$", re.IGNORECASE)
_PREFIX = re.compile(r"^([a-z][a-z0-9]*(?:_[a-z0-9]+)*)__(?=.)", re.IGNORECASE | re.ASCII)


class Column(msgspec.Struct, frozen=True):
    name: str
    needed: bool
    points_to: str


@cache
def known_columns() -> dict[str, tuple[Column, ...]]:
    """The table `npsp_columns.csv`: of each file, the columns that this import takes something from."""
    table: dict[str, list[Column]] = {}
    with Path(__file__).with_name("npsp_columns.csv").open(newline="", encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            column = Column(line["column"], line["needed"] == "yes", line["points_to"])
            table.setdefault(line["file"], []).append(column)
    return {file: tuple(columns) for file, columns in table.items()}


def bare(name: str) -> str:
    """A name without prefix, `__c`, case, underscores and spaces: `npe01__Payment_Amount__c` is `paymentamount`."""
    name = _PREFIX.sub("", _ADDED.sub("", name.strip()))
    return name.replace("_", "").replace(" ", "").casefold()


def _nearness(said: str, known: str) -> int | None:
    """How near a name comes to the one that is meant, 0 the nearest; None where it is another thing."""
    said = said.strip()
    if said.casefold() == known.casefold():
        return 0
    if bare(said) != bare(known):
        return None
    if not _ADDED.search(known):
        return None if _ADDED.search(said) or _prefix(said) else 1
    return {_prefix(known): 1, "": 2}.get(_prefix(said), 3)


def _prefix(name: str) -> str:
    found = _PREFIX.match(_ADDED.sub("", name.strip()))
    return found[1].casefold() if found else ""


def short(external: str) -> str:
    """The part of an id that is compared: 18 characters are 15 and a checksum of their case.

    Interned, because the same id stands in many rows of many files.
    """
    return sys.intern(external[:15] if len(external) == 18 else external)


class Row:
    """One row of a file, asked by the column's full name; a column that is not there is empty."""

    __slots__ = ("at", "cells", "number", "table")

    def __init__(self, table: "Table", number: int, cells: list[str]) -> None:
        self.table, self.number, self.cells, self.at = table, number, cells, table.at

    def __getitem__(self, column: str) -> str:
        at = self.at.get(column)
        return "" if at is None else self.cells[at].strip()

    def id(self, column: str = "Id") -> str:
        return short(self[column])

    def truth(self, column: str) -> bool | None:
        """True or false as Salesforce writes it; None for an empty cell.

        Raises ValueError for anything else.
        """
        said = self[column].casefold()
        if not said:
            return None
        if said in ("true", "1", "yes", "t", "y"):
            return True
        if said in ("false", "0", "no", "f", "n"):
            return False
        raise ValueError(_("“{said}” is neither true nor false.", said=self[column]))


class Table:
    """One file of the export: where its columns are, and its rows."""

    def __init__(self, kind: str, sheet: Sheet, plan: Plan) -> None:
        self.kind, self.sheet, self.file = kind, sheet, sheet.name
        self.at: dict[str, int] = {}
        self.ids: set[str] = set()
        self.broken = False
        self._find_columns(plan)

    def has(self, column: str) -> bool:
        return column in self.at

    def rows(self, plan: Plan | None = None) -> Iterator[Row]:
        """Rows that are not deleted. With a plan, what cannot be read becomes a fault of it; without, is passed over."""
        bad: list[Unreadable] = []
        deleted = self.at.get("IsDeleted")
        try:
            for number, cells in self.sheet.rows(bad):
                if deleted is None or cells[deleted].strip().casefold() not in ("true", "1"):
                    yield Row(self, number, cells)
        except Unreadable as unreadable:
            bad.append(unreadable)
        if plan is not None:
            for fault in bad:
                self.broken = True
                plan.fault(fault.text, fault.file, fault.row, fault.column)

    def _find_columns(self, plan: Plan) -> None:
        known = {bare(column.name): column.name for column in known_columns()[self.kind]}
        found: dict[str, list[tuple[int, int]]] = {}
        for index, header in enumerate(self.sheet.columns):
            name = known.get(bare(header), "")
            near = _nearness(header, name)
            if near is not None:
                found.setdefault(name, []).append((near, index))
        for name, places in found.items():
            self._place(name, sorted(places), plan)
        for column in known_columns()[self.kind]:
            if column.needed and column.name not in self.at:
                self.broken = True
                plan.fault(_("This column is missing."), self.file, column=column.name)
        taken = set(self.at.values())
        unknown = [
            header or _("(no name)") for at, header in enumerate(self.sheet.columns) if at not in taken
        ]
        if unknown:
            plan.unknown_columns[self.file] = unknown

    def _place(self, name: str, places: list[tuple[int, int]], plan: Plan) -> None:
        """One column of several that read alike: the one spelt nearest to NPSP's own, else nobody can tell."""
        nearest = [at for near, at in places if near == places[0][0]]
        if len(nearest) > 1:
            self.broken = True
            plan.fault(_("{count} columns could be this one.", count=len(nearest)), self.file, 1, name)
        self.at[name] = nearest[0]


class Export(msgspec.Struct):
    """The tables of an export by kind, after every check that needs no judgement."""

    tables: dict[str, Table]

    def rows(self, kind: str) -> Iterator[Row]:
        """The rows of a kind; none where the export has no such file."""
        table = self.tables.get(kind)
        return table.rows() if table else iter(())

    def has(self, kind: str, column: str) -> bool:
        table = self.tables.get(kind)
        return table is not None and table.has(column)


def read(files: list[File], plan: Plan) -> Export:
    """Find the tables among the files and check that they are whole; what is wrong becomes a fault of the plan."""
    tables = _tables(files, plan)
    for kind in NEEDED_FILES:
        if kind not in tables:
            plan.fault(
                _("This file is missing. If there are none of these, put in a file with the header alone."),
                f"{kind}.csv",
            )
    for table in tables.values():
        _collect_ids(table, plan)
    for table in tables.values():
        if not table.broken:
            _check_references(table, tables, plan)
    for table in tables.values():
        table.ids = set()
    return Export(tables)


def _tables(files: list[File], plan: Plan) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for kind, alike in _by_kind(files, plan).items():
        file, *others = alike
        for other in others:
            plan.fault(_("The same table is there twice; the other is {other}.", other=file.path), other.path)
        try:
            sheet = Sheet(file)
        except Unreadable as unreadable:
            plan.fault(unreadable.text, unreadable.file, unreadable.row, unreadable.column)
            # A file that is there but cannot be read is not a missing one as well.
            if kind in NEEDED_FILES:
                tables[kind] = _Unread(kind, file.path)
            continue
        tables[kind] = Table(kind, sheet, plan)
    return tables


def _by_kind(files: list[File], plan: Plan) -> dict[str, list[File]]:
    """The files of each table; with a prefix of others' only where there is none of NPSP's. The rest is unknown."""
    kinds = {bare(kind): kind for kind in known_columns()}
    found: dict[str, tuple[bool, list[File]]] = {}
    for file in files:
        stem = PurePosixPath(file.path).stem
        kind = kinds.get(bare(stem), "") if is_table(file.path) else ""
        near = _nearness(stem, _SPELT.get(kind, kind)) if kind else None
        if near is None:
            plan.unknown_files.append(file.path)
            continue
        is_foreign = near > 2
        was_foreign, alike = found.get(kind, (is_foreign, []))
        if is_foreign == was_foreign:
            found[kind] = (is_foreign, [*alike, file])
        elif was_foreign:
            plan.unknown_files += [other.path for other in alike]
            found[kind] = (False, [file])
        else:
            plan.unknown_files.append(file.path)
    return {kind: alike for kind, (_is_foreign, alike) in found.items()}


class _Unread(Table):
    """A file that could not be opened: its fault is told already, and nothing can be checked against it."""

    def __init__(self, kind: str, path: str) -> None:
        self.kind, self.file, self.at, self.ids, self.broken = kind, PurePosixPath(path).name, {}, set(), True

    def rows(self, plan: Plan | None = None) -> Iterator[Row]:
        return iter(())


def _collect_ids(table: Table, plan: Plan) -> None:
    """Every id of a table once; reads the whole file, so its unreadable rows are found here."""
    with_ids = table.has("Id") and any(
        column.name == "Id" and column.needed for column in known_columns()[table.kind]
    )
    for row in table.rows(plan):
        if not with_ids:
            continue
        external = row.id()
        if not external:
            plan.fault(_("The id is missing."), table.file, row.number, "Id")
        elif external in table.ids:
            plan.fault(_("The id {id} is there twice.", id=external), table.file, row.number, "Id")
        table.ids.add(external)
    if not isinstance(table, _Unread):
        for remark in table.sheet.remarks:
            plan.remark(remark, table.file)


def _check_references(table: Table, tables: dict[str, Table], plan: Plan) -> None:
    """Ids that point nowhere. A table that could not be read cannot be pointed into, and its own fault says so."""
    pointing = [
        column for column in known_columns()[table.kind] if column.points_to and table.has(column.name)
    ]
    pointing = [column for column in pointing if not _unreadable(tables.get(column.points_to))]
    absent: dict[str, int] = {}
    places = [(table.at[column.name], tables.get(column.points_to), column) for column in pointing]
    for row in table.rows() if places else ():
        for at, target, column in places:
            external = row.cells[at].strip()
            if not external:
                continue
            external = external[:15] if len(external) == 18 else external
            if target is None:
                absent[column.name] = absent.get(column.name, 0) + 1
            elif external not in target.ids:
                plan.fault(
                    _("{id} points nowhere: {file} has no such id.", id=external, file=target.file),
                    table.file,
                    row.number,
                    column.name,
                )
    for column in pointing:
        if column.name in absent and column.points_to not in NEEDED_FILES:
            count = absent[column.name]
            text = ngettext(
                "{count} row points into {file}, which is missing.",
                "{count} rows point into {file}, which is missing.",
                count,
                file=f"{column.points_to}.csv",
            )
            plan.fault(text, table.file, column=column.name)


def _unreadable(table: Table | None) -> bool:
    return table is not None and table.broken
