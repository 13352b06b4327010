"""The public board: shifts that one can do, soonest need first; and the same by the calendar."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec

from kit import config, days, db
from kit.errors import NotFound
from kit.templates import url_for
from volunteers import almanac, coverage

# Within these days a gap goes before all others.
SOON = timedelta(days=7)
PAGE = 20


class Chosen(msgspec.Struct, frozen=True):
    """What somebody looks for: a place, a role, a programme's slug, a day. None: any."""

    place: int | None = None
    role: int | None = None
    programme: str | None = None
    day: date | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Chosen":
        """From an address; what cannot be read is any."""
        return cls(
            _number(query.get("place", "")),
            _number(query.get("role", "")),
            query.get("programme", "").replace("\0", "")[:80] or None,
            _day(query.get("day", "")),
        )

    @property
    def any(self) -> bool:
        """Whether nothing is looked for in particular."""
        return self == Chosen()

    def query(self, **more: Any) -> str:
        """The same as an address has it, with more said, and without what is None."""
        said = {
            "place": self.place,
            "role": self.role,
            "programme": self.programme,
            "day": self.day,
            **more,
        }
        return urlencode({name: value for name, value in said.items() if value is not None})


class PublicView(msgspec.Struct, frozen=True):
    """The calendar that the public sees: a view of `almanac`, of one place and one role or of all."""

    view: almanac.View
    role: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str], today: date) -> "PublicView":
        return cls(
            almanac.View.of({name: query[name] for name in ("view", "on", "place") if name in query}, today),
            _number(query.get("role", "")),
        )

    def to(self, name: str | None = None, on: date | None = None) -> str:
        """The address of another view of the same: another kind, or around another day."""
        said = {
            "view": name or self.view.name,
            "on": on or self.view.on,
            "place": self.view.place,
            "role": self.role,
        }
        words = urlencode({key: value for key, value in said.items() if value is not None})
        return f"{url_for('volunteer_calendar:show')}?{words}"


async def shifts_one_can_do(
    chosen: Chosen, first: datetime, last: datetime, *, after: str = "", limit: int = 1000
) -> list[dict[str, Any]]:
    """Public shifts between two moments whose sign-up is open: gaps of the next week first, then other gaps, then those
    with room, then full ones with their line; each by start. With `rank` from 0 to 3, as just said.

    `after` is the `place_in_order` of the last one on the page before.
    """
    rank, starts_at, id = _in_order(after)
    found = await db.rows(
        _OPEN, first, last, chosen.place, chosen.role, chosen.programme, chosen.day, days.now(),
        days.now() + SOON, rank, starts_at, id, limit,
    )  # fmt: skip
    return [{**shift, "need": coverage.need(shift)} for shift in found]


def place_in_order(shift: dict[str, Any]) -> str:
    """Where a shift of the board stands in its order, as an address has it: rank, start, id."""
    return f"{shift['rank']}.{shift['starts_at'].timestamp():.0f}.{shift['id']}"


async def choices(first: datetime, last: datetime) -> dict[str, list[tuple[str, str]]]:
    """Places, roles and programmes that have public shifts between two moments: (id, name); a programme's id is its slug."""
    found = await db.rows(
        """
        SELECT DISTINCT l.id::text AS place, l.name AS place_name, o.id::text AS role, o.title, p.slug, p.name AS programme
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity JOIN programmes p ON p.id = o.programme
          JOIN places l ON l.id = coalesce(s.place, o.place)
         WHERE s.starts_at >= $1 AND s.starts_at < $2 AND s.status = 'open' AND o.is_public
           AND o.closed_at IS NULL AND p.closed_at IS NULL
        """,
        first,
        last,
    )
    return {
        "places": sorted({(row["place"], row["place_name"]) for row in found}, key=_by_name),
        "roles": sorted({(row["role"], row["title"]) for row in found}, key=_by_name),
        "programmes": sorted({(row["slug"], row["programme"]) for row in found}, key=_by_name),
    }


