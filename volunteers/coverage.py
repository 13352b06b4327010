"""Coverage: where people are missing, where they may not come, and how reliable a shift or a person was."""

from datetime import date, datetime, timedelta
from typing import Any

from kit import days, db

_LONGEST = timedelta(days=15)
MOST = 2000
"""So many shifts a calendar shows."""
LOOKS_BACK = timedelta(weeks=12)
"""How far back attendance is told."""


def need(shift: dict[str, Any]) -> str:
    """How a shift stands, for its colour and its word: cancelled, empty or short (below its minimum), open or full."""
    if shift["status"] == "cancelled":
        return "cancelled"
    if shift["taken"] >= shift["maximum"]:
        return "full"
    if shift["taken"] >= shift["minimum"]:
        return "open"
    return "short" if shift["taken"] else "empty"


async def planned(
    first: datetime, last: datetime, *, seen: list[int] | None, programme: int | None = None,
    opportunity: int | None = None, place: int | None = None, public_only: bool = False, limit: int = MOST,
    still_on: bool = False,
) -> list[dict[str, Any]]:  # fmt: skip
    """Shifts that start between two moments, by start: for calendars, board and coverage. `seen` are programmes (None: all).

    With `still_on`, also those that began before and go on: a shift lasts two weeks at most.
    """
    found = await db.rows(
        """
        SELECT s.id, s.opportunity, s.series, s.starts_at, s.ends_at, s.zone, s.minimum, s.maximum, s.taken, s.waiting,
               s.status, s.sequence, o.title, o.bring, o.programme, o.is_public, o.opens_days, o.closes_hours, o.minimum_age,
               p.name AS programme_name, l.id AS place, l.name AS place_name, l.address AS place_address
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity JOIN programmes p ON p.id = o.programme
          JOIN places l ON l.id = coalesce(s.place, o.place)
         WHERE s.starts_at >= $1 AND s.starts_at < $2 AND (s.starts_at >= $9 OR s.ends_at > $9)
           AND ($3::int[] IS NULL OR o.programme = ANY ($3)) AND ($4::int IS NULL OR o.programme = $4)
           AND ($5::int IS NULL OR o.id = $5) AND ($6::int IS NULL OR l.id = $6)
           AND (NOT $7 OR o.is_public AND s.status = 'open' AND o.closed_at IS NULL AND p.closed_at IS NULL)
      ORDER BY s.starts_at, o.title, s.id LIMIT $8
        """,
        first - _LONGEST if still_on else first, last, seen, programme, opportunity, place, public_only, limit, first,
    )  # fmt: skip
    return [{**shift, "need": need(shift)} for shift in found]


async def gaps(first: date, last: date, zone: str, *, seen: list[int] | None) -> list[dict[str, Any]]:
    """Per role and day: shifts, people wanted (up to the minimum), missing, silent after a reminder."""
    return await db.rows(
        """
        SELECT o.id AS opportunity, o.title, p.name AS programme_name, (s.starts_at AT TIME ZONE s.zone)::date AS day,
               count(*)::int AS shifts, sum(s.minimum)::int AS wanted, sum(s.taken)::int AS taken,
               sum(greatest(s.minimum - s.taken, 0))::int AS missing, sum(s.maximum - s.taken)::int AS free,
               coalesce(sum(silent.people), 0)::int AS silent, min(s.id) AS first_shift,
               (count(*) FILTER (WHERE s.taken < s.minimum))::int AS short
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity JOIN programmes p ON p.id = o.programme
          LEFT JOIN LATERAL (
                SELECT sum(u.size) AS people FROM signups u
                 WHERE u.shift = s.id AND u.status = 'confirmed' AND u.answer = ''
                   AND EXISTS (SELECT FROM shift_reminders r WHERE r.signup = u.id)) silent ON true
         WHERE s.status = 'open' AND s.starts_at >= $1 AND s.starts_at < $2 AND s.starts_at > $3
           AND ($4::int[] IS NULL OR o.programme = ANY ($4))
      GROUP BY o.id, p.name, day ORDER BY o.title, o.id, day
        """,
        days.at_wall_clock(datetime.combine(first, datetime.min.time()), zone),
        days.at_wall_clock(datetime.combine(last, datetime.min.time()), zone),
        days.now(),
        seen,
    )


async def short(first: date, last: date, zone: str, *, seen: list[int] | None) -> list[dict[str, Any]]:
    """Shifts to come from one day to before another that lack people for their minimum, soonest first: for asking."""
    found = await db.rows(
        """
        SELECT s.id, s.opportunity, s.starts_at, s.ends_at, s.zone, s.minimum, s.maximum, s.taken, s.waiting, s.status,
               s.minimum - s.taken AS missing, o.title, p.name AS programme_name, l.name AS place_name
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity JOIN programmes p ON p.id = o.programme
          JOIN places l ON l.id = coalesce(s.place, o.place)
         WHERE s.status = 'open' AND s.taken < s.minimum AND s.starts_at >= $1 AND s.starts_at < $2 AND s.starts_at > $3
           AND ($4::int[] IS NULL OR o.programme = ANY ($4))
      ORDER BY s.starts_at, s.id LIMIT 100
        """,
        days.at_wall_clock(datetime.combine(first, datetime.min.time()), zone),
        days.at_wall_clock(datetime.combine(last, datetime.min.time()), zone),
        days.now(),
        seen,
    )
    return [{**shift, "need": need(shift)} for shift in found]


