"""Writing new gifts and pledges from the stage, with all that a verb would leave behind: splits, soft credits, the
ledger ("past gift imported": prior system against income of each fund), events, timeline, changes.

No fact is said and nothing is asked of receipts: a past gift gets no receipt and no mail.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import asyncpg

from imports import stage
from imports.plan import Gift, Plan
from imports.stage import Found
from kit.changes import Actor


class Unsound(Exception):
    """A mistake of ours: the stage does not add up. Nothing is written."""


async def gifts(
    connection: asyncpg.Connection,
    plan: Plan,
    found: Found,
    organisation: int,
    general: int,
    by: Actor,
    now: datetime,
) -> None:
    new = [(n, one) for n, one in enumerate(plan.gifts) if n in found.new["gift"]]
    await stage.copy(connection, "stage_gifts", (_gift(n, one) for n, one in new))
    await stage.copy(connection, "stage_splits", _splits(new))
    await stage.copy(
        connection,
        "stage_credits",
        ((n, *credit.to, credit.amount, credit.role) for n, one in new for credit in one.soft_credits),
    )
    await connection.execute("ANALYZE stage_gifts; ANALYZE stage_splits; ANALYZE stage_credits")
    await _check(connection)
    await connection.execute(_RESOLVED)
    await connection.execute("UPDATE stage_splits SET fund = $1 WHERE fund IS NULL", general)
    await connection.execute(_RESOLVED_SPLITS)
    await connection.execute(_GIFTS, organisation, now)
    await connection.execute(_SPLITS)
    await connection.execute(_CREDITS)
    await connection.execute(_LEDGER, organisation, now)
    await connection.execute(_EVENTS, now, by.kind, by.id, by.label)
    await connection.execute(_TIMELINE, now)
    await connection.execute(_CREDIT_TIMELINE, now)
    await connection.execute(_CHANGES, now, by.kind, by.id, by.label, plan.source)


def _gift(n: int, one: Gift) -> tuple[Any, ...]:
    return (
        n, *one.donor, one.amount, one.currency, one.given_on, one.kind, one.method, *(one.campaign or (None, None)),
        one.cheque_number, one.in_kind_description, one.note, one.thanked_on,
    )  # fmt: skip


def _splits(new: list[tuple[int, Gift]]) -> Iterator[tuple[Any, ...]]:
    for n, one in new:
        for split in one.splits:
            yield n, *(split.fund or (None, None)), split.amount


async def _check(connection: asyncpg.Connection) -> None:
    """What the triggers would ask of each row, asked of the stage at once."""
    wrong = await connection.fetchval(
        """
        SELECT count(*) FROM stage_gifts g
          LEFT JOIN (SELECT n, sum(amount) AS parts FROM stage_splits GROUP BY n) s USING (n)
          LEFT JOIN stage_ids d ON d.object = 'constituent' AND d.kind = g.donor_kind AND d.external = g.donor_external
         WHERE s.parts IS DISTINCT FROM g.amount OR d.ours IS NULL
        """
    )
    lost = await connection.fetchval(
        """
        SELECT (SELECT count(*) FROM stage_splits t WHERE t.fund_external IS NOT NULL AND NOT EXISTS
                       (SELECT FROM stage_ids s WHERE s.object = 'fund' AND s.kind = t.fund_kind AND s.external = t.fund_external))
             + (SELECT count(*) FROM stage_credits t WHERE NOT EXISTS
                       (SELECT FROM stage_ids s WHERE s.object = 'constituent' AND s.kind = t.to_kind AND s.external = t.to_external))
        """
    )
    if wrong or lost:
        raise Unsound(f"{wrong} gifts do not add up or have no donor; {lost} parts point nowhere.")


# The new gifts and their shares with ids of ours, so that all that follows joins tables which have statistics.
# Two funds of the export may be one of ours: shares are summed by ours.
_RESOLVED = """
CREATE TEMPORARY TABLE new_gifts ON COMMIT DROP AS
SELECT s.ours AS gift, d.ours AS donor, c.ours AS campaign, t.*, s.kind || ' ' || s.external AS called
  FROM stage_gifts t
  JOIN stage_ids s ON s.object = 'gift' AND s.n = t.n AND s.is_key
  JOIN stage_ids d ON d.object = 'constituent' AND d.kind = t.donor_kind AND d.external = t.donor_external
  LEFT JOIN stage_ids c ON c.object = 'campaign' AND c.kind = t.campaign_kind AND c.external = t.campaign_external
 ORDER BY t.n;
