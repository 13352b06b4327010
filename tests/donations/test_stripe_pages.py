"""Stripe's webhook as the world may send to it, and the pages about events, payments and reconciliations."""

import time

import msgspec
import pytest

from demo import webhooks
from donations import inbox
from kit import changes, config, db, jobs
from tests import make

HTMX = {"hx-request": "true", "hx-request-type": "partial"}


@pytest.fixture(autouse=True)
async def fund():
    await make.organisation()
    return await make.general_fund()


def event(**changed) -> dict:
    return {
        "id": "evt_one", "object": "event", "type": "charge.updated", "api_version": config.settings().stripe_api_version,
        "created": int(time.time()), "livemode": False, "pending_webhooks": 1, "request": None,
        "data": {"object": {"id": "ch_1", "object": "charge", "payment_intent": "pi_1"}}, **changed,
    }  # fmt: skip


async def sent(browser, said: object, *, at: int | None = None, secret: str = "") -> int:
    body = said if isinstance(said, bytes) else msgspec.json.encode(said)
    secret = secret or config.settings().stripe_webhook_secret or ""
    moment = int(time.time()) if at is None else at
    answer = await browser.post(
        "/webhooks/stripe", content=body, headers=webhooks.headers(body, secret, moment)
    )
    return answer.status_code


async def kept() -> list[dict]:
    return await db.rows("SELECT id, event, outcome, error FROM stripe_events ORDER BY id")


# ---------------------------------------------------------------- the webhook


async def test_a_signed_event_is_kept_and_acted_on_later(stripe_side, browser):
    assert await sent(browser, event()) == 200

    assert [(row["event"], row["outcome"]) for row in await kept()] == [("evt_one", "waiting")]
    assert [job.name for job in await jobs.waiting()] == ["take stripe event"]


async def test_the_same_event_twice_is_one(stripe_side, browser):
    assert [await sent(browser, event()) for _time in range(3)] == [200, 200, 200]

    assert len(await kept()) == 1 and len(await jobs.waiting()) == 1


@pytest.mark.parametrize("off", [-301, -86_400, -(10**9), 301, 3_600, 10**9])
async def test_a_replayed_event_and_one_of_the_future_are_refused(stripe_side, browser, off):
    assert await sent(browser, event(), at=int(time.time()) + off) == 400
    assert await kept() == []


@pytest.mark.parametrize("off", [-240, 240])
async def test_clocks_may_differ_a_little(stripe_side, browser, off):
    assert await sent(browser, event(), at=int(time.time()) + off) == 200


async def test_another_secret_is_refused(stripe_side, browser):
    assert await sent(browser, event(), secret="whsec_other") == 400
    assert await kept() == []


@pytest.mark.parametrize(
    "signature",
    ["", "t=1", "v1=a", "t=,v1=", "t=x,v1=y", "t=1,v1=é", "t=١,v1=a", ",,,", "t=1,t=2,v1=a", "t=" + "9" * 5000 + ",v1=a", "=", "t=-1,v1=a", "v0=a"],
)  # fmt: skip
async def test_a_signature_that_is_none_is_refused(stripe_side, browser, signature):
    body = msgspec.json.encode(event())
    answer = await browser.post(
        "/webhooks/stripe", content=body, headers={"stripe-signature": signature.encode()}
    )

    assert answer.status_code == 400 and await kept() == []


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"1", b'"x"', b"{}", b"{", b"\xff\xfe", b"\x00", b"[" * 100_000, b'{"id": "evt_1"}', b'{"id": 1, "type": 2, "data": 3}',
     b'{"id": "evt_1", "type": "x", "data": null}', b'{"id": "evt_1", "type": "x", "data": {"object": []}}',
     b'{"object": "event", "id": "evt_1", "type": "charge.updated", "data": {"object": {"id": null}}}',
     b'{"object": "event", "id": "evt_1", "type": "charge.updated", "data": {"object": {"id": "\\u0000", "payment_intent": "x"}}}',
     b'{"object": "event", "id": "' + b"e" * 3000 + b'", "type": "charge.updated", "data": {"object": {"id": "a", "payment_intent": {"id": 1}}}}',
     b'{"object": "event", "id": "evt_1", "type": "payment_intent.x", "data": {"object": {"id": 7}}}',
     b'{"object": "event", "id": "evt_1", "type": "charge.x", "data": {"object": {"id": "a", "payment_intent": 5}}}'],
)  # fmt: skip
async def test_junk_that_is_signed_is_no_event(stripe_side, browser, body):
    async with db.tx():
        assert await sent(browser, body) == 400
    assert await kept() == []


async def test_more_than_a_megabyte_is_not_read(stripe_side, browser):
    big = event(data={"object": {"id": "ch_1", "note": "x" * 1_000_001}})

    assert await sent(browser, big) == 413
    assert await kept() == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"api_version": "2020-08-27"}, "2020-08-27"),
        ({"livemode": True}, "other mode"),
        ({"account": "acct_somebody"}, "another Stripe account (acct_somebody)"),
    ],
)
async def test_another_version_mode_or_account_is_kept_refused_and_told(stripe_side, browser, changed, said):
    assert await sent(browser, event(**changed)) == 200

    [row] = await kept()
    assert row["outcome"] == "refused" and said in row["error"]
    assert await jobs.waiting() == []
    assert await db.value("SELECT count(*) FROM tasks WHERE kind = 'stripe_event_refused'") == 1


