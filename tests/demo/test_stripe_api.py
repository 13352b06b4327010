"""How the API behaves: idempotency, cursors, expansion, search, and trouble on demand. All with the real SDK."""

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from demo import stripe_checks
from demo.stand_in import StandIn
from demo.stripe import running
from demo.stripe_routes import ROUTES
from tests.demo.conftest import NewSession, session_params


def create(client: stripe.StripeClient, key: str, amount: int = 2500, **more: Any) -> stripe.checkout.Session:
    return client.v1.checkout.sessions.create(session_params(amount, **more), {"idempotency_key": key})


def test_the_same_key_gets_the_first_answer(stand_in: StandIn, client: stripe.StripeClient):
    first = create(client, "gift-1")
    stand_in.pay(first.id)
    again = create(client, "gift-1")
    assert again.id == first.id
    assert again.status == "open"  # the answer of then, not of now
    assert again.last_response
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert len(stand_in.all("checkout.session")) == 1


def test_the_same_key_with_other_parameters_is_refused(stand_in: StandIn, client: stripe.StripeClient):
    create(client, "gift-1")
    with pytest.raises(stripe.IdempotencyError) as refusal:
        create(client, "gift-1", 2600)
    assert refusal.value.http_status == 400
    assert "same parameters" in str(refusal.value)
    assert len(stand_in.all("checkout.session")) == 1


def test_a_key_is_forgotten_after_a_day(stand_in: StandIn, client: stripe.StripeClient):
    create(client, "gift-1")
    stand_in.advance(86_399)
    create(client, "gift-1")
    stand_in.advance(1)
    create(client, "gift-1")
    assert len(stand_in.all("checkout.session")) == 2


def test_a_refusal_of_the_endpoint_is_kept_too(
    stand_in: StandIn, client: stripe.StripeClient, new_session: NewSession
):
    stand_in.set(balance_delay=0)
    stand_in.pay(new_session().id)
    charge = stand_in.all("charge")[0]["id"]
    dispute = stand_in.dispute(charge)
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="charged back"):
            client.v1.refunds.create({"charge": charge}, {"idempotency_key": "r"})
        stand_in.close_dispute(dispute["id"], won=True) if dispute["status"] == "needs_response" else None
        dispute["status"] = "won"


async def test_a_key_in_use_is_a_conflict_and_the_sdk_waits_for_it(stand_in: StandIn):
    stand_in.set(slow=0.4)
    patient = stand_in.client(http_client=stripe.HTTPXClient(timeout=15), max_network_retries=3)
    hasty = stand_in.client(http_client=stripe.HTTPXClient(timeout=15), max_network_retries=0)
    options: Any = {"idempotency_key": "gift-1"}
    params: Any = session_params()
    first = asyncio.create_task(patient.v1.checkout.sessions.create_async(params, options))
    await asyncio.sleep(0.15)
    with pytest.raises(stripe.StripeError) as conflict:
        await hasty.v1.checkout.sessions.create_async(params, options)
    assert conflict.value.http_status == 409
    assert conflict.value.json_body["error"]["code"] == "idempotency_key_in_use"  # type: ignore[index]
    second = await patient.v1.checkout.sessions.create_async(params, options)
    assert (await first).id == second.id
    assert len(stand_in.all("checkout.session")) == 1


def test_an_answer_that_is_lost_after_the_effect(stand_in: StandIn, client: stripe.StripeClient):
    stand_in.set(lose_answer=1)
    with pytest.raises(stripe.APIConnectionError):
        create(client, "gift-1")
    assert len(stand_in.all("checkout.session")) == 1
    assert create(client, "gift-1").id == stand_in.all("checkout.session")[0]["id"]
    assert len(stand_in.all("checkout.session")) == 1


def test_the_sdk_gets_over_a_lost_answer_by_itself(stand_in: StandIn):
    stand_in.set(lose_answer=2)
    create(stand_in.client(max_network_retries=2), "gift-1")
    assert len(stand_in.all("checkout.session")) == 1