async def role(opportunity_id: int) -> dict[str, Any]:
    """A public role with its place and programme; raises NotFound for one that is internal or closed."""
    found = (
        await db.row(
            """
            SELECT o.*, p.name AS programme_name, p.slug AS programme_slug, p.description AS programme_description,
                   l.name AS place_name, l.address AS place_address, l.map_link, l.directions
              FROM opportunities o JOIN programmes p ON p.id = o.programme JOIN places l ON l.id = o.place
             WHERE o.id = $1 AND o.is_public AND o.closed_at IS NULL AND p.closed_at IS NULL
            """,
            opportunity_id,
        )
        if 0 < opportunity_id < 2**31
        else None
    )
    if found is None:
        raise NotFound(f"role {opportunity_id}")
    return found


def as_json(shift: dict[str, Any]) -> dict[str, Any]:
    """A shift as the feed has it; times with their offset."""
    base = config.settings().base_url
    return {
        "id": shift["id"],
        "title": shift["title"],
        "programme": shift["programme_name"],
        "starts_at": days.in_zone(shift["starts_at"], shift["zone"]).isoformat(),
        "ends_at": days.in_zone(shift["ends_at"], shift["zone"]).isoformat(),
        "time_zone": shift["zone"],
        "place": shift["place_name"],
        "address": shift["place_address"],
        "free": shift["maximum"] - shift["taken"],
        "maximum": shift["maximum"],
        "minimum_age": shift["minimum_age"],
        "url": base + url_for("volunteering:show", shift_id=shift["id"]),
        "role_url": base + url_for("volunteer_roles:show", opportunity_id=shift["opportunity"]),
    }


def _in_order(after: str) -> tuple[int, datetime, int]:
    rank, starts_at, id = (*after.split("."), "", "", "")[:3]
    if _number(rank) is None or _number(id) is None or not (starts_at.isascii() and starts_at.isdigit()):
        return -1, datetime(1970, 1, 1, tzinfo=UTC), 0
    return int(rank), datetime.fromtimestamp(min(int(starts_at[:11]), 10**10), UTC), int(id)


def _by_name(pair: tuple[str, str]) -> str:
    return pair[1].casefold()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2200 else None


# The window is that of gates.check_window.
_OPEN = """
    WITH open_ones AS (
        SELECT s.id, s.opportunity, s.starts_at, s.ends_at, s.zone, s.minimum, s.maximum, s.taken, s.waiting, s.status,
               o.title, o.programme, o.minimum_age, p.name AS programme_name, l.id AS place, l.name AS place_name,
               l.address AS place_address,
               CASE WHEN s.taken >= s.maximum THEN 3 WHEN s.taken > 0 AND s.taken >= s.minimum THEN 2
                    WHEN s.starts_at < $8 THEN 0 ELSE 1 END AS rank
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity JOIN programmes p ON p.id = o.programme
          JOIN places l ON l.id = coalesce(s.place, o.place)
         WHERE s.starts_at >= $1 AND s.starts_at < $2 AND s.starts_at > $7 AND s.status = 'open'
           AND o.is_public AND o.closed_at IS NULL AND p.closed_at IS NULL
           AND s.starts_at - make_interval(hours => o.closes_hours) > $7
           AND (o.opens_days IS NULL OR s.starts_at - make_interval(hours => 24 * o.opens_days) <= $7)
           AND ($3::int IS NULL OR l.id = $3) AND ($4::int IS NULL OR o.id = $4) AND ($5::text IS NULL OR p.slug = $5)
           AND ($6::date IS NULL OR (s.starts_at AT TIME ZONE s.zone)::date = $6))
    SELECT * FROM open_ones
     WHERE (rank, date_trunc('second', starts_at), id) > ($9, $10::timestamptz, $11)
  ORDER BY rank, date_trunc('second', starts_at), id LIMIT $12
"""
