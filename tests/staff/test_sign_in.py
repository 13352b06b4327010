"""Signing in: who gets in, who does not, and that nobody can tell why not."""

import pytest

from kit import days, db, jobs
from staff import members, sessions
from staff.tables import Role
from tests import make

PASSWORD = "four quiet green words"


async def known(**values):
    await make.organisation()
    member_id = await members.make_known(
        name="Ana Ruiz", email="Ana@Riverbend.example", role=Role.FINANCE, password=PASSWORD, **values
    )
    return await members.find(member_id)


async def test_the_right_password_lets_in(browser):
    await known()

    answer = await browser.submit(
        "/sign-in", email="ana@riverbend.example", password=PASSWORD, next="/account"
    )

    assert answer.status_code == 303 and answer.headers["location"] == "/account"
    assert "Ana Ruiz" in (await browser.get("/account")).text


async def test_unknown_and_wrong_are_answered_alike(browser):
    await known()

    wrong = await browser.submit("/sign-in", email="ana@riverbend.example", password="not the password")
    unknown = await browser.submit("/sign-in", email="nobody@riverbend.example", password="not the password")

    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace("ana@", "nobody@") == unknown.text


async def test_a_session_planted_before_is_worth_nothing_after(browser):
    await known()
    browser.cookies.set(sessions.cookie_name(), "planted", domain="almoner.test", path="/")

    answer = await browser.submit("/sign-in", email="ana@riverbend.example", password=PASSWORD)

    assert answer.cookies[sessions.cookie_name()] != "planted"
    assert await sessions.find("planted") is None


async def test_an_earlier_session_of_the_browser_ends_at_sign_in(browser):
    member = await known()
    earlier = await sessions.start(member["id"], address="", agent="")
    browser.cookies.set(sessions.cookie_name(), earlier, domain="almoner.test", path="/")

    await browser.submit("/sign-in", email="ana@riverbend.example", password=PASSWORD)

    assert await sessions.find(earlier) is None


async def test_the_eleventh_try_has_to_wait_even_with_the_right_password(browser):
    await known()
    for _try in range(10):
        await browser.submit("/sign-in", email="ana@riverbend.example", password="wrong wrong wrong")

    answer = await browser.submit("/sign-in", email="ana@riverbend.example", password=PASSWORD)

    assert answer.status_code == 429 and "Wait a while" in answer.text


async def test_a_disabled_member_is_out_at_once(browser):
    member = await known()
    await browser.submit("/sign-in", email="ana@riverbend.example", password=PASSWORD)
    admin = await make.member()
    await db.row("UPDATE members SET password_hash = 'x' WHERE id = $1", admin.id)

    await members.disable(member["id"], by=make.STAFF)

    assert (await browser.get("/account")).status_code == 303
    answer = await browser.submit("/sign-in", email="ana@riverbend.example", password=PASSWORD)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "next_page", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"]
)
async def test_signing_in_never_leads_to_another_site(browser, next_page):
    await known()

    answer = await browser.submit(
        "/sign-in", email="ana@riverbend.example", password=PASSWORD, next=next_page
    )

    assert answer.headers["location"] == "/"


async def test_a_form_from_another_site_is_refused(browser):
    await known()

    answer = await browser.post(
        "/sign-in",
        data={"email": "ana@riverbend.example", "password": PASSWORD},
        headers={"sec-fetch-site": "cross-site"},
    )

    assert answer.status_code == 403


async def test_signing_out_ends_the_session(browser):
    await browser.sign_in()
    token = browser.cookies[sessions.cookie_name()]

    answer = await browser.submit("/sign-out")

    assert answer.status_code == 303
    assert await sessions.find(token) is None


async def test_a_page_leads_to_the_sign_in_and_back(browser):
    answer = await browser.get("/account")

    assert answer.status_code == 303 and answer.headers["location"] == "/sign-in?next=%2Faccount"


async def test_what_was_typed_survives_the_end_of_the_session(browser):
    admin = await browser.sign_in()
    await db.row("UPDATE sessions SET expires_at = $1", days.now())

    away = await browser.submit("/staff/", name="Zoë Quill", email="zoe@riverbend.example", role="finance")
    assert away.status_code == 303 and "draft=" in away.headers["location"]
    draft = away.headers["location"].split("draft=")[1]
    await browser.sign_in(admin)
    kept = await browser.get(f"/kept/{draft}")
    assert "Zoë Quill" in kept.text
    again = await browser.submit(
        "/staff/", name="Zoë Quill", email="zoe@riverbend.example", role="finance", _look_again="yes"
    )

    assert again.status_code == 422 and 'value="Zoë Quill"' in again.text
    assert await db.value("SELECT count(*) FROM members WHERE email_normal = 'zoe@riverbend.example'") == 0


async def test_nobody_else_can_fill_the_drafts(browser):
    await make.organisation()
    browser.cookies.set(sessions.cookie_name(), "never-was-a-session", domain="almoner.test", path="/")

    answer = await browser.submit("/staff/", name="x" * 1000)

    assert answer.status_code == 401
    assert await db.value("SELECT count(*) FROM drafts") == 0


async def mailed_link() -> str:
    """The link of the letter that waits to be sent; the outbox does not keep it."""
    await jobs.drain(only=["mail a password reset"])
    [letter] = await jobs.waiting()
    return letter.args["secrets"]["link_url"]


async def test_a_reset_link_works_once_and_ends_every_session(browser):
    member = await known()
    session = await sessions.start(member["id"], address="", agent="")
    await browser.submit("/forgotten", email="ANA@riverbend.example")
    link = await mailed_link()
    letter = await db.row("SELECT address, body_text FROM mails WHERE purpose = 'reset'")
    assert letter and letter["address"] == "Ana@Riverbend.example"
    assert link not in letter["body_text"]

    chosen = await browser.submit(link, password="another four good words", again="another four good words")
    second = await browser.submit(link, password="yet another four words", again="yet another four words")

    assert chosen.status_code == 303 and second.status_code == 404
    assert await sessions.find(session) is None
    answer = await browser.submit(
        "/sign-in", email="ana@riverbend.example", password="another four good words"
    )
    assert answer.status_code == 303


async def test_asking_for_a_reset_tells_nobody_who_is_known(browser):
    await known()

    real = await browser.submit("/forgotten", email="ana@riverbend.example")
    unreal = await browser.submit("/forgotten", email="nobody@riverbend.example")

    assert real.text == unreal.text
    await jobs.drain()
    assert await db.value("SELECT count(*) FROM mails WHERE address LIKE 'nobody%'") == 0


async def test_a_weak_password_is_refused_with_the_reason(browser):
    await known()
    await browser.submit("/forgotten", email="ana@riverbend.example")
    link = await mailed_link()

    answer = await browser.submit(link, password="short", again="short")

    assert answer.status_code == 422 and "At least 12 characters" in answer.text
