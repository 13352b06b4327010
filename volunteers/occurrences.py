"""Occurrences: which shifts the rule of a series names, and making them.

A start is by the wall clock of the series, which is its row here; a shift has two moments. An endless series stands for
half a year ahead; one that begins later than that for its first weeks, and one that comes once a year with its next shift.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from kit import days, db
from volunteers import holidays, recurrence

_AHEAD = timedelta(days=183)
_AT_FIRST = timedelta(days=56)
# How far a rule with an end of its own is followed: ten years.
_LONGEST = timedelta(days=3660)


async def make(series: dict[str, Any]) -> int:
    """Make the shifts that the rule names, are to come, and do not stand yet; returns how many."""
    made = await add(series, await wanted(series))
    await stand(series)
    return made


async def wanted(series: dict[str, Any]) -> list[datetime]:
    """The starts that are to come: without exceptions and, where the series says so, holidays."""
    now = days.wall_clock(days.now(), series["zone"])
    until = _until(series, now)
    closed = await holidays.between(now.date(), until) if series["skips_holidays"] else set()
    named = recurrence.starts(series["begins"], series["rule"], since=now.date(), until=until, skip=closed)
    excepted = {
        row["starts"]
        for row in await db.rows("SELECT starts FROM series_exceptions WHERE series = $1", series["id"])
    }
    return [start for start in named if start >= now and start not in excepted]


async def add(series: dict[str, Any], starts: Sequence[datetime]) -> int:
    """Shifts at these starts; returns how many. Where one stands already, that one stays."""
    times = [moments(series, start) for start in starts]
    made = await db.rows(
        """
        INSERT INTO shifts (opportunity, series, occurrence, starts_at, ends_at, zone, place, minimum, maximum, note, created_at)
        SELECT $1, $2, t.occurrence, t.starts_at, t.ends_at, $3, $4, $5, $6, $7, $8
          FROM unnest($9::timestamp[], $10::timestamptz[], $11::timestamptz[]) AS t (occurrence, starts_at, ends_at)
            ON CONFLICT (series, occurrence) DO NOTHING RETURNING id
        """,
        series["opportunity"], series["id"], series["zone"], series["place"], series["minimum"], series["maximum"],
        series["note"], days.now(), list(starts), [starts for starts, _ends in times], [ends for _starts, ends in times],
    )  # fmt: skip
    return len(made)


async def stand(series: dict[str, Any]) -> None:
    """Note how far the shifts of a series stand: that night, `behind` asks for those of the next day."""
    until = horizon() if recurrence.is_endless(series["rule"]) else None
    await db.row("UPDATE shift_series SET made_until = $2 WHERE id = $1", series["id"], until)


async def behind() -> list[int]:
    """The endless series, by id, whose shifts do not reach the horizon; not those of a role or programme that is closed."""
    found = await db.rows(
        """
        SELECT r.id FROM shift_series r JOIN opportunities o ON o.id = r.opportunity JOIN programmes p ON p.id = o.programme
         WHERE r.made_until < $1 AND o.closed_at IS NULL AND p.closed_at IS NULL ORDER BY r.id
        """,
        horizon(),
    )
    return [row["id"] for row in found]


def moments(series: dict[str, Any], start: datetime) -> tuple[datetime, datetime]:
    """When the shift of a start begins and ends: both by the clock, so a night in which clocks change has another length."""
    end = start + timedelta(minutes=series["minutes"])
    return days.span_at_wall_clock(start, end, series["zone"])


def horizon() -> date:
    """How far ahead an endless series stands."""
    return (days.now() + _AHEAD).date()


def _until(series: dict[str, Any], now: datetime) -> date:
    if not recurrence.is_endless(series["rule"]):
        return now.date() + _LONGEST
    ahead = max(horizon(), (series["begins"] + _AT_FIRST).date())
    following = recurrence.first_from(series["begins"], series["rule"], now)
    return max(ahead, following.date()) if following else ahead
