"""Many lives at random: whatever happens to payments, the stand-in's own books stay right."""

import os
import random
import time
from contextlib import suppress

import pytest
import stripe

from demo.stand_in import StandIn
from demo.stripe_errors import ApiError, NotPossible
from demo.stripe_methods import METHODS
from tests.demo.conftest import session_params

LIVES = int(os.environ.get("BOOKS_LIVES", "60"))


def do_something(stand_in: StandIn, luck: random.Random) -> None:
    """One thing that can happen to a payment, possible or not."""
    charges, refunds, disputes = (stand_in.all(kind) for kind in ("charge", "refund", "dispute"))
    with suppress(NotPossible, ApiError):
        match luck.randrange(7):
            case 0 | 1 if charges:
                charge = luck.choice(charges)
                stand_in.refund(
                    charge["id"], luck.choice([None, 1, charge["amount"] // 3, charge["amount"] + 1])
                )
            case 2 if refunds:
                stand_in.fail_refund(luck.choice(refunds)["id"])
            case 3 if charges:
                stand_in.dispute(
                    luck.choice(charges)["id"],
                    reason=luck.choice(["general", "insufficient_funds"]),
                    amount=luck.choice([None, None, 100]),
                    inquiry=luck.random() < 0.2,
                )
            case 4 if disputes:
                stand_in.close_dispute(luck.choice(disputes)["id"], won=luck.random() < 0.5)
            case 5:
                stand_in.pay_out()
            case _:
                stand_in.advance(luck.choice([1, 3600, 86_400, 5 * 86_400]))


@pytest.mark.parametrize("part", range(3))
def test_the_books_are_right_whatever_happens(stand_in: StandIn, client: stripe.StripeClient, part: int):
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000)) + part
    luck = random.Random(seed)
    for number in range(LIVES // 3):
        params = session_params(luck.randrange(50, 50_000), luck.choice(["usd", "usd", "eur"]))
        session = client.v1.checkout.sessions.create(params, {"idempotency_key": f"k{number}"})
        stand_in.pay(session.id, luck.choice(sorted(METHODS)), approve=luck.random() < 0.8)
        for _ in range(luck.randrange(4)):
            do_something(stand_in, luck)
    stand_in.advance(30 * 86_400)
    check(stand_in)


def check(stand_in: StandIn) -> None:
    entries = stand_in.balance_transactions()
    by_source = {
        body["id"]: body for kind in ("charge", "refund", "dispute", "payout") for body in stand_in.all(kind)
    }
    assert all(entry["net"] == entry["amount"] - entry["fee"] for entry in entries)
    assert all(sum(part["amount"] for part in entry["fee_details"]) == entry["fee"] for entry in entries)

    def moved(source: str) -> int:
        return sum(entry["amount"] for entry in entries if entry["source"] == source)

    for body in by_source.values():
        if body["object"] == "charge":
            assert moved(body["id"]) == (body["amount"] if body["status"] == "succeeded" else 0)
            assert (body["balance_transaction"] is not None) == (body["status"] == "succeeded")
            good = [
                r
                for r in by_source.values()
                if r.get("charge") == body["id"] and r["object"] == "refund" and r["status"] != "failed"
            ]
            assert body["amount_refunded"] == sum(refund["amount"] for refund in good) <= body["amount"]
            assert body["refunded"] == (0 < body["amount"] == body["amount_refunded"])
        if body["object"] == "refund":
            assert moved(body["id"]) == (0 if body["status"] == "failed" else -body["amount"])
        if body["object"] == "dispute":
            back = body["status"] in ("won", "warning_needs_response", "warning_closed")
            assert moved(body["id"]) == (0 if back else -body["amount"])
            assert [entry["id"] for entry in body["balance_transactions"]] == [
                e["id"] for e in entries if e["source"] == body["id"]
            ]
        if body["object"] == "payout":
            paid = stand_in.client().v1.balance_transactions.list({"payout": body["id"], "limit": 100})
            assert sum(entry.net for entry in paid.auto_paging_iter()) == 0
    balance = stand_in.client().v1.balance.retrieve()
    shown = {share.currency: share.amount for share in balance.available}
    for share in balance.pending:
        shown[share.currency] += share.amount
    for currency, amount in shown.items():
        assert amount == sum(entry["net"] for entry in entries if entry["currency"] == currency)
    assert len({event["id"] for event in stand_in.all("event")}) == len(stand_in.deliveries())
