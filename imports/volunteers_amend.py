"""Volunteers, shifts and hours that are here, and of which a file says something else: one changed row, one changed record.

What a file leaves empty is not emptied. A shift to come goes through its verb, so that the people on it are told.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from constituents import timeline
from imports import amend
from imports.amend import Amending, NotAmended
from imports.plan import Address, Constituent
from imports.volunteers_insert import Putting, on_timelines
from imports.volunteers_records import PRIVATE, TOLD, Hours, Profile, Shift
from kit import changes, days, db
from kit.words import _
from volunteers import clashes, profiles
from volunteers import shifts as planned


async def person(one: Constituent, ours: int, at: Amending, putting: Putting) -> bool:
    """Of somebody who was found by e-mail the name stays: another one is proposed already."""
    if one.key not in putting.plan.matched:
        return await amend.constituent(one, ours, at)
    added = [*await amend.add_emails(one, ours), *await amend.add_phones(one, ours)]
    if added:
        await changes.note(
            "constituent.edited", "constituent", ours, by=at.by, after={"added": added}, subject=ours
        )
    return bool(added)


async def address(one: Address, ours: int, at: Amending, putting: Putting) -> bool:
    """As in every import."""
    await amend.address(one, ours, at)
    return True


async def profile(one: Profile, ours: int, at: Amending, putting: Putting) -> bool:
    """What somebody is as a volunteer, as far as the file says it. Raises NotAmended for one that is gone."""
    was = await db.row("SELECT * FROM volunteers WHERE id = $1 FOR UPDATE", ours)
    if was is None:
        raise NotAmended(_("It is no longer here."))
    merges = one.of in putting.plan.matched
    new = {
        name: value
        for name in TOLD
        if (value := _now(name, getattr(one, name), was[name], merges)) != was[name]
    }
    if new:
        await _set("volunteers", ours, new)
        await changes.note(
            "volunteer.changed", "constituent", was["constituent"], by=at.by, subject=was["constituent"],
            before={name: was[name] for name in new}, after=new,
        )  # fmt: skip
    return await _private(one, was["constituent"], at) or bool(new)


def _now(name: str, said: Any, was: Any, merges: bool) -> Any:
    """What a file says, where it says anything. Of somebody who was here before it, nothing that was known is lost,
    and who did not want to be asked is not asked."""
    if said is None or said in ("", ()):
        return was
    if isinstance(said, tuple):
        said = was if set(said) == set(was) else list(said)  # another order says nothing new
    if not merges:
        return said
    if isinstance(said, list):
        return was + [one for one in said if one not in was]
    if name == "notes":
        return was if said in was else f"{was}\n\n{said}".strip()
    if name == "joined_on":
        return min(said, was)
    return (said and was) if isinstance(said, bool) else said


async def _private(one: Profile, constituent: int, at: Amending) -> bool:
    was = await profiles.private_of(constituent)
    told = {name: value for name in PRIVATE if (value := getattr(one, name)) and value != was[name]}
    if told:
        kept = {name: was[name] for name in profiles.Private.__struct_fields__}
        await profiles.save_private(constituent, profiles.Private(**(kept | told)), by=at.by)
    return bool(told)


async def shift(one: Shift, ours: int, at: Amending, putting: Putting) -> bool:
    """Another time, place or size of a shift. Raises NotAmended for one that is gone or that people stand in the way of."""
    was = await db.row("SELECT * FROM shifts WHERE id = $1 FOR UPDATE", ours)
    if was is None:
        raise NotAmended(_("This shift was taken away here. Plan it anew if the file is right."))
    if was["opportunity"] != putting.names.roles[one.role][0]:
        raise NotAmended(_("It is a shift of another role here. Plan a new one instead."))
    new = {
        "starts_at": one.starts_at, "ends_at": one.ends_at, "zone": one.zone, "place": putting.names.place_of(one),
        "minimum": min(was["minimum"], one.maximum) if one.minimum is None else one.minimum, "maximum": one.maximum,
        "note": one.note or was["note"],
    }  # fmt: skip
    differs = {name: value for name, value in new.items() if value != was[name]}
    if one.status != was["status"]:
        if one.status == "open":
            raise NotAmended(_("This shift was cancelled here. Plan it anew if the file is right."))
        await planned.cancel(ours, reason=_("Cancelled, says the file that was imported."), by=at.by)
        return True
    if not differs:
        return False
    if was["status"] == "open" and was["ends_at"] > at.now:
        await _move(one, was, new, at)
    else:
        await _correct(was, new, differs, at)
    return True


async def _move(one: Shift, was: dict[str, Any], new: dict[str, Any], at: Amending) -> None:
    wall = {name: days.wall_clock(new[f"{name}_at"], one.zone) for name in ("starts", "ends")}
    details = planned.ShiftDetails(
        opportunity=was["opportunity"],
        **wall,
        place=new["place"],
        minimum=new["minimum"],
        maximum=new["maximum"],
        note=new["note"],
    )
    await planned.update(was["id"], details, version=was["version"], by=at.by)


async def _correct(was: dict[str, Any], new: dict[str, Any], differs: dict[str, Any], at: Amending) -> None:
    """A shift that is over: nobody is told, nobody is asked."""
    if was["taken"] > new["maximum"]:
        raise NotAmended(_("{count} people were on it, more than the file allows.", count=was["taken"]))
    async with clashes.said():
        await _set("shifts", was["id"], differs)
    await changes.note(
        "shift.changed",
        "shift",
        was["id"],
        by=at.by,
        before={name: was[name] for name in differs},
        after=differs,
    )


async def hours(one: Hours, ours: int, at: Amending, putting: Putting) -> bool:
    """Hours as the file has them now. Raises NotAmended for an entry that is gone."""
    was = await db.row("SELECT * FROM hours WHERE id = $1 FOR UPDATE", ours)
    if was is None:
        raise NotAmended(_("These hours were taken away here."))
    new = {
        "constituent": putting.person(one.who), "programme": putting.names.programmes[one.programme],
        "opportunity": putting.names.roles[one.role][0] if one.role else was["opportunity"],
        "day": one.day, "minutes": one.minutes, "people": one.people, "status": one.status, "note": one.note or was["note"],
    }  # fmt: skip
    differs = {name: value for name, value in new.items() if value != was[name]}
    if not differs:
        return False
    if "status" in differs:
        differs["decided_at"] = None if one.status == "proposed" else at.now
    await _set("hours", ours, differs)
    await changes.note(
        "hours.adjusted", "hours", ours, by=at.by, subject=new["constituent"],
        before={name: was[name] for name in differs}, after=differs,
    )  # fmt: skip
    if one.status == "approved":
        await on_timelines([one], putting)
        putting.gave.add(new["constituent"])
    else:
        await timeline.remove("hours", ours)
    return True


async def _set(table: str, ours: int, values: dict[str, Any]) -> None:
    settings = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, start=2))
    question = f"UPDATE {table} SET {settings}, version = version + 1 WHERE id = $1"  # noqa: S608  names of ours
    await db.row(question, ours, *values.values())


VERBS: dict[str, Callable[[Any, int, Amending, Putting], Awaitable[bool]]] = {
    "constituent": person,
    "address": address,
    "volunteer": profile,
    "shift": shift,
    "hours": hours,
}
