"""Tries that end otherwise than planned: expired, cancelled, begun anew, and marks at Stripe that are not ours."""

import asyncio

import pytest

from donations import convergence, intents, stripe_api
from kit import db, jobs
from tests import make
from tests.stripe_side import hidden


@pytest.fixture(autouse=True)
async def fund():
    await make.organisation()
    return await make.general_fund()


async def news(stripe_side) -> None:
    await stripe_side.deliver()
    await jobs.drain()


async def intent() -> dict:
    [row] = await db.rows("SELECT * FROM giving_intents")
    return row


async def test_a_page_that_expired_after_a_decline_is_said_to_have_expired(stripe_side, browser):
    answer = await stripe_side.give()
    stripe_side.pay(answer, card="4000000000000002")
    await news(stripe_side)
    stripe_side.stand_in.expire(stripe_side.session_of(answer))
    await news(stripe_side)
    row = await intent()

    for _order in ("session", "payment"):
        await convergence.converge("session", row["stripe_session"])
        assert (await intent())["status"] == "expired"
        await convergence.converge("payment", stripe_side.stand_in.all("payment_intent")[0]["id"])
        assert (await intent())["status"] == "expired"
    assert "has expired" in (await browser.get(f"/give/thanks/{intents.token_of(row)}")).text


async def test_a_bank_debit_that_failed_is_never_said_to_be_under_way_again(
    stripe_side, browser, monkeypatch
):
    stripe_side.pay(await stripe_side.give(), card="000222222227")
    await news(stripe_side)
    assert (await intent())["status"] == "processing"
    stripe_side.stand_in.advance(5 * 86_400)
    await news(stripe_side)
    row = await intent()
    assert row["status"] == "failed"

    async def away(_id):
        raise stripe_api.Unreachable("away")

    monkeypatch.setattr(stripe_api, "payment_intent", away)
    with pytest.raises(stripe_api.Unreachable):
        await convergence.converge("session", row["stripe_session"])
    assert (await intent())["status"] == "failed"


async def test_a_form_whose_payment_page_is_over_leads_to_what_became_of_it(stripe_side, browser):
    page = await browser.get("/give")
    typed = {
        "amount": "25.00", "first_name": "M", "last_name": "O", "email": "m@example.org",
        **{name: hidden(page.text, name) for name in ("form_key", "total", "seen")},
    }  # fmt: skip
    stripe_side.pay(await browser.submit("/give", **typed), card="000222222227")
    stripe_side.stand_in.advance(5 * 86_400)
    await news(stripe_side)

    again = await browser.submit("/give", **typed)

    assert again.headers["location"].startswith("/give/thanks/")


async def test_beginning_anew_closes_the_earlier_payment_page(stripe_side, browser):
    first = await stripe_side.give()
    token = intents.token_of(await intent())

    second = await stripe_side.give(f"/give?again={token}", amount="50.00")
    await jobs.drain()

    assert stripe_side.pay(first) == "expired"
    assert stripe_side.pay(second) == "paid"
    await news(stripe_side)
    rows = await db.rows("SELECT amount FROM gifts")
    assert [row["amount"] for row in rows] == [5000]


async def test_beginning_anew_does_not_undo_what_was_paid_meanwhile(stripe_side, browser):
    first = await stripe_side.give()
    token = intents.token_of(await intent())
    stripe_side.pay(first)

    await stripe_side.give(f"/give?again={token}", amount="50.00")
    await jobs.drain()

    assert [row["amount"] for row in await db.rows("SELECT amount FROM gifts")] == [2500]


async def test_the_appeal_is_kept_when_she_tries_again(stripe_side, browser):
    await make.appeal(source_code="SPR26")
    await stripe_side.give("/give?s=SPR26")
    row = await intent()
    left = await browser.get(f"/give/thanks/{intents.token_of(row)}?left=yes")
    assert "s=SPR26" in left.text

    await stripe_side.give(f"/give?again={intents.token_of(row)}&s=SPR26", amount="50.00")

    assert await db.value("SELECT count(*) FROM giving_intents WHERE appeal IS NOT NULL") == 2


async def test_another_installations_intent_of_the_same_number_is_not_ours(stripe_side, browser):
    await stripe_side.give()
    ours = await intent()
    params = {
        "mode": "payment", "success_url": "https://example.org",
        "metadata": {"almoner_intent": f"{ours['id']}-0123456789abcdef"},
        "payment_intent_data": {"metadata": {"almoner_intent": f"{ours['id']}-0123456789abcdef"}},
        "line_items": [{"quantity": 1, "price_data": {"currency": "usd", "unit_amount": 90_000, "product_data": {"name": "X"}}}],
    }  # fmt: skip
    made = await stripe_api.create_session(params, key="other")
    stripe_side.stand_in.pay(made["id"])
    await news(stripe_side)

    assert await db.value("SELECT count(*) FROM gifts") == 0
    assert (await intent())["status"] == "open"
    assert await db.value("SELECT count(*) FROM tasks WHERE kind = 'unknown_payment'") == 1


