"""Attendance: who came, when they came and left, and who did not. Hours are proposed from it.

A press at the door carries a key that the device made, so that a tablet which lost the net can send again what it has
without anybody being counted twice. The time is the device's, where its clock can be believed.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from kit import changes, days, db
from kit.changes import SYSTEM, Actor
from kit.errors import Refused
from kit.words import _
from volunteers import clashes, gates, hours, profiles, signups, traces, waiting

# Who is early is let in; what a device says of a time outside is not believed.
EARLY = timedelta(hours=4)
LATE = timedelta(hours=12)
_FORGOTTEN = timedelta(hours=3)


class NotToday(Refused):
    """Nobody checks in long before a shift or long after it."""


class Press(msgspec.Struct, frozen=True):
    """One press: the device's key, the sign-up, in or out or undo, and when by the device's clock.

    `people` is how many of a group came (1 to 500), where somebody counted.
    """

    device_key: str
    signup: int
    what: Literal["in", "out", "undo"]
    at: datetime
    people: int | None = None


async def press(pressed: Press, *, by: Actor, came_by: str) -> dict[str, Any]:
    """Take a press; returns the sign-up's attendance, arrived_at and left_at. The same key again changes nothing.

    `undo` takes back what came last. Raises NotToday outside the time of the shift, Refused for who has no place.
    """
    async with db.tx():
        await signups.lock(pressed.signup)
        new = await db.value(
            """
            INSERT INTO check_ins (device_key, signup, what, people, at, kept_at, came_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (device_key) DO NOTHING RETURNING id
            """,
            pressed.device_key, pressed.signup, pressed.what, pressed.people, pressed.at, days.now(), came_by,
        )  # fmt: skip
        if new is not None:
            await _apply(pressed, by=by)
        return await _state(pressed.signup)


async def walk_in(
    shift_id: int,
    constituent: int,
    *,
    at: datetime,
    device_key: str,
    by: Actor,
    size: int | None = None,
    overrule: bool = True,
) -> int:
    """Somebody comes who had not signed up: signed up and checked in at once; returns the sign-up.

    A full shift takes them at the door: they are there. Its maximum grows by them, and the trail says so. Without
    `overrule` what the shift asks for is asked of them. `size` is how many come, where
    somebody counted. The same key again is the same person.
    Raises gates.Lacks, clashes.Clash, NotToday.
    """
    async with db.tx():
        await db.row("SELECT pg_advisory_xact_lock(hashtextextended('press:' || $1, 0))", device_key)
        known = await db.value("SELECT signup FROM check_ins WHERE device_key = $1", device_key)
        if known is not None:
            return known
        await signups.lock_person(constituent)
        if not overrule:
            await gates.check(constituent, shift_id, size=size or 1)
        shift = await waiting.lock_shift(shift_id)
        standing = await db.row(
            "SELECT id, status, size FROM signups WHERE shift = $1 AND constituent = $2 AND status = ANY ($3)",
            shift_id,
            constituent,
            list(signups.STANDING),
        )
        if standing is None or standing["status"] == "waiting":
            await _make_room(shift, standing["size"] if standing else size or 1, by=by)
        if standing is None:
            await profiles.ensure(constituent, by=by)
            id = (
                await signups.sign_up(
                    shift_id,
                    constituent,
                    size=size or 1,
                    by=by,
                    came_by="walk_in",
                    may_wait=False,
                    overrule=True,
                )
            ).id
        else:
            id = standing["id"]
            await _let_in(standing, by=by)
        await press(Press(device_key, id, "in", at, size), by=by, came_by="walk_in")
        return id


async def note_absent(signup_id: int, *, by: Actor, at: datetime | None = None) -> None:
    """Somebody who had a place did not come.

    `at` is when a device said so: sent late, or twice, it takes nothing back that was pressed after it.
    """
    async with db.tx():
        done = await db.value(
            """
            UPDATE signups u SET attendance = 'absent', arrived_at = NULL, left_at = NULL, version = version + 1
             WHERE id = $1 AND status = 'confirmed' AND attendance = 'unknown'
               AND NOT EXISTS (SELECT FROM check_ins c WHERE c.signup = u.id AND c.at > $2) RETURNING id
            """,
            signup_id,
            at or days.now(),
        )
        if done is not None:
            await traces.leave("signup.absent", signup_id, by=by)


async def close_forgotten() -> int:
    """Who did not check out left when the shift ended: noted as estimated. Who never came in is absent.

    Three hours after the end of a shift; returns how many sign-ups were closed. A shift in which nobody pressed
    anything had no list at its door: those people are left for the coordinator to note.
    """
    over = days.now() - _FORGOTTEN
    still_in = await db.rows(
        """
        SELECT u.id, greatest(s.ends_at, u.arrived_at) AS left_at FROM signups u JOIN shifts s ON s.id = u.shift
         WHERE u.arrived_at IS NOT NULL AND u.left_at IS NULL AND s.ends_at < $1 ORDER BY u.id
        """,
        over,
    )
    for row in still_in:
        async with db.tx():
            closed = await db.value(
                """
                UPDATE signups SET left_at = $2, left_is_estimated = true, version = version + 1
                 WHERE id = $1 AND arrived_at IS NOT NULL AND left_at IS NULL RETURNING id
                """,
                row["id"],
                row["left_at"],
            )
            if closed is None:
                continue  # they checked out this moment
            await traces.leave(
                "signup.left", row["id"], by=SYSTEM, after={"left_at": row["left_at"], "estimated": True}
            )
            await hours.propose_from_attendance(row["id"], by=SYSTEM)
    missing = await db.rows(
        """
        SELECT u.id FROM signups u JOIN shifts s ON s.id = u.shift
         WHERE u.status = 'confirmed' AND u.attendance = 'unknown' AND s.status = 'open'
           AND s.ends_at < $1 AND s.ends_at > $1 - interval '7 days'
           AND EXISTS (SELECT FROM signups o WHERE o.shift = s.id AND o.arrived_at IS NOT NULL)
      ORDER BY u.id
        """,
        over,
    )
    for row in missing:
        await note_absent(row["id"], by=SYSTEM)
    return len(still_in) + len(missing)


async def at_the_door(
    at: datetime, *, programme: int | None = None, place: int | None = None
) -> list[dict[str, Any]]:
    """Who is expected around a moment, by shift and name: for a kiosk and for the lead's list."""
    return await db.rows(
        """
        SELECT u.id, u.size, u.came, u.attendance, u.arrived_at, u.left_at, c.name, c.sort_key, s.id AS shift, s.starts_at, s.ends_at, s.zone,
               o.title, l.name AS place_name
          FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
          JOIN places l ON l.id = coalesce(s.place, o.place) JOIN constituents c ON c.id = u.constituent
         WHERE u.status = 'confirmed' AND s.status = 'open' AND s.starts_at < $1::timestamptz + $2::interval
           AND s.ends_at > $1::timestamptz - $3::interval
           AND ($4::int IS NULL OR o.programme = $4) AND ($5::int IS NULL OR l.id = $5)
      ORDER BY s.starts_at, o.title, s.id, c.sort_key, u.id
        """,
        at,
        EARLY,
        timedelta(hours=2),
        programme,
        place,
    )


async def _make_room(shift: dict[str, Any], size: int, *, by: Actor) -> None:
    most = max(shift["maximum"], shift["taken"] + size)
    if most > shift["maximum"]:
        await db.row(
            "UPDATE shifts SET maximum = $2, differs = series IS NOT NULL, version = version + 1 WHERE id = $1",
            shift["id"],
            most,
        )
        await changes.note(
            "shift.grew_at_the_door", "shift", shift["id"], by=by,
            before={"maximum": shift["maximum"]}, after={"maximum": most},
        )  # fmt: skip


async def _let_in(standing: dict[str, Any], *, by: Actor) -> None:
    """Whoever waits, has an offer or waits for approval, and is here, has the place."""
    if standing["status"] == "confirmed":
        return
    async with clashes.said():
        await db.row(
            "UPDATE signups SET status = 'confirmed', offer_until = NULL, version = version + 1 WHERE id = $1",
            standing["id"],
        )
    await traces.leave("signup.came", standing["id"], by=by, before={"status": standing["status"]})


async def _apply(pressed: Press, *, by: Actor) -> None:
    signup = await signups.get(pressed.signup)
    at = _believable(pressed.at, signup)
    if pressed.what == "undo":
        await _undo(signup, at, by=by)
    elif pressed.what == "in":
        await _in(signup, at, pressed.people, by=by)
    else:
        await _out(signup, at, by=by)


def _believable(at: datetime, signup: dict[str, Any]) -> datetime:
    """The device's time, or ours where its clock is wrong; raises NotToday when ours is no time for this shift."""
    first, last = signup["starts_at"] - EARLY, signup["ends_at"] + LATE
    now = days.now()
    if first <= at <= min(last, now + timedelta(minutes=5)):
        return min(at, now)
    if now < first:
        raise NotToday(_("This shift is not now. Check-in opens four hours before it."))
    if now > last:
        raise NotToday(_("This shift is over, and its list is closed. Enter the time they gave under Hours."))
    return now


async def _in(signup: dict[str, Any], at: datetime, people: int | None, *, by: Actor) -> None:
    if signup["status"] not in ("confirmed", "pending"):
        raise Refused(
            _(
                "{name} has no place on this shift. Put them on the list first: “Somebody who is not on the list”.",
                name=signup["name"],
            )
        )
    if people == signup["size"] == 1:
        people = None
    left = signup["left_at"]
    here = signup["arrived_at"] is not None and left is None
    if (here and people in (None, signup["came"])) or (left is not None and at <= left):
        return  # a press that was sent late says nothing new
    await db.row(
        """
        UPDATE signups SET attendance = 'present', arrived_at = coalesce(arrived_at, $2), left_at = NULL,
               left_is_estimated = false, came = coalesce($3, came), status = 'confirmed', version = version + 1
         WHERE id = $1
        """,
        signup["id"],
        at,
        people,
    )
    await traces.leave("signup.arrived", signup["id"], by=by, after={"at": at, "people": people})


async def _out(signup: dict[str, Any], at: datetime, *, by: Actor) -> None:
    if signup["arrived_at"] is None:
        raise Refused(_("{name} has not checked in.", name=signup["name"]))
    at = max(at, signup["arrived_at"])
    if signup["left_at"] is not None and not signup["left_is_estimated"] and at <= signup["left_at"]:
        return  # a press that was sent late says nothing new
    await db.row(
        "UPDATE signups SET left_at = $2, left_is_estimated = false, version = version + 1 WHERE id = $1",
        signup["id"],
        at,
    )
    await traces.leave("signup.left", signup["id"], by=by, after={"left_at": at})
    await hours.propose_from_attendance(signup["id"], by=by)


async def _undo(signup: dict[str, Any], at: datetime, *, by: Actor) -> None:
    """Take back what came last, but nothing that came after this press was made (it may have been sent late)."""
    if signup["left_at"] is not None:
        column, change = "left_at", "left_at = NULL, left_is_estimated = false"
    elif signup["arrived_at"] is not None:
        column, change = "arrived_at", "arrived_at = NULL, came = NULL, attendance = 'unknown'"
    elif signup["attendance"] == "absent":
        column, change = "attendance", "attendance = 'unknown'"
    else:
        return
    if column != "attendance" and signup[column] > at and not signup["left_is_estimated"]:
        return
    await hours.withdraw_proposal(signup["id"], by=by)
    await db.row(f"UPDATE signups SET {change}, version = version + 1 WHERE id = $1", signup["id"])  # noqa: S608  ours
    await traces.leave("signup.press_undone", signup["id"], by=by, before={column: signup[column]})


async def _state(signup_id: int) -> dict[str, Any]:
    found = await db.row(
        "SELECT id, attendance, arrived_at, left_at, came FROM signups WHERE id = $1", signup_id
    )
    assert found is not None
    return found
