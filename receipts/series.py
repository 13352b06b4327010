"""Series: runs of numbers without gaps.

A number is taken inside the transaction that issues the receipt. The update locks the series' row until that
transaction ends, so the next issuer waits, and a number whose receipt is not committed was never taken.
"""

import msgspec

from kit import db


class Numbered(msgspec.Struct, frozen=True):
    """A number that belongs to this transaction."""

    series: int
    number: int
    label: str


async def take_next(organisation: int, code: str) -> Numbered:
    """The next number of a series, which begins with its first. Belongs inside the tx() that issues the receipt."""
    if not db.in_tx():
        raise RuntimeError("series.take_next() belongs inside tx(): outside, a number could be lost.")
    taken = await _take(code)
    if taken is None:
        await db.row(
            "INSERT INTO receipt_series (organisation, code, next_number) VALUES ($1, $2, 1) ON CONFLICT (code) DO NOTHING",
            organisation,
            code,
        )
        taken = await _take(code)
    assert taken is not None
    return Numbered(taken["id"], taken["number"], f"{code}-{taken['number']:06d}")


async def _take(code: str) -> dict[str, int] | None:
    return await db.row(
        "UPDATE receipt_series SET next_number = next_number + 1 WHERE code = $1 RETURNING id, next_number - 1 AS number",
        code,
    )
