"""Qualifications: what roles ask for, and what volunteers have."""

from datetime import date
from typing import Any

import asyncpg
from dateutil.relativedelta import relativedelta

from kit import changes, days, db
from kit.changes import Actor
from kit.errors import Conflict, NotFound, Refused
from kit.words import _
from volunteers import sight


class NameTaken(Refused):
    """Two of one name could not be told apart."""


class Wrong(Refused):
    """What was said of a qualification cannot be; `field` names which part."""

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


class ChangedMeanwhile(Conflict):
    """Somebody else saved this qualification first. `now` is the version that stands."""

    def __init__(self, now: int) -> None:
        super().__init__(
            _("Somebody else changed this qualification meanwhile. Look at both versions, then save again.")
        )
        self.now = now


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


async def change(
    qualification_id: int, name: str, valid_months: int | None, *, closed: bool, version: int, by: Actor
) -> None:
    """Another name or validity for what is noted from now on, or no longer asked for. Raises NameTaken, ChangedMeanwhile."""
    async with db.tx():
        was = await get(qualification_id, lock=True)
        if was["version"] != version:
            raise ChangedMeanwhile(was["version"])
        try:
            async with db.tx():
                await db.row(
                    """
                    UPDATE qualifications SET name = $2, name_normal = $3, valid_months = $4, version = version + 1,
                           closed_at = CASE WHEN $5 THEN coalesce(closed_at, $6) END WHERE id = $1
                    """,
                    qualification_id, name, _normal(name), valid_months, closed, days.now(),
                )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise NameTaken(_("There is a qualification called “{name}” already.", name=name)) from None
        await changes.note(
            "qualification.changed", "qualification", qualification_id, by=by,
            before={"name": was["name"], "valid_months": was["valid_months"], "closed": was["closed_at"] is not None},
            after={"name": name, "valid_months": valid_months, "closed": closed},
        )  # fmt: skip


async def get(qualification_id: int, *, lock: bool = False) -> dict[str, Any]:
    """One kind of qualification; raises NotFound."""
    known = 0 < qualification_id < 2**31
    question = "SELECT * FROM qualifications WHERE id = $1"
    found = await db.row(question + (" FOR UPDATE" if lock else ""), qualification_id) if known else None
    if found is None:
        raise NotFound(f"qualification {qualification_id}")
    return found


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
    """Somebody has a qualification. Without `until_day` a valid one stays so as long as such a one does.

    What was pending last is replaced by what came of it; the same twice is once. Of a check only its state and its end
    are kept, and the trail says neither. Raises Wrong for days or a number that cannot be.
    """
    async with db.tx():
        kind = await get(qualification_id)
        if until_day is None and kind["valid_months"] and status == "valid":
            until_day = from_day + relativedelta(months=kind["valid_months"], days=-1)
        if until_day is not None and until_day < from_day:
            raise Wrong(_("It ends before it begins. Look at the two days."), "until_day")
        if kind["kind"] == "check" and number:
            raise Wrong(_("Of a check only its state and its end are kept. Leave the number out."), "number")
        # Two clicks come one after the other.
        await db.row(
            "SELECT pg_advisory_xact_lock(hashtextextended('qualification_held:' || $1::int, 0))", constituent
        )
        last = await _last_noted(constituent, qualification_id)
        if last is not None and last == {
            **last,
            "status": status,
            "from_day": from_day,
            "until_day": until_day,
            "number": number,
        }:
            return last["id"]
        pending = last if last is not None and last["status"] == "pending" else None
        if pending is not None:
            number = number or pending["number"]
            await db.row("DELETE FROM qualifications_held WHERE id = $1", pending["id"])
        id = await db.value(
            """
            INSERT INTO qualifications_held (constituent, qualification, status, from_day, until_day, number, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
            """,
            constituent, qualification_id, status, from_day, until_day, number, days.now(),
        )  # fmt: skip
        said = {"name": kind["name"], "status": status, "from_day": from_day, "until_day": until_day}
        was = {name: pending.get(name, kind["name"]) for name in said} if pending else None
        await _note_held("held", constituent, kind["kind"], by=by, before=was, after=said)
        return id


async def _last_noted(constituent: int, qualification_id: int) -> dict[str, Any] | None:
    return await db.row(
        """
        SELECT id, status, from_day, until_day, number FROM qualifications_held
         WHERE constituent = $1 AND qualification = $2 ORDER BY id DESC LIMIT 1
        """,
        constituent,
        qualification_id,
    )


async def take_away(held_id: int, *, by: Actor) -> int:
    """A qualification that was noted by mistake; returns whose it was. Raises NotFound."""
    async with db.tx():
        gone = (
            await db.row(
                """
                DELETE FROM qualifications_held h USING qualifications q WHERE h.id = $1 AND q.id = h.qualification
                RETURNING h.constituent, q.name, q.kind, h.status, h.from_day, h.until_day
                """,
                held_id,
            )
            if 0 < held_id < 2**31
            else None
        )
        if gone is None:
            raise NotFound(f"qualification held {held_id}")
        said = {name: gone[name] for name in ("name", "status", "from_day", "until_day")}
        await _note_held("taken_away", gone["constituent"], gone["kind"], by=by, before=said)
        return gone["constituent"]


