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
from volunteers import hours, profiles, signups, traces, waiting

# Who is early is let in; what a device says of a time outside is not believed.
EARLY = timedelta(hours=4)
LATE = timedelta(hours=12)
_FORGOTTEN = timedelta(hours=3)


class NotToday(Refused):
    """Nobody checks in long before a shift or long after it."""


class Press(msgspec.Struct, frozen=True):
    """One press: the device's key, the sign-up, in or out or undo, and when by the device's clock."""

    device_key: str
    signup: int
    what: Literal["in", "out", "undo"]
    at: datetime


async def press(pressed: Press, *, by: Actor, came_by: str) -> dict[str, Any]:
    """Take a press; returns the sign-up's attendance, arrived_at and left_at. The same key again changes nothing.

    `undo` takes back what came last. Raises NotToday outside the time of the shift, Refused for who has no place.
    """
    async with db.tx():
        signup = await db.row(
            "SELECT id, shift, constituent FROM signups WHERE id = $1 FOR UPDATE", pressed.signup
        )
        if signup is None:
            await signups.get(pressed.signup)  # says NotFound
        new = await db.value(
            """
            INSERT INTO check_ins (device_key, signup, what, at, kept_at, came_by) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (device_key) DO NOTHING RETURNING id
            """,
            pressed.device_key, pressed.signup, pressed.what, pressed.at, days.now(), came_by,
        )  # fmt: skip
        if new is not None:
            await _apply(pressed, by=by)
        return await _state(pressed.signup)


async def walk_in(shift_id: int, constituent: int, *, at: datetime, device_key: str, by: Actor) -> int:
    """Somebody comes who had not signed up: signed up and checked in at once; returns the sign-up.

    A full shift takes one more person at the door: they are there. Its maximum grows by them, and the trail says so.
    """
    async with db.tx():
        known = await db.value("SELECT signup FROM check_ins WHERE device_key = $1", device_key)
        if known is not None:
            return known
        await signups.lock_person(constituent)
        shift = await waiting.lock_shift(shift_id)
        standing = await db.row(
            "SELECT id, status, size FROM signups WHERE shift = $1 AND constituent = $2 AND status IN ('pending', 'confirmed', 'waiting', 'offered')",
            shift_id,
            constituent,
        )
        await _grow(shift, _comes_in_addition(standing), by=by)
        if standing is None:
            await profiles.ensure(constituent, by=by)
            id = (
                await signups.sign_up(
                    shift_id, constituent, by=by, came_by="walk_in", may_wait=False, overrule=True
                )
            ).id
        else:
            id = standing["id"]
            if standing["status"] != "confirmed":
                await db.row(
                    "UPDATE signups SET status = 'confirmed', offer_until = NULL, version = version + 1 WHERE id = $1",
                    id,
                )
                await traces.leave("signup.came", id, by=by, before={"status": standing["status"]})
        await press(Press(device_key, id, "in", at), by=by, came_by="walk_in")
        return id


def _comes_in_addition(standing: dict[str, Any] | None) -> int:
    """How many people a walk-in brings who do not count on the shift yet: a group in line comes as a whole."""
    if standing is None:
        return 1
    return standing["size"] if standing["status"] == "waiting" else 0


async def _grow(shift: dict[str, Any], people: int, *, by: Actor) -> None:
    """They are there: a full shift becomes as large as it has to."""
    maximum = shift["taken"] + people
    if maximum <= shift["maximum"]:
        return
    await db.row(
        "UPDATE shifts SET maximum = $2, differs = series IS NOT NULL, version = version + 1 WHERE id = $1",
        shift["id"],
        maximum,
    )
    await changes.note(
        "shift.grew_at_the_door", "shift", shift["id"], by=by,
        before={"maximum": shift["maximum"]}, after={"maximum": maximum},
    )  # fmt: skip


