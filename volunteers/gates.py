"""Who may come: what a shift asks for, and what a person lacks for it.

Looked at on the day of the shift, by the clock of its place: a certificate that ends the day before is none.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from kit import days, db
from kit.errors import Refused
from kit.templates import day as words_for
from kit.words import _
from volunteers import qualifications

# Who is younger has a guardian, whom we can call.
ADULT = 18


class NotYet(Refused):
    """Sign-up is not open: too early, too late, or the shift is over or cancelled."""


class Lacks(Refused):
    """The person has not what the shift asks for. `reasons` says each thing that is missing."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class HasTheirShare(Lacks):
    """The person lacks nothing, and has as many of these shifts as one takes: nothing that staff have to see to."""


def check_window(shift: dict[str, Any], at: datetime) -> None:
    """Raises NotYet unless sign-up to a shift (a row joined with its opportunity's windows) is open at moment `at`."""
    check_ahead(shift, at)
    if shift["starts_at"] - timedelta(hours=shift["closes_hours"]) <= at:
        raise NotYet(_("Sign-up for this shift has closed. Ask the coordinator whether there is room."))
    opens = opens_at(shift)
    if opens is not None and opens > at:
        day = days.wall_clock(opens, shift["zone"])
        raise NotYet(_("Sign-up for this shift opens on {day:%d %B at %H:%M}.", day=day))


def check_ahead(shift: dict[str, Any], at: datetime) -> None:
    """Raises NotYet for a shift that is cancelled or has begun. Windows are for who comes by themselves, not for who is asked."""
    if shift["status"] != "open":
        raise NotYet(_("This shift is cancelled."))
    if shift["starts_at"] <= at:
        raise NotYet(_("This shift has begun. Ask the coordinator whether there is room."))


def opens_at(shift: dict[str, Any]) -> datetime | None:
    """When sign-up opens; None is at once."""
    return None if shift["opens_days"] is None else shift["starts_at"] - timedelta(days=shift["opens_days"])


async def check(constituent: int, shift_id: int, *, size: int = 1) -> None:
    """Raises Lacks when the person may not take the shift; HasTheirShare when nothing else is in the way."""
    found = await db.row(_QUESTION, [constituent], shift_id)
    if found is None:
        raise Lacks([_("There is no such shift or no such person.")])
    lacks, share = _reasons(found, size), _share(found)
    if lacks:
        raise Lacks(lacks + share)
    if share:
        raise HasTheirShare(share)


async def missing(constituent: int, shift_id: int, *, size: int = 1) -> list[str]:
    """What a person lacks for a shift, each as a sentence; nothing when they may come."""
    try:
        await check(constituent, shift_id, size=size)
    except Lacks as no:
        return no.reasons
    return []


async def able(people: Sequence[int], shift_id: int) -> set[int]:
    """Those of many people who lack nothing for a shift; one question, however many they are."""
    found = await db.rows(_QUESTION, people, shift_id)
    return {row["constituent"] for row in found if not _reasons(row, 1) and not _share(row)}


async def lacking(people: Sequence[int], shift_id: int) -> dict[int, list[str]]:
    """Of those who have a place, what some lack by now, by constituent: the shift moved behind the last day of a card, a
    check was refused, the role asks for more; or staff gave the place all the same.
    """
    found = await db.rows(_QUESTION, people, shift_id)
    return {row["constituent"]: reasons for row in found if (reasons := _reasons(row, 1))}


def _reasons(found: dict[str, Any], size: int) -> list[str]:
    reasons: list[str] = []
    if found["deceased"]:
        reasons.append(_("{name} has died.", name=found["name"]))
    if found["kind"] == "person" and found["volunteer_status"] == "ended":
        reasons.append(_("{name} no longer volunteers here.", name=found["name"]))
    reasons += _age(found)
    day = words_for(days.day_of(found["starts_at"], found["zone"]))
    reasons += [_lacking(msgspec.json.decode(lacked), day) for lacked in found["qualifications"]]
    reasons += [_unsigned(msgspec.json.decode(lacked)) for lacked in found["waivers"]]
    if size > found["largest_group"]:
        reasons.append(_("A group here has at most {most} people.", most=found["largest_group"]))
    return reasons


def _share(found: dict[str, Any]) -> list[str]:
    if found["share_most"] is None or found["has"] < found["share_most"]:
        return []
    return [
        _(
            "One person takes at most {most} of these shifts within {days} days, so that others can come, too.",
            most=found["share_most"],
            days=found["share_days"],
        )
    ]


def age_on(born_on: date, day: date) -> int:
    """Years on a day; who was born on 29 February is a year older on 1 March."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def is_minor(born_on: date, day: date) -> bool:
    """Whether somebody needs a guardian's name on a day."""
    return age_on(born_on, day) < ADULT


def _age(found: dict[str, Any]) -> list[str]:
    least, born_on = found["minimum_age"], found["born_on"]
    if born_on is None:
        return [_("A date of birth is needed: one has to be {age} for this.", age=least)] if least else []
    day = days.day_of(found["starts_at"], found["zone"])
    if least and age_on(born_on, day) < least:
        return [_("One has to be {age} on the day of the shift.", age=least)]
    if is_minor(born_on, day) and not found["has_guardian"]:
        return [_("Who is under {age} needs a guardian: their name and phone number.", age=ADULT)]
    return []


