"""A disputed gift waits for its receipt, and gets it when the dispute is won."""

import pytest

from donations import disputes
from kit import changes, days
from receipts import receipts
from tests import make


async def test_a_disputed_gift_waits_for_its_receipt_until_the_dispute_is_won():
    await make.organisation()
    gift = await make.gift(amount=2500)
    today = days.today("UTC")

    await disputes.open(gift.id, on=today)
    with pytest.raises(receipts.NotReceiptable, match="disputes this gift"):
        await receipts.issue_for_gift(gift.id, by=changes.SYSTEM)
    await disputes.won(gift.id, on=today)

    assert await receipts.issue_for_gift(gift.id, by=changes.SYSTEM)
