"""A disputed gift waits for its receipt, and gets it when the dispute is won; one that went back needs none."""

import pytest

from donations import refunds
from kit import changes, db, jobs
from receipts import receipts
from tests import make


async def test_a_disputed_gift_waits_for_its_receipt_until_the_dispute_is_won():
    await make.organisation()
    gift = await make.gift(amount=2500)

    await make.dispute(gift.id)
    with pytest.raises(receipts.NotReceiptable, match="disputes this gift"):
        await receipts.issue_for_gift(gift.id, by=changes.SYSTEM)
    await make.dispute(gift.id, "won")

    assert await receipts.issue_for_gift(gift.id, by=changes.SYSTEM)


@pytest.mark.parametrize("how", ["refunded", "lost"])
async def test_a_gift_that_went_back_before_its_receipt_asks_nobody_anything(how):
    await make.organisation()
    gift = await make.gift(amount=2500, receipt_wanted=True)
    if how == "refunded":
        await refunds.record(gift.id, 2500, reason="asked", by=make.STAFF)
    else:
        await make.dispute(gift.id, "lost")

    await jobs.drain()

    assert await db.value("SELECT count(*) FROM receipts") == 0
    assert await db.value("SELECT count(*) FROM tasks WHERE kind = 'receipt'") == 0
