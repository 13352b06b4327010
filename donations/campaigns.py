"""Campaigns: time-bound efforts to raise money for something, each with a page of its own."""

import re
import unicodedata
from datetime import date
from typing import Any

import asyncpg
import msgspec

from kit import changes, days, db, money
from kit.changes import Actor
from kit.errors import Conflict, NotFound, Refused
from kit.words import _
from staff import organisation


class CampaignDetails(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    slug: str = ""
    goal: int | None = None
    currency: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    fund: int | None = None
    heading: str = ""
    text: str = ""
    public: bool = True


class AddressTaken(Refused):
    """Another campaign has this address on the giving page."""


async def create(campaign: CampaignDetails, *, by: Actor) -> int:
    """A new campaign. Without an address its name makes one."""
    ours = await organisation.needed()
    campaign = msgspec.structs.replace(
        campaign, slug=campaign.slug or slug_of(campaign.name), currency=campaign.currency or ours["currency"]
    )
    async with db.tx():
        try:
            async with db.tx():
                id = await db.value(
                    """
                    INSERT INTO campaigns (name, slug, goal, currency, starts_on, ends_on, fund, heading, text, public,
                                           created_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id
                    """,
                    *msgspec.structs.astuple(campaign), days.now(),
                )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise _taken(campaign) from None
        await changes.note(
            "campaign.made", "campaign", id, by=by, after={"name": campaign.name, "slug": campaign.slug}
        )
        return id


async def update(campaign_id: int, campaign: CampaignDetails, *, version: int, by: Actor) -> None:
    """Change a campaign. Raises Conflict when somebody else did since `version`."""
    async with db.tx():
        was = await _lock(campaign_id)
        if was["version"] != version:
            raise Conflict(
                _("Somebody else changed this campaign meanwhile. Look at it again before you save.")
            )
        campaign = msgspec.structs.replace(
            campaign, slug=campaign.slug or was["slug"], currency=campaign.currency or was["currency"]
        )
        try:
            async with db.tx():
                await db.row(
                    """
                    UPDATE campaigns SET name = $2, slug = $3, goal = $4, currency = $5, starts_on = $6, ends_on = $7,
                           fund = $8, heading = $9, text = $10, public = $11, version = version + 1
                     WHERE id = $1
                    """,
                    campaign_id, *msgspec.structs.astuple(campaign),
                )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise _taken(campaign) from None
        new = msgspec.structs.asdict(campaign)
        await changes.note(
            "campaign.changed",
            "campaign",
            campaign_id,
            by=by,
            before=_told({name: was[name] for name in new}),
            after=_told(new),
        )


async def close(campaign_id: int, *, by: Actor) -> None:
    """No new gifts from now on, and its page says so. Closing twice is closing once."""
    async with db.tx():
        if (await _lock(campaign_id))["closed_at"] is None:
            await db.row(
                "UPDATE campaigns SET closed_at = $2, version = version + 1 WHERE id = $1",
                campaign_id,
                days.now(),
            )
            await changes.note("campaign.closed", "campaign", campaign_id, by=by)


async def reopen(campaign_id: int, *, by: Actor) -> None:
    """It takes gifts again."""
    async with db.tx():
        if (await _lock(campaign_id))["closed_at"] is not None:
            await db.row(
                "UPDATE campaigns SET closed_at = NULL, version = version + 1 WHERE id = $1", campaign_id
            )
            await changes.note("campaign.reopened", "campaign", campaign_id, by=by)


async def get(campaign_id: int) -> dict[str, Any]:
    """One campaign; raises NotFound."""
    known = 0 < campaign_id < 2**31
    campaign = await db.row("SELECT * FROM campaigns WHERE id = $1", campaign_id) if known else None
    if campaign is None:
        raise NotFound(f"campaign {campaign_id}")
    return campaign


async def by_slug(slug: str) -> dict[str, Any] | None:
    """The campaign of an address on the giving page, closed or not."""
    return await db.row("SELECT * FROM campaigns WHERE slug = $1", slug)


async def all_of_them() -> list[dict[str, Any]]:
    """Every campaign, open ones first, the newest before older ones; with `raised` in its own currency and `gifts`."""
    return await db.rows(
        """
        SELECT c.*, coalesce(r.raised, 0)::bigint AS raised, coalesce(r.gifts, 0) AS gifts
          FROM campaigns c
          LEFT JOIN (SELECT campaign, currency, sum(amount - refunded_amount) AS raised, count(*) AS gifts
                       FROM gifts WHERE campaign IS NOT NULL AND status IN ('settled', 'partly_refunded')
                   GROUP BY campaign, currency) r ON r.campaign = c.id AND r.currency = c.currency
      ORDER BY c.closed_at IS NOT NULL, coalesce(c.starts_on, c.created_at::date) DESC, c.id DESC
        """
    )


async def raised(campaign_id: int) -> list[dict[str, Any]]:
    """What came in for a campaign, per currency: `amount`, `gifts`, `donors`."""
    return await db.rows(
        """
        SELECT currency, sum(amount - refunded_amount)::bigint AS amount, count(*) AS gifts,
               count(DISTINCT donor) AS donors
          FROM gifts WHERE campaign = $1 AND status IN ('settled', 'partly_refunded')
      GROUP BY currency ORDER BY 2 DESC
        """,
        campaign_id,
    )


async def open_ones() -> list[dict[str, Any]]:
    """Campaigns that take gifts, the newest first; for the choices of a form."""
    return await db.rows(
        """
        SELECT id, name, slug, fund FROM campaigns WHERE closed_at IS NULL
      ORDER BY coalesce(starts_on, created_at::date) DESC, id DESC
        """
    )


async def all_names() -> list[dict[str, Any]]:
    """Every campaign's id and name, open ones first; for filters."""
    return await db.rows("SELECT id, name FROM campaigns ORDER BY closed_at IS NOT NULL, id DESC LIMIT 500")


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """The values for people who read the history."""
    goal = values["goal"]
    return {**values, "goal": None if goal is None else money.show(goal, values["currency"])}


def slug_of(name: str) -> str:
    """`Clean water 2026!` → `clean-water-2026`: an address that can be said on the phone."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-") or "campaign"


async def _lock(campaign_id: int) -> dict[str, Any]:
    known = 0 < campaign_id < 2**31
    campaign = (
        await db.row("SELECT * FROM campaigns WHERE id = $1 FOR UPDATE", campaign_id) if known else None
    )
    if campaign is None:
        raise NotFound(f"campaign {campaign_id}")
    return campaign


def _taken(campaign: CampaignDetails) -> AddressTaken:
    return AddressTaken(_("Another campaign has the address “{slug}”. Choose another.", slug=campaign.slug))
