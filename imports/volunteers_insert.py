"""New volunteers, shifts and hours: some thousand rows with one INSERT, their changes and timelines with them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

import asyncpg
import msgspec

from constituents import proposals
from imports.plan import Key
from imports.stage import Found
from imports.volunteers_here import Names
from imports.volunteers_records import PRIVATE, Hours, Profile, Shift, VolunteersPlan
from kit import db
from kit.changes import Actor
from kit.templates import hours as words_for
from kit.words import _
from volunteers import milestones

_AT_ONCE = 2_000


class Putting(msgspec.Struct):
    """A plan on its way into the tables: which records are new, and our ids of every key."""

    plan: VolunteersPlan
    found: Found
    ids: dict[tuple[str, Key], int]
    names: Names
    by: Actor
    now: datetime
    today: date
    gave: set[int] = set()
    """Whose hours are new or changed."""

    def person(self, key: Key) -> int:
        return self.ids["constituent", key]


async def note_people(connection: asyncpg.Connection, putting: Putting) -> None:
    """Of new people, that this import brought them; of those found by e-mail, the name that the file has for them."""
    plan, by = putting.plan, putting.by
    await _noted("constituent.imported", "constituent", (
        (putting.person(one.key), putting.person(one.key), {"source": plan.source, "id": " ".join(one.key)})
        for n, one in enumerate(plan.constituents) if n in putting.found.new["constituent"]
    ), putting)  # fmt: skip
    for one in plan.constituents:
        if one.key in plan.matched:
            name = {"given_name": one.given_name, "family_name": one.family_name}
            ours = putting.person(one.key)
            known = await db.value(
                "SELECT EXISTS (SELECT FROM proposals WHERE constituent = $1 AND kind = 'name' AND proposed = $2::jsonb)",
                ours, msgspec.json.encode(name).decode(),
            )  # fmt: skip
            if not known:
                # One proposal of a kind and source: the source is this person in this run.
                await proposals.propose(ours, "name", name, source_kind=f"import:{by.id}", source_id=ours)


async def profiles(putting: Putting) -> None:
    """Volunteers who are new, and people whose hours are told of without more: they are volunteers, too."""
    new = [one for n, one in enumerate(putting.plan.profiles) if n in putting.found.new["volunteer"]]
    for some in _pieces(new):
        await db.rows(_VOLUNTEERS, _json(_profile(one, putting) for one in some), putting.today)
        private = [_private(one, putting) for one in some if any(getattr(one, name) for name in PRIVATE)]
        if private:
            await db.rows(_PRIVATE, _json(private))
    joined = [(putting.person(one.of), one.joined_on or putting.today) for one in new]
    for row in await db.rows(
        """
        INSERT INTO volunteers (constituent, joined_on) SELECT DISTINCT unnest($1::int[]), $2::date
        ON CONFLICT (constituent) DO NOTHING RETURNING constituent
        """,
        sorted(putting.plan.people.values()), putting.today,
    ):  # fmt: skip
        joined.append((row["constituent"], putting.today))
    await _noted(
        "volunteer.joined",
        "constituent",
        ((who, who, {"came_by": "import"}) for who, _day in joined),
        putting,
    )
    for some in _pieces(joined):
        await db.rows(
            _JOINED,
            [who for who, _day in some],
            [day for _who, day in some],
            putting.now,
            _("Became a volunteer"),
        )


async def shifts(putting: Putting) -> None:
    new = [one for n, one in enumerate(putting.plan.shifts) if n in putting.found.new["shift"]]
    for some in _pieces(new):
        await db.rows(_SHIFTS, _json(_shift(one, putting) for one in some), putting.now)
    await _noted(
        "shift.imported",
        "shift",
        ((putting.ids["shift", one.key], None, {"id": " ".join(one.key)}) for one in new),
        putting,
    )


async def hours(putting: Putting) -> None:
    new = [one for n, one in enumerate(putting.plan.hours) if n in putting.found.new["hours"]]
    for some in _pieces(new):
        await db.rows(_HOURS, _json(_hours(one, putting) for one in some), putting.now)
    await _noted("hours.imported", "hours", (
        (putting.ids["hours", one.key], putting.person(one.who), {"day": one.day, "minutes": one.minutes, "status": one.status})
        for one in new
    ), putting)  # fmt: skip
    await on_timelines([one for one in new if one.status == "approved"], putting)
    putting.gave |= {putting.person(one.who) for one in new if one.status == "approved"}


async def on_timelines(found: list[Hours], putting: Putting) -> None:
    """Approved hours on their people's timelines."""
    for some in _pieces(found):
        await db.rows(_HOURS_LINES, [putting.ids["hours", one.key] for one in some], [words_for(one.minutes) for one in some], putting.now)  # fmt: skip


async def pass_milestones(putting: Putting) -> None:
    """Sums that were reached in another system were thanked for there, or never will be: not by a mail of today."""
    await milestones.note(sorted(putting.gave))


def _profile(one: Profile, putting: Putting) -> dict[str, Any]:
    return {
        "id": putting.ids["volunteer", one.key], "constituent": putting.person(one.of), "status": one.status or "active",
        "skills": one.skills, "languages": one.languages, "interests": one.interests, "availability": one.availability,
        "may_be_asked": one.may_be_asked is not False, "may_be_asked_for_money": one.may_be_asked_for_money is not False,
        "notes": one.notes, "joined_on": one.joined_on,
    }  # fmt: skip


def _private(one: Profile, putting: Putting) -> dict[str, Any]:
    return {"constituent": putting.person(one.of), **{name: getattr(one, name) for name in PRIVATE}}


