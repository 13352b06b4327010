"""Disputes as banks really make them: several on one charge, a part of it, an inquiry first, after a refund."""

import pytest

from donations import disputes, ledger
from donations.tables import Account
from kit import db, jobs
from tests import make


@pytest.fixture(autouse=True)
async def fund():
    await make.organisation()
    return await make.general_fund()


@pytest.fixture
async def charge(stripe_side) -> str:
    """A gift of 25 dollars came in; the charge behind it."""
    stripe_side.pay(await stripe_side.give())
    await news(stripe_side)
    return await db.value("SELECT charge FROM stripe_payments")


async def news(stripe_side) -> None:
    assert set(await stripe_side.deliver()) <= {200}
    await jobs.drain()
    assert await db.rows("SELECT type, error FROM stripe_events WHERE outcome = 'failed'") == []


async def same_books(stripe_side) -> bool:
    """Whether our ledger has on Stripe what Stripe has."""
    theirs = sum(entry["net"] for entry in stripe_side.stand_in.balance_transactions())
    return await ledger.balance(Account.STRIPE, "USD") == theirs


async def status() -> str:
    return await db.value("SELECT status FROM gifts")


async def told() -> list[str]:
    rows = await db.rows("SELECT title FROM tasks WHERE done_at IS NULL AND route = 'gifts:show' ORDER BY id")
    return [row["title"] for row in rows]


async def events() -> list[str]:
    rows = await db.rows("SELECT kind FROM gift_events WHERE kind LIKE 'dispute%' ORDER BY id")
    return [row["kind"] for row in rows]


async def test_looking_again_at_a_dispute_that_was_won_changes_nothing(stripe_side, charge):
    stand_in = stripe_side.stand_in
    stand_in.close_dispute(stand_in.dispute(charge)["id"], won=True)
    await news(stripe_side)
    before, journals = await events(), await db.value("SELECT count(*) FROM journals")

    for _time in range(3):
        stand_in.redeliver()
        await news(stripe_side)
        await db.row("UPDATE stripe_events SET outcome = 'waiting'")
        from donations import convergence

        await convergence.converge("payment", await db.value("SELECT payment_intent FROM stripe_payments"))
        await db.row("UPDATE stripe_events SET outcome = 'done'")

    assert before == await events() == []  # it was over before we looked
    assert journals == await db.value("SELECT count(*) FROM journals")
    assert await status() == "settled" and await same_books(stripe_side)


async def test_a_second_dispute_after_a_won_one_takes_the_money_again(stripe_side, charge):
    stand_in = stripe_side.stand_in
    first = stand_in.dispute(charge)
    await news(stripe_side)
    stand_in.close_dispute(first["id"], won=True)
    await news(stripe_side)
    assert await status() == "settled" and await told() == []

    second = stand_in.dispute(charge)
    await news(stripe_side)
    assert await status() == "disputed" and await same_books(stripe_side)
    assert await told() == ["A donor's bank disputes a gift"]

    stand_in.close_dispute(second["id"], won=False)
    await news(stripe_side)
    assert await status() == "lost" and await same_books(stripe_side)
    assert await events() == ["disputed", "dispute won", "disputed", "dispute lost"]
    assert await told() == ["A gift was lost in a dispute"]
    assert await ledger.balance(Account.INCOME, "USD") == 0
    assert await db.value("SELECT count(*) FROM disputes") == 2


async def test_two_disputes_at_once_over_parts_are_each_booked_and_told(stripe_side, charge):
    stand_in = stripe_side.stand_in
    first, second = stand_in.dispute(charge, amount=1000), stand_in.dispute(charge, amount=500)
    await news(stripe_side)

    assert await status() == "disputed" and await same_books(stripe_side)
    assert await ledger.balance(Account.INCOME, "USD") == -1000
    assert len(await told()) == 2

    stand_in.close_dispute(first["id"], won=True)
    await news(stripe_side)
    assert await status() == "disputed" and await ledger.balance(Account.INCOME, "USD") == -2000
    kinds = [
        row["kind"]
        for row in await db.rows("SELECT kind FROM gift_events WHERE kind LIKE 'bank%' ORDER BY id")
    ]
    assert kinds == [
        "bank took",
        "bank took",
        "bank gave back",
    ]  # each movement has its line, whatever the state
    stand_in.close_dispute(second["id"], won=True)
    await news(stripe_side)
    assert await status() == "settled" and await same_books(stripe_side)
    assert await told() == []


async def test_a_part_that_is_lost_is_booked_and_the_rest_is_put_before_staff(stripe_side, charge):
    dispute = stripe_side.stand_in.dispute(charge, amount=1000)
    stripe_side.stand_in.close_dispute(dispute["id"], won=False)
    await news(stripe_side)

    assert await status() == "disputed" and await same_books(stripe_side)
    assert await ledger.balance(Account.INCOME, "USD") == -1500
    assert "A part of a gift was lost in a dispute" in await told()
    [task] = await db.rows("SELECT detail FROM tasks WHERE kind = 'dispute_lost_in_part'")
    assert "$10.00" in task["detail"] and "$15.00 is still ours" in task["detail"]


