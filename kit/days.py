"""Days and moments: UTC inside, the organisation's zone at the edges.

Nothing here asks which organisation: zone and fiscal-year start are arguments.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_frozen: ContextVar[datetime | None] = ContextVar("frozen_now", default=None)


def now() -> datetime:
    """This moment, in UTC. The only clock of the product."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """The clock stands at `at` (with a zone) inside; for tests."""
    token = _frozen.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


def day_of(moment: datetime, zone: str) -> date:
    """The calendar day of a moment where the organisation is."""
    return moment.astimezone(ZoneInfo(zone)).date()


def at_wall_clock(wall: datetime, zone: str) -> datetime:
    """The moment, in UTC, when clocks in `zone` show `wall` (without a zone).

    A time that is skipped when clocks go forward is as long after the gap; of one that comes twice, the first.
    """
    return wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def span_at_wall_clock(starts: datetime, ends: datetime, zone: str) -> tuple[datetime, datetime]:
    """The two moments of a span by the clock. One that clocks would skip whole (02:00 to 03:00, when they go forward)
    is as long as it was written.
    """
    first, last = at_wall_clock(starts, zone), at_wall_clock(ends, zone)
    return first, last if last > first else first + (ends - starts)


def wall_clock(moment: datetime, zone: str) -> datetime:
    """What clocks in `zone` show at `moment`, without a zone."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def in_zone(moment: datetime, zone: str) -> datetime:
    """The same moment, written in `zone`."""
    return moment.astimezone(ZoneInfo(zone))


def today(zone: str) -> date:
    """Today where the organisation is."""
    return day_of(now(), zone)


def fiscal_year(day: date, start_month: int) -> int:
    """The fiscal year that `day` falls in, named after the calendar year it ends in.

    `start_month` 1 is the calendar year; 7 makes 30 June 2026 part of 2026 and 1 July 2026 part of 2027.
    """
    return day.year if start_month == 1 or day.month < start_month else day.year + 1


def fiscal_year_begins(year: int, start_month: int) -> date:
    """The first day of fiscal year `year`."""
    return date(year if start_month == 1 else year - 1, start_month, 1)
