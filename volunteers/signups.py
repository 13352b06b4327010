"""Sign-ups: taking a place on a shift, giving it back, and what staff decide about it.

The row of the shift is locked for as long as its places are counted, so simultaneous sign-ups pass one after the
other; the row of the person before it, so that their limits are counted once. Whoever is in line goes before whoever
comes now.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from kit import days, db, facts
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.words import _
from volunteers import clashes, gates, traces, waiting

STANDING = ("pending", "confirmed", "waiting", "offered")


class AlreadySignedUp(Refused):
    """One sign-up per person and shift."""


class NoPlace(Refused):
    """The shift is full, and nobody wanted to wait."""


class NotPossible(Refused):
    """A sign-up in this state cannot become what was asked."""


class SignedUp(msgspec.Struct, frozen=True):
    """What became of a sign-up: its id, its status, how many people stand before it in line, and what to mind."""

    id: int
    status: str
    before: int = 0
    warnings: tuple[str, ...] = ()


async def sign_up(
    shift_id: int,
    constituent: int,
    *,
    by: Actor,
    size: int = 1,
    names: Sequence[str] = (),
    comment: str = "",
    came_by: str = "public",
    may_wait: bool = True,
    overrule: bool = False,
) -> SignedUp:
    """Put a person (with `size - 1` others) on a shift, or in its line when it is full.

    `overrule` is for staff: windows and what the shift asks for are not looked at; capacity and clashes always are.
    Raises NotFound, gates.NotYet, gates.Lacks, clashes.Clash, AlreadySignedUp, NoPlace.
    """
    async with db.tx():
        await lock_person(constituent)
        shift = await waiting.lock_shift(shift_id)
        if not overrule:
            (gates.check_ahead if came_by == "ask" else gates.check_window)(shift, days.now())
            await gates.check(constituent, shift_id, size=size)
        elif shift["status"] != "open":
            raise gates.NotYet(_("This shift is cancelled."))
        await refuse_second(shift_id, constituent)
        await _refuse_clash(shift_id, constituent)
        shift = await waiting.fill(shift_id)
        status = _status(shift, size, by_staff=overrule)
        if status == "waiting" and not may_wait:
            raise NoPlace(_("This shift is full."))
        id = await _insert(shift, constituent, size, status, came_by, comment)
        await _name(id, names, size)
        await traces.leave("signup.made", id, by=by, after={"status": status, "size": size})
        await facts.say("signup.made", id)
        if status == "confirmed":
            await facts.say("signup.confirmed", id)
        before = await waiting.people_before(id) if status == "waiting" else 0
        return SignedUp(id, status, before, tuple(await clashes.travel(constituent, shift_id)))


async def withdraw(signup_id: int, *, by: Actor, reason: str = "") -> None:
    """Give the place (or the place in line, or the offer) back; the next in line is offered it. Twice is once.

    Withdrawing after the opportunity's last time to withdraw is kept as late. Raises NotPossible once the shift began.
    """
    async with db.tx():
        shift, signup = await lock(signup_id)
        if signup["status"] not in STANDING:
            return
        now = days.now()
        if shift["starts_at"] <= now:
            raise NotPossible(_("This shift has begun. The coordinator notes who came."))
        late = (
            signup["status"] == "confirmed"
            and shift["starts_at"] - timedelta(hours=shift["withdraw_hours"]) < now
        )
        await _end(signup, "withdrawn", reason=reason, late=late)
        await traces.leave(
            "signup.withdrawn",
            signup_id,
            by=by,
            before={"status": signup["status"]},
            after={"late": late, "reason": reason},
        )
        await facts.say("signup.ended", signup_id)
        await waiting.fill(shift["id"])


async def approve(signup_id: int, *, by: Actor) -> None:
    """A pending sign-up has its place for good. Twice is once."""
    async with db.tx():
        _shift, signup = await lock(signup_id)
        if signup["status"] == "confirmed":
            return
        if signup["status"] != "pending":
            raise NotPossible(_("Only a sign-up that waits for approval can be approved."))
        await db.row(
            "UPDATE signups SET status = 'confirmed', version = version + 1 WHERE id = $1", signup_id
        )
        await traces.leave("signup.approved", signup_id, by=by)
        await facts.say("signup.confirmed", signup_id)


async def decline(signup_id: int, *, reason: str, by: Actor) -> None:
    """Staff take somebody off a shift, or out of its line, and say why; the next in line is offered the place."""
    async with db.tx():
        shift, signup = await lock(signup_id)
        if signup["status"] not in STANDING:
            raise NotPossible(_("This sign-up has ended already."))
        await _end(signup, "declined", reason=reason)
        await traces.leave(
            "signup.declined", signup_id, by=by, before={"status": signup["status"]}, after={"reason": reason}
        )
        await facts.say("signup.ended", signup_id)
        await waiting.fill(shift["id"])


async def answer(signup_id: int, *, coming: bool, by: Actor) -> None:
    """The answer to a reminder: “I'll be there”, or “I can't”, which gives the place back."""
    async with db.tx():
        _shift, signup = await lock(signup_id)
        if not coming and signup["status"] == "withdrawn":
            return  # two clicks are one
        if signup["status"] != "confirmed":
            raise NotPossible(_("This place is no longer yours, so there is nothing to answer."))
        await db.row(
            "UPDATE signups SET answer = $2, answered_at = $3, version = version + 1 WHERE id = $1",
            signup_id,
            "coming" if coming else "not_coming",
            days.now(),
        )
        await traces.leave("signup.answered", signup_id, by=by, after={"coming": coming})
        if not coming:
            await withdraw(signup_id, by=by)


async def hand_over(leaving: dict[str, Any], to: int, *, by: Actor, alone: bool = False) -> int:
    """One person's place becomes another's in one moment; returns the new sign-up. Both people and the shift are locked.

    Staff put somebody at the head of a group in the other's stead: the group stays as it is. Who said yes to a mail comes
    `alone`: they take one place, the rest of a group's is free again, and a role that asks for approval still does.
    """
    await _end(leaving, "withdrawn", reason=_replaced())
    await traces.leave("signup.handed_over", leaving["id"], by=by, after={"to": to})
    await facts.say("signup.ended", leaving["id"])
    shift = await waiting.lock_shift(leaving["shift"])
    status = "pending" if alone and shift["needs_approval"] else "confirmed"
    id = await _insert(shift, to, 1 if alone else leaving["size"], status, "swap", "")
    if not alone:
        await db.row(
            "INSERT INTO group_members (signup, name) SELECT $1, name FROM group_members WHERE signup = $2 ORDER BY id",
            id,
            leaving["id"],
        )
    await traces.leave("signup.made", id, by=by, after={"status": status, "instead_of": leaving["id"]})
    await facts.say("signup.confirmed" if status == "confirmed" else "signup.made", id)
    if alone:
        await waiting.fill(shift["id"])
    return id


def was_handed_over(signup: dict[str, Any]) -> bool:
    """Whether somebody else has their place now."""
    return signup["status"] == "withdrawn" and signup["reason"] == _replaced()


def _replaced() -> str:
    return _("Found a replacement.")


async def get(signup_id: int) -> dict[str, Any]:
    """One sign-up with its shift, role and person; raises NotFound."""
    found = await db.row(_WHOLE, signup_id) if 0 < signup_id < 2**63 else None
    if found is None:
        raise NotFound(f"sign-up {signup_id}")
    return found


async def of_shift(shift_id: int, *, narrowed: int | None = None) -> list[dict[str, Any]]:
    """Everybody on a shift: who has a place first, then who has an offer or waits in order, then who left.

    Each with `names` of a group, `silent` (a reminder went out and nothing came back), and how this person kept their
    word on shifts so far: `kept`, `missed` (did not come), `late` (withdrew late), in the programmes that the member `narrowed` coordinates
    (None: in all). In line, `before` people stand first.
    """
    return await db.rows(
        """
        SELECT u.*, c.name, c.sort_key,
               ARRAY (SELECT g.name FROM group_members g WHERE g.signup = u.id ORDER BY g.id) AS names,
               u.status = 'confirmed' AND u.answer = '' AND u.arrived_at IS NULL
                   AND EXISTS (SELECT FROM shift_reminders r WHERE r.signup = u.id) AS silent,
               past.kept, past.missed, past.late,
               CASE WHEN u.status = 'waiting' THEN sum(u.size) FILTER (WHERE u.status = 'waiting')
                    OVER (PARTITION BY u.status ORDER BY u.queued_at, u.id) - u.size END::int AS before
          FROM signups u JOIN constituents c ON c.id = u.constituent
         CROSS JOIN LATERAL (
               SELECT count(*) FILTER (WHERE o.attendance = 'present')::int AS kept,
                      count(*) FILTER (WHERE o.attendance = 'absent')::int AS missed,
                      count(*) FILTER (WHERE o.ended_late)::int AS late
                 FROM signups o WHERE o.constituent = u.constituent AND ($2::int IS NULL OR EXISTS (
                      SELECT FROM shifts s JOIN opportunities r ON r.id = s.opportunity
                        JOIN programme_coordinators k ON k.programme = r.programme
                       WHERE s.id = o.shift AND k.member = $2))) past
         WHERE u.shift = $1
      ORDER BY CASE u.status WHEN 'confirmed' THEN 0 WHEN 'pending' THEN 1 WHEN 'offered' THEN 2 WHEN 'waiting' THEN 3 ELSE 4 END,
               u.queued_at NULLS FIRST, c.sort_key, u.id
        """,
        shift_id,
        narrowed,
    )


async def lock_person(constituent: int) -> None:
    """One verb at a time about a person's shifts; before any lock of a shift, or two verbs could wait for each other."""
    await waiting.keep_timetable()
    await db.row(
        "SELECT pg_advisory_xact_lock(hashtextextended('volunteer:' || $1::text, 0))", str(constituent)
    )


