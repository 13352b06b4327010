"""The ledger: each event moves what the table of the house says, once, and any life of a gift leaves the books whole."""

import random
from contextlib import suppress
from datetime import date

import asyncpg
import pytest

from donations import gifts, ledger, refunds
from donations.tables import Account
from kit import db
from kit.errors import Refused
from reports import invariants
from tests import make

DAY = date(2026, 3, 4)
ONLINE = {"source": gifts.GiftSource.ONLINE, "method": gifts.GiftMethod.CARD}


async def balances() -> dict[str, int]:
    rows = await db.rows(
        "SELECT account, sum(amount)::bigint AS held FROM postings GROUP BY account ORDER BY account"
    )
    return {row["account"]: row["held"] for row in rows if row["held"]}


async def test_a_stripe_charge_and_its_fee():
    gift = await make.gift(amount=2500, **ONLINE)
    for _ in range(2):
        await ledger.book_fee(gift.id, 103, on=DAY)
    assert await balances() == {"stripe": 2397, "fees": 103, "income": -2500}


async def test_a_refund_of_a_charge_leaves_the_fee_with_stripe():
    gift = await make.gift(amount=2500, **ONLINE)
    await ledger.book_fee(gift.id, 103, on=DAY)
    await refunds.from_stripe(gift.id, "re_1", 2500, on=DAY)
    assert await balances() == {"stripe": -103, "fees": 103}


async def test_a_dispute_takes_the_money_and_a_win_brings_it_back():
    gift = await make.gift(amount=2500, **ONLINE)
    for _ in range(2):
        await make.dispute(gift.id, fee=1500, on=DAY)
    assert await balances() == {"stripe": -1500, "fees": 1500}

    for _ in range(2):
        await make.dispute(gift.id, "won", fee=1500, on=DAY)
    assert await balances() == {"stripe": 1000, "fees": 1500, "income": -2500}
    assert await db.value("SELECT status FROM gifts WHERE id = $1", gift.id) == "settled"


async def test_a_lost_dispute_is_no_giving():
    gift = await make.gift(amount=2500, **ONLINE)
    await refunds.from_stripe(gift.id, "re_1", 500, on=DAY)
    await make.dispute(gift.id, on=DAY)
    await make.dispute(gift.id, "lost", on=DAY)
    assert await balances() == {}
    assert await db.value("SELECT hard_total FROM giving_totals WHERE constituent = $1", gift.donor) is None


async def test_a_payout_moves_stripes_money_to_the_bank():
    gift = await make.gift(amount=2500, **ONLINE)
    for _ in range(2):
        await ledger.book_payout(7, 2000, "USD", organisation=gift.organisation, on=DAY)
    assert await balances() == {"stripe": 500, "bank": 2000, "income": -2500}


async def test_an_imported_gift_comes_from_the_prior_system():
    await make.gift(amount=2500, source=gifts.GiftSource.IMPORT)
    assert await balances() == {"prior_system": 2500, "income": -2500}


async def test_shares_wait_to_be_deposited():
    await make.gift(
        amount=2500, kind=gifts.GiftKind.STOCK, method=gifts.GiftMethod.TRANSFER, in_kind_description="5 Acme"
    )
    assert await balances() == {"undeposited": 2500, "income": -2500}


async def test_each_fund_earns_its_part():
    one, two = await make.fund(), await make.fund()
    gift = await make.gift(amount=1000, splits=[(one.id, 700), (two.id, 300)])
    assert await ledger.left_by_fund(gift.id) == {one.id: 700, two.id: 300}


async def test_currencies_are_never_added():
    await make.gift(amount=1000)
    await make.gift(amount=500, currency="EUR")
    assert await ledger.balance(Account.INCOME, "USD") == -1000
    assert await ledger.balance(Account.INCOME, "EUR") == -500


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE postings SET amount = amount + 1", "DELETE FROM postings", "UPDATE journals SET day = '2020-01-01'",
        "DELETE FROM journals", "DELETE FROM gifts", "UPDATE gift_events SET reason = 'x'", "DELETE FROM gift_events",
    ],
)  # fmt: skip
async def test_what_is_written_stays_written(statement):
    await make.gift()
    with pytest.raises(asyncpg.PostgresError):
        async with db.tx() as connection:
            await connection.execute(statement)


