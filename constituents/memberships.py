"""Memberships: which person is in which household, from a day until a day, in one at a time."""

from datetime import date
from typing import Any

import asyncpg

from constituents import constituents
from constituents.tables import Kind
from kit import changes, db
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.words import _


class ElsewhereThen(Refused):
    """A person is in one household at a time."""


async def begin(
    household: int, person: int, *, role: str = "", from_day: date | None = None, by: Actor
) -> int:
    """Put a person into a household from a day on (none: since ever); returns the membership.

    Raises ElsewhereThen when the person is in a household on one of those days.
    """
    async with db.tx():
        home, who = await constituents.get(household), await constituents.get(person)
        if home["kind"] != Kind.HOUSEHOLD.value:
            raise Refused(_("Only a household has members."))
        if who["kind"] != Kind.PERSON.value:
            raise Refused(_("Only a person can be in a household."))
        try:
            async with db.tx():
                id = await db.value(
                    """
                    INSERT INTO memberships (household, person, role, from_day, until_day)
                    VALUES ($1, $2, $3, $4, NULL) RETURNING id
                    """,
                    household,
                    person,
                    role,
                    from_day,
                )
        except asyncpg.ExclusionViolationError:
            raise ElsewhereThen(
                _(
                    "They are in a household on that day already. End that membership first, or choose a later day."
                )
            ) from None
        await constituents.touch(household)
        said = {"person": who["name"], "household": home["name"], "role": role, "from": from_day}
        for one in (household, person):
            await changes.note(
                "constituent.membership_begun", "constituent", one, by=by, after=said, subject=one
            )
        return id


async def end(id: int, until_day: date, *, by: Actor) -> None:
    """The person is no longer in the household, from `until_day` on.

    Raises ElsewhereThen when by that day they are in the next one already.
    """
    async with db.tx():
        found = await get(id)
        if found["from_day"] and until_day <= found["from_day"]:
            raise Refused(
                _("They came later than that. Choose a day after {day}.", day=found["from_day"].isoformat())
            )
        try:
            async with db.tx():
                changed = await db.value(
                    "UPDATE memberships SET until_day = $2 WHERE id = $1 AND until_day IS DISTINCT FROM $2 RETURNING id",
                    id,
                    until_day,
                )
        except asyncpg.ExclusionViolationError:
            raise ElsewhereThen(
                _("They are in another household by that day already. Choose an earlier one.")
            ) from None
        if changed is not None:
            await constituents.touch(found["household"])
            for one in (found["household"], found["person"]):
                await changes.note(
                    "constituent.membership_ended",
                    "constituent",
                    one,
                    by=by,
                    before={"until": found["until_day"]},
                    after={
                        "until": until_day,
                        "person": found["person_name"],
                        "household": found["household_name"],
                    },
                    subject=one,
                )


async def get(id: int) -> dict[str, Any]:
    """A membership with the names of both; raises NotFound."""
    found = (
        await db.row(
            """
            SELECT m.*, h.name AS household_name, p.name AS person_name
              FROM memberships m JOIN constituents h ON h.id = m.household JOIN constituents p ON p.id = m.person
             WHERE m.id = $1
            """,
            id,
        )
        if 0 < id < 2**31
        else None
    )
    if found is None:
        raise NotFound
    return found
