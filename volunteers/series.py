"""Series: shifts that repeat by a rule, in the clock of their place.

Shifts of a series are rows like any other. An endless series stands for half a year ahead and is made longer every
night. A change of "this and later" ends the series before this shift and begins a new one with it; a change of all
leaves what was, and what was changed by itself, alone. Each is one transaction: all of it or nothing.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

import msgspec

from kit import changes, days, db
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.words import _
from volunteers import clashes, holidays, recurrence, shifts, waiting

HORIZON = timedelta(days=183)
Scope = Literal["one", "later", "all"]


class SeriesDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A series as a form has it: `starts` and `ends` are those of its first shift, by the clock of its place."""

    opportunity: int
    starts: datetime
    ends: datetime
    rule: str
    maximum: int
    minimum: int = 1
    place: int | None = None
    note: str = ""
    skips_holidays: bool = False


class LosesPeople(Refused):
    """The change would cancel shifts that people signed up for; asked once, with how many.

    `shifts` are the rows that would be cancelled: id, starts_at, zone, taken, waiting.
    """

    def __init__(self, shifts: list[dict[str, Any]]) -> None:
        people = sum(shift["taken"] + shift["waiting"] for shift in shifts)
        super().__init__(
            _(
                "This takes away {count} shifts that {people} people signed up for. They would be told that it is cancelled.",
                count=len(shifts),
                people=people,
            )
        )
        self.shifts = shifts


async def create(series: SeriesDetails, *, by: Actor) -> int:
    """Plan a series with its shifts; returns its id. Raises recurrence.NotARule, shifts.WrongTimes."""
    recurrence.check(series.starts, series.rule)
    async with db.tx():
        zone = await shifts.zone_of(series.opportunity, series.place)
        shifts.moments(series.starts, series.ends, zone)
        id = await _insert(series, zone)
        made = await _make(await _lock(id))
        if not made:
            raise recurrence.NotARule(_("Every day that this rule names is a holiday or past."))
        await changes.note(
            "series.made",
            "series",
            id,
            by=by,
            after={"rule": series.rule, "begins": series.starts, "shifts": made},
        )
        return id


async def change(
    shift_id: int,
    scope: Scope,
    series: SeriesDetails,
    *,
    by: Actor,
    confirmed: bool = False,
    last_come_wait: bool = False,
) -> int:
    """Change the shifts of a series from one of them on ("later"), or all that are to come ("all"); returns the id of
    the series that they are of now.

    `series.starts` and `ends` are what this shift is to have; the others follow by the rule. Shifts that the new rule
    no longer names are cancelled; if people signed up for one, that is asked first (LosesPeople) unless `confirmed`.
    Where the maximum is cut below what is taken, `last_come_wait` sends the last to sign up to the front of the line;
    without it, shifts.TooManySignedUp. Raises clashes.Clash: then nothing has changed.
    """
    recurrence.check(series.starts, series.rule)
    async with db.tx():
        await waiting.change_timetable()
        was, shift = await _lock_both(shift_id)
        kept = _all_or_later(scope, was, shift)
        id = was["id"] if kept == "all" else await _split(was, shift, series)
        await _rewrite(id, shift, series, kept, was)
        moved = series.starts - shift["occurrence"]
        await _apply(await _lock(id), moved, by=by, confirmed=confirmed, last_come_wait=last_come_wait)
        await changes.note(
            "series.changed", "series", id, by=by,
            before={name: was[name] for name in ("rule", "begins", "minutes", "maximum", "minimum", "place")},
            after={"rule": series.rule, "begins": series.starts, "maximum": series.maximum,
                   "minimum": series.minimum, "place": series.place, "scope": scope},
        )  # fmt: skip
        return id


async def end(shift_id: int, *, reason: str, by: Actor) -> int:
    """Cancel a shift of a series and all later ones; returns how many. The rule ends before it."""
    async with db.tx():
        was, shift = await _lock_both(shift_id)
        rule = recurrence.ends_before(was["begins"], was["rule"], shift["occurrence"])
        await db.row(
            "UPDATE shift_series SET rule = $2, version = version + 1 WHERE id = $1", was["id"], rule
        )
        ahead = await db.rows(
            """
            SELECT id FROM shifts WHERE series = $1 AND occurrence >= $2 AND status = 'open' AND ends_at > $3
             ORDER BY id FOR UPDATE
            """,
            was["id"],
            shift["occurrence"],
            days.now(),
        )
        for row in ahead:
            await shifts.cancel_locked(row["id"], reason=reason, by=by)
        await changes.note(
            "series.ended",
            "series",
            was["id"],
            by=by,
            after={"from": shift["occurrence"], "shifts": len(ahead)},
        )
        return len(ahead)


