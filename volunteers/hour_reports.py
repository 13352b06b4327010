"""Hours counted: by person, programme, funder or month, and what they are worth by a stated rate."""

from datetime import date
from typing import Any

from kit import changes, db
from kit.changes import Actor

BY = {
    "programme": "p.name",
    "funder": "CASE WHEN p.funder = '' THEN '–' ELSE p.funder END",
    "month": "to_char(h.day, 'YYYY-MM')",
    "person": "c.name",
}


async def totals(by: str, first: date, last: date, seen: list[int] | None) -> list[dict[str, Any]]:
    """Approved minutes between two days, most first (months in order): name, id (of a person), minutes, people, times."""
    what = BY.get(by, BY["programme"])
    order = "1" if by == "month" else "minutes DESC, 1"
    return await db.rows(
        f"""
        SELECT {what} AS name, {"h.constituent" if by == "person" else "NULL::int"} AS id, sum(h.minutes)::bigint AS minutes,
               count(DISTINCT h.constituent)::int AS people, count(*)::int AS times
          FROM hours h JOIN programmes p ON p.id = h.programme JOIN constituents c ON c.id = h.constituent
         WHERE h.status = 'approved' AND h.day BETWEEN $1 AND $2 AND ($3::int[] IS NULL OR h.programme = ANY ($3))
      GROUP BY 1, 2 ORDER BY {order} LIMIT 1000
        """,  # noqa: S608  words of ours
        first,
        last,
        seen,
    )


async def value_on(day: date) -> dict[str, Any] | None:
    """What an hour is worth on a day: amount (minor units), currency, source, from_day; None when nobody said so."""
    return await db.row("SELECT * FROM hour_values WHERE from_day <= $1 ORDER BY from_day DESC LIMIT 1", day)


async def say_value(from_day: date, amount: int, currency: str, source: str, *, by: Actor) -> None:
    """An hour is worth so much from a day on, and who says so."""
    async with db.tx():
        id = await db.value(
            """
            INSERT INTO hour_values (from_day, amount, currency, source) VALUES ($1, $2, $3, $4)
            ON CONFLICT (from_day) DO UPDATE SET amount = excluded.amount, currency = excluded.currency, source = excluded.source
            RETURNING id
            """,
            from_day, amount, currency, source,
        )  # fmt: skip
        await changes.note(
            "hour_value.said", "hour_value", id, by=by, after={"amount": amount, "source": source}
        )


async def name_of(constituent: int) -> str | None:
    """A person's name; None for nobody."""
    return await db.value("SELECT name FROM constituents WHERE id = $1", constituent)
