"""Reconciliation: Stripe's balance transactions against the ledger, object by object and both ways, and what differs.

What is only late is repaired on the way (the payment is converged again); what remains is listed with its reason.
Stripe's own fees, payouts and holds are no gift's and are shown apart. Payouts move money from Stripe to the bank and
come with an issue of their own.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from donations import convergence, movements, stripe_api
from donations.movements import Movement, Ours
from kit import changes, days, db, jobs
from kit.changes import Actor
from kit.errors import NotFound
from kit.words import _
from staff import organisation

# How far back a nightly run looks: a month's end is seen several times.
_SPAN = timedelta(days=40)
# Younger than this, Stripe and we may rightly differ: a webhook is on its way.
_SETTLING = timedelta(minutes=2)


class Finding(msgspec.Struct):
    """One object that is not the same on both sides. Amounts are minor units, net of fees."""

    what: str
    stripe_id: str
    stripe: int
    ours: int
    gift: int | None = None
    why: str = ""
    source: str = ""


async def begin(*, by: Actor) -> int:
    """A new reconciliation, run as a job."""
    async with db.tx():
        ours = await organisation.needed()
        row_id = await db.value(
            """
            INSERT INTO reconciliations (started_at, currency, transactions, stripe_total, ledger_total, difference,
                                         findings, apart, repaired, error)
            VALUES ($1, $2, 0, 0, 0, 0, '[]', '[]', 0, '') RETURNING id
            """,
            days.now(), ours["currency"],
        )  # fmt: skip
        await changes.note("reconciliation.begun", "reconciliation", row_id, by=by)
        await jobs.enqueue("reconcile", {"reconciliation_id": row_id})
    return row_id


async def run(reconciliation_id: int) -> None:
    """Compare, repair, compare what was repaired again, and keep the result. What stops it is kept, too, and raised."""
    row = await get(reconciliation_id)
    if row["finished_at"] is not None:
        return
    try:
        await _compare(row)
    except Exception as problem:
        await db.row(
            "UPDATE reconciliations SET error = $2 WHERE id = $1", reconciliation_id, str(problem)[:1000]
        )
        raise


async def _compare(row: dict[str, Any]) -> None:
    currency, until = row["currency"], days.now() - _SETTLING
    since = until - _SPAN
    found = await _of_stripe(since, until)
    ours = [movement for movement in found if movement.currency == currency]
    compared = [movement for movement in ours if not movement.apart]
    findings = await _findings(compared, currency, since, until)
    repaired, reasons = await _repair(findings)
    if repaired:
        findings = await _findings(compared, currency, since, until)
    for finding in findings:
        finding.why = reasons.get(finding.stripe_id) or finding.why
    stripe_total = sum(movement.net for movement in compared)
    difference = sum(finding.stripe - finding.ours for finding in findings)
    await db.row(
        """
        UPDATE reconciliations SET finished_at = $2, from_at = $3, until_at = $4, transactions = $5, stripe_total = $6,
               ledger_total = $7, difference = $8, findings = $9, repaired = $10, apart = $11, error = '' WHERE id = $1
        """,
        row["id"], days.now(), since, until, len(compared), stripe_total, stripe_total - difference, difference,
        _json(findings), repaired, _json(_apart(found, currency)),
    )  # fmt: skip


async def _of_stripe(since: datetime, until: datetime) -> list[Movement]:
    found: list[Movement] = []
    async for page in stripe_api.balance_transactions(since, until):
        found += [movements.read(transaction) for transaction in page]
    return found


async def _findings(
    compared: list[Movement], currency: str, since: datetime, until: datetime
) -> list[Finding]:
    """Where Stripe's movements and ours are not the same, and what the ledger has that Stripe has not."""
    theirs: dict[str, int] = {}
    of_key: dict[str, Movement] = {}
    for movement in compared:
        theirs[movement.key] = theirs.get(movement.key, 0) + movement.net
        of_key.setdefault(movement.key, movement)
    ours = await movements.booked(theirs, currency)
    findings = [
        _finding(of_key[key], net, ours.get(key))
        for key, net in theirs.items()
        if net != _amount(ours.get(key))
    ]
    only_ours = await movements.not_among(theirs, currency, since, until)
    return findings + [
        Finding(
            _("Entry"), key, 0, entry.amount, entry.gift, _("The ledger has it, and Stripe does not."), key
        )
        for key, entry in only_ours.items()
    ]


def _amount(entry: Ours | None) -> int:
    return entry.amount if entry else 0


def _finding(movement: Movement, net: int, entry: Ours | None) -> Finding:
    ours = _amount(entry)
    if movement.key == movement.id and not movement.source:
        why = movement.description or _("Stripe moved it without saying what for.")
    elif ours:
        why = _("Stripe and the ledger have different amounts.")
    elif entry is not None and entry.gift is None:
        why = _("Almoner did not begin this payment. If it is a gift, record it by hand.")
    else:
        why = _("The ledger does not have it.")
    gift = entry.gift if entry else None
    return Finding(movement.what, movement.key, net, ours, gift, why, movement.source)


async def _repair(findings: list[Finding]) -> tuple[int, dict[str, str]]:
    """Look again at the payments behind what differs: how many, and what Stripe or a rule of ours said against it."""
    payments: set[str] = set()
    reasons: dict[str, str] = {}
    for finding in findings:
        try:
            payment = await stripe_api.payment_of(finding.source)
            if payment is not None and payment not in payments:
                await convergence.converge("payment", payment)
                payments.add(payment)
        except stripe_api.Unreachable:
            raise
        except Exception as problem:  # one payment that cannot be mended must not hide all others
            reasons[finding.stripe_id] = str(problem)[:300]
    return len(payments), reasons


def _apart(found: list[Movement], currency: str) -> list[dict[str, Any]]:
    """What is no gift's, and what is in another currency: different currencies are never added."""
    return [
        {
            "kind": movement.apart if movement.currency == currency else "currency",
            "what": movement.description or movement.type.replace("_", " ").capitalize(),
            "stripe_id": movement.id,
            "amount": movement.net,
            "currency": movement.currency,
            "created": movement.created,
        }
        for movement in found
        if movement.apart or movement.currency != currency
    ]


def _json(values: Any) -> str:
    return msgspec.json.encode(values).decode()


async def get(reconciliation_id: int) -> dict[str, Any]:
    """One reconciliation, with its findings and what stands apart as dicts. Raises NotFound."""
    row = await db.row("SELECT * FROM reconciliations WHERE id = $1", reconciliation_id)
    if row is None:
        raise NotFound("No such reconciliation.")
    return {
        **row,
        "findings": msgspec.json.decode(row["findings"]),
        "apart": msgspec.json.decode(row["apart"]),
    }


async def latest(limit: int = 30) -> list[dict[str, Any]]:
    """The last reconciliations, newest first."""
    return await db.rows("SELECT * FROM reconciliations ORDER BY id DESC LIMIT $1", limit)
