"""What the tests of the demo start with: a stand-in and a mailbox, each once per worker, empty for each test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe

from demo import mailbox as mailboxes
from demo.mailbox import Mailbox
from demo.stand_in import StandIn
from demo.stripe import running

NewSession = Callable[..., stripe.checkout.Session]


@pytest.fixture(scope="session")
def _one_stand_in() -> Iterator[StandIn]:
    with running(seed=1) as stand_in:
        yield stand_in


@pytest.fixture
def stand_in(_one_stand_in: StandIn) -> StandIn:
    _one_stand_in.reset()
    return _one_stand_in


@pytest.fixture
def client(stand_in: StandIn) -> stripe.StripeClient:
    """The real SDK, which does not try again by itself."""
    return stand_in.client(max_network_retries=0)


@pytest.fixture
def new_session(client: stripe.StripeClient) -> NewSession:
    """Make a checkout session; a test names only what matters to it."""
    made = 0

    def make(amount: int = 2500, currency: str = "usd", **more: Any) -> stripe.checkout.Session:
        nonlocal made
        made += 1
        return client.v1.checkout.sessions.create(
            session_params(amount, currency, **more), {"idempotency_key": f"session-{made}"}
        )

    return make


def session_params(amount: int = 2500, currency: str = "usd", **more: Any) -> Any:
    """What a giving page asks for."""
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Gift to Riverbend"}}
    return {
        "mode": "payment",
        "submit_type": "donate",
        "success_url": "http://localhost:8000/give/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost:8000/give",
        "customer_email": "margaret@example.org",
        "line_items": [{"quantity": 1, "price_data": price}],
        "metadata": {"intent": "12"},
        "payment_intent_data": {"metadata": {"intent": "12"}, "description": "Gift to Riverbend"},
        **more,
    }


@pytest.fixture(scope="session")
def _one_mailbox() -> Iterator[Mailbox]:
    with mailboxes.running() as mailbox:
        yield mailbox


@pytest.fixture
def mailbox(_one_mailbox: Mailbox) -> Mailbox:
    _one_mailbox.clear()
    _one_mailbox.well()
    return _one_mailbox
