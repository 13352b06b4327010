"""Funds: what a gift may be used for."""

from typing import Any

import asyncpg
import msgspec

from kit import changes, days, db
from kit.changes import Actor
from kit.errors import Conflict, NotFound, Refused
from kit.words import _


class FundDetails(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    restricted: bool = False
    account_code: str = ""
    description: str = ""
    is_general: bool = False
    public: bool = False


class NameTaken(Refused):
    """Two funds of one name could not be told apart in a list."""


class Contradictory(Refused):
    """The general fund is neither restricted nor closed."""


async def create(fund: FundDetails, *, by: Actor) -> int:
    """A new fund. When it is the general one, no other is any longer."""
    async with db.tx():
        await _check(fund)
        if fund.is_general:
            await _no_general_but(None, by)
        try:
            async with db.tx():
                id = await db.value(
                    """
                    INSERT INTO funds (name, name_normal, restricted, account_code, description, is_general, public,
                                       created_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id
                    """,
                    *_columns(fund), days.now(),
                )  # fmt: skip
        except asyncpg.UniqueViolationError as taken:
            raise _taken(fund, taken) from None
        await changes.note(
            "fund.made", "fund", id, by=by, after={"name": fund.name, "restricted": fund.restricted}
        )
        return id


async def update(fund_id: int, fund: FundDetails, *, version: int, by: Actor) -> None:
    """Change a fund. Raises Conflict when somebody else did since `version`."""
    async with db.tx():
        was = await _lock(fund_id)
        if was["version"] != version:
            raise Conflict(_("Somebody else changed this fund meanwhile. Look at it again before you save."))
        await _check(fund)
        if fund.is_general and was["closed_at"] is not None:
            raise Contradictory(_("A closed fund cannot be the general one. Open it first."))
        if was["is_general"] and not fund.is_general:
            raise Contradictory(
                _("One fund has to be the general one. Mark another, and this one is no longer it.")
            )
        if fund.is_general:
            await _no_general_but(fund_id, by)
        try:
            async with db.tx():
                await db.row(
                    """
                    UPDATE funds SET name = $2, name_normal = $3, restricted = $4, account_code = $5, description = $6,
                           is_general = $7, public = $8, version = version + 1
                     WHERE id = $1
                    """,
                    fund_id, *_columns(fund),
                )  # fmt: skip
        except asyncpg.UniqueViolationError as taken:
            raise _taken(fund, taken) from None
        new = msgspec.to_builtins(fund)
        await changes.note("fund.changed", "fund", fund_id, by=by, before={k: was[k] for k in new}, after=new)


async def close(fund_id: int, *, by: Actor) -> None:
    """No new gifts from now on; what it has stays. Closing twice is closing once."""
    async with db.tx():
        fund = await _lock(fund_id)
        if fund["is_general"]:
            raise Contradictory(_("The general fund stays open: gifts without a word go there."))
        if fund["closed_at"] is None:
            await db.row(
                "UPDATE funds SET closed_at = $2, version = version + 1 WHERE id = $1", fund_id, days.now()
            )
            await changes.note("fund.closed", "fund", fund_id, by=by)


async def reopen(fund_id: int, *, by: Actor) -> None:
    """It takes gifts again."""
    async with db.tx():
        fund = await _lock(fund_id)
        if fund["closed_at"] is not None:
            await db.row("UPDATE funds SET closed_at = NULL, version = version + 1 WHERE id = $1", fund_id)
            await changes.note("fund.reopened", "fund", fund_id, by=by)


async def get(fund_id: int) -> dict[str, Any]:
    """One fund; raises NotFound."""
    fund = await db.row("SELECT * FROM funds WHERE id = $1", fund_id) if 0 < fund_id < 2**31 else None
    if fund is None:
        raise NotFound(f"fund {fund_id}")
    return fund


async def all_of_them() -> list[dict[str, Any]]:
    """Every fund, open ones first, the general one before all; with what it holds per currency as `held`."""
    funds = await db.rows(
        'SELECT * FROM funds ORDER BY closed_at IS NOT NULL, NOT is_general, name_normal COLLATE "C"'
    )
    held: dict[int, list[tuple[int, str]]] = {}
    for row in await db.rows(
        """
        SELECT fund, currency, -sum(amount)::bigint AS held FROM postings
         WHERE account IN ('income', 'income_in_kind') GROUP BY fund, currency ORDER BY 3 DESC
        """
    ):
        held.setdefault(row["fund"], []).append((row["held"], row["currency"]))
    return [{**fund, "held": held.get(fund["id"], [])} for fund in funds]


async def held(fund_id: int) -> list[dict[str, Any]]:
    """What a fund received, less what went back: `amount` per currency, and the `gifts` that have a part of it."""
    return await db.rows(
        """
        SELECT p.currency, -sum(p.amount)::bigint AS amount,
               (SELECT count(*) FROM gift_splits s JOIN gifts g ON g.id = s.gift
                 WHERE s.fund = $1 AND g.currency = p.currency
                   AND g.status IN ('settled', 'partly_refunded')) AS gifts
          FROM postings p WHERE p.fund = $1 AND p.account IN ('income', 'income_in_kind')
      GROUP BY p.currency ORDER BY 2 DESC
        """,
        fund_id,
    )


async def open_ones() -> list[dict[str, Any]]:
    """Funds that take gifts, the general one first; for the choices of a form."""
    return await db.rows(
        """
        SELECT id, name, restricted, is_general, public, description FROM funds WHERE closed_at IS NULL
      ORDER BY NOT is_general, name_normal COLLATE "C"
        """
    )


async def all_names() -> list[dict[str, Any]]:
    """Every fund's id and name, open ones first; for filters."""
    return await db.rows(
        'SELECT id, name FROM funds ORDER BY closed_at IS NOT NULL, NOT is_general, name_normal COLLATE "C" LIMIT 500'
    )


async def offered() -> list[dict[str, Any]]:
    """Open funds that the giving page offers, the general one first."""
    return [fund for fund in await open_ones() if fund["public"] or fund["is_general"]]


async def _lock(fund_id: int) -> dict[str, Any]:
    known = 0 < fund_id < 2**31
    fund = await db.row("SELECT * FROM funds WHERE id = $1 FOR UPDATE", fund_id) if known else None
    if fund is None:
        raise NotFound(f"fund {fund_id}")
    return fund


async def _check(fund: FundDetails) -> None:
    if fund.is_general and fund.restricted:
        raise Contradictory(_("The general fund cannot be restricted."))


async def _no_general_but(fund_id: int | None, by: Actor) -> None:
    for row in await db.rows(
        "UPDATE funds SET is_general = false, version = version + 1"
        " WHERE is_general AND id IS DISTINCT FROM $1 RETURNING id",
        fund_id,
    ):
        await changes.note(
            "fund.changed", "fund", row["id"], by=by, before={"is_general": True}, after={"is_general": False}
        )


def _columns(fund: FundDetails) -> tuple[Any, ...]:
    return (
        fund.name, " ".join(fund.name.casefold().split()), fund.restricted, fund.account_code, fund.description,
        fund.is_general, fund.public,
    )  # fmt: skip


def _taken(fund: FundDetails, problem: asyncpg.UniqueViolationError) -> Refused:
    if getattr(problem, "constraint_name", "") == "one_general_fund":
        return Conflict(_("Somebody else named the general fund just now. Look again."))
    return NameTaken(_("There is a fund called “{name}” already.", name=fund.name))
