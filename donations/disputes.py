"""Disputes: a donor's bank asks about a charge, or takes the money back while it looks into the matter.

Stripe may open several on one charge, over a part or all of it, and close each on its own. So each is kept by its
id, and each movement of money by its balance transaction, booked once; the gift's state follows from all of them.
"""

from datetime import date, datetime
from typing import Any

import msgspec

from constituents import tasks
from donations import gift_events, ledger
from donations.tables import Account, GiftStatus
from kit import days, db, facts, money
from kit.changes import STRIPE, Actor
from kit.words import _


class Move(msgspec.Struct, frozen=True):
    """One balance transaction of a dispute: below zero it took money from us; `fee` is kept by Stripe."""

    id: str
    amount: int
    fee: int
    on: date


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute as Stripe tells it now."""

    dispute: str
    status: str
    amount: int
    currency: str
    reason: str = ""
    respond_by: datetime | None = None
    moves: tuple[Move, ...] = ()


async def keep(gift_id: int, said: Said, *, by: Actor = STRIPE) -> None:
    """Bring a dispute of this gift up to what Stripe says; saying it again changes nothing.

    Staff are told of each that is to be answered, of an inquiry that became one, and of what was lost.
    """
    async with db.tx():
        gift = await gift_events.lock(gift_id)
        before = await db.row("SELECT * FROM disputes WHERE dispute = $1", said.dispute)
        row_id = await _keep(gift_id, said)
        await _take_back_older_entries(gift)
        for move in said.moves:
            await _book(gift, row_id, move, by)
        await _follow(gift, by)
        if said.status in ("won", "lost"):
            await tasks.close_matter(await _matter(gift_id, row_id), "gifts:show", gift_id, by)
        elif before is None or (_asks(before["status"]) and not _asks(said.status)):
            await _tell_staff(gift_id, row_id, said, by)


async def of(gift_id: int) -> list[dict[str, Any]]:
    """The disputes of a gift, oldest first, each with what it moved (`moved`, below zero: gone) and its `fee`."""
    return await db.rows(
        """
        SELECT d.*, coalesce(m.moved, 0) AS moved, coalesce(m.fee, 0) AS fee FROM disputes d
          LEFT JOIN (SELECT dispute, sum(amount)::bigint AS moved, sum(fee)::bigint AS fee
                       FROM dispute_movements GROUP BY dispute) m ON m.dispute = d.id
         WHERE d.gift = $1 ORDER BY d.id
        """,
        gift_id,
    )


async def _keep(gift_id: int, said: Said) -> int:
    return await db.value(
        """
        INSERT INTO disputes AS d (gift, dispute, amount, currency, reason, status, respond_by, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
        ON CONFLICT (dispute) DO UPDATE SET amount = excluded.amount, reason = excluded.reason,
            status = excluded.status, respond_by = excluded.respond_by,
            updated_at = CASE WHEN d.status = excluded.status THEN d.updated_at ELSE excluded.updated_at END
        RETURNING id
        """,
        gift_id, said.dispute, said.amount, said.currency, said.reason[:100], said.status[:40], said.respond_by,
        days.now(),
    )  # fmt: skip


async def _book(gift: dict[str, Any], dispute: int, move: Move, by: Actor) -> None:
    """The money of one movement, shared over the funds, and Stripe's fee, which is kept whoever wins."""
    row_id = await db.value(
        """
        INSERT INTO dispute_movements (dispute, balance_transaction, amount, fee, moved_on, created_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (balance_transaction) DO NOTHING RETURNING id
        """,
        dispute, move.id, move.amount, move.fee, move.on, days.now(),
    )  # fmt: skip
    if row_id is None:
        return
    source, currency = ("dispute", row_id), gift["currency"]
    parts = await _shares(gift, dispute, move.amount)
    await ledger.book(
        "disputed" if move.amount < 0 else "dispute won", source,
        [ledger.Line(ledger.earns(gift), -part, currency, fund) for fund, part in parts.items()]
        + [ledger.Line(Account.STRIPE, move.amount, currency)],
        organisation=gift["organisation"], on=move.on,
    )  # fmt: skip
    await ledger.book(
        "dispute fee", source,
        [ledger.Line(Account.FEES, move.fee, currency), ledger.Line(Account.STRIPE, -move.fee, currency)],
        organisation=gift["organisation"], on=move.on,
    )  # fmt: skip
    await gift_events.keep(
        "bank took" if move.amount < 0 else "bank gave back", gift, by=by, after={"amount": abs(move.amount)}
    )


async def _shares(gift: dict[str, Any], dispute: int, amount: int) -> dict[int, int]:
    """What each fund loses (below zero), or gets back of what this dispute took."""
    taken = await _taken_by_fund(dispute)
    if amount < 0 or sum(taken.values()) < amount:
        sign = -1 if amount < 0 else 1
        return {fund: sign * part for fund, part in (await ledger.shares(gift["id"], abs(amount))).items()}
    return dict(zip(taken, money.split(amount, list(taken.values())), strict=True))


async def _taken_by_fund(dispute: int) -> dict[int, int]:
    return {
        row["fund"]: row["taken"]
        for row in await db.rows(
            """
            SELECT p.fund, sum(p.amount)::bigint AS taken
              FROM dispute_movements m JOIN journals j ON j.source_kind = 'dispute' AND j.source_id = m.id
              JOIN postings p ON p.journal = j.id AND p.fund IS NOT NULL
             WHERE m.dispute = $1 GROUP BY p.fund HAVING sum(p.amount) > 0 ORDER BY p.fund
            """,
            dispute,
        )
    }


async def _take_back_older_entries(gift: dict[str, Any]) -> None:
    """Disputes were once booked under the gift, one at most and always whole: such entries are reversed and booked anew."""
    for journal in await db.rows(
        """
        SELECT j.id, j.day FROM journals j
         WHERE j.source_kind = 'gift' AND j.source_id = $1 AND j.event IN ('disputed', 'dispute fee')
           AND NOT EXISTS (SELECT FROM journals r WHERE r.reverses = j.id)
        """,
        gift["id"],
    ):
        await ledger.reverse(journal["id"], on=journal["day"])


async def _follow(gift: dict[str, Any], by: Actor) -> None:
    """The gift's state after its disputes: undecided, all won, or lost."""
    disputes = await of(gift["id"])
    taken = -sum(dispute["moved"] for dispute in disputes)
    left = gift["amount"] - gift["refunded_amount"] - taken
    if taken <= 0:
        if gift["status"] in (GiftStatus.DISPUTED, GiftStatus.LOST):
            await _become(gift, _without_disputes(gift), "dispute won", "gift.dispute_won", by)
        return
    # Won, and the money is not back yet: that is undecided, too.
    undecided = any(dispute["moved"] < 0 and dispute["status"] != "lost" for dispute in disputes)
    if gift["status"] not in (GiftStatus.DISPUTED, GiftStatus.LOST):
        await _become(gift, GiftStatus.DISPUTED, "disputed", "gift.disputed", by)
        gift = {**gift, "status": GiftStatus.DISPUTED.value}
    if undecided or gift["status"] == GiftStatus.LOST:
        return
    if left > 0:
        await _tell_of_partial_loss(gift, taken, left)
    else:
        await _become(gift, GiftStatus.LOST, "dispute lost", "gift.lost", by)
        await tasks.open(
            "dispute_lost", _("A gift was lost in a dispute"),
            detail=_("{amount} stays with the donor's bank.", amount=money.show(taken, gift["currency"])),
            route="gifts:show", route_id=gift["id"], permission="gifts.read",
        )  # fmt: skip


def _without_disputes(gift: dict[str, Any]) -> GiftStatus:
    if not gift["refunded_amount"]:
        return GiftStatus.SETTLED
    return GiftStatus.REFUNDED if gift["refunded_amount"] == gift["amount"] else GiftStatus.PARTLY_REFUNDED


async def _become(gift: dict[str, Any], status: GiftStatus, event: str, fact: str, by: Actor) -> None:
    await db.row(
        """
        UPDATE gifts SET status = $2, updated_at = $3, version = version + 1,
               disputed_at = CASE WHEN $2::varchar = 'disputed' THEN $3 ELSE disputed_at END
         WHERE id = $1
        """,
        gift["id"], status.value, days.now(),
    )  # fmt: skip
    await gift_events.keep(event, gift, by=by, status=status.value)
    await facts.say(fact, gift["id"])


def _asks(status: str) -> bool:
    """Whether a bank only asks: an inquiry, for which no money has moved."""
    return status.startswith("warning")


async def _matter(gift_id: int, row_id: int) -> str:
    """The kind of task: one open task per gift and kind, so a gift's further disputes have kinds of their own."""
    first = await db.value("SELECT min(id) FROM disputes WHERE gift = $1", gift_id)
    return "dispute" if first == row_id else f"dispute_{row_id}"


async def _tell_staff(gift_id: int, row_id: int, said: Said, by: Actor) -> None:
    matter = await _matter(gift_id, row_id)
    if _asks(said.status):
        await gift_events.keep(
            "inquired",
            await gift_events.lock(gift_id),
            by=by,
            after={"amount": said.amount},
            reason=said.reason,
        )
    detail = _(
        "Over {amount}. Answer it in Stripe's dashboard: dispute {id}.",
        amount=money.show(said.amount, said.currency), id=said.dispute,
    )  # fmt: skip
    if _asks(said.status):
        matter, title = f"inquiry_{row_id}", _("A donor's bank asks about a gift")
    else:
        title = _("A donor's bank disputes a gift")
    await tasks.open(
        matter, title, detail=detail, route="gifts:show", route_id=gift_id, permission="gifts.read"
    )


async def _tell_of_partial_loss(gift: dict[str, Any], taken: int, left: int) -> None:
    await tasks.open(
        "dispute_lost_in_part", _("A part of a gift was lost in a dispute"),
        detail=_(
            "{taken} went back to the donor's bank and {left} is still ours. The ledger has both right; the gift stays"
            " “disputed” and is not counted in anybody's giving. Void its receipt if it has one.",
            taken=money.show(taken, gift["currency"]), left=money.show(left, gift["currency"]),
        ),
        route="gifts:show", route_id=gift["id"], permission="gifts.read",
    )  # fmt: skip
