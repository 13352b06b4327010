"""Opportunities: roles that volunteers take, and the rules of their shifts."""

from collections.abc import Sequence
from typing import Any

import msgspec

from kit import changes, days, db
from kit.changes import Actor
from kit.errors import Conflict, NotFound, Refused
from kit.words import _, ngettext
from volunteers import clashes, places, shifts
from volunteers.places import PlaceDetails


class OpportunityDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A role as a form has it. `qualifications` are ids, `waivers` are names."""

    programme: int
    title: str
    place: int  # 0 where a new one is made with it
    description: str = ""
    bring: str = ""
    coordinator: int | None = None
    is_public: bool = True
    minimum_age: int | None = None
    needs_approval: bool = False
    largest_group: int = 1
    rest_minutes: int = 0
    opens_days: int | None = None
    closes_hours: int = 0
    withdraw_hours: int = 0
    offer_hours: int = 24
    share_most: int | None = None
    share_days: int = 30
    remind_hours: Sequence[int] = (48, 3)
    qualifications: Sequence[int] = ()
    waivers: Sequence[str] = ()


_COLUMNS = tuple(
    name for name in OpportunityDetails.__struct_fields__ if name not in ("qualifications", "waivers")
)


async def create(role: OpportunityDetails, *, by: Actor, at: PlaceDetails | None = None) -> int:
    """A new role in a programme; `at` is a new place for it, made with it."""
    async with db.tx():
        await _check_programme(role.programme)
        role = await _somewhere(role, at, by)
        numbers = ", ".join(f"${n}" for n in range(1, len(_COLUMNS) + 2))
        id = await db.value(
            f"INSERT INTO opportunities ({', '.join(_COLUMNS)}, created_at) VALUES ({numbers}) RETURNING id",  # noqa: S608
            *_values(role),
            days.now(),
        )
        await _save_gates(id, role)
        await changes.note(
            "opportunity.made",
            "opportunity",
            id,
            by=by,
            after=_told(await get(id)),
        )
        return id


async def update(
    opportunity_id: int, role: OpportunityDetails, *, version: int, by: Actor, at: PlaceDetails | None = None
) -> None:
    """Change a role. Shifts to come rest as it says from now on; raises Refused where that puts somebody in two places.

    Another place is that of its shifts to come, too, and who is on one is told; one by another clock is refused.
    """
    async with db.tx():
        was = await get(opportunity_id)
        await _check_programme(role.programme)
        role = await _somewhere(role, at, by)
        settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(_COLUMNS, start=3))
        saved = await db.value(
            f"UPDATE opportunities SET {settings}, version = version + 1"  # noqa: S608  names of ours
            " WHERE id = $1 AND version = $2 RETURNING id",
            opportunity_id,
            version,
            *_values(role),
        )
        if saved is None:
            raise Conflict(_("Somebody else changed this role meanwhile. Look at it again before you save."))
        await _save_gates(opportunity_id, role)
        if role.place != was["place"]:
            await _go_elsewhere(opportunity_id, by=by)
        if role.rest_minutes != was["rest_minutes"]:
            await _rest(opportunity_id, role.rest_minutes)
        await changes.note(
            "opportunity.changed", "opportunity", opportunity_id, by=by,
            before=_told(was), after=_told(await get(opportunity_id)),
        )  # fmt: skip


async def close(opportunity_id: int, *, by: Actor) -> None:
    """No new shifts, and gone from the public board. Refused while shifts are to come."""
    async with db.tx():
        role = await get(opportunity_id)
        ahead = await db.value(
            "SELECT count(*) FROM shifts WHERE opportunity = $1 AND status = 'open' AND starts_at > $2",
            opportunity_id,
            days.now(),
        )
        if ahead:
            raise Refused(
                ngettext(
                    "{count} shift of this role is still to come. Cancel it first, or wait.",
                    "{count} shifts of this role are still to come. Cancel them first, or wait.",
                    ahead,
                )
            )
        if role["closed_at"] is None:
            await db.row(
                "UPDATE opportunities SET closed_at = $2, version = version + 1 WHERE id = $1",
                opportunity_id,
                days.now(),
            )
            await changes.note("opportunity.closed", "opportunity", opportunity_id, by=by)


async def reopen(opportunity_id: int, *, by: Actor) -> None:
    """It can be planned again."""
    async with db.tx():
        role = await get(opportunity_id)
        if role["closed_at"] is not None:
            await places.check_open(role["place"])
            await db.row(
                "UPDATE opportunities SET closed_at = NULL, version = version + 1 WHERE id = $1",
                opportunity_id,
            )
            await changes.note("opportunity.reopened", "opportunity", opportunity_id, by=by)


async def get(opportunity_id: int) -> dict[str, Any]:
    """One role with its programme, place and gates; raises NotFound."""
    known = 0 < opportunity_id < 2**31
    found = (
        await db.row(
            """
            SELECT o.*, p.name AS programme_name, p.slug AS programme_slug, l.name AS place_name, l.zone,
                   l.address AS place_address, l.map_link, m.name AS coordinator_name
              FROM opportunities o JOIN programmes p ON p.id = o.programme JOIN places l ON l.id = o.place
              LEFT JOIN members m ON m.id = o.coordinator
             WHERE o.id = $1
            """,
            opportunity_id,
        )
        if known
        else None
    )
    if found is None:
        raise NotFound(f"opportunity {opportunity_id}")
    return {**found, **await gates_of(opportunity_id)}


async def gates_of(opportunity_id: int) -> dict[str, Any]:
    """What a role asks for: `qualifications` (ids), `qualification_names` and `waivers` (names)."""
    row = await db.row(
        """
        SELECT ARRAY (SELECT qualification FROM qualifications_needed WHERE opportunity = $1 ORDER BY 1) AS qualifications,
               ARRAY (SELECT name FROM waivers_needed WHERE opportunity = $1 ORDER BY 1) AS waivers,
               ARRAY (SELECT q.name FROM qualifications_needed n JOIN qualifications q ON q.id = n.qualification
                       WHERE n.opportunity = $1 ORDER BY 1) AS qualification_names
        """,
        opportunity_id,
    )
    assert row is not None
    return row


async def of_programme(programme_id: int) -> list[dict[str, Any]]:
    """The roles of a programme, open ones first."""
    return await db.rows(
        """
        SELECT o.*, l.name AS place_name,
               (SELECT count(*) FROM shifts s WHERE s.opportunity = o.id AND s.status = 'open' AND s.starts_at > $2) AS ahead
          FROM opportunities o JOIN places l ON l.id = o.place
         WHERE o.programme = $1 ORDER BY o.closed_at IS NOT NULL, lower(o.title), o.id
        """,
        programme_id,
        days.now(),
    )


async def _save_gates(opportunity_id: int, role: OpportunityDetails) -> None:
    await db.row("DELETE FROM qualifications_needed WHERE opportunity = $1", opportunity_id)
    await db.row("DELETE FROM waivers_needed WHERE opportunity = $1", opportunity_id)
    kinds = await db.rows(
        "INSERT INTO qualifications_needed (opportunity, qualification) SELECT $1, id FROM qualifications WHERE id = ANY ($2)"
        " RETURNING id",
        opportunity_id,
        list(role.qualifications),
    )
    papers = await db.rows(
        "INSERT INTO waivers_needed (opportunity, name) SELECT $1, name FROM waivers WHERE current AND name = ANY ($2)"
        " RETURNING id",
        opportunity_id,
        list(role.waivers),
    )
    # A condition that is quietly left out would let in whom it is to keep out.
    if len(kinds) != len(set(role.qualifications)) or len(papers) != len(set(role.waivers)):
        raise Refused(_("Choose from the lists what this role asks for."))


async def _go_elsewhere(opportunity_id: int, *, by: Actor) -> None:
    """Its shifts to come are at its new place; the people on them are told. Planned times stay those of one clock."""
    now_at = await get(opportunity_id)
    ahead = await db.rows(
        "SELECT id, zone FROM shifts WHERE opportunity = $1 AND place IS NULL AND status = 'open' AND ends_at > $2 ORDER BY id",
        opportunity_id,
        days.now(),
    )
    if any(shift["zone"] != now_at["zone"] for shift in ahead):
        raise Refused(
            _("{place} goes by another clock than the shifts that are planned. Make a new role there.", place=now_at["place_name"])
        )  # fmt: skip
    await db.row(
        "UPDATE shifts SET sequence = sequence + 1, version = version + 1 WHERE id = ANY ($1)",
        [shift["id"] for shift in ahead],
    )
    await shifts.after_moving([shift["id"] for shift in ahead], by=by)


async def _rest(opportunity_id: int, minutes: int) -> None:
    async with clashes.said():
        await db.row(
            "UPDATE shifts SET rest_minutes = $2 WHERE opportunity = $1 AND starts_at > $3",
            opportunity_id,
            minutes,
            days.now(),
        )


async def _somewhere(role: OpportunityDetails, at: PlaceDetails | None, by: Actor) -> OpportunityDetails:
    """The role with its place, which is made first where it is new; refused where place or coordinator is nobody's."""
    if at is not None:
        role = msgspec.structs.replace(role, place=await places.create(at, by=by))
    else:
        await places.check_open(role.place)
    known = "SELECT EXISTS (SELECT FROM members WHERE id = $1)"
    if role.coordinator is not None and not await db.value(known, role.coordinator):
        raise Refused(_("There is no such coordinator. Choose one of the list."))
    return role


async def _check_programme(programme_id: int) -> None:
    if (
        await db.value("SELECT closed_at IS NOT NULL FROM programmes WHERE id = $1", programme_id)
        is not False
    ):
        raise Refused(_("This programme is closed. Open it first."))


def _told(role: dict[str, Any]) -> dict[str, Any]:
    """A role as its history tells it: names, not numbers."""
    lists = {name: ", ".join(str(one) for one in role[name]) for name in ("remind_hours", "waivers")}
    return {
        **{name: role[name] for name in _COLUMNS if name not in ("programme", "place", "coordinator")},
        **lists,
        "place": role["place_name"],
        "coordinator": role["coordinator_name"],
        "qualifications": ", ".join(role["qualification_names"]),
    }


def _values(role: OpportunityDetails) -> list[Any]:
    found = msgspec.structs.asdict(role)
    found["remind_hours"] = sorted(set(role.remind_hours), reverse=True)
    return [found[name] for name in _COLUMNS]
