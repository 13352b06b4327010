"""Newcomers: a new record, unless somebody like it is here already and nobody has looked at that."""

from typing import Any

from constituents import constituents, likenesses, names
from constituents.constituents import Details
from kit import db
from kit.changes import Actor
from kit.errors import Refused
from kit.words import _


class Alike(Refused):
    """Somebody with this name, e-mail or phone is here: `alike` says who. A person decides."""

    def __init__(self, alike: list[dict[str, Any]]) -> None:
        super().__init__(_("Somebody like this is already here. Is it the same? If not, say so below."))
        self.alike = alike


async def add(details: Details, *, different: bool, by: Actor) -> int:
    """A new constituent; returns the id. `different` says that a person looked at who is like it.

    Raises Alike, also for the second of two clicks at once: the two wait for each other by name.
    """
    async with db.tx():
        await db.row(
            "SELECT pg_advisory_xact_lock(hashtextextended('newcomer:' || $1, 0))",
            names.fold(details.display_name()),
        )
        if not different and (alike := await likenesses.of(details)):
            raise Alike(alike)
        return await constituents.create(details, by=by)
