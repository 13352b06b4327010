"""Invented volunteers, shifts and sign-ups, the same ones every time: made by a few statements inside PostgreSQL.

Eighteen shifts a day, twelve people at most on each. A tenth of the data is a tenth of the people and a tenth as long a
past: a page of this month then has as many rows at both sizes, and what grows is what it must not read.
"""

from datetime import datetime, time, timedelta

import asyncpg

from benchmarks import places
from kit import changes, config, days, db
from kit.postgres import OWNER
from volunteers import recurrence, series

ZONE = "America/Los_Angeles"
PROGRAMMES, PLACES, ROLES = 12, 10, 36
SHIFTS_A_DAY = 18
# Of one series that is edited as a whole, ten people on each of its shifts.
SERIES = 500


class Size(places.Size, frozen=True):
    """A database with so many volunteers (`constituents`), ten times as many shifts and a hundred times as many sign-ups."""

    @property
    def shifts(self) -> int:
        return self.constituents * 10

    @property
    def database(self) -> str:
        return f"bench_volunteers_{self.name}"

    @property
    def days_ahead(self) -> int:
        """Two months at least, which the public board shows; three when there is more."""
        return 61 if self.shifts < 10_000 else 91


async def make(server: places.Server, size: Size, say: places.Say) -> places.Place:
    """A loaded database; in a folder that was kept, the one of the run before."""
    note = server.folder.parent / f"{size.database}.made"
    settings = places.settings_of(server, size.database)
    if note.exists():
        say(f"{size.constituents:,} volunteers and {size.shifts:,} shifts are there already")
        return places.Place(size, settings)
    say(f"{size.constituents:,} volunteers, {size.shifts:,} shifts and their sign-ups")
    await places.empty(server, size.database)
    async with places.connected(server.url(OWNER, size.database)) as connection, connection.transaction():
        await connection.execute("SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '256MB'")
        await _load(connection, size)
    await _one_series(settings, size)
    await places.superuser(server, size.database, "VACUUM ANALYZE", "CHECKPOINT")
    note.touch()
    return places.Place(size, settings)


