"""Places: where shifts are, and by which clock."""

from typing import Any
from zoneinfo import available_timezones

import asyncpg
import msgspec

from kit import changes, days, db
from kit.changes import Actor
from kit.errors import Conflict, NotFound, Refused
from kit.words import _
from volunteers.tables import Place


class PlaceDetails(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    zone: str
    address: str = ""
    map_link: str = ""
    directions: str = ""


# Titles of roles `o` in one line; what is of programmes that somebody does not see ($2) has no name but $3.
_NAMED = """
    SELECT coalesce(string_agg(DISTINCT CASE WHEN $2::int[] IS NULL OR o.programme = ANY ($2) THEN o.title ELSE $3 END, ', '), '')
"""


class NameTaken(Refused):
    """Two places of one name could not be told apart."""


class NoSuchZone(Refused):
    """Not a zone that clocks are set by."""


async def create(place: PlaceDetails, *, by: Actor) -> int:
    """A new place."""
    _check(place)
    async with db.tx():
        try:
            async with db.tx():
                id = await db.value(
                    """
                    INSERT INTO places (name, name_normal, zone, address, map_link, directions)
                    VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
                    """,
                    *_columns(place),
                )
        except asyncpg.UniqueViolationError:
            raise _taken(place) from None
        await changes.note("place.made", "place", id, by=by, after={"name": place.name, "zone": place.zone})
        return id


async def update(place_id: int, place: PlaceDetails, *, version: int, by: Actor) -> None:
    """Change a place. Its zone stays: shifts are planned by its clock."""
    _check(place)
    async with db.tx():
        was = await get(place_id)
        if was["zone"] != place.zone and await _has_shifts(place_id):
            raise NoSuchZone(
                _(
                    "Shifts are planned here by the clock of {zone}. Make a new place for another.",
                    zone=was["zone"],
                )
            )
        try:
            async with db.tx():
                saved = await db.value(
                    """
                    UPDATE places SET name = $3, name_normal = $4, zone = $5, address = $6, map_link = $7,
                           directions = $8, version = version + 1 WHERE id = $1 AND version = $2 RETURNING id
                    """,
                    place_id,
                    version,
                    *_columns(place),
                )
        except asyncpg.UniqueViolationError:
            raise _taken(place) from None
        if saved is None:
            raise Conflict(_("Somebody else changed this place meanwhile. Look at it again before you save."))
        new = msgspec.to_builtins(place)
        await changes.note(
            "place.changed", "place", place_id, by=by, before={k: was[k] for k in new}, after=new
        )


async def close(place_id: int, *, by: Actor, seen: list[int] | None = None) -> None:
    """Nothing new is planned there. Refused while roles are there or shifts are to come; of those, the sentence names what
    is of the programmes `seen` (None: all).
    """
    async with db.tx():
        place = await _lock(place_id)
        if place["closed_at"] is not None:
            return
        if here := await _roles_here(place_id, seen):
            raise Refused(
                _("Roles are here: {roles}. Close them, or give them another place, first.", roles=here)
            )
        if to_come := await _roles_to_come(place_id, seen):
            raise Refused(
                _(
                    "Shifts are still to come here: {roles}. Move or cancel them first, or wait.",
                    roles=to_come,
                )
            )
        await db.row(
            "UPDATE places SET closed_at = $2, version = version + 1 WHERE id = $1", place_id, days.now()
        )
        await changes.note("place.closed", "place", place_id, by=by)


async def reopen(place_id: int, *, by: Actor) -> None:
    """It can be planned for again."""
    async with db.tx():
        place = await _lock(place_id)
        if place["closed_at"] is not None:
            await db.row("UPDATE places SET closed_at = NULL, version = version + 1 WHERE id = $1", place_id)
            await changes.note("place.reopened", "place", place_id, by=by)


async def check_open(place_id: int) -> None:
    """Refused where nothing may be planned; nobody closes it before this transaction ends."""
    place = await db.row("SELECT closed_at FROM places WHERE id = $1 FOR KEY SHARE", place_id)
    if place is None:
        raise Refused(_("There is no such place. Choose one of the list."))
    if place["closed_at"] is not None:
        raise Refused(_("This place is closed. Open it first, or choose another."))


async def get(place_id: int) -> dict[str, Any]:
    """One place; raises NotFound."""
    found = await db.row("SELECT * FROM places WHERE id = $1", place_id) if 0 < place_id < 2**31 else None
    if found is None:
        raise NotFound(f"place {place_id}")
    return found


async def all_of_them() -> list[dict[str, Any]]:
    """Every place, open ones first."""
    return await db.rows('SELECT * FROM places ORDER BY closed_at IS NOT NULL, name_normal COLLATE "C"')


async def _lock(place_id: int) -> dict[str, Any]:
    known = 0 < place_id < 2**31
    found = await db.row("SELECT * FROM places WHERE id = $1 FOR UPDATE", place_id) if known else None
    if found is None:
        raise NotFound(f"place {place_id}")
    return found


async def _roles_here(place_id: int, seen: list[int] | None) -> str:
    return await db.value(
        _NAMED + " FROM opportunities o WHERE o.place = $1 AND o.closed_at IS NULL", place_id, seen, _hidden()
    )


async def _roles_to_come(place_id: int, seen: list[int] | None) -> str:
    return await db.value(
        _NAMED
        + """
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity
         WHERE coalesce(s.place, o.place) = $1 AND s.status = 'open' AND s.ends_at > $4
        """,
        place_id,
        seen,
        _hidden(),
        days.now(),
    )


def _hidden() -> str:
    return _("some of other programmes")


async def _has_shifts(place_id: int) -> bool:
    return await db.value(
        """
        SELECT EXISTS (SELECT FROM shifts s JOIN opportunities o ON o.id = s.opportunity
                        WHERE coalesce(s.place, o.place) = $1)
        """,
        place_id,
    )


def _check(place: PlaceDetails) -> None:
    if place.zone not in available_timezones():
        raise NoSuchZone(
            _("“{zone}” is not a time zone. Choose one of the list, like America/New_York.", zone=place.zone)
        )


def _columns(place: PlaceDetails) -> tuple[str, ...]:
    normal = " ".join(place.name.casefold().split())[: Place.name_normal.length]
    return place.name, normal, place.zone, place.address, place.map_link, place.directions


def _taken(place: PlaceDetails) -> Refused:
    return NameTaken(_("There is a place called “{name}” already.", name=place.name))
