"""Hours: proposed from check-ins or by volunteers themselves, approved or adjusted by a coordinator, and counted.

Only approved hours count. What was decided is changed by deciding again; nothing is deleted but a proposal whose
check-in was taken back.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from constituents import timeline
from kit import changes, days, db, facts
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.templates import hours as words_for
from kit.words import _
from staff import organisation

MOST_A_DAY = 24 * 60
SHARE = "CASE WHEN c.kind = 'person' THEN h.minutes / h.people ELSE h.minutes END"
"""SQL: of the row `h`, the whole minutes that are `c`'s own: what a letter confirms and a milestone counts. What an
organisation or a household gave with several people is theirs together."""


class NotHours(Refused):
    """A day has 24 hours, and hours are given before they are noted."""


class ChangedMeanwhile(Refused):
    """Somebody decided on these hours since they were shown."""


class HoursDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Hours as a form has them; `minutes` of everybody together."""

    constituent: int
    programme: int
    day: date
    minutes: int
    opportunity: int | None = None
    people: int = 1
    note: str = ""


async def propose(given: HoursDetails, *, came_by: str, by: Actor) -> int:
    """Hours that wait for somebody to approve them (self-reported, imported). Raises NotHours."""
    async with db.tx():
        return await _insert(given, "proposed", came_by, by=by)


async def record(given: HoursDetails, *, by: Actor, came_by: str = "staff") -> int:
    """Hours that staff enter: approved by entering them. Raises NotHours."""
    async with db.tx():
        id = await _insert(given, "proposed", came_by, by=by)
        await _decide(id, "approved", by=by)
        return id


async def propose_from_attendance(signup_id: int, *, by: Actor) -> int | None:
    """What a check-in and a check-out say: from the start at the earliest, to the minute, times the people who came.

    Hours that were decided stay as they were decided. None when nothing was given.
    """
    async with db.tx():
        row = await db.row(
            """
            SELECT u.constituent, coalesce(u.came, u.size) AS people, u.left_is_estimated, o.programme, o.id AS opportunity,
                   (s.starts_at AT TIME ZONE s.zone)::date AS day,
                   greatest(u.arrived_at, s.starts_at) AS came, u.left_at
              FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
             WHERE u.id = $1 AND u.arrived_at IS NOT NULL AND u.left_at IS NOT NULL
            """,
            signup_id,
        )
        minutes = between(row["came"], row["left_at"]) * row["people"] if row else 0
        if row is None or minutes <= 0:
            return None
        id = await db.value(
            """
            INSERT INTO hours (constituent, programme, opportunity, signup, day, minutes, people, status, came_by,
                               is_estimated, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 'proposed', 'check_in', $8, $9)
            ON CONFLICT (signup) DO UPDATE SET minutes = excluded.minutes, people = excluded.people,
                   is_estimated = excluded.is_estimated, version = hours.version + 1 WHERE hours.status = 'proposed'
            RETURNING id
            """,
            row["constituent"], row["programme"], row["opportunity"], signup_id, row["day"], minutes, row["people"],
            row["left_is_estimated"], days.now(),
        )  # fmt: skip
        if id is not None:
            await changes.note(
                "hours.proposed", "hours", id, by=by, subject=row["constituent"],
                after={"day": row["day"], "minutes": minutes, "came_by": "check_in"},
            )  # fmt: skip
        return id


async def withdraw_proposal(signup_id: int, *, by: Actor) -> None:
    """The check-in was taken back: hours that nobody decided on go with it."""
    gone = await db.row(
        "DELETE FROM hours WHERE signup = $1 AND status = 'proposed' RETURNING id, minutes, constituent",
        signup_id,
    )
    if gone is not None:
        await changes.note(
            "hours.taken_back", "hours", gone["id"], by=by, subject=gone["constituent"],
            before={"minutes": gone["minutes"]},
        )  # fmt: skip


async def approve(hours_ids: Sequence[int], *, by: Actor) -> int:
    """Approve what is proposed of these; returns how many. Approving twice is approving once."""
    done = 0
    async with db.tx():
        for row in await db.rows(_IN_ORDER, list(set(hours_ids))):
            done += await _decide(row["id"], "approved", by=by)
    return done


class Shown(msgspec.Struct, frozen=True):
    """What somebody decides on a list: the minutes that stood there, and those that were typed; None: as it stands."""

    id: int
    was: int | None = None
    minutes: int | None = None


