"""Programmes: fields of work, and who coordinates them."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec

from kit import changes, days, db
from kit.changes import Actor
from kit.errors import Conflict, NotFound, Refused
from kit.words import _, ngettext
from volunteers.tables import Programme


class ProgrammeDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A programme as a form has it; `coordinators` are ids of staff members."""

    name: str
    description: str = ""
    funder: str = ""
    coordinators: Sequence[int] = ()


class NameTaken(Refused):
    """Two programmes of one name could not be told apart in a list."""


async def create(programme: ProgrammeDetails, *, by: Actor) -> int:
    """A new programme. Whoever makes it coordinates it, unless others are named."""
    async with db.tx():
        await _check_members(programme.coordinators)
        try:
            async with db.tx():
                id = await db.value(
                    """
                    INSERT INTO programmes (name, name_normal, slug, description, funder, created_at)
                    VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
                    """,
                    programme.name, _normal(programme.name), await _free_slug(programme.name), programme.description,
                    programme.funder, days.now(),
                )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise _taken(programme) from None
        coordinators = programme.coordinators or ([by.id] if by.kind == "staff" and by.id else [])
        await _coordinate(id, coordinators)
        await changes.note(
            "programme.made",
            "programme",
            id,
            by=by,
            after={"name": programme.name, "funder": programme.funder},
        )
        return id


async def update(programme_id: int, programme: ProgrammeDetails, *, version: int, by: Actor) -> None:
    """Change a programme; its address stays. Raises Conflict when somebody else did since `version`."""
    async with db.tx():
        was = await _lock(programme_id)
        await _check_members(programme.coordinators)
        if was["version"] != version:
            raise Conflict(
                _("Somebody else changed this programme meanwhile. Look at it again before you save.")
            )
        try:
            async with db.tx():
                await db.row(
                    """
                    UPDATE programmes SET name = $2, name_normal = $3, description = $4, funder = $5,
                           version = version + 1 WHERE id = $1
                    """,
                    programme_id, programme.name, _normal(programme.name), programme.description, programme.funder,
                )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise _taken(programme) from None
        before = await coordinators(programme_id)
        await _coordinate(programme_id, programme.coordinators)
        await changes.note(
            "programme.changed", "programme", programme_id, by=by,
            before={**{name: was[name] for name in ("name", "description", "funder")}, "coordinators": [m["name"] for m in before]},
            after={"name": programme.name, "description": programme.description, "funder": programme.funder,
                   "coordinators": [m["name"] for m in await coordinators(programme_id)]},
        )  # fmt: skip


async def close(programme_id: int, *, by: Actor) -> None:
    """It plans nothing new and leaves the public board; what was, stays. Refused while shifts are to come."""
    async with db.tx():
        programme = await _lock(programme_id)
        if programme["closed_at"] is not None:
            return
        ahead = await db.value(
            """
            SELECT count(*) FROM shifts s JOIN opportunities o ON o.id = s.opportunity
             WHERE o.programme = $1 AND s.status = 'open' AND s.starts_at > $2
            """,
            programme_id,
            days.now(),
        )
        if ahead:
            raise Refused(
                ngettext(
                    "{count} shift of this programme is still to come. Cancel it first, or wait.",
                    "{count} shifts of this programme are still to come. Cancel them first, or wait.",
                    ahead,
                )
            )
        await db.row(
            "UPDATE programmes SET closed_at = $2, version = version + 1 WHERE id = $1",
            programme_id,
            days.now(),
        )
        await changes.note("programme.closed", "programme", programme_id, by=by)


async def reopen(programme_id: int, *, by: Actor) -> None:
    """It can be planned again."""
    async with db.tx():
        programme = await _lock(programme_id)
        if programme["closed_at"] is not None:
            await db.row(
                "UPDATE programmes SET closed_at = NULL, version = version + 1 WHERE id = $1", programme_id
            )
            await changes.note("programme.reopened", "programme", programme_id, by=by)


async def get(programme_id: int) -> dict[str, Any]:
    """One programme; raises NotFound."""
    known = 0 < programme_id < 2**31
    found = await db.row("SELECT * FROM programmes WHERE id = $1", programme_id) if known else None
    if found is None:
        raise NotFound(f"programme {programme_id}")
    return found


