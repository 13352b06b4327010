"""A new installation: one organisation, one administrator, and what is still to be done said on the first page."""

import pytest

from kit import db
from kit.changes import SYSTEM
from staff import members, organisation, passwords
from tests import make


async def begun():
    await organisation.found(name="Riverbend Food Bank, Inc.", country="US", by=SYSTEM)
    return await members.invite_first(
        name="Ana Ruiz", email="ana@riverbend.example", password="four quiet green words"
    )


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
        await members.invite_first(name="Eve", email="eve@example.org", password="another four quiet words")
    with pytest.raises(organisation.AlreadyFounded):
        await organisation.found(name="Another", country="US", by=SYSTEM)
    assert await db.value("SELECT count(*) FROM members") == 1


async def test_the_first_password_is_no_weak_one():
    with pytest.raises(passwords.TooWeak):
        await members.invite_first(name="Ana Ruiz", email="ana@riverbend.example", password="short")