def test_an_answer_that_never_comes(stand_in: StandIn):
    stand_in.set(lose_answer=1, hang=5)
    client = stand_in.client(
        http_client=stripe.HTTPXClient(timeout=0.3, allow_sync_methods=True), max_network_retries=0
    )
    began = time.monotonic()
    with pytest.raises(stripe.APIConnectionError):
        create(client, "gift-1")
    assert time.monotonic() - began < 3
    assert create(client, "gift-1").id == stand_in.all("checkout.session")[0]["id"]


def test_an_error_once(stand_in: StandIn, client: stripe.StripeClient):
    stand_in.set(error_once=1)
    with pytest.raises(stripe.APIError) as error:
        create(client, "gift-1")
    assert error.value.http_status == 500
    assert stand_in.all("checkout.session") == []
    create(client, "gift-1")


def test_an_error_that_the_key_keeps(stand_in: StandIn):
    stand_in.set(error_once=1, error_kept=True)
    client = stand_in.client(max_network_retries=2)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            create(client, "gift-1")
    assert stand_in.all("checkout.session") == []
    stand_in.advance(86_400)
    create(client, "gift-1")


def test_trouble_meets_only_what_it_is_for(stand_in: StandIn, client: stripe.StripeClient):
    stand_in.set(error_once=1, error_status=429, trouble_at="GET /v1/events")
    create(client, "gift-1")
    with pytest.raises(stripe.RateLimitError):
        client.v1.events.list()
    client.v1.events.list()


def test_pages_of_a_list(stand_in: StandIn, client: stripe.StripeClient, new_session: NewSession):
    made = [new_session().id for _ in range(7)][::-1]
    listing = client.v1.checkout.sessions.list({"limit": 3})
    assert [session.id for session in listing.data] == made[:3]
    assert listing.has_more is True
    assert [session.id for session in listing.auto_paging_iter()] == made
    second = client.v1.checkout.sessions.list({"limit": 3, "starting_after": made[2]})
    assert [session.id for session in second.data] == made[3:6]
    back = client.v1.checkout.sessions.list({"limit": 2, "ending_before": made[3]})
    assert [session.id for session in back.data] == made[1:3]
    last = client.v1.checkout.sessions.list({"starting_after": made[5]})
    assert ([session.id for session in last.data], last.has_more) == (made[6:], False)


def test_filters(stand_in: StandIn, client: stripe.StripeClient, new_session: NewSession):
    stand_in.set(balance_delay=0)
    first, second = new_session(2500), new_session(5000)
    stand_in.pay(first.id)
    between = stand_in.world.moment()
    stand_in.advance(100)
    stand_in.pay(second.id)
    charge = stand_in.all("charge")[1]
    stand_in.refund(charge["id"], 100)

    v1 = client.v1
    assert [s.id for s in v1.checkout.sessions.list({"payment_intent": charge["payment_intent"]}).data] == [
        second.id
    ]
    assert [s.id for s in v1.checkout.sessions.list({"status": "open"}).data] == []
    assert [c.amount for c in v1.charges.list({"payment_intent": charge["payment_intent"]}).data] == [5000]
    assert [t.type for t in v1.balance_transactions.list({"created": {"gt": between}}).data] == [
        "refund",
        "charge",
    ]
    assert [t.amount for t in v1.balance_transactions.list({"type": "charge"}).data] == [5000, 2500]
    assert [t.amount for t in v1.balance_transactions.list({"source": charge["id"]}).data] == [5000]
    assert [
        t.amount for t in v1.balance_transactions.list({"created": {"lte": between}, "currency": "usd"}).data
    ] == [2500]
    assert [r.amount for r in v1.refunds.list({"payment_intent": charge["payment_intent"]}).data] == [100]
    named = v1.events.list({"types": ["charge.refunded", "refund.created"]}).data
    assert sorted(event.type for event in named) == ["charge.refunded", "refund.created"]
    assert {event.type for event in v1.events.list({"type": "checkout.session.*"}).data} == {
        "checkout.session.completed"
    }


def test_expansion_through_lists(stand_in: StandIn, client: stripe.StripeClient, new_session: NewSession):
    stand_in.set(balance_delay=0)
    stand_in.pay(new_session().id)
    stand_in.refund(stand_in.all("charge")[0]["id"], 100)
    entry = client.v1.balance_transactions.list(
        {"expand": ["data.source.charge.payment_intent"], "type": "refund"}
    ).data[0]
    refund: Any = entry.source
    assert refund.charge.payment_intent.metadata["intent"] == "12"
    intents = client.v1.payment_intents.list({"expand": ["data.latest_charge.balance_transaction"]})
    charge: Any = intents.data[0].latest_charge
    assert charge.balance_transaction.net == 2397


