"""What must always be true, as SQL: each question returns the rows that break its promise, and none is an answer.

The database guards most of this while it happens. These look again, from outside, at whatever came in by a bulk load,
a restored backup or a slip in a verb.
"""

from datetime import timedelta
from typing import Any

import msgspec

from kit import days, db

_MOST = 20

QUESTIONS: dict[str, str] = {
    "A shift holds whom its sign-ups say, and no more than its maximum": """
        SELECT s.id AS shift, s.taken, s.waiting, s.maximum
          FROM shifts s LEFT JOIN signups u ON u.shift = s.id
      GROUP BY s.id
        HAVING s.taken <> coalesce(sum(u.size) FILTER (WHERE u.status IN ('pending', 'confirmed', 'offered')), 0)
            OR s.waiting <> coalesce(sum(u.size) FILTER (WHERE u.status = 'waiting'), 0) OR s.taken > s.maximum
    """,
    "A sign-up takes the time of its shift": """
        SELECT u.id AS signup FROM signups u JOIN shifts s ON s.id = u.shift
         WHERE u.occupied IS DISTINCT FROM time_taken_by(s)
    """,
    "Totals of hours are the approved hours": """
        SELECT coalesce(t.constituent, h.constituent) AS constituent, coalesce(t.year, h.year) AS year, t.minutes, h.given
          FROM volunteer_totals t FULL JOIN (
               SELECT constituent, extract(year FROM day)::int AS year, sum(minutes) AS given FROM hours
                WHERE status = 'approved' GROUP BY 1, 2) h ON h.constituent = t.constituent AND h.year = t.year
         WHERE t.minutes IS DISTINCT FROM h.given
    """,
    "Each journal has postings, and they sum to zero in each currency": """
        SELECT j.id AS journal, p.currency, sum(p.amount)::bigint AS off
          FROM journals j LEFT JOIN postings p ON p.journal = j.id
      GROUP BY j.id, p.currency HAVING sum(p.amount) IS DISTINCT FROM 0
    """,
    "Each event of a source is booked once": """
        SELECT source_kind, source_id, event, count(*) FROM journals
      GROUP BY source_kind, source_id, event HAVING count(*) > 1
    """,
    "A journal is reversed once, and by its opposite": """
        SELECT was.id AS journal FROM journals was JOIN journals undo ON undo.reverses = was.id
          JOIN postings p ON p.journal IN (was.id, undo.id)
      GROUP BY was.id, p.account, p.fund, p.currency HAVING sum(p.amount) <> 0
    """,
    "The splits of a gift sum to it": """
        SELECT g.id AS gift, g.amount, s.parts
          FROM gifts g LEFT JOIN (SELECT gift, sum(amount) AS parts FROM gift_splits GROUP BY gift) s ON s.gift = g.id
         WHERE s.parts IS DISTINCT FROM g.amount
    """,
    "What a gift has booked as income is what is left of it": """
        WITH income AS (
            SELECT gift, -sum(amount) AS booked FROM (
                SELECT j.source_id AS gift, p.amount FROM journals j JOIN postings p ON p.journal = j.id
                 WHERE j.source_kind = 'gift' AND p.account IN ('income', 'income_in_kind')
             UNION ALL
                SELECT r.gift, p.amount FROM journals j JOIN postings p ON p.journal = j.id
                  JOIN refunds r ON r.id = j.source_id
                 WHERE j.source_kind = 'refund' AND p.account IN ('income', 'income_in_kind')
             UNION ALL
                SELECT d.gift, p.amount FROM journals j JOIN postings p ON p.journal = j.id
                  JOIN dispute_movements m ON m.id = j.source_id JOIN disputes d ON d.id = m.dispute
                 WHERE j.source_kind = 'dispute' AND p.account IN ('income', 'income_in_kind')) postings_of
          GROUP BY gift),
             disputed AS (
            SELECT d.gift, -sum(m.amount) AS taken FROM disputes d JOIN dispute_movements m ON m.dispute = d.id
          GROUP BY d.gift)
        SELECT coalesce(g.id, i.gift) AS gift, g.status, g.amount, g.refunded_amount, d.taken, i.booked
          FROM gifts g FULL JOIN income i ON i.gift = g.id LEFT JOIN disputed d ON d.gift = g.id
         WHERE coalesce(i.booked, 0) IS DISTINCT FROM
               CASE WHEN g.status IN ('settled', 'partly_refunded', 'refunded')
                      OR g.status IN ('disputed', 'lost') AND d.taken IS NOT NULL
                    THEN g.amount - g.refunded_amount - coalesce(d.taken, 0)
                    WHEN g.id IS NOT NULL THEN 0 END
    """,
    "Every movement of a dispute is booked, and a gift whose money is with a bank is not counted": """
        SELECT d.gift, d.dispute, m.balance_transaction, m.amount, m.fee, coalesce(b.booked, 0) AS booked, g.status
          FROM dispute_movements m JOIN disputes d ON d.id = m.dispute JOIN gifts g ON g.id = d.gift
          LEFT JOIN (SELECT j.source_id, sum(p.amount) AS booked FROM journals j JOIN postings p ON p.journal = j.id
                      WHERE j.source_kind = 'dispute' AND p.account = 'stripe' GROUP BY j.source_id) b
                 ON b.source_id = m.id
         WHERE coalesce(b.booked, 0) <> m.amount - m.fee
            OR g.status NOT IN ('disputed', 'lost')
               AND (SELECT sum(a.amount) FROM dispute_movements a JOIN disputes o ON o.id = a.dispute
                     WHERE o.gift = g.id) < 0
    """,
    "The splits of a settled gift are what its funds hold": """
        SELECT coalesce(s.gift, b.gift) AS gift, coalesce(s.fund, b.fund) AS fund, s.amount, b.booked
          FROM (SELECT s.gift, s.fund, s.amount FROM gift_splits s JOIN gifts g ON g.id = s.gift
                 WHERE g.status = 'settled' AND g.refunded_amount = 0 AND s.amount > 0) s
          FULL JOIN (
                SELECT j.source_id AS gift, p.fund, -sum(p.amount) AS booked
                  FROM journals j JOIN postings p ON p.journal = j.id JOIN gifts g ON g.id = j.source_id
                 WHERE j.source_kind = 'gift' AND p.account IN ('income', 'income_in_kind')
                   AND g.status = 'settled' AND g.refunded_amount = 0
              GROUP BY j.source_id, p.fund HAVING sum(p.amount) <> 0) b ON b.gift = s.gift AND b.fund = s.fund
         WHERE s.amount IS DISTINCT FROM b.booked
    """,
    "A gift has given back what its refunds say, and its state says so": """
        SELECT g.id AS gift, g.status, g.refunded_amount, r.back
          FROM gifts g
          LEFT JOIN (SELECT gift, sum(amount) AS back FROM refunds WHERE status = 'done' GROUP BY gift) r
                 ON r.gift = g.id
         WHERE g.refunded_amount <> coalesce(r.back, 0)
            OR (g.status = 'refunded') <> (g.refunded_amount = g.amount AND g.amount > 0)
               AND g.status NOT IN ('disputed', 'lost')
            OR g.status = 'settled' AND g.refunded_amount > 0
            OR g.status = 'partly_refunded' AND g.refunded_amount = 0
    """,
    # Another program may take money on the same Stripe account: that is a task and a line of the reconciliation.
    "Every succeeded charge that Almoner began has one gift, of its amount and currency": """
        SELECT p.id AS payment, p.amount, p.currency, g.id AS gift, g.amount AS gift_amount, g.status
          FROM stripe_payments p LEFT JOIN gifts g ON g.id = p.gift
         WHERE p.status = 'succeeded' AND p.charge IS NOT NULL
           AND (g.id IS NULL AND p.intent IS NOT NULL OR g.amount <> p.amount OR g.currency <> p.currency
                OR g.status IN ('pending', 'failed', 'abandoned'))
    """,
    "Every fee that Stripe told is booked": """
        SELECT p.id AS payment, p.fee, f.booked
          FROM stripe_payments p
          LEFT JOIN (SELECT j.source_id AS gift, sum(q.amount) AS booked
                       FROM journals j JOIN postings q ON q.journal = j.id
                      WHERE j.source_kind = 'gift' AND j.event = 'fee' AND q.account = 'fees'
                   GROUP BY j.source_id) f ON f.gift = p.gift
         WHERE p.fee IS NOT NULL AND p.gift IS NOT NULL AND coalesce(f.booked, 0) <> p.fee
    """,
    "Receipt numbers are contiguous from the first": """
        SELECT s.code, s.next_number, count(r.id) AS receipts, min(r.number), max(r.number)
          FROM receipt_series s LEFT JOIN receipts r ON r.series = s.id
      GROUP BY s.id HAVING s.next_number <> count(r.id) + 1
                        OR count(r.id) > 0 AND (min(r.number) <> 1 OR max(r.number) <> count(r.id))
    """,
    "A receipt's lines sum to it": """
        SELECT r.label, r.total, sum(l.amount)::bigint AS lines
          FROM receipts r LEFT JOIN receipt_lines l ON l.receipt = r.id
      GROUP BY r.id HAVING coalesce(sum(l.amount), 0) <> r.total
    """,
    "A live receipt says what the ledger says, unless the gift is marked for correction": """
        SELECT r.label, l.gift, l.amount, g.amount AS gift_amount, g.refunded_amount, g.status
          FROM receipt_lines l JOIN receipts r ON r.id = l.receipt JOIN gifts g ON g.id = l.gift
         WHERE l.live AND NOT g.receipt_needs_correction AND g.kind NOT IN ('in_kind', 'vehicle', 'stock')
           AND g.status IN ('settled', 'partly_refunded') AND l.amount NOT IN (g.amount, g.amount - g.refunded_amount)
    """,
    "A gift is marked as receipted while it is on a live receipt, and only then": """
        SELECT g.id AS gift, g.receipted_at, l.receipt
          FROM gifts g FULL JOIN (SELECT * FROM receipt_lines WHERE live) l ON l.gift = g.id
         WHERE (g.receipted_at IS NULL) <> (l.id IS NULL)
    """,
    "Totals of giving equal the gifts": """
        SELECT coalesce(t.constituent, c.constituent) AS constituent, coalesce(t.currency, c.currency) AS currency,
               t.hard_total, c.hard, t.soft_total, c.soft, t.in_kind_total, c.in_kind
          FROM giving_totals t FULL JOIN (
               SELECT constituent, currency,
                      coalesce(sum(amount) FILTER (WHERE credit = 'hard'), 0) AS hard,
                      coalesce(sum(amount) FILTER (WHERE credit = 'soft'), 0) AS soft,
                      coalesce(sum(amount) FILTER (WHERE credit = 'in_kind'), 0) AS in_kind,
                      count(*) FILTER (WHERE credit = 'hard') AS hard_count,
                      count(*) FILTER (WHERE credit = 'soft') AS soft_count,
                      count(*) FILTER (WHERE credit = 'in_kind') AS in_kind_count,
                      min(given_on) FILTER (WHERE credit = 'hard') AS first_on,
                      max(given_on) FILTER (WHERE credit = 'hard') AS last_on,
                      max(amount) FILTER (WHERE credit = 'hard') AS largest
                 FROM giving_credits GROUP BY constituent, currency) c USING (constituent, currency)
         WHERE (t.hard_total, t.soft_total, t.in_kind_total, t.hard_count, t.soft_count, t.in_kind_count,
                t.first_on, t.last_on, t.largest_amount)
               IS DISTINCT FROM
               (c.hard, c.soft, c.in_kind, c.hard_count, c.soft_count, c.in_kind_count, c.first_on, c.last_on, c.largest)
    """,
    "Totals of giving per fiscal year equal the gifts": """
        SELECT coalesce(t.constituent, c.constituent) AS constituent, coalesce(t.currency, c.currency) AS currency,
               coalesce(t.year, c.year) AS year, t.hard_total, c.hard, t.soft_total, c.soft, t.in_kind_total, c.in_kind
          FROM giving_years t FULL JOIN (
               SELECT constituent, currency, year,
                      coalesce(sum(amount) FILTER (WHERE credit = 'hard'), 0) AS hard,
                      coalesce(sum(amount) FILTER (WHERE credit = 'soft'), 0) AS soft,
                      coalesce(sum(amount) FILTER (WHERE credit = 'in_kind'), 0) AS in_kind,
                      count(*) FILTER (WHERE credit = 'hard') AS hard_count,
                      count(*) FILTER (WHERE credit = 'soft') AS soft_count,
                      count(*) FILTER (WHERE credit = 'in_kind') AS in_kind_count
                 FROM giving_credits GROUP BY constituent, currency, year) c USING (constituent, currency, year)
         WHERE (t.hard_total, t.soft_total, t.in_kind_total, t.hard_count, t.soft_count, t.in_kind_count)
               IS DISTINCT FROM (c.hard, c.soft, c.in_kind, c.hard_count, c.soft_count, c.in_kind_count)
    """,
    "No event from Stripe waits for more than a quarter of an hour": """
        SELECT event, type, received_at, tries, error FROM stripe_events
         WHERE outcome = 'waiting' AND received_at < $1
    """,
    "No deed of money lacks its change": """
        SELECT e.gift, e.events, coalesce(c.changes, 0) AS changes
          FROM (SELECT gift, count(*) AS events FROM gift_events GROUP BY gift) e
          LEFT JOIN (SELECT object_id AS gift, count(*) AS changes FROM changes WHERE object_kind = 'gift'
                   GROUP BY object_id) c ON c.gift = e.gift
         WHERE e.events > coalesce(c.changes, 0)
     UNION ALL
        SELECT g.id, 0, 0 FROM gifts g
         WHERE g.source <> 'import' AND NOT EXISTS (SELECT FROM gift_events e WHERE e.gift = g.id)
    """,
    "A gift's line stands on its donor's timeline": """
        SELECT t.id AS line, t.constituent, g.id AS gift, g.donor
          FROM timeline_entries t LEFT JOIN gifts g ON g.id = t.source_id
         WHERE t.kind = 'gift' AND g.donor IS DISTINCT FROM t.constituent
    """,
}


class Finding(msgspec.Struct, frozen=True):
    """A promise that is broken, and the first rows that show it."""

    promise: str
    rows: list[dict[str, Any]]

    def __str__(self) -> str:
        shown = "; ".join(
            ", ".join(f"{name} {value}" for name, value in row.items()) for row in self.rows[:5]
        )
        more = (
            ""
            if len(self.rows) <= 5
            else f"; and {'more' if len(self.rows) == _MOST else len(self.rows) - 5}"
        )
        return f"Broken: {self.promise}. {shown}{more}"


async def check() -> list[Finding]:
    """Ask every question; an empty list means that the books are whole."""
    quarter_ago = days.now() - timedelta(minutes=15)
    findings = []
    for promise, sql in QUESTIONS.items():
        values = (quarter_ago,) if "$1" in sql else ()
        broken = await db.rows(f"SELECT * FROM ({sql}) broken LIMIT {_MOST}", *values)  # noqa: S608 - our own text
        if broken:
            findings.append(Finding(promise, broken))
    return findings