async def lock(signup_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The shift and the sign-up, locked: the person, the shift, then the row as it stands now."""
    before = await get(signup_id)
    await lock_person(before["constituent"])
    shift = await waiting.lock_shift(before["shift"])
    signup = await db.row("SELECT * FROM signups WHERE id = $1", signup_id)
    assert signup is not None
    return shift, signup


def _status(shift: dict[str, Any], size: int, *, by_staff: bool) -> str:
    if shift["maximum"] - shift["taken"] < size:
        return "waiting"
    return "pending" if shift["needs_approval"] and not by_staff else "confirmed"


async def _insert(
    shift: dict[str, Any], constituent: int, size: int, status: str, came_by: str, comment: str
) -> int:
    async with clashes.said():
        return await db.value(
            """
            INSERT INTO signups (shift, constituent, size, status, queued_at, came_by, comment, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id
            """,
            shift["id"],
            constituent,
            size,
            status,
            days.now() if status == "waiting" else None,
            came_by,
            comment[:1000],
            days.now(),
        )


async def _name(signup_id: int, names: Sequence[str], size: int) -> None:
    said = [name.strip()[:200] for name in names if name.strip()][: size - 1]
    if said:
        await db.rows(
            "INSERT INTO group_members (signup, name) SELECT $1, unnest($2::text[])", signup_id, said
        )


async def refuse_second(shift_id: int, constituent: int) -> None:
    """Raises AlreadySignedUp for who is on a shift or in its line."""
    standing = await db.value(
        "SELECT status FROM signups WHERE shift = $1 AND constituent = $2 AND status = ANY ($3)",
        shift_id,
        constituent,
        list(STANDING),
    )
    if standing in ("waiting", "offered"):
        raise AlreadySignedUp(_("Already in line for this shift."))
    if standing is not None:
        raise AlreadySignedUp(_("Already signed up for this shift."))


async def _refuse_clash(shift_id: int, constituent: int) -> None:
    """The sentence names the clash; the constraint stays the one that decides."""
    found = await clashes.of(constituent, shift_id)
    if found:
        name = await db.value("SELECT name FROM constituents WHERE id = $1", constituent)
        raise clashes.Clash(clashes.sentence_for(name, found[0]))


async def _end(signup: dict[str, Any], status: str, *, reason: str = "", late: bool = False) -> None:
    await db.row(
        """
        UPDATE signups SET status = $2, reason = $3, ended_late = $4, ended_at = $5, offer_until = NULL,
               version = version + 1 WHERE id = $1
        """,
        signup["id"],
        status,
        reason[:500],
        late,
        days.now(),
    )


_WHOLE = """
    SELECT u.*, c.name, s.starts_at, s.ends_at, s.zone, s.status AS shift_status, s.sequence, s.note AS shift_note,
           o.id AS opportunity, o.title, o.programme, o.bring, o.remind_hours, o.withdraw_hours,
           l.name AS place_name, l.address AS place_address, l.map_link, p.name AS programme_name
      FROM signups u JOIN constituents c ON c.id = u.constituent JOIN shifts s ON s.id = u.shift
      JOIN opportunities o ON o.id = s.opportunity JOIN programmes p ON p.id = o.programme
      JOIN places l ON l.id = coalesce(s.place, o.place)
     WHERE u.id = $1
"""
