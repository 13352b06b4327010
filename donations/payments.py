"""Payments as Stripe has them, for looking at."""

from typing import Any

from kit import db
from kit.errors import NotFound


async def get(payment_id: int) -> dict[str, Any]:
    """One payment with its intent's words, and the gift it became. Raises NotFound."""
    row = await db.row(
        """
        SELECT p.*, i.given_name, i.family_name, i.email, i.comment, i.cover, i.cover_offered
          FROM stripe_payments p LEFT JOIN giving_intents i ON i.id = p.intent WHERE p.id = $1
        """,
        payment_id,
    )
    if row is None:
        raise NotFound("No such payment.")
    return row


async def of_gift(gift_id: int) -> dict[str, Any] | None:
    """The payment behind a gift, if it came through Stripe."""
    return await db.row(
        """
        SELECT p.*, i.cover, i.cover_offered FROM stripe_payments p LEFT JOIN giving_intents i ON i.id = p.intent
         WHERE p.gift = $1
        """,
        gift_id,
    )
