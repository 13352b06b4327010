"""A donor gives once: what she sees, what is stored, and that Stripe and the ledger agree."""

import random
from datetime import timedelta

import pytest

from donations import ledger, reconciliation
from donations.tables import Account
from kit import days, db, jobs
from kit.changes import SYSTEM
from kit.days import frozen
from tests import make


@pytest.fixture(autouse=True)
async def fund():
    await make.organisation()
    return await make.general_fund()


async def books() -> tuple[int, int]:
    return await ledger.balance(Account.STRIPE, "USD"), await ledger.balance(Account.INCOME, "USD")


async def test_25_dollars_land_once_with_fee_and_donor(stripe_side, browser):
    answer = await stripe_side.give()
    assert stripe_side.pay(answer) == "paid"
    assert set(await stripe_side.deliver(times=3, shuffled=random.Random(7))) == {200}
    await jobs.drain()

    gifts = await db.rows("SELECT g.*, c.name FROM gifts g JOIN constituents c ON c.id = g.donor")
    assert [(gift["amount"], gift["status"], gift["name"]) for gift in gifts] == [
        (2500, "settled", "Margaret Okafor")
    ]
    assert await books() == (2500 - 103, -2500)


async def test_the_thank_you_page_tells_the_truth_before_and_after(stripe_side, browser):
    answer = await stripe_side.give()
    [intent] = await db.rows("SELECT * FROM giving_intents")
    from donations import intents

    thanks = f"/give/thanks/{intents.token_of(intent)}"

    assert "You came back without paying" in (await browser.get(thanks, params={"left": "yes"})).text
    assert "One moment" in (await browser.get(thanks)).text
    stripe_side.pay(answer)
    await stripe_side.deliver()
    await jobs.drain()
    assert "Your gift of $25.00 has arrived" in (await browser.get(thanks)).text


async def test_the_gift_lands_when_no_webhook_ever_comes(stripe_side, browser):
    answer = await stripe_side.give()
    stripe_side.pay(answer)
    await jobs.drain(until=None)

    assert await db.value("SELECT status FROM giving_intents") == "paid"


async def test_a_decline_makes_nobody_a_constituent_and_the_next_card_may_be_good(stripe_side, browser):
    answer = await stripe_side.give()
    assert stripe_side.pay(answer, card="4000000000000002") == "declined"
    await stripe_side.deliver()
    await jobs.drain()
    assert await db.value("SELECT count(*) FROM constituents") == 0
    assert await db.value("SELECT status FROM giving_intents") == "failed"

    assert stripe_side.pay(answer) == "paid"
    await stripe_side.deliver()
    await jobs.drain()

    assert await db.value("SELECT count(*) FROM gifts") == 1
    assert await db.value("SELECT status FROM giving_intents") == "paid"


async def test_the_second_card_was_good_though_the_news_of_the_first_one_still_stands(stripe_side, browser):
    answer = await stripe_side.give()
    stripe_side.pay(answer, card="4000000000000002")
    await stripe_side.deliver()
    await jobs.drain()
    stripe_side.pay(answer)
    from donations import intents

    [intent] = await db.rows("SELECT * FROM giving_intents")
    thanks = f"/give/thanks/{intents.token_of(intent)}"

    assert "One moment" in (await browser.get(thanks)).text
    assert "did not go through" in (await browser.get(thanks, params={"left": "yes"})).text
    with frozen(days.now() + timedelta(hours=1)):
        assert "did not go through" in (await browser.get(thanks)).text


async def test_the_same_form_twice_is_one_session(stripe_side, browser):
    page = await browser.get("/give")
    from tests.stripe_side import hidden

    typed = {"amount": "25.00", "first_name": "M", "last_name": "O", "email": "m@example.org"}
    keys = {name: hidden(page.text, name) for name in ("form_key", "total", "seen")}

    first = await browser.submit("/give", **typed, **keys)
    second = await browser.submit("/give", **typed, **keys)

    assert first.headers["location"] == second.headers["location"]
    assert await db.value("SELECT count(*) FROM giving_intents") == 1


async def test_a_total_that_was_not_shown_is_shown_first(stripe_side, browser):
    page = await browser.get("/give")
    from tests.stripe_side import hidden

    keys = {name: hidden(page.text, name) for name in ("form_key", "total", "seen")}
    typed = {
        "amount": "50.00",
        "cover_fee": "yes",
        "first_name": "M",
        "last_name": "O",
        "email": "m@example.org",
    }

    answer = await browser.submit("/give", **typed, **keys)

    assert answer.status_code == 200 and "$51.80" in answer.text
    assert await db.value("SELECT count(*) FROM giving_intents") == 0


