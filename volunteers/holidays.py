"""Days on which a series has no shift: the country's public holidays, and the days that the organisation is closed."""

from datetime import date, timedelta
from typing import Any

import holidays as public_holidays

from kit import changes, days, db
from kit.changes import Actor
from staff import organisation


async def between(first: date, last: date) -> set[date]:
    """The closed days from `first` until `last`, both counted."""
    return set(await named_between(first, last))


async def named_between(first: date, last: date) -> dict[date, str]:
    """The closed days with their names; the organisation's own name wins."""
    ours = await organisation.needed()
    return {
        **_public(ours["country"], ours["region"], first, last),
        **{
            row["day"]: row["name"]
            for row in await db.rows(
                "SELECT day, name FROM closed_days WHERE day BETWEEN $1 AND $2 ORDER BY day", first, last
            )
        },
    }


async def close(day: date, name: str, *, by: Actor) -> None:
    """The organisation is closed on a day. Saying it again gives it another name."""
    async with db.tx():
        id = await db.value(
            "INSERT INTO closed_days (day, name) VALUES ($1, $2) ON CONFLICT (day) DO UPDATE SET name = excluded.name RETURNING id",
            day,
            name,
        )
        await changes.note("closed_day.made", "closed_day", id, by=by, after={"day": day, "name": name})


async def open_again(closed_day_id: int, *, by: Actor) -> None:
    """The organisation is open on that day after all."""
    async with db.tx():
        day = await db.value("DELETE FROM closed_days WHERE id = $1 RETURNING day", closed_day_id)
        if day is not None:
            await changes.note("closed_day.removed", "closed_day", closed_day_id, by=by, before={"day": day})


async def close_all(first: date, last: date, name: str, *, by: Actor) -> int:
    """Closed from one day to another, both counted; returns how many days."""
    async with db.tx():
        closed = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        for day in closed:
            await close(day, name, by=by)
        return len(closed)


async def ahead(first: date, last: date, *, seen: list[int] | None) -> list[dict[str, Any]]:
    """Public holidays and closed days by day: `day`, `name`, `id` (None for a public holiday) and `shifts`, how many
    stand there all the same in the programmes that one sees (None: all).
    """
    own = {
        row["day"]: row
        for row in await db.rows(
            "SELECT id, day, name FROM closed_days WHERE day BETWEEN $1 AND $2", first, last
        )
    }
    named = await named_between(first, last)
    standing = await _standing_on(list(named), seen)
    return [
        {
            "day": day,
            "name": name,
            "id": own[day]["id"] if day in own else None,
            "shifts": standing.get(day, 0),
        }
        for day, name in sorted(named.items())
    ]


async def _standing_on(closed: list[date], seen: list[int] | None) -> dict[date, int]:
    found = await db.rows(
        """
        SELECT (s.starts_at AT TIME ZONE s.zone)::date AS day, count(*) AS shifts
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity
         WHERE s.status = 'open' AND s.starts_at > $3 AND (s.starts_at AT TIME ZONE s.zone)::date = ANY ($1::date[])
           AND ($2::int[] IS NULL OR o.programme = ANY ($2))
      GROUP BY day
        """,
        closed,
        seen,
        days.now(),
    )
    return {row["day"]: row["shifts"] for row in found}


def _public(country: str, region: str, first: date, last: date) -> dict[date, str]:
    years = range(first.year, last.year + 1)
    try:
        known = public_holidays.country_holidays(country, subdiv=region or None, years=years)
    except NotImplementedError:  # a region, or a country, that the library does not know
        try:
            known = public_holidays.country_holidays(country, years=years)
        except NotImplementedError:
            return {}
    return {day: name for day, name in known.items() if first <= day <= last}
