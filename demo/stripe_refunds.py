"""Giving money back: refunds, whole or in part, and those that the bank sends back."""

from demo import stripe_balance, stripe_methods, stripe_objects
from demo.stripe_currencies import show
from demo.stripe_errors import ApiError, NotPossible, missing
from demo.stripe_store import Body
from demo.stripe_world import World, new_id
from demo.webhooks import say


def create(
    world: World,
    *,
    charge: str | None = None,
    payment_intent: str | None = None,
    amount: int | None = None,
    reason: str | None = None,
    metadata: dict[str, str] | None = None,
) -> Body:
    """Refund a charge: its money leaves the balance at once, its fee stays with Stripe."""
    with world.tx():
        taken = _charge_of(world, charge, payment_intent)
        left = taken["amount"] - taken["amount_refunded"]
        _may_be_refunded(world, taken, left, amount)
        stripe_balance.book_charge(world, taken["id"])
        taken = world.sure(taken["id"])
        of_bank = taken["payment_method_details"]["type"] == "us_bank_account"
        back = stripe_objects.refund(
            world,
            amount=left if amount is None else amount,
            charge=taken["id"],
            currency=taken["currency"],
            destination_details=_destination(of_bank, None),
            metadata=metadata or {},
            payment_intent=taken["payment_intent"],
            reason=reason,
            status="pending" if of_bank else "succeeded",
        )
        entry = stripe_objects.balance_transaction(
            world,
            amount=-back["amount"],
            available_on=world.moment(),
            currency=back["currency"],
            description="REFUND FOR CHARGE" + (f" ({taken['description']})" if taken["description"] else ""),
            reporting_category="refund",
            source=back["id"],
            status="available",
            type="payment_refund" if of_bank else "refund",
        )
        back["balance_transaction"] = world.put(entry)["id"]
        world.put(back)
        previous = {"amount_refunded": taken["amount_refunded"], "refunded": taken["refunded"]}
        taken["amount_refunded"] += back["amount"]
        taken["refunded"] = taken["amount_refunded"] == taken["amount"]
        world.put(taken)
        say(world, "refund.created", back)
        say(
            world,
            "charge.refunded",
            taken,
            previous={name: old for name, old in previous.items() if taken[name] != old},
        )
        world.later(world.settings.refund_delay, "finish_refund", back["id"])
        return back


def _charge_of(world: World, charge: str | None, payment_intent: str | None) -> Body:
    if not charge and not payment_intent:
        raise ApiError(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    taken = world.get(charge, "charge") if charge else None
    if charge and taken is None:
        raise missing("charge", charge, "charge")
    if payment_intent:
        intent = world.get(payment_intent, "payment_intent")
        if intent is None:
            raise missing("payment_intent", payment_intent, "payment_intent")
        of_intent = world.get(intent["latest_charge"] or "", "charge")
        if of_intent is None or of_intent["status"] == "failed":
            raise ApiError(
                f"This PaymentIntent ({payment_intent}) does not have a successful charge to refund.",
                param="payment_intent",
                kept=True,
            )
        if taken and taken["id"] != of_intent["id"]:
            raise ApiError(
                f"The charge {charge} is not one of the PaymentIntent {payment_intent}.", param="charge"
            )
        taken = of_intent
    assert taken is not None
    return taken


def _may_be_refunded(world: World, taken: Body, left: int, amount: int | None) -> None:
    if taken["status"] == "failed":
        raise ApiError(f"Charge {taken['id']} has failed and cannot be refunded.", param="charge", kept=True)
    if taken["status"] == "pending":
        raise ApiError(
            f"Charge {taken['id']} is still pending and cannot be refunded yet.", param="charge", kept=True
        )
    disputes = world.store.find("dispute", "AND json_extract(body, '$.charge') = ?", (taken["id"],))
    if any(dispute["status"] != "won" for dispute in disputes):
        raise ApiError(
            f"Charge {taken['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
            kept=True,
        )
    if left == 0:
        raise ApiError(
            f"Charge {taken['id']} has already been refunded.", code="charge_already_refunded", kept=True
        )
    if amount is not None and amount < 1:
        raise ApiError(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    if amount is not None and amount > left:
        currency = taken["currency"]
        raise ApiError(
            f"Refund amount ({show(amount, currency)}) is greater than unrefunded amount on charge ({show(left, currency)})",
            param="amount",
            kept=True,
        )


def _destination(of_bank: bool, reference: str | None) -> Body:
    if of_bank:
        status = "available" if reference else "pending"
        return {
            "type": "us_bank_transfer",
            "us_bank_transfer": {"reference": reference, "reference_status": status},
        }
    known = {"reference": reference} if reference else {}
    return {
        "type": "card",
        "card": {
            **known,
            "reference_status": "available" if reference else "pending",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        },
    }


def finish(world: World, refund_id: str) -> None:
    """The refund's reference is known; a bank's refund has arrived. Some cards send the money back instead."""
    with world.tx():
        back = world.sure(refund_id)
        if back["status"] not in ("pending", "succeeded"):
            return
        number = world.sure(world.sure(back["charge"])["payment_method"])["_number"]
        if stripe_methods.METHODS[number].refund_fails:
            fail(world, refund_id)
            return
        previous = {"destination_details": back["destination_details"]}
        if back["status"] == "pending":
            previous["status"] = back["status"]
        back["destination_details"] = _destination(
            back["destination_details"]["type"] != "card", new_id("", 23).upper()
        )
        back["status"] = "succeeded"
        world.put(back)
        say(world, "refund.updated", back, previous=previous)
        say(world, "charge.refund.updated", back, previous=previous)


def fail(world: World, refund_id: str, reason: str = "expired_or_canceled_card") -> Body:
    """The donor's bank sends a refund back: the money returns to the balance."""
    with world.tx():
        back = world.get(refund_id, "refund")
        if back is None or back["status"] == "failed":
            raise NotPossible("No such refund, or it failed already.")
        world.forget("finish_refund", refund_id)
        entry = stripe_objects.balance_transaction(
            world,
            amount=back["amount"],
            available_on=world.moment(),
            currency=back["currency"],
            description="REFUND FAILURE",
            reporting_category="refund_failure",
            source=refund_id,
            status="available",
            type="refund_failure",
        )
        previous = {"status": back["status"]}
        back.update(
            status="failed", failure_reason=reason, failure_balance_transaction=world.put(entry)["id"]
        )
        world.put(back)
        taken = world.sure(back["charge"])
        before = {"amount_refunded": taken["amount_refunded"], "refunded": taken["refunded"]}
        taken["amount_refunded"] -= back["amount"]
        taken["refunded"] = False
        world.put(taken)
        say(world, "refund.updated", back, previous=previous)
        say(world, "refund.failed", back)
        say(world, "charge.refund.updated", back, previous=previous)
        say(
            world,
            "charge.updated",
            taken,
            previous={name: old for name, old in before.items() if taken[name] != old},
        )
        return back


DUTIES = {"finish_refund": finish}
