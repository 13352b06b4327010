"""Convergence: our rows become what Stripe's objects are now.

An event is only a hint that something changed. Whatever the hint, whatever came before it, twice or never: the
present object is read, and each effect is keyed on Stripe's id, so order, repeats and gaps do not matter.
"""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from constituents import identity, tasks
from constituents.contacts import AddressLine
from donations import disputes, gifts, intents, ledger, refunds, stripe_api
from donations.tables import GiftMethod, GiftSource, IntentStatus, RefundStatus
from kit import days, db
from kit.changes import STRIPE, Actor
from kit.words import _
from staff import organisation

_METHODS = {
    "card": GiftMethod.CARD,
    "us_bank_account": GiftMethod.BANK_DEBIT,
    "sepa_debit": GiftMethod.BANK_DEBIT,
}


async def converge(kind: str, id: str) -> None:
    """Look at the session or payment and bring our rows up to it. Raises stripe_api.Unreachable."""
    if kind == "session":
        await _session(id)
    elif kind == "payment":
        await _payment(id)


async def _session(session_id: str) -> None:
    async with db.locked(f"session:{session_id}"):
        session = await stripe_api.session(session_id)
        intent = await intents.of_session(session)
        if intent is None:
            return
        if session["status"] == "expired":
            await intents.mark(intent["id"], IntentStatus.EXPIRED)
    if session.get("payment_intent"):
        await _payment(session["payment_intent"])


async def _payment(payment_id: str) -> None:
    async with db.locked(f"payment:{payment_id}"):
        payment = await stripe_api.payment_intent(payment_id)
        charge = payment.get("latest_charge") or {}
        taken = payment["status"] == "succeeded" and charge.get("status") == "succeeded"
        given_back = await stripe_api.refunds_of(payment_id) if taken else []
        disputed = await stripe_api.disputes_of(payment_id) if taken and charge.get("disputed") else []
        async with db.tx():
            row = await _keep(payment, charge)
            if not taken:
                await _not_taken(row, payment)
                return
            gift_id = await _gift(row, payment, charge)
            if gift_id is None:
                return
            await _fee(gift_id, row, charge)
        for refund in given_back:
            await _refund(gift_id, refund)
        for dispute in disputed:
            await _dispute(gift_id, dispute)


async def _keep(payment: dict[str, Any], charge: dict[str, Any]) -> dict[str, Any]:
    """The payment's own row, as Stripe has it."""
    row = await db.row(
        """
        INSERT INTO stripe_payments AS p (payment_intent, charge, intent, status, amount, currency, amount_refunded, method,
                                          charged_at, disputed, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (payment_intent) DO UPDATE SET
            charge = excluded.charge, status = excluded.status, amount = excluded.amount,
            amount_refunded = excluded.amount_refunded, method = excluded.method, charged_at = excluded.charged_at,
            disputed = excluded.disputed, updated_at = excluded.updated_at
        RETURNING *
        """,
        payment["id"], charge.get("id"), await intents.marked(payment),
        payment["status"], payment["amount"], payment["currency"].upper(), charge.get("amount_refunded") or 0,
        (charge.get("payment_method_details") or {}).get("type") or "",
        datetime.fromtimestamp(charge["created"], UTC) if charge else None,
        bool(charge.get("disputed")), days.now(),
    )  # fmt: skip
    assert row is not None
    return row


async def _not_taken(row: dict[str, Any], payment: dict[str, Any]) -> None:
    """Declined, abandoned or still under way: the intent says so, and nobody becomes a constituent."""
    if row["intent"] is None:
        return
    if payment["status"] == "processing":
        await intents.mark(row["intent"], IntentStatus.PROCESSING)
    elif payment["status"] == "canceled":
        await intents.mark(row["intent"], IntentStatus.CANCELLED)
    elif payment.get("last_payment_error"):
        words = payment["last_payment_error"].get("message") or _("The payment was declined.")
        await intents.mark(row["intent"], IntentStatus.FAILED, failure=words[:500])


async def _gift(row: dict[str, Any], payment: dict[str, Any], charge: dict[str, Any]) -> int | None:
    """The gift of a payment that was taken; recorded once, settled at once. None for a payment that is not ours."""
    if row["gift"] is not None:
        return row["gift"]
    if row["intent"] is None:
        await tasks.open(
            "unknown_payment", _("A payment in Stripe that Almoner did not begin"),
            detail=_("Payment {id}. If it is a gift, record it; the reconciliation lists it until then.", id=payment["id"]),
            route="stripe_payments:show", route_id=row["id"], permission="payments.read",
        )  # fmt: skip
        return None
    intent = await db.row("SELECT * FROM giving_intents WHERE id = $1 FOR UPDATE", row["intent"])
    assert intent is not None
    if intent["gift"] is not None and not await _is_second_payment(intent, payment):
        return intent["gift"]
    donor = await identity.find_or_create_donor(
        intent["given_name"], intent["family_name"], intent["email"],
        by=Actor("donor", None, f"{intent['given_name']} {intent['family_name']}".strip()),
        source=("giving_intent", intent["id"]), address=_address(intent),
    )  # fmt: skip
    amount = payment["amount_received"]
    gift_id = await gifts.record(
        gifts.GiftDetails(
            donor=donor,
            amount=amount,
            currency=payment["currency"].upper(),
            given_on=await _day(charge["created"]),
            method=_METHODS.get(row["method"], GiftMethod.OTHER if row["method"] else GiftMethod.CARD),
            splits=[(intent["fund"], amount)],
            campaign=intent["campaign"],
            appeal=intent["appeal"],
            fee_cover=min(intent["cover"], amount),
            note=intent["comment"],
            anonymous=intent["anonymous"],
            receipt_wanted=True,
            source=GiftSource.ONLINE,
            entry_key=f"stripe:{payment['id']}",
        ),
        by=STRIPE,
    )
    await db.row("UPDATE stripe_payments SET gift = $2 WHERE id = $1", row["id"], gift_id)
    await db.row(
        """
        UPDATE giving_intents SET gift = coalesce(gift, $2), status = 'paid', failure = '', stripe_payment_intent = $3,
               updated_at = $4
         WHERE id = $1
        """,
        intent["id"], gift_id, payment["id"], days.now(),
    )  # fmt: skip
    return gift_id


