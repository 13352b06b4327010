"""Refunds through Stripe: our row stands, Stripe is called with a key made from it, the answer is recorded."""

from datetime import UTC, datetime

from donations import refunds, stripe_api
from donations.tables import RefundStatus
from kit import days, db, jobs
from kit.words import _
from staff import organisation


async def make(refund_id: int) -> None:
    """Ask Stripe to give the money back; asking twice is asking once. Raises stripe_api.Unreachable to be tried again.

    The key carries the payment's id, too: another installation on the same Stripe account has a refund 1 of its own.
    """
    refund = await refunds.get(refund_id)
    if refund["status"] != RefundStatus.ASKED:
        return
    payment = await db.value("SELECT payment_intent FROM stripe_payments WHERE gift = $1", refund["gift"])
    if payment is None:
        await refunds.failed(refund_id, _("This gift has no payment at Stripe."))
        return
    made = await _found(payment, refund_id)
    if made is None:
        try:
            made = await stripe_api.create_refund(
                {
                    "payment_intent": payment,
                    "amount": refund["amount"],
                    "metadata": {"almoner_refund": str(refund_id)},
                },
                key=f"refund-{refund_id}-{payment}",
            )
        except stripe_api.RefusedByStripe as no:
            async with db.tx():
                await refunds.failed(refund_id, str(no))
                # Perhaps it was given back in Stripe's dashboard meanwhile: look.
                await jobs.enqueue("converge", {"kind": "payment", "id": payment})
            return
    if stripe_api.has_left(made):
        zone = (await organisation.needed())["zone"]
        on = days.day_of(datetime.fromtimestamp(made["created"], UTC), zone)
        await refunds.done(refund_id, made["id"], on=on)
    elif made["status"] in ("failed", "canceled"):
        await refunds.failed(refund_id, made.get("failure_reason") or made["status"])


async def _found(payment: str, refund_id: int) -> dict | None:
    """The refund that an earlier try made: Stripe forgets idempotency keys after a day, metadata stay."""
    for refund in await stripe_api.refunds_of(payment):
        if (refund.get("metadata") or {}).get("almoner_refund") == str(refund_id):
            return refund
    return None