async def put_back(series_id: int, starts: datetime, *, by: Actor) -> None:
    """A date that was skipped has its shift again; who was told that it is cancelled has to sign up anew. Twice is once."""
    async with db.tx():
        row = await _lock(series_id)
        skipped = await db.value(
            "DELETE FROM series_exceptions WHERE series = $1 AND starts = $2 RETURNING id", series_id, starts
        )
        if skipped is None:
            return
        # The cancelled shift stays for the people who were on it; it only stands aside.
        await db.row(
            "UPDATE shifts SET series = NULL, occurrence = NULL WHERE series = $1 AND occurrence = $2 AND status = 'cancelled'",
            series_id,
            starts,
        )
        await _make(row)
        await changes.note("series.date_put_back", "series", series_id, by=by, after={"starts": starts})


async def lengthen() -> int:
    """Make the shifts of endless series for the days that came into sight; returns how many. For every night."""
    made = 0
    for row in await db.rows(
        "SELECT id FROM shift_series WHERE made_until < $1 ORDER BY id", _horizon(days.now())
    ):
        async with db.tx():
            made += await _make(await _lock(row["id"]))
    return made


async def count(series_id: int) -> int:
    """How many shifts of a series stand."""
    return await db.value("SELECT count(*) FROM shifts WHERE series = $1 AND status = 'open'", series_id)


async def of_opportunity(opportunity_id: int) -> list[dict[str, Any]]:
    """The series of a role that have shifts to come or dates to put back: the row with `ahead`, `next_shift` (an id, or
    None) and `skipped`, the starts to come that are left out by hand, by wall clock.
    """
    return await db.rows(
        """
        SELECT r.*, n.ahead, n.next_shift, x.skipped
          FROM shift_series r
          CROSS JOIN LATERAL (SELECT count(*) AS ahead, (array_agg(s.id ORDER BY s.starts_at))[1] AS next_shift FROM shifts s
                               WHERE s.series = r.id AND s.status = 'open' AND s.starts_at > $2) n
          CROSS JOIN LATERAL (SELECT array_agg(e.starts ORDER BY e.starts) AS skipped FROM series_exceptions e
                               WHERE e.series = r.id AND e.starts > $2 AT TIME ZONE r.zone) x
         WHERE r.opportunity = $1 AND (n.ahead > 0 OR x.skipped IS NOT NULL) ORDER BY r.begins, r.id
        """,
        opportunity_id,
        days.now(),
    )


async def get(series_id: int) -> dict[str, Any]:
    """One series; raises NotFound."""
    found = (
        await db.row("SELECT * FROM shift_series WHERE id = $1", series_id) if 0 < series_id < 2**31 else None
    )
    if found is None:
        raise NotFound(f"series {series_id}")
    return found


async def _lock(series_id: int) -> dict[str, Any]:
    found = await db.row("SELECT * FROM shift_series WHERE id = $1 FOR NO KEY UPDATE", series_id)
    if found is None:
        raise NotFound(f"series {series_id}")
    return found