def _lacking(lacked: dict[str, Any], day: str) -> str:
    """Which qualification is missing, and what to do. How a check stands is said to nobody here: this goes into mails."""
    thing, had = lacked["name"], lacked["had"] or {}
    if lacked["kind"] == "check":
        return _("{thing} is needed, valid on {day}. Ask the coordinator about it.", thing=thing, day=day)
    if had.get("status") == "pending":
        return _("{thing} is needed, valid on {day}. It is still being looked at.", thing=thing, day=day)
    if had.get("status") == "valid" and had["ended"]:
        return _(
            "{thing} is needed, valid on {day}. The one we know ends on {until}: show the coordinator a newer one.",
            thing=thing, day=day, until=words_for(date.fromisoformat(had["until_day"])),
        )  # fmt: skip
    if had.get("status") == "valid":
        return _(
            "{thing} is needed, valid on {day}. The one we know begins on {first}.",
            thing=thing, day=day, first=words_for(date.fromisoformat(had["from_day"])),
        )  # fmt: skip
    return _(
        "{thing} is needed, valid on {day}. Show it to the coordinator, who notes it.", thing=thing, day=day
    )


def _unsigned(lacked: dict[str, Any]) -> str:
    """Which waiver is missing, and what to do: its text is on the page of each shift that asks for it."""
    name = lacked["name"]
    if lacked["by_themselves"]:
        return _("“{name}” has to be signed by a parent or guardian first.", name=name)
    if lacked["long_ago"]:
        return _("“{name}” was signed too long ago. It has to be signed again first.", name=name)
    if lacked["older"]:
        return _("“{name}” has a new text, which has to be signed first.", name=name)
    return _("“{name}” has to be signed first.", name=name)


_SIGNED = "FROM waiver_signatures g WHERE g.constituent = c.id AND g.waiver = w.id"
_BY_WHOM = f"(g.is_guardian OR extract(year FROM age(a.day::timestamp, p.born_on::timestamp)) >= {ADULT} OR p.born_on IS NULL)"
_STILL = """(w.valid_months IS NULL
                OR (g.signed_at AT TIME ZONE a.zone)::date + make_interval(months => w.valid_months) > a.day)"""
_QUESTION = f"""
    WITH asked AS (
        SELECT s.id, s.starts_at, s.zone, (s.starts_at AT TIME ZONE s.zone)::date AS day, s.opportunity,
               o.minimum_age, o.largest_group, o.share_most, o.share_days
          FROM shifts s JOIN opportunities o ON o.id = s.opportunity WHERE s.id = $2)
    SELECT a.*, c.id AS constituent, c.name, c.kind, c.deceased, p.born_on, v.status AS volunteer_status,
           p.guardian IS NOT NULL OR p.guardian_name <> '' AS has_guardian,
           ARRAY (SELECT json_build_object('name', q.name, 'kind', q.kind, 'had', (
                         SELECT json_build_object('status', h.status, 'from_day', h.from_day, 'until_day', h.until_day,
                                                  'ended', h.until_day < a.day)
                           FROM qualifications_held h WHERE h.constituent = c.id AND h.qualification = q.id
                            AND NOT {qualifications.refused_since("h", "a.day")}
                       ORDER BY h.status = 'valid' DESC, h.until_day DESC NULLS FIRST, h.id DESC LIMIT 1))
                    FROM qualifications_needed n JOIN qualifications q ON q.id = n.qualification
                   WHERE n.opportunity = a.opportunity AND NOT EXISTS (
                         SELECT FROM qualifications_held h
                          WHERE h.constituent = c.id AND h.qualification = q.id AND {qualifications.valid_on("a.day")})
                ORDER BY q.name) AS qualifications,
           ARRAY (SELECT json_build_object(
                         'name', n.name, 'by_themselves', EXISTS (SELECT {_SIGNED} AND {_STILL}),
                         'long_ago', EXISTS (SELECT {_SIGNED} AND {_BY_WHOM}),
                         'older', EXISTS (SELECT FROM waiver_signatures g JOIN waivers o ON o.id = g.waiver
                                           WHERE g.constituent = c.id AND o.name = n.name AND NOT o.current))
                    FROM waivers_needed n JOIN waivers w ON w.name = n.name AND w.current
                   WHERE n.opportunity = a.opportunity AND NOT EXISTS (SELECT {_SIGNED} AND {_BY_WHOM} AND {_STILL})
                ORDER BY n.name) AS waivers,
           -- The most that any stretch of so many days has which holds this one: it begins at one of the days.
           (SELECT max((SELECT count(*) FROM unnest(theirs.days) AS d (day)
                         WHERE d.day BETWEEN first.day AND first.day + a.share_days - 1))
              FROM unnest(theirs.days || a.day) AS first (day)
             WHERE first.day BETWEEN a.day - a.share_days + 1 AND a.day) AS has
      FROM asked a JOIN constituents c ON c.id = ANY ($1)
      LEFT JOIN volunteers v ON v.constituent = c.id
      LEFT JOIN volunteers_private p ON p.constituent = c.id
     CROSS JOIN LATERAL (
           SELECT coalesce(array_agg((s.starts_at AT TIME ZONE s.zone)::date), '{{}}') AS days
             FROM signups u JOIN shifts s ON s.id = u.shift
            WHERE a.share_most IS NOT NULL AND u.constituent = c.id AND s.opportunity = a.opportunity AND s.id <> a.id
              AND u.status IN ('pending', 'confirmed')
              AND s.starts_at BETWEEN a.starts_at - make_interval(days => a.share_days + 1)
                                  AND a.starts_at + make_interval(days => a.share_days + 1)) theirs
"""  # noqa: S608  words of ours
