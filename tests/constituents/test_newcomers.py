"""A new record, unless somebody like it is here already."""

import asyncio

import pytest

from constituents import newcomers
from constituents.constituents import Details
from kit import db
from tests import make

ADA = Details(given_name="Ada", family_name="Lind")


async def test_somebody_alike_is_told_and_kept_when_a_person_says_so():
    first = await newcomers.add(ADA, different=False, by=make.STAFF)

    with pytest.raises(newcomers.Alike) as told:
        await newcomers.add(ADA, different=False, by=make.STAFF)
    assert [one["id"] for one in told.value.alike] == [first]
    assert await newcomers.add(ADA, different=True, by=make.STAFF) != first


@pytest.mark.parametrize("half", [{"given_name": "Cher"}, {"family_name": "Cher"}])
async def test_half_a_name_is_like_the_same_half_and_not_like_a_whole_one(half):
    await newcomers.add(Details(given_name="Ada", family_name="Cher"), different=False, by=make.STAFF)
    await newcomers.add(Details(**half), different=False, by=make.STAFF)

    with pytest.raises(newcomers.Alike):
        await newcomers.add(Details(**half), different=False, by=make.STAFF)


@pytest.mark.commits
async def test_of_two_clicks_at_once_one_makes_a_record():
    made = await asyncio.gather(
        *(newcomers.add(ADA, different=False, by=make.STAFF) for _ in range(5)), return_exceptions=True
    )

    assert sum(isinstance(one, int) for one in made) == 1
    assert sum(isinstance(one, newcomers.Alike) for one in made) == 4
    assert await db.value("SELECT count(*) FROM constituents") == 1
