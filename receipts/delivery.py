"""Delivery: the receipt becomes a PDF once, is kept for ever, and goes to the donor by mail once."""

from typing import Any

from kit import db, files, mail, money, pdf
from kit.words import _
from receipts import letter, receipts
from staff import organisation


async def deliver(receipt_id: int) -> None:
    """Make the PDF if there is none yet, and mail it if the receipt stands and has an address. May run twice.

    Raises pdf.MissingGlyphs or pdf.RenderFailed when there is no PDF to be had.
    """
    sha = await document_of(receipt_id)
    receipt = await receipts.get(receipt_id)
    if not receipt["addressee"]:
        return
    snapshot = letter.from_json(receipt["snapshot"])
    async with db.tx():
        # Looked at again inside: a void that came meanwhile waits for us or is seen by us.
        if await _is_void(receipt_id):
            return
        await mail.post(
            what=f"receipt:{receipt_id}",
            address=receipt["addressee"],
            purpose="receipt",
            template="receipt_issued",
            context=await _words(receipt, snapshot),
            attachments=[(sha, file_name(receipt["label"]))],
            name=snapshot.addressee[0],
            sender=snapshot.head.name,
            reply_to=await _reply_to(),
        )


async def tell_of_void(receipt_id: int) -> None:
    """Tell the donor that a receipt no longer stands, if it was ever mailed. May run twice."""
    receipt = await receipts.get(receipt_id)
    snapshot = letter.from_json(receipt["snapshot"])
    async with db.tx():
        was_mailed = await db.value("SELECT id FROM mails WHERE what = $1 LIMIT 1", f"receipt:{receipt_id}")
        if was_mailed is None or receipt["voided_at"] is None:
            return
        await mail.post(
            what=f"receipt:{receipt_id}",
            address=receipt["addressee"],
            purpose="receipt void",
            template="receipt_void",
            context={**await _words(receipt, snapshot), "reason": receipt["void_reason"]},
            name=snapshot.addressee[0],
            sender=snapshot.head.name,
            reply_to=await _reply_to(),
        )


async def document_of(receipt_id: int) -> str:
    """The SHA-256 of the receipt's PDF, made now if it was not made before. The same bytes for ever.

    Of two that make it at once the first one stays.
    """
    receipt = await receipts.get(receipt_id)
    if receipt["file"] is not None:
        return receipt["file"]
    made = await _render(letter.from_json(receipt["snapshot"]))
    async with db.tx():
        sha = await files.keep(made, "application/pdf")
        await db.row(
            "INSERT INTO receipt_files (receipt, file) VALUES ($1, $2) ON CONFLICT (receipt) DO NOTHING",
            receipt_id,
            sha,
        )
    return await db.value("SELECT file FROM receipt_files WHERE receipt = $1", receipt_id)


async def void_copy(receipt_id: int) -> bytes:
    """A copy that says Void across itself, for the files of an auditor. It is not kept; the original stays as it was."""
    receipt = await receipts.get(receipt_id)
    return await _render(letter.from_json(receipt["snapshot"]), stamp=_("Void"))


def file_name(label: str) -> str:
    return f"{label}.pdf"


async def _render(snapshot: letter.Snapshot, stamp: str = "") -> bytes:
    logo = await files.read(snapshot.head.logo) if snapshot.head.logo else None
    page = letter.page(
        snapshot,
        logo=logo.data if logo else None,
        logo_type=logo.media_type if logo else "",
        stamp=stamp,
    )
    return await pdf.render(page)


async def _is_void(receipt_id: int) -> bool:
    return (
        await db.value(
            "SELECT 1 FROM receipt_lines WHERE receipt = $1 AND live ORDER BY id LIMIT 1 FOR SHARE",
            receipt_id,
        )
        is None
    )


async def _words(receipt: dict[str, Any], snapshot: letter.Snapshot) -> dict[str, Any]:
    amount = (
        money.show(snapshot.amount, snapshot.currency, snapshot.locale) if snapshot.amount is not None else ""
    )
    return {
        "label": receipt["label"],
        "is_receipt": receipt["rule"] != "donor_advised",
        "greeting": snapshot.greeting,
        "thanks": snapshot.thanks,
        "amount": amount,
        "given_on": letter.day(snapshot.given_on, snapshot.locale),
        "sentences": snapshot.sentences,
        "organisation_name": snapshot.head.name,
        "signer": (snapshot.head.signer_name, snapshot.head.signer_title),
        "accent": snapshot.head.accent,
    }


async def _reply_to() -> str:
    ours = await organisation.ours()
    return ours["email"] if ours else ""
