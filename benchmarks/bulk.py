"""Loading much at once: the bulk path of `docs`, and, to hold against it, bare COPY of the same finished rows.

The bulk path is what an import does: COPY into a stage, one check of the stage as a set, then one INSERT ... SELECT per
table, all in one transaction; the tables' own triggers keep summaries and search words. Bare COPY fills the same tables
with the same indexes, constraints and foreign keys; only our triggers sleep, and their results are copied, too.
"""

import time
from datetime import timedelta
from pathlib import Path

import asyncpg

from kit import days

TABLES = (
    "constituents", "name_words", "search_words", "word_slips", "emails", "phones", "addresses", "taggings", "memberships",
    "gifts", "gift_splits", "soft_credits", "journals", "postings", "gift_events", "changes", "change_values",
    "timeline_entries", "giving_totals", "giving_years",
)  # fmt: skip


class Faulty(Exception):
    """The stage has rows that cannot become constituents and gifts."""


async def load(connection: asyncpg.Connection, folder: Path) -> dict[str, float]:
    """The whole load by the bulk path; seconds per step, and in all."""
    seconds: dict[str, float] = {}
    began = last = time.perf_counter()

    def done(step: str) -> None:
        nonlocal last
        now = time.perf_counter()
        seconds[step], last = now - last, now

    async with connection.transaction():
        await connection.execute(
            "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;"
            "SET LOCAL almoner.bulk = 'on'; SET LOCAL work_mem = '256MB'"
        )
        await connection.execute(_STAGE)
        for name in ("people", "gifts"):
            await connection.copy_to_table(
                f"stage_{name}", source=folder / name, format="text", columns=_COLUMNS[name]
            )
        await connection.execute("ANALYZE stage_people; ANALYZE stage_gifts")
        done("stage")
        if wrong := await connection.fetchval(_FAULTS):
            raise Faulty(f"{wrong} rows of the stage are wrong.")
        done("check")
        for table, statement in _INSERTS.items():
            if "$1" in statement:
                await connection.execute(statement, days.now() - timedelta(minutes=1))
            else:
                await connection.execute(statement)
            done(table)
    done("commit")
    seconds["all"] = time.perf_counter() - began
    return seconds


async def export(connection: asyncpg.Connection, folder: Path) -> None:
    """What the load has made, a file per table, as COPY reads it back."""
    for table in TABLES:
        await connection.copy_from_table(table, output=folder / table, format="binary", timeout=None)


async def bare_copy(connection: asyncpg.Connection, folder: Path) -> float:
    """The same rows by nothing but COPY; seconds. `connection` owns the tables."""
    for table in TABLES:
        await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    began = time.perf_counter()
    async with connection.transaction():
        await connection.execute("SET LOCAL statement_timeout = 0")
        for table in TABLES:
            await connection.copy_to_table(table, source=folder / table, format="binary", timeout=None)
    return time.perf_counter() - began