async def _lock_both(shift_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The series, then the shift: whoever locks several shifts of a series has its row first."""
    series_id = (await shifts.get(shift_id))["series"]
    if series_id is None:
        raise Refused(_("This shift stands alone: it is of no series."))
    return await _lock(series_id), await waiting.lock_shift(shift_id)


async def _insert(series: SeriesDetails, zone: str) -> int:
    return await db.value(
        """
        INSERT INTO shift_series (opportunity, place, zone, begins, minutes, rule, skips_holidays, minimum, maximum, note)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id
        """,
        series.opportunity, series.place, zone, series.starts, _minutes(series), series.rule, series.skips_holidays,
        series.minimum, series.maximum, series.note,
    )  # fmt: skip


async def _make(series: dict[str, Any]) -> int:
    """Shifts that the rule names, are to come, and do not stand yet."""
    wanted = await _wanted(series, since=None)
    made = await _add(series, wanted)
    await db.row("UPDATE shift_series SET made_until = $2 WHERE id = $1", series["id"], _made_until(series))
    return made


async def _wanted(series: dict[str, Any], since: datetime | None) -> list[datetime]:
    """The starts that are to come, by wall clock: without exceptions and, where the series says so, holidays."""
    now = days.wall_clock(days.now(), series["zone"])
    first = max(now, since) if since else now
    until = _until(series)
    closed = await holidays.between(first.date(), until) if series["skips_holidays"] else set()
    named = recurrence.starts(series["begins"], series["rule"], since=first.date(), until=until, skip=closed)
    excepted = {
        row["starts"]
        for row in await db.rows("SELECT starts FROM series_exceptions WHERE series = $1", series["id"])
    }
    return [start for start in named if start >= first and start not in excepted]


async def _add(series: dict[str, Any], starts: Sequence[datetime]) -> int:
    times = [_times(series, start) for start in starts]
    made = await db.rows(
        """
        INSERT INTO shifts (opportunity, series, occurrence, starts_at, ends_at, zone, place, minimum, maximum, note, created_at)
        SELECT $1, $2, t.occurrence, t.starts_at, t.ends_at, $3, $4, $5, $6, $7, $8
          FROM unnest($9::timestamp[], $10::timestamptz[], $11::timestamptz[]) AS t (occurrence, starts_at, ends_at)
            ON CONFLICT (series, occurrence) DO NOTHING RETURNING id
        """,
        series["opportunity"], series["id"], series["zone"], series["place"], series["minimum"], series["maximum"],
        series["note"], days.now(), list(starts), [one[0] for one in times], [one[1] for one in times],
    )  # fmt: skip
    return len(made)


def _all_or_later(scope: Scope, was: dict[str, Any], shift: dict[str, Any]) -> Literal["all", "later"]:
    """From its first shift on is all of it."""
    return "all" if scope == "all" or shift["occurrence"] <= was["begins"] else "later"


async def _split(was: dict[str, Any], shift: dict[str, Any], series: SeriesDetails) -> int:
    """End a series before a shift; a new one has this shift and the later ones."""
    zone = await shifts.zone_of(was["opportunity"], series.place)
    id = await _insert(series, zone)
    await db.row(
        "UPDATE shift_series SET rule = $2, version = version + 1 WHERE id = $1",
        was["id"],
        recurrence.ends_before(was["begins"], was["rule"], shift["occurrence"]),
    )
    for table, column in (("shifts", "occurrence"), ("series_exceptions", "starts")):
        await db.row(
            f"UPDATE {table} SET series = $2 WHERE series = $1 AND {column} >= $3",  # noqa: S608  names of ours
            was["id"],
            id,
            shift["occurrence"],
        )
    return id


async def _rewrite(
    id: int, shift: dict[str, Any], series: SeriesDetails, scope: Literal["all", "later"], was: dict[str, Any]
) -> None:
    """The series as the form has it. Of all, the first start moves as this shift does; exceptions move with the rule."""
    moved = series.starts - shift["occurrence"]
    begins = was["begins"] + moved if scope == "all" else series.starts
    rule = series.rule
    if scope == "later" and rule == was["rule"]:
        rule = recurrence.goes_on_from(was["begins"], rule, shift["occurrence"])
    await db.row(
        """
        UPDATE shift_series SET place = $2, zone = $3, begins = $4, minutes = $5, rule = $6, skips_holidays = $7,
               minimum = $8, maximum = $9, note = $10, version = version + 1 WHERE id = $1
        """,
        id, series.place, await shifts.zone_of(was["opportunity"], series.place), begins, _minutes(series), rule,
        series.skips_holidays, series.minimum, series.maximum, series.note,
    )  # fmt: skip
    if moved:
        await db.row("UPDATE series_exceptions SET starts = starts + $2 WHERE series = $1", id, moved)


async def _apply(
    series: dict[str, Any], moved: timedelta, *, by: Actor, confirmed: bool, last_come_wait: bool
) -> None:
    """Bring the shifts that are to come to what the series says now, after its starts moved by `moved`."""
    standing = await db.rows(
        """
        SELECT id, occurrence, starts_at, ends_at, zone, place, taken, waiting, maximum FROM shifts
         WHERE series = $1 AND status = 'open' AND starts_at > $2 AND NOT differs ORDER BY id FOR UPDATE
        """,
        series["id"],
        days.now(),
    )
    standing.sort(key=lambda shift: shift["occurrence"])
    wanted = await _wanted(series, since=None)
    alone = {
        row["occurrence"].date()
        for row in await db.rows("SELECT occurrence FROM shifts WHERE series = $1 AND differs", series["id"])
    }
    wanted = [start for start in wanted if start.date() not in alone]
    pairs, gone, new = _match(standing, wanted, moved)
    await _let_go(gone, by=by, confirmed=confirmed)
    await _make_room(
        [shift for shift, _start in pairs], series["maximum"], by=by, last_come_wait=last_come_wait
    )
    await _move(series, pairs, by=by)
    await _add(series, new)
    await db.row("UPDATE shift_series SET made_until = $2 WHERE id = $1", series["id"], _made_until(series))
    for shift, _start in pairs:
        if shift["waiting"]:
            await waiting.fill(shift["id"])


def _match(
    standing: list[dict[str, Any]], wanted: list[datetime], moved: timedelta
) -> tuple[list[tuple[dict[str, Any], datetime]], list[dict[str, Any]], list[datetime]]:
    """Which shift becomes which start: that which lies `moved` from its own, else one of its day, else of its week.

    Returns the pairs, the shifts without a start and the starts without a shift.
    """
    pairs: list[tuple[dict[str, Any], datetime]] = []
    keys: tuple[Callable[[datetime], Any], ...] = (lambda start: start, datetime.date, _week)
    for key, by in zip(keys, (moved, timedelta(0), timedelta(0)), strict=True):
        free: dict[Any, list[datetime]] = {}
        for start in wanted:
            free.setdefault(key(start), []).append(start)
        found = [
            (shift, options.pop(0))
            for shift in standing
            if (options := free.get(key(shift["occurrence"] + by)))
        ]
        pairs += found
        taken = {shift["id"] for shift, _start in found}
        standing = [shift for shift in standing if shift["id"] not in taken]
        wanted = sorted(start for options in free.values() for start in options)
    return pairs, standing, wanted


def _week(start: datetime) -> tuple[int, int]:
    year, week, _weekday = start.isocalendar()
    return year, week


async def _let_go(gone: list[dict[str, Any]], *, by: Actor, confirmed: bool) -> None:
    with_people = [shift for shift in gone if shift["taken"] + shift["waiting"]]
    if with_people and not confirmed:
        raise LosesPeople(with_people)
    for shift in gone:
        await shifts.cancel_locked(shift["id"], reason=_("The series was changed."), by=by)


async def _make_room(
    standing: list[dict[str, Any]], maximum: int, *, by: Actor, last_come_wait: bool
) -> None:
    full = [shift for shift in standing if shift["taken"] > maximum]
    if full and not last_come_wait:
        raise shifts.TooManySignedUp(sum(shift["taken"] - maximum for shift in full), [])
    for shift in full:
        over = shift["taken"] - maximum
        chosen: list[int] = []
        for row in await db.rows(
            """
            SELECT id, size FROM signups WHERE shift = $1 AND status IN ('pending', 'confirmed', 'offered')
             ORDER BY created_at DESC, id DESC
            """,
            shift["id"],
        ):
            if over > 0:
                chosen.append(row["id"])
                over -= row["size"]
        await shifts.send_to_line(shift["id"], chosen, by=by)


async def _move(series: dict[str, Any], pairs: list[tuple[dict[str, Any], datetime]], *, by: Actor) -> None:
    """All of them in one statement, so that a shift can take the time that its neighbour had."""
    times = [_times(series, start) for _shift, start in pairs]
    async with clashes.said():
        # The old occurrences stand aside first: two shifts may exchange theirs.
        await db.row(
            "UPDATE shifts SET occurrence = occurrence - interval '1000 years' WHERE id = ANY ($1)",
            [shift["id"] for shift, _start in pairs],
        )
        await db.row(
            """
            UPDATE shifts s SET occurrence = t.occurrence, starts_at = t.starts_at, ends_at = t.ends_at, zone = $1,
                   place = $2, minimum = $3, maximum = $4, note = $5, version = version + 1,
                   sequence = sequence + ((s.starts_at, s.ends_at, s.place) IS DISTINCT FROM (t.starts_at, t.ends_at, $2))::int
              FROM unnest($6::int[], $7::timestamp[], $8::timestamptz[], $9::timestamptz[])
                   AS t (id, occurrence, starts_at, ends_at)
             WHERE s.id = t.id
            """,
            series["zone"], series["place"], series["minimum"], series["maximum"], series["note"],
            [shift["id"] for shift, _start in pairs], [start for _shift, start in pairs],
            [one[0] for one in times], [one[1] for one in times],
        )  # fmt: skip
    moved = [
        shift["id"]
        for (shift, _start), (starts_at, ends_at) in zip(pairs, times, strict=True)
        if (shift["starts_at"], shift["ends_at"], shift["place"]) != (starts_at, ends_at, series["place"])
    ]
    await shifts.after_moving(moved, by=by)


def _times(series: dict[str, Any], start: datetime) -> tuple[datetime, datetime]:
    zone = series["zone"]
    return days.at_wall_clock(start, zone), days.at_wall_clock(
        start + timedelta(minutes=series["minutes"]), zone
    )


def _minutes(series: SeriesDetails) -> int:
    return int((series.ends - series.starts).total_seconds()) // 60


def _horizon(now: datetime) -> date:
    return (now + HORIZON).date()


def _until(series: dict[str, Any]) -> date:
    """How far its shifts stand: an endless rule to the horizon, another to its end, ten years at most."""
    today = days.now().date()
    return _horizon(days.now()) if recurrence.is_endless(series["rule"]) else today + timedelta(days=3660)


def _made_until(series: dict[str, Any]) -> date | None:
    return _horizon(days.now()) if recurrence.is_endless(series["rule"]) else None
