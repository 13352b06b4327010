"""Kiosks: a tablet at the door, with an address that only it knows, a PIN, and an end."""

import hmac
from datetime import datetime, time, timedelta
from typing import Any

from kit import changes, days, db, security
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.words import _
from volunteers import attendance, walk_ins


class NoKiosk(Refused):
    """A kiosk stands for a programme or at a place, and ends some day."""


async def open(
    name: str, pin: str, *, until: datetime, by: Actor, programme: int | None = None, place: int | None = None
) -> tuple[int, str]:
    """A new kiosk; returns its id and the token of its address, which is shown this once."""
    if programme is None and place is None:
        raise NoKiosk(_("Choose a programme or a place."))
    if not (4 <= len(pin) <= 12 and pin.isascii() and pin.isdigit()):
        raise NoKiosk(_("The PIN has 4 to 12 digits."))
    if until <= days.now():
        raise NoKiosk(_("That moment is past."))
    token = security.new_token()
    async with db.tx():
        id = await db.value(
            """
            INSERT INTO kiosks (token_hash, pin_hash, name, programme, place, until, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
            """,
            security.token_hash(token), _pin_hash(token, pin), name, programme, place, until, days.now(),
        )  # fmt: skip
        await changes.note("kiosk.opened", "kiosk", id, by=by, after={"name": name, "until": until})
    return id, token


def end_of(days_open: int, zone: str) -> datetime:
    """When a kiosk ends that stands today and so many days after it: when a day ends, never in the middle of one."""
    last = days.today(zone) + timedelta(days=days_open)
    return days.at_wall_clock(datetime.combine(last, time(23, 59)), zone)


async def close(kiosk_id: int, *, by: Actor) -> None:
    """Its address opens nothing any more. Twice is once."""
    async with db.tx():
        done = await db.value(
            "UPDATE kiosks SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL RETURNING id",
            kiosk_id,
            days.now(),
        )
        if done is not None:
            await changes.note("kiosk.closed", "kiosk", kiosk_id, by=by)


async def standing(seen: list[int] | None) -> list[dict[str, Any]]:
    """Kiosks that are open, of the programmes that somebody sees (None: all)."""
    return await db.rows(
        """
        SELECT k.*, p.name AS programme_name, l.name AS place_name FROM kiosks k
          LEFT JOIN programmes p ON p.id = k.programme LEFT JOIN places l ON l.id = k.place
         WHERE k.closed_at IS NULL AND k.until > $1 AND ($2::int[] IS NULL OR k.programme = ANY ($2)) ORDER BY k.until, k.id
        """,
        days.now(),
        seen,
    )


async def with_token(token: str, *, late: bool = False) -> dict[str, Any]:
    """The kiosk of an address; raises NotFound when it is closed, over or unknown.

    `late` finds one that is over since less than half a day, too: what was pressed before may only now be sent.
    """
    found = await db.row(
        "SELECT * FROM kiosks WHERE token_hash = $1 AND closed_at IS NULL AND until > $2",
        security.token_hash(token),
        days.now() - (attendance.LATE if late else timedelta()),
    )
    if found is None:
        raise NotFound("kiosk")
    return found


def check_moment(kiosk: dict[str, Any], at: datetime) -> None:
    """Raises NoKiosk for a press that was made when the kiosk was over; one made before, and sent now, counts."""
    if kiosk["until"] <= min(at, days.now()):
        raise NoKiosk(_("This tablet was closed by then. Tell the coordinator."))


def opens(kiosk: dict[str, Any], token: str, pin: str) -> bool:
    """Whether this is its PIN. Count the attempts: a PIN is short."""
    return hmac.compare_digest(kiosk["pin_hash"], _pin_hash(token, pin))


def proof(kiosk: dict[str, Any]) -> str:
    """What the tablet's cookie holds after the PIN was right."""
    return security.sign(f"{kiosk['id']}:{kiosk['pin_hash']}", "kiosk")


async def expected(kiosk: dict[str, Any]) -> list[dict[str, Any]]:
    """Who is expected where this kiosk stands, now, by name: people look for themselves."""
    found = await attendance.at_the_door(days.now(), programme=kiosk["programme"], place=kiosk["place"])
    return sorted(found, key=lambda one: (one["sort_key"], one["starts_at"], one["id"]))


async def open_to_walk_ins(kiosk: dict[str, Any]) -> list[dict[str, Any]]:
    """Shifts there that somebody could walk into now."""
    return await walk_ins.shifts_now(days.now(), programme=kiosk["programme"], place=kiosk["place"])


async def may_walk_into(kiosk: dict[str, Any], shift_id: int) -> bool:
    """Whether a shift is one of those that this kiosk is for, on any day around: a walk-in may be sent late."""
    return await db.value(
        """
        SELECT EXISTS (SELECT FROM shifts s JOIN opportunities o ON o.id = s.opportunity
                        WHERE s.id = $1 AND s.status = 'open' AND ($2::int IS NULL OR o.programme = $2)
                          AND ($3::int IS NULL OR coalesce(s.place, o.place) = $3))
        """,
        shift_id,
        kiosk["programme"],
        kiosk["place"],
    )


async def may_press(kiosk: dict[str, Any], signup_id: int) -> bool:
    """Whether a sign-up is one of those that this kiosk is for, on any day around: a press may be sent late."""
    return await db.value(
        """
        SELECT EXISTS (SELECT FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
                        WHERE u.id = $1 AND ($2::int IS NULL OR o.programme = $2)
                          AND ($3::int IS NULL OR coalesce(s.place, o.place) = $3))
        """,
        signup_id,
        kiosk["programme"],
        kiosk["place"],
    )


def _pin_hash(token: str, pin: str) -> str:
    """Keyed with our secret and the token: who reads the database cannot try the few PINs there are."""
    return security.sign(f"{token}:{pin}", "kiosk pin")