async def test_the_covered_fee_is_kept_apart(stripe_side, browser):
    answer = await stripe_side.give(amount="100.00", cover_fee="yes")
    stripe_side.pay(answer)
    await stripe_side.deliver()
    await jobs.drain()

    [gift] = await db.rows("SELECT * FROM gifts")
    assert (gift["amount"], gift["fee_cover"]) == (10330, 330)
    assert (await books())[0] == 10000


async def test_staff_see_what_was_offered_added_and_taken_as_soon_as_the_fee_is_known(stripe_side, browser):
    stripe_side.stand_in.set(balance_delay=3600)
    stripe_side.pay(await stripe_side.give(amount="100.00", cover_fee="yes"), card="378282246310005")
    await stripe_side.deliver()
    await jobs.drain()
    gift = await db.value("SELECT id FROM gifts")
    await browser.sign_in(role="finance")

    def facts(text: str) -> dict[str, str]:
        import re

        found = re.findall(r"<dt>([^<]+)</dt>\s*<dd[^>]*>([^<]+)</dd>", text)
        return {name.replace("&#39;", "'"): value for name, value in found}

    early = facts((await browser.get(f"/gifts/{gift}")).text)
    assert (early["Fee cover offered"], early["Donor added"]) == ("$3.30", "$3.30")
    assert early["Stripe's fee"] == "not known yet" and "Difference" not in early
    assert (await books())[0] == 10330

    # A card that costs more than the usual one: the fee is Stripe's to say.
    stripe_side.stand_in.advance(3601)
    await stripe_side.deliver()
    await jobs.drain()

    late = facts((await browser.get(f"/gifts/{gift}")).text)
    assert late["Stripe's fee"] == "$3.30" and late["Difference"] == "$0.00"
    assert (await books())[0] == 10000


async def test_a_refund_in_stripes_dashboard_shows_up(stripe_side, browser):
    answer = await stripe_side.give()
    stripe_side.pay(answer)
    await stripe_side.deliver()
    await jobs.drain()
    payment = await db.value("SELECT payment_intent FROM stripe_payments")

    stripe_side.stand_in.refund(payment, 1000)
    await stripe_side.deliver()
    await jobs.drain()

    [gift] = await db.rows("SELECT status, refunded_amount FROM gifts")
    assert (gift["status"], gift["refunded_amount"]) == ("partly_refunded", 1000)
    assert (await books()) == (2500 - 103 - 1000, -1500)


async def test_a_refund_by_staff_goes_through_stripe_once(stripe_side, browser):
    from donations import refunds

    answer = await stripe_side.give()
    stripe_side.pay(answer)
    await stripe_side.deliver()
    await jobs.drain()
    gift = await db.value("SELECT id FROM gifts")

    await refunds.ask(gift, 2500, reason="asked", by=make.STAFF)
    await jobs.drain()
    await stripe_side.deliver(times=2)
    await jobs.drain()

    assert await db.value("SELECT status FROM gifts") == "refunded"
    assert len([t for t in stripe_side.stand_in.balance_transactions() if t["type"] == "refund"]) == 1
    assert await books() == (-103, 0)


async def test_the_reconciliation_repairs_what_was_lost_and_ends_at_zero(stripe_side, browser):
    answer = await stripe_side.give()
    stripe_side.pay(answer)
    stripe_side.stand_in.advance(3600)
    run = await reconciliation.begin(by=SYSTEM)
    from datetime import timedelta

    from kit import days

    with days.frozen(days.now() + timedelta(hours=2)):
        await reconciliation.run(run)

    found = await reconciliation.get(run)
    assert (found["difference"], found["findings"], found["repaired"]) == (0, [], 1)
    assert found["stripe_total"] == 2500 - 103


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"amount": "other", "own_amount": "0.40"}, "The smallest gift here is $1.00"),
        ({"amount": "other", "own_amount": "25000.01"}, "The largest gift here is $25,000.00"),
        ({"amount": "other", "own_amount": "1.000"}, "can be read in two ways"),
        ({"amount": "other", "own_amount": ""}, "Type how much"),
        ({"email": "margaret@gmial.com@"}, "no e-mail address"),
        ({"email": "margaret@gmail.con "}, None),
        ({"last_name": ""}, "Type your last name"),
        ({"fund": "999999"}, "Choose what the gift is for"),
    ],
)
async def test_wrong_input_says_what_to_do_and_keeps_what_was_typed(stripe_side, browser, typed, sentence):
    answer = await stripe_side.give(comment="for the kitchen", **typed)

    if sentence is None:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert sentence in answer.text and "for the kitchen" in answer.text
    assert await db.value("SELECT count(*) FROM giving_intents") == 0


