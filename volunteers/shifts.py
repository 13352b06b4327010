"""Shifts: planning one, changing one, cancelling one. Series of them stand in `series`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from kit import changes, days, db, facts
from kit.changes import Actor
from kit.errors import Conflict, NotFound, Refused
from kit.templates import span
from kit.words import _, ngettext
from volunteers import clashes, places, traces, waiting

_LONGEST = timedelta(days=14)


class WrongTimes(Refused):
    """A shift ends after it starts, within two weeks, and what is to come does not move into the past."""


class TooManySignedUp(Refused):
    """More people have a place than the new maximum holds: somebody has to say who waits.

    `over` is how many people are too many; `signups` who has a place, the last to sign up first.
    """

    def __init__(self, over: int, signups: list[dict[str, Any]]) -> None:
        super().__init__(
            ngettext(
                "{count} person more has a place than that. Choose who goes to the waiting list.",
                "{count} people more have a place than that. Choose who goes to the waiting list.",
                over,
            )
        )
        self.over = over
        self.signups = signups


class ShiftDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A shift as a form has it: `starts` and `ends` by the clock of its place (`place` None: the opportunity's)."""

    opportunity: int
    starts: datetime
    ends: datetime
    maximum: int
    minimum: int = 1
    place: int | None = None
    note: str = ""


async def create(shift: ShiftDetails, *, by: Actor) -> int:
    """Plan one shift; returns its id."""
    async with db.tx():
        zone = await zone_of(shift.opportunity, shift.place)
        starts_at, ends_at = moments(shift.starts, shift.ends, zone)
        _check_sizes(shift.minimum, shift.maximum)
        id = await db.value(
            """
            INSERT INTO shifts (opportunity, starts_at, ends_at, zone, place, minimum, maximum, note, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id
            """,
            shift.opportunity,
            starts_at,
            ends_at,
            zone,
            shift.place,
            shift.minimum,
            shift.maximum,
            shift.note,
            days.now(),
        )
        await changes.note(
            "shift.made",
            "shift",
            id,
            by=by,
            after={
                "time": span(starts_at, ends_at, zone),
                "minimum": shift.minimum,
                "maximum": shift.maximum,
                "note": shift.note,
            },
        )
        return id


async def update(
    shift_id: int, shift: ShiftDetails, *, version: int, by: Actor, to_waiting: Sequence[int] = ()
) -> None:
    """Change one shift; of a series it is then one that differs. People with a place are told of another time or place.

    `to_waiting` names the sign-ups that go to the waiting list when the maximum is cut below what is taken; without
    enough of them, TooManySignedUp. They stand at the front of the line, in the order in which they signed up.
    Raises WrongTimes, Conflict, clashes.Clash.
    """
    async with db.tx():
        await waiting.change_timetable()
        was = await waiting.lock_shift(shift_id)
        if was["version"] != version:
            raise Conflict(_("Somebody else changed this shift meanwhile. Look at it again before you save."))
        if was["status"] != "open":
            raise Refused(_("This shift is cancelled. Plan a new one."))
        zone = await zone_of(was["opportunity"], shift.place)
        starts_at, ends_at = moments(shift.starts, shift.ends, zone)
        _check_sizes(shift.minimum, shift.maximum)
        moved = (starts_at, ends_at, shift.place) != (was["starts_at"], was["ends_at"], was["place"])
        if moved:
            await _check_past(was, starts_at, ends_at)
        await _make_room(was, shift.maximum, to_waiting, by)
        async with clashes.said():
            await db.row(
                """
                UPDATE shifts SET starts_at = $2, ends_at = $3, zone = $4, place = $5, minimum = $6, maximum = $7,
                       note = $8, differs = series IS NOT NULL, sequence = sequence + $9::int, version = version + 1
                 WHERE id = $1
                """,
                shift_id,
                starts_at,
                ends_at,
                zone,
                shift.place,
                shift.minimum,
                shift.maximum,
                shift.note,
                int(moved),
            )
        await changes.note(
            "shift.changed", "shift", shift_id, by=by,
            before=await _told(was), after=await _told(await get(shift_id)),
        )  # fmt: skip
        if moved:
            await after_moving([shift_id], by=by)
        await waiting.fill(shift_id)


async def move(shift_id: int, starts: datetime, *, version: int, by: Actor) -> None:
    """Another day or time, as long as before and otherwise the same; `starts` by the clock of its place. See `update`."""
    was = await get(shift_id)
    first, last = (days.wall_clock(was[name], was["zone"]) for name in ("starts_at", "ends_at"))
    moved = ShiftDetails(
        opportunity=was["opportunity"], starts=starts, ends=starts + (last - first), minimum=was["minimum"],
        maximum=was["maximum"], place=was["place"], note=was["note"],
    )  # fmt: skip
    await update(shift_id, moved, version=version, by=by)