async def test_an_inquiry_is_told_and_moves_nothing_until_it_becomes_a_dispute(stripe_side, charge):
    inquiry = stripe_side.stand_in.dispute(charge, inquiry=True)
    await news(stripe_side)
    assert await status() == "settled" and await told() == ["A donor's bank asks about a gift"]
    assert await db.value("SELECT count(*) FROM gift_events WHERE kind = 'inquired'") == 1

    stripe_side.stand_in.escalate(inquiry["id"])
    await news(stripe_side)

    assert await status() == "disputed" and await same_books(stripe_side)
    assert "A donor's bank disputes a gift" in await told()
    assert await db.value("SELECT count(*) FROM disputes") == 1


async def test_a_dispute_after_a_part_was_refunded(stripe_side, charge):
    stripe_side.stand_in.refund(charge, 1000)
    dispute = stripe_side.stand_in.dispute(charge, amount=1500)
    await news(stripe_side)
    assert await status() == "disputed" and await same_books(stripe_side)

    stripe_side.stand_in.close_dispute(dispute["id"], won=True)
    await news(stripe_side)
    assert await status() == "partly_refunded" and await same_books(stripe_side)


async def test_a_bank_that_takes_what_was_refunded_already_takes_it_twice(stripe_side, charge):
    stripe_side.stand_in.refund(charge)
    dispute = stripe_side.stand_in.dispute(charge)
    await news(stripe_side)

    assert await status() == "disputed" and await same_books(stripe_side)
    assert await ledger.balance(Account.INCOME, "USD") == 2500  # a loss

    stripe_side.stand_in.close_dispute(dispute["id"], won=True)
    await news(stripe_side)
    assert await status() == "refunded" and await same_books(stripe_side)


async def test_a_bank_debit_that_comes_back_after_all_is_lost_with_its_fee(stripe_side):
    stripe_side.pay(await stripe_side.give(), card="000123456789")
    stripe_side.stand_in.settle(stripe_side.stand_in.all("payment_intent")[0]["id"])
    await news(stripe_side)
    assert await status() == "settled"

    stripe_side.stand_in.dispute(stripe_side.stand_in.all("charge")[0]["id"], reason="insufficient_funds")
    await news(stripe_side)

    assert await status() == "lost" and await same_books(stripe_side)


async def test_a_dispute_booked_the_older_way_is_booked_anew_once(stripe_side, charge):
    """Before disputes had rows of their own, one per gift was booked under the gift itself."""
    gift = await db.value("SELECT id FROM gifts")
    fund = await db.value("SELECT id FROM funds")
    stripe_side.stand_in.dispute(charge)
    ours = await db.value("SELECT id FROM organisations")
    day = await db.value("SELECT given_on FROM gifts")
    await ledger.book(
        "disputed", ("gift", gift),
        [ledger.Line(Account.INCOME, 2500, "USD", fund), ledger.Line(Account.STRIPE, -2500, "USD")], organisation=ours, on=day,
    )  # fmt: skip
    await ledger.book(
        "dispute fee", ("gift", gift), [ledger.Line(Account.FEES, 1500, "USD"), ledger.Line(Account.STRIPE, -1500, "USD")],
        organisation=ours, on=day,
    )  # fmt: skip
    await db.row("UPDATE gifts SET status = 'disputed', disputed_at = now()")

    await news(stripe_side)
    stripe_side.stand_in.redeliver()
    await news(stripe_side)

    assert await status() == "disputed" and await same_books(stripe_side)
    assert await ledger.balance(Account.INCOME, "USD") == 0
    assert await ledger.balance(Account.FEES, "USD") == 103 + 1500


async def test_a_won_dispute_whose_money_is_not_back_yet_is_not_lost():
    gift = await make.gift(amount=2500)
    await make.dispute(gift.id)
    moves = (disputes.Move(f"txn_du_{gift.id}_1_out", -2500, 0, gift.given_on),)

    await disputes.keep(
        gift.id,
        disputes.Said(dispute=f"du_{gift.id}_1", status="won", amount=2500, currency="USD", moves=moves),
    )

    assert await db.value("SELECT status FROM gifts WHERE id = $1", gift.id) == "disputed"


async def test_a_lost_dispute_that_is_won_after_all_brings_the_gift_back():
    gift = await make.gift(amount=2500)
    await make.dispute(gift.id, "lost")
    assert await db.value("SELECT status FROM gifts WHERE id = $1", gift.id) == "lost"

    await make.dispute(gift.id, "won")

    assert await db.value("SELECT status FROM gifts WHERE id = $1", gift.id) == "settled"


async def test_the_gifts_page_shows_its_disputes(stripe_side, charge, browser):
    stripe_side.stand_in.dispute(charge, reason="fraudulent")
    await news(stripe_side)
    await browser.sign_in(role="finance")

    page = await browser.get(f"/gifts/{await db.value('SELECT id FROM gifts')}")

    assert "Fraudulent" in page.text and "answer by" in page.text and "fee $15.00" in page.text
