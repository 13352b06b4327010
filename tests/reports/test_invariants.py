"""The invariants find what is broken: each slip below is made behind the verbs' backs, found, and taken back."""

from datetime import timedelta

import pytest

from donations import refunds
from kit import days, db
from reports import invariants
from tests import make


class TakeBack(Exception):
    """Ends the savepoint of a slip, with what was found."""

    def __init__(self, found: set[str]) -> None:
        self.found = found


async def found_after(*statements: str) -> set[str]:
    """The promises broken by some statements, which are rolled back."""
    try:
        async with db.tx() as connection:
            await connection.execute("SET LOCAL almoner.bulk = 'on'")
            for statement in statements:
                await connection.execute(statement)
            raise TakeBack({finding.promise for finding in await invariants.check()})
    except TakeBack as slip:
        return slip.found


async def test_nothing_is_broken_in_an_empty_house_nor_in_a_lived_in_one():
    assert await invariants.check() == []
    gift = await make.gift()
    await refunds.record(gift.id, 100, reason="asked", by=make.STAFF)
    assert await invariants.check() == []


@pytest.mark.parametrize(
    ("slip", "promise"),
    [
        ("UPDATE gift_splits SET amount = amount - 1", "The splits of a gift sum to it"),
        ("UPDATE gifts SET status = 'bounced'", "What a gift has booked as income is what is left of it"),
        ("UPDATE gifts SET refunded_amount = 1", "A gift has given back what its refunds say, and its state says so"),
        ("UPDATE giving_totals SET hard_total = hard_total + 1", "Totals of giving equal the gifts"),
        ("DELETE FROM giving_years", "Totals of giving per fiscal year equal the gifts"),
        ("UPDATE gifts SET receipted_at = now()", "A gift is marked as receipted while it is on a live receipt, and only then"),
        ("INSERT INTO receipt_series (organisation, code, next_number) SELECT id, 'T', 3 FROM organisations",
         "Receipt numbers are contiguous from the first"),
        ("INSERT INTO stripe_payments (payment_intent, charge, status, amount, currency, gift)"
         " SELECT 'pi', 'ch', 'succeeded', 5, 'USD', id FROM gifts",
         "Every succeeded charge that Almoner began has one gift, of its amount and currency"),
        ("INSERT INTO stripe_payments (payment_intent, charge, status, amount, currency, gift, fee)"
         " SELECT 'pi', 'ch', 'succeeded', amount, 'USD', id, 30 FROM gifts", "Every fee that Stripe told is booked"),
        ("INSERT INTO journals (organisation, day, event, source_kind, source_id) SELECT id, '2026-01-01', 'x', 'x', 1 FROM organisations",
         "Each journal has postings, and they sum to zero in each currency"),
        ("INSERT INTO gift_events (gift, kind, actor_kind) SELECT id, 'x', 'staff' FROM gifts", "No deed of money lacks its change"),
        ("INSERT INTO constituents (kind, name, sort_key) VALUES ('person', 'X', 'x');"
         "UPDATE timeline_entries SET constituent = (SELECT max(id) FROM constituents)", "A gift's line stands on its donor's timeline"),
        ("INSERT INTO funds (name, name_normal) VALUES ('Q', 'q'); UPDATE gift_splits SET fund = (SELECT max(id) FROM funds)",
         "The splits of a settled gift are what its funds hold"),
    ],
)  # fmt: skip
async def test_each_slip_is_found(slip, promise):
    await make.gift()
    assert promise in await found_after(slip)
    assert await invariants.check() == []


async def test_an_event_that_waits_too_long_is_found():
    async def arrive(minutes: int) -> str:
        at = days.now() - timedelta(minutes=minutes)
        return f"INSERT INTO stripe_events (event, type, received_at) VALUES ('e{minutes}', 't', '{at.isoformat()}')"

    promise = "No event from Stripe waits for more than a quarter of an hour"
    assert promise not in await found_after(await arrive(14))
    assert promise in await found_after(await arrive(16))


async def test_a_finding_says_where_to_look():
    gift = await make.gift()
    finding = invariants.Finding("Sums are right", [{"gift": gift.id, "off": 1}])
    assert str(finding) == f"Broken: Sums are right. gift {gift.id}, off 1"
