"""What people, and those who pretend to be Stripe, send in place of what was meant."""

import hashlib
import hmac
import json

import pytest

from kit import config, days, db, jobs
from tests import make


@pytest.fixture(autouse=True)
async def fund():
    await make.organisation()
    return await make.general_fund()


@pytest.mark.parametrize(
    "typed",
    [
        {"email": '"wilma..quensel"@example.org'},
        {"email": '"wilma quensel"@example.org'},
        {"email": "o'brien+gifts@example.org"},
        {"email": "wilma@bücher.example"},
        {"email": "wilma@no-mail-server-anywhere.example"},
        {"last_name": "O’Brien-Łukasiewicz " * 4},
        {"first_name": "<b>", "last_name": "NULL"},
    ],
)
async def test_unusual_but_real_is_taken(stripe_side, typed):
    assert (await stripe_side.give(**typed)).status_code == 303


async def test_a_quoted_address_which_stripe_does_not_take_gets_its_receipt_all_the_same(stripe_side):
    """Stripe then asks for an address of its own; the donor is who she said here."""
    address = '"wilma quensel"@example.org'
    answer = await stripe_side.give(email=address)
    assert stripe_side.pay(answer) == "paid"
    await stripe_side.deliver()
    await jobs.drain()

    assert await db.value("SELECT address FROM emails") == address
    assert await db.rows("SELECT address, purpose FROM mails") == [{"address": address, "purpose": "receipt"}]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": "wilma@gmial.com@"}, "no e-mail address"),
        ({"email": "wilma"}, "no e-mail address"),
        ({"email": "wilma@gmail"}, "Did you mean wilma@gmail.com?"),
        ({"first_name": "Wil\0ma"}, "cannot be stored"),
        ({"last_name": "x" * 201}, "At most 100 characters"),
        ({"amount": "other", "own_amount": "1e3"}, "in digits"),
        ({"amount": "other", "own_amount": "٥٠"}, "in digits"),
        ({"amount": "other", "own_amount": "10.005"}, "at most 2 digits"),
        ({"amount": "other", "own_amount": "0"}, "above zero"),
        ({"amount": "17.00"}, "Choose an amount"),
        ({"fund": "٣"}, "whole number"),
    ],
)
async def test_what_cannot_be_meant_is_asked_back_and_nothing_is_stored(stripe_side, typed, sentence):
    answer = await stripe_side.give(**typed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert await db.value("SELECT count(*) FROM giving_intents") == 0


def signed(body: bytes, *, late: int = 0, secret: str = "") -> dict[str, str]:
    """The header that Stripe would send with this body, `late` seconds ago."""
    at = int(days.now().timestamp()) - late
    key = (secret or config.settings().stripe_webhook_secret or "").encode()
    signature = hmac.new(key, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={at},v1={signature}", "content-type": "application/json"}


EVENT = json.dumps(
    {
        "id": "evt_1",
        "object": "event",
        "type": "charge.updated",
        "livemode": False,
        "api_version": "2026-10-28.endive",
        "created": 1,
        "data": {"object": {"id": "ch_1", "object": "charge", "payment_intent": None}},
    }
).encode()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (EVENT, {}),
        (EVENT, {"stripe-signature": "t=now,v1=nonsense"}),
        (EVENT, {"stripe-signature": "é"}),
        (EVENT, {"late": 3600}),
        (EVENT, {"late": -3600}),
        (EVENT, {"secret": "whsec_of_somebody_else"}),
        (b"", {"late": 0}),
        (b"[]", {"late": 0}),
        (b"null", {"late": 0}),
        (b'{"id": 1, "type": []}', {"late": 0}),
        (b"\xff\xfe", {"late": 0}),
        (b'{"a":' * 20_000, {"late": 0}),
    ],
)
async def test_a_webhook_that_is_none_is_refused(stripe_side, browser, body, headers):
    if "stripe-signature" not in headers and headers:
        headers = signed(body, **headers)
    headers = {name: value.encode() for name, value in headers.items()}

    answer = await browser.post("/webhooks/stripe", content=body, headers=headers)

    assert answer.status_code == 400
    assert await db.value("SELECT count(*) FROM stripe_events") == 0


async def test_an_oversized_webhook_is_refused_unread(stripe_side, browser):
    body = b'{"padding": "' + b"x" * 1_100_000 + b'"}'

    assert (await browser.post("/webhooks/stripe", content=body, headers=signed(body))).status_code == 413


async def test_a_replayed_webhook_is_kept_once(stripe_side, browser):
    for _time in range(3):
        answer = await browser.post("/webhooks/stripe", content=EVENT, headers=signed(EVENT))
        assert answer.status_code == 200

    assert await db.value("SELECT count(*) FROM stripe_events") == 1
