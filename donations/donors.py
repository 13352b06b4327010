"""Whose gift is it: finding the donor while a gift is typed."""

from typing import Any

from constituents import search
from kit import db

MOST = 8


async def matching(typed: str, *, home: str = "US") -> list[dict[str, Any]]:
    """The likeliest donors for what was typed, best first, with what tells two of one name apart.

    A household gives through its members, yet is listed: some sources name no person. Archived ones come last.
    """
    if not typed.strip():
        return []
    found = await search.find(typed, home=home)
    best = sorted(found.ids, key=lambda id: (found.ranks[id], id))[: MOST * 3]
    brief = await search.brief(best)
    lately = {
        row["constituent"]: row
        for row in await db.rows(
            "SELECT DISTINCT ON (constituent) constituent, last_on, last_amount, currency FROM giving_totals"
            " WHERE constituent = ANY ($1) ORDER BY constituent, last_on DESC NULLS LAST",
            best,
        )
    }
    people = [{**brief[id], "last": lately.get(id)} for id in best if id in brief]
    people.sort(
        key=lambda who: (who["archived_at"] is not None, found.ranks[who["id"]], who["sort_key"], who["id"])
    )
    return people[:MOST]


async def chosen(donor: int | None) -> dict[str, Any] | None:
    """The donor that a form names, as a line of results shows them; None when there is none of that number."""
    if donor is None:
        return None
    return (await search.brief([donor])).get(donor)
