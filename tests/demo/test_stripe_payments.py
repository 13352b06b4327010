"""A donor pays, is declined, is asked by her bank, gives by bank debit: what the SDK then sees."""

import asyncio

import pytest
import stripe

from demo.stand_in import StandIn
from tests.demo.conftest import NewSession, session_params


def types(stand_in: StandIn) -> list[str]:
    return [event["type"] for event in stand_in.all("event")]


def test_a_session_is_open_until_somebody_pays(
    stand_in: StandIn, client: stripe.StripeClient, new_session: NewSession
):
    session = new_session()

    assert isinstance(session, stripe.checkout.Session)
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert session.url == f"{stand_in.url}/c/pay/{session.id}"
    assert stand_in.pay(session.id) == "paid"

    paid = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge", "line_items"]}
    )
    assert (paid.status, paid.payment_status, paid.url, paid.amount_total) == ("complete", "paid", None, 2500)
    assert paid.customer_details
    assert paid.customer_details.email == "margaret@example.org"
    intent = paid.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.amount_received, intent.metadata["intent"]) == ("succeeded", 2500, "12")
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (charge.status, charge.paid, charge.captured, charge.metadata["intent"]) == (
        "succeeded",
        True,
        True,
        "12",
    )
    assert paid.line_items
    assert paid.line_items.data[0].description == "Gift to Riverbend"
    assert types(stand_in) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_the_balance_transaction_comes_after_the_payment(
    stand_in: StandIn, client: stripe.StripeClient, new_session: NewSession
):
    stand_in.pay(new_session(2500).id)
    charge = client.v1.charges.list().data[0]
    assert charge.balance_transaction is None

    stand_in.advance(2)

    charge = client.v1.charges.retrieve(charge.id, {"expand": ["balance_transaction"]})
    entry = charge.balance_transaction
    assert isinstance(entry, stripe.BalanceTransaction)
    assert (entry.amount, entry.fee, entry.net, entry.type, entry.source) == (
        2500,
        103,
        2397,
        "charge",
        charge.id,
    )
    event = stand_in.all("event")[-1]
    assert event["type"] == "charge.updated"
    assert event["data"]["previous_attributes"] == {"balance_transaction": None}
    assert event["data"]["object"]["balance_transaction"] == entry.id


def test_the_delay_of_the_balance_may_be_nothing(stand_in: StandIn, new_session: NewSession):
    stand_in.set(balance_delay=0)
    stand_in.pay(new_session(10_000).id)
    assert [entry["net"] for entry in stand_in.balance_transactions()] == [9680]
    assert types(stand_in)[-1] == "charge.updated"
    succeeded = next(event for event in stand_in.all("event") if event["type"] == "charge.succeeded")
    assert succeeded["data"]["object"]["balance_transaction"] is None


@pytest.mark.parametrize(
    ("amount", "fee"),
    [(50, 31), (100, 33), (2500, 103), (10_000, 320), (99_999_999, 2_900_030), (1_000_017, 29_030)],
)
def test_the_fee_is_rounded_as_stripe_does(stand_in: StandIn, new_session: NewSession, amount: int, fee: int):
    stand_in.set(balance_delay=0)
    stand_in.pay(new_session(amount).id)
    assert stand_in.balance_transactions()[0]["fee"] == fee


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000000069", "expired_card", "expired_card"),
    ],
)
def test_a_decline_leaves_the_session_open(
    stand_in: StandIn,
    client: stripe.StripeClient,
    new_session: NewSession,
    card: str,
    code: str,
    decline_code: str,
):
    session = new_session()
    assert stand_in.pay(session.id, card) == "declined"

    again = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert (again.status, again.payment_status) == ("open", "unpaid")
    intent = again.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error
    assert intent.last_payment_error.code == code
    assert intent.last_payment_error.decline_code == decline_code
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert (intent.latest_charge.status, intent.latest_charge.failure_code) == ("failed", code)
    assert types(stand_in) == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]

    assert stand_in.pay(session.id) == "paid"
    stand_in.advance(10)
    assert len(stand_in.all("payment_intent")) == 1
    assert [charge["status"] for charge in stand_in.all("charge")] == ["failed", "succeeded"]
    assert len(stand_in.balance_transactions()) == 1


def test_3d_secure_asks_and_believes_the_answer(stand_in: StandIn, new_session: NewSession):
    session = new_session()
    assert stand_in.pay(session.id, "4000002500003155", approve=False) == "declined"
    assert stand_in.all("charge") == []
    error = stand_in.all("payment_intent")[0]["last_payment_error"]
    assert error["code"] == "payment_intent_authentication_failure"

    assert stand_in.pay(session.id, "4000002500003155") == "paid"
    assert "payment_intent.requires_action" in types(stand_in)
    assert (
        stand_in.all("charge")[0]["payment_method_details"]["card"]["three_d_secure"]["result"]
        == "authenticated"
    )


