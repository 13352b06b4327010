"""Writing a plan: everything or nothing, in one transaction.

New records go the bulk way: COPY into a stage, checks as a set, one INSERT … SELECT per table, summaries by the
triggers of donations. Changed ones are amended one by one through the verbs. The same plan again writes nothing.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import asyncpg
import msgspec

from imports import amend, ended, stage, write_money, write_people
from imports.plan import Line, Plan, Record
from imports.stage import Found
from kit import days, db
from kit.changes import Actor
from kit.errors import Refused
from kit.words import _
from staff import organisation

Report = Callable[[str, int, int], Awaitable[None] | None]
"""Told (step, how many are done, of how many) as the import goes on."""

_LOCK = 7_239_404


class Written(msgspec.Struct):
    """What came of it: by object, how many are new, changed and the same."""

    new: dict[str, int] = {}
    changed: dict[str, int] = {}
    same: dict[str, int] = {}
    voided: int = 0
    ended_pledges: int = 0
    refused: list[Line] = []
    """Changed in the export, and not here: a rule of the business said no."""

    @property
    def nothing(self) -> bool:
        return not (any(self.new.values()) or any(self.changed.values()) or self.voided or self.ended_pledges)


async def write(plan: Plan, *, by: Actor, report: Report | None = None) -> Written:
    """Write the plan. Raises Refused when it has faults or questions, or when there is no organisation yet."""
    if plan.faults or plan.unknown_stages:
        raise Refused(_("The export has faults; nothing is written."))
    ours = await organisation.needed()
    records = _records(plan)
    progress = Progress(report, sum(map(len, records.values())))
    async with db.tx() as connection:
        await connection.execute(
            "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = 0;"
            " SET LOCAL work_mem = '64MB'"
        )
        await connection.fetchval("SELECT pg_advisory_xact_lock($1)", _LOCK)
        now = days.now()
        await progress.say(_("Comparing"), 0)
        await stage.make(connection)
        found = await stage.identify(connection, plan.source, records)
        if any(found.new.values()):
            await connection.execute("SET LOCAL almoner.bulk = 'on'")
            await _insert(connection, plan, found, ours["id"], by, now, progress)
            await connection.execute("SET LOCAL almoner.bulk = 'off'")
        written = Written(
            new={name: len(found.new[name]) for name in records},
            same={name: found.same(name) for name in records},
        )
        await _amend(
            connection, plan, found, records, by, now, days.day_of(now, ours["zone"]), written, progress
        )
        await progress.say(_("Closing"), progress.of_all)
    return written


def _records(plan: Plan) -> dict[str, Sequence[Record]]:
    return {
        "fund": plan.funds,
        "campaign": plan.campaigns,
        "constituent": plan.constituents,
        "address": plan.addresses,
        "relationship": plan.relationships,
        "gift": plan.gifts,
        "pledge": plan.pledges,
    }


class Progress:
    def __init__(self, report: Report | None, of_all: int) -> None:
        self._report, self.of_all = report, of_all

    async def say(self, step: str, done: int) -> None:
        if self._report is not None:
            heard = self._report(step, done, self.of_all)
            if inspect.isawaitable(heard):
                await heard


async def _insert(
    connection: asyncpg.Connection,
    plan: Plan,
    found: Found,
    organisation_id: int,
    by: Actor,
    now: datetime,
    progress: Progress,
) -> None:
    done = 0

    async def after(step: str, *names: str) -> None:
        nonlocal done
        done += sum(found.all[name] for name in names)
        await progress.say(step, done)

    await write_people.funds_and_campaigns(connection, plan, found, now)
    await after(_("Funds and campaigns"), "fund", "campaign")
    await write_people.constituents(connection, plan, found, now)
    await after(_("People, households and organisations"), "constituent")
    await write_people.addresses_and_relationships(connection, plan, found)
    await after(_("Addresses and relationships"), "address", "relationship")
    general = await general_fund(connection, now)
    await write_money.gifts(connection, plan, found, organisation_id, general, by, now)
    await after(_("Gifts"), "gift")
    await write_money.pledges(connection, plan, found, now)
    await after(_("Pledges"), "pledge")
    for statement in _CHANGES:
        await connection.execute(statement, now, by.kind, by.id, by.label, plan.source)
    await stage.remember(connection, plan.source)


async def general_fund(connection: asyncpg.Connection, now: datetime) -> int:
    """The fund for what no allocation names; made when there is none."""
    there = await connection.fetchval("SELECT id FROM funds WHERE is_general")
    if there is not None:
        return there
    name = _("General fund")
    made = await connection.fetchval(
        """
        INSERT INTO funds (name, name_normal, restricted, account_code, description, is_general, public, created_at, version)
        VALUES ($1, $2, false, '', '', true, false, $3, 1)
        ON CONFLICT (name_normal) DO UPDATE SET is_general = NOT funds.restricted AND funds.closed_at IS NULL RETURNING id
        """,
        name, write_people.name_normal(name), now,
    )  # fmt: skip
    assert made is not None
    return made


# Who did what, and which row of the export it was; gifts have theirs from write_money.
_CHANGES = (
    """
    WITH noted AS (
        INSERT INTO changes (at, actor_kind, actor_id, actor_label, action, object_kind, object_id)
        SELECT $1, $2, $3::bigint, $4, s.object || '.imported', s.object, s.ours FROM stage_ids s
         WHERE s.is_key AND s.state = 'new' AND s.object IN ('fund', 'campaign', 'constituent', 'pledge')
      ORDER BY s.object, s.n RETURNING id, object_kind, object_id)
    INSERT INTO change_values (change, subject, after)
    SELECT noted.id, CASE WHEN s.object = 'constituent' THEN s.ours END,
           jsonb_build_object('source', $5::text, 'id', s.kind || ' ' || s.external)
      FROM noted JOIN stage_ids s ON s.object = noted.object_kind AND s.ours = noted.object_id AND s.is_key
  ORDER BY noted.id
    """,
    """
    WITH added AS (
        SELECT o.ours, s.object, s.kind || ' ' || s.external AS id, row_number() OVER (ORDER BY s.object, s.n) AS place
          FROM stage_ids s
          JOIN (SELECT 'address' AS object, n, of_kind, of_external FROM stage_addresses
                UNION ALL SELECT 'relationship', n, of_kind, of_external FROM stage_relationships) t USING (object, n)
          JOIN stage_ids o ON o.object = 'constituent' AND o.kind = t.of_kind AND o.external = t.of_external AND o.state <> 'new'
         WHERE s.is_key AND s.state = 'new'),
    noted AS (
        INSERT INTO changes (at, actor_kind, actor_id, actor_label, action, object_kind, object_id)
        SELECT $1, $2, $3::bigint, $4, 'constituent.' || object || '_imported', 'constituent', ours FROM added ORDER BY place
        RETURNING id, object_id)
    INSERT INTO change_values (change, subject, after)
    SELECT id, object_id, jsonb_build_object('source', $5::text) FROM noted
    """,
)


async def _amend(
    connection: asyncpg.Connection, plan: Plan, found: Found, records: dict[str, Sequence[Record]], by: Actor,
    now: datetime, today: object, written: Written, progress: Progress,
) -> None:  # fmt: skip
    """Records that have changed, one by one; then what has ended. What a verb refuses is listed and stays as it was."""
    if any(found.changed.values()):
        at = amend.Amending(by, now, today, await general_fund(connection, now), await _ids(connection))  # type: ignore[arg-type]
        for name, changed in found.changed.items():
            for n, ours in changed:
                record = records[name][n]
                try:
                    async with db.tx():
                        await _VERBS[name](record, ours, at)
                        await stage.amended(connection, plan.source, record)
                except Refused as no:
                    written.refused.append(Line(f"{record.key[0]} {record.key[1]}: {no}"))
                else:
                    written.changed[name] = written.changed.get(name, 0) + 1
        await progress.say(_("Changed records"), progress.of_all)
        if not any(found.new.values()):
            await stage.remember(connection, plan.source)
    written.voided, refused = await ended.gifts_that_are_none(plan, by)
    written.refused += refused
    written.ended_pledges = await ended.pledges_that_are_none(plan, by)


async def _ids(connection: asyncpg.Connection) -> dict[tuple[str, tuple[str, str]], int]:
    rows = await connection.fetch("SELECT object, kind, external, ours FROM stage_ids")
    return {(row["object"], (row["kind"], row["external"])): row["ours"] for row in rows}


_VERBS: dict[str, Callable[..., Awaitable[object]]] = {
    "fund": amend.fund,
    "campaign": amend.campaign,
    "constituent": amend.constituent,
    "address": amend.address,
    "relationship": amend.relationship,
    "gift": amend.gift,
    "pledge": amend.pledge,
}
