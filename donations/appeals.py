"""Appeals: one asking within a campaign, with the source code that stands on its reply slip."""

from datetime import date
from typing import Any

import asyncpg
import msgspec

from kit import changes, days, db
from kit.changes import Actor
from kit.errors import Conflict, NotFound, Refused
from kit.words import _


class AppealDetails(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    source_code: str
    asked_on: date | None = None


class CodeTaken(Refused):
    """A source code says which appeal a slip came from, so no two have the same."""


async def create(campaign_id: int, appeal: AppealDetails, *, by: Actor) -> int:
    """A new appeal of a campaign that is still open."""
    async with db.tx():
        campaign = await db.row("SELECT name, closed_at FROM campaigns WHERE id = $1 FOR SHARE", campaign_id)
        if campaign is None:
            raise NotFound(f"campaign {campaign_id}")
        if campaign["closed_at"] is not None:
            raise Refused(_("“{name}” is closed and takes no new appeals.", name=campaign["name"]))
        try:
            async with db.tx():
                id = await db.value(
                    "INSERT INTO appeals (campaign, name, source_code, asked_on, created_at)"
                    " VALUES ($1, $2, $3, $4, $5) RETURNING id",
                    campaign_id, appeal.name, appeal.source_code, appeal.asked_on, days.now(),
                )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise _taken(appeal) from None
        await changes.note(
            "appeal.made",
            "appeal",
            id,
            by=by,
            after={**msgspec.structs.asdict(appeal), "campaign": campaign_id},
        )
        return id


async def update(appeal_id: int, appeal: AppealDetails, *, version: int, by: Actor) -> None:
    """Change an appeal. Raises Conflict when somebody else did since `version`."""
    async with db.tx():
        was = await _lock(appeal_id)
        if was["version"] != version:
            raise Conflict(
                _("Somebody else changed this appeal meanwhile. Look at it again before you save.")
            )
        try:
            async with db.tx():
                await db.row(
                    "UPDATE appeals SET name = $2, source_code = $3, asked_on = $4, version = version + 1 WHERE id = $1",
                    appeal_id, appeal.name, appeal.source_code, appeal.asked_on,
                )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise _taken(appeal) from None
        new = msgspec.structs.asdict(appeal)
        await changes.note(
            "appeal.changed", "appeal", appeal_id, by=by, before={name: was[name] for name in new}, after=new
        )


async def close(appeal_id: int, *, by: Actor) -> None:
    """No new gifts name it from now on. Closing twice is closing once."""
    async with db.tx():
        if (await _lock(appeal_id))["closed_at"] is None:
            await db.row(
                "UPDATE appeals SET closed_at = $2, version = version + 1 WHERE id = $1",
                appeal_id,
                days.now(),
            )
            await changes.note("appeal.closed", "appeal", appeal_id, by=by)


async def reopen(appeal_id: int, *, by: Actor) -> None:
    """It takes gifts again."""
    async with db.tx():
        if (await _lock(appeal_id))["closed_at"] is not None:
            await db.row(
                "UPDATE appeals SET closed_at = NULL, version = version + 1 WHERE id = $1", appeal_id
            )
            await changes.note("appeal.reopened", "appeal", appeal_id, by=by)


async def get(appeal_id: int) -> dict[str, Any]:
    """One appeal with its campaign's name; raises NotFound."""
    appeal = (
        await db.row(
            "SELECT a.*, c.name AS campaign_name FROM appeals a JOIN campaigns c ON c.id = a.campaign WHERE a.id = $1",
            appeal_id,
        )
        if 0 < appeal_id < 2**31
        else None
    )
    if appeal is None:
        raise NotFound(f"appeal {appeal_id}")
    return appeal


async def of(campaign_id: int) -> list[dict[str, Any]]:
    """The appeals of a campaign, the latest asking first, each with what it `raised` in the campaign's currency."""
    return await db.rows(
        """
        SELECT a.*, coalesce(r.raised, 0)::bigint AS raised, coalesce(r.gifts, 0) AS gifts
          FROM appeals a JOIN campaigns c ON c.id = a.campaign
          LEFT JOIN (SELECT appeal, currency, sum(amount - refunded_amount) AS raised, count(*) AS gifts
                       FROM gifts WHERE appeal IN (SELECT id FROM appeals WHERE campaign = $1)
                        AND status IN ('settled', 'partly_refunded')
                   GROUP BY appeal, currency) r ON r.appeal = a.id AND r.currency = c.currency
         WHERE a.campaign = $1
      ORDER BY a.closed_at IS NOT NULL, a.asked_on DESC NULLS LAST, a.id DESC
        """,
        campaign_id,
    )


async def open_ones() -> list[dict[str, Any]]:
    """Appeals that take gifts, with their campaign; for the choices of a form."""
    return await db.rows(
        """
        SELECT a.id, a.name, a.source_code, a.campaign, c.name AS campaign_name
          FROM appeals a JOIN campaigns c ON c.id = a.campaign
         WHERE a.closed_at IS NULL AND c.closed_at IS NULL
      ORDER BY a.asked_on DESC NULLS LAST, a.id DESC
        """
    )


async def all_names() -> list[dict[str, Any]]:
    """Every appeal's id and name, open ones first; for filters."""
    return await db.rows("SELECT id, name FROM appeals ORDER BY closed_at IS NOT NULL, id DESC LIMIT 500")


async def _lock(appeal_id: int) -> dict[str, Any]:
    known = 0 < appeal_id < 2**31
    appeal = await db.row("SELECT * FROM appeals WHERE id = $1 FOR UPDATE", appeal_id) if known else None
    if appeal is None:
        raise NotFound(f"appeal {appeal_id}")
    return appeal


def _taken(appeal: AppealDetails) -> CodeTaken:
    return CodeTaken(_("Another appeal has the source code “{code}”.", code=appeal.source_code))