async def _note_held(
    deed: str,
    constituent: int,
    kind: str,
    *,
    by: Actor,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Whoever reads trails need not know who passed which check: that somebody noted one is said, and nothing of it."""
    if kind == "check":
        await changes.note(f"check.{deed}", "constituent", constituent, by=by)
        return
    await changes.note(
        f"qualification.{deed}",
        "constituent",
        constituent,
        by=by,
        subject=constituent,
        before=before,
        after=after,
    )


def refused_since(h: str, day: str) -> str:
    """SQL: whether what somebody holds, the row `h`, was refused after it began, so that on `day` it is worth nothing any more."""
    return f"""EXISTS (SELECT FROM qualifications_held r
        WHERE r.constituent = {h}.constituent AND r.qualification = {h}.qualification AND r.status = 'refused'
          AND (r.from_day, r.id) > ({h}.from_day, {h}.id) AND r.from_day <= {day}
          AND (r.until_day IS NULL OR r.until_day >= {day}))"""


def valid_on(day: str, h: str = "h") -> str:
    """SQL: whether what somebody holds, the row `h`, is valid on `day`."""
    return f"""({h}.status = 'valid' AND {h}.from_day <= {day} AND ({h}.until_day IS NULL OR {h}.until_day >= {day})
        AND NOT {refused_since(h, day)})"""


async def ending(
    first: date, last: date, after: int = 0, *, seen: list[int] | None = None
) -> list[dict[str, Any]]:
    """What ends between two days and is not renewed, the soonest first, behind the row `after`.

    Volunteers who stopped are left out, and those whom the coordinators of the programmes `seen` (None: all) do not know.
    """
    return await db.rows(
        f"""
        SELECT h.id, h.until_day, q.name AS qualification_name, q.kind, c.id AS constituent, c.name
          FROM qualifications_held h JOIN qualifications q ON q.id = h.qualification JOIN constituents c ON c.id = h.constituent
          JOIN volunteers v ON v.constituent = c.id
         WHERE h.status = 'valid' AND h.until_day BETWEEN $1 AND $2
           AND v.status <> 'ended' AND NOT c.deceased AND c.archived_at IS NULL
           AND NOT EXISTS (SELECT FROM qualifications_held n WHERE n.constituent = h.constituent AND n.qualification = h.qualification
                              AND n.status = 'valid' AND (n.until_day IS NULL OR n.until_day > h.until_day))
           AND NOT {refused_since("h", "h.until_day")} AND {sight.known_to("c.id", "$4::int[]")}
           AND ($3 = 0 OR (h.until_day, h.id) > (SELECT until_day, id FROM qualifications_held WHERE id = $3))
      ORDER BY h.until_day, h.id LIMIT 51
        """,  # noqa: S608  words of ours
        first,
        last,
        after,
        seen,
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


async def choices() -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """(id, name) of the qualifications that can be noted, and of the waivers that can be signed now."""
    found = await db.rows(
        """
        SELECT 'kind' AS what, id, name, name_normal AS place FROM qualifications WHERE closed_at IS NULL
     UNION ALL SELECT 'waiver', id, name, lower(name) FROM waivers WHERE current ORDER BY place
        """
    )
    kinds, texts = (
        [(row["id"], row["name"]) for row in found if row["what"] == what] for what in ("kind", "waiver")
    )
    return kinds, texts


async def open_ones() -> list[dict[str, Any]]:
    """Qualifications that may be asked for, by name."""
    return await db.rows("SELECT * FROM qualifications WHERE closed_at IS NULL ORDER BY name_normal")


async def kinds(day: date, *, seen: list[int] | None = None) -> list[dict[str, Any]]:
    """Every qualification by name, the closed ones last, each with how many volunteers hold it on `day` and how many roles
    ask for it. Of a check only those are counted whom the coordinators of the programmes `seen` (None: all) know.
    """
    return await db.rows(
        f"""
        SELECT q.*, (SELECT count(DISTINCT h.constituent) FROM qualifications_held h
                       JOIN volunteers v ON v.constituent = h.constituent JOIN constituents c ON c.id = h.constituent
                      WHERE h.qualification = q.id AND {valid_on("$1")} AND c.archived_at IS NULL AND NOT c.deceased
                        AND (q.kind <> 'check' OR {sight.known_to("c.id", "$2::int[]")}))::int AS holders,
               (SELECT count(*) FROM qualifications_needed n WHERE n.qualification = q.id)::int AS roles
          FROM qualifications q ORDER BY q.closed_at IS NOT NULL, q.name_normal
        """,  # noqa: S608  words of ours
        day,
        seen,
    )


def _normal(name: str) -> str:
    return " ".join(name.casefold().split())[:120]
