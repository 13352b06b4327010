"""Lists of hours: what waits to be decided, and the rows behind every sum."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from kit import db
from kit.words import _

PAGE = 50
STATES = ("approved", "proposed", "refused", "any")
CAME_BY = ("check_in", "self", "staff", "import")


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which hours: days from `first` until `last`, both included. `funder` is its text, or "-" for none."""

    first: date
    last: date
    status: str = "approved"
    programme: int | None = None
    funder: str = ""
    constituent: int | None = None
    came_by: str = ""
    after: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str], *, first: date, last: date) -> "Filter":
        """From an address; what cannot be read is as in `first` and `last`, and otherwise everything."""
        return cls(
            first=_day(query.get("first", ""), first),
            last=_day(query.get("last", ""), last),
            status=query["status"] if query.get("status") in STATES else "approved",
            programme=_number(query.get("programme", "")),
            funder=query.get("funder", "").replace("\0", "")[:200],
            constituent=_number(query.get("constituent", "")),
            came_by=query["came_by"] if query.get("came_by") in CAME_BY else "",
            after=query.get("after", "")[:40],
        )

    def query(self, **but: Any) -> dict[str, Any]:
        """What leads to these hours again, `but` with other values; pages begin anew."""
        said = {**msgspec.structs.asdict(self), "after": "", **but}
        if said["status"] == "approved":
            said["status"] = ""
        return {name: value for name, value in said.items() if value not in (None, "")}


async def to_decide(
    seen: list[int] | None, limit: int = PAGE, *, programme: int | None = None, after: str = ""
) -> tuple[list[dict[str, Any]], str]:
    """What waits for approval, oldest first, and where the next page begins ("" when there is none).

    `seen` are programmes (None: all). `not_alone`: this person has other hours on that day, so these may be told twice.
    """
    day, id = _behind(after, date.min)
    found = await db.rows(
        """
        SELECT h.*, c.name, p.name AS programme_name, o.title, s.zone, u.arrived_at, u.left_at, u.shift,
               EXISTS (SELECT FROM hours n WHERE n.constituent = h.constituent AND n.day = h.day AND n.id <> h.id
                          AND n.status <> 'refused' AND ($1::int[] IS NULL OR n.programme = ANY ($1))) AS not_alone
          FROM hours h JOIN constituents c ON c.id = h.constituent JOIN programmes p ON p.id = h.programme
          LEFT JOIN opportunities o ON o.id = h.opportunity
          LEFT JOIN signups u ON u.id = h.signup LEFT JOIN shifts s ON s.id = u.shift
         WHERE h.status = 'proposed' AND ($1::int[] IS NULL OR h.programme = ANY ($1)) AND ($2::int IS NULL OR h.programme = $2)
           AND (h.day, h.id) > ($3, $4) ORDER BY h.day, h.id LIMIT $5
        """,
        seen,
        programme,
        day,
        id,
        limit + 1,
    )
    return found[:limit], _next(found, limit)


async def how_many_wait(seen: list[int] | None, *, programme: int | None = None) -> int:
    """Entries that wait for approval, counted up to a thousand."""
    return await db.value(
        """
        SELECT count(*)::int FROM (SELECT FROM hours h WHERE h.status = 'proposed'
           AND ($1::int[] IS NULL OR h.programme = ANY ($1)) AND ($2::int IS NULL OR h.programme = $2) LIMIT 1000) waiting
        """,
        seen,
        programme,
    )


async def entries(
    wanted: Filter, seen: list[int] | None, *, limit: int = PAGE
) -> tuple[list[dict[str, Any]], str]:
    """The hours themselves, newest first, and where the next page begins ("" when there is none).

    Each with the person's name, programme_name, funder, title of the role, shift, decided_by_name.
    """
    day, id = _behind(wanted.after, date.max)
    found = await db.rows(
        f"""
        SELECT h.*, c.name, p.name AS programme_name, p.funder, o.title, u.shift, m.name AS decided_by_name
          FROM hours h JOIN constituents c ON c.id = h.constituent JOIN programmes p ON p.id = h.programme
          LEFT JOIN opportunities o ON o.id = h.opportunity LEFT JOIN signups u ON u.id = h.signup
          LEFT JOIN members m ON m.id = h.decided_by
         WHERE {WHERE} AND (h.day, h.id) < ($9, $10) ORDER BY h.day DESC, h.id DESC LIMIT $11
        """,  # noqa: S608  ours
        *values_of(wanted, seen),
        day,
        id,
        limit + 1,
    )
    return found[:limit], _next(found, limit)


# $1 to $8, as `values_of` gives them, of `hours h` and `programmes p`.
WHERE = """
    h.day BETWEEN $1 AND $2 AND ($3 = 'any' OR h.status = $3) AND ($4::int[] IS NULL OR h.programme = ANY ($4))
    AND ($5::int IS NULL OR h.programme = $5) AND ($6 = '' OR p.funder = CASE WHEN $6 = '-' THEN '' ELSE $6 END)
    AND ($7::int IS NULL OR h.constituent = $7) AND ($8 = '' OR h.came_by = $8)
"""


def values_of(wanted: Filter, seen: list[int] | None) -> tuple[Any, ...]:
    return (
        wanted.first, wanted.last, wanted.status, seen, wanted.programme, wanted.funder, wanted.constituent, wanted.came_by,
    )  # fmt: skip


def came_by_words() -> dict[str, str]:
    """How hours came to us, in a word each."""
    return {
        "check_in": _("Check-in"),
        "self": _("Self-reported"),
        "staff": _("Entered"),
        "import": _("Imported"),
    }


def _behind(after: str, otherwise: date) -> tuple[date, int]:
    day, _bar, id = after.partition("|")
    known = _number(id)
    return _day(day, otherwise), known if known is not None else (0 if otherwise == date.min else 2**63 - 1)


def _next(found: list[dict[str, Any]], limit: int) -> str:
    return f"{found[limit - 1]['day']}|{found[limit - 1]['id']}" if len(found) > limit else ""


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
