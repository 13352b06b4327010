"""Hours counted: by person, programme, funder or month, and what they are worth by a stated rate.

What an hour is worth is said from a day on, with who says so; each entry counts by the rate of its own day, rounded
to the minor unit by itself, so that the parts of a sum are the sum.
"""

from datetime import date
from typing import Any

from kit import changes, db
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.words import _
from volunteers import hour_lists
from volunteers.hour_lists import Filter

# What each line is called, and what leads to the rows behind it.
BY = {
    "programme": ("p.name", "h.programme::text"),
    "funder": ("p.funder", "CASE WHEN p.funder = '' THEN '-' ELSE p.funder END"),
    "month": ("to_char(h.day, 'YYYY-MM')", "to_char(h.day, 'YYYY-MM')"),
    "person": ("c.name", "h.constituent::text"),
}
MOST = 500


class NoRate(Refused):
    """A rate has an amount, a day and a source."""


async def totals(
    by: str, wanted: Filter, seen: list[int] | None, *, currency: str, limit: int = MOST
) -> list[dict[str, Any]]:
    """Minutes of the wanted hours, most first (months in order): name, key, minutes, people, times, worth (None: no rate),
    and `unrated` minutes of days before any rate.
    """
    name, key = BY[by]
    order = "key" if by == "month" else "minutes DESC, name, key"
    return await db.rows(
        f"""
        {_RATES}
        SELECT {name} AS name, {key} AS key, {_SUMS}
          FROM hours h JOIN programmes p ON p.id = h.programme JOIN constituents c ON c.id = h.constituent {_RATED}
         WHERE {hour_lists.WHERE} GROUP BY 1, 2 ORDER BY {order} LIMIT $10
        """,  # noqa: S608  words of ours
        *hour_lists.values_of(wanted, seen),
        currency,
        limit,
    )


async def total(wanted: Filter, seen: list[int] | None, *, currency: str) -> dict[str, Any]:
    """All of the wanted hours in one: minutes, people, times, worth, and `unrated` minutes of days before any rate."""
    found = await db.row(
        f"""
        {_RATES}
        SELECT {_SUMS}
          FROM hours h JOIN programmes p ON p.id = h.programme {_RATED} WHERE {hour_lists.WHERE}
        """,  # noqa: S608  words of ours
        *hour_lists.values_of(wanted, seen),
        currency,
    )
    assert found is not None
    return {**found, "minutes": found["minutes"] or 0}


async def rates(currency: str, first: date, last: date) -> list[dict[str, Any]]:
    """The rates that count between two days, newest first: from_day, amount (minor units an hour), source."""
    return await db.rows(
        """
        SELECT * FROM hour_values
         WHERE currency = $1 AND from_day <= $3
           AND from_day >= coalesce((SELECT max(from_day) FROM hour_values WHERE currency = $1 AND from_day <= $2), $2)
      ORDER BY from_day DESC
        """,
        currency,
        first,
        last,
    )


async def all_rates() -> list[dict[str, Any]]:
    """Every rate, newest first."""
    return await db.rows("SELECT * FROM hour_values ORDER BY from_day DESC")


async def say_value(from_day: date, amount: int, currency: str, source: str, *, by: Actor) -> None:
    """An hour is worth `amount` (minor units) from a day on, and who says so. The same day again is put right."""
    if amount <= 0 or not source.strip():
        raise NoRate(_("Say what an hour is worth, and who says so."))
    async with db.tx():
        was = await db.row("SELECT amount, source FROM hour_values WHERE from_day = $1 FOR UPDATE", from_day)
        id = await db.value(
            """
            INSERT INTO hour_values (from_day, amount, currency, source) VALUES ($1, $2, $3, $4)
            ON CONFLICT (from_day) DO UPDATE SET amount = excluded.amount, currency = excluded.currency, source = excluded.source
            RETURNING id
            """,
            from_day, amount, currency, source.strip()[:300],
        )  # fmt: skip
        await changes.note(
            "hour_value.said", "hour_value", id, by=by, before=was,
            after={"from": from_day, "amount": amount, "source": source},
        )  # fmt: skip


async def forget_value(value_id: int, *, by: Actor) -> None:
    """A rate that was a mistake: what counted by it counts by the one before. Raises NotFound."""
    async with db.tx():
        gone = await db.row(
            "DELETE FROM hour_values WHERE id = $1 RETURNING from_day, amount, source", value_id
        )
        if gone is None:
            raise NotFound(f"hour value {value_id}")
        await changes.note("hour_value.forgotten", "hour_value", value_id, by=by, before=gone)


async def name_of(constituent: int) -> str | None:
    """A person's name; None for nobody."""
    return await db.value("SELECT name FROM constituents WHERE id = $1", constituent)


_RATES = """
    WITH rates AS (SELECT from_day, lead(from_day) OVER (ORDER BY from_day) AS until, amount
                     FROM hour_values WHERE currency = $9)
"""
_RATED = "LEFT JOIN rates r ON h.day >= r.from_day AND (r.until IS NULL OR h.day < r.until)"
_SUMS = """
    sum(h.minutes)::bigint AS minutes, count(DISTINCT h.constituent)::int AS people, count(*)::int AS times,
    sum((h.minutes * r.amount + 30) / 60)::bigint AS worth,
    coalesce(sum(h.minutes) FILTER (WHERE r.amount IS NULL), 0)::bigint AS unrated
"""
