"""Walk-ins: people who come without having signed up, found or made by the same rules as those who did."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from constituents import identity
from kit import days, db
from kit.changes import Actor
from kit.errors import Refused
from kit.words import _
from volunteers import attendance, clashes, gates, profiles


class AskTheLead(Refused):
    """The tablet does not say why somebody may not come: whoever types a name there would read it."""


class Comer(msgspec.Struct, frozen=True, kw_only=True):
    """Who comes, as it was typed at the door; `key` is the device's, so that sending twice is coming once."""

    key: str
    shift: int
    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""
    size: int = 1


async def come(comer: Comer, *, at: datetime, by: Actor, overrule: bool) -> int:
    """Keep what was typed, find or make the person, put them on the shift and check them in; returns the sign-up.

    Raises NotFound, attendance.NotToday, and gates.Lacks and clashes.Clash, which say why.
    """
    async with db.tx():
        request = await db.value(
            """
            INSERT INTO signup_requests (entry_key, shift, typed, created_at) VALUES ($1, $2, $3::jsonb, $4)
            ON CONFLICT (entry_key) DO NOTHING RETURNING id
            """,
            comer.key,
            comer.shift,
            msgspec.json.encode(_typed(comer)).decode(),
            days.now(),
        )
        if request is None:
            return await _known(comer)
        person = await identity.find_or_create_donor(
            comer.first_name, comer.last_name, comer.email, phone=comer.phone, by=by,
            source=("signup_request", request),
        )  # fmt: skip
        await profiles.ensure(person, by=by)
        id = await attendance.walk_in(
            comer.shift, person, size=comer.size, at=at, device_key=comer.key, by=by, overrule=overrule
        )
        await db.row(
            "UPDATE signup_requests SET constituent = $2, signup = $3 WHERE id = $1", request, person, id
        )
        return id


async def come_alone(comer: Comer, *, at: datetime, by: Actor) -> int:
    """The same at a tablet that nobody watches: conditions hold, and why not is for the lead to say.

    Raises AskTheLead, NotFound, attendance.NotToday.
    """
    if await db.value(
        "SELECT o.needs_approval OR NOT o.is_public FROM shifts s JOIN opportunities o ON o.id = s.opportunity WHERE s.id = $1",
        comer.shift,
    ):
        raise AskTheLead(_("Please ask the team lead to add you to this shift."))
    try:
        return await come(comer, at=at, by=by, overrule=False)
    except (gates.Lacks, clashes.Clash):
        raise AskTheLead(_("Please ask the team lead to add you to this shift.")) from None


async def shifts_now(
    at: datetime, *, programme: int | None = None, place: int | None = None
) -> list[dict[str, Any]]:
    """Shifts that somebody could walk into: id, title, times. They begin within the time of early comers, or are on."""
    return await db.rows(
        """
        SELECT s.id, s.starts_at, s.ends_at, s.zone, o.title FROM shifts s JOIN opportunities o ON o.id = s.opportunity
         WHERE s.status = 'open' AND s.starts_at < $1::timestamptz + $2::interval
           AND s.starts_at > $1::timestamptz - interval '15 days' AND s.ends_at > $1
           AND o.is_public AND NOT o.needs_approval
           AND ($3::int IS NULL OR o.programme = $3) AND ($4::int IS NULL OR coalesce(s.place, o.place) = $4)
      ORDER BY s.starts_at, o.title, s.id LIMIT 50
        """,
        at,
        min(attendance.EARLY, timedelta(hours=2)),
        programme,
        place,
    )


def _typed(comer: Comer) -> dict[str, Any]:
    return {
        "entry_key": comer.key, "given_name": comer.first_name, "family_name": comer.last_name, "email": comer.email or None,
        "phone": comer.phone, "size": comer.size,
    }  # fmt: skip


async def _known(comer: Comer) -> int:
    known = await db.value("SELECT signup FROM signup_requests WHERE entry_key = $1", comer.key)
    if known is None:
        raise Refused(_("This was sent before, and nothing came of it. Type it again."))
    return known
