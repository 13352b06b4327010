"""What a household gave: its own gifts and its members' of the days that they were in it, each once."""

from datetime import date

from constituents import memberships
from donations import giving_summary
from donations.tables import GiftKind
from kit import db
from tests import make


async def a_household() -> tuple[int, int]:
    """A household with a member of 2024; returns both."""
    household, person = await make.household(), await make.person()
    member = await memberships.begin(household.id, person.id, from_day=date(2024, 1, 1), by=make.STAFF)
    await memberships.end(member, date(2025, 1, 1), by=make.STAFF)
    return household.id, person.id


async def test_gifts_count_from_the_first_day_of_membership_and_until_the_last():
    household, person = await a_household()
    for day, amount in (("2023-12-31", 1), ("2024-01-01", 10), ("2024-12-31", 100), ("2025-01-01", 1000)):
        await make.gift(donor=person, amount=amount, given_on=date.fromisoformat(day))
    await make.gift(donor=household, amount=10_000)

    (whole,) = await giving_summary.of_household(household)

    assert (whole.total, whole.gifts) == (10_110, 3)
    assert [(giver["id"], giver["total"]) for giver in whole.givers] == [(household, 10_000), (person, 110)]


async def test_who_came_back_counts_once_and_goods_and_soft_credit_do_not():
    household, person = await a_household()
    await memberships.begin(household, person, from_day=date(2025, 6, 1), by=make.STAFF)
    gift = await make.gift(donor=person, amount=100, given_on=date(2024, 5, 1))
    await make.gift(donor=person, amount=200, given_on=date(2025, 7, 1))
    await make.gift(
        donor=person, amount=9, kind=GiftKind.IN_KIND, in_kind_description="Bread", given_on=date(2025, 7, 1)
    )
    await db.row(
        "INSERT INTO soft_credits (gift, constituent, amount, role) VALUES ($1, $2, 100, 'Household')",
        gift.id, household,
    )  # fmt: skip

    (whole,) = await giving_summary.of_household(household)

    assert (whole.total, whole.gifts) == (300, 2)


async def test_the_households_page_shows_each_giver_and_a_persons_page_keeps_the_membership(browser):
    household, person = await a_household()
    await make.gift(donor=person, amount=777, given_on=date(2024, 5, 1))
    await browser.sign_in()

    panel = (await browser.part(f"/constituents/{household}/gifts")).text

    assert "The household in all" in panel and "$7.77" in panel and f"/gifts?donor={person}" in panel
    for id in (household, person):
        text = (await browser.get(f"/constituents/{id}")).text
        assert "from 1 Jan 2024" in text and "until 1 Jan 2025" in text, id
        assert "membership ended" in text, id  # the history of both says it
