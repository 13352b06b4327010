"""Money that goes back: refunds, disputes, payouts, and what the balance says afterwards."""

import pytest
import stripe

from demo.stand_in import StandIn
from demo.stripe_errors import NotPossible
from tests.demo.conftest import NewSession


@pytest.fixture
def charge(stand_in: StandIn, new_session: NewSession) -> str:
    stand_in.set(balance_delay=0, refund_delay=0)
    stand_in.pay(new_session(10_000).id)
    return stand_in.all("charge")[0]["id"]


def types(stand_in: StandIn) -> list[str]:
    return [event["type"] for event in stand_in.all("event")]


def entries(stand_in: StandIn) -> list[tuple[str, int, int]]:
    return [(entry["type"], entry["amount"], entry["fee"]) for entry in stand_in.balance_transactions()]


def test_a_partial_refund_then_the_rest(stand_in: StandIn, client: stripe.StripeClient, charge: str):
    first = client.v1.refunds.create({"charge": charge, "amount": 2500}, {"idempotency_key": "a"})
    assert (first.status, first.amount, first.charge) == ("succeeded", 2500, charge)
    now = client.v1.charges.retrieve(charge, {"expand": ["refunds"]})
    assert (now.amount_refunded, now.refunded) == (2500, False)
    assert now.refunds
    assert [refund.id for refund in now.refunds.data] == [first.id]

    rest = client.v1.refunds.create({"charge": charge, "metadata": {"refund": "7"}}, {"idempotency_key": "b"})

    assert rest.amount == 7500
    assert client.v1.charges.retrieve(charge).refunded is True
    assert entries(stand_in) == [("charge", 10_000, 320), ("refund", -2500, 0), ("refund", -7500, 0)]
    assert [
        r.metadata and r.metadata["refund"]
        for r in client.v1.refunds.list({"charge": charge, "limit": 1}).data
    ] == ["7"]
    assert types(stand_in)[-4:] == [
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "charge.refund.updated",
    ]
    refunded = [event for event in stand_in.all("event") if event["type"] == "charge.refunded"]
    assert refunded[0]["data"]["previous_attributes"] == {"amount_refunded": 0}
    assert refunded[1]["data"]["previous_attributes"] == {"amount_refunded": 2500, "refunded": False}


@pytest.mark.parametrize(
    ("what", "code", "words"),
    [
        ("too much", None, "greater than unrefunded amount on charge ($100.00)"),
        ("again", "charge_already_refunded", "already been refunded"),
        ("disputed", "charge_disputed", "charged back"),
    ],
)
def test_what_cannot_be_refunded(
    stand_in: StandIn, client: stripe.StripeClient, charge: str, what: str, code: str | None, words: str
):
    if what == "again":
        stand_in.refund(charge)
    if what == "disputed":
        stand_in.dispute(charge)
    before = entries(stand_in)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"charge": charge, "amount": 10_001}, {"idempotency_key": "x"})
    assert refusal.value.code == code
    assert words in str(refusal.value)
    assert entries(stand_in) == before


def test_a_refund_before_the_balance_transaction_books_the_charge_first(
    stand_in: StandIn, new_session: NewSession
):
    stand_in.pay(new_session(2500).id)
    stand_in.refund(stand_in.all("payment_intent")[0]["id"], 500)
    stand_in.advance(60)
    assert entries(stand_in) == [("charge", 2500, 103), ("refund", -500, 0)]


def test_a_refund_that_the_bank_sends_back(
    stand_in: StandIn, client: stripe.StripeClient, new_session: NewSession
):
    stand_in.set(balance_delay=0)
    stand_in.pay(new_session(2500).id, "4000000000005126")
    back = stand_in.refund(stand_in.all("charge")[0]["id"])
    stand_in.advance(5)
    found = client.v1.refunds.retrieve(back["id"])
    assert (found.status, found.failure_reason) == ("failed", "expired_or_canceled_card")
    assert entries(stand_in) == [("charge", 2500, 103), ("refund", -2500, 0), ("refund_failure", 2500, 0)]
    assert stand_in.all("charge")[0]["amount_refunded"] == 0
    assert "refund.failed" in types(stand_in)


def test_a_bank_refund_is_pending_first(stand_in: StandIn, new_session: NewSession):
    stand_in.set(bank_delay=0, balance_delay=0)
    stand_in.pay(new_session(2500).id, "000123456789")
    back = stand_in.refund(stand_in.all("charge")[0]["id"], 1000)
    assert back["status"] == "pending"
    stand_in.advance(3)
    assert stand_in.all("refund")[0]["status"] == "succeeded"
    assert entries(stand_in) == [("payment", 2500, 20), ("payment_refund", -1000, 0)]
    event = next(event for event in stand_in.all("event") if event["type"] == "refund.updated")
    assert event["data"]["previous_attributes"]["status"] == "pending"


