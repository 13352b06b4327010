"""What stands here already, as far as files of volunteers name it; asked before their plan is made."""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from constituents import identity
from constituents.identity import Known
from imports import cells
from imports.plan import Key
from imports.volunteers_read import Table
from imports.volunteers_records import Role, Shift
from kit import days, db
from staff import organisation
from volunteers import numbers


class RoleHere(msgspec.Struct, frozen=True):
    """A role that is here, and at which place its shifts are unless they say otherwise."""

    id: int
    place: str
    closed: bool


class Here(msgspec.Struct):
    """Names are folded by `normal`. `people` are by normal e-mail, `brought` what an earlier import brought."""

    mark: str
    country: str
    zone: str
    today: date
    now: datetime
    programmes: dict[str, int] = {}
    zones: dict[str, str] = {}
    """Of each place, its clock."""
    roles: dict[tuple[str, str], list[RoleHere]] = {}
    people: dict[str, list[Known]] = {}
    brought: dict[Key, int] = {}
    ours: dict[str, set[int]] = {}
    """Of numbers that these books gave (Volunteer, Shift, Hours), our ids that there are."""


def normal(name: str) -> str:
    """How names of programmes, places and roles are compared."""
    return " ".join(name.casefold().split())[:120]


async def look(tables: Iterable[Table]) -> Here:
    """Everything here that the rows of these tables name. Reads them once."""
    ours = await organisation.needed()
    here = Here(await numbers.mark(), ours["country"], ours["zone"], days.today(ours["zone"]), days.now())
    emails: set[str] = set()
    asked: dict[str, set[int]] = {"Volunteer": set(), "Shift": set(), "Hours": set()}
    for table in tables:
        for row in table.rows():
            if email := cells.email_normal(row["Email"]):
                emails.add(email)
            for kind, ids in asked.items():
                id = numbers.id_of(row[f"{kind} ID"], here.mark)
                if id is not None:
                    ids.add(id)
    here.people = await identity.with_emails(sorted(emails))
    here.ours = {
        "Volunteer": await _there("SELECT id FROM constituents WHERE kind = 'person' AND id = ANY ($1::bigint[])", asked["Volunteer"]),
        "Shift": await _there("SELECT id FROM shifts WHERE id = ANY ($1::bigint[])", asked["Shift"]),
        "Hours": await _there("SELECT id FROM hours WHERE id = ANY ($1::bigint[])", asked["Hours"]),
    }  # fmt: skip
    for row in await db.rows(
        "SELECT kind, external, ours FROM external_ids WHERE source = $1 AND kind IN ('Volunteer', 'VolunteerRow')",
        numbers.SOURCE,
    ):
        here.brought[row["kind"], row["external"]] = row["ours"]
    await _look_at_the_plan(here)
    return here


async def _there(question: str, ids: set[int]) -> set[int]:
    return {row["id"] for row in await db.rows(question, sorted(ids))}


async def _look_at_the_plan(here: Here) -> None:
    for row in await db.rows("SELECT id, name FROM programmes"):
        here.programmes[normal(row["name"])] = row["id"]
    for row in await db.rows("SELECT name, zone FROM places"):
        here.zones[normal(row["name"])] = row["zone"]
    for row in await db.rows(
        """
        SELECT o.id, o.title, p.name AS programme, l.name AS place, o.closed_at IS NOT NULL OR p.closed_at IS NOT NULL AS closed
          FROM opportunities o JOIN programmes p ON p.id = o.programme JOIN places l ON l.id = o.place ORDER BY o.id
        """
    ):
        key = normal(row["programme"]), normal(row["title"])
        here.roles.setdefault(key, []).append(RoleHere(row["id"], normal(row["place"]), row["closed"]))


class Names:
    """Our ids of what files call by name."""

    def __init__(
        self, programmes: dict[str, int], places: dict[str, int], roles: dict[Role, tuple[int, int]]
    ) -> None:
        self.programmes, self.places, self.roles = programmes, places, roles
        """Of a role, its id and that of its place."""

    @classmethod
    async def read(cls) -> "Names":
        return cls(
            {normal(row["name"]): row["id"] for row in await db.rows("SELECT id, name FROM programmes")},
            {normal(row["name"]): row["id"] for row in await db.rows("SELECT id, name FROM places")},
            {
                Role(normal(row["programme"]), normal(row["title"])): (row["id"], row["place"])
                for row in await db.rows(
                    "SELECT o.id, o.title, o.place, p.name AS programme FROM opportunities o JOIN programmes p ON p.id = o.programme"
                )
            },
        )

    def place_of(self, one: Shift) -> int | None:
        """None where it is the role's own."""
        place = self.places[one.place]
        return place if place != self.roles[one.role][1] else None
