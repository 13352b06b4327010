"""Who changed something of volunteering, in words; for those who may read changes."""

from typing import Any

from litestar import Request

from kit import changes


async def of(request: Request[Any, Any, Any], kind: str, id: int, zone: str) -> list[dict[str, Any]] | None:
    """The newest twenty first; None for whom it is not."""
    return await changes.told(kind, id, zone, 20) if request.user.may("changes.read") else None
