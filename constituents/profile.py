"""Everything that the page of one constituent shows, asked for in a few flat reads.

One question reads the record with its lists, and says what else there is; most records have nothing of most of it, and
what a record has not is not asked for.
"""

from datetime import date
from typing import Any

import msgspec

from constituents import contacts, names, places
from kit import db
from kit.errors import NotFound


class Profile(msgspec.Struct):
    row: dict[str, Any]
    contact: dict[str, list[dict[str, Any]]]
    tags: list[str]
    households: list[dict[str, Any]]
    members: list[dict[str, Any]]
    relationships: list[dict[str, Any]]
    external_ids: list[dict[str, Any]]
    hours: dict[str, Any] | None
    """Approved minutes given as a volunteer: minutes, this_year (a calendar year), last_on. For volunteers.read only."""
    has: dict[str, bool]
    """Whether there are memberships, relationships, open proposals, duplicates and open tasks: ask for them if so."""

    @property
    def household(self) -> dict[str, Any] | None:
        """The household the person is in now."""
        return next((row for row in self.households if row["current"]), None)


_HAS = {
    "memberships": "memberships x WHERE x.person = c.id OR x.household = c.id",
    "relationships": "relationships x WHERE x.constituent = c.id OR x.other = c.id",
    "proposals": "proposals x WHERE x.constituent = c.id AND x.status = 'open'",
    "duplicates": "duplicate_candidates x WHERE (x.one = c.id OR x.other = c.id) AND x.status = 'open'",
    "tasks": "tasks x WHERE x.constituent = c.id AND x.done_at IS NULL",
}
_RECORD = f"""
    SELECT c.*, {contacts.AS_COLUMNS},
           ARRAY(SELECT t.name::text FROM taggings g JOIN tags t ON t.id = g.tag
                  WHERE g.constituent = c.id ORDER BY t.name_normal COLLATE "C") AS tags,
           (SELECT json_agg(x ORDER BY x.id) FROM (
                   SELECT id, source, kind, external FROM external_ids
                    WHERE ours = c.id AND kind IN ('constituent', 'Contact', 'Account') ORDER BY id LIMIT 20) x
           ) AS external_ids,
           (SELECT json_build_object('minutes', sum(t.minutes), 'this_year', coalesce(sum(t.minutes) FILTER (WHERE t.year = $2), 0),
                                     'last_on', max(t.last_on))
              FROM volunteer_totals t WHERE t.constituent = c.id HAVING sum(t.minutes) > 0) AS hours,
           {", ".join(f"EXISTS (SELECT FROM {where}) AS has_{name}" for name, where in _HAS.items())}
      FROM constituents c WHERE c.id = $1
    """  # noqa: S608  constants of ours


async def of(id: int, *, today: date, home: str) -> Profile:
    """Raises NotFound."""
    row = await db.row(_RECORD, id, today.year) if 0 < id < 2**31 else None
    if row is None:
        raise NotFound
    row["listed"] = names.listed(
        row["kind"], row["name"], row["given_name"], row["middle_name"], row["family_name"], row["suffix"]
    )
    contact = contacts.taken_from(row)
    for line in contact["addresses"]:
        line["lines"] = places.lines(line, home)
        line["season"] = season(line)
    has = {name: row.pop(f"has_{name}") for name in _HAS}
    household = row["kind"] == "household"
    return Profile(
        tags=row.pop("tags"),
        external_ids=msgspec.json.decode(row.pop("external_ids") or "[]"),
        hours=_hours(row.pop("hours")),
        row=row,
        contact=contact,
        households=await _households(id, today) if has["memberships"] and not household else [],
        members=await members(id, today) if has["memberships"] and household else [],
        relationships=await _relationships(id) if has["relationships"] else [],
        has=has,
    )


async def giving(id: int, *, currency: str, year: int) -> list[dict[str, Any]]:
    """Totals per currency, the organisation's first, with `this_year` and `last_year` beside them. For gifts.read only."""
    return await db.rows(
        """
        SELECT t.*, coalesce(y.hard_total, 0)::bigint AS this_year, coalesce(l.hard_total, 0)::bigint AS last_year
          FROM giving_totals t
          LEFT JOIN giving_years y ON y.constituent = t.constituent AND y.currency = t.currency AND y.year = $3
          LEFT JOIN giving_years l ON l.constituent = t.constituent AND l.currency = t.currency AND l.year = $3 - 1
         WHERE t.constituent = $1 AND (t.hard_count > 0 OR t.soft_count > 0 OR t.in_kind_count > 0)
      ORDER BY t.currency <> $2, t.currency
        """,
        id,
        currency,
        year,
    )


async def members(household: int, today: date) -> list[dict[str, Any]]:
    """Who is or was in the household; those who are in it first."""
    return await db.rows(
        """
        SELECT m.id AS membership, m.person AS id, c.name, c.deceased, m.role, m.from_day, m.until_day,
               coalesce(m.from_day <= $2, true) AND coalesce(m.until_day > $2, true) AS current
          FROM memberships m JOIN constituents c ON c.id = m.person
         WHERE m.household = $1 ORDER BY current DESC, c.sort_key, m.id LIMIT 100
        """,
        household,
        today,
    )


async def _households(person: int, today: date) -> list[dict[str, Any]]:
    return await db.rows(
        """
        SELECT m.household AS id, c.name, m.role, m.from_day, m.until_day,
               coalesce(m.from_day <= $2, true) AND coalesce(m.until_day > $2, true) AS current
          FROM memberships m JOIN constituents c ON c.id = m.household
         WHERE m.person = $1 ORDER BY current DESC, m.from_day DESC NULLS LAST
        """,
        person,
        today,
    )


async def _relationships(id: int) -> list[dict[str, Any]]:
    """`kind` is what the other is to this one; a pair that is stored only the other way round says so."""
    return await db.rows(
        """
        SELECT r.other AS id, c.name, r.kind, r.former, true AS said_here
          FROM relationships r JOIN constituents c ON c.id = r.other WHERE r.constituent = $1
     UNION ALL
        SELECT r.constituent, c.name, r.kind, r.former, false
          FROM relationships r JOIN constituents c ON c.id = r.constituent
         WHERE r.other = $1
           AND NOT EXISTS (SELECT FROM relationships b WHERE b.constituent = $1 AND b.other = r.constituent)
      ORDER BY former, name LIMIT 100
        """,
        id,
    )


def _hours(given: str | None) -> dict[str, Any] | None:
    if given is None:
        return None
    found = msgspec.json.decode(given)
    return {**found, "last_on": date.fromisoformat(found["last_on"])}


def season(address: dict[str, Any]) -> tuple[date, date] | None:
    """From and until of a seasonal address, in a leap year, so that 29 February has its place."""
    if address["season_from_month"] is None:
        return None
    return (
        _day(address["season_from_month"], address["season_from_day"]),
        _day(address["season_until_month"], address["season_until_day"]),
    )


def _day(month: int, day: int) -> date:
    for last in (day, 30, 29):
        try:
            return date(2024, month, min(day, last))
        except ValueError:
            continue
    return date(2024, month, 28)