async def test_a_journal_that_does_not_sum_to_zero_is_refused():
    gift = await make.gift()
    odd = [ledger.Line(Account.BANK, 1, "USD")]
    with pytest.raises(asyncpg.CheckViolationError, match="off by"):
        async with db.tx():
            await ledger.book("odd", ("gift", gift.id), odd, organisation=gift.organisation, on=DAY)


@pytest.mark.parametrize("life", range(4))
async def test_any_life_of_a_gift_leaves_the_books_whole(life):
    seed = random.randrange(10**9)
    print("seed", seed)  # noqa: T201 - every random run says its seed
    chance = random.Random(seed)
    funds = [(await make.fund()).id for _ in range(3)]
    donors = [(await make.gift()).donor for _ in range(2)]
    for _ in range(3):
        amount = chance.randint(1, 5000)
        gift = await make.gift(
            donor=chance.choice(donors), amount=amount, splits=shares(chance, funds, amount), given_on=DAY,
            status=chance.choice([gifts.GiftStatus.SETTLED, gifts.GiftStatus.PENDING]),
            source=chance.choice([gifts.GiftSource.STAFF, gifts.GiftSource.ONLINE]),
            kind=chance.choice([gifts.GiftKind.CASH, gifts.GiftKind.CASH, gifts.GiftKind.IN_KIND]), in_kind_description="Rice",
        )  # fmt: skip
        for step in range(12):
            with suppress(Refused):
                await chance.choice(LIFE)(chance, gift.id, funds, donors, step)
        assert await invariants.check() == []


def shares(chance: random.Random, funds: list[int], amount: int) -> list[tuple[int, int]]:
    first = chance.randint(1, amount)
    return (
        [(funds[0], first), (funds[chance.randint(1, 2)], amount - first)]
        if first < amount
        else [(funds[0], amount)]
    )


async def _correct(chance, gift, funds, donors, step):
    version = await db.value("SELECT version FROM gifts WHERE id = $1", gift)
    amount = chance.randint(1, 5000)
    await gifts.correct(
        gift, {"amount": amount, "splits": shares(chance, funds, amount)}, version=version, by=make.STAFF
    )


async def _day(chance, gift, funds, donors, step):
    version = await db.value("SELECT version FROM gifts WHERE id = $1", gift)
    await gifts.correct(gift, {"given_on": date(2020 + step % 6, 1, 1)}, version=version, by=make.STAFF)


async def _refund(chance, gift, funds, donors, step):
    await refunds.record(gift, chance.randint(1, 3000), reason="asked", by=make.STAFF)


async def _all_back(chance, gift, funds, donors, step):
    await refunds.record(gift, await refunds.left(gift), reason="asked", by=make.STAFF)


async def _through_stripe(chance, gift, funds, donors, step):
    refund = await refunds.ask(gift, chance.randint(1, 3000), reason="asked", by=make.STAFF)
    if chance.random() < 0.7:
        await refunds.done(refund["id"], f"re_{gift}_{step}", on=DAY)
    if chance.random() < 0.4:
        await refunds.failed(refund["id"], "no")


async def _dispute(chance, gift, funds, donors, step):
    """The first or second dispute of money that Stripe took: opened, won, or lost at once."""
    if await db.value(
        "SELECT status NOT IN ('settled', 'partly_refunded', 'disputed') FROM gifts WHERE id = $1", gift
    ):
        return
    number = chance.choice((1, 2))
    known = await db.value("SELECT status FROM disputes WHERE dispute = $1", f"du_{gift}_{number}")
    if known in (None, "needs_response") and await ledger.left_by_fund(gift):
        await make.dispute(gift, chance.choice(("needs_response", "won", "lost")), number=number, on=DAY)


LIFE = [
    lambda chance, gift, funds, donors, step: gifts.settle(gift, by=make.STAFF),
    lambda chance, gift, funds, donors, step: gifts.fail(gift, by=make.STAFF),
    lambda chance, gift, funds, donors, step: gifts.bounce(gift, reason="x", by=make.STAFF),
    lambda chance, gift, funds, donors, step: gifts.void(gift, reason="x", by=make.STAFF),
    lambda chance, gift, funds, donors, step: gifts.deposit(gift, on=DAY, by=make.STAFF),
    lambda chance, gift, funds, donors, step: gifts.move(gift, chance.choice(donors), by=make.STAFF),
    lambda chance, gift, funds, donors, step: gifts.thank(gift, by=make.STAFF),
    _dispute, _dispute, _dispute,
    _correct, _correct, _day, _refund, _refund, _all_back, _through_stripe, _through_stripe,
]  # fmt: skip
