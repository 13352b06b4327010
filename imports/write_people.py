"""Writing new funds, campaigns, people, addresses and relationships from the stage: one INSERT … SELECT per table."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import asyncpg

from constituents import places
from imports import stage
from imports.plan import Address, Constituent, Key, Plan
from imports.stage import Found


async def funds_and_campaigns(
    connection: asyncpg.Connection, plan: Plan, found: Found, now: datetime
) -> None:
    await stage.copy(
        connection, "stage_funds",
        [(n, one.name, name_normal(one.name), one.description, one.open) for n, one in enumerate(plan.funds) if n in found.new["fund"]],
    )  # fmt: skip
    # A fund of that name that is there already is the same fund.
    await connection.execute(
        """
        UPDATE stage_ids s SET ours = f.id, state = 'there' FROM stage_funds t JOIN funds f USING (name_normal)
         WHERE s.object = 'fund' AND s.n = t.n
        """
    )
    await connection.execute(
        """
        INSERT INTO funds (id, name, name_normal, description, restricted, is_general, public, closed_at, created_at, version,
                           account_code)
        SELECT s.ours, t.name, t.name_normal, t.description, false, false, false, CASE WHEN t.is_open THEN NULL ELSE $1::timestamptz END,
               $1, 1, ''
          FROM stage_funds t JOIN stage_ids s ON s.object = 'fund' AND s.n = t.n AND s.is_key AND s.state = 'new' ORDER BY t.n
        """,
        now,
    )
    taken = {row["slug"] for row in await connection.fetch("SELECT slug FROM campaigns")}
    await stage.copy(
        connection, "stage_campaigns",
        [(n, one.name, _slug(one.name, taken), one.text, one.starts_on, one.ends_on, one.goal, one.open)
         for n, one in enumerate(plan.campaigns) if n in found.new["campaign"]],
    )  # fmt: skip
    # Not public: what ended years ago asks for no gifts on the giving page until somebody says so.
    await connection.execute(
        """
        INSERT INTO campaigns (id, name, slug, text, heading, starts_on, ends_on, goal, currency, public, closed_at, created_at, version)
        SELECT s.ours, t.name, t.slug, t.body, '', t.starts_on, t.ends_on, t.goal,
               (SELECT currency FROM organisations ORDER BY id LIMIT 1), false,
               CASE WHEN t.is_open THEN NULL ELSE $1::timestamptz END, $1, 1
          FROM stage_campaigns t JOIN stage_ids s ON s.object = 'campaign' AND s.n = t.n AND s.is_key ORDER BY t.n
        """,
        now,
    )


def name_normal(name: str) -> str:
    return " ".join(name.split()).casefold()[:150]


def _slug(name: str, taken: set[str]) -> str:
    from constituents.names import fold

    plain = "".join(sign if sign.isascii() else " " for sign in fold(name))
    slug = "-".join(plain.split())[:70].strip("-") or "campaign"
    number, chosen = 1, slug
    while chosen in taken:
        number += 1
        chosen = f"{slug}-{number}"
    taken.add(chosen)
    return chosen


async def constituents(connection: asyncpg.Connection, plan: Plan, found: Found, now: datetime) -> None:
    new = [(n, one) for n, one in enumerate(plan.constituents) if n in found.new["constituent"]]
    place = preferred_places(plan)
    await stage.copy(
        connection, "stage_constituents", (_constituent(n, one, place.get(one.key, "")) for n, one in new)
    )
    await stage.copy(
        connection, "stage_emails", ((n, *_email(line)) for n, one in new for line in one.emails)
    )
    await stage.copy(
        connection, "stage_phones", ((n, *_phone(line)) for n, one in new for line in one.phones)
    )
    await connection.execute(
        """
        INSERT INTO constituents (id, kind, name, sort_key, prefix, given_name, middle_name, family_name, suffix, nickname,
                                  job_title, greeting, website, language, place, deceased, created_at, updated_at, version)
        SELECT s.ours, t.kind, t.name, t.sort_key, t.prefix, t.given_name, t.middle_name, t.family_name, t.suffix, '',
               t.job_title, t.greeting, t.website, '', t.place, t.deceased, $1, $1, 1
          FROM stage_constituents t JOIN stage_ids s ON s.object = 'constituent' AND s.n = t.n AND s.is_key ORDER BY t.n
        """,
        now,
    )
    for insert in _OF_CONSTITUENTS:
        await connection.execute(insert)
    await connection.execute(
        """
        INSERT INTO notes (constituent, text, written_by, created_at)
        SELECT s.ours, t.note, $2, $1
          FROM stage_constituents t JOIN stage_ids s ON s.object = 'constituent' AND s.n = t.n AND s.is_key
         WHERE t.note <> '' ORDER BY t.n
        """,
        now, f"{plan.source} import",
    )  # fmt: skip


_OF_CONSTITUENTS = (
    """
    INSERT INTO emails (constituent, address, normal, kind, preferred)
    SELECT s.ours, t.address, t.normal, t.kind, t.preferred
      FROM stage_emails t JOIN stage_ids s ON s.object = 'constituent' AND s.n = t.n AND s.is_key ORDER BY t.n
    """,
    """
    INSERT INTO phones (constituent, number, extension, is_valid, kind, preferred)
    SELECT s.ours, t.number, t.extension, t.is_valid, t.kind, t.preferred
      FROM stage_phones t JOIN stage_ids s ON s.object = 'constituent' AND s.n = t.n AND s.is_key ORDER BY t.n
    """,
    """
    INSERT INTO memberships (household, person, role)
    SELECT h.ours, s.ours, ''
      FROM stage_constituents t
      JOIN stage_ids s ON s.object = 'constituent' AND s.n = t.n AND s.is_key
      JOIN stage_ids h ON h.object = 'constituent' AND h.kind = t.household_kind AND h.external = t.household
     ORDER BY t.n
    """,
)


def preferred_places(plan: Plan) -> dict[Key, str]:
    """City and region of each one's preferred address, as lists show them."""
    return {
        one.of: places.short({"city": one.city, "region": one.region, "country": one.country})
        for one in plan.addresses if one.preferred
    }  # fmt: skip


