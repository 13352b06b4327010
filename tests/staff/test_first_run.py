"""A new installation: one organisation, one administrator, and what is still to be done said on the first page."""

import pytest

from kit import db
from kit.changes import SYSTEM
from kit.errors import Refused
from staff import first_run, members, organisation
from tests import make

GIVEN = {
    "organisation": "Riverbend Food Bank, Inc.",
    "country": "us",
    "name": "Ana Ruiz",
    "email": "ana@riverbend.example",
    "password": "four quiet green words",
}


async def begun():
    await first_run.found(await first_run.look_over(**GIVEN), by=SYSTEM)
    return await db.value("SELECT id FROM members")


async def test_the_first_page_says_what_receipts_wait_for(browser):
    member = await begun()
    from types import SimpleNamespace

    await browser.sign_in(SimpleNamespace(id=member))

    page = await browser.get("/")

    assert page.status_code == 200
    assert "no receipt can be issued: Legal name" not in page.text
    assert "Street, City, Postal code" in page.text and "Registration number (EIN)" in page.text


async def test_those_who_cannot_fill_it_in_are_not_told(browser):
    await begun()
    await browser.sign_in(await make.member(role="fundraiser"))

    assert "Receipts are waiting" not in (await browser.get("/")).text


async def test_there_is_one_first_administrator_and_one_organisation():
    await begun()

    with pytest.raises(members.AlreadyAMember):
        await members.invite_first(name="Eve", email="eve@example.org", password_hash="x")
    with pytest.raises(organisation.AlreadyFounded):
        await organisation.found(name="Another", country="US", by=SYSTEM)
    assert await db.value("SELECT count(*) FROM members") == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"country": "XX"}, "XX is no country"),
        ({"country": ""}, "is no country"),
        ({"email": "nonsense"}, "no e-mail address"),
        ({"organisation": " "}, "what the organisation is called"),
        ({"name": "x" * 201}, "At most 200"),
        ({"name": "Ana\x00"}, "cannot be stored"),
        ({"password": "short"}, "At least 12"),
        ({"password": "Ana Ruiz is here"}, "Not your own name"),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_is_made(wrong, said):
    with pytest.raises(Refused, match=said):
        await first_run.look_over(**{**GIVEN, **wrong})


async def test_a_short_name_may_be_part_of_a_password():
    await first_run.look_over(**{**GIVEN, "name": "Al", "password": "walking along the canal"})


async def test_before_the_first_run_the_sign_in_says_how_it_begins(browser):
    assert "bin/almoner init" in (await browser.get("/sign-in")).text
    await begun()
    assert "bin/almoner init" not in (await browser.get("/sign-in")).text