async def test_a_mark_without_proof_is_of_a_try_begun_before_marks_had_one(stripe_side, browser):
    answer = await stripe_side.give()
    row = await intent()
    session = stripe_side.stand_in.world.get(stripe_side.session_of(answer))
    session["_payment_intent_data"]["metadata"] = {"almoner_intent": str(row["id"])}
    stripe_side.stand_in.world.put(session)
    stripe_side.pay(answer)
    await news(stripe_side)

    assert (await intent())["status"] == "paid"


@pytest.mark.parametrize("mark", ["", "x", "1-", "-1", "99999999999", "1-" + "f" * 500, "１", "1; DROP"])
async def test_junk_as_a_mark_is_nobodys(stripe_side, mark):
    assert await intents.marked({"metadata": {"almoner_intent": mark}}) is None


@pytest.mark.commits
async def test_two_payments_of_one_new_donor_at_once_make_one_person(stripe_side, browser):
    await make.organisation()
    await make.general_fund()
    for amount in ("25.00", "50.00", "100.00", "15.00"):
        stripe_side.pay(await stripe_side.give(amount=amount))
    payments = [payment["id"] for payment in stripe_side.stand_in.all("payment_intent")]

    await asyncio.gather(*(convergence.converge("payment", id) for id in payments * 2))

    assert await db.value("SELECT count(*) FROM constituents") == 1
    assert await db.value("SELECT count(*) FROM gifts") == 4
    assert await db.value("SELECT count(*) FROM duplicate_candidates") == 0


@pytest.mark.commits
async def test_two_new_donors_of_one_address_at_once_are_two_people_and_one_question(stripe_side, browser):
    await make.organisation()
    await make.general_fund()
    for last_name in ("Okafor", "Lindqvist"):
        stripe_side.pay(await stripe_side.give(last_name=last_name))
    payments = [payment["id"] for payment in stripe_side.stand_in.all("payment_intent")]

    await asyncio.gather(*(convergence.converge("payment", id) for id in payments * 2))

    assert await db.value("SELECT count(*) FROM constituents") == 2
    assert await db.value("SELECT count(*) FROM gifts") == 2
    assert await db.value("SELECT count(*) FROM duplicate_candidates") == 1


async def test_an_error_that_stripe_keeps_for_a_day_does_not_keep_the_donor_out(stripe_side, browser):
    stripe_side.stand_in.set(error_once=1, error_status=500, error_kept=True, trouble_at="POST /v1/checkout")
    failed = await stripe_side.give()
    assert (
        failed.status_code == 503
        and "Nothing was charged" in failed.text
        and "margaret@example.org" in failed.text
    )
    typed = {
        "amount": "25.00",
        "first_name": "Margaret",
        "last_name": "Okafor",
        "email": "margaret@example.org",
    }

    again = await browser.submit(
        "/give", **typed, **{name: hidden(failed.text, name) for name in ("form_key", "total", "seen")}
    )

    assert again.status_code == 303 and stripe_side.pay(again) == "paid"


async def test_staff_are_told_that_stripe_refuses(stripe_side, browser, settings):
    import msgspec

    from kit import config

    config.use(msgspec.structs.replace(config.settings(), stripe_secret_key="sk_test_revoked_long_ago"))

    answer = await stripe_side.give()

    assert answer.status_code == 422 and "Nothing was charged" in answer.text
    assert "revoked" not in answer.text and "API" not in answer.text
    assert "Invalid API Key" in await db.value("SELECT detail FROM tasks WHERE kind = 'stripe_refuses'")


@pytest.mark.commits
async def test_two_clicks_while_stripe_is_slow_lead_to_one_payment_page(stripe_side, browser):
    await make.organisation()
    await make.general_fund()
    page = await browser.get("/give")
    typed = {
        "amount": "25.00", "first_name": "M", "last_name": "O", "email": "m@example.org",
        **{name: hidden(page.text, name) for name in ("form_key", "total", "seen")},
    }  # fmt: skip
    stripe_side.stand_in.set(slow=4, trouble_at="POST /v1/checkout")

    first, second = await asyncio.gather(browser.submit("/give", **typed), browser.submit("/give", **typed))

    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert len(stripe_side.stand_in.all("checkout.session")) == 1