_COLUMNS = {
    "people": (
        "n", "kind", "name", "sort_key", "given", "family", "city", "region", "street", "postal", "email", "phone", "tag",
    ),
    "gifts": (
        "n", "donor", "amount", "given_on", "kind", "method", "campaign", "appeal", "cheque", "fund", "other_fund",
        "other_amount", "credited",
    ),
}  # fmt: skip
# Ids are drawn while the stage fills, so that every later statement can name them.
_STAGE = """
CREATE TEMPORARY TABLE stage_people (
    n integer, kind text, name text, sort_key text, given text, family text, city text, region text, street text,
    postal text, email text, phone text, tag integer,
    id integer NOT NULL DEFAULT nextval('constituents_id_seq')) ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_gifts (
    n integer, donor integer, amount bigint, given_on date, kind text, method text, campaign integer, appeal integer,
    cheque text, fund integer, other_fund integer, other_amount bigint, credited integer,
    id bigint NOT NULL DEFAULT nextval('gifts_id_seq')) ON COMMIT DROP;
CREATE UNIQUE INDEX ON stage_people (n);
"""
_FAULTS = """
SELECT (SELECT count(*) FROM stage_people p
         WHERE p.name = '' OR p.sort_key = '' OR p.kind NOT IN ('person', 'household', 'organisation')
            OR p.tag IS NOT NULL AND NOT EXISTS (SELECT FROM tags WHERE id = p.tag))
     + (SELECT count(*) FROM stage_gifts g
          LEFT JOIN stage_people d ON d.n = g.donor LEFT JOIN stage_people s ON s.n = g.credited
          LEFT JOIN funds f ON f.id = g.fund LEFT JOIN funds o ON o.id = g.other_fund
          LEFT JOIN campaigns c ON c.id = g.campaign LEFT JOIN appeals a ON a.id = g.appeal
         WHERE d.n IS NULL OR g.credited IS NOT NULL AND s.n IS NULL OR f.id IS NULL
            OR g.other_fund IS NOT NULL AND (o.id IS NULL OR g.other_fund = g.fund OR g.other_amount <= 0)
            OR g.other_fund IS NULL AND g.other_amount <> 0
            OR g.campaign IS NOT NULL AND c.id IS NULL
            OR g.appeal IS NOT NULL AND a.campaign IS DISTINCT FROM g.campaign
            OR g.amount <= g.other_amount OR g.given_on > current_date)
"""
_INSERTS = {
    "constituents": """
        INSERT INTO constituents (id, kind, name, sort_key, prefix, given_name, middle_name, family_name, suffix, nickname,
                                  job_title, greeting, website, language, place, deceased, created_at, updated_at, version)
        SELECT id, kind, name, sort_key, '', given, '', family, '', '', '', '', '', '', city || ', ' || region, false, $1, $1, 1
          FROM stage_people ORDER BY n""",
    "emails": """
        INSERT INTO emails (constituent, address, normal, kind, preferred)
        SELECT id, email, email, 'home', true FROM stage_people WHERE email IS NOT NULL ORDER BY n""",
    "phones": """
        INSERT INTO phones (constituent, number, extension, is_valid, kind, preferred)
        SELECT id, phone, '', true, 'home', true FROM stage_people WHERE phone IS NOT NULL ORDER BY n""",
    "addresses": """
        INSERT INTO addresses (constituent, street, city, region, postal_code, country, kind, preferred)
        SELECT id, street, city, region, postal, 'US', 'home', true FROM stage_people ORDER BY n""",
    "taggings": """
        INSERT INTO taggings (tag, constituent) SELECT tag, id FROM stage_people WHERE tag IS NOT NULL ORDER BY n""",
    "memberships": """
        INSERT INTO memberships (household, person, role)
        SELECT h.id, p.id, '' FROM stage_people h JOIN stage_people p ON p.n IN (h.n + 1, h.n + 2)
         WHERE h.kind = 'household' ORDER BY h.n, p.n""",
    "gifts": """
        INSERT INTO gifts (id, organisation, donor, kind, method, source, amount, currency, refunded_amount, fee_cover, status,
                           given_on, received_on, campaign, appeal, cheque_number, in_kind_description, benefit_description,
                           benefit_value, note, anonymous, thanked_at, receipt_wanted, receipt_needs_correction, created_at,
                           updated_at, version)
        SELECT g.id, o.id, d.id, g.kind, g.method, 'import', g.amount, o.currency, 0, 0, 'settled', g.given_on, g.given_on,
               g.campaign, g.appeal, g.cheque, '', '', 0, '', false, g.given_on + interval '7 days', false, false, $1, $1, 1
          FROM stage_gifts g JOIN stage_people d ON d.n = g.donor CROSS JOIN organisations o ORDER BY g.n""",
    "gift_splits": """
        INSERT INTO gift_splits (gift, fund, amount)
        SELECT id, fund, amount - other_amount FROM stage_gifts
     UNION ALL
        SELECT id, other_fund, other_amount FROM stage_gifts WHERE other_fund IS NOT NULL
      ORDER BY 1""",
    "soft_credits": """
        INSERT INTO soft_credits (gift, constituent, amount, role)
        SELECT g.id, c.id, g.amount, 'Solicitor' FROM stage_gifts g JOIN stage_people c ON c.n = g.credited ORDER BY g.n""",
    "journals": """
        INSERT INTO journals (organisation, day, event, source_kind, source_id, created_at)
        SELECT o.id, g.given_on, 'received', 'gift', g.id, $1 FROM stage_gifts g CROSS JOIN organisations o ORDER BY g.n""",
    "postings": """
        WITH booked AS (
            SELECT j.id AS journal, g.id AS gift, g.amount, g.other_amount, g.fund, g.other_fund
              FROM stage_gifts g JOIN journals j ON j.source_kind = 'gift' AND j.source_id = g.id AND j.event = 'received')
        INSERT INTO postings (journal, account, fund, amount, currency)
        SELECT journal, account, fund, amount, o.currency FROM (
            SELECT journal, 'prior_system' AS account, NULL::integer AS fund, amount FROM booked
         UNION ALL SELECT journal, 'income', fund, other_amount - amount FROM booked
         UNION ALL SELECT journal, 'income', other_fund, -other_amount FROM booked WHERE other_fund IS NOT NULL) lines
         CROSS JOIN organisations o ORDER BY journal""",
    "gift_events": """
        INSERT INTO gift_events (gift, at, kind, status_before, status_after, after, reason, actor_kind, actor_label)
        SELECT id, $1, 'recorded', '', 'settled',
               jsonb_build_object('amount', amount, 'currency', 'USD', 'given_on', given_on, 'status', 'settled'), '',
               'import', 'Benchmark'
          FROM stage_gifts ORDER BY n""",
    "changes": """
        WITH noted AS (
            INSERT INTO changes (at, actor_kind, actor_label, action, object_kind, object_id)
            SELECT $1, 'import', 'Benchmark', 'gift.recorded', 'gift', id FROM stage_gifts ORDER BY n
            RETURNING id, object_id)
        INSERT INTO change_values (change, subject, after)
        SELECT noted.id, d.id, jsonb_build_object('amount', g.amount, 'currency', 'USD', 'given_on', g.given_on)
          FROM noted JOIN stage_gifts g ON g.id = noted.object_id JOIN stage_people d ON d.n = g.donor ORDER BY noted.id""",
    "timeline_entries": """
        INSERT INTO timeline_entries (constituent, kind, source_id, happened_on, at, title, detail, status, amount, currency,
                                      route, route_id, permission)
        SELECT d.id, 'gift', g.id, g.given_on, $1, g.method, concat_ws(', ', f.name, o.name, a.name), 'settled', g.amount,
               'USD', 'gifts:show', g.id, 'gifts.read'
          FROM stage_gifts g JOIN stage_people d ON d.n = g.donor JOIN funds f ON f.id = g.fund
          LEFT JOIN funds o ON o.id = g.other_fund LEFT JOIN appeals a ON a.id = g.appeal ORDER BY g.n""",
    "soft credits told": """
        INSERT INTO timeline_entries (constituent, kind, source_id, happened_on, at, title, detail, status, amount, currency,
                                      route, route_id, permission)
        SELECT s.constituent, 'soft_credit', s.id, g.given_on, $1, s.role, d.name, '', s.amount, g.currency, 'gifts:show', g.id,
               'gifts.read'
          FROM soft_credits s JOIN gifts g ON g.id = s.gift JOIN constituents d ON d.id = g.donor ORDER BY s.id""",
}
