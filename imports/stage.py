"""The stage: a plan's records beside what an earlier import already brought, in temporary tables.

Everything is decided here as a set, by the database: which records are new, which have changed, and what the ids of
ours are that their keys stand for. Records that are the same as last time never come further.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg

from imports.plan import Key, Record

OBJECTS = {
    "fund": "funds",
    "campaign": "campaigns",
    "constituent": "constituents",
    "address": "addresses",
    "relationship": "relationships",
    "gift": "gifts",
    "pledge": "pledges",
    "volunteer": "volunteers",
    "shift": "shifts",
    "hours": "hours",
}

_TABLES = """
DROP TABLE IF EXISTS stage_ids, stage_funds, stage_campaigns, stage_constituents, stage_emails, stage_phones,
    stage_addresses, stage_relationships, stage_gifts, stage_splits, stage_credits, stage_pledges, stage_instalments,
    new_gifts, new_splits;
CREATE TEMPORARY TABLE stage_ids (
    object text NOT NULL, n integer NOT NULL, kind text NOT NULL, external text NOT NULL, is_key boolean NOT NULL,
    fingerprint text NOT NULL, ours bigint, known text, state text NOT NULL DEFAULT 'new', parted boolean NOT NULL DEFAULT false) ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_funds (n integer, name text, name_normal text, description text, is_open boolean) ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_campaigns (
    n integer, name text, slug text, body text, starts_on date, ends_on date, goal bigint, is_open boolean) ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_constituents (
    n integer, kind text, name text, sort_key text, prefix text, given_name text, middle_name text, family_name text,
    suffix text, job_title text, greeting text, website text, place text, deceased boolean, note text,
    household_kind text, household text) ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_emails (n integer, address text, normal text, kind text, preferred boolean) ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_phones (
    n integer, number text, extension text, is_valid boolean, kind text, preferred boolean) ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_addresses (
    n integer, of_kind text, of_external text, street text, city text, region text, postal_code text, country text,
    kind text, preferred boolean, from_month smallint, from_day smallint, until_month smallint, until_day smallint)
    ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_relationships (
    n integer, of_kind text, of_external text, other_kind text, other_external text, kind text, former boolean)
    ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_gifts (
    n integer, donor_kind text, donor_external text, amount bigint, currency text, given_on date, kind text, method text,
    campaign_kind text, campaign_external text, cheque_number text, in_kind_description text, note text, thanked_on date)
    ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_splits (n integer, fund_kind text, fund_external text, amount bigint) ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_credits (n integer, to_kind text, to_external text, amount bigint, role text) ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_pledges (
    n integer, donor_kind text, donor_external text, amount bigint, currency text, paid_amount bigint, due_on date,
    campaign_kind text, campaign_external text, fund_kind text, fund_external text, note text) ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_instalments (
    n integer, place integer, due_on date, amount bigint, gift_kind text, gift_external text) ON COMMIT DROP;