async def _load(connection: asyncpg.Connection, size: Size) -> None:
    today = days.today(ZONE)
    first = today + timedelta(days=size.days_ahead) - timedelta(days=size.shifts // SHIFTS_A_DAY)
    now = days.now()
    await connection.execute(_WHAT)
    await connection.execute(_PEOPLE, size.constituents, now)
    await connection.execute(_PROFILES, today - timedelta(days=1500))
    await connection.execute(_CERTIFICATES, today)
    await connection.execute(_SHIFTS, size.shifts, first, now)
    await connection.execute(_SIGNUPS, size.constituents, now)
    await connection.execute(_LINES, size.constituents, now)
    await connection.execute(_REMINDERS, now)
    await connection.execute(_HOURS, now)
    await connection.execute(_TIMELINE, now)


async def _one_series(settings: config.Settings, size: Size) -> None:
    """A series of 500 shifts in the evenings, by the verb, and ten people on each."""
    config.use(settings)
    async with db.running():
        starts = datetime.combine(days.today(ZONE) + timedelta(days=1), time(21))
        details = series.SeriesDetails(
            opportunity=ROLES + 1, starts=starts, ends=starts + timedelta(hours=1), maximum=12, minimum=3,
            rule=recurrence.rule_of(recurrence.Repeat(every="day", count=SERIES), starts),
        )  # fmt: skip
        id = await series.create(details, by=changes.SYSTEM)
        async with db.tx():
            await db.row(_SIGNUPS_OF_SERIES, size.constituents, days.now(), id)
            await db.row(_TIMELINE_OF_SERIES, days.now(), id)


_WHAT = f"""
INSERT INTO programmes (name, name_normal, slug, description, funder, created_at)
SELECT 'Programme ' || n, 'programme ' || n, 'programme-' || n, '', 'Fund of ' || n % 5, now() FROM generate_series(1, {PROGRAMMES}) n;
INSERT INTO places (name, name_normal, zone, address, map_link)
SELECT 'Place ' || n, 'place ' || n, '{ZONE}', n || ' Mill Street, Portland OR', '' FROM generate_series(1, {PLACES}) n;
INSERT INTO opportunities (programme, title, description, bring, place, remind_hours, is_public, created_at)
SELECT 1 + n % {PROGRAMMES}, 'Role ' || n, 'What one does in role ' || n, 'Closed shoes', 1 + n % {PLACES}, '{{48,3}}', n <= {ROLES}, now()
  FROM generate_series(1, {ROLES + 1}) n;
INSERT INTO qualifications (name, name_normal, kind, valid_months)
SELECT 'Certificate ' || n, 'certificate ' || n, 'certificate', 24 FROM generate_series(1, 3) n;
INSERT INTO qualifications_needed (opportunity, qualification) SELECT n, 1 + n % 3 FROM generate_series(3, {ROLES}, 3) n;
"""
_PEOPLE = """
WITH made AS (
    INSERT INTO constituents (kind, name, sort_key, prefix, given_name, middle_name, family_name, suffix, nickname, job_title,
                              greeting, website, language, place, deceased, created_at, updated_at, version)
    SELECT 'person', 'Vera Number' || n, 'number' || lpad(n::text, 6, '0') || ' vera', '', 'Vera', '', 'Number' || n, '', '', '', '',
           '', '', 'Portland OR', false, $2, $2, 1 FROM generate_series(1, $1::int) n ORDER BY n
    RETURNING id)
INSERT INTO emails (constituent, address, normal, kind, preferred)
SELECT id, e, e, 'home', true FROM made, LATERAL (SELECT 'vera' || id || '@example.org' AS e) a
"""
_PROFILES = """
INSERT INTO volunteers (constituent, skills, languages, availability, joined_on)
SELECT id, ARRAY['Skill ' || id % 9], '{en}', '{sat-morning}', $1 FROM constituents
"""
_CERTIFICATES = """
INSERT INTO qualifications_held (constituent, qualification, from_day, until_day, created_at)
SELECT c.id, q.id, $1::date - 300, $1::date + 400, now() FROM constituents c JOIN qualifications q ON (c.id + q.id) % 2 = 0
"""
# Six times of the day from 8 to 18, three shifts side by side at each.
_SHIFTS = f"""
INSERT INTO shifts (opportunity, starts_at, ends_at, zone, minimum, maximum, created_at)
SELECT 1 + i % {ROLES}, t.at, t.at + interval '2 hours', '{ZONE}', 3, 12, $3
  FROM generate_series(0, $1::int - 1) i
       CROSS JOIN LATERAL (SELECT (($2::date + i / {SHIFTS_A_DAY}) + make_interval(hours => 8 + 2 * (i % {SHIFTS_A_DAY} / 3)))
                                  AT TIME ZONE '{ZONE}' AS at) t ORDER BY i
"""
# Twelve places of the round of all people belong to each shift: nobody is in two places, and who comes differs.
_SIGNUPS = """
INSERT INTO signups (shift, constituent, status, came_by, attendance, arrived_at, left_at, created_at)
SELECT s.id, 1 + (s.id * 12 + j) % $1::int,
       CASE WHEN s.starts_at > $2 AND (s.id + j) % 40 = 0 THEN 'pending' ELSE 'confirmed' END, 'public',
       CASE WHEN s.ends_at > $2 THEN 'unknown' WHEN (s.id + j) % 17 = 0 THEN 'absent' ELSE 'present' END,
       CASE WHEN s.ends_at <= $2 AND (s.id + j) % 17 <> 0 THEN s.starts_at END,
       CASE WHEN s.ends_at <= $2 AND (s.id + j) % 17 <> 0 THEN s.ends_at END, s.starts_at - interval '20 days'
  FROM shifts s CROSS JOIN LATERAL generate_series(0,
       CASE WHEN s.starts_at <= $2 THEN 9 + (s.id % 3 = 0)::int ELSE (s.id * 7) % 13 - 1 END) j
 ORDER BY s.id, j
"""
_LINES = """
INSERT INTO signups (shift, constituent, status, queued_at, came_by, created_at)
SELECT s.id, 1 + (s.id * 12 + $1::int / 2 + j) % $1::int, 'waiting', $2::timestamptz - make_interval(hours => j), 'public', $2
  FROM shifts s CROSS JOIN generate_series(1, 2) j WHERE s.taken = s.maximum AND s.starts_at > $2
"""
_REMINDERS = """
WITH reminded AS (
    INSERT INTO shift_reminders (signup, hours_before, sent_at)
    SELECT u.id, 48, $1 FROM signups u JOIN shifts s ON s.id = u.shift
     WHERE u.status = 'confirmed' AND s.starts_at > $1 AND s.starts_at < $1::timestamptz + interval '48 hours'
    RETURNING signup)
UPDATE signups SET answer = 'coming', answered_at = $1 WHERE id IN (SELECT signup FROM reminded WHERE signup % 5 <> 0)
"""
_HOURS = """
INSERT INTO hours (constituent, programme, opportunity, signup, day, minutes, status, came_by, decided_at, created_at)
SELECT u.constituent, o.programme, o.id, u.id, (s.starts_at AT TIME ZONE s.zone)::date, 120,
       CASE WHEN s.ends_at < $1::timestamptz - interval '5 days' THEN 'approved' ELSE 'proposed' END, 'check_in',
       CASE WHEN s.ends_at < $1::timestamptz - interval '5 days' THEN $1 END, u.left_at
  FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
 WHERE u.attendance = 'present' ORDER BY u.id
"""
_TIMELINE = """
INSERT INTO timeline_entries (constituent, kind, source_id, happened_on, at, title, detail, status, route, route_id, permission)
SELECT u.constituent, 'shift', u.id, (s.starts_at AT TIME ZONE s.zone)::date, $1, o.title, p.name, u.status, 'shifts:show', s.id,
       'volunteers.read'
  FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
  JOIN programmes p ON p.id = o.programme
"""
_SIGNUPS_OF_SERIES = """
INSERT INTO signups (shift, constituent, status, came_by, created_at)
SELECT s.id, 1 + (s.id * 12 + j) % $1::int, 'confirmed', 'staff', $2 FROM shifts s CROSS JOIN generate_series(0, 9) j
 WHERE s.series = $3 ORDER BY s.id, j
"""
_TIMELINE_OF_SERIES = _TIMELINE + " WHERE s.series = $2"
