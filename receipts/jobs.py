"""What happens to gifts, heard here; what was issued, delivered here."""

import donations  # noqa: F401  it declares what is heard here
from kit import changes, pdf, smtp
from kit.errors import Refused
from kit.facts import on
from receipts import corrections, delivery, receipts


@on("gift.settled")
async def receipt_settled_gift(gift_id: int) -> None:
    """An online gift at once, a typed one if its box says so, an imported one never."""
    if not await receipts.is_wanted(gift_id):
        return
    try:
        await receipts.issue_for_gift(gift_id, by=changes.SYSTEM)
    except Refused as refusal:
        await corrections.ask_staff(gift_id, str(refusal))


@on("receipt.issued")
async def deliver_receipt(receipt_id: int) -> None:
    try:
        await delivery.deliver(receipt_id)
    except (pdf.MissingGlyphs, smtp.NoAddress) as trouble:
        await corrections.ask_staff_about(receipt_id, str(trouble))


@on("gift.refunded")
@on("refund.failed")
async def follow_refund(gift_id: int, _refund_id: int) -> None:
    await corrections.follow_gift(gift_id, by=changes.SYSTEM)


@on("gift.bounced")
@on("gift.voided")
@on("gift.disputed")
@on("gift.dispute_won")
@on("gift.lost")
async def follow_gift(gift_id: int) -> None:
    await corrections.follow_gift(gift_id, by=changes.SYSTEM)
