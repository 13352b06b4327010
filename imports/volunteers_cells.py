"""Cells of volunteers' files: days in several notations, times of day, lengths, moments by the clock of a place.

Whether 03/04/2026 is in March or in April is decided once for a file, by its other days or by whoever is asked.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale

from constituents import languages
from kit.words import _

Order = Literal["", "month_first", "day_first"]
"""How days like 03/04/2026 are meant; empty where nothing needs it."""
ORDERS = ("month_first", "day_first")

_ISO = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})\.?", re.ASCII)
"""The year first, with whatever sign between: nothing else is meant by it."""
_PARTS = re.compile(r"([0-9]{1,2})([/.\-])([0-9]{1,2})\2([0-9]{4})", re.ASCII)
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[/.\-][0-9]{1,2}[/.\-][0-9]{2}", re.ASCII)
_NAMED = re.compile(
    r"([0-9]{1,2})\.? ([A-Za-z]{3,9})\.?,? ([0-9]{4})|([A-Za-z]{3,9})\.? ([0-9]{1,2}),? ([0-9]{4})", re.ASCII
)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_CLOCK = re.compile(
    r"([0-9]{1,2})(?:[:.]([0-9]{2}))?(?::([0-9]{2})(?:\.0+)?)? ?(?:([ap])\.?m\.?)?", re.ASCII | re.IGNORECASE
)
_MOMENT = re.compile(
    r"(.*?[0-9]{4}|[0-9]{4}([-/.])[0-9]{1,2}\2[0-9]{1,2}\.?)(?:[T ,]+([0-9]{1,2}[:. ]?[0-9]*(?::[0-9]{2}(?:\.[0-9]+)?)? ?(?:[ap]\.?m\.?)?))?"
    r" ?(Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.ASCII | re.IGNORECASE,
)
_LENGTH = re.compile(
    r"([0-9]+) ?(?::|h(?:ours?|rs?)?|hours?) ?([0-9]{1,2})?(?::[0-9]{2})? ?(?:m(?:in(?:utes)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_DECIMAL = re.compile(r"[0-9]+(?:[.,][0-9]+)?", re.ASCII)
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EARLIEST, _LATEST = 1900, 2200


class Undecided(ValueError):
    """A day that is one of two, and nobody has said which."""


class Orders:
    """What the days of one file say together about their order."""

    def __init__(self) -> None:
        self.month_first: str = ""
        self.day_first: str = ""
        self.either: str = ""
        """Of each, the first cell that shows it."""

    def look(self, cells: Iterable[str]) -> None:
        for cell in cells:
            found = _PARTS.match(cell.strip())
            if found is None or found[2] == ".":
                continue
            one, other = int(found[1]), int(found[3])
            if one > 12:
                self.day_first = self.day_first or cell
            elif other > 12:
                self.month_first = self.month_first or cell
            elif one != other:
                self.either = self.either or cell

    @property
    def disagree(self) -> bool:
        return bool(self.month_first and self.day_first)

    def decided(self, told: Order) -> Order:
        """The order of this file: what its own days show, else what was told."""
        return "month_first" if self.month_first else "day_first" if self.day_first else told

    def asks(self, told: Order) -> bool:
        return bool(self.either) and not (self.month_first or self.day_first or told)


def day(cell: str, order: Order) -> date | None:
    """A day; None for an empty cell. Raises ValueError with a sentence."""
    cell = " ".join(cell.split())
    if not cell:
        return None
    bare, _space, rest = cell.replace("T", " ", 1).partition(" ") if _ISO.match(cell) else (cell, "", "")
    if rest and not re.fullmatch(r"[0-9:.]+(?:Z|[+-][0-9:]+)?", rest):
        raise ValueError(_("“{cell}” is not a date like 2026-03-04.", cell=cell[:60]))
    found = _numbers(bare if _ISO.match(cell) else cell, order)
    try:
        if found is not None and _EARLIEST <= found[0] <= _LATEST:
            return date(*found)
    except ValueError:
        pass
    raise ValueError(_why_no_day(cell))


def _numbers(cell: str, order: Order) -> tuple[int, int, int] | None:
    if iso := _ISO.fullmatch(cell):
        return int(iso[1]), int(iso[3]), int(iso[4])
    if parts := _PARTS.fullmatch(cell):
        one, other, year = int(parts[1]), int(parts[3]), int(parts[4])
        if parts[2] == "." or one > 12 or (one != other and order == "day_first"):
            return year, other, one
        if other > 12 or one == other or order == "month_first":
            return year, one, other
        raise Undecided(_("“{cell}” can be two days. Say whether the month comes first.", cell=cell))
    if named := _NAMED.fullmatch(cell):
        day_said, name, year = (named[1], named[2], named[3]) if named[1] else (named[5], named[4], named[6])
        month = name[:3].casefold()
        if month in _MONTHS and _month_is(name, month):
            return int(year), _MONTHS.index(month) + 1, int(day_said)
    return None


def _month_is(name: str, short: str) -> bool:
    full = Locale("en").months["format"]["wide"][_MONTHS.index(short) + 1].casefold()
    return full.startswith(name.casefold()) or name.casefold() == "sept"


def _why_no_day(cell: str) -> str:
    if _NUMBER.fullmatch(cell):
        return _("“{cell}” is a number. Give the column a date format, or write 2026-03-04.", cell=cell[:60])
    if _SHORT_YEAR.fullmatch(cell):
        return _("“{cell}” has a year of two digits. Write all four.", cell=cell)
    return _("“{cell}” is not a date like 2026-03-04.", cell=cell[:60])


def clock(cell: str) -> time | None:
    """A time of day: 09:30, 9.30, 9 am, 09:30:00; None for an empty cell. Raises ValueError."""
    cell = " ".join(cell.split())
    if not cell:
        return None
    found = _CLOCK.fullmatch(cell)
    if found and (found[2] or found[4]):
        hour, minute, half = int(found[1]), int(found[2] or 0), (found[4] or "").casefold()
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        elif half:
            hour = 99
        if hour < 24 and minute < 60:
            return time(hour, minute)
        if (hour, minute, half) == (24, 0, ""):
            # Midnight of which day is not to be guessed where a cell or a column has a day, too.
            raise ValueError(
                _(
                    "Write {cell} as 00:00; where a day stands beside it, as that of the day that begins.",
                    cell=cell,
                )
            )
    raise ValueError(_("“{cell}” is not a time like 09:30 or 9:30 am.", cell=cell[:60]))


def moment(cell: str, order: Order) -> tuple[datetime, timedelta | None] | None:
    """A day with a time, by the wall clock, and how far from UTC if the cell says so; None for an empty cell."""
    cell = " ".join(cell.split())
    if not cell:
        return None
    found = _MOMENT.fullmatch(cell)
    if found is None or not found[3]:
        raise ValueError(_("“{cell}” is not a day with a time, like 2026-03-04 09:30.", cell=cell[:60]))
    on, at = day(found[1].strip(" ,"), order), clock(found[3])
    assert on is not None and at is not None
    return datetime.combine(on, at), _offset(found[4])


def _offset(said: str | None) -> timedelta | None:
    if not said:
        return None
    if said in ("Z", "z"):
        return timedelta(0)
    sign = -1 if said[0] == "-" else 1
    hours, minutes = int(said[1:3]), int(said[-2:])
    if hours > 14 or minutes > 59:
        raise ValueError(_("“{said}” is no distance from UTC.", said=said))
    return sign * timedelta(hours=hours, minutes=minutes)


def at_place(wall: datetime, offset: timedelta | None, zone: str) -> tuple[datetime, str]:
    """The moment in UTC when clocks in `zone` show `wall`, and a remark where it comes twice.

    Raises ValueError for a time that clocks skip, and for a distance from UTC that the place never has then.
    """
    there = ZoneInfo(zone)
    if offset is not None:
        at = (wall - offset).replace(tzinfo=UTC)
        if at.astimezone(there).replace(tzinfo=None) != wall:
            raise ValueError(
                _("{wall} is never that far from UTC in {zone}.", wall=f"{wall:%Y-%m-%d %H:%M}", zone=zone)
            )
        return at, ""
    first, second = wall.replace(tzinfo=there, fold=0), wall.replace(tzinfo=there, fold=1)
    at = first.astimezone(UTC)
    if at.astimezone(there).replace(tzinfo=None) != wall:
        raise ValueError(
            _("Clocks in {zone} skip {wall}: they go forward then. Choose a time before or after.",
              zone=zone, wall=f"{wall:%Y-%m-%d %H:%M}")
        )  # fmt: skip
    if first.utcoffset() != second.utcoffset():
        return at, _(
            "Clocks in {zone} show {wall} twice; the first is taken.",
            zone=zone,
            wall=f"{wall:%Y-%m-%d %H:%M}",
        )
    return at, ""


def length(cell: str) -> int | None:
    """Minutes of a length in hours: 3.5, 3,5, 3:30, 3h30; None for an empty cell. Raises ValueError."""
    cell = " ".join(cell.split())
    if not cell:
        return None
    if _THOUSANDS.fullmatch(cell):
        raise ValueError(
            _(
                "“{cell}” can be a thousand or more, or less than ten. Write it with a point, or 3:30.",
                cell=cell,
            )
        )
    if _DECIMAL.fullmatch(cell) and len(cell) < 24:
        return int((Decimal(cell.replace(",", ".")) * 60).to_integral_value(ROUND_HALF_UP))
    found = _LENGTH.fullmatch(cell)
    if found and len(cell) < 20 and int(found[2] or 0) < 60:
        return int(found[1]) * 60 + int(found[2] or 0)
    raise ValueError(_("“{cell}” is not a length like 3.5 or 3:30 hours.", cell=cell[:60]))


def truth(cell: str) -> bool | None:
    """Yes or no; None for an empty cell. Raises ValueError."""
    said = cell.strip().casefold()
    if not said:
        return None
    if said in ("yes", "y", "true", "t", "1"):
        return True
    if said in ("no", "n", "false", "f", "0"):
        return False
    raise ValueError(_("“{cell}” is neither yes nor no.", cell=cell.strip()[:60]))


def several(cell: str, most: int) -> tuple[str, ...]:
    """Words with commas, semicolons or bars between them, each once. Raises ValueError for one that is too long."""
    found = tuple(
        dict.fromkeys(
            part for part in (" ".join(part.split()) for part in re.split(r"[,;|\n]", cell)) if part
        )
    )
    for part in found:
        if len(part) > most:
            raise ValueError(_("“{part}…” is longer than {most} characters.", part=part[:40], most=most))
    return found


def language(said: str) -> str:
    """The code of a language, told by its code or its English name. Raises ValueError."""
    found = languages.code(said)
    if found is None:
        raise ValueError(
            _("“{said}” is no language. Write its English name, or its code (es).", said=said[:40])
        )
    return found
