"""What tests of volunteers need; people and the organisation come from tests.make."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from kit import days, db
from kit.changes import Actor
from kit.templates import day
from tests import make
from tests.make import STAFF
from volunteers import opportunities, places, programmes, shifts

# Who makes a programme coordinates it: this one has no number, which a member of a test could have, too.
NOBODY = Actor("staff", None, "Ana Ruiz")


async def programme(name: str = "Kitchen", **values: Any) -> SimpleNamespace:
    """The programme of this name, made if it is not there; nobody coordinates it unless that is said."""
    await make.organisation()
    id = await db.value("SELECT id FROM programmes WHERE name = $1", name)
    if id is None:
        id = await programmes.create(programmes.ProgrammeDetails(name=name, **values), by=NOBODY)
    return SimpleNamespace(**await programmes.get(id))


async def place(name: str = "Town Hall", zone: str = "America/New_York", **values: Any) -> SimpleNamespace:
    """The place of this name, made if it is not there."""
    id = await db.value("SELECT id FROM places WHERE name = $1", name)
    if id is None:
        id = await places.create(places.PlaceDetails(name=name, zone=zone, **values), by=STAFF)
    return SimpleNamespace(**await places.get(id))


async def opportunity(
    title: str = "Sorting", *, zone: str = "America/New_York", **values: Any
) -> SimpleNamespace:
    """A public role without conditions."""
    where = values.pop("place", None) or (await place(f"Hall of {zone}", zone)).id
    in_programme = values.pop("programme", None) or (await programme()).id
    details = opportunities.OpportunityDetails(programme=in_programme, title=title, place=where, **values)
    return SimpleNamespace(**await opportunities.get(await opportunities.create(details, by=STAFF)))


async def shift(
    role: SimpleNamespace | None = None, *, starts: datetime | None = None, hours: float = 3, **values: Any
) -> SimpleNamespace:
    """A shift of one place a week from now, by the clock of its place, unless told otherwise."""
    role = role or await opportunity()
    if starts is None:
        starts = days.wall_clock(days.now() + timedelta(days=7), role.zone).replace(
            minute=0, second=0, microsecond=0
        )
    details = shifts.ShiftDetails(
        opportunity=role.id, starts=starts, ends=starts + timedelta(hours=hours), **{"maximum": 1, **values}
    )
    return SimpleNamespace(**await shifts.get(await shifts.create(details, by=STAFF)))


async def person(name: str = "Vera Volunteer") -> int:
    """A new person; returns the id."""
    given, _space, family = name.partition(" ")
    return (
        await make.insert(
            "constituents",
            kind="person",
            name=name,
            given_name=given,
            family_name=family,
            sort_key=name.casefold(),
        )
    ).id


def titled(title: str, shift: SimpleNamespace) -> str:
    """A shift as the subjects of letters name it: "Sorting, Sat 5 Dec"."""
    local = days.wall_clock(shift.starts_at, shift.zone)
    return f"{title}, {local:%a} {day(local.date(), 'short')}"
