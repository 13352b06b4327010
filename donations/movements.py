"""Movements of the Stripe account, sorted: what belongs to a gift and stands in the ledger, and what does not.

A charge and a refund are compared by their own ids, with all their balance transactions together; a dispute's
money by balance transaction. Stripe's own fees, money that is held for a while and payouts are no gift's: they are
shown apart. Whatever is of no known type is compared, so that it is seen.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from kit import db
from kit.words import _

_CHARGES = ("charge", "payment", "payment_failure_refund")
_REFUNDS = ("refund", "payment_refund", "refund_failure")
_OWN_FEES = ("stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost", "contribution", "fee_credit_funding")
_ELSEWHERE = ("payout", "transfer", "topup", "reserve", "anticipation", "inbound", "obligation")
_DISPUTES = ("du_", "dp_")
# An object of ours that is this old, and that Stripe has no movement of, is a difference.
_CERTAIN = timedelta(hours=1)


class Movement(msgspec.Struct, frozen=True):
    """One balance transaction of Stripe's, net of fees, in minor units."""

    id: str
    type: str
    source: str
    net: int
    currency: str
    created: int
    category: str = ""
    description: str = ""

    @property
    def key(self) -> str:
        """What it is compared by: the charge or refund, else itself."""
        return self.source if self.type in _CHARGES + _REFUNDS and self.source else self.id

    @property
    def apart(self) -> str:
        """`fee` for Stripe's own, `elsewhere` for payouts and holds, empty for what the ledger should have."""
        if self.type in _OWN_FEES or (self.type == "adjustment" and self.category == "fee"):
            return "fee"
        return "elsewhere" if self.type.startswith(_ELSEWHERE) else ""

    @property
    def what(self) -> str:
        if self.type in _CHARGES:
            return _("Payment")
        if self.type in _REFUNDS:
            return _("Refund")
        return _("Dispute") if self.source.startswith(_DISPUTES) else self.type.replace("_", " ").capitalize()


def read(transaction: dict[str, Any]) -> Movement:
    """A balance transaction of Stripe's as a movement."""
    return Movement(
        id=transaction["id"],
        type=transaction["type"],
        source=transaction["source"] or "",
        net=transaction["net"],
        currency=transaction["currency"].upper(),
        created=transaction["created"],
        category=transaction.get("reporting_category") or "",
        description=transaction.get("description") or "",
    )


class Ours(msgspec.Struct, frozen=True):
    """What the ledger has on the Stripe account under a key of Stripe's."""

    key: str
    amount: int
    gift: int | None


async def booked(keys: Iterable[str], currency: str) -> dict[str, Ours]:
    """The ledger's side of these charges, refunds and balance transactions."""
    rows = await db.rows(
        """
        SELECT s.stripe_id AS key, s.gift, coalesce((
               SELECT sum(l.amount) FROM journals j JOIN postings l ON l.journal = j.id
                WHERE (j.source_kind, j.source_id) = (s.source_kind, s.source_id)
                  AND l.account = 'stripe' AND l.currency = $2
                  AND NOT (s.source_kind = 'gift' AND j.event LIKE 'dispute%')), 0)::bigint AS amount
          FROM stripe_sources s WHERE s.stripe_id = ANY ($1)
        """,
        list(keys), currency,
    )  # fmt: skip
    return {row["key"]: Ours(**row) for row in rows}


async def not_among(keys: Iterable[str], currency: str, since: datetime, until: datetime) -> dict[str, Ours]:
    """What the ledger booked on the Stripe account in this time under none of these keys.

    The first day is left out, for it may have begun before `since` at Stripe, and so is what was booked just now.
    """
    rows = await db.rows(
        """
        SELECT s.stripe_id AS key, s.gift, sum(l.amount)::bigint AS amount
          FROM stripe_sources s
          JOIN journals j ON (j.source_kind, j.source_id) = (s.source_kind, s.source_id)
          JOIN postings l ON l.journal = j.id AND l.account = 'stripe' AND l.currency = $2
         WHERE s.began > $3 AND j.created_at < $4 AND NOT (s.source_kind = 'gift' AND j.event LIKE 'dispute%')
           AND NOT s.stripe_id = ANY ($1)
      GROUP BY s.stripe_id, s.gift, s.source_kind HAVING sum(l.amount) <> 0
        """,
        list(keys), currency, since + timedelta(days=1), until - _CERTAIN,
    )  # fmt: skip
    return {row["key"]: Ours(**row) for row in rows}
