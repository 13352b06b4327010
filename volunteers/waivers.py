"""Waivers: texts that roles ask volunteers to sign, in editions, and who signed which."""

from datetime import datetime
from typing import Any

from kit import changes, days, db
from kit.changes import Actor
from kit.errors import NotFound


async def publish(name: str, text: str, valid_months: int | None, *, by: Actor) -> int:
    """A waiver's text; a name that is there gets a new edition, which has to be signed anew. The same text is no new one."""
    async with db.tx():
        await db.row("SELECT pg_advisory_xact_lock(hashtextextended('waiver:' || $1, 0))", name)
        stands = await db.row("SELECT * FROM waivers WHERE name = $1 AND current", name)
        if stands is not None and (stands["text"], stands["valid_months"]) == (text, valid_months):
            return stands["id"]
        edition = await db.value("SELECT coalesce(max(edition), 0) + 1 FROM waivers WHERE name = $1", name)
        await db.row("UPDATE waivers SET current = false WHERE name = $1 AND current", name)
        id = await db.value(
            "INSERT INTO waivers (name, edition, text, valid_months, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id",
            name,
            edition,
            text,
            valid_months,
            days.now(),
        )
        await changes.note("waiver.published", "waiver", id, by=by, after={"name": name, "edition": edition})
        return id


async def sign(
    constituent: int,
    waiver_id: int,
    signed_name: str,
    *,
    by: Actor,
    is_guardian: bool = False,
    on_paper: datetime | None = None,
) -> None:
    """Somebody signs an edition of a waiver with their name; kept for ever. Signing twice is two signatures.

    `on_paper` is the moment of a signature that `by` has seen; else it is now. Raises NotFound.
    """
    async with db.tx():
        waiver = await get(waiver_id)
        await db.row(
            """
            INSERT INTO waiver_signatures (constituent, waiver, signed_name, is_guardian, on_paper, signed_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            constituent, waiver_id, signed_name.strip()[:200], is_guardian, on_paper is not None, on_paper or days.now(),
        )  # fmt: skip
        # Whoever reads trails need not know that somebody has a guardian, nor whom.
        signed = {} if is_guardian else {"signed_name": signed_name}
        await changes.note(
            "waiver.signed", "constituent", constituent, by=by, subject=constituent,
            after={"name": waiver["name"], "edition": waiver["edition"], **signed},
        )  # fmt: skip


async def get(waiver_id: int) -> dict[str, Any]:
    """One edition of a waiver; raises NotFound."""
    found = await db.row("SELECT * FROM waivers WHERE id = $1", waiver_id) if 0 < waiver_id < 2**31 else None
    if found is None:
        raise NotFound(f"waiver {waiver_id}")
    return found


async def current() -> list[dict[str, Any]]:
    """The current edition of each waiver, by name."""
    return await db.rows(
        "SELECT id, name, edition, text, valid_months FROM waivers WHERE current ORDER BY lower(name)"
    )


async def editions(name: str) -> list[dict[str, Any]]:
    """All editions of a waiver, the newest first, each with how many people signed it."""
    return await db.rows(
        """
        SELECT w.*, (SELECT count(DISTINCT constituent) FROM waiver_signatures g WHERE g.waiver = w.id)::int AS people
          FROM waivers w WHERE w.name = $1 ORDER BY w.edition DESC
        """,
        name,
    )


async def asked_by(opportunity_id: int) -> list[dict[str, Any]]:
    """The current editions of the waivers that a role asks for: id, name, text."""
    return await db.rows(
        """
        SELECT w.id, w.name, w.edition, w.text FROM waivers_needed n JOIN waivers w ON w.name = n.name AND w.current
         WHERE n.opportunity = $1 ORDER BY w.name
        """,
        opportunity_id,
    )
