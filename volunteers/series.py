"""Series: shifts that repeat by a rule, in the clock of their place.

Shifts of a series are rows like any other. A night's job makes those of endless series that came into sight
(`occurrences`); a change of many of them at once has a file of its own (`series_changes`).
"""

from datetime import datetime
from typing import Any

import msgspec

from kit import changes, days, db
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.words import _
from volunteers import occurrences, recurrence, shifts, waiting


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

    @property
    def minutes(self) -> int:
        """How long the clock goes on between the two; clocks that change meanwhile do not count."""
        return int((self.ends - self.starts).total_seconds()) // 60


async def create(series: SeriesDetails, *, by: Actor) -> int:
    """Plan a series with its shifts; returns its id. Raises recurrence.NotARule, shifts.WrongTimes."""
    recurrence.check(series.starts, series.rule)
    async with db.tx():
        zone = await shifts.zone_of(series.opportunity, series.place)
        shifts.moments(series.starts, series.ends, zone)
        id = await insert(series, zone)
        made = await occurrences.make(await lock(id))
        if not made:
            raise recurrence.NotARule(_("Every day that this rule names is a closed day or past."))
        await changes.note(
            "series.made",
            "series",
            id,
            by=by,
            after={**said(series.starts, series), "shifts": made},
        )
        return id


async def end(shift_id: int, *, reason: str, by: Actor) -> int:
    """Cancel a shift of a series and all later ones; returns how many. The rule ends before it."""
    async with db.tx():
        was, shift = await lock_with(shift_id)
        await end_before(was, shift)
        await db.row(
            "DELETE FROM series_exceptions WHERE series = $1 AND starts >= $2", was["id"], shift["occurrence"]
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
        ended = {"from": clock(shift["occurrence"]), "shifts": len(ahead)}
        await changes.note("series.ended", "series", was["id"], by=by, after=ended)
        return len(ahead)


class NotPutBack(Refused):
    """A series makes only dates that its rule names, that are to come, and on which it does not stay closed."""


async def put_back(series_id: int, starts: datetime, *, by: Actor) -> None:
    """A date that was skipped has its shift again; who was told that it is cancelled has to sign up anew. Twice is once.

    Raises NotPutBack.
    """
    async with db.tx():
        row = await lock(series_id)
        skipped = await db.value(
            "DELETE FROM series_exceptions WHERE series = $1 AND starts = $2 RETURNING id", series_id, starts
        )
        if skipped is None:
            return
        if starts not in await occurrences.wanted(row):
            raise NotPutBack(_why_not(row, starts))
        # The cancelled shift stays for the people who were on it; it only stands aside.
        await db.row(
            "UPDATE shifts SET series = NULL, occurrence = NULL WHERE series = $1 AND occurrence = $2 AND status = 'cancelled'",
            series_id,
            starts,
        )
        await occurrences.make(row)
        await changes.note("series.date_put_back", "series", series_id, by=by, after={"date": clock(starts)})


def _why_not(row: dict[str, Any], starts: datetime) -> str:
    if starts < days.wall_clock(days.now(), row["zone"]):
        return _("This date is over, so no shift can stand there again.")
    if not recurrence.names(row["begins"], row["rule"], starts):
        return _("The series has changed meanwhile and has no shift then any more. Plan one by itself.")
    return _(
        "That day is closed, and this series leaves closed days out. Plan a shift by itself, or open the day."
    )


async def lengthen() -> int:
    """Make the shifts of endless series for the days that came into sight; returns how many. For every night."""
    made = 0
    for id in await occurrences.behind():
        async with db.tx():
            made += await occurrences.make(await lock(id))
    return made


async def count(series_id: int) -> int:
    """How many shifts of a series stand."""
    return await db.value("SELECT count(*) FROM shifts WHERE series = $1 AND status = 'open'", series_id)


async def of_opportunity(opportunity_id: int) -> list[dict[str, Any]]:
    """The series of a role that have shifts to come or dates to put back: the row with `ahead`, `next_shift` (an id, or
    None) and `skipped`, the starts to come that are left out by hand, by wall clock, where the rule still names them.
    """
    found = await db.rows(
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
    for row in found:
        row["skipped"] = [
            start for start in row["skipped"] or [] if recurrence.names(row["begins"], row["rule"], start)
        ]
    return [row for row in found if row["ahead"] or row["skipped"]]


async def numbers_of(opportunity_id: int) -> list[int]:
    """The ids of all series of a role, also of those that have ended."""
    found = await db.rows("SELECT id FROM shift_series WHERE opportunity = $1 ORDER BY id", opportunity_id)
    return [row["id"] for row in found]


def said(begins: datetime, series: SeriesDetails) -> dict[str, Any]:
    """A series as its history tells it."""
    hours, minutes = divmod(series.minutes, 60)
    return {
        "repeats": recurrence.in_words(series.rule),
        "begins": clock(begins),
        "lasts": f"{hours}:{minutes:02} h",
        "minimum": series.minimum,
        "maximum": series.maximum,
        "note": series.note,
    }


def clock(wall: datetime) -> str:
    """A start as its history tells it, by the clock of its place."""
    return f"{wall:%a} {wall.day} {wall:%b %Y, %H:%M}"


async def get(series_id: int) -> dict[str, Any]:
    """One series; raises NotFound."""
    found = (
        await db.row("SELECT * FROM shift_series WHERE id = $1", series_id) if 0 < series_id < 2**31 else None
    )
    if found is None:
        raise NotFound(f"series {series_id}")
    return found


async def lock(series_id: int) -> dict[str, Any]:
    """A series of which nobody else changes a shift until the end of this transaction; raises NotFound."""
    found = await db.row("SELECT * FROM shift_series WHERE id = $1 FOR NO KEY UPDATE", series_id)
    if found is None:
        raise NotFound(f"series {series_id}")
    return found


async def lock_with(shift_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The series of a shift, then the shift: whoever locks several shifts of a series has its row first."""
    series_id = (await shifts.get(shift_id))["series"]
    if series_id is None:
        raise Refused(_("This shift stands alone: it is of no series."))
    return await lock(series_id), await waiting.lock_shift(shift_id)


async def insert(series: SeriesDetails, zone: str) -> int:
    """The row alone, without shifts."""
    return await db.value(
        """
        INSERT INTO shift_series (opportunity, place, zone, begins, minutes, rule, skips_holidays, minimum, maximum, note)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id
        """,
        series.opportunity, series.place, zone, series.starts, series.minutes, series.rule, series.skips_holidays,
        series.minimum, series.maximum, series.note,
    )  # fmt: skip


async def end_before(series: dict[str, Any], shift: dict[str, Any]) -> None:
    """The rule names this shift and the later ones no more; what stands of them is the caller's."""
    rule = recurrence.ends_before(series["begins"], series["rule"], shift["occurrence"])
    await db.row("UPDATE shift_series SET rule = $2, version = version + 1 WHERE id = $1", series["id"], rule)