async def rates_by_role(first: datetime, last: datetime, *, seen: list[int] | None) -> list[dict[str, Any]]:
    """Per role, of its shifts that began between two moments: how many `shifts`, places `kept`, `missed` (no-show) and
    given back `late`; the most unreliable first.
    """
    return await db.rows(
        """
        SELECT o.id, o.title, p.name AS programme_name, count(DISTINCT s.id)::int AS shifts, {counts}
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity JOIN programmes p ON p.id = o.programme
          JOIN signups u ON u.shift = s.id AND (u.attendance <> 'unknown' OR u.ended_late)
         WHERE s.starts_at >= $1 AND s.starts_at < $2 AND ($3::int[] IS NULL OR o.programme = ANY ($3))
      GROUP BY o.id, p.name ORDER BY (sum(u.size) FILTER (WHERE u.attendance = 'absent' OR u.ended_late))::float / sum(u.size) DESC NULLS LAST, o.title, o.id
        """.replace("{counts}", _COUNTS),
        first,
        last,
        seen,
    )


async def rates_by_shift(
    first: datetime, last: datetime, *, seen: list[int] | None, limit: int = 100
) -> list[dict[str, Any]]:
    """The same shift by shift, latest first: only those on which somebody did not come or gave the place back late."""
    return await db.rows(
        """
        SELECT s.id, s.starts_at, s.ends_at, s.zone, o.title, p.name AS programme_name, {counts}
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity JOIN programmes p ON p.id = o.programme
          JOIN signups u ON u.shift = s.id AND (u.attendance <> 'unknown' OR u.ended_late)
         WHERE s.starts_at >= $1 AND s.starts_at < $2 AND ($3::int[] IS NULL OR o.programme = ANY ($3))
      GROUP BY s.id, o.title, p.name HAVING bool_or(u.attendance = 'absent' OR u.ended_late OR u.came < u.size) ORDER BY s.starts_at DESC, s.id LIMIT $4
        """.replace("{counts}", _COUNTS),
        first,
        last,
        seen,
        limit,
    )


async def rates_by_person(
    first: datetime, last: datetime, *, seen: list[int] | None, limit: int = 50
) -> list[dict[str, Any]]:
    """Of those who missed a shift or gave it back late between two moments: constituent, name, shifts `kept`, `missed` and
    `late`; the most unreliable first. A group is one: it was one person's word.
    """
    return await db.rows(
        """
        SELECT * FROM (
            SELECT u.constituent, c.name, c.sort_key, (count(*) FILTER (WHERE u.attendance = 'present'))::int AS kept,
                   (count(*) FILTER (WHERE u.attendance = 'absent'))::int AS missed, (count(*) FILTER (WHERE u.ended_late))::int AS late
              FROM shifts s JOIN opportunities o ON o.id = s.opportunity
              JOIN signups u ON u.shift = s.id AND (u.attendance <> 'unknown' OR u.ended_late)
              JOIN constituents c ON c.id = u.constituent
             WHERE s.starts_at >= $1 AND s.starts_at < $2 AND ($3::int[] IS NULL OR o.programme = ANY ($3))
          GROUP BY u.constituent, c.name, c.sort_key) p
         WHERE missed + late > 0
      ORDER BY (missed + late)::float / (kept + missed + late) DESC, missed + late DESC, sort_key, constituent LIMIT $4
        """,
        first,
        last,
        seen,
        limit,
    )


# People: of a group that is smaller than it said, those count as missing who were not there.
_COUNTS = """
    coalesce(sum(coalesce(u.came, u.size)) FILTER (WHERE u.attendance = 'present'), 0)::int AS kept,
    (coalesce(sum(u.size) FILTER (WHERE u.attendance = 'absent'), 0)
     + coalesce(sum(greatest(u.size - u.came, 0)) FILTER (WHERE u.attendance = 'present'), 0))::int AS missed,
    coalesce(sum(u.size) FILTER (WHERE u.ended_late), 0)::int AS late
"""


async def rates_of(shift_id: int) -> dict[str, int]:
    """Of one shift: people who came (`kept`), did not (`missed`), and gave their place back `late`."""
    found = await db.row(f"SELECT {_COUNTS} FROM signups u WHERE u.shift = $1", shift_id)  # noqa: S608  words of ours
    assert found is not None
    return found
