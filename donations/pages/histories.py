"""Who changed a fund, a campaign or an appeal, in words; for those who may read changes."""

from typing import Any

from litestar import Request

from donations import campaigns, funds
from kit import changes
from kit.words import _

_LABELS = {
    "Slug": _("Address"),
    "Fund": _("Suggested fund"),
    "Is general": _("The general fund"),
    "Public": _("For everybody to see"),
    "Text": _("What it is about"),
    "Starts on": _("Begins on"),
    "Closed at": _("Closed"),
}


async def of(request: Request[Any, Any, Any], kind: str, id: int, zone: str) -> list[dict[str, Any]] | None:
    """The newest first; None for whom it is not."""
    if not request.user.may("changes.read"):
        return None
    entries = await changes.told(kind, id, zone, 50)
    names = {
        "Fund": {str(fund["id"]): fund["name"] for fund in await funds.all_names()},
        "Campaign": {str(one["id"]): one["name"] for one in await campaigns.all_names()},
    }
    for entry in entries:
        entry["what"] = _("{deed} it", deed=entry["what"])
        entry["values"] = [
            (_LABELS.get(label, label), *(names.get(label, {}).get(said, said) for said in (before, after)))
            for label, before, after in entry["values"]
        ]
    return entries
