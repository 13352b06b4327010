"""Gifts: recording them, and what becomes of them. Correcting and moving stand in `corrections`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from donations import gift_events, ledger
from donations.corrections import WrongSplits as WrongSplits
from donations.corrections import check_donor, check_open, check_splits, save_splits
from donations.corrections import correct as correct
from donations.corrections import move as move
from donations.gift_events import Receipted as Receipted
from donations.tables import GiftKind, GiftMethod, GiftSource, GiftStatus
from kit import days, db, facts
from kit.changes import Actor
from kit.errors import Refused
from kit.words import _
from staff import organisation


class NotPossible(Refused):
    """A gift in this state cannot become what was asked."""


class GiftDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A gift as it is entered. Without `splits` all of it is for the general fund."""

    donor: int
    amount: int
    currency: str
    given_on: date
    kind: GiftKind = GiftKind.CASH
    method: GiftMethod = GiftMethod.CHEQUE
    splits: Sequence[tuple[int, int]] = ()
    received_on: date | None = None
    deposited_on: date | None = None
    campaign: int | None = None
    appeal: int | None = None
    cheque_number: str = ""
    cheque_date: date | None = None
    in_kind_description: str = ""
    benefit_description: str = ""
    benefit_value: int = 0
    fee_cover: int = 0
    note: str = ""
    anonymous: bool = False
    receipt_wanted: bool = False
    source: GiftSource = GiftSource.STAFF
    status: GiftStatus = GiftStatus.SETTLED
    entry_key: str | None = None


async def record(gift: GiftDetails, *, by: Actor, confirmed: bool = False) -> int:
    """Keep a gift and, when it is settled, book it. The same entry key a second time finds the first gift.

    What staff type is checked against closed funds and, unless `confirmed`, asked about for a donor who is archived
    or deceased (AsksFirst). Money that came online is here, whatever closed meanwhile.
    """
    ours = await organisation.needed()
    async with db.tx():
        if gift.source is GiftSource.STAFF:
            await check_donor(gift.donor, confirmed=confirmed)
        splits = list(gift.splits) or [(await general_fund(), gift.amount)]
        check_splits(splits, gift.amount, gift.currency)
        gift = await _in_its_campaign(gift)
        if gift.source is GiftSource.STAFF:
            await check_open([fund for fund, _amount in splits], gift.campaign, gift.appeal)
        row = await _insert(gift, ours["id"])
        if row is None:
            return await db.value("SELECT id FROM gifts WHERE entry_key = $1", gift.entry_key)
        await save_splits(row["id"], splits)
        await gift_events.keep(
            "recorded", row, by=by,
            after={"amount": gift.amount, "currency": gift.currency, "given_on": gift.given_on, "status": gift.status},
        )  # fmt: skip
        await facts.say("gift.recorded", row["id"])
        if gift.status is GiftStatus.SETTLED:
            await ledger.book_gift(row["id"])
            await facts.say("gift.settled", row["id"])
        return row["id"]


async def entered(entry_key: str) -> int | None:
    """The gift that a form has already made, if it has."""
    return await db.value("SELECT id FROM gifts WHERE entry_key = $1", entry_key)


async def general_fund() -> int:
    """The fund that gifts without a word go to. Raises Refused when nobody has named one."""
    fund = await db.value("SELECT id FROM funds WHERE is_general")
    if fund is None:
        raise Refused(_("No fund is the general one yet. Mark one under Funds and campaigns first."))
    return fund


async def settle(gift_id: int, *, by: Actor, on: date | None = None) -> None:
    """The money of a pending gift is ours (on day `on`, when told). Settling twice is settling once."""
    async with db.tx():
        gift = await gift_events.lock(gift_id)
        if gift["status"] not in (GiftStatus.PENDING, GiftStatus.FAILED, GiftStatus.ABANDONED):
            return
        await _become(gift, GiftStatus.SETTLED, received_on=on or gift["received_on"])
        await ledger.book_gift(gift_id)
        await gift_events.keep("settled", gift, by=by, status="settled")
        await facts.say("gift.settled", gift_id)


async def fail(gift_id: int, *, by: Actor, reason: str = "") -> None:
    """The money of a pending gift did not come: the bank said no. Nothing was booked."""
    await _end_pending(gift_id, GiftStatus.FAILED, "failed", by, reason)


async def abandon(gift_id: int, *, by: Actor, reason: str = "") -> None:
    """The donor did not go through with it."""
    await _end_pending(gift_id, GiftStatus.ABANDONED, "abandoned", by, reason)


async def _end_pending(gift_id: int, status: GiftStatus, event: str, by: Actor, reason: str) -> None:
    async with db.tx():
        gift = await gift_events.lock(gift_id)
        if gift["status"] != GiftStatus.PENDING:
            return
        await _become(gift, status)
        await gift_events.keep(event, gift, by=by, status=status.value, reason=reason)


