"""Shares of a gift: allocations to funds, by amount or percent, and what is left for the general fund."""

from decimal import Decimal

from imports import cells
from imports.npsp_payments import Allocation, Attached
from imports.plan import Key, Line, Plan, Split, shared
from kit import money
from kit.words import _


def shares(
    opportunity: str, amount: int, whole: int, currency: str, attached: Attached, plan: Plan
) -> tuple[Split, ...]:
    """`amount` over the funds of an opportunity of `whole`; sums to it exactly, one share a fund.

    A percentage is exact and an amount is as written; odd cents go by largest remainder. Allocations of more than
    the opportunity are said and scaled to it.
    """
    allocations = attached.allocations.get(opportunity, [])
    wanted: dict[str, Decimal] = {}
    for allocation in allocations:
        part = _part(allocation, whole, currency, plan)
        if part > 0:
            wanted[allocation.fund] = wanted.get(allocation.fund, Decimal(0)) + part
    total = sum(wanted.values(), Decimal(0))
    if total > whole + Decimal(len(allocations)):
        text = _(
            "Allocations add up to {total}, more than the {amount} of the opportunity: they are scaled down to it.",
            total=money.show(int(total), currency),
            amount=money.show(whole, currency),
        )
        line = Line(text, "Allocation.csv", allocations[0].row)
        if line not in plan.remarks[-20:]:
            plan.remarks.append(line)
    funds: list[Key | None] = [shared("General_Accounting_Unit", fund) for fund in wanted]
    weights = [int(part * 1_000_000) for part in wanted.values()]
    rest = int((whole - total) * 1_000_000)
    if rest > 0:
        funds.append(None)
        weights.append(rest)
    parts = money.split(amount, weights) if weights else []
    return tuple(Split(fund, part) for fund, part in zip(funds, parts, strict=True) if part) or (
        Split(None, amount),
    )


def _part(allocation: Allocation, whole: int, currency: str, plan: Plan) -> Decimal:
    """Minor units, maybe with a fraction. NPSP reckons the amount from the percentage, so the percentage is exacter."""
    if allocation.percent is not None:
        return whole * allocation.percent / 100
    try:
        return Decimal(cells.amount(allocation.amount, currency) or 0)
    except ValueError as wrong:
        plan.fault(str(wrong), "Allocation.csv", allocation.row, "npsp__Amount__c")
        return Decimal(0)
