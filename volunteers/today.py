"""Today: the shifts of today and tomorrow, and what waits for a coordinator. Two questions, however much there is."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from kit import days, db
from volunteers.coverage import need

# How far ahead gaps are counted: the shortest view of the coverage board.
AHEAD = timedelta(days=7)


class Pending(msgspec.Struct, frozen=True):
    """A sign-up that somebody has to approve before its shift begins."""

    id: int
    name: str
    size: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str


class Waiting(msgspec.Struct, frozen=True):
    """What there is to do: programmes that are open, shifts with a gap, sign-ups and hours to approve (up to a thousand)."""

    programmes: int
    gaps: int
    signups: int
    hours: int
    pending: list[Pending]

    @property
    def nothing(self) -> bool:
        return not (self.gaps or self.signups or self.hours)


async def shifts(narrowed: int | None, limit: int) -> list[dict[str, Any]]:
    """Shifts of today and tomorrow, by the day of their place; those of yesterday that are still on are today's.

    Each with its `need`, whether it is `today`, and how it stands now: `ahead`, `on` or `over`. `narrowed` is the member
    who sees only the programmes they coordinate (None: all).
    """
    now = days.now()
    found = await db.rows(
        f"""
        SELECT s.id, s.starts_at, s.ends_at, s.zone, s.minimum, s.maximum, s.taken, s.status, o.title, l.name AS place_name,
               (s.starts_at AT TIME ZONE s.zone)::date <= ($1 AT TIME ZONE s.zone)::date AS today,
               CASE WHEN s.ends_at <= $1 THEN 'over' WHEN s.starts_at <= $1 THEN 'on' ELSE 'ahead' END AS stands
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity JOIN places l ON l.id = coalesce(s.place, o.place)
         WHERE s.status = 'open' AND s.starts_at BETWEEN $1::timestamptz - interval '15 days' AND $1::timestamptz + interval '2 days'
           AND (s.starts_at AT TIME ZONE s.zone)::date <= ($1 AT TIME ZONE s.zone)::date + 1
           AND ((s.starts_at AT TIME ZONE s.zone)::date >= ($1 AT TIME ZONE s.zone)::date OR s.ends_at > $1)
           AND {_THEIRS.format(programme="o.programme", member="$2::int")}
      ORDER BY s.starts_at, o.title, s.id LIMIT $3
        """,  # noqa: S608  ours
        now,
        narrowed,
        limit,
    )
    return [{**shift, "need": need(shift)} for shift in found]


async def waiting(narrowed: int | None, zone: str, limit: int) -> Waiting:
    """What there is to do, and the first `limit` sign-ups to approve, soonest shift first.

    Gaps are counted as the coverage board of one week does, which begins with the day in `zone`.
    """
    now = days.now()
    until = days.at_wall_clock(
        datetime.combine(days.today(zone), datetime.min.time()) + AHEAD,
        zone,
    )
    found = await db.row(_QUESTION, now, narrowed, until, limit)
    assert found is not None
    return Waiting(**{**found, "pending": _read(found["pending"])})


def by_day(found: Iterable[dict[str, Any]]) -> list[tuple[bool, list[dict[str, Any]]]]:
    """Today's (True) and tomorrow's (False), where there are any."""
    groups: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for shift in found:
        groups[shift["today"]].append(shift)
    return [(today, shifts) for today, shifts in groups.items() if shifts]


def _read(pending: str | None) -> list[Pending]:
    return msgspec.json.decode(pending, type=list[Pending]) if pending else []


_THEIRS = """({member} IS NULL OR {programme} IN (SELECT k.programme FROM programme_coordinators k WHERE k.member = {member}))"""
_ROLE = _THEIRS.format(programme="o.programme", member="$2::int")
_PENDING = f"""
      FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
      JOIN constituents c ON c.id = u.constituent
     WHERE u.status = 'pending' AND s.status = 'open' AND s.starts_at > $1 AND {_ROLE}
"""
_QUESTION = f"""
    SELECT (SELECT count(*)::int FROM programmes p
             WHERE p.closed_at IS NULL AND {_THEIRS.format(programme="p.id", member="$2::int")}) AS programmes,
           (SELECT count(*)::int FROM shifts s JOIN opportunities o ON o.id = s.opportunity
             WHERE s.status = 'open' AND s.taken < s.minimum AND s.starts_at > $1 AND s.starts_at < $3 AND {_ROLE}) AS gaps,
           (SELECT count(*)::int FROM (SELECT {_PENDING} LIMIT 1000) x) AS signups,
           (SELECT count(*)::int FROM (
                SELECT FROM hours h WHERE h.status = 'proposed'
                   AND {_THEIRS.format(programme="h.programme", member="$2::int")} LIMIT 1000) x) AS hours,
           (SELECT json_agg(x ORDER BY x.starts_at, x.id) FROM (
                SELECT u.id, c.name, u.size, o.title, s.starts_at, s.ends_at, s.zone {_PENDING}
              ORDER BY s.starts_at, u.id LIMIT $4) x) AS pending
"""  # noqa: S608  ours
