"""The bare way for volunteers: the rows of a calendar, the board and coverage by plain statements, sign-ups as plain inserts."""

import json
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment

from benchmarks.bare import enqueue
from benchmarks.volunteer_data import ZONE
from kit import days
from volunteers.board import PAGE

_zone = ZoneInfo(ZONE)
_jinja = Environment(autoescape=True)
_jinja.filters["wall"] = lambda moment: moment.astimezone(_zone).strftime("%a %d %b %H:%M")
_MONTH = _jinja.from_string("""<!doctype html><title>Shifts</title><table>{% for week in weeks %}<tr>{% for day, shifts in week %}
<td><a href="/shifts?view=day&amp;on={{ day }}">{{ day.day }}</a>{% for shift in shifts[:6] %}<a href="/shifts/{{ shift.id }}">{{ shift.starts_at | wall }}
{{ shift.title }}</a> {{ shift.taken }} of {{ shift.maximum }}{% if shift.waiting %}, {{ shift.waiting }} waiting{% endif %}{% endfor %}
{% if shifts | length > 6 %}{{ shifts | length - 6 }} more{% endif %}</td>{% endfor %}</tr>{% endfor %}</table>""")
_BOARD = _jinja.from_string("""<!doctype html><title>Shifts</title><ul>{% for shift in rows %}<li><a href="/volunteer/shifts/{{ shift.id }}">{{ shift.title }}</a>
{{ shift.starts_at | wall }} {{ shift.place_name }} {{ shift.place_address }} {{ shift.taken }} of {{ shift.maximum }}</li>{% endfor %}</ul>""")
_GAPS = _jinja.from_string("""<!doctype html><title>Coverage</title><table>{% for title, cells in roles %}<tr><th>{{ title }}</th>{% for cell in cells %}
<td><a href="/shifts/{{ cell.shift }}">{{ cell.day }} {{ cell.missing }} {{ cell.silent }}</a></td>{% endfor %}</tr>{% endfor %}</table>
<ul>{% for gap in gaps %}<li><a href="/shifts/{{ gap.id }}">{{ gap.starts_at | wall }}</a> {{ gap.title }} {{ gap.place_name }} {{ gap.taken }} of {{ gap.maximum }}</li>{% endfor %}</ul>""")


async def month(pool: Any, first: date, last: date) -> str:
    """The shifts from a day until another, both counted, six of a day with their words."""
    rows = await pool.fetch(
        """
        SELECT s.id, s.starts_at, s.minimum, s.maximum, s.taken, s.waiting, s.status, o.title
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity
         WHERE s.starts_at >= $1 AND s.starts_at < $2 ORDER BY s.starts_at, o.title, s.id
        """,
        _midnight(first), _midnight(last + timedelta(days=1)),
    )  # fmt: skip
    by_day = {
        day: list(found)
        for day, found in groupby(rows, lambda row: row["starts_at"].astimezone(_zone).date())
    }
    shown = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    cells = [(day, by_day.get(day, [])) for day in shown]
    return _MONTH.render(weeks=[cells[n : n + 7] for n in range(0, len(cells), 7)])


async def board(pool: Any, place: int | None) -> str:
    """The first public shifts of the next sixty days, those in need first."""
    now = days.now()
    rows = await pool.fetch(
        """
        SELECT s.id, s.starts_at, s.minimum, s.maximum, s.taken, o.title, l.name AS place_name, l.address AS place_address
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity JOIN places l ON l.id = coalesce(s.place, o.place)
         WHERE s.starts_at > $1 AND s.starts_at < $2 AND s.status = 'open' AND o.is_public AND ($3::int IS NULL OR l.id = $3)
      ORDER BY CASE WHEN s.taken >= s.maximum THEN 3 WHEN s.taken > 0 AND s.taken >= s.minimum THEN 2
                    WHEN s.starts_at < $4 THEN 0 ELSE 1 END, s.starts_at, s.id LIMIT $5
        """,
        now, now + timedelta(days=60), place, now + timedelta(days=7), PAGE,
    )  # fmt: skip
    return _BOARD.render(rows=rows)


