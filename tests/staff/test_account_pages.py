"""One's own account: the password and the browsers one is signed in with."""

import pytest

from kit import db
from staff import passwords, sessions
from tests import make

OLD, NEW = "four quiet green words", "another four good words"


async def signed_in(browser, role="auditor"):
    member = await browser.sign_in(role=role)
    await db.row(
        "UPDATE members SET password_hash = $1 WHERE id = $2", await passwords.hashed(OLD), member.id
    )
    return member


async def test_the_password_is_changed_and_other_browsers_are_signed_out(browser):
    member = await signed_in(browser)
    other = await sessions.start(member.id, address="127.0.0.1", agent="Firefox on the other desk")
    assert "Firefox" in (await browser.get("/account")).text

    answer = await browser.submit("/account/password", old=OLD, password=NEW, again=NEW)

    assert answer.status_code == 303 and await sessions.find(other) is None
    assert (await browser.get("/account")).status_code == 200
    stored = await db.value("SELECT password_hash FROM members WHERE id = $1", member.id)
    assert await passwords.fits(NEW, stored)


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"old": "not the one"}, ""), ({"again": "something else entirely"}, "not the same"), ({"password": "short", "again": "short"}, "At least 12"),
     ({"old": ""}, "present password"), ({"password": "", "again": ""}, "Choose a password")],
)  # fmt: skip
async def test_a_password_that_cannot_be_says_why_and_changes_nothing(browser, fields, said):
    member = await signed_in(browser)
    before = await db.value("SELECT password_hash FROM members WHERE id = $1", member.id)

    answer = await browser.submit(
        "/account/password", **{"old": OLD, "password": NEW, "again": NEW, **fields}
    )

    assert (
        answer.status_code == 422
        and said in answer.text
        and NEW not in answer.text
        and OLD not in answer.text
    )
    assert await db.value("SELECT password_hash FROM members WHERE id = $1", member.id) == before


async def test_one_browser_is_signed_out(browser):
    member = await signed_in(browser)
    other = await sessions.start(member.id, address="127.0.0.1", agent="Phone")
    number = await db.value("SELECT max(id) FROM sessions WHERE member = $1", member.id)

    assert (await browser.submit(f"/account/sessions/{number}/end")).status_code == 303
    assert await sessions.find(other) is None


async def test_nobody_ends_the_session_of_another(browser):
    await signed_in(browser)
    other = await make.member()
    token = await sessions.start(other.id, address="127.0.0.1", agent="Phone")
    number = await db.value("SELECT max(id) FROM sessions WHERE member = $1", other.id)

    assert (await browser.submit(f"/account/sessions/{number}/end")).status_code == 404
    assert await sessions.find(token) is not None


async def test_without_a_session_there_is_no_account(browser):
    await make.organisation()
    assert (await browser.get("/account")).status_code == 303
    assert (await browser.submit("/account/password", old=OLD, password=NEW, again=NEW)).status_code == 401


async def test_wrong_methods_and_numbers_are_refused(browser):
    await signed_in(browser)
    assert (await browser.get("/account/password")).status_code == 405
    assert (await browser.get("/account/sessions/1/end")).status_code == 405
    assert (await browser.submit("/account/sessions/999999/end")).status_code == 404


@pytest.mark.parametrize("path", ["/password/never-was-one", "/password/%00", "/password/" + "a" * 4000])
async def test_a_link_that_never_was_says_so(browser, path):
    await make.organisation()
    assert (await browser.get(path)).status_code in (400, 404)
    assert (await browser.submit(path, password=NEW, again=NEW)).status_code in (400, 404)


async def test_a_page_for_one_method_refuses_the_others(browser):
    await make.organisation()
    for path in ("/sign-in", "/forgotten"):
        assert (await browser.put(path)).status_code == 405
    assert (await browser.get("/sign-out")).status_code == 405


@pytest.mark.parametrize("email", ["", "nonsense", "a@b@c", "x" * 400])
async def test_a_forgotten_password_wants_an_address(browser, email):
    await make.organisation()
    answer = await browser.submit("/forgotten", email=email)

    assert answer.status_code == 422 and await db.value("SELECT count(*) FROM mails") == 0
