"""From files of volunteers, shifts and hours to a plan: every row checked, every fault with its place. Writes nothing."""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from imports.plan import Key, Line
from imports.volunteers_cells import Undecided
from imports.volunteers_here import Here
from imports.volunteers_read import Row, Table
from imports.volunteers_records import VolunteersPlan
from kit.words import _
from volunteers import numbers

T = TypeVar("T")
_LONGEST_KEY = 200


class Making(msgspec.Struct):
    """A plan that is being made, and what is known while it is."""

    plan: VolunteersPlan
    here: Here
    seen: dict[Key, tuple[str, int]] = {}
    times: dict[str, int] = {}
    """Of rows without an id of their own that say the same thing of the same day: how many there were."""
    alike: dict[int, tuple[str, int]] = {}
    """Of rows without an id, by a short form of their cells, where the same stood first: only for a remark."""
    new_people: dict[tuple[str, str], list[tuple[str, Key]]] = {}
    """By e-mail and family name, people of the files: given name and key."""
    named: dict[tuple[str, str], list[Key]] = {}
    """By given and family name, the volunteers of the files."""
    by_id: dict[str, Key] = {}
    keys_of: dict[int, list[Key]] = {}
    """Of people here whom a file of volunteers names, their keys."""


def make(tables: list[Table], plan: VolunteersPlan, here: Here) -> None:
    """Fill the plan from tables that are whole; what is wrong becomes a fault of it."""
    from imports import volunteers_hours, volunteers_people, volunteers_shifts

    making = Making(plan, here)
    of = {
        kind: [table for table in tables if table.kind == kind] for kind in ("volunteers", "shifts", "hours")
    }
    volunteers_people.make(of["volunteers"], making)
    volunteers_shifts.make(of["shifts"], making)
    volunteers_hours.make(of["hours"], making)


class Reader:
    """One row, read cell by cell; what a cell says wrongly is a fault with its row and column."""

    def __init__(self, making: Making, row: Row) -> None:
        self.making, self.row, self.bad = making, row, False
        self._told: set[tuple[str, str | None]] = set()
        self.file, self.number = row.table.file, row.number

    def read(self, column: str, how: Callable[..., T], *more: Any) -> T | None:
        """What the cell says, by a function of cells; None when it says nothing sensible."""
        try:
            return how(self.row[column], *more)
        except Undecided:
            # The whole file is asked about; its plan is not written before that is answered.
            self.bad = True
        except ValueError as wrong:
            self.fault(str(wrong), column)
        return None

    def text(self, column: str, most: int) -> str:
        from imports import cells

        return self.read(column, cells.text, most) or ""

    def fault(self, text: str, column: str | None = None) -> None:
        self.bad = True
        # A day stands for the start and for the end: what is wrong with it is said once.
        if (text, column) not in self._told:
            self._told.add((text, column))
            self.making.plan.fault(text, self.file, self.number, column)

    def remark(self, text: str, column: str | None = None) -> None:
        self.making.plan.remark(text, self.file, self.number, column)

    def find_ours(self, kind: str, key: Key) -> None:
        """A number that these books gave, of something that is there: it is the one that is meant."""
        ours = numbers.id_of(key[1], self.making.here.mark)
        if key[0] == kind and ours in self.making.here.ours[kind]:
            assert ours is not None
            self.making.plan.here[key] = ours

    def take_place(self, key: Key, column: str | None) -> bool:
        """Whether this row is the first of its key; else it is a fault."""
        first = self.making.seen.setdefault(key, (self.file, self.number))
        if first != (self.file, self.number):
            self.fault(
                _("The same stands in {file}, row {row}, already.", file=first[0], row=first[1]), column
            )
            return False
        self.making.plan.places[key] = first
        return True

    def key(self, kind: str, column: str, *says: object) -> Key:
        """The id that the file has, else what the row says of the thing that does not change with a correction."""
        if own := self.row[column]:
            if len(own) > _LONGEST_KEY:
                self.fault(_("An id has {most} characters at most.", most=_LONGEST_KEY), column)
            return kind, own[:_LONGEST_KEY]
        return f"{kind}Row", composed(*says)

    def nth(self, key: Key) -> Key:
        """A key of which there may be several: two shifts of one role at one time, two stretches on one day."""
        if not key[0].endswith("Row"):
            return key
        named = " ".join(key)
        self.making.times[named] = n = self.making.times.get(named, 0) + 1
        first = self.making.alike.setdefault(hash((key[0], *self.row.cells)), (self.file, self.number))
        if first != (self.file, self.number):
            self.remark(
                _("It says the same as {file}, row {row}: both are taken. Leave one out if they are one.",
                  file=first[0], row=first[1])
            )  # fmt: skip
        return key if n == 1 else (key[0], composed(key[1], n))


def composed(*says: object) -> str:
    """One text of several, short enough to be a key."""
    text = " | ".join(str(part) for part in says)
    if len(text) <= _LONGEST_KEY:
        return text
    return text[:120] + "…" + hashlib.sha256(text.encode()).hexdigest()


def line_of(plan: VolunteersPlan, key: Key, text: str) -> Line:
    """A sentence about a record, with the file and row that it comes from."""
    file, row = plan.places.get(key, ("", None))
    return Line(text, file, row)
