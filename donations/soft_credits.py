"""Soft credits: recognition for somebody who is not the legal donor. Never added to hard giving."""

from typing import Any

from kit import db


async def of_gift(gift_id: int) -> list[dict[str, Any]]:
    """Who is recognised for a gift, and how."""
    return await db.rows(
        """
        SELECT s.id, s.constituent, c.name, s.amount, s.role
          FROM soft_credits s JOIN constituents c ON c.id = s.constituent WHERE s.gift = $1 ORDER BY s.id
        """,
        gift_id,
    )


async def of_constituent(constituent: int, limit: int = 5) -> list[dict[str, Any]]:
    """Gifts of others that somebody is recognised for, the latest first."""
    return await db.rows(
        """
        SELECT s.id, s.amount, s.role, g.id AS gift, g.currency, g.given_on, g.status, g.donor, c.name AS donor_name
          FROM soft_credits s JOIN gifts g ON g.id = s.gift JOIN constituents c ON c.id = g.donor
         WHERE s.constituent = $1
      ORDER BY g.given_on DESC, s.id DESC LIMIT $2
        """,
        constituent,
        limit,
    )
