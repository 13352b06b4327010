"""Asks: mails that ask volunteers for a shift. The first who says yes has the place; the rest are told at once."""

import itertools
from collections.abc import Sequence
from typing import Any

from kit import changes, days, db, facts, security
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.words import _
from volunteers import clashes, gates, signups, waiting

MOST = 50
# Whether so many are qualified is looked at together.
_AT_ONCE = 500


class NobodyToAsk(Refused):
    """Nobody is qualified, free and willing to be asked."""


async def candidates(shift_id: int, limit: int = MOST) -> list[dict[str, Any]]:
    """Volunteers who could take a shift: active, willing to be asked, with an e-mail, free at that time and rested,
    qualified, never asked for it; first those asked longest ago, of these who did this role before.

    Each with id, name, last_asked_at, times (how often they did this role).
    """
    fit: list[dict[str, Any]] = []
    for page in itertools.count():
        found = await db.rows(_FREE_AND_WILLING, shift_id, _AT_ONCE, page * _AT_ONCE)
        able = await gates.able([row["id"] for row in found], shift_id)
        fit += [row for row in found if row["id"] in able]
        if len(fit) >= limit or len(found) < _AT_ONCE:
            break
    return fit[:limit]


async def ask(shift_id: int, people: list[int], *, by: Actor, instead_of: int | None = None) -> int:
    """Ask some of the candidates; returns how many were asked. Raises NobodyToAsk."""
    async with db.tx():
        shift = await waiting.lock_shift(shift_id)
        if shift["status"] != "open" or shift["starts_at"] <= days.now():
            raise NobodyToAsk(_("This shift is over or cancelled."))
        looking = await _asked_instead_of(instead_of)
        if looking:
            return looking  # two clicks ask once
        willing = [one["id"] for one in await candidates(shift_id) if one["id"] in set(people)]
        if not willing:
            raise NobodyToAsk(_("Nobody of these is free, qualified and willing to be asked."))
        for constituent in willing:
            # The token is made when the mail is written; until then the row has one that nobody knows.
            id = await db.value(
                """
                INSERT INTO asks (shift, constituent, instead_of, token_hash, asked_at) VALUES ($1, $2, $3, $4, $5)
                RETURNING id
                """,
                shift_id, constituent, instead_of, security.token_hash(security.new_token()), days.now(),
            )  # fmt: skip
            await facts.say("volunteer.asked", id)
        await db.row(
            """
            UPDATE volunteers v SET last_asked_at = $2
              FROM (SELECT id FROM volunteers WHERE constituent = ANY ($1) ORDER BY constituent FOR NO KEY UPDATE) asked
             WHERE v.id = asked.id
            """,
            willing,
            days.now(),
        )
        await changes.note("shift.asked_for", "shift", shift_id, by=by, after={"people": len(willing)})
        return len(willing)


async def _asked_instead_of(signup_id: int | None) -> int:
    """How many have not answered yet whether they take somebody's place."""
    return await db.value("SELECT count(*) FROM asks WHERE instead_of = $1 AND status = 'open'", signup_id)


async def ask_who_could(shift_id: int, *, by: Actor) -> int:
    """Ask those who could come, as many as ten for each place that lacks somebody; returns how many. Raises NobodyToAsk."""
    shift = await db.row("SELECT minimum, taken FROM shifts WHERE id = $1", shift_id)
    if shift is None:
        raise NotFound(f"shift {shift_id}")
    missing = max(1, shift["minimum"] - shift["taken"])
    found = await candidates(shift_id, limit=min(MOST, 10 * missing))
    if not found:
        raise NobodyToAsk(
            _(
                "Nobody is left to ask: free at that time, qualified, with an e-mail, and not asked for it already."
            )
        )
    return await ask(shift_id, [one["id"] for one in found], by=by)


async def of_shift(shift_id: int) -> list[dict[str, Any]]:
    """Who was asked for a shift and what they said; see `of_shifts`."""
    return (await of_shifts([shift_id])).get(shift_id, [])