async def decide(shown: Sequence[Shown], *, by: Actor) -> tuple[int, int]:
    """Approve what was shown, with other minutes where somebody typed them; returns how many, and how many had changed
    meanwhile and wait for another look. Raises NotHours.
    """
    done = changed = 0
    async with db.tx():
        said = {one.id: one for one in shown}
        for found in await db.rows(_IN_ORDER, list(said)):
            one = said[found["id"]]
            row = await db.row("SELECT status, minutes FROM hours WHERE id = $1 FOR UPDATE", one.id)
            if row is None or row["status"] != "proposed":
                continue
            if one.was is not None and row["minutes"] != one.was:
                changed += 1
            elif one.minutes is not None and one.minutes != row["minutes"]:
                await adjust(one.id, one.minutes, note="", by=by)
                done += 1
            else:
                done += await _decide(one.id, "approved", by=by)
    return done, changed


async def refuse(hours_id: int, *, reason: str, by: Actor, version: int | None = None) -> None:
    """These hours do not count, and why. Raises ChangedMeanwhile."""
    async with db.tx():
        was = await get(hours_id, lock=True)
        if was["status"] != "refused":
            _check_version(was, version)
        await _decide(hours_id, "refused", by=by, note=reason)


async def adjust(hours_id: int, minutes: int, *, note: str, by: Actor, version: int | None = None) -> None:
    """Other minutes than were proposed or approved; approved with it. `version` is the one that was shown (None: whatever
    stands). Raises NotHours, ChangedMeanwhile.
    """
    async with db.tx():
        was = await get(hours_id, lock=True)
        if version != was["version"] and (was["status"], was["minutes"]) == ("approved", minutes):
            return  # the same, sent twice
        _check_version(was, version)
        _check_length(minutes, was["people"])
        await db.row(
            "UPDATE hours SET minutes = $2, is_estimated = false, version = version + 1 WHERE id = $1",
            hours_id,
            minutes,
        )
        await changes.note(
            "hours.adjusted", "hours", hours_id, by=by, subject=was["constituent"],
            before={"minutes": was["minutes"]}, after={"minutes": minutes, "note": note},
        )  # fmt: skip
        await _decide(hours_id, "approved", by=by, note=note, again=True)


# In the order of people: two coordinators who approve at once wait for each other's totals in one direction only.
_IN_ORDER = "SELECT id FROM hours WHERE id = ANY ($1) ORDER BY constituent, id"


def _check_version(was: dict[str, Any], version: int | None) -> None:
    if version is not None and was["version"] != version:
        state = {"proposed": _("to approve"), "approved": _("approved"), "refused": _("refused")}[
            was["status"]
        ]
        raise ChangedMeanwhile(
            _(
                "Somebody changed these hours meanwhile: they are {hours} now, {state}. Sent once more, what you typed takes their place.",
                hours=words_for(was["minutes"]),
                state=state,
            )
        )


async def get(hours_id: int, *, lock: bool = False) -> dict[str, Any]:
    """One row, locked if one says so; raises NotFound."""
    question = "SELECT * FROM hours WHERE id = $1 FOR UPDATE" if lock else "SELECT * FROM hours WHERE id = $1"
    found = await db.row(question, hours_id) if 0 < hours_id < 2**63 else None
    if found is None:
        raise NotFound(f"hours {hours_id}")
    return found


async def seen_of(hours_ids: Sequence[int], seen: list[int] | None) -> set[int]:
    """Which of these are in programmes that somebody sees (None: all)."""
    found = await db.rows(
        "SELECT id FROM hours WHERE id = ANY ($1) AND ($2::int[] IS NULL OR programme = ANY ($2))",
        list(hours_ids),
        seen,
    )
    return {row["id"] for row in found}


async def latest_day() -> date:
    """The latest day on which hours can have been given: what the calendar says where the organisation is, or in the
    zone of a place that is ahead of it."""
    home = (await organisation.needed())["zone"]
    zones = await db.rows("SELECT DISTINCT zone FROM places")
    return max(days.today(zone) for zone in {home, *(row["zone"] for row in zones)})


async def of(constituent: int, first: date | None = None, last: date | None = None) -> list[dict[str, Any]]:
    """A person's hours, newest first, in any state."""
    return await db.rows(
        """
        SELECT h.*, p.name AS programme_name, o.title FROM hours h JOIN programmes p ON p.id = h.programme
          LEFT JOIN opportunities o ON o.id = h.opportunity
         WHERE h.constituent = $1 AND ($2::date IS NULL OR h.day >= $2) AND ($3::date IS NULL OR h.day <= $3)
      ORDER BY h.day DESC, h.id DESC
        """,
        constituent,
        first,
        last,
    )


