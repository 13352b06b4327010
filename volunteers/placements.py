"""Placements: what staff do with somebody's place before a shift: back into the line, or to somebody else."""

from kit import days, db, facts
from kit.changes import Actor
from kit.errors import Refused
from kit.words import _
from volunteers import clashes, gates, signups, traces, waiting


class NobodyElseWaits(Refused):
    """A place that is free is offered to who waits: to the same person again, when nobody else does."""


async def to_line(signup_id: int, *, by: Actor) -> None:
    """Somebody's place goes to the next in line, and they stand at its end. Who waits already stays where they are.

    Raises NobodyElseWaits, signups.NotPossible.
    """
    before = await signups.get(signup_id)
    async with db.tx():
        await signups.lock_person(before["constituent"])
        shift = await waiting.lock_shift(before["shift"])
        signup = await db.row("SELECT status FROM signups WHERE id = $1", signup_id)
        assert signup is not None
        if signup["status"] == "waiting":
            return
        if signup["status"] not in signups.STANDING or shift["starts_at"] <= days.now():
            raise signups.NotPossible(_("Only somebody with a place on a shift to come can wait for it."))
        await db.row(
            """
            UPDATE signups SET status = 'waiting', queued_at = $2, offer_until = NULL, version = version + 1
             WHERE id = $1
            """,
            signup_id,
            days.now(),
        )
        await traces.leave("signup.put_in_line", signup_id, by=by, before={"status": signup["status"]})
        await waiting.fill(shift["id"])
        if await db.value("SELECT status <> 'waiting' FROM signups WHERE id = $1", signup_id):
            raise NobodyElseWaits(
                _(
                    "Nobody else waits whom this place fits: it would be offered to them again at once. Take them off instead."
                )
            )
        await facts.say("signup.made", signup_id)  # the letter says how it stands now


async def replace(signup_id: int, to: int, *, by: Actor, overrule: bool = False) -> int:
    """Another person takes the place in the same moment; returns the new sign-up. Both are told by mail.

    Raises gates.Lacks (not with `overrule`), clashes.Clash, signups.AlreadySignedUp, signups.NotPossible.
    """
    before = await signups.get(signup_id)
    async with db.tx():
        for constituent in sorted({before["constituent"], to}):
            await signups.lock_person(constituent)
        shift = await waiting.lock_shift(before["shift"])
        leaving = await db.row("SELECT * FROM signups WHERE id = $1", signup_id)
        assert leaving is not None
        if leaving["status"] not in ("pending", "confirmed") or shift["starts_at"] <= days.now():
            raise signups.NotPossible(_("Only a place on a shift to come can go to somebody else."))
        await _refuse_standing(shift["id"], to)
        if not overrule:
            await gates.check(to, shift["id"], size=leaving["size"])
        found = await clashes.of(to, shift["id"])
        if found:
            name = await db.value("SELECT name FROM constituents WHERE id = $1", to)
            raise clashes.Clash(clashes.sentence_for(name, found[0]))
        return await signups.hand_over(leaving, to, by=by)


async def _refuse_standing(shift_id: int, constituent: int) -> None:
    if await db.value(
        "SELECT EXISTS (SELECT FROM signups WHERE shift = $1 AND constituent = $2 AND status = ANY ($3))",
        shift_id,
        constituent,
        list(signups.STANDING),
    ):
        raise signups.AlreadySignedUp(_("They are on this shift, or in its line, already."))
