"""A disputed gift waits for its receipt, and gets it when the dispute is won."""

import pytest

from kit import changes
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
