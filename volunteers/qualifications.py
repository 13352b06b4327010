"""Qualifications and waivers: what volunteers have and signed."""

from datetime import date
from typing import Any

import asyncpg
from dateutil.relativedelta import relativedelta

from kit import changes, days, db
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.words import _


class NameTaken(Refused):
    """Two of one name could not be told apart."""


async def define(name: str, kind: str, valid_months: int | None, *, by: Actor) -> int:
    """A new qualification; `kind` is training, certificate or check. Raises NameTaken."""
    async with db.tx():
        try:
            async with db.tx():
                id = await db.value(
                    "INSERT INTO qualifications (name, name_normal, kind, valid_months) VALUES ($1, $2, $3, $4) RETURNING id",
                    name,
                    _normal(name),
                    kind,
                    valid_months,
                )
        except asyncpg.UniqueViolationError:
            raise NameTaken(_("There is a qualification called “{name}” already.", name=name)) from None
        await changes.note(
            "qualification.made", "qualification", id, by=by, after={"name": name, "kind": kind}
        )
        return id


async def hold(
    constituent: int,
    qualification_id: int,
    *,
    by: Actor,
    from_day: date,
    until_day: date | None = None,
    status: str = "valid",
    number: str = "",
) -> int:
    """Somebody has a qualification. Without `until_day` it is valid as long as such a one is."""
    async with db.tx():
        kind = await db.row("SELECT name, valid_months FROM qualifications WHERE id = $1", qualification_id)
        if kind is None:
            raise NotFound(f"qualification {qualification_id}")
        if until_day is None and kind["valid_months"]:
            until_day = from_day + relativedelta(months=kind["valid_months"], days=-1)
        if until_day is not None and until_day < from_day:
            raise Refused(_("It ends before it begins. Look at the two days."))
        id = await db.value(
            """
            INSERT INTO qualifications_held (constituent, qualification, status, from_day, until_day, number, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
            """,
            constituent, qualification_id, status, from_day, until_day, number, days.now(),
        )  # fmt: skip
        await changes.note(
            "qualification.held", "constituent", constituent, by=by, subject=constituent,
            after={"name": kind["name"], "status": status, "from_day": from_day, "until_day": until_day},
        )  # fmt: skip
        return id


async def take_away(held_id: int, *, by: Actor) -> int:
    """A qualification that was noted by mistake; returns whose it was. Raises NotFound."""
    async with db.tx():
        gone = await db.row(
            """
            DELETE FROM qualifications_held h USING qualifications q WHERE h.id = $1 AND q.id = h.qualification
            RETURNING h.constituent, q.name, h.from_day
            """,
            held_id,
        )
        if gone is None:
            raise NotFound(f"qualification held {held_id}")
        await changes.note(
            "qualification.taken_away", "constituent", gone["constituent"], by=by, subject=gone["constituent"],
            before={"name": gone["name"], "from_day": gone["from_day"]},
        )  # fmt: skip
        return gone["constituent"]


async def publish_waiver(name: str, text: str, valid_months: int | None, *, by: Actor) -> int:
    """A waiver's text; a name that is there gets a new edition, which has to be signed anew."""
    async with db.tx():
        await db.row("SELECT pg_advisory_xact_lock(hashtextextended('waiver:' || $1, 0))", name)
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
    constituent: int, waiver_id: int, signed_name: str, *, by: Actor, is_guardian: bool = False
) -> None:
    """Somebody signs an edition of a waiver with their name; kept for ever. Signing twice is two signatures."""
    async with db.tx():
        waiver = await db.row("SELECT name, edition FROM waivers WHERE id = $1", waiver_id)
        if waiver is None:
            raise NotFound(f"waiver {waiver_id}")
        await db.row(
            """
            INSERT INTO waiver_signatures (constituent, waiver, signed_name, is_guardian, signed_at)
            VALUES ($1, $2, $3, $4, $5)
            """,
            constituent, waiver_id, signed_name.strip()[:200], is_guardian, days.now(),
        )  # fmt: skip
        await changes.note(
            "waiver.signed", "constituent", constituent, by=by, subject=constituent,
            after={"name": waiver["name"], "edition": waiver["edition"], "signed_name": signed_name},
        )  # fmt: skip


async def held_by(constituent: int, day: date) -> list[dict[str, Any]]:
    """A person's qualifications, the longest valid first, with `valid` on `day`."""
    return await db.rows(
        """
        SELECT h.*, q.name, q.kind,
               h.status = 'valid' AND h.from_day <= $2 AND (h.until_day IS NULL OR h.until_day >= $2) AS valid
          FROM qualifications_held h JOIN qualifications q ON q.id = h.qualification
         WHERE h.constituent = $1 ORDER BY h.until_day DESC NULLS FIRST, h.id DESC
        """,
        constituent,
        day,
    )


async def signed_by(constituent: int) -> list[dict[str, Any]]:
    """What a person signed, newest first: name, edition, signed_name, signed_at, current."""
    return await db.rows(
        """
        SELECT w.name, w.edition, w.current, g.signed_name, g.signed_at, g.is_guardian
          FROM waiver_signatures g JOIN waivers w ON w.id = g.waiver
         WHERE g.constituent = $1 ORDER BY g.id DESC
        """,
        constituent,
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


async def needed_by(opportunity_id: int) -> list[dict[str, Any]]:
    """The qualifications that a role asks for: id, name, kind."""
    return await db.rows(
        """
        SELECT q.id, q.name, q.kind FROM qualifications_needed n JOIN qualifications q ON q.id = n.qualification
         WHERE n.opportunity = $1 ORDER BY q.name_normal
        """,
        opportunity_id,
    )


async def open_ones() -> list[dict[str, Any]]:
    """Qualifications that may be asked for, by name."""
    return await db.rows("SELECT * FROM qualifications WHERE closed_at IS NULL ORDER BY name_normal")


async def waivers() -> list[dict[str, Any]]:
    """The current edition of each waiver, by name."""
    return await db.rows(
        "SELECT id, name, edition, text, valid_months FROM waivers WHERE current ORDER BY lower(name)"
    )


def _normal(name: str) -> str:
    return " ".join(name.casefold().split())[:120]