async def bounce(gift_id: int, *, reason: str, by: Actor, on: date | None = None) -> None:
    """The bank gave a cheque back. What was booked is reversed; the gift stays, and counts no longer."""
    async with db.tx():
        gift = await gift_events.lock(gift_id)
        if gift["status"] != GiftStatus.SETTLED or gift["method"] != GiftMethod.CHEQUE:
            raise NotPossible(_("Only a settled cheque can be given back by the bank."))
        _refuse_receipted(gift)
        await _become(gift, GiftStatus.BOUNCED)
        await ledger.take_back_gift(gift_id, on=on or await _today())
        await gift_events.keep("bounced", gift, by=by, status="bounced", reason=reason)
        await facts.say("gift.bounced", gift_id)


async def void(gift_id: int, *, reason: str, by: Actor) -> None:
    """The gift was a slip of the pen, typed twice for example. Money that Stripe took is refunded instead."""
    async with db.tx():
        gift = await gift_events.lock(gift_id)
        if gift["source"] == GiftSource.ONLINE:
            raise NotPossible(_("This money came through Stripe. It can be refunded, not voided."))
        if gift["status"] not in (GiftStatus.PENDING, GiftStatus.SETTLED):
            raise NotPossible(_("Only a pending or settled gift without refunds can be voided."))
        _refuse_receipted(gift)
        await _become(gift, GiftStatus.VOIDED)
        await ledger.take_back_gift(gift_id)
        await gift_events.keep("voided", gift, by=by, status="voided", reason=reason)
        await facts.say("gift.voided", gift_id)


async def thank(gift_id: int, *, by: Actor) -> None:
    """Somebody thanked the donor. It is not a receipt, and the first time counts."""
    async with db.tx():
        gift = await gift_events.lock(gift_id)
        if gift["thanked_at"] is None:
            await db.row(
                "UPDATE gifts SET thanked_at = $2, updated_at = $2 WHERE id = $1", gift_id, days.now()
            )
            await gift_events.keep("thanked", gift, by=by)


async def deposit(gift_id: int, *, on: date, by: Actor) -> None:
    """Cheque or cash was brought to the bank. Depositing twice is depositing once."""
    async with db.tx():
        gift = await gift_events.lock(gift_id)
        if gift["status"] not in (GiftStatus.SETTLED, GiftStatus.PARTLY_REFUNDED):
            raise NotPossible(_("Only a settled gift can be deposited."))
        if gift["deposited_on"] is not None:
            return
        if ledger.holds(gift) is not ledger.Account.UNDEPOSITED:
            raise NotPossible(_("This money is not waiting to be deposited."))
        await db.row(
            "UPDATE gifts SET deposited_on = $2, updated_at = $3, version = version + 1 WHERE id = $1",
            gift_id, on, days.now(),
        )  # fmt: skip
        await ledger.book_gift(gift_id)
        await gift_events.keep("deposited", gift, by=by, after={"deposited_on": on})


async def _insert(gift: GiftDetails, organisation_id: int) -> dict[str, Any] | None:
    """The row, or None when this form has made one already."""
    return await db.row(
        """
        INSERT INTO gifts (organisation, donor, kind, method, source, amount, currency, fee_cover, status, given_on,
                           received_on, deposited_on, campaign, appeal, cheque_number, cheque_date,
                           in_kind_description, benefit_description, benefit_value, note, anonymous,
                           receipt_wanted, entry_key, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                $22, $23, $24, $24)
        ON CONFLICT (entry_key) DO NOTHING RETURNING *
        """,
        organisation_id, gift.donor, gift.kind.value, gift.method.value, gift.source.value, gift.amount, gift.currency,
        gift.fee_cover, gift.status.value, gift.given_on, gift.received_on, gift.deposited_on, gift.campaign,
        gift.appeal, gift.cheque_number, gift.cheque_date, gift.in_kind_description, gift.benefit_description,
        gift.benefit_value, gift.note, gift.anonymous, gift.receipt_wanted, gift.entry_key, days.now(),
    )  # fmt: skip


async def _in_its_campaign(gift: GiftDetails) -> GiftDetails:
    """An appeal says its campaign; the two may not contradict each other."""
    if gift.appeal is None:
        return gift
    campaign = await db.value("SELECT campaign FROM appeals WHERE id = $1", gift.appeal)
    if gift.campaign not in (None, campaign):
        raise Refused(_("This appeal belongs to another campaign."))
    return msgspec.structs.replace(gift, campaign=campaign)


async def _become(gift: dict[str, Any], status: GiftStatus, **also: Any) -> None:
    await db.row(
        """
        UPDATE gifts SET status = $2, received_on = coalesce($3, received_on), updated_at = $4, version = version + 1
         WHERE id = $1
        """,
        gift["id"], status.value, also.get("received_on"), days.now(),
    )  # fmt: skip


def _refuse_receipted(gift: dict[str, Any]) -> None:
    if gift["receipted_at"] is not None:
        raise Receipted(_("This gift is on a receipt. Void the receipt first."))


async def _today() -> date:
    return days.today((await organisation.needed())["zone"])
