"""Volunteers: what a constituent is as one, and what only those see who need it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from constituents import timeline
from kit import changes, days, db
from kit.changes import Actor
from kit.errors import Conflict, NotFound
from kit.words import _
from staff import organisation

PARTS_OF_DAY = ("morning", "afternoon", "evening")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AVAILABILITY = tuple(f"{day}-{part}" for day in WEEKDAYS for part in PARTS_OF_DAY)


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What volunteers tell of themselves."""

    status: str = "active"
    skills: Sequence[str] = ()
    languages: Sequence[str] = ()
    interests: Sequence[str] = ()
    availability: Sequence[str] = ()
    may_be_asked: bool = True
    may_be_asked_for_money: bool = True
    notes: str = ""


class Private(msgspec.Struct, frozen=True, kw_only=True):
    """What only those see who need it: the permission volunteers.write, and the lead of a shift on its day."""

    born_on: date | None = None
    guardian: int | None = None
    guardian_name: str = ""
    guardian_phone: str = ""
    emergency_name: str = ""
    emergency_phone: str = ""


async def ensure(constituent: int, *, by: Actor) -> None:
    """Whoever signs up is a volunteer from that day on."""
    async with db.tx():
        today = days.today((await organisation.needed())["zone"])
        new = await db.value(
            "INSERT INTO volunteers (constituent, joined_on) VALUES ($1, $2) ON CONFLICT (constituent) DO NOTHING RETURNING id",
            constituent,
            today,
        )
        if new is not None:
            await changes.note("volunteer.joined", "constituent", constituent, by=by, subject=constituent)
            await timeline.write(
                constituent, "volunteer", constituent, happened_on=today, title=_("Became a volunteer"),
                route="volunteers:show", route_id=constituent, permission="volunteers.read",
            )  # fmt: skip


async def save(constituent: int, profile: Profile, *, version: int, by: Actor) -> None:
    """Change a profile; made if there is none yet (version 0). Raises Conflict when somebody else did meanwhile."""
    async with db.tx():
        await ensure(constituent, by=by)
        was = await get(constituent)
        if version and was["version"] != version:
            raise Conflict(
                _("Somebody else changed this profile meanwhile. Look at it again before you save.")
            )
        new = msgspec.structs.asdict(profile)
        new["availability"] = [slot for slot in AVAILABILITY if slot in set(profile.availability)]
        for name in ("skills", "languages", "interests"):
            new[name] = list(dict.fromkeys(text.strip()[:60] for text in new[name] if text.strip()))
        places = ", ".join(f"{name} = ${n}" for n, name in enumerate(new, start=2))
        await db.row(
            f"UPDATE volunteers SET {places}, version = version + 1 WHERE constituent = $1",  # noqa: S608  names of ours
            constituent,
            *new.values(),
        )
        await changes.note(
            "volunteer.changed", "constituent", constituent, by=by, subject=constituent,
            before={name: was[name] for name in new}, after=new,
        )  # fmt: skip


async def save_private(constituent: int, private: Private, *, by: Actor) -> None:
    """Change what only those see who need it. The trail says that it was changed, not to what."""
    new = msgspec.structs.asdict(private)
    async with db.tx():
        await ensure(constituent, by=by)
        columns, places = ", ".join(new), ", ".join(f"${n}" for n in range(2, len(new) + 2))
        settings = ", ".join(f"{name} = excluded.{name}" for name in new)
        await db.row(
            f"INSERT INTO volunteers_private (constituent, {columns}) VALUES ($1, {places})"  # noqa: S608  names of ours
            f" ON CONFLICT (constituent) DO UPDATE SET {settings}, version = volunteers_private.version + 1",
            constituent,
            *new.values(),
        )
        await changes.note("volunteer.private_changed", "constituent", constituent, by=by)


async def get(constituent: int) -> dict[str, Any]:
    """A profile with the person's name; raises NotFound for who is no volunteer."""
    known = 0 < constituent < 2**31
    found = (
        await db.row(
            "SELECT v.*, c.name FROM volunteers v JOIN constituents c ON c.id = v.constituent WHERE v.constituent = $1",
            constituent,
        )
        if known
        else None
    )
    if found is None:
        raise NotFound(f"volunteer {constituent}")
    return found


async def private_of(constituent: int) -> dict[str, Any]:
    """What only those see who need it; empty values where nothing is known."""
    found = await db.row("SELECT * FROM volunteers_private WHERE constituent = $1", constituent)
    return found or msgspec.structs.asdict(Private())