def _constituent(n: int, one: Constituent, place: str) -> tuple[Any, ...]:
    return (
        n, one.kind, one.name, one.sort_key, one.prefix, one.given_name, one.middle_name, one.family_name, one.suffix,
        one.job_title, one.greeting, one.website, place, one.deceased, one.note, *(one.household or (None, None)),
    )  # fmt: skip


def _email(line: Any) -> tuple[Any, ...]:
    return line.address, line.normal, line.kind, line.preferred


def _phone(line: Any) -> tuple[Any, ...]:
    return line.number, line.extension, line.is_valid, line.kind, line.preferred


async def addresses_and_relationships(connection: asyncpg.Connection, plan: Plan, found: Found) -> None:
    await stage.copy(connection, "stage_addresses", _addresses(plan, found))
    # Somebody may have chosen another preferred address since: theirs stands.
    await connection.execute(
        """
        INSERT INTO addresses (id, constituent, street, city, region, postal_code, country, kind, preferred,
                               season_from_month, season_from_day, season_until_month, season_until_day)
        SELECT s.ours, o.ours, t.street, t.city, t.region, t.postal_code, t.country, t.kind,
               t.preferred AND NOT EXISTS (SELECT FROM addresses a WHERE a.constituent = o.ours AND a.preferred),
               t.from_month, t.from_day, t.until_month, t.until_day
          FROM stage_addresses t
          JOIN stage_ids s ON s.object = 'address' AND s.n = t.n AND s.is_key
          JOIN stage_ids o ON o.object = 'constituent' AND o.kind = t.of_kind AND o.external = t.of_external
      ORDER BY t.n
        """
    )
    await stage.copy(
        connection, "stage_relationships",
        [(n, *one.of, *one.other, one.kind, one.former) for n, one in enumerate(plan.relationships) if n in found.new["relationship"]],
    )  # fmt: skip
    await connection.execute(
        """
        INSERT INTO relationships (id, constituent, other, kind, former)
        SELECT s.ours, one.ours, other.ours, t.kind, t.former
          FROM stage_relationships t
          JOIN stage_ids s ON s.object = 'relationship' AND s.n = t.n AND s.is_key
          JOIN stage_ids one ON one.object = 'constituent' AND one.kind = t.of_kind AND one.external = t.of_external
          JOIN stage_ids other ON other.object = 'constituent' AND other.kind = t.other_kind AND other.external = t.other_external
      ORDER BY t.n
            ON CONFLICT (constituent, other, kind) DO NOTHING
        """
    )


def _addresses(plan: Plan, found: Found) -> Iterator[tuple[Any, ...]]:
    for n, one in enumerate(plan.addresses):
        if n in found.new["address"]:
            yield _address(n, one)


def _address(n: int, one: Address) -> tuple[Any, ...]:
    return (
        n, *one.of, one.street, one.city, one.region, one.postal_code, one.country, one.kind, one.preferred,
        *(one.season or (None, None, None, None)),
    )  # fmt: skip
