"""Two at once: PostgreSQL decides, and what is refused is refused for a reason. These really commit."""

import asyncio
from typing import Any

import pytest

from donations import gifts, ledger, refunds
from donations.tables import Account
from kit import db
from kit.errors import Conflict
from reports import invariants
from tests import make

pytestmark = pytest.mark.commits


async def test_a_form_sent_ten_times_at_once_records_one_gift():
    donor = (await make.gift()).donor
    made = await asyncio.gather(*(make.gift(donor=donor, amount=700, entry_key="once") for _ in range(10)))
    assert len({gift.id for gift in made}) == 1
    assert await db.value("SELECT hard_total FROM giving_totals WHERE constituent = $1", donor) == 5700
    assert await invariants.check() == []


async def test_refunds_at_once_never_give_back_more_than_there_is():
    gift = await make.gift(amount=1000)
    answers = await asyncio.gather(
        *(refunds.record(gift.id, 300, reason="asked", by=make.STAFF) for _ in range(6)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, refunds.NotRefundable) for answer in answers) == 3
    assert await db.value("SELECT refunded_amount FROM gifts WHERE id = $1", gift.id) == 900
    assert await invariants.check() == []


async def test_settling_at_once_books_once():
    gift = await make.gift(amount=700, status=gifts.GiftStatus.PENDING)
    await asyncio.gather(*(gifts.settle(gift.id, by=make.STAFF) for _ in range(6)))
    assert await ledger.balance(Account.INCOME, "USD") == -700
    assert len(await ledger.of_gift(gift.id)) == 1


async def test_of_two_corrections_at_once_one_is_told():
    gift = await make.gift()
    answers = await asyncio.gather(
        *(gifts.correct(gift.id, {"note": f"note {n}"}, version=1, by=make.STAFF) for n in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Conflict) for answer in answers) == 3


async def test_gifts_of_one_donor_at_once_all_count_and_moves_do_not_lock_each_other():
    one, other = await make.gift(amount=100), await make.gift(amount=100)
    await asyncio.gather(*(make.gift(donor=one.donor, amount=100) for _ in range(12)))
    assert await db.value("SELECT hard_total FROM giving_totals WHERE constituent = $1", one.donor) == 1300
    await asyncio.gather(
        gifts.move(one.id, other.donor, by=make.STAFF), gifts.move(other.id, one.donor, by=make.STAFF)
    )
    assert await invariants.check() == []


async def test_a_fund_closed_meanwhile_takes_no_gift_after_its_closing():
    from donations import funds

    fund, donor = await make.fund(), (await make.gift()).donor
    answers = await asyncio.gather(
        funds.close(fund.id, by=make.STAFF),
        *(make.gift(donor=donor, amount=100, splits=[(fund.id, 100)]) for _ in range(8)),
        return_exceptions=True,
    )
    taken: list[Any] = [answer for answer in answers[1:] if not isinstance(answer, BaseException)]
    closed_at = (await funds.get(fund.id))["closed_at"]
    assert closed_at is not None and all(gift.created_at <= closed_at for gift in taken)
    assert await invariants.check() == []