async def cancel(shift_id: int, *, reason: str, by: Actor) -> None:
    """Nobody comes: everybody on it is told. A shift that nobody ever signed up or was asked for is taken away. Twice is once."""
    async with db.tx():
        await _lock_series_of(shift_id)
        shift = await waiting.lock_shift(shift_id)
        if shift["status"] == "cancelled":
            return
        if shift["ends_at"] <= days.now():
            raise Refused(_("This shift is over. Note who came instead."))
        await except_from_series(shift)
        await cancel_locked(shift_id, reason=reason, by=by)


async def _lock_series_of(shift_id: int) -> None:
    """Whoever says something of a series has its row before that of its shift."""
    await db.row(
        "SELECT 1 FROM shift_series r JOIN shifts s ON s.series = r.id WHERE s.id = $1 FOR NO KEY UPDATE OF r",
        shift_id,
    )


async def except_from_series(shift: dict[str, Any]) -> None:
    """The rule of its series does not make this shift again."""
    if shift["series"] is not None:
        await db.row(
            "INSERT INTO series_exceptions (series, starts) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            shift["series"],
            shift["occurrence"],
        )


async def cancel_locked(shift_id: int, *, reason: str, by: Actor) -> None:
    """Cancel (or take away) a shift whose row is locked."""
    await changes.note("shift.cancelled", "shift", shift_id, by=by, after={"reason": reason})
    ended = await db.rows(
        """
        UPDATE signups SET status = 'cancelled', offer_until = NULL, ended_at = $2, reason = $3, version = version + 1
         WHERE shift = $1 AND status IN ('pending', 'confirmed', 'waiting', 'offered') RETURNING id
        """,
        shift_id,
        days.now(),
        reason[:500],
    )
    # Who was asked for it by mail has a link, which says then that it is cancelled.
    known = (
        "SELECT EXISTS (SELECT FROM signups WHERE shift = $1) OR EXISTS (SELECT FROM asks WHERE shift = $1)"
    )
    if not ended and not await db.value(known, shift_id):
        await db.row("DELETE FROM signup_requests WHERE shift = $1", shift_id)
        await db.row("DELETE FROM shifts WHERE id = $1", shift_id)
        return
    await db.row(
        "UPDATE shifts SET status = 'cancelled', sequence = sequence + 1, version = version + 1 WHERE id = $1",
        shift_id,
    )
    for row in ended:
        await traces.leave("signup.cancelled", row["id"], by=by, after={"reason": reason})
        await facts.say("signup.ended", row["id"])
    await facts.say("shift.cancelled", shift_id)


async def get(shift_id: int) -> dict[str, Any]:
    """One shift with role, programme and place; raises NotFound."""
    found = await db.row(WHOLE + " WHERE s.id = $1", shift_id) if 0 < shift_id < 2**31 else None
    if found is None:
        raise NotFound(f"shift {shift_id}")
    return found


async def zone_of(opportunity_id: int, place: int | None) -> str:
    """The clock of a place, or of the place of an opportunity; raises Refused for a closed or unknown one."""
    if place is not None:
        await places.check_open(place)
    zone = await db.value(
        """
        SELECT l.zone FROM opportunities o JOIN programmes p ON p.id = o.programme
          JOIN places l ON l.id = coalesce($2, o.place)
         WHERE o.id = $1 AND o.closed_at IS NULL AND p.closed_at IS NULL
        """,
        opportunity_id,
        place,
    )
    if zone is None:
        raise Refused(_("This role is closed. Open it first, or choose another."))
    return zone


def moments(starts: datetime, ends: datetime, zone: str) -> tuple[datetime, datetime]:
    """Wall clock to moments; raises WrongTimes."""
    if ends <= starts:
        raise WrongTimes(
            _("The shift ends before it starts. For one past midnight, give the next day as its end.")
        )
    if ends - starts > _LONGEST:
        raise WrongTimes(_("A shift lasts two weeks at most. Plan several."))
    return days.span_at_wall_clock(starts, ends, zone)


async def after_moving(shift_ids: Sequence[int], *, by: Actor) -> None:
    """People on shifts that moved are told, reminded and asked anew whether they come; their timelines follow."""
    await db.row(
        """
        UPDATE signups SET answer = '', answered_at = NULL
         WHERE shift = ANY ($1) AND answer <> '' AND status = 'confirmed'
        """,
        list(shift_ids),
    )
    await db.row(
        "DELETE FROM shift_reminders r USING signups u WHERE u.id = r.signup AND u.shift = ANY ($1)",
        list(shift_ids),
    )
    await db.row(
        """
        UPDATE timeline_entries t SET happened_on = (s.starts_at AT TIME ZONE s.zone)::date
          FROM signups u JOIN shifts s ON s.id = u.shift
         WHERE t.kind = 'shift' AND t.source_id = u.id AND s.id = ANY ($1)
           AND t.happened_on <> (s.starts_at AT TIME ZONE s.zone)::date
        """,
        list(shift_ids),
    )
    for shift_id in await db.rows(
        "SELECT id FROM shifts WHERE id = ANY ($1) AND taken + waiting > 0", list(shift_ids)
    ):
        await facts.say("shift.changed", shift_id["id"])


