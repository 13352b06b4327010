"""Disputes: a donor's bank takes a charge back, with a fee, and may lose in the end."""

from demo import stripe_balance, stripe_methods, stripe_objects
from demo.stripe_currencies import DISPUTE_FEE
from demo.stripe_errors import ApiError, NotPossible, missing
from demo.stripe_store import Body
from demo.stripe_world import World
from demo.webhooks import say

# A bank debit that comes back late is a dispute too, and is lost from the start.
OF_BANKS = ("insufficient_funds", "incorrect_account_details", "bank_cannot_process", "debit_not_authorized")
REASONS = ("fraudulent", "general", "duplicate", "unrecognized", "product_not_received", *OF_BANKS)


def open_one(
    world: World,
    charge_id: str,
    *,
    reason: str = "fraudulent",
    amount: int | None = None,
    inquiry: bool = False,
) -> Body:
    """The bank takes the money back, and Stripe its fee; for an inquiry it only asks.

    A charge may be disputed more than once, and after a refund, too: for what is not with a bank already.
    """
    with world.tx():
        charge = world.get(charge_id, "charge")
        if charge is None:
            raise missing("charge", charge_id, "charge")
        before = world.store.find("dispute", "AND json_extract(body, '$.charge') = ?", (charge_id,))
        left = charge["amount"] - sum(one["amount"] for one in before if one["status"] != "won")
        if charge["status"] != "succeeded" or left <= 0:
            raise NotPossible(
                "Only a charge that succeeded can be disputed, and no more of it than there is."
            )
        stripe_balance.book_charge(world, charge_id)
        charge = world.sure(charge_id)
        dispute = stripe_objects.dispute(
            world,
            amount=min(amount or left, left),
            charge=charge_id,
            currency=charge["currency"],
            is_charge_refundable=inquiry,
            payment_intent=charge["payment_intent"],
            payment_method_details=_how(charge),
            reason=reason,
            status="warning_needs_response" if inquiry else "needs_response",
        )
        world.put(dispute)
        previous = {"disputed": charge["disputed"]}
        charge["disputed"] = True
        world.put(charge)
        say(world, "charge.dispute.created", dispute)
        if not inquiry:
            _withdraw(world, dispute)
        if not previous["disputed"]:
            say(world, "charge.updated", charge, previous=previous)
        if reason in OF_BANKS and not inquiry:
            dispute["status"] = "lost"
            say(world, "charge.dispute.closed", world.put(dispute))
        return dispute


def escalate(world: World, dispute_id: str) -> Body:
    """An inquiry becomes a chargeback: now the money goes."""
    with world.tx():
        dispute = world.get(dispute_id, "dispute")
        if dispute is None:
            raise missing("dispute", dispute_id, "id")
        if not dispute["status"].startswith("warning"):
            raise NotPossible("Only an inquiry can become a chargeback.")
        previous = {"status": dispute["status"]}
        dispute.update(status="needs_response", is_charge_refundable=False)
        say(world, "charge.dispute.updated", world.put(dispute), previous=previous)
        _withdraw(world, dispute)
        return dispute


def _withdraw(world: World, dispute: Body) -> None:
    fee = DISPUTE_FEE.get(dispute["currency"], 1500)
    what = f"Chargeback withdrawal for {dispute['charge']}"
    entry = _entry(world, dispute, -dispute["amount"], fee, "dispute", what)
    dispute["balance_transactions"] = [stripe_objects.outside(entry)]
    say(world, "charge.dispute.funds_withdrawn", world.put(dispute))


def close(world: World, dispute_id: str, *, won: bool) -> Body:
    """The bank has decided. Won: the amount comes back, the fee does not."""
    with world.tx():
        dispute = world.get(dispute_id, "dispute")
        if dispute is None:
            raise missing("dispute", dispute_id, "id")
        if dispute["status"] in ("won", "lost", "warning_closed"):
            raise ApiError("This dispute is already closed", param="dispute", kept=True)
        previous = {"status": dispute["status"]}
        asked_only = dispute["status"].startswith("warning")
        dispute["status"] = "warning_closed" if asked_only else "won" if won else "lost"
        won = won and not asked_only
        if won:
            what = f"Chargeback reversal for {dispute['charge']}"
            entry = _entry(world, dispute, dispute["amount"], 0, "dispute_reversal", what)
            dispute["balance_transactions"].append(stripe_objects.outside(entry))
        world.put(dispute)
        say(world, "charge.dispute.closed", dispute, previous=previous)
        if won:
            say(world, "charge.dispute.funds_reinstated", dispute)
        return dispute


def _entry(world: World, dispute: Body, amount: int, fee: int, category: str, what: str) -> Body:
    currency = dispute["currency"]
    return world.put(
        stripe_objects.balance_transaction(
            world,
            amount=amount,
            available_on=world.moment(),
            currency=currency,
            description=what,
            fee=fee,
            fee_details=[stripe_objects.fee_detail(fee, currency, "Dispute fee")] if fee else [],
            reporting_category=category,
            source=dispute["id"],
            status="available",
            type="adjustment",
        )
    )


def _how(charge: Body) -> Body:
    kind = charge["payment_method_details"]["type"]
    if kind != "card":
        return {"type": kind, kind: {}}
    brand = charge["payment_method_details"]["card"]["brand"]
    return {
        "type": "card",
        "card": {"brand": brand, "case_type": "chargeback", "network": brand, "network_reason_code": "10.4"},
    }


def _by_itself(world: World, charge_id: str) -> None:
    """A test card whose owner disputes the charge without being told to."""
    method = stripe_methods.METHODS[world.sure(world.sure(charge_id)["payment_method"])["_number"]]
    try:
        open_one(world, charge_id, reason=method.disputed or "general")
    except NotPossible:
        return  # refunded meanwhile


DUTIES = {"open_dispute": _by_itself}
