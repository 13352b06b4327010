"""Writing a plan of volunteers: everything or nothing, in one transaction; a dry run does the same and takes it back.

New records go as sets. No fact is said of them: nobody is mailed, reminded or thanked for a past that is taken over.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from constituents import duplicates
from imports import amend, stage, volunteers_amend, volunteers_insert, write_people
from imports.plan import Key, Line, Record
from imports.volunteers_here import Names
from imports.volunteers_plan import line_of
from imports.volunteers_records import VolunteersPlan
from imports.write import Progress, Report, Written
from kit import days, db
from kit.changes import Actor
from kit.errors import Refused
from kit.words import _
from staff import organisation
from volunteers import opportunities, places, programmes, waiting
from volunteers.opportunities import OpportunityDetails
from volunteers.places import PlaceDetails
from volunteers.programmes import ProgrammeDetails

_LOCK = 7_239_404
"""As for every import: two at once would each miss what the other brings."""


class NotWritten(Refused):
    """A rule said no to some records, so nothing is written; `lines` say which and why."""

    def __init__(self, lines: list[Line]) -> None:
        super().__init__(_("Some records cannot be changed as the file says."))
        self.lines = lines


class _TakenBack(Exception):
    """A dry run is over."""


async def write(
    plan: VolunteersPlan, *, by: Actor, report: Report | None = None, dry_run: bool = False
) -> Written:
    """Write the plan, or see what that would do. Raises NotWritten."""
    written = Written()
    try:
        async with db.tx() as connection:
            await _write(connection, plan, by, report, written)
            if dry_run:
                raise _TakenBack
    except _TakenBack:
        pass
    return written


async def _write(
    connection: asyncpg.Connection, plan: VolunteersPlan, by: Actor, report: Report | None, written: Written
) -> None:
    ours, now = await organisation.needed(), days.now()
    await connection.execute(
        "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = 0"
    )
    await connection.fetchval("SELECT pg_advisory_xact_lock($1)", _LOCK)
    await _make_what_is_new(plan, by)
    names = await Names.read()
    records: dict[str, Sequence[Record]] = dict(plan.records())
    progress = Progress(report, sum(map(len, records.values())))
    await progress.say(_("Comparing"), 0)
    await stage.make(connection)
    alike = await _addresses_here(plan)
    here = {**plan.here, **await _profiles_here(plan), **await _shifts_here(plan, names), **alike}
    found = await stage.identify(connection, plan.source, records, here)
    if found.changed.get("shift"):
        # Before any row that a sign-up waits for while it keeps the timetable.
        await waiting.change_timetable()
    ids = await _ids(connection) | {("constituent", key): id for key, id in plan.people.items()}
    putting = volunteers_insert.Putting(plan, found, ids, names, by, now, days.day_of(now, ours["zone"]))
    await _put(connection, putting, progress)
    written.new = {name: len(found.new[name]) for name in records}
    written.same = {name: found.same(name) for name in records}
    await _amend(connection, putting, records, alike, written)
    await stage.remember(connection, plan.source)
    await volunteers_insert.pass_milestones(putting)
    await progress.say(_("Closing"), progress.of_all)


async def _make_what_is_new(plan: VolunteersPlan, by: Actor) -> None:
    """Programmes, places and roles that the files name first; roles are not public until somebody says so."""
    try:
        for name in plan.new_programmes.values():
            await programmes.create(ProgrammeDetails(name=name), by=by)
        for place in plan.new_places.values():
            await places.create(PlaceDetails(name=place.name, zone=place.zone), by=by)
        names = await Names.read() if plan.new_roles else None
        for role, new in plan.new_roles.items():
            assert names is not None
            await opportunities.create(
                OpportunityDetails(
                    programme=names.programmes[role.programme],
                    title=new.title,
                    place=names.places[new.place],
                    is_public=False,
                ),
                by=by,
            )
    except Refused as no:
        raise NotWritten([Line(str(no))]) from None


async def _profiles_here(plan: VolunteersPlan) -> dict[Key, int]:
    """Of people who are here, that they are volunteers already."""
    found = await db.rows(
        "SELECT id, constituent FROM volunteers WHERE constituent = ANY ($1::bigint[])",
        list(plan.here.values()),
    )
    rows = {row["constituent"]: row["id"] for row in found}
    return {one.key: rows[plan.here[one.of]] for one in plan.profiles if plan.here.get(one.of) in rows}


async def _addresses_here(plan: VolunteersPlan) -> dict[Key, int]:
    """Addresses that their people have already, so that they get no second one."""
    found = await db.rows(
        "SELECT * FROM addresses WHERE constituent = ANY ($1::bigint[])", list(plan.here.values())
    )
    there = {(row["constituent"], *_words(row)): row["id"] for row in found}
    return {
        one.key: there[plan.here[one.of], *one.says()[1:-1]]
        for one in plan.addresses
        if one.of in plan.here and (plan.here[one.of], *one.says()[1:-1]) in there
    }


def _words(row: Mapping[str, Any]) -> tuple[str, ...]:
    place = (row["street"], row["city"], row["region"], row["postal_code"], row["country"])
    return tuple(" ".join(part.split()).casefold() for part in place)


async def _shifts_here(plan: VolunteersPlan, names: Names) -> dict[Key, int]:
    """Shifts that stand here as the files have them: of the same role, at the same time and place."""
    by_start: dict[tuple[int, datetime, int, str], int] = {}
    if plan.shifts:
        for row in await db.rows(
            """
            SELECT s.id, s.opportunity, s.starts_at, coalesce(s.place, o.place) AS place, s.status
              FROM shifts s JOIN opportunities o ON o.id = s.opportunity
             WHERE s.opportunity = ANY ($1) AND s.starts_at BETWEEN $2 AND $3 ORDER BY s.id DESC
            """,
            list({names.roles[one.role][0] for one in plan.shifts}),
            min(one.starts_at for one in plan.shifts),
            max(one.starts_at for one in plan.shifts),
        ):
            by_start[row["opportunity"], row["starts_at"], row["place"], row["status"]] = row["id"]
    found: dict[Key, int] = {}
    for one in plan.shifts:
        alike = names.roles[one.role][0], one.starts_at, names.places[one.place], one.status
        ours = plan.here.get(one.key) or by_start.pop(alike, None)
        if ours is not None:
            found[one.key] = ours
    return found


async def _put(
    connection: asyncpg.Connection, putting: volunteers_insert.Putting, progress: Progress
) -> None:
    plan, found = putting.plan, putting.found
    await write_people.constituents(connection, plan, found, putting.now)
    await write_people.addresses_and_relationships(connection, plan, found)
    await volunteers_insert.note_people(connection, putting)
    done = found.all["constituent"] + found.all["address"]
    await progress.say(_("People"), done)
    await volunteers_insert.profiles(putting)
    done += found.all["volunteer"]
    await progress.say(_("Volunteers"), done)
    await volunteers_insert.shifts(putting)
    done += found.all["shift"]
    await progress.say(_("Shifts"), done)
    await volunteers_insert.hours(putting)
    await progress.say(_("Hours"), done + found.all["hours"])
    for n in found.new["constituent"]:
        one = plan.constituents[n]
        for other in plan.doubles.get(one.key, ()):
            await duplicates.suspect(other, putting.ids["constituent", one.key], "same e-mail")


async def _amend(
    connection: asyncpg.Connection, putting: volunteers_insert.Putting, records: Mapping[str, Sequence[Record]],
    alike: Mapping[Key, int], written: Written,
) -> None:  # fmt: skip
    """Records that are here and may have changed, one by one. Raises NotWritten when a rule says no to any."""
    at = amend.Amending(putting.by, putting.now, putting.today, 0, putting.ids, moves_people=False)
    refused: list[Line] = []
    for name, changed in putting.found.changed.items():
        for n, ours in changed:
            record = records[name][n]
            try:
                async with db.tx():
                    differed = record.key not in alike and await volunteers_amend.VERBS[name](
                        record, ours, at, putting
                    )
                    await stage.amended(connection, putting.plan.source, record)
            except Refused as no:
                refused.append(line_of(putting.plan, record.key, str(no)))
            else:
                count = written.changed if differed else written.same
                count[name] = count.get(name, 0) + 1
    if refused:
        raise NotWritten(refused)


async def _ids(connection: asyncpg.Connection) -> dict[tuple[str, Key], int]:
    rows = await connection.fetch("SELECT object, kind, external, ours FROM stage_ids")
    return {(row["object"], (row["kind"], row["external"])): row["ours"] for row in rows}
