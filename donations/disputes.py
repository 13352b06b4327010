"""Disputes: a donor's bank takes the money back while it looks into the matter. The gift does not count meanwhile."""

from datetime import date

from donations import gift_events, ledger
from donations.tables import Account, GiftStatus
from kit import days, db, facts
from kit.changes import STRIPE, Actor


async def open(gift_id: int, *, on: date, by: Actor = STRIPE) -> None:
    """What is left of the gift goes back to Stripe until it is decided. Opening twice is opening once."""
    async with db.tx():
        gift = await gift_events.lock(gift_id)
        if gift["status"] not in (GiftStatus.SETTLED, GiftStatus.PARTLY_REFUNDED):
            return
        await _become(gift_id, GiftStatus.DISPUTED.value)
        left = await ledger.left_by_fund(gift_id)
        currency = gift["currency"]
        await ledger.book(
            "disputed", ("gift", gift_id),
            [ledger.Line(ledger.earns(gift), amount, currency, fund) for fund, amount in left.items()]
            + [ledger.Line(Account.STRIPE, -sum(left.values()), currency)],
            organisation=gift["organisation"], on=on,
        )  # fmt: skip
        await gift_events.keep("disputed", gift, by=by, status="disputed")
        await facts.say("gift.disputed", gift_id)


async def fee(gift_id: int, amount: int, *, on: date) -> None:
    """What Stripe charges for a dispute; it is kept, whoever wins."""
    gift = await db.row("SELECT * FROM gifts WHERE id = $1", gift_id)
    assert gift is not None
    await ledger.book(
        "dispute fee", ("gift", gift_id),
        [ledger.Line(Account.FEES, amount, gift["currency"]), ledger.Line(Account.STRIPE, -amount, gift["currency"])],
        organisation=gift["organisation"], on=on,
    )  # fmt: skip


async def won(gift_id: int, *, on: date, by: Actor = STRIPE) -> None:
    """The money came back to us: what opening took away is reversed."""
    async with db.tx():
        gift = await gift_events.lock(gift_id)
        if gift["status"] != GiftStatus.DISPUTED:
            return
        opened = await db.value(
            "SELECT id FROM journals WHERE source_kind = 'gift' AND source_id = $1 AND event = 'disputed'",
            gift_id,
        )
        if opened is not None:
            await ledger.reverse(opened, on=on)
        status = GiftStatus.PARTLY_REFUNDED if gift["refunded_amount"] else GiftStatus.SETTLED
        await _become(gift_id, status.value)
        await gift_events.keep("dispute won", gift, by=by, status=status.value)
        await facts.say("gift.dispute_won", gift_id)


async def lost(gift_id: int, *, by: Actor = STRIPE) -> None:
    """The money stays with the donor's bank."""
    async with db.tx():
        gift = await gift_events.lock(gift_id)
        if gift["status"] != GiftStatus.DISPUTED:
            return
        await _become(gift_id, GiftStatus.LOST.value)
        await gift_events.keep("dispute lost", gift, by=by, status="lost")
        await facts.say("gift.lost", gift_id)


async def _become(gift_id: int, status: str) -> None:
    await db.row(
        """
        UPDATE gifts SET status = $2, updated_at = $3, version = version + 1,
               disputed_at = CASE WHEN $2::varchar = 'disputed' THEN $3 ELSE disputed_at END
         WHERE id = $1
        """,
        gift_id, status, days.now(),
    )  # fmt: skip
