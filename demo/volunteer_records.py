"""What a year of sign-ups leaves: hours, lines on timelines, milestones, reminders and asks, as sets of rows."""

import random
from datetime import datetime, timedelta
from typing import Any

from demo.volunteer_people import copy
from kit import db, security
from kit.days import now
from kit.templates import hours as words_for
from volunteers.milestones import STEPS

# A sign-up as it is copied; `row` fills what is not said.
_NOTHING: dict[str, Any] = {
    "shift": None, "constituent": None, "status": "", "created_at": None, "size": 1, "queued_at": None, "came_by": "public",
    "ended_at": None, "ended_late": False, "reason": "", "attendance": "unknown", "arrived_at": None, "left_at": None,
    "left_is_estimated": False,
}  # fmt: skip
COLUMNS = tuple(_NOTHING)


def row(shift: int, constituent: int, status: str, created_at: datetime, **said: Any) -> tuple[Any, ...]:
    """One sign-up for COLUMNS."""
    return tuple(
        {**_NOTHING, "shift": shift, "constituent": constituent, "status": status, "created_at": created_at, **said}.values()
    )  # fmt: skip


async def write(luck: random.Random) -> None:
    """Everything that follows from the sign-ups that are there."""
    async with db.tx():
        await _hours()
        await db.row(_SHIFT_LINES, now())
        await db.row(_MILESTONES, list(STEPS))
        await db.row(_REMINDERS, now())
        await db.row(_ANSWERS)
        await _asks(luck)


async def _hours() -> None:
    """By the rule of `hours.propose_from_attendance`; those of the last days wait for approval."""
    rows = await db.rows(_HOURS, now(), now() - timedelta(days=4))
    details = [words_for(row["minutes"]) for row in rows]
    await db.row(_HOUR_LINES, [row["id"] for row in rows], details, now())


async def _asks(luck: random.Random) -> None:
    """Some came because they were asked; of the others who were asked then, half said no and half were too late."""
    columns = ("shift", "constituent", "token_hash", "status", "asked_at", "answered_at")
    willing = [row["constituent"] for row in await db.rows(_WILLING)]
    told: dict[tuple[int, int], tuple[Any, ...]] = {}
    for asked in await db.rows(_CAME_BY_ASKING):
        at = asked["created_at"]
        answers = [(asked["constituent"], "yes")]
        answers += [
            (one, luck.choice(("no", "too_late")))
            for one in luck.sample(willing, 2)
            if one not in asked["there"]
        ]
        for one, status in answers:
            token = security.token_hash(security.new_token())
            told.setdefault((asked["shift"], one), (token, status, at - timedelta(hours=3), at))
    await copy("asks", columns, [(*key, *rest) for key, rest in told.items()])
    await db.row(
        """
        UPDATE volunteers v SET last_asked_at = a.at
          FROM (SELECT constituent, max(asked_at) AS at FROM asks GROUP BY 1) a WHERE a.constituent = v.constituent
        """
    )


_HOURS = """
    INSERT INTO hours (constituent, programme, opportunity, signup, day, minutes, people, status, came_by, is_estimated,
                       decided_by, decided_at, created_at)
    SELECT u.constituent, o.programme, o.id, u.id, (s.starts_at AT TIME ZONE s.zone)::date,
           greatest(1, extract(epoch FROM date_trunc('minute', u.left_at)
                    - date_trunc('minute', greatest(u.arrived_at, s.starts_at))) / 60)::int * u.size, u.size,
           d.status, 'check_in', u.left_is_estimated, CASE WHEN d.status = 'approved' THEN o.coordinator END,
           CASE WHEN d.status = 'approved' THEN s.ends_at + interval '3 days' END, u.left_at
      FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
           CROSS JOIN LATERAL (SELECT CASE WHEN s.ends_at < $2 THEN 'approved' ELSE 'proposed' END AS status) d
     WHERE u.left_at <= $1 ORDER BY u.id
    RETURNING id, minutes
"""
_HOUR_LINES = """
    INSERT INTO timeline_entries (constituent, kind, source_id, happened_on, at, title, detail, route, route_id, permission)
    SELECT h.constituent, 'hours', h.id, h.day, $3, o.title, t.detail, 'volunteers:show', h.constituent, 'volunteers.read'
      FROM unnest($1::bigint[], $2::text[]) AS t (id, detail) JOIN hours h ON h.id = t.id
      JOIN opportunities o ON o.id = h.opportunity
     WHERE h.status = 'approved'
"""
_SHIFT_LINES = """
    INSERT INTO timeline_entries (constituent, kind, source_id, happened_on, at, title, detail, status, route, route_id, permission)
    SELECT u.constituent, 'shift', u.id, (s.starts_at AT TIME ZONE s.zone)::date, $1, o.title, p.name,
           CASE WHEN u.attendance <> 'unknown' THEN u.attendance ELSE u.status END, 'shifts:show', s.id, 'volunteers.read'
      FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
      JOIN programmes p ON p.id = o.programme
"""
_MILESTONES = """
    INSERT INTO milestones (constituent, hours, reached_on)
    SELECT constituent, step, min(day)
      FROM (SELECT constituent, day, sum(minutes / people) OVER (PARTITION BY constituent ORDER BY day, id) AS minutes
              FROM hours WHERE status = 'approved') so_far
      JOIN unnest($1::int[]) AS step ON minutes >= step * 60
  GROUP BY 1, 2
"""
# What the job would have sent by now: without these rows it would send it all at once. It runs every five minutes, and
# may come in between.
_REMINDERS = """
    INSERT INTO shift_reminders (signup, hours_before, sent_at)
    SELECT u.id, h.hours, s.starts_at - make_interval(hours => h.hours)
      FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
           CROSS JOIN LATERAL unnest(o.remind_hours) AS h (hours)
     WHERE u.status = 'confirmed' AND s.starts_at > $1 AND s.starts_at - make_interval(hours => h.hours) <= $1
       AND u.created_at < s.starts_at - make_interval(hours => h.hours)
    ON CONFLICT DO NOTHING
"""
_ANSWERS = """
    UPDATE signups u SET answer = 'coming', answered_at = r.sent_at + interval '40 minutes'
      FROM shift_reminders r WHERE r.signup = u.id AND r.hours_before = 48 AND u.id % 4 <> 0
"""
_WILLING = "SELECT constituent FROM volunteers WHERE may_be_asked AND status = 'active' ORDER BY constituent"
_CAME_BY_ASKING = """
    SELECT u.shift, u.constituent, u.created_at,
           ARRAY (SELECT o.constituent FROM signups o WHERE o.shift = u.shift) AS there
      FROM signups u WHERE u.came_by = 'ask' ORDER BY u.id
"""