ALTER TABLE stage_splits ADD fund integer;
UPDATE stage_splits t SET fund = f.ours FROM stage_ids f
 WHERE f.object = 'fund' AND f.kind = t.fund_kind AND f.external = t.fund_external;
"""
_RESOLVED_SPLITS = """
CREATE TEMPORARY TABLE new_splits ON COMMIT DROP AS
SELECT g.gift, t.fund, sum(t.amount)::bigint AS amount
  FROM stage_splits t JOIN new_gifts g USING (n) GROUP BY g.gift, t.fund ORDER BY g.gift, 3 DESC, t.fund;
ANALYZE new_gifts; ANALYZE new_splits;
"""
_GIFTS = """
INSERT INTO gifts (id, organisation, donor, kind, method, source, amount, currency, refunded_amount, fee_cover, status,
                   given_on, campaign, cheque_number, in_kind_description, benefit_description, benefit_value, note,
                   anonymous, thanked_at, receipt_wanted, receipt_needs_correction, created_at, updated_at, version)
SELECT gift, $1, donor, kind, method, 'import', amount, currency, 0, 0, 'settled', given_on, campaign, cheque_number,
       in_kind_description, '', 0, note, false, thanked_on::timestamp AT TIME ZONE 'UTC', false, false, $2, $2, 1
  FROM new_gifts ORDER BY n
"""
_SPLITS = "INSERT INTO gift_splits (gift, fund, amount) SELECT gift, fund, amount FROM new_splits ORDER BY gift, amount DESC, fund"
_CREDITS = """
INSERT INTO soft_credits (gift, constituent, amount, role)
SELECT g.gift, c.ours, t.amount, t.role
  FROM stage_credits t
  JOIN new_gifts g USING (n)
  JOIN stage_ids c ON c.object = 'constituent' AND c.kind = t.to_kind AND c.external = t.to_external
 ORDER BY 1, 2
"""
# "Past gift imported": prior system against the income of each fund.
_LEDGER = """
WITH booked AS (
    INSERT INTO journals (organisation, day, event, source_kind, source_id, created_at)
    SELECT $1, given_on, 'received', 'gift', gift, $2 FROM new_gifts WHERE amount > 0 ORDER BY n
    RETURNING id, source_id)
INSERT INTO postings (journal, account, fund, amount, currency)
SELECT journal, account, fund, amount, currency FROM (
    SELECT b.id AS journal, 'prior_system' AS account, NULL::integer AS fund, g.amount, g.currency
      FROM booked b JOIN new_gifts g ON g.gift = b.source_id
 UNION ALL
    SELECT b.id, CASE WHEN g.kind IN ('in_kind', 'vehicle') THEN 'income_in_kind' ELSE 'income' END, p.fund, -p.amount, g.currency
      FROM booked b JOIN new_gifts g ON g.gift = b.source_id JOIN new_splits p ON p.gift = g.gift WHERE p.amount <> 0) lines
ORDER BY journal, amount DESC, fund
"""
_EVENTS = """
INSERT INTO gift_events (gift, at, kind, status_before, status_after, after, reason, actor_kind, actor_id, actor_label)
SELECT gift, $1, 'recorded', '', 'settled',
       jsonb_build_object('amount', amount, 'currency', currency, 'given_on', given_on, 'status', 'settled'), '', $2, $3, $4
  FROM new_gifts ORDER BY n
"""
# As donations.gift_events.tell writes it for one gift.
_TIMELINE = """
INSERT INTO timeline_entries (constituent, kind, source_id, happened_on, at, title, detail, status, amount, currency,
                              route, route_id, permission)
SELECT g.donor, 'gift', g.gift, g.given_on, $1,
       left(CASE WHEN g.kind IN ('in_kind', 'vehicle', 'stock') THEN coalesce(nullif(g.in_kind_description, ''), replace(g.kind, '_', ' '))
                 ELSE g.method END, 300),
       left(concat_ws(', ', f.names, c.name), 500), 'settled', g.amount, g.currency, 'gifts:show', g.gift, 'gifts.read'
  FROM new_gifts g
  LEFT JOIN campaigns c ON c.id = g.campaign
  LEFT JOIN (SELECT p.gift, string_agg(funds.name, ', ' ORDER BY p.amount DESC, p.fund) AS names
               FROM new_splits p JOIN funds ON funds.id = p.fund GROUP BY p.gift) f USING (gift)
 ORDER BY g.n