async def with_slug(slug: str) -> dict[str, Any]:
    """The open programme of a public address; raises NotFound."""
    found = await db.row("SELECT * FROM programmes WHERE slug = $1 AND closed_at IS NULL", slug[:80])
    if found is None:
        raise NotFound(f"programme {slug}")
    return found


async def opportunities_of(seen: list[int] | None, programme: int | None) -> list[int]:
    """Ids of the open roles of open programmes that somebody sees (None: all), of one programme if it is named."""
    found = await db.rows(
        """
        SELECT o.id FROM opportunities o JOIN programmes p ON p.id = o.programme
         WHERE o.closed_at IS NULL AND p.closed_at IS NULL AND ($1::int[] IS NULL OR o.programme = ANY ($1))
           AND ($2::int IS NULL OR o.programme = $2)
        """,
        seen,
        programme,
    )
    return [row["id"] for row in found]


async def roles_of(seen: list[int] | None, programme: int | None) -> list[dict[str, Any]]:
    """Open roles, id and title, for a filter: of the programmes that somebody sees (None: all), of one if it is named."""
    return await db.rows(
        """
        SELECT o.id, o.title FROM opportunities o
         WHERE o.closed_at IS NULL AND ($1::int[] IS NULL OR o.programme = ANY ($1)) AND ($2::int IS NULL OR o.programme = $2)
      ORDER BY lower(o.title), o.id LIMIT 500
        """,
        seen,
        programme,
    )


async def coordinators(programme_id: int) -> list[dict[str, Any]]:
    """Who coordinates it: id and name, by name."""
    return await db.rows(
        """
        SELECT m.id, m.name FROM programme_coordinators c JOIN members m ON m.id = c.member
         WHERE c.programme = $1 ORDER BY m.name, m.id
        """,
        programme_id,
    )


async def all_of_them(seen: list[int] | None) -> list[dict[str, Any]]:
    """Programmes, open ones first; `seen` leaves only those ids (None: all), as `sight.programmes_of` says."""
    return await db.rows(
        """
        SELECT p.*, (SELECT count(*) FROM opportunities o WHERE o.programme = p.id AND o.closed_at IS NULL) AS opportunities,
               (SELECT string_agg(m.name, ', ' ORDER BY m.name) FROM programme_coordinators c
                  JOIN members m ON m.id = c.member WHERE c.programme = p.id) AS coordinators
          FROM programmes p WHERE $1::int[] IS NULL OR p.id = ANY ($1)
      ORDER BY p.closed_at IS NOT NULL, p.name_normal COLLATE "C"
        """,
        seen,
    )


async def _check_members(ids: Sequence[int]) -> None:
    known = await db.value("SELECT count(*) FROM members WHERE id = ANY ($1)", list(ids))
    if known != len(set(ids)):
        raise Refused(_("Choose the coordinators from the list."))


async def _coordinate(programme_id: int, members: Sequence[int]) -> None:
    await db.row("DELETE FROM programme_coordinators WHERE programme = $1", programme_id)
    await db.rows(
        "INSERT INTO programme_coordinators (programme, member) SELECT $1, id FROM members WHERE id = ANY ($2)",
        programme_id,
        list(members),
    )


async def _lock(programme_id: int) -> dict[str, Any]:
    known = 0 < programme_id < 2**31
    found = await db.row("SELECT * FROM programmes WHERE id = $1 FOR UPDATE", programme_id) if known else None
    if found is None:
        raise NotFound(f"programme {programme_id}")
    return found


async def _free_slug(name: str) -> str:
    """An address of plain letters that no other programme has."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "programme"
    taken = {
        row["slug"] for row in await db.rows("SELECT slug FROM programmes WHERE starts_with(slug, $1)", stem)
    }
    return next(
        slug for n in range(1, len(taken) + 2) if (slug := stem if n == 1 else f"{stem}-{n}") not in taken
    )


def _normal(name: str) -> str:
    return " ".join(name.casefold().split())[: Programme.name_normal.length]


def _taken(programme: ProgrammeDetails) -> Refused:
    return NameTaken(_("There is a programme called “{name}” already.", name=programme.name))
