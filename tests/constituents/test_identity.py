"""Who a donor is: rules that guess nothing, and hold when two gifts of one donor come at once."""

import asyncio

import pytest

from constituents import constituents, duplicates, identity, proposals
from constituents.contacts import AddressLine
from kit import db
from kit.changes import Actor
from tests import make

DONOR = Actor("donor", None, "Giving page")


async def find(given: str, family: str, email: str, number: int = 1, **more):
    return await identity.find_or_create_donor(
        given, family, email, by=DONOR, source=("gift_intent", number), **more
    )


async def people() -> int:
    return await db.value("SELECT count(*) FROM constituents")


async def test_the_same_email_and_last_name_is_that_person():
    margaret = await make.person("Margaret", "Okafor", email="M.Okafor@Example.org")

    assert await find("Margaret", "OKAFOR", "m.okafor@example.org") == margaret.id
    assert await people() == 1


async def test_the_same_email_with_another_name_is_a_new_person_and_a_candidate():
    margaret = await make.person("Margaret", "Okafor", email="home@example.org")

    other = await find("Peter", "Lind", "home@example.org")

    assert other != margaret.id
    assert [pair["other"] for pair in await duplicates.of(other)] == [margaret.id]


async def test_several_with_that_email_and_name_make_a_new_person_and_candidates():
    one = await make.person("Ana", "Ruiz", email="ruiz@example.org")
    two = await make.person("Ana", "Ruiz", email="ruiz@example.org")

    third = await find("Ana", "Ruiz", "ruiz@example.org")

    assert third not in (one.id, two.id)
    assert [pair["other"] for pair in await duplicates.of(third)] == [one.id, two.id]


async def test_of_two_spouses_with_one_email_the_one_whose_first_name_was_typed_gave():
    await make.person("Ana", "Ruiz", email="ruiz@example.org")
    ben = await make.person("Ben", "Ruiz", email="ruiz@example.org")

    assert await find("Ben", "Ruiz", "ruiz@example.org") == ben.id


async def test_the_dead_do_not_give():
    gone = await make.person("Ana", "Ruiz", email="ruiz@example.org")
    await constituents.mark_deceased(gone.id, by=make.STAFF)

    assert await find("Ana", "Ruiz", "ruiz@example.org") != gone.id


async def test_an_archived_donor_who_gives_again_is_found_and_staff_are_told():
    margaret = await make.person("Margaret", "Okafor", email="m@example.org")
    await constituents.archive(margaret.id, by=make.STAFF)

    assert await find("Margaret", "Okafor", "m@example.org") == margaret.id
    assert await db.value("SELECT constituent FROM tasks WHERE done_at IS NULL") == margaret.id


async def test_what_a_known_person_types_is_a_proposal_and_changes_nothing():
    margaret = await make.person("Margaret", "Okafor", email="m@example.org")
    typed = AddressLine(
        street="18 Alder Lane", city="Portland", region="OR", postal_code="97206", country="US"
    )

    await find("Maggie", "Okafor", "m@example.org", phone="+15035550144", address=typed)

    assert (await constituents.get(margaret.id))["given_name"] == "Margaret"
    assert await db.value("SELECT count(*) FROM addresses") == 0
    assert [one["kind"] for one in await proposals.open_of(margaret.id)] == ["name", "phone", "address"]


async def test_what_is_typed_as_it_stands_proposes_nothing():
    typed = AddressLine(
        street="18 Alder Lane", city="Portland", region="OR", postal_code="97206", country="US"
    )
    margaret = await find("Margaret", "Okafor", "m@example.org", phone="+15035550144", address=typed)

    again = await find("margaret", "okafor", "M@example.org", 2, phone="+15035550144", address=typed)

    assert again == margaret
    assert await proposals.open_of(margaret) == []


async def test_taking_a_proposal_over_changes_the_record_and_dismissing_does_not():
    margaret = await make.person("Margaret", "Okafor", email="m@example.org", phone="+15035550100")
    await find("Maggie", "Okafor", "m@example.org", phone="+15035550144")
    name, phone = await proposals.open_of(margaret.id)

    await proposals.dismiss(name["id"], by=make.STAFF)
    await proposals.accept(phone["id"], by=make.STAFF)
    await proposals.accept(phone["id"], by=make.STAFF)

    numbers = await db.rows("SELECT number, preferred FROM phones ORDER BY preferred DESC")
    assert [row["number"] for row in numbers] == ["+15035550144", "+15035550100"]
    assert (await constituents.get(margaret.id))["name"] == "Margaret Okafor"
    assert await proposals.open_of(margaret.id) == []


@pytest.mark.commits
async def test_two_gifts_of_one_new_donor_at_once_make_one_person():
    ids = await asyncio.gather(*(find("Margaret", "Okafor", "m@example.org", n) for n in range(20)))

    assert len(set(ids)) == 1
    assert await people() == 1
