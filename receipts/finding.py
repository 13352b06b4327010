"""Finding receipts: the list, by number or donor, newest first."""

import re
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
    sql, values = _asked(q.strip(), state, after)
    found = await db.rows(sql, *values)
    shown = found[:PAGE]
    more = Place(shown[-1]["issued_at"], shown[-1]["id"]) if len(found) > PAGE else None
    return shown, more


def _asked(q: str, state: State, after: Place | None) -> tuple[str, list[Any]]:
    """Only the conditions that are asked for: one that may be off would keep the planner from every index."""
    conditions, values = ["true"], list[Any]()

    def put(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    if q:
        like = put(f"%{_literal(q)}%")
        conditions.append(f"(r.label ILIKE {like} OR r.snapshot #>> '{{addressee,0}}' ILIKE {like})")
    if state:
        conditions.append(_STATES[state])
    if after:
        conditions.append(f"(r.issued_at, r.id) < ({put(after.issued_at)}, {put(after.id)})")
    where, limit = " AND ".join(conditions), put(PAGE + 1)
    return f"{_LISTED} WHERE {where} ORDER BY r.issued_at DESC, r.id DESC LIMIT {limit}", values


_LISTED = """
SELECT r.id, r.label, r.issued_at, r.issued_on, r.total, r.currency, r.rule, r.addressee,
       r.snapshot #>> '{addressee,0}' AS donor_name, l.gift, g.donor,
       CASE WHEN v.id IS NOT NULL THEN 'void'
            WHEN g.receipt_needs_correction THEN 'needs_correction' ELSE 'issued' END AS state
  FROM receipts r
  JOIN receipt_lines l ON l.receipt = r.id
  JOIN gifts g ON g.id = l.gift
  LEFT JOIN receipt_voids v ON v.receipt = r.id
"""
_STATES = {
    "void": "v.id IS NOT NULL",
    "live": "v.id IS NULL",
    "needs_correction": "v.id IS NULL AND g.receipt_needs_correction",
}


async def by_number(q: str, limit: int = 5) -> list[dict[str, Any]]:
    """Receipts by the whole of their number (418) or a part of what is printed (2026-0004); none for other words."""
    typed = q.strip().lstrip("#")
    if not re.fullmatch(r"[A-Za-z]{0,10}[-0-9]*[0-9][-0-9]*", typed, re.ASCII) or len(typed) > 40:
        return []
    # Two signs have no trigram and are a part of every number: only the number itself is meant then.
    like = f"%{typed}%" if len(typed) > 2 else None
    return await db.rows(
        f"{_LISTED} WHERE r.id IN ({_BY_NUMBER}) ORDER BY r.number = $1 DESC, r.issued_at DESC, r.id DESC LIMIT $3",
        int(typed) if typed.isdigit() and len(typed) < 10 else 0,
        like,
        limit,
    )


_BY_NUMBER = """
SELECT n.id FROM receipt_series s JOIN receipts n ON n.series = s.id AND n.number = $1
UNION ALL
SELECT p.id FROM receipts p WHERE p.label ILIKE $2
"""


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