async def note_absent(signup_id: int, *, by: Actor) -> None:
    """Somebody who had a place did not come."""
    async with db.tx():
        done = await db.value(
            """
            UPDATE signups SET attendance = 'absent', arrived_at = NULL, left_at = NULL, version = version + 1
             WHERE id = $1 AND status = 'confirmed' AND attendance = 'unknown' RETURNING id
            """,
            signup_id,
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
            await db.row(
                """
                UPDATE signups SET left_at = $2, left_is_estimated = true, version = version + 1
                 WHERE id = $1 AND left_at IS NULL
                """,
                row["id"],
                row["left_at"],
            )
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
        SELECT u.id, u.size, u.attendance, u.arrived_at, u.left_at, c.name, s.id AS shift, s.starts_at, s.ends_at, s.zone,
               o.title, l.name AS place_name
          FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
          JOIN places l ON l.id = coalesce(s.place, o.place) JOIN constituents c ON c.id = u.constituent
         WHERE u.status = 'confirmed' AND s.status = 'open' AND s.starts_at < $1 + $2::interval AND s.ends_at > $1 - $3::interval
           AND ($4::int IS NULL OR o.programme = $4) AND ($5::int IS NULL OR l.id = $5)
      ORDER BY s.starts_at, o.title, s.id, c.sort_key, u.id
        """,
        at,
        EARLY,
        timedelta(hours=2),
        programme,
        place,
    )


async def _apply(pressed: Press, *, by: Actor) -> None:
    signup = await signups.get(pressed.signup)
    at = _believable(pressed.at, signup)
    if pressed.what == "undo":
        await _undo(signup, by=by)
    elif pressed.what == "in":
        await _in(signup, at, by=by)
    else:
        await _out(signup, at, by=by)


def _believable(at: datetime, signup: dict[str, Any]) -> datetime:
    """The device's time, or ours where its clock is wrong; raises NotToday when ours is no time for this shift."""
    first, last = signup["starts_at"] - EARLY, signup["ends_at"] + LATE
    now = days.now()
    if first <= at <= min(last, now + timedelta(minutes=5)):
        return min(at, now)
    if not first <= now <= last:
        raise NotToday(_("This shift is not now. Check-in opens four hours before it."))
    return now


async def _in(signup: dict[str, Any], at: datetime, *, by: Actor) -> None:
    if signup["status"] not in ("confirmed", "pending"):
        raise Refused(_("{name} has no place on this shift. Add them as a walk-in.", name=signup["name"]))
    if signup["arrived_at"] is not None and signup["left_at"] is None:
        return
    await db.row(
        """
        UPDATE signups SET attendance = 'present', arrived_at = coalesce(arrived_at, $2), left_at = NULL,
               left_is_estimated = false, status = 'confirmed', version = version + 1 WHERE id = $1
        """,
        signup["id"],
        at,
    )
    await traces.leave("signup.arrived", signup["id"], by=by, after={"at": at})


async def _out(signup: dict[str, Any], at: datetime, *, by: Actor) -> None:
    if signup["arrived_at"] is None:
        raise Refused(_("{name} has not checked in.", name=signup["name"]))
    at = max(at, signup["arrived_at"])
    await db.row(
        "UPDATE signups SET left_at = $2, left_is_estimated = false, version = version + 1 WHERE id = $1",
        signup["id"],
        at,
    )
    await traces.leave("signup.left", signup["id"], by=by, after={"left_at": at})
    await hours.propose_from_attendance(signup["id"], by=by)


async def _undo(signup: dict[str, Any], *, by: Actor) -> None:
    column = "left_at" if signup["left_at"] is not None else "arrived_at"
    if signup["arrived_at"] is None:
        return
    await hours.withdraw_proposal(signup["id"])
    if column == "left_at":
        await db.row(
            "UPDATE signups SET left_at = NULL, left_is_estimated = false, version = version + 1 WHERE id = $1",
            signup["id"],
        )
    else:
        await db.row(
            "UPDATE signups SET arrived_at = NULL, attendance = 'unknown', version = version + 1 WHERE id = $1",
            signup["id"],
        )
    await traces.leave("signup.press_undone", signup["id"], by=by, before={column: signup[column]})


async def _state(signup_id: int) -> dict[str, Any]:
    found = await db.row("SELECT id, attendance, arrived_at, left_at FROM signups WHERE id = $1", signup_id)
    assert found is not None
    return found
