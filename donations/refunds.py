"""Refunds: money given back, by cheque or cash as a record, or through Stripe.

Through Stripe it takes two steps: `ask` keeps our row and says `refund.asked`; a job calls Stripe; `done` or `failed`
says what came of it. `from_stripe` takes in a refund that was made in Stripe's own dashboard.
"""

from datetime import date
from typing import Any

from constituents import tasks, timeline
from donations import gift_events, ledger
from donations.tables import GiftKind, GiftSource, GiftStatus, RefundStatus
from kit import days, db, facts, money
from kit.changes import STRIPE, Actor
from kit.errors import NotFound, Refused
from kit.words import _
from staff import organisation


class NotRefundable(Refused):
    """Only a settled gift of money can be refunded, and never for more than is left of it."""


async def record(
    gift_id: int, amount: int, *, reason: str, by: Actor, on: date | None = None, entry_key: str | None = None
) -> int:
    """Money went back by cheque or cash: book it. The same entry key a second time finds the first refund."""
    async with db.tx():
        refund, is_new = await _open(gift_id, amount, "record", reason, by, entry_key)
        if is_new:
            await _settle(refund, on or await _today(), by)
        return refund["id"]


async def ask(
    gift_id: int, amount: int, *, reason: str, by: Actor, entry_key: str | None = None
) -> dict[str, Any]:
    """Promise a refund through Stripe. The row (status `asked`) stands before Stripe is called, and holds its amount."""
    async with db.tx():
        refund, is_new = await _open(gift_id, amount, "stripe", reason, by, entry_key)
        if is_new:
            gift = await gift_events.lock(gift_id)
            await gift_events.keep(
                "refund asked", gift, by=by, after={"refund": refund["id"], "amount": amount}, reason=reason
            )
            await facts.say("refund.asked", refund["id"])
        return refund


async def done(refund_id: int, stripe_refund: str, *, on: date, by: Actor = STRIPE) -> None:
    """Stripe gave the money back: book it. Saying it twice is saying it once."""
    async with db.tx():
        refund = await _lock(refund_id)
        if refund["status"] == RefundStatus.DONE:
            return
        # A refund that Stripe first called failed can still come true; its amount has to be there.
        _check_room(await gift_events.lock(refund["gift"]), refund["amount"])
        await db.row(
            "UPDATE refunds SET stripe_refund = $2, failure = '' WHERE id = $1", refund_id, stripe_refund
        )
        await _settle({**refund, "stripe_refund": stripe_refund}, on, by)


async def failed(refund_id: int, words: str, *, by: Actor = STRIPE) -> None:
    """Stripe could not give the money back, at once or days later; what was booked is reversed."""
    async with db.tx():
        refund = await _lock(refund_id)
        if refund["status"] == RefundStatus.FAILED:
            return
        gift = await gift_events.lock(refund["gift"])
        was_done = refund["status"] == RefundStatus.DONE
        await db.row(
            "UPDATE refunds SET status = 'failed', failure = $2 WHERE id = $1", refund_id, words[:2000]
        )
        left = gift["refunded_amount"] - (refund["amount"] if was_done else 0)
        status = _status(gift, left) if was_done else gift["status"]
        if was_done:
            await _set_refunded(gift["id"], left, status)
            await ledger.take_back_refund(refund_id, on=await _today())
        await gift_events.keep(
            "refund failed", gift, by=by, status=status, after={"refund": refund_id}, reason=words[:2000]
        )
        await _tell(refund_id)
        await tasks.open(
            "refund_failed", _("A refund did not go through"),
            detail=_("{amount}: {why}. Give it back another way, or ask the donor.",
                     amount=money.show(refund["amount"], refund["currency"]), why=words.rstrip(".")[:500]),
            route="gifts:show", route_id=gift["id"], permission="gifts.read",
        )  # fmt: skip
        await facts.say("refund.failed", gift["id"], refund_id)


async def from_stripe(
    gift_id: int, stripe_refund: str, amount: int, *, on: date, reason: str = "", by: Actor = STRIPE
) -> int:
    """A refund made in Stripe's dashboard; the same one again changes nothing."""
    async with db.tx():
        gift = await gift_events.lock(gift_id)
        known = await db.value("SELECT id FROM refunds WHERE stripe_refund = $1", stripe_refund)
        if known is not None:
            return known
        _check_room(gift, amount)
        refund = await _insert(gift, amount, "stripe", reason, None, stripe_refund)
        assert refund is not None
        await _settle(refund, on, by)
        return refund["id"]


async def get(refund_id: int) -> dict[str, Any]:
    """One refund; raises NotFound."""
    refund = await db.row("SELECT * FROM refunds WHERE id = $1", refund_id)
    if refund is None:
        raise NotFound(f"refund {refund_id}")
    return refund


async def of(gift_id: int) -> list[dict[str, Any]]:
    """The refunds of a gift, asked and failed ones too, oldest first."""
    return await db.rows("SELECT * FROM refunds WHERE gift = $1 ORDER BY id", gift_id)


async def tell(gift_id: int) -> None:
    """Bring the lines of a gift's refunds onto the timeline of whoever the donor is now."""
    for refund in await of(gift_id):
        await _tell(refund["id"])


async def left(gift_id: int) -> int:
    """What can still be refunded of a gift: what is ours, less what has been asked for."""
    return await db.value(
        """
        SELECT g.amount - g.refunded_amount - coalesce(
               (SELECT sum(amount) FROM refunds r WHERE r.gift = g.id AND r.status = 'asked'), 0)::bigint
          FROM gifts g WHERE g.id = $1
        """,
        gift_id,
    )


