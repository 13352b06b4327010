"""What a volunteer sees of themselves."""

from datetime import timedelta
from typing import Any

from kit import changes, days, db, security
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.words import _
from volunteers import profiles


async def name_of(constituent: int) -> str:
    """The name as one says it."""
    return await db.value("SELECT name FROM constituents WHERE id = $1", constituent) or ""


async def ahead(constituent: int) -> list[dict[str, Any]]:
    """Their sign-ups that stand and are not over: offers first, which end soon, then by start. Of those in line with
    `before`, how many stand before.
    """
    return await db.rows(
        """
        SELECT u.id, u.status, u.size, u.answer, u.offer_until, u.arrived_at, s.starts_at, s.ends_at, s.zone, s.note,
               o.title, o.bring, o.withdraw_hours, l.name AS place_name, l.address AS place_address, l.map_link,
               s.starts_at - make_interval(hours => o.withdraw_hours) < $2 AS late, s.starts_at <= $2 AS begun,
               u.left_at, s.starts_at - interval '4 hours' <= $2 AS at_the_door,
               CASE WHEN u.status = 'waiting' THEN
                    (SELECT coalesce(sum(b.size), 0) FROM signups b WHERE b.shift = u.shift AND b.status = 'waiting'
                        AND (b.queued_at, b.id) < (u.queued_at, u.id))::int END AS before,
               EXISTS (SELECT FROM asks k WHERE k.instead_of = u.id AND k.status = 'open') AS looking
          FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
          JOIN places l ON l.id = coalesce(s.place, o.place)
         WHERE u.constituent = $1 AND s.ends_at > $2
           AND (u.status IN ('pending', 'confirmed', 'waiting') OR u.status = 'offered' AND u.offer_until > $2)
      ORDER BY u.status <> 'offered', s.starts_at, u.id
        """,
        constituent,
        days.now(),
    )


async def ended(constituent: int) -> list[dict[str, Any]]:
    """Their sign-ups of shifts to come that others ended, or an offer's time: a mail's link may still lead to them."""
    return await db.rows(
        """
        SELECT u.id, CASE WHEN u.status = 'offered' THEN 'lapsed' ELSE u.status END AS status, u.reason, s.id AS shift,
               s.starts_at, s.ends_at, s.zone, o.title,
               o.is_public AND o.closed_at IS NULL AND s.starts_at - make_interval(hours => o.closes_hours) > $2 AS is_open
          FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
         WHERE u.constituent = $1 AND s.starts_at > $2
           AND (u.status IN ('lapsed', 'declined', 'cancelled') OR u.status = 'offered' AND u.offer_until <= $2)
           AND NOT EXISTS (SELECT FROM signups n WHERE n.constituent = $1 AND n.shift = u.shift AND n.id > u.id)
      ORDER BY s.starts_at, u.id LIMIT 20
        """,
        constituent,
        days.now(),
    )


async def programmes(constituent: int) -> list[tuple[int, str]]:
    """Programmes in which they may report hours: those in which they ever had a place or gave hours."""
    found = await db.rows(
        """
        SELECT p.id, p.name FROM programmes p
         WHERE p.id IN (SELECT o.programme FROM signups u JOIN shifts s ON s.id = u.shift
                          JOIN opportunities o ON o.id = s.opportunity
                         WHERE u.constituent = $1 AND u.status IN ('confirmed', 'pending')
                     UNION SELECT programme FROM hours WHERE constituent = $1)
      ORDER BY p.name_normal
        """,
        constituent,
    )
    return [(row["id"], row["name"]) for row in found]


async def check_programme(constituent: int, programme_id: int) -> None:
    """Raises Refused for a programme in which they never helped."""
    if programme_id not in {id for id, _name in await programmes(constituent)}:
        raise Refused(_("Choose one of the programmes in which you helped."))


async def for_calendar(constituent: int) -> list[dict[str, Any]]:
    """Their shifts from three months ago on, those that ended too: a calendar takes them out by that."""
    return await db.rows(
        """
        SELECT u.id, u.status, u.version, s.sequence, s.starts_at, s.ends_at, s.zone, o.title, o.bring, l.name AS place_name,
               l.address AS place_address
          FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
          JOIN places l ON l.id = coalesce(s.place, o.place)
         WHERE u.constituent = $1 AND s.starts_at > $2 AND u.status IN ('confirmed', 'withdrawn', 'declined', 'cancelled')
      ORDER BY s.starts_at, u.id
        """,
        constituent,
        days.now() - timedelta(days=92),
    )


async def new_feed(constituent: int, *, by: Actor) -> str:
    """The token of a new private calendar; the one before opens nothing any more."""
    token = security.new_token()
    async with db.tx():
        await profiles.ensure(constituent, by=by)
        await db.row(
            "UPDATE volunteers SET feed_hash = $2 WHERE constituent = $1",
            constituent,
            security.token_hash(token),
        )
        await changes.note("volunteer.new_calendar", "constituent", constituent, by=by)
    return token


async def may_be_asked(constituent: int) -> bool:
    """Whether mails may ask them for shifts that lack people."""
    return (
        await db.value("SELECT may_be_asked FROM volunteers WHERE constituent = $1", constituent) is not False
    )


async def say_whether_to_ask(constituent: int, may_be_asked: bool, *, by: Actor) -> None:
    """They want to be asked for shifts by mail, or not any more. Twice is once."""
    async with db.tx():
        await profiles.ensure(constituent, by=by)
        changed = await db.value(
            """
            UPDATE volunteers SET may_be_asked = $2, version = version + 1 WHERE constituent = $1 AND may_be_asked <> $2
            RETURNING id
            """,
            constituent,
            may_be_asked,
        )
        if changed is not None:
            await changes.note(
                "volunteer.changed", "constituent", constituent, by=by, subject=constituent,
                before={"may_be_asked": not may_be_asked}, after={"may_be_asked": may_be_asked},
            )  # fmt: skip


async def whose_feed(token: str) -> int:
    """Whose private calendar it is; raises NotFound."""
    found = await db.value(
        "SELECT constituent FROM volunteers WHERE feed_hash = $1", security.token_hash(token)
    )
    if found is None:
        raise NotFound("calendar")
    return found
