"""Finding receipts: the list, by number or donor, newest first."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from kit import db
from kit.errors import NotFound

State = Literal["", "live", "void", "needs_correction"]
PAGE = 50


class Place(msgspec.Struct, frozen=True):
    """Where a page of the list ends: the newest receipt that is not on it."""

    issued_at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.issued_at.isoformat()}~{self.id}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """What `str()` made; None for anything else, which then means the first page."""
        moment, _, number = text.partition("~")
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            return None
        if at.tzinfo is None or not number.isascii() or not number.isdigit() or len(number) > 18:
            return None
        return cls(at, int(number))


async def page(
    q: str = "", state: State = "", after: Place | None = None
) -> tuple[list[dict[str, Any]], Place | None]:
    """One page of receipts and the place where the next one begins, if there is more.

    `q` is part of a number or of the donor's name as it was printed.
    """
    found = await db.rows(
        """
        SELECT r.id, r.label, r.issued_at, r.issued_on, r.total, r.currency, r.rule, r.addressee,
               r.snapshot #>> '{addressee,0}' AS donor_name, l.gift, g.donor,
               CASE WHEN v.id IS NOT NULL THEN 'void'
                    WHEN g.receipt_needs_correction THEN 'needs_correction' ELSE 'issued' END AS state
          FROM receipts r
          JOIN receipt_lines l ON l.receipt = r.id
          JOIN gifts g ON g.id = l.gift
          LEFT JOIN receipt_voids v ON v.receipt = r.id
         WHERE ($1 = '' OR r.label ILIKE $2 OR r.snapshot #>> '{addressee,0}' ILIKE $2)
           AND ($3 = '' OR $3 = 'void' AND v.id IS NOT NULL OR $3 = 'live' AND v.id IS NULL
                OR $3 = 'needs_correction' AND v.id IS NULL AND g.receipt_needs_correction)
           AND ($4::timestamptz IS NULL OR (r.issued_at, r.id) < ($4, $5))
      ORDER BY r.issued_at DESC, r.id DESC
         LIMIT $6
        """,
        q.strip(),
        f"%{_literal(q.strip())}%",
        state,
        after.issued_at if after else None,
        after.id if after else None,
        PAGE + 1,
    )
    shown = found[:PAGE]
    more = Place(shown[-1]["issued_at"], shown[-1]["id"]) if len(found) > PAGE else None
    return shown, more


async def of_gift(gift_id: int) -> list[dict[str, Any]]:
    """Every receipt a gift was ever on, newest first."""
    return await db.rows(
        """
        SELECT r.id, r.label, r.issued_on, r.total, r.currency, r.addressee, v.reason AS void_reason,
               CASE WHEN v.id IS NOT NULL THEN 'void'
                    WHEN g.receipt_needs_correction THEN 'needs_correction' ELSE 'issued' END AS state
          FROM receipt_lines l
          JOIN receipts r ON r.id = l.receipt
          JOIN gifts g ON g.id = l.gift
          LEFT JOIN receipt_voids v ON v.receipt = r.id
         WHERE l.gift = $1
      ORDER BY r.id DESC
        """,
        gift_id,
    )


async def gift(gift_id: int) -> dict[str, Any]:
    """What the panel of a gift's receipts says of the gift. Raises NotFound."""
    found = await db.row(
        "SELECT id, status, source, receipted_at, receipt_needs_correction, receipt_wanted, donor FROM gifts WHERE id = $1",
        gift_id,
    )
    if found is None:
        raise NotFound(f"There is no gift {gift_id}.")
    return found


async def lines_of(receipt_id: int) -> list[dict[str, Any]]:
    """The gifts on a receipt, with what is true of them now."""
    return await db.rows(
        """
        SELECT l.gift, l.amount, l.benefit, l.deductible, l.live, g.currency, g.given_on, g.status, g.refunded_amount,
               g.receipt_needs_correction, g.donor, c.name AS donor_name
          FROM receipt_lines l JOIN gifts g ON g.id = l.gift JOIN constituents c ON c.id = g.donor
         WHERE l.receipt = $1 ORDER BY l.id
        """,
        receipt_id,
    )


async def mail_of(receipt_id: int) -> list[dict[str, Any]]:
    """The letters about a receipt."""
    return await db.rows(
        "SELECT address, purpose, status, error, created_at, sent_at FROM mails WHERE what = $1 ORDER BY id",
        f"receipt:{receipt_id}",
    )


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
