"""Corrections: a gift changed under its receipt, or could not be receipted. What follows by itself, and what staff is asked."""

from constituents import tasks
from kit import changes, db
from kit.changes import Actor
from kit.words import _
from receipts import delivery, receipts

# What became of a gift, and why its receipt must not stand then; the donor reads it.
_GONE = {
    "refunded": _("The gift was refunded in full."),
    "bounced": _("The bank did not pay the check."),
    "voided": _("The gift was recorded by mistake."),
    "lost": _("The bank gave the money back to you."),
}


async def follow_gift(gift_id: int, *, by: Actor) -> None:
    """What became of a gift decides about its receipt: none of it left, void, and the donor is told; a part left or
    disputed, somebody must look. Following twice is following once."""
    async with db.tx():
        receipt_id = await receipts.live_receipt_of(gift_id)
        if receipt_id is None:
            return
        status = await db.value("SELECT status FROM gifts WHERE id = $1", gift_id)
        if status in _GONE:
            await receipts.void(receipt_id, reason=_GONE[status], by=by)
            await delivery.tell_of_void(receipt_id)
        elif status == "settled":
            await _unmark(gift_id, receipt_id, by=by)
        elif status in ("partly_refunded", "disputed") and await mark_for_correction(gift_id, by=by):
            await ask_staff_about(
                receipt_id,
                _("A part of the gift was refunded: void this receipt and issue one for what is left.")
                if status == "partly_refunded"
                else _(
                    "The donor's bank disputes the gift. If it is lost, this receipt becomes void by itself."
                ),
            )


async def mark_for_correction(gift_id: int, *, by: Actor) -> bool:
    """The live receipt of this gift says more than was kept. True when it is newly marked; somebody must look at it."""
    async with db.tx():
        marked = await db.value(
            "UPDATE gifts SET receipt_needs_correction = true"
            " WHERE id = $1 AND receipted_at IS NOT NULL AND NOT receipt_needs_correction RETURNING id",
            gift_id,
        )
        if marked is None:
            return False
        receipt_id = await receipts.live_receipt_of(gift_id)
        assert receipt_id is not None
        await changes.note(
            "receipt.marked_for_correction", "receipt", receipt_id, by=by, after={"gift": gift_id}
        )
        return True


async def _unmark(gift_id: int, receipt_id: int, *, by: Actor) -> None:
    """A dispute was won, or a refund failed after all: the receipt is right again as it stands."""
    was_marked = await db.value(
        "UPDATE gifts SET receipt_needs_correction = false WHERE id = $1 AND receipt_needs_correction RETURNING id",
        gift_id,
    )
    if was_marked is not None:
        await changes.note("receipt.right_again", "receipt", receipt_id, by=by, after={"gift": gift_id})
        await tasks.close_matter("receipt", "receipts:show", receipt_id, by)


async def ask_staff(gift_id: int, sentence: str) -> None:
    """Open a task about a gift that could not be receipted."""
    async with db.tx():
        donor = await db.value("SELECT donor FROM gifts WHERE id = $1", gift_id)
        await tasks.open(
            "receipt",
            _("A gift could not be receipted"),
            detail=sentence,
            constituent=donor,
            route="gifts:show",
            route_id=gift_id,
            permission="receipts.read",
        )


async def ask_staff_about(receipt_id: int, sentence: str) -> None:
    """Open a task about a receipt that a person must look at."""
    async with db.tx():
        receipt = await receipts.get(receipt_id)
        donor = await db.value(
            "SELECT g.donor FROM receipt_lines l JOIN gifts g ON g.id = l.gift WHERE l.receipt = $1 LIMIT 1",
            receipt_id,
        )
        await tasks.open(
            "receipt",
            _("Receipt {label} needs a look", label=receipt["label"]),
            detail=sentence,
            constituent=donor,
            route="receipts:show",
            route_id=receipt_id,
            permission="receipts.read",
        )
