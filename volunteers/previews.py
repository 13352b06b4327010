"""Previews: the dates that a rule makes, and what a change of a series does, before anything is saved."""

from datetime import date
from typing import Any

import msgspec

from kit import days, db
from kit.changes import Actor
from volunteers import holidays, recurrence, series, series_changes, shifts
from volunteers.series import SeriesDetails
from volunteers.series_changes import Scope


class Preview(msgspec.Struct, frozen=True):
    """`shifts` that would stand (rows with starts_at, ends_at, zone, taken, waiting), `left_out` holidays (day, name),
    `gone` shifts that would be cancelled, how many people would be told, and whether the rule has no end of its own.
    """

    shifts: list[dict[str, Any]]
    left_out: list[tuple[date, str]]
    gone: list[dict[str, Any]] = []
    told: int = 0
    is_endless: bool = False


class _Enough(Exception):
    """Ends the transaction of a change that was only tried."""


async def of_new(details: SeriesDetails) -> Preview:
    """What planning a series would make. Raises what planning raises: NotARule, WrongTimes, Refused."""
    return await _seen(details, await _tried(details))


async def of_change(shift_id: int, scope: Scope, details: SeriesDetails, *, by: Actor) -> Preview:
    """What changing a series from a shift on would do: it is done, looked at and undone, so it is what would happen.

    Raises what `series_changes.change` raises but for its questions: who waits and who loses a shift is in the preview.
    """
    number = (await shifts.get(shift_id))["series"]
    before = {row["id"]: row for row in await _ahead([number], [])}
    after: dict[int, dict[str, Any]] = {}
    try:
        async with db.tx():
            id = await series_changes.change(
                shift_id, scope, details, by=by, confirmed=True, last_come_wait=True
            )
            after = {row["id"]: row for row in await _ahead([number, id], list(before))}
            raise _Enough
    except _Enough:
        pass
    gone = [row for id, row in before.items() if id not in after]
    moved = [row for id, row in before.items() if id in after and _differs(row, after[id])]
    told = sum(row["taken"] + row["waiting"] for row in [*gone, *moved])
    return await _seen(details, list(after.values()), gone, told)


async def _tried(details: SeriesDetails) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    try:
        async with db.tx():
            found = await _ahead([await series.create(details, by=Actor("system", None, ""))], [])
            raise _Enough
    except _Enough:
        pass
    return found


async def _seen(
    details: SeriesDetails,
    found: list[dict[str, Any]],
    gone: list[dict[str, Any]] | None = None,
    told: int = 0,
) -> Preview:
    return Preview(
        sorted(found, key=lambda row: (row["starts_at"], row["id"])),
        await _left_out(details, found),
        [row for row in gone or [] if row["taken"] + row["waiting"]],
        told,
        recurrence.is_endless(details.rule),
    )


async def _ahead(numbers: list[int], ids: list[int]) -> list[dict[str, Any]]:
    """What stands and is to come of these series, and of these shifts: one may have left its series."""
    return await db.rows(
        """
        SELECT id, starts_at, ends_at, zone, place, taken, waiting FROM shifts
         WHERE (series = ANY ($1) OR id = ANY ($2)) AND status = 'open' AND starts_at > $3 ORDER BY starts_at, id
        """,
        numbers,
        ids,
        days.now(),
    )


async def _left_out(details: SeriesDetails, found: list[dict[str, Any]]) -> list[tuple[date, str]]:
    """The holidays that the rule names and the series skips, as far as its shifts reach."""
    if not details.skips_holidays or not found:
        return []
    last = max(days.day_of(row["starts_at"], row["zone"]) for row in found)
    named = recurrence.starts(details.starts, details.rule, since=_today(details, found), until=last)
    closed = await holidays.named_between(details.starts.date(), last)
    return [(start.date(), closed[start.date()]) for start in named if start.date() in closed]


def _today(details: SeriesDetails, found: list[dict[str, Any]]) -> date:
    return max(details.starts.date(), days.today(found[0]["zone"]))


def _differs(was: dict[str, Any], now: dict[str, Any]) -> bool:
    return any(was[name] != now[name] for name in ("starts_at", "ends_at", "place"))
