"""Who changed something of volunteering, in words; for those who may read changes."""

from typing import Any

from litestar import Request

from kit import changes


async def of(
    request: Request[Any, Any, Any], kind: str, id: int, zone: str, *, parts: changes.Parts = ("", ())
) -> list[dict[str, Any]] | None:
    """The newest twenty first, with what befell its `parts`; None for whom it is not."""
    may = request.user.may("changes.read")
    return await changes.told(kind, id, zone, 20, parts=parts) if may else None
