"""What a list of gifts can be narrowed to: every fund, campaign and appeal by name, the open ones first."""

import msgspec

from kit import db

Choices = tuple[tuple[str, str], ...]
"""(id, name), as a select wants them."""


class Named(msgspec.Struct, frozen=True):
    funds: Choices
    campaigns: Choices
    appeals: Choices


async def all() -> Named:
    """One question for the three: a list asks it with every page."""
    row = await db.row(
        """
        SELECT (SELECT json_agg(json_build_array(id::text, name)) FROM (
                SELECT id, name FROM funds
              ORDER BY closed_at IS NOT NULL, NOT is_general, name_normal COLLATE "C" LIMIT 500) f) AS funds,
               (SELECT json_agg(json_build_array(id::text, name)) FROM (
                SELECT id, name FROM campaigns ORDER BY closed_at IS NOT NULL, id DESC LIMIT 500) c) AS campaigns,
               (SELECT json_agg(json_build_array(id::text, name)) FROM (
                SELECT id, name FROM appeals ORDER BY closed_at IS NOT NULL, id DESC LIMIT 500) a) AS appeals
        """
    )
    return Named(
        **{name: msgspec.json.decode(found or "[]", type=Choices) for name, found in (row or {}).items()}
    )
