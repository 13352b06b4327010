"""The organisation: found once, looked at by every page."""

from typing import Any

from kit import db
from kit.errors import Refused


class NotFounded(Refused):
    """There is no organisation yet: the first-run form makes it."""


async def ours() -> dict[str, Any] | None:
    """The organisation as a dict of its columns, or None before the first run."""
    return await db.row("SELECT * FROM organisations ORDER BY id LIMIT 1")


async def needed() -> dict[str, Any]:
    """The organisation; raises NotFounded before the first run."""
    found = await ours()
    if found is None:
        raise NotFounded("Tell Almoner about your organisation first.")
    return found
