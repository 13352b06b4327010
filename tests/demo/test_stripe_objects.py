"""Every object that the stand-in answers with has at least the fields of Stripe's own sample, and the SDK reads it."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from demo.stand_in import StandIn
from tests.demo.conftest import NewSession

SAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "stripe_objects.json").read_text())
# Here Stripe's sample shows one of several shapes, or an object whose content is the merchant's.
OPEN = (
    "metadata",
    "payment_method_details",
    "destination_details",
    "data",
    "payment_method_options",
    "custom_text",
    "capabilities",
)

PATHS = {
    "account": ("account", "account"),
    "balance": ("balance", "balance"),
    "balance_transaction": ("balance_transactions/{}", "balance_transaction"),
    "charge": ("charges/{}", "charge"),
    "checkout.session": ("checkout/sessions/{}", "checkout.session"),
    "customer": ("customers/{}", "customer"),
    "dispute": ("disputes/{}", "dispute"),
    "event": ("events/{}", "event"),
    "payment_intent": ("payment_intents/{}", "payment_intent"),
    "payment_method": ("payment_methods/{}", "payment_method"),
    "payout": ("payouts/{}", "payout"),
    "price": ("prices/{}", "price"),
    "product": ("products/{}", "product"),
    "refund": ("refunds/{}", "refund"),
}
CLASSES: dict[str, type[stripe.StripeObject]] = {
    "account": stripe.Account,
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "customer": stripe.Customer,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "payout": stripe.Payout,
    "price": stripe.Price,
    "product": stripe.Product,
    "refund": stripe.Refund,
}


def absent(sample: Any, ours: Any, path: str = "") -> list[str]:
    """Fields of the sample that ours does not have, wherever both are objects."""
    if not isinstance(sample, dict) or not isinstance(ours, dict):
        return []
    found = [f"{path}{name}" for name in sample if name not in ours]
    for name, inner in sample.items():
        if name in ours and name not in OPEN:
            found += absent(inner, ours[name], f"{path}{name}.")
    return found


def shapes(value: Any, ours: Any, path: str = "") -> list[str]:
    """Fields whose kind is another than in the sample, where neither is null."""
    if value is None or ours is None:
        return []
    if isinstance(value, dict) and isinstance(ours, dict):
        return [
            f for name in value if name in ours for f in shapes(value[name], ours[name], f"{path}{name}.")
        ]
    same = type(value) is type(ours)
    return [] if same else [f"{path[:-1]}: {type(ours).__name__} for {type(value).__name__}"]


def a_full_life(stand_in: StandIn, new_session: NewSession) -> None:
    """One of each object, in all the states that change its shape."""
    stand_in.set(balance_delay=0, refund_delay=0)
    for card in ("4000000000000002", "4000002500003155", "4242424242424242"):
        stand_in.pay(new_session(customer_creation="always").id, card)
    stand_in.pay(new_session().id, "000123456789")
    charges = stand_in.all("charge")
    stand_in.refund(charges[1]["id"], 100)
    stand_in.dispute(charges[2]["id"])
    stand_in.advance(10 * 86_400)
    stand_in.close_dispute(stand_in.all("dispute")[0]["id"], won=True)
    stand_in.pay_out()


@pytest.mark.parametrize("kind", sorted(PATHS))
def test_an_object_has_the_fields_of_stripes_sample(stand_in: StandIn, new_session: NewSession, kind: str):
    a_full_life(stand_in, new_session)
    path, _ = PATHS[kind]
    ids = [body["id"] for body in stand_in.all(kind)] if "{}" in path else [""]
    assert ids
    for id in ids:
        answer = httpx.get(
            f"{stand_in.url}/v1/{path.format(id)}", headers={"Authorization": f"Bearer {stand_in.key}"}
        )
        body = answer.raise_for_status().json()
        assert absent(SAMPLES[kind], body) == []
        assert shapes(SAMPLES[kind], body) == []
        assert not [name for name in body if name.startswith("_")]


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_the_sdk_reads_it_with_its_own_class(
    stand_in: StandIn, client: stripe.StripeClient, new_session: NewSession, kind: str
):
    a_full_life(stand_in, new_session)
    path, _ = PATHS[kind]
    id = stand_in.all(kind)[0]["id"] if "{}" in path else ""
    answer = client.raw_request("get", f"/v1/{path.format(id)}")
    body = client.deserialize(answer, api_mode="V1")
    assert type(body) is CLASSES[kind]
    # Whatever the SDK's class promises to be there always (not Optional), is there.
    hints = CLASSES[kind].__annotations__
    promised = [
        name
        for name, hint in hints.items()
        if not any(word in str(hint) for word in ("Optional", "None", "ClassVar"))
    ]
    shown = body.to_dict()
    missing = [name for name in promised if name != "deleted" and shown.get(name) is None]
    assert missing == []


def test_an_event_holds_the_object_as_it_was(stand_in: StandIn, new_session: NewSession):
    stand_in.set(balance_delay=0)
    stand_in.pay(new_session().id)
    stand_in.refund(stand_in.all("charge")[0]["id"])
    charges = [
        e["data"]["object"] for e in stand_in.all("event") if e["data"]["object"]["object"] == "charge"
    ]
    assert [charge["amount_refunded"] for charge in charges] == [0, 0, 2500]
    for event in stand_in.all("event"):
        assert (event["api_version"], event["livemode"]) == ("2026-10-28.endive", False)
