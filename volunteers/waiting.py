"""The line of a full shift: whoever stood there first is offered the place that frees, for a while.

An offer holds the place. A group that needs more places than are free is passed over and keeps its place in line, so
that one place never stays empty because four are wanted; who is busy elsewhere at that time, or could not take the
place (their certificate has ended, they have their fair share), is passed over likewise.
"""

from datetime import datetime, timedelta
from typing import Any

from kit import days, db, facts
from kit.changes import SYSTEM, Actor
from kit.errors import NotFound, Refused
from kit.words import _
from volunteers import clashes, gates, traces

_SOONEST = timedelta(minutes=30)


class OfferIsOver(Refused):
    """The place was held until the deadline, and has gone to the next."""


async def keep_timetable() -> None:
    """No shift moves until this transaction ends; any number take places meanwhile. Before every other lock."""
    await db.row("SELECT pg_advisory_xact_lock_shared(hashtextextended('volunteers: timetable', 0))")


async def change_timetable() -> None:
    """Shifts may move, and nobody takes a place until this transaction ends. Before every other lock.

    Without it two moves, or a move and a sign-up, could each wait for the other's answer to whether somebody is in
    two places: the constraint writes first and asks then.
    """
    await db.row("SELECT pg_advisory_xact_lock(hashtextextended('volunteers: timetable', 0))")


async def lock_shift(shift_id: int) -> dict[str, Any]:
    """The shift with its opportunity's rules, its row locked until the transaction ends; raises NotFound."""
    found = await db.row(_SHIFT + " FOR UPDATE OF s", shift_id) if 0 < shift_id < 2**31 else None
    if found is None:
        raise NotFound(f"shift {shift_id}")
    return found


async def fill(shift_id: int) -> dict[str, Any]:
    """Offer what is free to those in line whom it fits, first come first; returns the shift as it is then.

    Offers that are over end first. The caller holds the lock of the shift.
    """
    now = days.now()
    await _lapse(shift_id, now)
    shift = await _read(shift_id)
    if shift["status"] == "open" and shift["starts_at"] > now:
        while shift["waiting"] and (next_one := await _next(shift)) is not None:
            await _offer(next_one, shift, now)
            shift = await _read(shift_id)
    return shift


async def take(signup_id: int, *, by: Actor) -> str:
    """Take the offered place; returns the new status (pending where somebody has to approve).

    Raises OfferIsOver after the deadline, gates.Lacks, and clashes.Clash when the person is elsewhere meanwhile.
    """
    from volunteers import signups

    before = await signups.get(signup_id)
    async with db.tx():
        await signups.lock_person(before["constituent"])
        shift = await lock_shift(before["shift"])
        signup = await db.row("SELECT * FROM signups WHERE id = $1", signup_id)
        assert signup is not None
        if signup["status"] in ("pending", "confirmed"):
            return signup["status"]
        now = days.now()
        if signup["status"] != "offered" or signup["offer_until"] <= now or shift["starts_at"] <= now:
            raise OfferIsOver(
                _("This place is no longer held for you. You can sign up again if there is room.")
            )
        if not _staff_answer_for(signup):
            await gates.check(signup["constituent"], shift["id"], size=signup["size"])
        found = await clashes.of(signup["constituent"], shift["id"])
        if found:
            raise clashes.Clash(clashes.sentence_for(before["name"], found[0]))
        status = "pending" if shift["needs_approval"] else "confirmed"
        async with clashes.said():
            await db.row(
                "UPDATE signups SET status = $2, offer_until = NULL, version = version + 1 WHERE id = $1",
                signup_id,
                status,
            )
        await traces.leave("signup.taken", signup_id, by=by, after={"status": status})
        if status == "confirmed":
            await facts.say("signup.confirmed", signup_id)
        return status


async def due() -> list[int]:
    """Shifts with an offer that is over, or with free places and somebody in line."""
    found = await db.rows(
        """
        SELECT DISTINCT shift FROM signups WHERE status = 'offered' AND offer_until <= $1
         UNION
        SELECT id FROM shifts WHERE status = 'open' AND starts_at > $1 AND waiting > 0 AND taken < maximum
      ORDER BY 1
        """,
        days.now(),
    )
    return [row["shift"] for row in found]


async def fill_due() -> None:
    """End offers that are over and offer what is free, each shift for itself."""
    for shift_id in await due():
        async with db.tx():
            await lock_shift(shift_id)
            await fill(shift_id)


async def people_before(signup_id: int) -> int:
    """How many people stand before somebody in line."""
    return await db.value(
        """
        SELECT coalesce(sum(b.size), 0)::int FROM signups me
          JOIN signups b ON b.shift = me.shift AND b.status = 'waiting' AND (b.queued_at, b.id) < (me.queued_at, me.id)
         WHERE me.id = $1
        """,
        signup_id,
    )


def deadline(now: datetime, starts_at: datetime, offer_hours: int) -> datetime:
    """Until when a place is held: the opportunity's hours, but no more than a quarter of the time that is left, no
    less than half an hour, and never past the start."""
    quarter = max(_SOONEST, (starts_at - now) / 4)
    return min(now + min(timedelta(hours=offer_hours), quarter), starts_at)


async def _offer(signup_id: int, shift: dict[str, Any], now: datetime) -> None:
    until = deadline(now, shift["starts_at"], shift["offer_hours"])
    await db.row(
        "UPDATE signups SET status = 'offered', offer_until = $2, version = version + 1 WHERE id = $1",
        signup_id,
        until,
    )
    await traces.leave("signup.offered", signup_id, by=SYSTEM, after={"until": until})
    await facts.say("signup.offered", signup_id)


async def _lapse(shift_id: int, now: datetime) -> None:
    for row in await db.rows(
        """
        UPDATE signups SET status = 'lapsed', offer_until = NULL, ended_at = $2, version = version + 1
         WHERE shift = $1 AND status = 'offered' AND offer_until <= $2 RETURNING id
        """,
        shift_id,
        now,
    ):
        await traces.leave("signup.lapsed", row["id"], by=SYSTEM)
        await facts.say("signup.ended", row["id"])


async def _next(shift: dict[str, Any]) -> int | None:
    """The first in line whom the free places fit, who is nowhere else at that time, and who may come."""
    fit = await db.rows(
        """
        SELECT u.id, u.constituent, u.came_by FROM signups u JOIN shifts s ON s.id = u.shift
         WHERE u.shift = $1 AND u.status = 'waiting' AND u.size <= $2
           AND NOT EXISTS (SELECT FROM signups o WHERE o.constituent = u.constituent
                              AND o.status IN ('pending', 'confirmed') AND o.occupied && time_taken_by(s))
      ORDER BY u.queued_at, u.id
        """,
        shift["id"],
        shift["maximum"] - shift["taken"],
    )
    able = await gates.able([one["constituent"] for one in fit], shift["id"]) if fit else set()
    return next((one["id"] for one in fit if _staff_answer_for(one) or one["constituent"] in able), None)


def _staff_answer_for(signup: dict[str, Any]) -> bool:
    """Staff who put somebody in line were told what the person lacks, and did it all the same."""
    return signup["came_by"] == "staff"


async def _read(shift_id: int) -> dict[str, Any]:
    found = await db.row(_SHIFT, shift_id)
    assert found is not None
    return found


_SHIFT = """
    SELECT s.*, o.title, o.programme, o.needs_approval, o.largest_group, o.opens_days, o.closes_hours, o.withdraw_hours,
           o.offer_hours, o.is_public, coalesce(s.place, o.place) AS at_place
      FROM shifts s JOIN opportunities o ON o.id = s.opportunity WHERE s.id = $1
"""
