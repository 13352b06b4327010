"""Duplicate candidates: two records that may be one, for a person to look at."""

from typing import Any

from kit import changes, days, db
from kit.changes import Actor
from kit.errors import NotFound


async def suspect(one: int, other: int, reason: str) -> None:
    """Put the pair on the list, unless it is there or was judged before."""
    if one != other:
        await db.row(
            """
            INSERT INTO duplicate_candidates (one, other, reason, status, created_at)
            VALUES (least($1::integer, $2), greatest($1::integer, $2), $3, 'open', $4)
            ON CONFLICT (one, other) DO NOTHING
            """,
            one,
            other,
            reason,
            days.now(),
        )


async def of(constituent: int) -> list[dict[str, Any]]:
    """Records that may be the same as this one: id of the pair, the other's id, name and place, and why."""
    return await db.rows(
        """
        SELECT d.id, d.reason, c.id AS other, c.name, c.place
          FROM duplicate_candidates d
          JOIN constituents c ON c.id = CASE WHEN d.one = $1 THEN d.other ELSE d.one END
         WHERE $1 IN (d.one, d.other) AND d.status = 'open' AND c.archived_at IS NULL
      ORDER BY d.id
        """,
        constituent,
    )


async def are_different(id: int, *, by: Actor) -> tuple[int, int]:
    """A person looked: these are two, and are not suspected again. Returns both, the older first."""
    async with db.tx():
        pair = (
            await db.row("SELECT * FROM duplicate_candidates WHERE id = $1", id) if 0 < id < 2**31 else None
        )
        if pair is None:
            raise NotFound
        judged = await db.value(
            "UPDATE duplicate_candidates SET status = 'different' WHERE id = $1 AND status = 'open' RETURNING id",
            id,
        )
        if judged is not None:
            await changes.note(
                "duplicate.different",
                "constituent",
                pair["one"],
                by=by,
                after={"not_the_same_as": pair["other"]},
                subject=pair["one"],
            )
        return pair["one"], pair["other"]