@pytest.mark.parametrize("won", [True, False])
def test_a_dispute(stand_in: StandIn, client: stripe.StripeClient, charge: str, won: bool):
    dispute = stand_in.dispute(charge)
    found = client.v1.disputes.list({"charge": charge}).data[0]
    assert (found.id, found.status, found.amount) == (dispute["id"], "needs_response", 10_000)
    assert client.v1.charges.retrieve(charge).disputed is True
    assert [entry.net for entry in found.balance_transactions] == [-11_500]

    stand_in.close_dispute(dispute["id"], won=won)

    assert client.v1.disputes.retrieve(dispute["id"]).status == ("won" if won else "lost")
    back = [("adjustment", 10_000, 0)] if won else []
    assert entries(stand_in) == [("charge", 10_000, 320), ("adjustment", -10_000, 1500), *back]
    said = [name for name in types(stand_in) if "dispute" in name]
    assert said == ["charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed"] + (
        ["charge.dispute.funds_reinstated"] if won else []
    )


def test_a_charge_whose_dispute_was_won_can_be_refunded(stand_in: StandIn, charge: str):
    stand_in.close_dispute(stand_in.dispute(charge)["id"], won=True)
    stand_in.refund(charge)
    assert entries(stand_in)[-1] == ("refund", -10_000, 0)


def test_a_bank_debit_that_comes_back_late_is_a_lost_dispute(stand_in: StandIn, new_session: NewSession):
    stand_in.set(bank_delay=0, balance_delay=0)
    stand_in.pay(new_session(2500).id, "000123456789")
    dispute = stand_in.dispute(stand_in.all("charge")[0]["id"], reason="insufficient_funds")
    assert dispute["status"] == "lost"
    assert entries(stand_in)[-1] == ("adjustment", -2500, 1500)


def test_a_card_whose_owner_disputes_by_herself(stand_in: StandIn, new_session: NewSession):
    stand_in.pay(new_session(2500).id, "4000000000000259")
    stand_in.advance(3)
    assert [dispute["reason"] for dispute in stand_in.all("dispute")] == ["fraudulent"]


def test_no_more_is_disputed_than_there_is(stand_in: StandIn, charge: str):
    first = stand_in.dispute(charge, amount=4000)
    assert stand_in.dispute(charge)["amount"] == 6000
    with pytest.raises(NotPossible):
        stand_in.dispute(charge)

    stand_in.close_dispute(first["id"], won=True)
    assert stand_in.dispute(charge)["amount"] == 4000


def test_an_inquiry_moves_no_money_until_it_becomes_a_chargeback(
    stand_in: StandIn, client: stripe.StripeClient, charge: str
):
    inquiry = stand_in.dispute(charge, inquiry=True)
    assert (inquiry["status"], inquiry["balance_transactions"]) == ("warning_needs_response", [])

    stand_in.escalate(inquiry["id"])

    found = client.v1.disputes.retrieve(inquiry["id"])
    assert (found.status, found.balance_transactions[0].amount) == ("needs_response", -10_000)
    with pytest.raises(NotPossible):
        stand_in.escalate(inquiry["id"])


def test_an_inquiry_that_is_closed_has_cost_nothing(stand_in: StandIn, charge: str):
    inquiry = stand_in.dispute(charge, inquiry=True)
    stand_in.close_dispute(inquiry["id"], won=False)
    assert stand_in.all("dispute")[0]["status"] == "warning_closed"
    assert [entry["type"] for entry in stand_in.balance_transactions()] == ["charge"]


def test_stripes_own_fee_belongs_to_no_charge(stand_in: StandIn, client: stripe.StripeClient):
    stand_in.own_fee(1250)
    [entry] = client.v1.balance_transactions.list({"type": "stripe_fee"}).data
    assert (entry.net, entry.source, entry.reporting_category) == (-1250, None, "fee")


def test_a_payout_takes_what_is_available_and_the_balance_adds_up(
    stand_in: StandIn, client: stripe.StripeClient, charge: str
):
    stand_in.refund(charge, 1000)
    assert client.v1.balance.retrieve().available[0].amount == -1000
    stand_in.advance(3 * 86_400)
    assert client.v1.balance.retrieve().available[0].amount == 8680

    payout = stand_in.pay_out()[0]

    assert payout["amount"] == 8680
    of_payout = client.v1.balance_transactions.list({"payout": payout["id"]}).data
    assert sorted(entry.net for entry in of_payout) == [-8680, -1000, 9680]
    assert sum(entry["net"] for entry in stand_in.balance_transactions()) == 0
    assert stand_in.pay_out() == []
    stand_in.advance(2 * 86_400)
    assert client.v1.payouts.retrieve(payout["id"]).status == "paid"
    assert types(stand_in)[-1] == "payout.paid"
