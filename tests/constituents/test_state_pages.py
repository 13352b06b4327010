"""Archiving, deaths, households and tasks: what a person decides about a record."""

from datetime import date

import pytest

from constituents import constituents, duplicates, memberships, tasks
from kit import db
from tests import make


async def test_archiving_asks_first_and_can_be_taken_back(browser):
    margaret = await make.person()
    await browser.sign_in()

    assert "Archive Margaret Okafor?" in (await browser.get(f"/constituents/{margaret.id}/archival")).text
    await browser.submit(f"/constituents/{margaret.id}/archival")
    assert (await constituents.get(margaret.id))["archived_at"] is not None
    await browser.submit(f"/constituents/{margaret.id}/restoral")
    assert (await constituents.get(margaret.id))["archived_at"] is None


async def test_a_death_has_a_day_or_none_and_can_be_taken_back(browser):
    margaret = await make.person()
    await browser.sign_in()

    future = await browser.submit(f"/constituents/{margaret.id}/death", deceased_on="2090-01-01")
    assert future.status_code == 422 and "has not come yet" in future.text
    await browser.submit(f"/constituents/{margaret.id}/death", deceased_on="2025-02-01")
    assert "Deceased 1 Feb 2025" in (await browser.get(f"/constituents/{margaret.id}")).text
    await browser.submit(f"/constituents/{margaret.id}/death/destroy")
    assert (await constituents.get(margaret.id))["deceased"] is False


async def test_a_household_does_not_die(browser):
    household = await make.household()
    await browser.sign_in()

    assert (await browser.get(f"/constituents/{household.id}/death")).status_code == 404
    assert (await browser.submit(f"/constituents/{household.id}/death", deceased_on="")).status_code == 422


async def test_a_person_joins_a_household_and_leaves_it(browser):
    household, margaret = await make.household(), await make.person()
    await browser.sign_in()

    assert (
        "Margaret Okafor"
        in (await browser.part(f"/constituents/{household.id}/memberships/new", q="okafro")).text
    )
    await browser.submit(
        f"/constituents/{household.id}/memberships", person=margaret.id, role="Head", from_day="2024-01-01"
    )
    other = await make.household("Lind household")
    twice = await browser.submit(
        f"/constituents/{other.id}/memberships", person=margaret.id, role="", from_day="2025-01-01"
    )
    assert twice.status_code == 422 and "in a household on that day already" in twice.text

    membership = await db.value("SELECT id FROM memberships")
    early = await browser.submit(f"/memberships/{membership}/end", until_day="2023-01-01")
    assert early.status_code == 422 and "They came later" in early.text
    await browser.submit(f"/memberships/{membership}/end", until_day="2025-01-01")
    moved = await browser.submit(
        f"/constituents/{other.id}/memberships", person=margaret.id, role="", from_day="2025-01-01"
    )
    assert moved.status_code == 303


@pytest.mark.parametrize(
    ("person", "sentence"),
    [("", "Choose a person."), ("999999", "Choose a person from the list."), ("x", "whole number")],
)
async def test_a_membership_needs_a_person(browser, person, sentence):
    household = await make.household()
    await browser.sign_in()

    answer = await browser.submit(
        f"/constituents/{household.id}/memberships", person=person, role="", from_day=""
    )

    assert answer.status_code == 422 and sentence in answer.text
    assert await db.value("SELECT count(*) FROM memberships") == 0


async def test_tasks_are_shown_closed_once_and_only_to_those_who_may(browser):
    margaret = await make.person()
    hidden = await tasks.open(
        "unsettled", "A gift of $5.00 hangs", route="x", route_id=1, permission="gifts.read"
    )
    shown = await tasks.open("archived_donor", "Margaret gave again", constituent=margaret.id)
    assert await tasks.open("archived_donor", "Margaret gave again", constituent=margaret.id) == shown
    await browser.sign_in(role="volunteer_coordinator")

    for path in ("/", "/tasks", f"/constituents/{margaret.id}"):
        text = (await browser.get(path)).text
        assert "Margaret gave again" in text and "$5.00" not in text
    assert (await browser.submit(f"/tasks/{hidden}/completion")).status_code == 404
    assert (await browser.submit(f"/tasks/{shown}/completion")).status_code == 303
    assert await tasks.open("archived_donor", "Margaret gave again", constituent=margaret.id) != shown


async def test_a_membership_does_not_end_inside_the_next_one(browser):
    first, second = await make.household(), await make.household("Lind household")
    margaret = await make.person()
    one = await memberships.begin(first.id, margaret.id, by=make.STAFF)
    await memberships.end(one, date(2020, 1, 1), by=make.STAFF)
    await memberships.begin(second.id, margaret.id, from_day=date(2021, 1, 1), by=make.STAFF)
    await browser.sign_in()

    answer = await browser.submit(f"/memberships/{one}/end", until_day="2022-01-01")

    assert answer.status_code == 422 and "in another household by that day" in answer.text
    assert await db.value("SELECT until_day FROM memberships WHERE id = $1", one) == date(2020, 1, 1)


async def test_two_that_look_alike_are_judged_from_either_and_one_stays_there(browser):
    one, other = await make.person(), await make.person("Margaret", "Okafor")
    await duplicates.suspect(one.id, other.id, "same e-mail")
    await browser.sign_in()
    text = (await browser.get(f"/constituents/{one.id}")).text
    assert "Perhaps the same as" in text and f'name="from" value="{one.id}"' in text
    pair = await db.value("SELECT id FROM duplicate_candidates")

    answer = await browser.submit(f"/duplicates/{pair}/dismissal", **{"from": one.id})

    assert answer.headers["location"] == f"/constituents/{one.id}"
    assert "Perhaps the same as" not in (await browser.get(f"/constituents/{other.id}")).text
