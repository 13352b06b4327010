"""Webhooks: signed as the SDK wants them, carried until they arrive, dropped and shuffled on demand."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import stripe

from demo.stand_in import TEST_SECRET, StandIn
from demo.stripe import running
from kit import days
from tests.demo.conftest import NewSession, session_params

PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


def read(deliveries: list[tuple[dict[str, str], bytes]]) -> list[stripe.Event]:
    return [
        stripe.Webhook.construct_event(body, headers["stripe-signature"], TEST_SECRET)
        for headers, body in deliveries
    ]


def test_deliveries_are_signed_and_taken_once(stand_in: StandIn, new_session: NewSession):
    session = new_session()
    stand_in.pay(session.id)
    assert [event.type for event in read(stand_in.deliveries(taken=False))] == PAID
    events = read(stand_in.deliveries())
    assert [event.type for event in events] == PAID
    assert events[3].data.object["id"] == session.id
    assert events[3].request
    assert stand_in.deliveries() == []


def test_another_secret_or_time_is_refused(stand_in: StandIn, new_session: NewSession):
    stand_in.pay(new_session().id)
    headers, body = stand_in.deliveries(taken=False)[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, headers["stripe-signature"], "whsec_other")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(
            body.replace(b"2500", b"9900"), headers["stripe-signature"], TEST_SECRET
        )
    headers, body = stand_in.deliveries(at=days.now() - timedelta(minutes=6))[0]
    with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
        stripe.Webhook.construct_event(body, headers["stripe-signature"], TEST_SECRET)


def test_dropped_webhooks_can_be_sent_later(stand_in: StandIn, new_session: NewSession):
    stand_in.set(webhooks="dropped")
    stand_in.pay(new_session().id)
    assert stand_in.deliveries() == []
    stand_in.set(webhooks="on")
    assert stand_in.redeliver(only_dropped=True) == 4
    assert len(stand_in.deliveries()) == 4
    assert stand_in.redeliver() == 4
    assert len(stand_in.deliveries()) == 4


def test_webhooks_come_late_twice_and_in_any_order(stand_in: StandIn, new_session: NewSession):
    stand_in.set(webhook_delay=30, webhook_double=True, webhook_shuffle=True)
    stand_in.pay(new_session().id)
    assert stand_in.deliveries() == []
    stand_in.advance(30)
    types = [event.type for event in read(stand_in.deliveries())]
    assert sorted(types) == sorted(PAID * 2 + ["charge.updated"] * 0)
    orders = set()
    for _ in range(5):
        stand_in.redeliver()
        orders.add(tuple(event.type for event in read(stand_in.deliveries())))
    assert len(orders) > 1


class Receiver:
    """A webhook address that can be told how to answer."""

    def __init__(self) -> None:
        self.taken: list[stripe.Event] = []
        self.tries = 0
        self.answer: Callable[[int], int] = lambda tries: 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                event = stripe.Webhook.construct_event(body, self.headers["stripe-signature"], TEST_SECRET)
                receiver.tries += 1
                status = receiver.answer(receiver.tries)
                if status == 200:
                    receiver.taken.append(event)
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/stripe"


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    threading.Thread(
        target=receiver.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    ).start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()


def wait_for(true: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def pay(stand_in: StandIn, key: str = "k") -> None:
    session = stand_in.client().v1.checkout.sessions.create(session_params(), {"idempotency_key": key})
    stand_in.pay(session.id)


def test_webhooks_are_carried_to_the_address():
    with receiving() as receiver, running(receiver.url) as stand_in:
        stand_in.set(balance_delay=0)
        pay(stand_in)
        wait_for(lambda: len(receiver.taken) == 5)
        assert {event.type for event in receiver.taken} == {*PAID, "charge.updated"}
        wait_for(lambda: stand_in.all("event")[0]["pending_webhooks"] == 0)
        found = stand_in.client().v1.events.retrieve(receiver.taken[0].id)
        assert json.loads(str(found.data.object)) == json.loads(str(receiver.taken[0].data.object))


def test_a_webhook_is_tried_again_until_it_is_taken():
    with receiving() as receiver, running(receiver.url) as stand_in:
        stand_in.set(balance_delay=3600)
        receiver.answer = lambda tries: 500 if tries <= 4 else 200
        pay(stand_in)
        wait_for(lambda: receiver.tries == 4)
        stand_in.advance(60)
        wait_for(lambda: len(receiver.taken) == 4)
        assert receiver.tries == 8


def test_webhooks_wait_for_an_address_that_is_away_and_survive_a_restart(tmp_path: Path):
    path = tmp_path / "stripe.sqlite"
    with receiving() as receiver:
        url = receiver.url
    with running(url, path=path) as stand_in:  # nobody listens any more
        pay(stand_in)
        wait_for(lambda: stand_in.world.store.query("SELECT sum(attempts) FROM deliveries")[0][0] >= 4)
    with receiving() as receiver, running(receiver.url, path=path) as stand_in:
        stand_in.advance(3600)
        wait_for(lambda: len(receiver.taken) == 5)
        assert len({event.id for event in receiver.taken}) == 5
