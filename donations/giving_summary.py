"""What one constituent gave: figures, years, latest gifts, pledges and soft credits, from the tables that triggers keep."""

from typing import Any

import msgspec

from kit import days, db


class Year(msgspec.Struct):
    """One fiscal year of giving; hard and soft stand apart."""

    year: int
    hard: int = 0
    soft: int = 0
    gifts: int = 0


class Summary(msgspec.Struct):
    """Giving in one currency, with its years (those without giving between the first and this one are there)."""

    currency: str
    totals: dict[str, Any]
    years: list[Year]
    this_year: Year
    last_year: Year


async def of(constituent: int, *, zone: str, fiscal_year_start: int, years: int = 8) -> list[Summary]:
    """One summary per currency, the largest first; none for whoever never gave."""
    totals = await db.rows(
        "SELECT * FROM giving_totals WHERE constituent = $1 ORDER BY hard_total DESC, soft_total DESC, currency",
        constituent,
    )
    by_year = await db.rows("SELECT * FROM giving_years WHERE constituent = $1 ORDER BY year", constituent)
    now = days.fiscal_year(days.today(zone), fiscal_year_start)
    return [
        _summary(row, [year for year in by_year if year["currency"] == row["currency"]], now, years)
        for row in totals
    ]


def _summary(totals: dict[str, Any], by_year: list[dict[str, Any]], now: int, most: int) -> Summary:
    known = {
        row["year"]: Year(row["year"], row["hard_total"], row["soft_total"], row["hard_count"])
        for row in by_year
    }
    first = max(min(known, default=now), now - most + 1)
    shown = [known.get(year, Year(year)) for year in range(min(first, now), now + 1)]
    return Summary(
        totals["currency"], totals, shown, known.get(now, Year(now)), known.get(now - 1, Year(now - 1))
    )


class Household(msgspec.Struct):
    """What a household gave in one currency: its own gifts, and its members' of the days that they were in it."""

    currency: str
    total: int
    gifts: int
    givers: list[dict[str, Any]]


async def of_household(household: int) -> list[Household]:
    """Money only, each gift once; soft credit is another matter. Each giver has `id`, `name`, `total` and `gifts`."""
    rows = await db.rows(
        """
        SELECT g.currency, c.id, c.name, sum(g.amount - g.refunded_amount)::bigint AS total, count(*) AS gifts
          FROM gifts g JOIN constituents c ON c.id = g.donor
         WHERE g.donor IN (SELECT person FROM memberships WHERE household = $1 UNION ALL SELECT $1)
           AND g.status IN ('settled', 'partly_refunded') AND g.kind NOT IN ('in_kind', 'vehicle')
           AND (g.donor = $1 OR EXISTS (SELECT FROM memberships m WHERE m.household = $1 AND m.person = g.donor
                                           AND daterange(m.from_day, m.until_day) @> g.given_on))
      GROUP BY g.currency, c.id, c.name, c.sort_key ORDER BY 4 DESC, c.sort_key, c.id
        """,
        household,
    )
    found: dict[str, Household] = {}
    for row in rows:
        whole = found.setdefault(row["currency"], Household(row["currency"], 0, 0, []))
        whole.total += row["total"]
        whole.gifts += row["gifts"]
        whole.givers.append(row)
    return sorted(found.values(), key=lambda whole: (-whole.total, whole.currency))


async def latest(constituent: int, limit: int = 5) -> list[dict[str, Any]]:
    """The latest gifts of a donor, whatever became of them."""
    return await db.rows(
        """
        SELECT g.id, g.given_on, g.amount, g.refunded_amount, g.currency, g.kind, g.method, g.status, g.thanked_at,
               g.in_kind_description,
               (SELECT string_agg(f.name, ', ' ORDER BY s.amount DESC, s.id) FROM gift_splits s
                  JOIN funds f ON f.id = s.fund WHERE s.gift = g.id) AS funds
          FROM gifts g WHERE g.donor = $1
      ORDER BY g.given_on DESC, g.id DESC LIMIT $2
        """,
        constituent,
        limit,
    )


async def pledges(constituent: int) -> list[dict[str, Any]]:
    """A constituent's pledges, open ones first, each with its fund or campaign and what is still open."""
    return await db.rows(
        """
        SELECT p.*, p.amount - p.paid_amount AS still_open, f.name AS fund_name, c.name AS campaign_name
          FROM pledges p LEFT JOIN funds f ON f.id = p.fund LEFT JOIN campaigns c ON c.id = p.campaign
         WHERE p.donor = $1
      ORDER BY p.status <> 'open', p.due_on NULLS LAST, p.pledged_on DESC NULLS LAST, p.id LIMIT 50
        """,
        constituent,
    )