async def _open(
    gift_id: int, amount: int, via: str, reason: str, by: Actor, entry_key: str | None
) -> tuple[dict[str, Any], bool]:
    """The refund of this form: the one it has made already, else a new one, if the gift allows it."""
    gift = await gift_events.lock(gift_id)
    if entry_key:
        made = await db.row("SELECT * FROM refunds WHERE entry_key = $1", entry_key)
        if made is not None:
            return made, False
    await _check_left(gift, amount)
    if via == "stripe" and gift["source"] != GiftSource.ONLINE:
        raise NotRefundable(
            _("This gift did not come through Stripe: give it back yourself, and record that.")
        )
    refund = await _insert(gift, amount, via, reason, entry_key, None)
    if refund is None:
        raise NotRefundable(_("This form was sent for another gift. Open the page anew."))
    return refund, True


async def _insert(
    gift: dict[str, Any], amount: int, via: str, reason: str, entry_key: str | None, stripe_refund: str | None
) -> dict[str, Any] | None:
    return await db.row(
        """
        INSERT INTO refunds (gift, amount, currency, via, reason, status, stripe_refund, entry_key, failure, created_at)
        VALUES ($1, $2, $3, $4, $5, 'asked', $6, $7, '', $8)
        ON CONFLICT (entry_key) DO NOTHING RETURNING *
        """,
        gift["id"], amount, gift["currency"], via, reason, stripe_refund, entry_key, days.now(),
    )  # fmt: skip


def _check_room(gift: dict[str, Any], amount: int) -> None:
    """What Stripe has given back is gone, whatever was asked for or disputed; only more than the gift cannot be."""
    remains = gift["amount"] - gift["refunded_amount"]
    if amount > remains:
        raise NotRefundable(
            _(
                "Stripe gave back more than the {left} that was left.",
                left=money.show(remains, gift["currency"]),
            )
        )


async def _check_left(gift: dict[str, Any], amount: int) -> None:
    if gift["kind"] in (GiftKind.IN_KIND, GiftKind.VEHICLE):
        raise NotRefundable(_("Goods are not refunded. Void the gift if they were given back."))
    if gift["status"] not in (GiftStatus.SETTLED, GiftStatus.PARTLY_REFUNDED):
        raise NotRefundable(_("Only a settled gift can be refunded."))
    asked = await db.value(
        "SELECT coalesce(sum(amount), 0)::bigint FROM refunds WHERE gift = $1 AND status = 'asked'",
        gift["id"],
    )
    remains = gift["amount"] - gift["refunded_amount"] - asked
    if amount <= 0 or amount > remains:
        raise NotRefundable(
            _("Only {left} of this gift can be refunded.", left=money.show(remains, gift["currency"]))
            if remains
            else _("All of this gift went back already, or is on its way.")
        )


async def _settle(refund: dict[str, Any], on: date, by: Actor) -> None:
    """Book it, and bring the gift up to date."""
    gift = await gift_events.lock(refund["gift"])
    await db.row("UPDATE refunds SET status = 'done', refunded_on = $2 WHERE id = $1", refund["id"], on)
    await ledger.book_refund(refund["id"])
    refunded = gift["refunded_amount"] + refund["amount"]
    status = _status(gift, refunded)
    await _set_refunded(gift["id"], refunded, status)
    await gift_events.keep(
        "refunded", gift, by=by, status=status, reason=refund["reason"],
        before={"refunded_amount": gift["refunded_amount"]},
        after={"refunded_amount": refunded, "refund": refund["id"]},
    )  # fmt: skip
    await _tell(refund["id"])
    await facts.say("gift.refunded", gift["id"], refund["id"])


def _status(gift: dict[str, Any], refunded: int) -> str:
    if gift["status"] in (GiftStatus.DISPUTED, GiftStatus.LOST):
        return gift["status"]  # until its disputes are over, they decide
    if refunded == 0:
        return GiftStatus.SETTLED.value
    return (GiftStatus.REFUNDED if refunded == gift["amount"] else GiftStatus.PARTLY_REFUNDED).value


async def _set_refunded(gift_id: int, refunded: int, status: str) -> None:
    await db.row(
        "UPDATE gifts SET refunded_amount = $2, status = $3, updated_at = $4, version = version + 1 WHERE id = $1",
        gift_id, refunded, status, days.now(),
    )  # fmt: skip


async def _tell(refund_id: int) -> None:
    """The refund's line on the donor's timeline; one that failed is taken away."""
    refund = await get(refund_id)
    if refund["status"] != RefundStatus.DONE:
        await timeline.remove("refund", refund_id)
        return
    await timeline.write(
        await db.value("SELECT donor FROM gifts WHERE id = $1", refund["gift"]),
        "refund",
        refund_id,
        happened_on=refund["refunded_on"],
        title=_("given back"),
        detail=refund["reason"][:500],
        amount=refund["amount"],
        currency=refund["currency"],
        route="gifts:show",
        route_id=refund["gift"],
        permission="gifts.read",
    )


async def _lock(refund_id: int) -> dict[str, Any]:
    """The refund, held after its gift: every verb takes the two in this order."""
    gift = await db.value("SELECT gift FROM refunds WHERE id = $1", refund_id)
    if gift is None:
        raise NotFound(f"refund {refund_id}")
    await gift_events.lock(gift)
    row = await db.row("SELECT * FROM refunds WHERE id = $1 FOR UPDATE", refund_id)
    assert row is not None
    return row


async def _today() -> date:
    return days.today((await organisation.needed())["zone"])