async def of_shifts(shift_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Who was asked for some shifts: constituent, name, status (open, yes, no, too_late), asked_at, answered_at; the
    yeses first, then who has not answered yet.
    """
    found = await db.rows(
        """
        SELECT k.shift, k.constituent, c.name, k.status, k.asked_at, k.answered_at
          FROM asks k JOIN constituents c ON c.id = k.constituent WHERE k.shift = ANY ($1)
      ORDER BY array_position(ARRAY['yes', 'open', 'no', 'too_late'], k.status::text), k.asked_at, c.sort_key, k.id
        """,
        list(shift_ids),
    )
    by_shift: dict[int, list[dict[str, Any]]] = {}
    for row in found:
        by_shift.setdefault(row["shift"], []).append(row)
    return by_shift


async def with_token(token: str) -> dict[str, Any]:
    """The ask behind a mailed link, with its shift, and whether that is `cancelled` or has `begun`; raises NotFound."""
    found = await db.row(
        """
        SELECT k.*, c.name, s.starts_at, s.ends_at, s.zone, o.title, o.bring, o.needs_approval,
               s.status = 'cancelled' AS cancelled, s.starts_at <= $2 AS begun,
               l.name AS place_name, l.address AS place_address
          FROM asks k JOIN constituents c ON c.id = k.constituent JOIN shifts s ON s.id = k.shift
          JOIN opportunities o ON o.id = s.opportunity JOIN places l ON l.id = coalesce(s.place, o.place)
         WHERE k.token_hash = $1
        """,
        security.token_hash(token),
        days.now(),
    )
    if found is None:
        raise NotFound("ask")
    return found


async def say_yes(token: str, *, by: Actor) -> str:
    """Take the place that the mail asked for; returns the ask's status: yes, or too_late when others were faster.

    For a replacement the one who asked gives their place in the same moment. Raises clashes.Clash, gates.Lacks,
    and gates.NotYet when the shift is cancelled or has begun.
    """
    asked = await with_token(token)
    async with db.tx():
        await _lock_people(asked)
        await waiting.lock_shift(asked["shift"])
        now = await db.row("SELECT status FROM asks WHERE id = $1 FOR UPDATE", asked["id"])
        assert now is not None
        if now["status"] != "open":
            return now["status"]
        status = await _take(asked, by=by)
        await _answer(asked["id"], status)
        if status == "yes":
            await _tell_the_rest(asked)
        return status


async def say_no(token: str, *, by: Actor) -> None:
    """Not this time. Nobody asks again for this shift."""
    asked = await with_token(token)
    async with db.tx():
        await db.row(
            "UPDATE asks SET status = 'no', answered_at = $2 WHERE id = $1 AND status = 'open'",
            asked["id"],
            days.now(),
        )
        await changes.note("volunteer.said_no", "shift", asked["shift"], by=by, subject=asked["constituent"])


async def _lock_people(asked: dict[str, Any]) -> None:
    """Both people of a swap, in the order of their ids, before the shift."""
    others = [asked["constituent"]]
    if asked["instead_of"] is not None:
        others.append((await signups.get(asked["instead_of"]))["constituent"])
    for constituent in sorted(others):
        await signups.lock_person(constituent)


async def _take(asked: dict[str, Any], *, by: Actor) -> str:
    if asked["instead_of"] is not None:
        return await _replace(asked, by=by)
    try:
        async with db.tx():
            await signups.sign_up(asked["shift"], asked["constituent"], by=by, came_by="ask", may_wait=False)
    except signups.NoPlace:
        return "too_late"
    return "yes"


async def _replace(asked: dict[str, Any], *, by: Actor) -> str:
    """One leaves and the other comes in one moment: nobody in line gets between the two."""
    leaving = await db.row("SELECT * FROM signups WHERE id = $1", asked["instead_of"])
    if leaving is None or leaving["status"] not in ("pending", "confirmed"):
        return "too_late"
    await signups.refuse_second(asked["shift"], asked["constituent"])
    await gates.check(asked["constituent"], asked["shift"])
    found = await clashes.of(asked["constituent"], asked["shift"])
    if found:
        raise clashes.Clash(clashes.sentence_for(asked["name"], found[0]))
    await signups.hand_over(leaving, asked["constituent"], by=by, alone=True)
    return "yes"


async def _answer(ask_id: int, status: str) -> None:
    await db.row("UPDATE asks SET status = $2, answered_at = $3 WHERE id = $1", ask_id, status, days.now())


async def _tell_the_rest(taken: dict[str, Any]) -> None:
    """Who was asked for the same place hears that it is taken; who was asked for another's place still may come.

    A gap is filled when the yes made the fewest that the shift needs; beyond these, when it is full.
    """
    for row in await db.rows(
        """
        UPDATE asks k SET status = 'too_late' FROM shifts s
         WHERE k.shift = $1 AND k.status = 'open' AND s.id = k.shift
           AND CASE WHEN k.instead_of IS NOT NULL THEN k.instead_of = $2
                    ELSE s.taken >= s.maximum OR $2::bigint IS NULL AND s.taken = s.minimum END
        RETURNING k.id
        """,
        taken["shift"],
        taken["instead_of"],
    ):
        await facts.say("volunteer.asked_too_late", row["id"])


# Who is elsewhere, and who did this role how often, are looked up once: asked of each volunteer, they cost seconds. A
# shift lasts two weeks and an hour at most, and the rest after it two days: what began before cannot reach this one.
_FREE_AND_WILLING = """
    WITH asked AS MATERIALIZED (SELECT s.opportunity, time_taken_by(s) AS occupied FROM shifts s WHERE s.id = $1),
    out AS MATERIALIZED (
        SELECT u.constituent FROM asked a
          JOIN shifts s ON s.starts_at < upper(a.occupied) AND s.starts_at > lower(a.occupied) - interval '17 days'
          JOIN signups u ON u.shift = s.id
         WHERE u.status IN ('pending', 'confirmed') AND u.occupied && a.occupied
         UNION
        SELECT constituent FROM signups WHERE shift = $1 AND status <> 'cancelled'
         UNION
        SELECT constituent FROM asks WHERE shift = $1),
    did AS MATERIALIZED (
        SELECT u.constituent, count(*) AS times FROM asked a JOIN shifts s ON s.opportunity = a.opportunity
          JOIN signups u ON u.shift = s.id AND u.attendance = 'present' GROUP BY 1)
    SELECT c.id, c.name, v.last_asked_at, coalesce(d.times, 0) AS times
      FROM volunteers v JOIN constituents c ON c.id = v.constituent LEFT JOIN did d ON d.constituent = c.id
     WHERE v.status = 'active' AND v.may_be_asked AND NOT c.deceased AND c.archived_at IS NULL
       AND EXISTS (SELECT FROM emails e WHERE e.constituent = c.id) AND c.id NOT IN (SELECT constituent FROM out)
  ORDER BY v.last_asked_at NULLS FIRST, times DESC, c.id LIMIT $2 OFFSET $3
"""
