"""What happened to a gift, and telling it: the row of the event, the change, the donor's timeline.

Every verb of a gift ends here, so that no deed of money is without its trace.
"""

from typing import Any

import msgspec

from constituents import timeline
from donations.words import BY
from kit import changes, days, db
from kit.changes import Actor
from kit.errors import NotFound, Refused


class Receipted(Refused):
    """A gift on a live receipt does not change: the receipt is voided first."""


async def lock(gift_id: int) -> dict[str, Any]:
    """The gift, held for this transaction. Raises NotFound."""
    known = 0 < gift_id < 2**63
    gift = await db.row("SELECT * FROM gifts WHERE id = $1 FOR UPDATE", gift_id) if known else None
    if gift is None:
        raise NotFound(f"gift {gift_id}")
    return gift


async def keep(
    event: str,
    gift: dict[str, Any],
    *,
    by: Actor,
    status: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """One row of gift_events and one change, then the timeline anew. `gift` is as it was before."""
    was, now = gift.get("status") or "", status or gift.get("status") or ""
    before, after = dict(before or {}), dict(after or {})
    await db.row(
        """
        INSERT INTO gift_events (gift, at, kind, status_before, status_after, before, after, reason,
                                 actor_kind, actor_id, actor_label)
        VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8, $9, $10, $11)
        """,
        gift["id"], days.now(), event, was if event != "recorded" else "", now, _json(before), _json(after), reason,
        by.kind, by.id, by.label[:200],
    )  # fmt: skip
    if was != now and event != "recorded":
        before, after = {"status": was, **before}, {"status": now, **after}
    if reason:
        after["reason"] = reason
    await changes.note(
        f"gift.{event}", "gift", gift["id"], by=by, before=before, after=after, subject=gift["donor"]
    )
    await tell(gift["id"])


async def tell(gift_id: int) -> None:
    """Write the gift's line into its donor's timeline, as the gift stands now."""
    gift = await db.row(
        """
        SELECT g.*, c.name AS campaign_name, a.name AS appeal_name,
               (SELECT string_agg(f.name, ', ' ORDER BY s.amount DESC, s.id) FROM gift_splits s
                  JOIN funds f ON f.id = s.fund WHERE s.gift = g.id) AS funds
          FROM gifts g LEFT JOIN campaigns c ON c.id = g.campaign LEFT JOIN appeals a ON a.id = g.appeal
         WHERE g.id = $1
        """,
        gift_id,
    )
    assert gift is not None
    detail = ", ".join(part for part in (gift["funds"], gift["appeal_name"] or gift["campaign_name"]) if part)
    await timeline.write(
        gift["donor"],
        "gift",
        gift_id,
        happened_on=gift["given_on"],
        title=title(gift),
        detail=detail[:500],
        amount=gift["amount"],
        currency=gift["currency"],
        status=gift["status"],
        route="gifts:show",
        route_id=gift_id,
        permission="gifts.read",
    )


def title(gift: dict[str, Any]) -> str:
    """The word beside the amount: how money came, or what the goods are."""
    if gift["kind"] in ("in_kind", "vehicle", "stock"):
        return (gift["in_kind_description"] or gift["kind"].replace("_", " "))[:300]
    return BY[gift["method"]]


def _json(values: dict[str, Any]) -> str | None:
    return msgspec.json.encode(values, enc_hook=str).decode() if values else None