"""
_CREDIT_TIMELINE = """
INSERT INTO timeline_entries (constituent, kind, source_id, happened_on, at, title, detail, status, amount, currency,
                              route, route_id, permission)
SELECT c.constituent, 'soft_credit', c.id, g.given_on, $1, c.role, d.name, '', c.amount, g.currency, 'gifts:show', g.gift, 'gifts.read'
  FROM new_gifts g JOIN soft_credits c ON c.gift = g.gift JOIN constituents d ON d.id = g.donor ORDER BY g.n, c.id
"""
# Who did it: the change that gifts.record would note, and which row of the export it was.
_CHANGES = """
WITH noted AS (
    INSERT INTO changes (at, actor_kind, actor_id, actor_label, action, object_kind, object_id)
    SELECT $1, $2, $3::bigint, $4, 'gift.recorded', 'gift', gift FROM new_gifts ORDER BY n RETURNING id, object_id)
INSERT INTO change_values (change, subject, after)
SELECT noted.id, g.donor, jsonb_build_object('amount', g.amount, 'currency', g.currency, 'given_on', g.given_on,
                                             'status', 'settled', 'source', $5::text, 'id', g.called)
  FROM noted JOIN new_gifts g ON g.gift = noted.object_id ORDER BY noted.id
"""


async def pledges(connection: asyncpg.Connection, plan: Plan, found: Found, now: datetime) -> None:
    new = [(n, one) for n, one in enumerate(plan.pledges) if n in found.new["pledge"]]
    await stage.copy(
        connection, "stage_pledges",
        [(n, *one.donor, one.amount, one.currency, one.paid_amount, one.due_on, *(one.campaign or (None, None)),
          *(one.fund or (None, None)), one.note) for n, one in new],
    )  # fmt: skip
    await stage.copy(
        connection, "stage_instalments",
        [(n, place, part.due_on, part.amount, *(part.gift or (None, None)))
         for n, one in new for place, part in enumerate(one.instalments)],
    )  # fmt: skip
    await connection.execute(
        """
        INSERT INTO pledges (id, donor, amount, currency, paid_amount, due_on, status, campaign, fund, note, created_at)
        SELECT s.ours, d.ours, t.amount, t.currency, t.paid_amount, t.due_on,
               CASE WHEN t.paid_amount >= t.amount THEN 'kept' ELSE 'open' END, c.ours, f.ours, t.note, $1
          FROM stage_pledges t
          JOIN stage_ids s ON s.object = 'pledge' AND s.n = t.n AND s.is_key
          JOIN stage_ids d ON d.object = 'constituent' AND d.kind = t.donor_kind AND d.external = t.donor_external
          LEFT JOIN stage_ids c ON c.object = 'campaign' AND c.kind = t.campaign_kind AND c.external = t.campaign_external
          LEFT JOIN stage_ids f ON f.object = 'fund' AND f.kind = t.fund_kind AND f.external = t.fund_external
      ORDER BY t.n
        """,
        now,
    )
    await connection.execute(
        """
        INSERT INTO pledge_instalments (pledge, due_on, amount, gift)
        SELECT s.ours, t.due_on, t.amount, g.ours
          FROM stage_instalments t
          JOIN stage_ids s ON s.object = 'pledge' AND s.n = t.n AND s.is_key
          LEFT JOIN stage_ids g ON g.object = 'gift' AND g.kind = t.gift_kind AND g.external = t.gift_external
      ORDER BY t.n, t.place
        """
    )
    await connection.execute(
        """
        INSERT INTO timeline_entries (constituent, kind, source_id, happened_on, at, title, detail, status, amount, currency,
                                      route, permission)
        SELECT p.donor, 'pledge', p.id, coalesce(p.due_on, $1::date), $1, 'pledge', coalesce(c.name, ''), p.status, p.amount,
               p.currency, '', 'gifts.read'
          FROM stage_ids s JOIN pledges p ON p.id = s.ours LEFT JOIN campaigns c ON c.id = p.campaign
         WHERE s.object = 'pledge' AND s.is_key AND s.state = 'new' ORDER BY s.n
        """,
        now,
    )
