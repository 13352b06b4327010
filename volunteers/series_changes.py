"""Changes of a series: of "this and later", or of all that is to come, in one transaction: all of it or nothing.

A change of "this and later" ends the series before this shift and begins a new one with it. A change of all leaves what
was, and what was changed by itself, alone; both keep their turn in the series all the same: a rule of four makes four.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from kit import changes, days, db
from kit.changes import Actor
from kit.errors import Conflict, Refused
from kit.words import _
from volunteers import clashes, occurrences, recurrence, series, shifts, waiting
from volunteers.series import SeriesDetails

Scope = Literal["later", "all"]
# Where a start of the series goes.
Goes = Callable[[datetime], datetime]
# No start goes further than another of its week, and a turn of the clock.
_APART = timedelta(days=8)


class LosesPeople(Refused):
    """The change would cancel shifts that people signed up for; asked once, with how many.

    `shifts` are the rows that would be cancelled: id, starts_at, zone, taken, waiting.
    """

    def __init__(self, shifts: list[dict[str, Any]]) -> None:
        people = sum(shift["taken"] + shift["waiting"] for shift in shifts)
        super().__init__(
            _(
                "Shifts that this takes away: {count}. People who signed up for them: {people}; they would be told that it is cancelled.",
                count=len(shifts),
                people=people,
            )
        )
        self.shifts = shifts


async def change(
    shift_id: int,
    scope: Scope,
    wanted: SeriesDetails,
    *,
    by: Actor,
    version: int | None = None,
    confirmed: bool = False,
    last_come_wait: bool = False,
) -> int:
    """Change the shifts of a series from one of them on ("later"), or all that are to come ("all"); returns the id of
    the series that they are of now.

    `starts` and `ends` are what this shift is to have; the others follow by the rule. Shifts that the new rule no longer
    names are cancelled; if people signed up for one, that is asked first (LosesPeople) unless `confirmed`. A shift that
    was changed by itself before stays as it is, unless it is the one that the change begins from. Where the
    maximum is cut below what is taken, `last_come_wait` sends the last to sign up to the front of the line; without it,
    shifts.TooManySignedUp. `version` is that of the shift as it was seen: what was changed since, by itself or with its
    series, raises Conflict. Raises clashes.Clash: then nothing has changed.
    """
    recurrence.check(wanted.starts, wanted.rule)
    async with db.tx():
        await waiting.change_timetable()
        was, shift = await series.lock_with(shift_id)
        if version not in (None, shift["version"]):
            raise Conflict(_("Somebody else changed this shift meanwhile. Look at it again before you save."))
        if shift["status"] != "open":
            raise Refused(_("This shift is cancelled. Plan a new one."))
        begins_with_it = shift["occurrence"] <= was["begins"]
        scope = "all" if begins_with_it else scope
        id = was["id"] if scope == "all" else await _split(was, shift, wanted)
        await _rewrite(id, was, shift, wanted, scope)
        row = await series.lock(id)
        goes = recurrence.follows(was["rule"], wanted.rule, shift["occurrence"], wanted.starts)
        turns = await _turns(row, shift_id, goes)
        await _apply(row, turns, goes, by=by, confirmed=confirmed, last_come_wait=last_come_wait)
        await changes.note(
            "series.changed", "series", id, by=by,
            before=series.said(was["begins"], _details(was)),
            after=series.said(row["begins"], wanted) | {"from": series.clock(shift["occurrence"])},
        )  # fmt: skip
        return id


def _details(row: dict[str, Any]) -> SeriesDetails:
    return SeriesDetails(
        opportunity=row["opportunity"], starts=row["begins"], ends=row["begins"] + timedelta(minutes=row["minutes"]),
        rule=row["rule"], minimum=row["minimum"], maximum=row["maximum"], place=row["place"], note=row["note"],
    )  # fmt: skip


async def _split(was: dict[str, Any], shift: dict[str, Any], wanted: SeriesDetails) -> int:
    """End a series before a shift; a new one has this shift and the later ones."""
    id = await series.insert(wanted, await shifts.zone_of(was["opportunity"], wanted.place))
    await series.end_before(was, shift)
    for table, column in (("shifts", "occurrence"), ("series_exceptions", "starts")):
        await db.row(
            f"UPDATE {table} SET series = $2 WHERE series = $1 AND {column} >= $3",  # noqa: S608  names of ours
            was["id"],
            id,
            shift["occurrence"],
        )
    return id


async def _rewrite(
    id: int, was: dict[str, Any], shift: dict[str, Any], wanted: SeriesDetails, scope: Scope
) -> None:
    """The series as the form has it. Of all, it begins with the first of its starts, where they go; exceptions go with
    the rule.
    """
    goes = recurrence.follows(was["rule"], wanted.rule, shift["occurrence"], wanted.starts)
    first_week = recurrence.first_starts(was["begins"], was["rule"], 7)
    begins = min(map(goes, first_week)) if scope == "all" else wanted.starts
    rule = wanted.rule
    if scope == "later":
        rule = recurrence.goes_on_from(was["begins"], was["rule"], shift["occurrence"], wanted.rule)
    await db.row(
        """
        UPDATE shift_series SET place = $2, zone = $3, begins = $4, minutes = $5, rule = $6, skips_holidays = $7,
               minimum = $8, maximum = $9, note = $10, version = version + 1 WHERE id = $1
        """,
        id, wanted.place, await shifts.zone_of(was["opportunity"], wanted.place), begins, wanted.minutes, rule,
        wanted.skips_holidays, wanted.minimum, wanted.maximum, wanted.note,
    )  # fmt: skip
    await _move_exceptions(id, goes)


async def _move_exceptions(series_id: int, goes: Goes) -> None:
    """All of them aside first: one may take the start of the next."""
    found = await db.rows("DELETE FROM series_exceptions WHERE series = $1 RETURNING starts", series_id)
    await db.row(
        "INSERT INTO series_exceptions (series, starts) SELECT $1, unnest($2::timestamp[]) ON CONFLICT DO NOTHING",
        series_id,
        [goes(row["starts"]) for row in found],
    )


async def _apply(
    row: dict[str, Any],
    turns: list[dict[str, Any]],
    goes: Goes,
    *,
    by: Actor,
    confirmed: bool,
    last_come_wait: bool,
) -> None:
    """Bring the shifts that are to come to what the series says now."""
    pairs, left, new = _match(turns, await occurrences.wanted(row), goes)
    await _let_go([shift for shift in left if shift["follows"]], by=by, confirmed=confirmed)
    await _stand_aside(row["id"], left, [start for _shift, start in pairs] + new)
    stay = [shift for shift, _start in pairs if shift["follows"]]
    await _make_room(stay, row["maximum"], by=by, last_come_wait=last_come_wait)
    await _move(row, pairs, by=by)
    await occurrences.add(row, new)
    await occurrences.stand(row)
    for shift in stay:
        if shift["waiting"]:
            await waiting.fill(shift["id"])


async def _turns(row: dict[str, Any], begins_from: int, goes: Goes) -> list[dict[str, Any]]:
    """The shifts that have a turn in what is to come, by occurrence; locked by id, like everywhere.

    Those that `follow` a change are to come and not changed by themselves. The others keep their times, and their turn:
    what is `over` too, where its turn would come back.
    """
    now = days.now()
    wall = days.wall_clock(now, row["zone"])
    found = await db.rows(
        """
        SELECT id, occurrence, starts_at, ends_at, zone, place, taken, waiting, maximum,
               starts_at > $2 AND (NOT differs OR id = $5) AS follows, starts_at <= $2 AND occurrence <= $3 AS over
          FROM shifts
         WHERE series = $1 AND status = 'open' AND (starts_at > $2 OR occurrence > $3 OR occurrence > $4)
         ORDER BY id FOR UPDATE
        """,
        row["id"], now, wall, wall - (goes(wall) - wall) - _APART, begins_from,
    )  # fmt: skip
    turns = [shift for shift in found if not shift["over"] or goes(shift["occurrence"]) > wall]
    return sorted(turns, key=lambda shift: shift["occurrence"])


def _match(
    turns: list[dict[str, Any]], wanted: list[datetime], goes: Goes
) -> tuple[list[tuple[dict[str, Any], datetime]], list[dict[str, Any]], list[datetime]]:
    """Which shift becomes which start: that to which its own goes, else one of its day, else of its week; what is over
    only has the first of these.

    Returns the pairs, the shifts without a start and the starts without a shift.
    """
    pairs: list[tuple[dict[str, Any], datetime]] = []
    ways: tuple[tuple[Callable[[datetime], Any], Callable[[datetime], Any]], ...] = (
        (_itself, goes),
        (datetime.date, datetime.date),
        (_week, _week),
    )
    left, asking = turns, turns
    for key, of_shift in ways:
        free: dict[Any, list[datetime]] = {}
        for start in wanted:
            free.setdefault(key(start), []).append(start)
        found = [
            (shift, options.pop(0))
            for shift in asking
            if (options := free.get(of_shift(shift["occurrence"])))
        ]
        pairs += found
        taken = {shift["id"] for shift, _start in found}
        left = [shift for shift in left if shift["id"] not in taken]
        asking = [shift for shift in left if not shift["over"]]
        wanted = sorted(start for options in free.values() for start in options)
    return pairs, left, wanted


def _itself(start: datetime) -> datetime:
    return start


def _week(start: datetime) -> tuple[int, int]:
    year, week, _weekday = start.isocalendar()
    return year, week


async def _let_go(gone: list[dict[str, Any]], *, by: Actor, confirmed: bool) -> None:
    with_people = [shift for shift in gone if shift["taken"] + shift["waiting"]]
    if with_people and not confirmed:
        raise LosesPeople(with_people)
    for shift in gone:
        await shifts.cancel_locked(shift["id"], reason=_("The series was changed."), by=by)


async def _stand_aside(series_id: int, left: list[dict[str, Any]], starts: list[datetime]) -> None:
    """What has lost its turn leaves the series where another shift has its start now: what is cancelled, and stays for
    the people who were on it, and what was changed by itself.
    """
    await db.row(
        """
        UPDATE shifts SET series = NULL, occurrence = NULL, differs = false
         WHERE series = $1 AND (status = 'cancelled' OR id = ANY ($2)) AND occurrence = ANY ($3::timestamp[])
        """,
        series_id,
        [shift["id"] for shift in left],
        starts,
    )


async def _make_room(
    standing: list[dict[str, Any]], maximum: int, *, by: Actor, last_come_wait: bool
) -> None:
    full = [shift for shift in standing if shift["taken"] > maximum]
    if full and not last_come_wait:
        raise shifts.TooManySignedUp(sum(shift["taken"] - maximum for shift in full), [])
    for shift in full:
        last = await _last_to_sign_up(shift["id"], shift["taken"] - maximum)
        await shifts.send_to_line(shift["id"], last, by=by)


async def _last_to_sign_up(shift_id: int, people: int) -> list[int]:
    """The sign-ups of a shift, the latest first, until they are at least so many people."""
    chosen: list[int] = []
    for row in await db.rows(
        """
        SELECT id, size FROM signups WHERE shift = $1 AND status IN ('pending', 'confirmed', 'offered')
         ORDER BY created_at DESC, id DESC
        """,
        shift_id,
    ):
        if people > 0:
            chosen.append(row["id"])
            people -= row["size"]
    return chosen


async def _move(row: dict[str, Any], pairs: list[tuple[dict[str, Any], datetime]], *, by: Actor) -> None:
    """All of them at once, so that a shift can take the time that its neighbour had. The turns stand aside first: two
    shifts may exchange theirs.
    """
    await db.row(
        "UPDATE shifts SET occurrence = occurrence - interval '1000 years' WHERE id = ANY ($1)",
        [shift["id"] for shift, _start in pairs],
    )
    following = [(shift, start) for shift, start in pairs if shift["follows"]]
    times = [occurrences.moments(row, start) for _shift, start in following]
    await db.row(
        "UPDATE shifts s SET occurrence = t.occurrence FROM unnest($1::int[], $2::timestamp[]) AS t (id, occurrence) WHERE s.id = t.id",
        [shift["id"] for shift, _start in pairs],
        [start for _shift, start in pairs],
    )
    async with clashes.said():
        await db.row(
            """
            UPDATE shifts s SET starts_at = t.starts_at, ends_at = t.ends_at, zone = $1, place = $2, minimum = $3,
                   maximum = $4, note = $5, differs = false, version = version + 1,
                   sequence = sequence + ((s.starts_at, s.ends_at, s.place) IS DISTINCT FROM (t.starts_at, t.ends_at, $2))::int
              FROM unnest($6::int[], $7::timestamptz[], $8::timestamptz[]) AS t (id, starts_at, ends_at)
             WHERE s.id = t.id
            """,
            row["zone"], row["place"], row["minimum"], row["maximum"], row["note"],
            [shift["id"] for shift, _start in following],
            [starts for starts, _ends in times], [ends for _starts, ends in times],
        )  # fmt: skip
    moved = [
        shift["id"]
        for (shift, _start), (starts_at, ends_at) in zip(following, times, strict=True)
        if (shift["starts_at"], shift["ends_at"], shift["place"]) != (starts_at, ends_at, row["place"])
    ]
    await shifts.after_moving(moved, by=by)