def test_a_paid_session_takes_no_second_payment(stand_in: StandIn, new_session: NewSession):
    session = new_session()
    assert [stand_in.pay(session.id), stand_in.pay(session.id)] == ["paid", "complete"]
    assert len(stand_in.all("charge")) == 1


def test_a_bank_debit_is_paid_days_later(
    stand_in: StandIn, client: stripe.StripeClient, new_session: NewSession
):
    session = new_session(100_000)
    assert stand_in.pay(session.id, "000123456789") == "processing"
    first = client.v1.checkout.sessions.retrieve(session.id)
    assert (first.status, first.payment_status) == ("complete", "unpaid")
    assert stand_in.all("payment_intent")[0]["status"] == "processing"

    stand_in.advance(5 * 86_400)

    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    entry = stand_in.balance_transactions()[0]
    assert (entry["type"], entry["reporting_category"], entry["fee"]) == ("payment", "charge", 500)
    assert types(stand_in) == [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "checkout.session.completed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
        "charge.updated",
    ]


@pytest.mark.parametrize("by_control", [True, False])
def test_a_bank_debit_that_fails_leaves_nothing_in_the_balance(
    stand_in: StandIn, new_session: NewSession, by_control: bool
):
    session = new_session()
    stand_in.pay(session.id, "000123456789" if by_control else "000222222227")
    if by_control:
        stand_in.fail(stand_in.all("payment_intent")[0]["id"])
    stand_in.advance(6 * 86_400)
    assert types(stand_in)[-3:] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]
    assert stand_in.balance_transactions() == []
    assert stand_in.all("checkout.session")[0]["payment_status"] == "unpaid"


def test_a_session_expires_after_a_day_or_when_told(
    stand_in: StandIn, client: stripe.StripeClient, new_session: NewSession
):
    told, left = new_session(), new_session()
    stand_in.pay(told.id, "4000000000000002")
    client.v1.checkout.sessions.expire(told.id, {}, {"idempotency_key": "expire"})
    stand_in.advance(86_401)
    assert {session["status"] for session in stand_in.all("checkout.session")} == {"expired"}
    assert types(stand_in).count("checkout.session.expired") == 2
    assert stand_in.all("payment_intent")[0]["status"] == "canceled"
    assert stand_in.pay(left.id) == "expired"


def test_a_customer_is_made_only_when_asked_for(
    stand_in: StandIn, client: stripe.StripeClient, new_session: NewSession
):
    stand_in.pay(new_session().id)
    assert stand_in.all("customer") == []
    session = new_session(customer_creation="always")
    stand_in.pay(session.id)
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["customer"]}).customer
    assert isinstance(found, stripe.Customer)
    assert found.email == "margaret@example.org"


async def test_the_async_sdk_works_too(stand_in: StandIn):
    client = stand_in.client(http_client=stripe.HTTPXClient(timeout=15), max_network_retries=2)
    create = client.v1.checkout.sessions.create_async
    many = await asyncio.gather(*(create(session_params(), {"idempotency_key": f"k{n}"}) for n in range(10)))
    assert len({session.id for session in many}) == 10
    stand_in.pay(many[0].id)
    found = await client.v1.payment_intents.search_async(
        {"query": "metadata['intent']:'12' AND status:'succeeded'"}
    )
    assert [intent.amount for intent in found.data] == [2500]


@pytest.mark.parametrize(
    ("currency", "amount"), [("jpy", 500), ("kwd", 5000), ("isk", 50_000), ("huf", 20_000), ("EUR", 1000)]
)
def test_other_currencies(stand_in: StandIn, new_session: NewSession, currency: str, amount: int):
    session = new_session(amount, currency)
    assert (session.currency, session.amount_total) == (currency.lower(), amount)
    assert stand_in.pay(session.id) == "paid"


def test_what_time_would_bring_can_happen_now(stand_in: StandIn, new_session: NewSession):
    stand_in.pay(new_session(10_000).id, "000123456789")
    left = new_session()
    before = stand_in.world.moment()

    stand_in.skip(7 * 86_400)

    assert abs(stand_in.world.moment() - before) < 60
    assert stand_in.all("checkout.session")[0]["payment_status"] == "paid"
    assert stand_in.pay(left.id) == "expired"
    (entry,) = stand_in.balance_transactions()
    assert entry["status"] == "available"
    assert all(event["created"] - before < 60 for event in stand_in.all("event"))
    assert [payout["amount"] for payout in stand_in.pay_out()] == [9920]
