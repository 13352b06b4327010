"""Days on which a series has no shift: the country's public holidays, and the days that the organisation is closed."""

from datetime import date
from typing import Any

import holidays as public_holidays

from kit import changes, db
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


async def all_of_them() -> list[dict[str, Any]]:
    """The organisation's own closed days, latest first."""
    return await db.rows("SELECT id, day, name FROM closed_days ORDER BY day DESC")


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
