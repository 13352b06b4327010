"""Stripe against the ledger: object by object, both ways, and what is no gift's stands apart."""

from datetime import timedelta

import pytest

from donations import convergence, reconciliation, refunds, stripe_api
from kit import db, jobs
from kit.changes import SYSTEM
from kit.days import frozen, now
from tests import make


@pytest.fixture(autouse=True)
async def fund():
    await make.organisation()
    return await make.general_fund()


async def paid(stripe_side, **typed) -> str:
    """A gift of 25 dollars came in; its charge."""
    stripe_side.pay(await stripe_side.give(**typed), card=typed.pop("card", "4242424242424242"))
    await news(stripe_side)
    return await db.value("SELECT charge FROM stripe_payments ORDER BY id DESC LIMIT 1")


async def news(stripe_side) -> None:
    await stripe_side.deliver()
    await jobs.drain()


async def compared(later: timedelta = timedelta(hours=2)) -> dict:
    """A comparison, made that much later."""
    with frozen(now() + later):
        run = await reconciliation.begin(by=SYSTEM)
        await reconciliation.run(run)
    return await reconciliation.get(run)


def named(found: dict) -> list[tuple[str, int, int]]:
    return sorted((finding["what"], finding["stripe"], finding["ours"]) for finding in found["findings"])


async def test_stripes_own_fees_and_payouts_stand_apart_and_a_healthy_account_shows_nothing(
    stripe_side, browser
):
    await paid(stripe_side)
    stripe_side.stand_in.own_fee(1250)
    stripe_side.stand_in.skip(5 * 86_400)
    stripe_side.stand_in.pay_out()
    await browser.sign_in(role="finance")

    found = await compared()

    assert (found["difference"], found["findings"]) == (0, [])
    assert found["stripe_total"] == found["ledger_total"] == 2500 - 103
    apart = {entry["kind"]: entry["amount"] for entry in found["apart"]}
    assert apart["fee"] == -1250 and apart["elsewhere"] < 0
    page = await browser.get(f"/reconciliations/{found['id']}")
    assert "$0.00" in page.text and "-$12.50" in page.text.replace("\u2212", "-")
    assert "Payouts move money on to your bank and are not compared here" in page.text


@pytest.mark.parametrize("won", [True, False])
async def test_a_dispute_that_straddles_the_edge_of_the_span_is_no_difference(stripe_side, won):
    charge = await paid(stripe_side)
    dispute = stripe_side.stand_in.dispute(charge)
    await news(stripe_side)
    stripe_side.stand_in.set_clock(now() + timedelta(days=39, hours=20))
    stripe_side.stand_in.close_dispute(dispute["id"], won=won)
    await convergence.converge("payment", await db.value("SELECT payment_intent FROM stripe_payments"))

    # Now its opening lies before the 40 days, and its end in them.
    found = await compared(timedelta(days=40, hours=6))

    assert (found["difference"], found["findings"]) == (0, [])
    assert found["transactions"] == (1 if won else 0)


async def test_what_the_ledger_has_and_stripe_has_not_is_found(stripe_side):
    charge = await paid(stripe_side)
    gift = await db.value("SELECT gift FROM stripe_payments WHERE charge = $1", charge)
    await refunds.from_stripe(gift, "re_that_stripe_never_made", 500, on=now().date() + timedelta(days=2))

    found = await compared(timedelta(days=4))

    assert named(found) == [("Entry", 0, -500)] and found["difference"] == 500
    assert "Stripe does not" in found["findings"][0]["why"] or "No such refund" in found["findings"][0]["why"]


async def test_one_payment_that_cannot_be_mended_does_not_hide_the_others(stripe_side):
    """More went back at Stripe than is left, for somebody had recorded a refund by cheque, too."""
    charge = await paid(stripe_side)
    gift = await db.value("SELECT gift FROM stripe_payments WHERE charge = $1", charge)
    await refunds.record(gift, 2000, reason="by cheque", by=make.STAFF)
    stripe_side.stand_in.refund(charge)
    late = await stripe_side.give(email="late@example.org", last_name="Late")
    stripe_side.pay(late)
    stripe_side.stand_in.deliveries()  # lost

    found = await compared()

    assert named(found) == [("Refund", -2500, 0)]
    assert await db.value("SELECT count(*) FROM gifts") == 2  # the late one was mended
    assert await db.value("SELECT detail FROM tasks WHERE kind = 'refund_beyond_gift'")


async def test_a_banks_refund_is_in_the_ledger_as_soon_as_it_has_left(stripe_side):
    stripe_side.pay(await stripe_side.give(), card="000123456789")
    payment = stripe_side.stand_in.all("payment_intent")[0]["id"]
    stripe_side.stand_in.settle(payment)
    await news(stripe_side)
    refund = stripe_side.stand_in.refund(payment)
    assert refund["status"] == "pending"
    await news(stripe_side)

    assert (await compared())["findings"] == []

    stripe_side.stand_in.fail_refund(refund["id"])
    await news(stripe_side)
    assert (await compared())["findings"] == []
    assert await db.value("SELECT status FROM gifts") == "settled"
    assert await db.value("SELECT count(*) FROM tasks WHERE kind = 'refund_failed'") == 1


async def test_an_unknown_payment_says_why_it_is_listed(stripe_side):
    params = {
        "mode": "payment", "success_url": "https://example.org",
        "line_items": [{"quantity": 1, "price_data": {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Mug"}}}],
    }  # fmt: skip
    made = await stripe_api.create_session(params, key="somebody-else")
    stripe_side.stand_in.pay(made["id"])
    await news(stripe_side)

    found = await compared()

    assert named(found)[0][2] == 0 and "did not begin this payment" in found["findings"][0]["why"]


async def test_what_stops_a_comparison_is_said_and_it_is_tried_again(stripe_side, browser):
    await paid(stripe_side)
    stripe_side.stand_in.set(error_once=9, trouble_at="GET /v1/balance_transactions")
    run = await reconciliation.begin(by=SYSTEM)
    with pytest.raises(stripe_api.Unreachable):
        await reconciliation.run(run)
    await browser.sign_in(role="finance")

    assert "It stopped, and is tried again" in (await browser.get(f"/reconciliations/{run}")).text

    stripe_side.stand_in.set(error_once=0)
    with frozen(now() + timedelta(hours=2)):
        await reconciliation.run(run)
    assert (await reconciliation.get(run))["error"] == ""


async def test_other_currencies_are_never_added(stripe_side):
    await paid(stripe_side)
    params = {
        "mode": "payment", "success_url": "https://example.org",
        "line_items": [{"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 700, "product_data": {"name": "Mug"}}}],
    }  # fmt: skip
    made = await stripe_api.create_session(params, key="euros")
    stripe_side.stand_in.pay(made["id"])

    found = await compared()

    assert found["difference"] == 0 and [one["kind"] for one in found["apart"]] == ["currency"]
