"""Reconciliation: Stripe's balance transactions against the ledger, one by one, and what differs.

What is only late is repaired on the way (the payment is converged again); what remains is listed with its reason.
Payouts move money from Stripe to the bank and come with an issue of their own: they are left out on both sides.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from donations import convergence, stripe_api
from kit import changes, days, db, jobs
from kit.changes import Actor
from kit.errors import NotFound
from kit.words import _
from staff import organisation

# How far back a nightly run looks: a month's end is seen several times.
_SPAN = timedelta(days=40)
# Younger than this, Stripe and we may rightly differ: a webhook is on its way.
_SETTLING = timedelta(minutes=2)
_CHARGES, _DISPUTES = ("charge", "payment"), ("adjustment",)
_REFUNDS = ("refund", "payment_refund", "refund_failure")
_LEFT_OUT = ("payout", "payout_cancel", "payout_failure", "payout_minimum_balance_hold", "transfer", "topup")


class Finding(msgspec.Struct):
    """One movement that is not the same on both sides. Amounts are minor units, net of fees."""

    what: str
    stripe_id: str
    stripe: int
    ours: int
    gift: int | None = None


async def begin(*, by: Actor) -> int:
    """A new reconciliation, run as a job."""
    async with db.tx():
        ours = await organisation.needed()
        row_id = await db.value(
            """
            INSERT INTO reconciliations (started_at, currency, transactions, stripe_total, ledger_total, difference,
                                         findings, repaired, error)
            VALUES ($1, $2, 0, 0, 0, 0, '[]', 0, '') RETURNING id
            """,
            days.now(), ours["currency"],
        )  # fmt: skip
        await changes.note("reconciliation.begun", "reconciliation", row_id, by=by)
        await jobs.enqueue("reconcile", {"reconciliation_id": row_id})
    return row_id


async def run(reconciliation_id: int) -> None:
    """Compare, repair, compare what was repaired again, and keep the result."""
    row = await get(reconciliation_id)
    if row["finished_at"] is not None:
        return
    until = days.now() - _SETTLING
    since = until - _SPAN
    transactions = await _of_stripe(since, until, row["currency"])
    findings, repaired = await _findings(transactions), 0
    for payment in await _payments_behind(findings):
        await convergence.converge("payment", payment)
        repaired += 1
    if repaired:
        findings = await _findings(transactions)
    stripe_total = sum(transaction["net"] for transaction in transactions)
    difference = sum(finding.stripe - finding.ours for finding in findings)
    await db.row(
        """
        UPDATE reconciliations SET finished_at = $2, from_at = $3, until_at = $4, transactions = $5, stripe_total = $6,
               ledger_total = $7, difference = $8, findings = $9, repaired = $10 WHERE id = $1
        """,
        reconciliation_id, days.now(), since, until, len(transactions), stripe_total, stripe_total - difference,
        difference, msgspec.json.encode(findings).decode(), repaired,
    )  # fmt: skip


async def _of_stripe(since: datetime, until: datetime, currency: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async for page in stripe_api.balance_transactions(since, until):
        found += [
            {"id": t["id"], "type": t["type"], "source": t["source"], "net": t["net"], "amount": t["amount"]}
            for t in page
            if t["type"] not in _LEFT_OUT and t["currency"].upper() == currency
        ]
    return found


async def _findings(transactions: list[dict[str, Any]]) -> list[Finding]:
    """Where Stripe's movements and ours are not the same, charge by charge and refund by refund; disputes together."""
    moved: dict[str, int] = {}
    first_type: dict[str, str] = {}
    disputed: dict[str, int] = {}
    for transaction in transactions:
        source = transaction["source"] or transaction["id"]
        side = disputed if transaction["type"] in _DISPUTES else moved
        side[source] = side.get(source, 0) + transaction["net"]
        first_type[source] = transaction["type"]
    booked = await _booked(list(moved))
    findings = []
    for source, theirs in moved.items():
        ours, gift = booked.get(source, (0, None))
        if ours != theirs:
            findings.append(Finding(_what(first_type[source]), source, theirs, ours, gift))
    return findings + await _disputed(disputed)


def _what(type_: str) -> str:
    if type_ in _CHARGES:
        return _("Payment")
    return _("Refund") if type_ in _REFUNDS else type_.replace("_", " ").capitalize()


async def _booked(sources: list[str]) -> dict[str, tuple[int, int]]:
    """What our ledger has on the Stripe account for each charge and refund of Stripe's: (net, gift)."""
    rows = await db.rows(
        """
        SELECT p.charge AS source, p.gift,
               coalesce((SELECT sum(l.amount) FROM journals j JOIN postings l ON l.journal = j.id
                          WHERE j.source_kind = 'gift' AND j.source_id = p.gift AND l.account = 'stripe'
                            AND j.event NOT LIKE 'dispute%'), 0)::bigint AS ours
          FROM stripe_payments p WHERE p.charge = ANY ($1)
     UNION ALL
        SELECT r.stripe_refund, r.gift,
               coalesce((SELECT sum(l.amount) FROM journals j JOIN postings l ON l.journal = j.id
                          WHERE j.source_kind = 'refund' AND j.source_id = r.id AND l.account = 'stripe'), 0)::bigint
          FROM refunds r WHERE r.stripe_refund = ANY ($1)
        """,
        sources,
    )
    return {row["source"]: (row["ours"], row["gift"]) for row in rows}


async def _disputed(by_dispute: dict[str, int]) -> list[Finding]:
    """Disputes, all their movements together, against what the ledger moved for all disputes of that time."""
    if not by_dispute:
        return []
    ours = await db.value(
        """
        SELECT coalesce(sum(l.amount), 0)::bigint FROM journals j JOIN postings l ON l.journal = j.id
         WHERE j.source_kind = 'gift' AND l.account = 'stripe' AND j.event LIKE 'dispute%' AND j.created_at > $1
        """,
        days.now() - _SPAN,
    )
    theirs = sum(by_dispute.values())
    return [] if ours == theirs else [Finding(_("Disputes"), ", ".join(by_dispute), theirs, ours)]


async def _payments_behind(findings: list[Finding]) -> list[str]:
    """The payments to look at again: found by charge or refund, else asked of Stripe."""
    sources = [
        finding.stripe_id
        for finding in findings
        if finding.stripe_id.startswith(("ch_", "py_", "re_", "pyr_"))
    ]
    return [payment for source in sources if (payment := await stripe_api.payment_of(source)) is not None]


async def get(reconciliation_id: int) -> dict[str, Any]:
    """One reconciliation, its findings as dicts. Raises NotFound."""
    row = await db.row("SELECT * FROM reconciliations WHERE id = $1", reconciliation_id)
    if row is None:
        raise NotFound("No such reconciliation.")
    return {**row, "findings": msgspec.json.decode(row["findings"])}


async def latest(limit: int = 30) -> list[dict[str, Any]]:
    """The last reconciliations, newest first."""
    return await db.rows("SELECT * FROM reconciliations ORDER BY id DESC LIMIT $1", limit)