async def _is_second_payment(intent: dict[str, Any], payment: dict[str, Any]) -> bool:
    """Whether this is other money than the intent's gift: it then is a gift of its own, and staff look at it."""
    if intent["stripe_payment_intent"] in (None, payment["id"]):
        return False
    await tasks.open(
        "paid_twice", _("One intent was paid twice"), detail=_("Payment {id}: ask the donor.", id=payment["id"]),
        route="gifts:show", route_id=intent["gift"], permission="gifts.read",
    )  # fmt: skip
    return True


def _address(intent: dict[str, Any]) -> AddressLine | None:
    typed = msgspec.json.decode(intent["address"])
    return AddressLine(**typed) if any(typed.values()) else None


async def _fee(gift_id: int, row: dict[str, Any], charge: dict[str, Any]) -> None:
    """Stripe's fee is booked when its balance transaction exists: null at first, charge.updated brings it."""
    transaction = charge.get("balance_transaction")
    if not isinstance(transaction, dict):
        return
    if row["currency"] == transaction["currency"].upper():
        await ledger.book_fee(gift_id, transaction["fee"], on=await _day(transaction["created"]))
    await db.row(
        "UPDATE stripe_payments SET balance_transaction = $2, fee = $3, net = $4 WHERE id = $1",
        row["id"], transaction["id"], transaction["fee"], transaction["net"],
    )  # fmt: skip


async def _refund(gift_id: int, refund: dict[str, Any]) -> None:
    """A refund of ours that came about, or failed, or one that was made in Stripe's dashboard.

    A bank's refund is pending for days, but its money has left the Stripe account: it is booked then, as Stripe does,
    and taken back should the bank send it back.
    """
    ours = await _our_refund(gift_id, refund)
    if stripe_api.has_left(refund):
        try:
            await _given_back(gift_id, refund, ours)
        except refunds.NotRefundable as no:
            await tasks.open(
                "refund_beyond_gift", _("Stripe gave back more than is left of a gift"),
                detail=_("{why} Refund {id}: somebody may have recorded it by hand, too.", why=str(no), id=refund["id"]),
                route="gifts:show", route_id=gift_id, permission="gifts.read",
            )  # fmt: skip
    elif (
        refund["status"] in ("failed", "canceled")
        and ours is not None
        and ours["status"] != RefundStatus.FAILED
    ):
        await refunds.failed(ours["id"], (refund.get("failure_reason") or refund["status"]).replace("_", " "))


async def _given_back(gift_id: int, refund: dict[str, Any], ours: dict[str, Any] | None) -> None:
    on = await _day(refund["created"])
    if ours is not None:
        await refunds.done(ours["id"], refund["id"], on=on)
    else:
        reason = (refund.get("reason") or "").replace("_", " ")
        await refunds.from_stripe(gift_id, refund["id"], refund["amount"], on=on, reason=reason)


async def _our_refund(gift_id: int, refund: dict[str, Any]) -> dict[str, Any] | None:
    marked = (refund.get("metadata") or {}).get("almoner_refund", "")
    return await db.row(
        "SELECT * FROM refunds WHERE gift = $1 AND (stripe_refund = $2 OR id::text = $3) ORDER BY stripe_refund = $2 DESC",
        gift_id, refund["id"], marked,
    )  # fmt: skip


async def _dispute(gift_id: int, dispute: dict[str, Any]) -> None:
    """A dispute as far as it has come: what it moved, its fee, and who won."""
    currency = dispute["currency"].upper()
    until = (dispute.get("evidence_details") or {}).get("due_by")
    moves = [
        disputes.Move(move["id"], move["amount"], move["fee"], await _day(move["created"]))
        for move in dispute.get("balance_transactions") or []
        if move["currency"].upper() == currency
    ]
    await disputes.keep(
        gift_id,
        disputes.Said(
            dispute=dispute["id"],
            status=dispute["status"],
            amount=dispute["amount"],
            currency=currency,
            reason=dispute.get("reason") or "",
            respond_by=datetime.fromtimestamp(until, UTC) if until else None,
            moves=tuple(moves),
        ),
    )


async def _day(created: int) -> date:
    """The day of a moment of Stripe's, in the organisation's zone."""
    return days.day_of(datetime.fromtimestamp(created, UTC), (await organisation.needed())["zone"])
