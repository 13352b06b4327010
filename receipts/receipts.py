"""Receipts: issuing and voiding them. Nothing here changes a receipt that stands."""

from typing import Any

from constituents import tasks, timeline
from kit import changes, days, db, facts, money
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.words import _
from receipts import letter, series, snapshots
from receipts.snapshots import NotReceiptable as NotReceiptable
from staff import organisation

facts.declare("receipt.issued", "receipt.voided")


class NotVoidable(Refused):
    """A receipt is voided once, and with a reason."""


async def issue_for_gift(gift_id: int, *, by: Actor) -> int:
    """The id of the gift's receipt: the live one if there is one, else a new one with the next number.

    Raises NotReceiptable (a Refused) with what is missing, NotFound for an unknown gift.
    """
    ours = await organisation.needed()
    async with db.tx():
        gift = await snapshots.gift_for_receipt(gift_id)
        live = await live_receipt_of(gift_id)
        if live is not None:
            return live
        snapshots.refuse_unless_receiptable(gift, ours)
        today = days.today(ours["zone"])
        snapshot, statement = await snapshots.of_gift(gift, ours, today=today)
        # Last of all the number: from here to the commit every other issuer of this series waits.
        numbered = await series.take_next(ours["id"], f"{ours['country']}-{today.year}")
        receipt_id = await _write(gift, numbered, snapshot.with_label(numbered.label), statement.rule, by)
        deductible = statement.deductible or 0
        await _put_on_receipt(gift, receipt_id, benefit=gift["benefit_value"], deductible=deductible)
        await _tell(receipt_id, gift, numbered.label, statement.note, by)
        return receipt_id


async def void(receipt_id: int, *, reason: str, by: Actor) -> None:
    """The receipt no longer stands: its number stays, its gift may be corrected and receipted anew.

    Raises NotVoidable when it is void already or no reason is given, NotFound for an unknown receipt.
    """
    if not reason.strip():
        raise NotVoidable(_("Say why the receipt is void: it will be asked at the next audit."))
    async with db.tx():
        receipt = await get(receipt_id)
        lines = await db.rows("SELECT gift FROM receipt_lines WHERE receipt = $1 ORDER BY gift", receipt_id)
        gifts = [line["gift"] for line in lines]
        await db.rows(
            "SELECT id FROM gifts WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE", gifts
        )
        void_id = await db.value(
            "INSERT INTO receipt_voids (receipt, reason, at, voided_by) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (receipt) DO NOTHING RETURNING id",
            receipt_id,
            reason.strip(),
            days.now(),
            by.label,
        )
        if void_id is None:
            raise NotVoidable(_("Receipt {label} is void already.", label=receipt["label"]))
        await db.rows("UPDATE receipt_lines SET live = false WHERE receipt = $1", receipt_id)
        await db.rows(
            "UPDATE gifts SET receipted_at = NULL, receipt_needs_correction = false WHERE id = ANY($1::bigint[])",
            gifts,
        )
        await changes.note("receipt.voided", "receipt", receipt_id, by=by, after={"reason": reason.strip()})
        for gift_id in gifts:
            gift = await snapshots.gift_for_receipt(gift_id)
            await _timeline(receipt_id, gift, receipt["label"], status="void")
        await tasks.close_matter("receipt", "receipts:show", receipt_id, by)
        await facts.say("receipt.voided", receipt_id)


async def is_wanted(gift_id: int) -> bool:
    """Whether a gift gets a receipt by itself: an online one always, a typed one by its box, an imported one never.

    And none of which nothing is left: it may have gone back before we came to it.
    """
    return bool(
        await db.value(
            """
            SELECT (source = 'online' OR (source = 'staff' AND receipt_wanted))
                   AND status NOT IN ('refunded', 'lost', 'voided', 'bounced')
              FROM gifts WHERE id = $1
            """,
            gift_id,
        )
    )


async def live_receipt_of(gift_id: int) -> int | None:
    """The receipt that stands for a gift, if any."""
    return await db.value("SELECT receipt FROM receipt_lines WHERE gift = $1 AND live", gift_id)


async def get(receipt_id: int) -> dict[str, Any]:
    """A receipt with its void and file. Raises NotFound."""
    receipt = await db.row(
        """
        SELECT r.*, v.reason AS void_reason, v.at AS voided_at, v.voided_by, f.file, s.code AS series_code
          FROM receipts r
          JOIN receipt_series s ON s.id = r.series
          LEFT JOIN receipt_voids v ON v.receipt = r.id
          LEFT JOIN receipt_files f ON f.receipt = r.id
         WHERE r.id = $1
        """,
        receipt_id,
    )
    if receipt is None:
        raise NotFound(f"There is no receipt {receipt_id}.")
    return receipt


async def _write(
    gift: dict[str, Any], numbered: series.Numbered, snapshot: letter.Snapshot, rule: str, by: Actor
) -> int:
    return await db.value(
        """
        INSERT INTO receipts (series, number, label, issued_at, issued_on, addressee, total, currency, rule,
                              template_version, snapshot, issued_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id
        """,
        numbered.series,
        numbered.number,
        numbered.label,
        days.now(),
        snapshot.issued_on,
        await snapshots.addressee_of(gift),
        gift["kept"],
        gift["currency"],
        rule,
        letter.VERSION,
        letter.to_json(snapshot),
        by.label,
    )


async def _put_on_receipt(gift: dict[str, Any], receipt_id: int, *, benefit: int, deductible: int) -> None:
    await db.row(
        "INSERT INTO receipt_lines (receipt, gift, amount, benefit, deductible, live) VALUES ($1, $2, $3, $4, $5, true)",
        receipt_id,
        gift["id"],
        gift["kept"],
        benefit,
        deductible,
    )
    await db.row(
        "UPDATE gifts SET receipted_at = $2, receipt_needs_correction = false WHERE id = $1",
        gift["id"],
        days.now(),
    )


async def _tell(receipt_id: int, gift: dict[str, Any], label: str, note: str, by: Actor) -> None:
    shown = money.plain(gift["kept"], gift["currency"])
    after = {"number": label, "gift": gift["id"], "amount": shown, "currency": gift["currency"]}
    if note:
        after["wording"] = note
    await changes.note("receipt.issued", "receipt", receipt_id, by=by, after=after, subject=gift["donor"])
    await _timeline(receipt_id, gift, label, status="issued")
    await tasks.close_matter("receipt", "gifts:show", gift["id"], by)
    await facts.say("receipt.issued", receipt_id)


async def _timeline(receipt_id: int, gift: dict[str, Any], label: str, *, status: str) -> None:
    await timeline.write(
        gift["donor"],
        "receipt",
        receipt_id,
        happened_on=await db.value("SELECT issued_on FROM receipts WHERE id = $1", receipt_id),
        title=label,
        status=status,
        amount=gift["kept"],
        currency=gift["currency"],
        route="receipts:show",
        route_id=receipt_id,
        permission="receipts.read",
    )
