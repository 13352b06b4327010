"""The timeline: one line per thing that happened with a constituent, written by the verb that made it happen.

A line holds values, never a sentence: title, detail, amount, where to read on, and the permission that may see it.
"""

from datetime import date
from typing import Any

import msgspec

from constituents import narrowing
from kit import days, db

# The chips above a timeline: which kinds of line each shows.
FILTERS: dict[str, tuple[str, ...]] = {
    "gifts": ("gift", "refund", "pledge", "soft_credit"),
    "volunteering": ("shift", "hours", "volunteer"),
    "receipts": ("receipt", "letter"),
    "notes": ("note", "call", "contact", "task"),
}
PAGE = 20


async def write(
    constituent: int,
    kind: str,
    source_id: int,
    *,
    happened_on: date,
    title: str,
    detail: str = "",
    amount: int | None = None,
    currency: str | None = None,
    status: str = "",
    route: str = "",
    route_id: int | None = None,
    permission: str = "constituents.read",
) -> None:
    """Put the line of (`kind`, `source_id`) on the constituent's timeline, or bring it up to date.

    Belongs in the verb's tx(). Writing it for another constituent moves it.
    """
    await db.row(
        """
        INSERT INTO timeline_entries
               (constituent, kind, source_id, happened_on, at, title, detail, amount, currency, status,
                route, route_id, permission)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (kind, source_id) DO UPDATE SET
               constituent = excluded.constituent, happened_on = excluded.happened_on, title = excluded.title,
               detail = excluded.detail, amount = excluded.amount, currency = excluded.currency,
               status = excluded.status, route = excluded.route, route_id = excluded.route_id,
               permission = excluded.permission
        """,
        constituent,
        kind,
        source_id,
        happened_on,
        days.now(),
        title[:300],
        detail[:500],
        amount,
        currency if amount is not None else None,
        status,
        route,
        route_id,
        permission,
    )


async def remove(kind: str, source_id: int) -> None:
    """Take the line away: the thing did not happen after all."""
    await db.row("DELETE FROM timeline_entries WHERE kind = $1 AND source_id = $2", kind, source_id)


class Page(msgspec.Struct):
    """Some lines, newest first, and where the next page begins."""

    lines: list[dict[str, Any]]
    older: str | None


async def of(
    constituent: int,
    *,
    permissions: list[str],
    narrowed: int | None = None,
    show: str = "",
    before: str = "",
    limit: int = PAGE,
) -> Page:
    """The lines of a constituent that somebody with `permissions` may see, newest first.

    `narrowed` is a member for whom `narrowing` leaves lines out (None: nobody). `show` is a key of FILTERS or "". `before` is the `older` of the page before.
    """
    day, id = _position(before)
    found = await db.rows(
        f"""
        SELECT id, kind, happened_on, title, detail, amount, currency, status, route, route_id
          FROM timeline_entries t
         WHERE constituent = $1 AND permission = ANY ($2)
           AND ($3::text[] IS NULL OR kind = ANY ($3))
           AND ($4::date IS NULL OR (happened_on, id) < ($4, $5))
           AND {narrowing.seen_by("timeline", "$7")}
      ORDER BY happened_on DESC, id DESC
         LIMIT $6
        """,  # noqa: S608  words of ours
        constituent,
        permissions,
        list(FILTERS[show]) if show in FILTERS else None,
        day,
        id,
        limit + 1,
        narrowed,
    )
    lines = found[:limit]
    last = lines[-1] if len(found) > limit else None
    return Page(lines, f"{last['happened_on'].isoformat()}.{last['id']}" if last else None)


def _position(text: str) -> tuple[date | None, int]:
    """A place in the order from a link; what is none begins at the top."""
    day, _dot, id = text.partition(".")
    if not (id.isascii() and id.isdigit() and len(id) < 19):
        return None, 0
    try:
        return date.fromisoformat(day), int(id)
    except ValueError:
        return None, 0
