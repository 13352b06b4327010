"""Refunds: as a record and through Stripe, in full and in part, once."""

from datetime import date

import pytest

from donations import gifts, ledger, refunds
from donations.refunds import NotRefundable
from donations.tables import Account
from kit import db
from tests import make

DAY = date(2026, 5, 6)


async def state(gift) -> tuple[str, int]:
    row = await db.row("SELECT status, refunded_amount FROM gifts WHERE id = $1", gift.id)
    assert row is not None
    return row["status"], row["refunded_amount"]


async def total_of(donor: int) -> int | None:
    return await db.value("SELECT hard_total FROM giving_totals WHERE constituent = $1", donor)


async def test_part_then_the_rest():
    gift = await make.gift(amount=1000)

    await refunds.record(gift.id, 300, reason="asked", by=make.STAFF, on=DAY)
    assert await state(gift) == ("partly_refunded", 300)
    assert await total_of(gift.donor) == 700

    await refunds.record(gift.id, 700, reason="asked", by=make.STAFF, on=DAY)
    assert await state(gift) == ("refunded", 1000)
    assert await ledger.balance(Account.INCOME, "USD") == 0
    assert await ledger.balance(Account.BANK, "USD") == -1000


async def test_never_more_than_is_left():
    gift = await make.gift(amount=1000)
    await refunds.record(gift.id, 300, reason="asked", by=make.STAFF)
    with pytest.raises(NotRefundable, match=r"Only \$7\.00"):
        await refunds.record(gift.id, 701, reason="asked", by=make.STAFF)
    with pytest.raises(NotRefundable):
        await refunds.record(gift.id, 0, reason="asked", by=make.STAFF)


async def test_only_settled_money_is_refunded():
    goods = await make.gift(kind=gifts.GiftKind.IN_KIND, in_kind_description="A piano")
    pending = await make.gift(status=gifts.GiftStatus.PENDING)
    for gift in (goods, pending):
        with pytest.raises(NotRefundable):
            await refunds.record(gift.id, 100, reason="?", by=make.STAFF)


async def test_a_form_sent_twice_refunds_once():
    gift = await make.gift(amount=1000)
    one = await refunds.record(gift.id, 300, reason="asked", by=make.STAFF, entry_key="r")
    assert await refunds.record(gift.id, 300, reason="asked", by=make.STAFF, entry_key="r") == one
    assert await state(gift) == ("partly_refunded", 300)


async def test_through_stripe_it_is_asked_then_done_and_holds_its_amount_meanwhile():
    gift = await make.gift(amount=1000, source=gifts.GiftSource.ONLINE)

    refund = await refunds.ask(gift.id, 600, reason="asked", by=make.STAFF)
    assert (refund["status"], await refunds.left(gift.id)) == ("asked", 400)
    assert await state(gift) == ("settled", 0)

    for _ in range(2):
        await refunds.done(refund["id"], "re_1", on=DAY)
    assert await state(gift) == ("partly_refunded", 600)
    assert await ledger.balance(Account.STRIPE, "USD") == 400


async def test_stripe_may_fail_at_once_or_later():
    gift = await make.gift(amount=1000, source=gifts.GiftSource.ONLINE)

    at_once = await refunds.ask(gift.id, 600, reason="asked", by=make.STAFF)
    await refunds.failed(at_once["id"], "the card is closed")
    assert (await state(gift), await refunds.left(gift.id)) == (("settled", 0), 1000)

    later = await refunds.ask(gift.id, 1000, reason="asked", by=make.STAFF)
    await refunds.done(later["id"], "re_2", on=DAY)
    for _ in range(2):
        await refunds.failed(later["id"], "the bank sent it back")
    assert await state(gift) == ("settled", 0)
    assert await ledger.balance(Account.STRIPE, "USD") == 1000
    assert await total_of(gift.donor) == 1000


async def test_a_refund_of_stripes_dashboard_is_taken_in_once():
    gift = await make.gift(amount=1000, source=gifts.GiftSource.ONLINE)
    one = await refunds.from_stripe(gift.id, "re_9", 250, on=DAY)
    assert await refunds.from_stripe(gift.id, "re_9", 250, on=DAY) == one
    assert await state(gift) == ("partly_refunded", 250)


async def test_a_cheque_does_not_go_back_through_stripe():
    with pytest.raises(NotRefundable, match="Stripe"):
        await refunds.ask((await make.gift()).id, 100, reason="?", by=make.STAFF)


async def test_the_parts_of_a_split_never_go_below_zero():
    funds = [(await make.fund()).id for _ in range(3)]
    gift = await make.gift(amount=100, splits=[(funds[0], 34), (funds[1], 33), (funds[2], 33)])
    for _ in range(100):
        await refunds.record(gift.id, 1, reason="cent by cent", by=make.STAFF)
        assert all(left > 0 for left in (await ledger.left_by_fund(gift.id)).values())
    assert await ledger.left_by_fund(gift.id) == {}