def _shift(one: Shift, putting: Putting) -> dict[str, Any]:
    return {
        "id": putting.ids["shift", one.key], "opportunity": putting.names.roles[one.role][0],
        "starts_at": one.starts_at, "ends_at": one.ends_at, "zone": one.zone, "place": putting.names.place_of(one),
        "minimum": 1 if one.minimum is None else one.minimum, "maximum": one.maximum, "note": one.note, "status": one.status,
    }  # fmt: skip


def _hours(one: Hours, putting: Putting) -> dict[str, Any]:
    return {
        "id": putting.ids["hours", one.key], "constituent": putting.person(one.who),
        "programme": putting.names.programmes[one.programme],
        "opportunity": putting.names.roles[one.role][0] if one.role else None,
        "day": one.day, "minutes": one.minutes, "people": one.people, "status": one.status, "note": one.note,
    }  # fmt: skip


async def _noted(
    action: str, kind: str, found: Iterable[tuple[int, int | None, dict[str, Any]]], putting: Putting
) -> None:
    """Changes of many: object, subject, what is new."""
    by = putting.by
    for some in _pieces(list(found)):
        told = [{"object": object, "subject": subject, "after": after} for object, subject, after in some]
        await db.rows(_CHANGES, _json(told), putting.now, by.kind, by.id, by.label, action, kind)


def _pieces(found: list[Any]) -> Iterator[list[Any]]:
    return (found[at : at + _AT_ONCE] for at in range(0, len(found), _AT_ONCE))


def _json(rows: Iterable[Any]) -> str:
    return msgspec.json.encode(list(rows)).decode()


_VOLUNTEERS = """
INSERT INTO volunteers (id, constituent, status, skills, languages, interests, availability, may_be_asked, may_be_asked_for_money,
                        notes, joined_on)
SELECT id, constituent, status, skills, languages, interests, availability, may_be_asked, may_be_asked_for_money, notes,
       coalesce(joined_on, $2::date)
  FROM jsonb_to_recordset($1::jsonb) AS r (id int, constituent int, status text, skills text[], languages text[], interests text[],
       availability text[], may_be_asked boolean, may_be_asked_for_money boolean, notes text, joined_on date)
"""
_PRIVATE = """
INSERT INTO volunteers_private (constituent, born_on, guardian_name, guardian_phone, emergency_name, emergency_phone)
SELECT constituent, born_on, guardian_name, guardian_phone, emergency_name, emergency_phone
  FROM jsonb_to_recordset($1::jsonb) AS r (constituent int, born_on date, guardian_name text, guardian_phone text,
       emergency_name text, emergency_phone text)
    ON CONFLICT (constituent) DO NOTHING
"""
_JOINED = """
INSERT INTO timeline_entries (constituent, kind, source_id, happened_on, at, title, detail, status, route, route_id, permission)
SELECT who, 'volunteer', who, day, $3, $4, '', '', 'volunteers:show', who, 'volunteers.read'
  FROM unnest($1::int[], $2::date[]) AS j (who, day) ON CONFLICT (kind, source_id) DO NOTHING
"""
_SHIFTS = """
INSERT INTO shifts (id, opportunity, starts_at, ends_at, zone, place, minimum, maximum, note, status, created_at)
SELECT id, opportunity, starts_at, ends_at, zone, place, minimum, maximum, note, status, $2
  FROM jsonb_to_recordset($1::jsonb) AS r (id int, opportunity int, starts_at timestamptz, ends_at timestamptz, zone text, place int,
       minimum smallint, maximum smallint, note text, status text)
"""
_HOURS = """
INSERT INTO hours (id, constituent, programme, opportunity, day, minutes, people, status, came_by, note, decided_at, created_at)
SELECT id, constituent, programme, opportunity, day, minutes, people, status, 'import', note,
       CASE WHEN status = 'proposed' THEN NULL ELSE $2::timestamptz END, $2
  FROM jsonb_to_recordset($1::jsonb) AS r (id bigint, constituent int, programme int, opportunity int, day date, minutes int,
       people smallint, status text, note text)
"""
_HOURS_LINES = """
INSERT INTO timeline_entries (constituent, kind, source_id, happened_on, at, title, detail, status, route, route_id, permission)
SELECT h.constituent, 'hours', h.id, h.day, $3, coalesce(o.title, p.name), l.detail, '', 'volunteers:show', h.constituent,
       'volunteers.read'
  FROM unnest($1::bigint[], $2::text[]) AS l (id, detail) JOIN hours h ON h.id = l.id JOIN programmes p ON p.id = h.programme
  LEFT JOIN opportunities o ON o.id = h.opportunity
    ON CONFLICT (kind, source_id) DO UPDATE SET constituent = excluded.constituent, happened_on = excluded.happened_on,
       title = excluded.title, detail = excluded.detail, route_id = excluded.route_id
"""
_CHANGES = """
WITH told AS (
    SELECT row_number() OVER () AS n, r.* FROM jsonb_to_recordset($1::jsonb) AS r (object bigint, subject bigint, after jsonb)),
noted AS (
    INSERT INTO changes (at, actor_kind, actor_id, actor_label, action, object_kind, object_id)
    SELECT $2, $3, $4::bigint, $5, $6, $7, object FROM told ORDER BY n RETURNING id, object_id)
INSERT INTO change_values (change, subject, after)
SELECT noted.id, told.subject, told.after FROM noted JOIN told ON told.object = noted.object_id ORDER BY noted.id
"""
