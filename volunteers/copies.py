"""Copies: the plan of some days once more on other days, without the people.

A month is copied by its weekdays: what stood on the first Saturday stands on the first Saturday. A week is copied onto
one or more weeks. By the clock of each place; what stands there already is not made twice, and nothing is made in the
past or at a place that was closed since. Holidays and closed days are left out where one asks for it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from kit import changes, days, db
from kit.changes import Actor
from kit.errors import Refused
from kit.templates import span
from kit.words import _
from volunteers import holidays

Pairs = list[tuple[date, date]]


class NothingToCopy(Refused):
    """No shift stands on the days that are to be copied, or every copy stands already."""


class Plan(msgspec.Struct, frozen=True):
    """What a copy would make, before it does.

    `made` are rows: id (of the pattern), title, zone, starts_at, ends_at. `closed` are (day, its name) on which one was
    left out; `standing` counts what stands already, `past` what would be in the past, `nowhere` what would be at a closed
    place.
    """

    made: list[dict[str, Any]]
    closed: list[tuple[date, str]]
    standing: int
    past: int
    nowhere: int = 0


def of_week(week: date, first: date, last: date) -> Pairs:
    """The days of the week that has day `week`, each with its day in every week from that of `first` to that of `last`."""
    begins, target, end = _monday(week), _monday(first), _monday(last)
    pairs: Pairs = []
    while target <= end:
        if target != begins:
            pairs += [(begins + timedelta(days=n), target + timedelta(days=n)) for n in range(7)]
        target += timedelta(weeks=1)
    return pairs


def of_month(source: date, target: date) -> Pairs:
    """The days of one month, each with that of another which is the same weekday for the same time: the second Tuesday.

    A fifth one that the other month has not is left out.
    """
    by_name = {_nth_weekday(day): day for day in _days_of_month(target)}
    return [(day, there) for day in _days_of_month(source) if (there := by_name.get(_nth_weekday(day)))]


async def planned(opportunities: Sequence[int], pairs: Pairs, *, skips_holidays: bool) -> Plan:
    """What copying the open shifts of some opportunities by these pairs of days would make."""
    closed = await _closed(pairs) if skips_holidays else {}
    made: list[dict[str, Any]] = []
    left: dict[date, str] = {}
    past = standing = nowhere = 0
    patterns = await _patterns(opportunities, pairs)
    wanted = [copy for source, target in pairs for copy in _copied(patterns.get(source, []), source, target)]
    there = await _standing(wanted)
    for copy in wanted:
        day = days.day_of(copy["starts_at"], copy["zone"])
        if day in closed:
            left[day] = closed[day]
        elif copy["starts_at"] <= days.now():
            past += 1
        elif (copy["opportunity"], copy["starts_at"], copy["place"]) in there:
            standing += 1
        elif copy["gone"]:
            nowhere += 1
        else:
            made.append(copy)
    made.sort(key=lambda copy: (copy["starts_at"], copy["id"]))
    return Plan(made, sorted(left.items()), standing, past, nowhere)


async def make(opportunities: Sequence[int], pairs: Pairs, *, skips_holidays: bool, by: Actor) -> int:
    """Copy, and say how many shifts were made. Two at once make no shift twice. Raises NothingToCopy."""
    async with db.tx():
        await db.row("SELECT pg_advisory_xact_lock(hashtextextended('shift copies', 0))")
        plan = await planned(opportunities, pairs, skips_holidays=skips_holidays)
        if not plan.made:
            raise NothingToCopy(_("There is nothing to copy: no shifts on those days, or all stand already."))
        made = await db.rows(
            """
            INSERT INTO shifts (opportunity, starts_at, ends_at, zone, place, minimum, maximum, note, created_at)
            SELECT s.opportunity, t.starts_at, t.ends_at, s.zone, s.place, s.minimum, s.maximum, s.note, $4
              FROM unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) AS t (id, starts_at, ends_at)
              JOIN shifts s ON s.id = t.id
          ORDER BY t.starts_at, s.id
            RETURNING id, starts_at, ends_at, zone
            """,
            [copy["id"] for copy in plan.made],
            [copy["starts_at"] for copy in plan.made],
            [copy["ends_at"] for copy in plan.made],
            days.now(),
        )
        for row in made:
            time = span(row["starts_at"], row["ends_at"], row["zone"])
            await changes.note("shift.made", "shift", row["id"], by=by, after={"time": time, "copied": True})
        return len(made)


async def _patterns(opportunities: Sequence[int], pairs: Pairs) -> dict[date, list[dict[str, Any]]]:
    """The open shifts of the days to copy, by day of their place's clock."""
    found = await db.rows(
        """
        SELECT s.id, s.opportunity, s.starts_at, s.ends_at, s.zone, s.place, o.title, l.closed_at IS NOT NULL AS gone,
               (s.starts_at AT TIME ZONE s.zone)::date AS day
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity JOIN places l ON l.id = coalesce(s.place, o.place)
         WHERE s.opportunity = ANY ($1) AND s.status = 'open' AND s.starts_at BETWEEN $2 AND $3
           AND (s.starts_at AT TIME ZONE s.zone)::date = ANY ($4::date[])
      ORDER BY s.starts_at, s.id
        """,
        list(opportunities),
        _around(min((source for source, _target in pairs), default=date.max), -1),
        _around(max((source for source, _target in pairs), default=date.min), 2),
        [source for source, _target in pairs],
    )
    by_day: dict[date, list[dict[str, Any]]] = {}
    for row in found:
        by_day.setdefault(row["day"], []).append(row)
    return by_day


def _copied(patterns: list[dict[str, Any]], source: date, target: date) -> list[dict[str, Any]]:
    by = target - source
    return [{**one, **_later(one, by)} for one in patterns]


async def _standing(wanted: list[dict[str, Any]]) -> set[tuple[int, datetime, int | None]]:
    """Which of the copies stand already: open shifts of the same role, start and place."""
    found = await db.rows(
        """
        SELECT opportunity, starts_at, place FROM shifts
         WHERE status = 'open' AND opportunity = ANY ($1) AND starts_at = ANY ($2::timestamptz[])
        """,
        list({copy["opportunity"] for copy in wanted}),
        list({copy["starts_at"] for copy in wanted}),
    )
    return {(row["opportunity"], row["starts_at"], row["place"]) for row in found}


async def _closed(pairs: Pairs) -> dict[date, str]:
    targets = [target for _source, target in pairs]
    return await holidays.named_between(min(targets), max(targets)) if targets else {}


def _later(shift: dict[str, Any], by: timedelta) -> dict[str, datetime]:
    """The same times of the clock, days later: PostgreSQL would take the second of an hour that comes twice."""
    zone = shift["zone"]
    starts, ends = (days.wall_clock(shift[name], zone) + by for name in ("starts_at", "ends_at"))
    starts_at, ends_at = days.span_at_wall_clock(starts, ends, zone)
    return {"starts_at": starts_at, "ends_at": ends_at}


def _around(day: date, by: int) -> datetime:
    """A moment that lies before, or after, a day by every clock."""
    day = min(max(day, date(1900, 1, 1)), date(9000, 1, 1))
    return days.at_wall_clock(datetime.combine(day, datetime.min.time()) + timedelta(days=by), "UTC")


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _days_of_month(day: date) -> list[date]:
    first = day.replace(day=1)
    return [first + timedelta(days=n) for n in range(31) if (first + timedelta(days=n)).month == first.month]


def _nth_weekday(day: date) -> tuple[int, int]:
    return (day.day - 1) // 7, day.weekday()