"""


class Found:
    """Of each object: which records of the plan are new, and which have changed (with our id)."""

    def __init__(self) -> None:
        self.new: dict[str, set[int] | range] = {name: set() for name in OBJECTS}
        self.changed: dict[str, list[tuple[int, int]]] = {name: [] for name in OBJECTS}
        self.all: dict[str, int] = dict.fromkeys(OBJECTS, 0)

    def same(self, name: str) -> int:
        return self.all[name] - len(self.new[name]) - len(self.changed[name])


async def make(connection: asyncpg.Connection) -> None:
    """Empty tables for this transaction."""
    await connection.execute(_TABLES)


async def identify(
    connection: asyncpg.Connection,
    source: str,
    records: Mapping[str, Sequence[Record]],
    here: Mapping[Key, int] | None = None,
) -> Found:
    """Put every record's keys on the stage, and find which are new or changed. New ones get an id of ours here.

    `here` are records that no import brought and that stand here all the same, with our ids: they count as changed.
    """
    found = Found()
    for name, listed in records.items():
        found.all[name] = len(listed)
        await connection.copy_records_to_table(
            "stage_ids", records=_keys(name, listed),
            columns=["object", "n", "kind", "external", "is_key", "fingerprint"],
        )  # fmt: skip
    await connection.execute("ANALYZE stage_ids")
    await _match(connection, source, here or {})
    for name in OBJECTS:
        await connection.execute(_NUMBER, OBJECTS[name], name)
    # Indexes last: they would be written again with each row above. And the planner would otherwise believe that
    # nothing has an id of ours, and join in nested loops.
    await connection.execute(
        "CREATE INDEX ON stage_ids (kind, external); CREATE INDEX ON stage_ids (object, n); ANALYZE stage_ids"
    )
    for name in OBJECTS:
        await _sort(connection, name, found)
    return found


async def _sort(connection: asyncpg.Connection, name: str, found: Found) -> None:
    """Which records of one object are new or changed; a first import, all new, costs no list of them."""
    new = await connection.fetchval(
        "SELECT count(*) FROM stage_ids WHERE object = $1 AND is_key AND state = 'new'", name
    )
    if new is not None and new == found.all[name]:
        found.new[name] = range(new)
        return
    for row in await connection.fetch(
        "SELECT n, ours, state FROM stage_ids WHERE object = $1 AND is_key AND state <> 'same' ORDER BY n",
        name,
    ):
        if row["state"] == "new":
            found.new[name].add(row["n"])  # type: ignore[union-attr]
        else:
            found.changed[name].append((row["n"], row["ours"]))


def _keys(name: str, records: Sequence[Record]) -> Iterable[tuple[Any, ...]]:
    for n, record in enumerate(records):
        fingerprint = record.fingerprint()
        yield name, n, *record.key, True, fingerprint
        for alias in record.aliases:
            yield name, n, *alias, False, fingerprint


async def _match(connection: asyncpg.Connection, source: str, here: Mapping[Key, int]) -> None:
    """A record is known by its key, else by another id of the same thing, else as it stands here."""
    await connection.execute(
        """
        UPDATE stage_ids s SET ours = e.ours, known = e.fingerprint
          FROM external_ids e WHERE e.source = $1 AND e.kind = s.kind AND e.external = s.external
        """,
        source,
    )
    await connection.execute(
        """
        UPDATE stage_ids s SET ours = other.ours, known = other.known
          FROM (SELECT DISTINCT ON (object, n) object, n, ours, known FROM stage_ids
                 WHERE ours IS NOT NULL ORDER BY object, n, is_key DESC, kind, external) other
         WHERE s.ours IS NULL AND s.object = other.object AND s.n = other.n
        """
    )
    if here:
        await connection.execute(
            """
            UPDATE stage_ids s SET ours = h.ours, known = ''
              FROM unnest($1::text[], $2::text[], $3::bigint[]) AS h (kind, external, ours)
             WHERE s.kind = h.kind AND s.external = h.external AND s.ours IS NULL
               AND NOT EXISTS (SELECT FROM stage_ids t WHERE t.object = s.object AND t.ours = h.ours)
            """,
            [kind for kind, _external in here], [external for _kind, external in here], list(here.values()),
        )  # fmt: skip
    await connection.execute(
        """
        UPDATE stage_ids SET state = CASE WHEN known = fingerprint THEN 'same' ELSE 'changed' END WHERE ours IS NOT NULL
        """
    )
    # What was one and is two now: the one that has not changed keeps our row, the other gets a new one.
    await connection.execute(
        """
        UPDATE stage_ids s SET ours = NULL, state = 'new', parted = true
          FROM (SELECT object, n, row_number() OVER (PARTITION BY object, ours ORDER BY state <> 'same', n) AS place
                  FROM stage_ids WHERE is_key AND ours IS NOT NULL) ranked
         WHERE ranked.place > 1 AND s.object = ranked.object AND s.n = ranked.n
        """
    )


# In the plan's order, so that a list by number is a list by the source's.
_NUMBER = """
UPDATE stage_ids s SET ours = numbered.id
  FROM (SELECT n, nextval(pg_get_serial_sequence($1, 'id')::regclass) AS id
          FROM (SELECT n FROM stage_ids WHERE object = $2 AND is_key AND state = 'new' ORDER BY n) ordered) numbered
 WHERE s.object = $2 AND s.n = numbered.n
"""


async def remember(connection: asyncpg.Connection, source: str) -> None:
    """Keep what our rows are called there, for the next import. Changed ones are kept when they were amended."""
    await connection.execute(
        """
        INSERT INTO external_ids (source, kind, external, ours, fingerprint)
        SELECT $1::text, kind, external, ours, fingerprint FROM stage_ids s
         WHERE NOT EXISTS (SELECT FROM external_ids e WHERE e.source = $1::text AND e.kind = s.kind AND e.external = s.external)
      ORDER BY object, n
        """,
        source,
    )
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM stage_ids WHERE parted)"):
        return
    await connection.execute(
        """
        UPDATE external_ids e SET ours = s.ours, fingerprint = s.fingerprint
          FROM stage_ids s WHERE s.parted AND e.source = $1 AND e.kind = s.kind AND e.external = s.external
        """,
        source,
    )


async def amended(connection: asyncpg.Connection, source: str, record: Record) -> None:
    """The record stands in our rows as this export has it."""
    await connection.execute(
        "UPDATE external_ids SET fingerprint = $4 WHERE source = $1 AND kind = $2 AND external = $3",
        source, *record.key, record.fingerprint(),
    )  # fmt: skip


async def copy(connection: asyncpg.Connection, table: str, records: Iterable[tuple[Any, ...]]) -> None:
    """COPY into a table of the stage, all of its columns in order."""
    await connection.copy_records_to_table(table, records=records)