async def test_the_eleventh_session_of_an_address_in_an_hour_has_to_wait(stripe_side, browser):
    for number in range(10):
        answer = await stripe_side.give(email=f"d{number}@example.org")
        assert answer.status_code == 303

    answer = await stripe_side.give(email="another@example.org")

    assert answer.status_code == 429 and "try again in an hour" in answer.text
    assert answer.headers["retry-after"] == "3600" and "another@example.org" in answer.text


async def test_without_keys_giving_is_closed(browser):
    answer = await browser.get("/give")

    assert answer.status_code == 200 and "closed at the moment" in answer.text


async def test_an_unknown_campaign_offers_the_general_page(stripe_side, browser):
    answer = await browser.get("/give/never-was")

    assert answer.status_code == 404 and 'href="/give"' in answer.text


@pytest.mark.parametrize("change", [b"x", b""])
async def test_a_webhook_that_stripe_did_not_sign_is_refused(stripe_side, browser, change):
    answer = await stripe_side.give()
    stripe_side.pay(answer)
    headers, body = stripe_side.stand_in.deliveries()[0]
    body = body + change if change else b"{}"

    refused = await browser.post("/webhooks/stripe", content=body, headers=headers)

    assert refused.status_code == 400
    assert await db.value("SELECT count(*) FROM stripe_events") == 0


async def test_the_page_is_light(stripe_side, browser):
    import re

    page = await browser.get("/give")
    links = re.findall(r'(?:href|src)="(/(?:static|theme)[^"#]*)', page.text)
    sizes = {link: len((await browser.get(link)).content) for link in set(links)}

    assert len(page.content) + sum(sizes.values()) < 100_000, sizes


async def test_a_refund_that_fails_after_all_is_ours_again(stripe_side, browser):
    answer = await stripe_side.give()
    stripe_side.pay(answer)
    await stripe_side.deliver()
    await jobs.drain()
    payment = await db.value("SELECT payment_intent FROM stripe_payments")
    refund = stripe_side.stand_in.refund(payment, 2500)
    await stripe_side.deliver()
    await jobs.drain()
    assert await db.value("SELECT status FROM gifts") == "refunded"

    stripe_side.stand_in.fail_refund(refund["id"])
    await stripe_side.deliver()
    await jobs.drain()

    assert await db.value("SELECT status FROM gifts") == "settled"
    assert (await books())[0] == sum(t["net"] for t in stripe_side.stand_in.balance_transactions())


async def test_a_dispute_takes_the_money_away_and_winning_brings_it_back(stripe_side, browser):
    answer = await stripe_side.give()
    stripe_side.pay(answer)
    await stripe_side.deliver()
    await jobs.drain()
    payment = await db.value("SELECT payment_intent FROM stripe_payments")

    dispute = stripe_side.stand_in.dispute(payment)
    await stripe_side.deliver()
    await jobs.drain()
    assert await db.value("SELECT status FROM gifts") == "disputed"
    assert await db.value("SELECT count(*) FROM tasks WHERE kind = 'dispute'") == 1
    assert (await books())[0] == sum(t["net"] for t in stripe_side.stand_in.balance_transactions())

    stripe_side.stand_in.close_dispute(dispute["id"], won=True)
    await stripe_side.deliver()
    await jobs.drain()
    assert await db.value("SELECT status FROM gifts") == "settled"
    assert (await books())[0] == sum(t["net"] for t in stripe_side.stand_in.balance_transactions())


async def test_a_bank_debit_is_a_gift_only_when_the_bank_says_yes(stripe_side, browser):
    answer = await stripe_side.give()
    assert stripe_side.pay(answer, card="000123456789") == "processing"
    await stripe_side.deliver()
    await jobs.drain()
    assert await db.value("SELECT status FROM giving_intents") == "processing"
    assert await db.value("SELECT count(*) FROM constituents") == 0

    stripe_side.stand_in.settle(await db.value("SELECT payment_intent FROM stripe_payments"))
    await stripe_side.deliver()
    await jobs.drain()

    [gift] = await db.rows("SELECT status, method FROM gifts")
    assert (gift["status"], gift["method"]) == ("settled", "bank_debit")