async def _check_past(was: dict[str, Any], starts_at: datetime, ends_at: datetime) -> None:
    """What is to come does not become what was, nor what people were counted on what is to come."""
    now = days.now()
    if ends_at <= now < was["ends_at"]:
        raise WrongTimes(_("That time is over already. Choose one that is to come."))
    if was["starts_at"] <= now < starts_at and await db.value(
        "SELECT EXISTS (SELECT FROM signups WHERE shift = $1 AND attendance <> 'unknown')", was["id"]
    ):
        raise Refused(_("People were counted on this shift already. Plan another for another day."))


async def _make_room(shift: dict[str, Any], maximum: int, to_waiting: Sequence[int], by: Actor) -> None:
    over = shift["taken"] - maximum
    if over <= 0:
        return
    placed = await db.rows(
        """
        SELECT u.id, u.size, u.status, u.created_at, c.name FROM signups u JOIN constituents c ON c.id = u.constituent
         WHERE u.shift = $1 AND u.status IN ('pending', 'confirmed', 'offered') ORDER BY u.created_at DESC, u.id DESC
        """,
        shift["id"],
    )
    chosen = [one for one in placed if one["id"] in set(to_waiting)]
    if sum(one["size"] for one in chosen) < over:
        raise TooManySignedUp(over, placed)
    await send_to_line(shift["id"], [one["id"] for one in _no_more_than_needed(chosen, over)], by=by)


def _no_more_than_needed(chosen: list[dict[str, Any]], over: int) -> list[dict[str, Any]]:
    """Of those who may go, who signed up first stays while there is room: they would be offered their own place."""
    going, left = list(chosen), sum(one["size"] for one in chosen) - over
    for one in reversed(chosen):
        if one["size"] <= left:
            going.remove(one)
            left -= one["size"]
    return going


async def send_to_line(shift_id: int, signup_ids: Sequence[int], *, by: Actor) -> None:
    """Sign-ups lose their place and stand before everybody else in line, in the order of their signing up."""
    first = await db.value(
        "SELECT min(queued_at) FROM signups WHERE shift = $1 AND status = 'waiting'", shift_id
    )
    front = min(first or days.now(), days.now()) - timedelta(milliseconds=1)
    await db.row(
        """
        UPDATE signups u SET status = 'waiting', offer_until = NULL, answer = '', answered_at = NULL,
               queued_at = $3::timestamptz - make_interval(secs => 0.000001 * later.n), version = version + 1
          FROM (SELECT id, row_number() OVER (ORDER BY created_at DESC, id DESC) AS n FROM signups WHERE id = ANY ($2)) later
         WHERE u.id = later.id AND u.shift = $1
        """,
        shift_id,
        list(signup_ids),
        front,
    )
    for id in signup_ids:
        await traces.leave("signup.put_in_line", id, by=by)
        await facts.say("signup.made", id)


async def _told(shift: dict[str, Any]) -> dict[str, Any]:
    """A shift as its history tells it."""
    place = (
        await db.value("SELECT name FROM places WHERE id = $1", shift["place"]) if shift["place"] else None
    )
    return {
        "time": span(shift["starts_at"], shift["ends_at"], shift["zone"]),
        "place": place,
        "minimum": shift["minimum"],
        "maximum": shift["maximum"],
        "note": shift["note"],
    }


def _check_sizes(minimum: int, maximum: int) -> None:
    if not 0 <= minimum <= maximum or not 1 <= maximum <= 5000:
        raise WrongTimes(_("The fewest people are at most as many as the most, and the most is 1 to 5,000."))


WHOLE = """
    SELECT s.*, o.title, o.description, o.bring, o.programme, o.is_public, o.minimum_age, o.needs_approval, o.largest_group,
           o.opens_days, o.closes_hours, o.withdraw_hours, o.offer_hours, o.share_most, o.share_days,
           p.name AS programme_name, p.slug AS programme_slug, l.id AS at_place, l.name AS place_name,
           l.address AS place_address, l.map_link, l.directions, m.name AS coordinator_name, m.email AS coordinator_email
      FROM shifts s JOIN opportunities o ON o.id = s.opportunity JOIN programmes p ON p.id = o.programme
      JOIN places l ON l.id = coalesce(s.place, o.place) LEFT JOIN members m ON m.id = o.coordinator
"""