async def total_of(constituent: int) -> dict[str, Any]:
    """Approved minutes in all, how often, first and last day."""
    found = await db.row(
        """
        SELECT coalesce(sum(minutes), 0)::bigint AS minutes, coalesce(sum(times), 0)::int AS times, min(first_on) AS first_on,
               max(last_on) AS last_on FROM volunteer_totals WHERE constituent = $1
        """,
        constituent,
    )
    assert found is not None
    return found


def read_time(text: str) -> int | None:
    """Minutes of what a person typed: `3:05`, `3`, `2.5`, `2,5`, `3 h 5 min`, `3h05`, `45 min`. None when it is no time."""
    typed = re.sub(r"\s+", "", text.casefold())
    if found := re.fullmatch(r"([0-9]{1,4})[:h]([0-5][0-9])", typed, re.ASCII):
        return int(found[1]) * 60 + int(found[2])
    if typed and (
        found := re.fullmatch(r"(?:([0-9]{1,4})h(?:ours?|rs?)?)?(?:([0-9]{1,5})m(?:in)?)?", typed, re.ASCII)
    ):
        return int(found[1] or 0) * 60 + int(found[2] or 0)
    if found := re.fullmatch(r"([0-9]{1,4})(?:[.,]([0-9]{1,2}))?", typed, re.ASCII):
        return int((Decimal(f"{found[1]}.{found[2] or 0}") * 60).to_integral_value(ROUND_HALF_UP))
    return None


def between(came: datetime, left: datetime) -> int:
    """Minutes between two moments as a clock without seconds shows them; never less than none."""
    began, ended = (moment.replace(second=0, microsecond=0) for moment in (came, left))
    return max(0, int((ended - began).total_seconds()) // 60)


async def _insert(given: HoursDetails, status: str, came_by: str, *, by: Actor) -> int:
    if given.day > await latest_day():
        raise NotHours(_("This day is still to come. Note hours after they were given."))
    _check_length(given.minutes, given.people)
    id = await db.value(
        """
        INSERT INTO hours (constituent, programme, opportunity, day, minutes, people, status, came_by, note, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id
        """,
        given.constituent, given.programme, given.opportunity, given.day, given.minutes, given.people, status, came_by,
        given.note[:500], days.now(),
    )  # fmt: skip
    await changes.note(
        "hours.proposed", "hours", id, by=by, subject=given.constituent,
        after={"day": given.day, "minutes": given.minutes, "came_by": came_by},
    )  # fmt: skip
    return id


async def _decide(hours_id: int, status: str, *, by: Actor, note: str = "", again: bool = False) -> int:
    was = await db.value("SELECT status FROM hours WHERE id = $1 FOR UPDATE", hours_id)
    row = await db.row(
        """
        UPDATE hours SET status = $2, decided_by = $3, decided_at = $4, note = CASE WHEN $5 = '' THEN note ELSE $5 END,
               version = version + 1
         WHERE id = $1 AND (status <> $2 OR $6) RETURNING *
        """,
        hours_id, status, by.id if by.kind == "staff" else None, days.now(), note[:500], again,
    )  # fmt: skip
    if row is None:
        await get(hours_id)  # says NotFound
        return 0
    await changes.note(
        f"hours.{status}",
        "hours",
        hours_id,
        by=by,
        subject=row["constituent"],
        before={"status": was},
        after={"status": status, "minutes": row["minutes"], "note": note},
    )
    await _put_on_timeline(row)
    if status == "approved":
        await facts.say("hours.approved", hours_id)
    return 1


async def _put_on_timeline(row: dict[str, Any]) -> None:
    if row["status"] == "refused":
        await timeline.remove("hours", row["id"])
        return
    role = await db.row(
        "SELECT p.name AS programme, o.title FROM programmes p LEFT JOIN opportunities o ON o.id = $2 WHERE p.id = $1",
        row["programme"],
        row["opportunity"],
    )
    assert role is not None
    await timeline.write(
        row["constituent"], "hours", row["id"], happened_on=row["day"], title=role["title"] or role["programme"],
        detail=words_for(row["minutes"]), route="volunteers:show", route_id=row["constituent"], permission="volunteers.read",
    )  # fmt: skip


def _check_length(minutes: int, people: int) -> None:
    if not 0 < minutes <= MOST_A_DAY * people:
        raise NotHours(
            _("Between five minutes and 24 hours a person and day. Split longer work over its days.")
        )