async def coverage(pool: Any) -> str:
    """Who is missing in the next two weeks, by role and day; and the shifts that lack people."""
    now = days.now()
    last = _midnight(days.today(ZONE) + timedelta(days=14))
    async with pool.acquire() as connection:
        cells = await connection.fetch(
            """
            SELECT o.title, (s.starts_at AT TIME ZONE s.zone)::date AS day, min(s.id) AS shift,
                   sum(greatest(s.minimum - s.taken, 0)) AS missing,
                   sum((SELECT count(*) FROM signups u JOIN shift_reminders r ON r.signup = u.id
                         WHERE u.shift = s.id AND u.status = 'confirmed' AND u.answer = '')) AS silent
              FROM shifts s JOIN opportunities o ON o.id = s.opportunity
             WHERE s.status = 'open' AND s.starts_at > $1 AND s.starts_at < $2 GROUP BY o.id, 2 ORDER BY o.title, o.id, 2
            """,
            now, last,
        )  # fmt: skip
        gaps = await connection.fetch(
            """
            SELECT s.id, s.starts_at, s.taken, s.maximum, o.title, l.name AS place_name
              FROM shifts s JOIN opportunities o ON o.id = s.opportunity JOIN places l ON l.id = coalesce(s.place, o.place)
             WHERE s.status = 'open' AND s.taken < s.minimum AND s.starts_at > $1 AND s.starts_at < $2
          ORDER BY s.starts_at, s.id LIMIT 100
            """,
            now, last,
        )  # fmt: skip
    roles = [(title, list(found)) for title, found in groupby(cells, lambda row: row["title"])]
    return _GAPS.render(roles=roles, gaps=gaps)


async def sign_up(pool: Any, shift: int, person: int, key: str) -> None:
    """The rows that a public sign-up of somebody known consists of."""
    now = days.now()
    typed = {
        "entry_key": key,
        "given_name": "Vera",
        "family_name": f"Number{person}",
        "email": f"vera{person}@example.org",
    }
    async with pool.acquire() as connection, connection.transaction():
        request = await connection.fetchval(
            "INSERT INTO signup_requests (entry_key, shift, typed, created_at) VALUES ($1, $2, $3, $4) RETURNING id",
            key, shift, json.dumps(typed), now,
        )  # fmt: skip
        await connection.fetchval("SELECT constituent FROM emails WHERE normal = $1", typed["email"])
        await connection.fetchrow("SELECT * FROM shifts WHERE id = $1 FOR UPDATE", shift)
        signup = await connection.fetchval(
            """
            INSERT INTO signups (shift, constituent, status, came_by, created_at) VALUES ($1, $2, 'confirmed', 'public', $3)
            RETURNING id
            """,
            shift, person, now,
        )  # fmt: skip
        change = await connection.fetchval(
            """
            INSERT INTO changes (at, actor_kind, actor_label, action, object_kind, object_id)
            VALUES ($1, 'volunteer', 'Vera', 'signup.made', 'signup', $2) RETURNING id
            """,
            now, signup,
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO change_values (change, subject, after) VALUES ($1, $2, $3)",
            change, person, json.dumps({"status": "confirmed", "size": 1}),
        )  # fmt: skip
        await connection.execute(
            """
            INSERT INTO timeline_entries (constituent, kind, source_id, happened_on, at, title, detail, status, route, route_id,
                                          permission)
            VALUES ($1, 'shift', $2, $3, $4, 'Role', 'Programme', 'confirmed', 'shifts:show', $5, 'volunteers.read')
            """,
            person, signup, now.date(), now, shift,
        )  # fmt: skip
        await enqueue(connection, "signup.made")
        await enqueue(connection, "signup.confirmed")
        await connection.execute(
            "UPDATE signup_requests SET constituent = $2, signup = $3 WHERE id = $1", request, person, signup
        )


async def move(pool: Any, series: int, by: timedelta) -> None:
    """Every shift of a series to another hour of its day, with what hangs on it: five statements, whatever their number."""
    now = days.now()
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM shift_series WHERE id = $1 FOR UPDATE", series)
        await connection.execute("UPDATE shift_series SET begins = begins + $2 WHERE id = $1", series, by)
        await connection.execute(
            """
            UPDATE shifts SET starts_at = starts_at + $2, ends_at = ends_at + $2, occurrence = occurrence + $2,
                   sequence = sequence + 1, version = version + 1 WHERE series = $1
            """,
            series, by,
        )  # fmt: skip
        await connection.execute(
            """
            UPDATE timeline_entries t SET happened_on = (s.starts_at AT TIME ZONE s.zone)::date
              FROM signups u JOIN shifts s ON s.id = u.shift
             WHERE t.kind = 'shift' AND t.source_id = u.id AND s.series = $1
            """,
            series,
        )
        await connection.execute(
            """
            INSERT INTO changes (at, actor_kind, actor_label, action, object_kind, object_id)
            VALUES ($1, 'staff', 'Ana Ruiz', 'series.changed', 'series', $2)
            """,
            now, series,
        )  # fmt: skip
        await connection.execute(
            """
            INSERT INTO pgqueuer (priority, status, entrypoint, payload)
            SELECT 0, 'queued', 'shift.changed', '{"said": [1]}'::bytea FROM shifts WHERE series = $1
            """,
            series,
        )


def _midnight(day: date) -> datetime:
    return days.at_wall_clock(datetime.combine(day, datetime.min.time()), ZONE)