@pytest.mark.parametrize(
    ("query", "amounts"),
    [
        ("metadata['intent']:'12'", [2500, 1000]),
        ("metadata[\"intent\"]:'13'", []),
        ("status:'succeeded' AND amount>=2500", [2500]),
        ("amount:1000 OR amount:2500", [2500, 1000]),
        ("-status:'succeeded'", [1000]),
        ("metadata['nothing']:null AND currency:'usd'", [2500, 1000]),
    ],
)
def test_search(
    stand_in: StandIn, client: stripe.StripeClient, new_session: NewSession, query: str, amounts: list[int]
):
    stand_in.pay(new_session(1000).id, "4000000000000002")
    stand_in.pay(new_session(2500).id)
    found = client.v1.payment_intents.search({"query": query, "limit": 1})
    assert [intent.amount for intent in found.auto_paging_iter()] == amounts


def test_search_may_lag_behind(stand_in: StandIn, client: stripe.StripeClient, new_session: NewSession):
    stand_in.set(search_delay=60)
    stand_in.pay(new_session().id)
    assert client.v1.payment_intents.search({"query": "metadata['intent']:'12'"}).data == []
    stand_in.advance(61)
    assert len(client.v1.payment_intents.search({"query": "metadata['intent']:'12'"}).data) == 1


def test_metadata_can_be_changed_and_unset(
    stand_in: StandIn, client: stripe.StripeClient, new_session: NewSession
):
    session = new_session(metadata={"a": "1", "b": "2"})
    changed = client.v1.checkout.sessions.update(
        session.id, {"metadata": {"a": "", "c": "3"}}, {"idempotency_key": "m"}
    )
    assert changed.metadata
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}


def test_every_route_has_a_type_of_the_sdk():
    for route in ROUTES:
        assert stripe_checks.params_of(route.params).__name__.endswith("Params")
    from stripe._request_options import RequestOptions

    assert frozenset(RequestOptions.__annotations__) == stripe_checks.OPTIONS


def test_everything_is_there_after_a_restart(tmp_path: Path):
    path = tmp_path / "stripe.sqlite"
    with running(path=path) as before:
        session = create(before.client(), "gift-1")
        before.set(webhook_double=True)
        before.pay(session.id)
        account = before.world.account
    with running(path=path) as after:
        client = after.client()
        assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"
        assert create(client, "gift-1").id == session.id
        assert client.v1.accounts.retrieve_current().id == account
        assert after.world.settings.webhook_double is True
        assert len(after.deliveries()) == 8
        after.advance(3)
        assert len(after.balance_transactions()) == 1


def test_fifty_donors_press_pay_at_once(stand_in: StandIn, new_session: NewSession):
    session = new_session()
    with ThreadsAtOnce(50) as threads:
        answers = threads.run(lambda: stand_in.pay(session.id))
    assert sorted(answers) == ["complete"] * 49 + ["paid"]
    assert len(stand_in.all("charge")) == 1


class ThreadsAtOnce:
    """Run one thing in many threads that begin together."""

    def __init__(self, many: int) -> None:
        self.barrier, self.many, self.answers = threading.Barrier(many), many, []

    def __enter__(self) -> "ThreadsAtOnce":
        return self

    def __exit__(self, *_: object) -> None: ...

    def run(self, deed: Any) -> list[Any]:
        def one() -> None:
            self.barrier.wait()
            self.answers.append(deed())

        threads = [threading.Thread(target=one) for _ in range(self.many)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.answers


def test_it_starts_at_once_and_forgets_at_once():
    began = time.perf_counter()
    with running() as stand_in:
        started = time.perf_counter() - began
        httpx.get(
            f"{stand_in.url}/v1/charges", headers={"Authorization": f"Bearer {stand_in.key}"}
        ).raise_for_status()
        create(stand_in.client(), "k")
        began = time.perf_counter()
        stand_in.reset()
        forgot = time.perf_counter() - began
    assert started < 3  # 0.1 s on a machine that does nothing else
    assert forgot < 0.05