async def test_what_is_no_matter_of_ours_is_kept_and_ignored(stripe_side, browser):
    assert await sent(browser, event(type="customer.created")) == 200
    assert [row["outcome"] for row in await kept()] == ["ignored"]


async def test_without_a_secret_nothing_is_believed(browser):
    body = msgspec.json.encode(event())
    answer = await browser.post(
        "/webhooks/stripe", content=body, headers=webhooks.headers(body, "x", int(time.time()))
    )

    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_webhook_is_posted(stripe_side, browser, method):
    assert (await browser.request(method, "/webhooks/stripe")).status_code in (404, 405)


async def test_any_order_ends_the_same(stripe_side, browser):
    import random

    stripe_side.pay(await stripe_side.give())
    await stripe_side.deliver(times=2, shuffled=random.Random(7))
    await jobs.drain()

    assert await db.rows("SELECT amount, status FROM gifts") == [{"amount": 2500, "status": "settled"}]


# ---------------------------------------------------------------- events and payments on screen


async def paid(stripe_side) -> int:
    stripe_side.pay(await stripe_side.give())
    await stripe_side.deliver()
    await jobs.drain()
    return await db.value("SELECT max(id) FROM stripe_events")


async def test_events_are_listed_with_what_came_of_them(stripe_side, browser):
    number = await paid(stripe_side)
    await browser.sign_in(role="finance")

    listed, one = await browser.get("/payments/events"), await browser.get(f"/payments/events/{number}")

    assert "payment_intent.succeeded" in listed.text and f"/payments/events/{number}" in listed.text
    assert one.status_code == 200 and "api_version" in one.text


async def test_events_are_filtered_and_paged(stripe_side, browser, monkeypatch):
    await paid(stripe_side)
    await browser.sign_in(role="finance")
    from donations.pages import stripe_events

    monkeypatch.setattr(stripe_events, "_PAGE", 1)
    assert "No " in (await browser.get("/payments/events?outcome=failed")).text
    first = await browser.get("/payments/events?outcome=done")
    assert "before=" in first.text


@pytest.mark.parametrize(
    "query",
    ["before=abc", "before=-1", "before=" + "9" * 30, "before=" + "9" * 6000, "before=١", "outcome=nonsense"],
)
async def test_junk_in_the_list_of_events_is_as_if_it_were_not_there(browser, query):
    await browser.sign_in(role="finance")
    assert (await browser.get(f"/payments/events?{query}")).status_code == 200


async def test_htmx_gets_the_list_of_events(stripe_side, browser):
    await paid(stripe_side)
    await browser.sign_in(role="finance")
    answer = await browser.part("/payments/events")

    assert (
        answer.text.strip().startswith("<")
        and 'id="event-list"' in answer.text[:300]
        and "<html" not in answer.text
    )


async def test_an_event_is_tried_again_and_it_is_noted(stripe_side, browser):
    number = await paid(stripe_side)
    await browser.sign_in(role="finance")

    answer = await browser.submit(f"/payments/events/{number}/tries")

    assert answer.status_code == 303 and (await inbox.get(number))["outcome"] == "waiting"
    assert [row["action"] for row in await changes.of("stripe_event", number)] == ["stripe_event.tried_again"]
    await jobs.drain()
    assert await db.value("SELECT count(*) FROM gifts") == 1


async def test_a_payment_shows_its_money(stripe_side, browser):
    await paid(stripe_side)
    await browser.sign_in(role="auditor")
    number = await db.value("SELECT id FROM stripe_payments")

    assert "$25.00" in (await browser.get(f"/payments/{number}")).text


@pytest.mark.parametrize("role", ["fundraiser", "gift_entry", "volunteer_coordinator"])
async def test_payments_are_for_those_who_look_after_the_money(browser, role):
    await browser.sign_in(role=role)
    for path in (
        "/payments/events",
        "/payments/events/1",
        "/payments/1",
        "/reconciliations",
        "/reconciliations/1",
    ):
        assert (await browser.get(path)).status_code == 403, path
    for path in ("/payments/events/1/tries", "/reconciliations"):
        assert (await browser.submit(path)).status_code == 403, path


async def test_an_auditor_looks_and_repairs_nothing(browser):
    await browser.sign_in(role="auditor")
    assert (await browser.get("/payments/events")).status_code == 200
    assert (await browser.submit("/reconciliations")).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/payments/events/999",
        "/payments/999",
        "/reconciliations/999",
        "/payments/events/99999999999999999999",
    ],
)
async def test_what_is_not_there_is_not_found(browser, path):
    await browser.sign_in()
    assert (await browser.get(path)).status_code in (400, 404)
    assert (await browser.submit(f"{path}/tries")).status_code in (400, 404, 405)


@pytest.mark.parametrize("path", ["/payments/events", "/payments/1"])
async def test_payments_are_only_read(browser, path):
    await browser.sign_in()
    assert (await browser.submit(path)).status_code == 405


async def test_a_reconciliation_is_begun_and_shown(stripe_side, browser):
    await paid(stripe_side)
    await browser.sign_in(role="finance")

    begun = await browser.submit("/reconciliations")
    assert begun.status_code == 303
    await jobs.drain()
    shown = await browser.get(begun.headers["location"])
    part = await browser.part(begun.headers["location"])

    assert shown.status_code == 200 and "$0.00" in shown.text
    assert 'id="reconciliation"' in part.text[:300] and "<html" not in part.text
    assert begun.headers["location"] in (await browser.get("/reconciliations")).text
