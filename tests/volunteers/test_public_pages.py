"""The public board and a volunteer's own page."""

import re

from icalendar import Calendar

from kit import db, jobs
from kit.changes import Actor
from tests.volunteers import make
from volunteers import asks, profiles, signups

CORA = Actor("staff", 1, "Cora")
TYPED = {"first_name": "Vera", "last_name": "Vance", "email": "vera@example.org", "form_key": "k1"}


async def sign_up(browser, shift, **typed):
    return await browser.submit(f"/volunteer/shifts/{shift.id}/sign-ups", **{**TYPED, **typed})


async def link_in_mail() -> str:
    """The token that the newest mail brought."""
    from kit import security

    token = security.new_token()
    await db.row(
        "UPDATE volunteer_links SET token_hash = $1 WHERE id = (SELECT max(id) FROM volunteer_links)",
        security.token_hash(token),
    )
    return token


async def test_the_board_shows_what_one_can_do_and_nothing_internal(browser):
    public = await make.shift(await make.opportunity("Sorting"), maximum=3)
    await make.shift(await make.opportunity("Secret work", is_public=False), maximum=3)

    answer = await browser.get("/volunteer")

    assert "Sorting" in answer.text and "Secret work" not in answer.text
    assert f"/volunteer/shifts/{public.id}" in answer.text


async def test_signing_up_says_the_same_whatever_became_of_it(browser):
    shift = await make.shift(maximum=3)
    first = await sign_up(browser, shift)
    again = await sign_up(browser, shift, form_key="k2")

    pages = [(await browser.get(answer.headers["location"])).text for answer in (first, again)]
    assert re.sub(r"k[12]", "", pages[0]) == re.sub(r"k[12]", "", pages[1])
    assert "Look into your mail" in pages[0]
    assert await db.value("SELECT count(*) FROM signups") == 1


async def test_what_is_missing_is_said_and_what_was_typed_stays(browser):
    shift = await make.shift(await make.opportunity(minimum_age=16), maximum=3)
    answer = await sign_up(browser, shift, email="vera@", first_name="Véra")

    assert answer.status_code == 422
    assert "date of birth" in answer.text and 'value="Véra"' in answer.text
    assert await db.value("SELECT count(*) FROM signup_requests") == 0


async def test_a_link_shows_ones_own_shifts_and_nobody_elses(browser):
    shift = await make.shift(maximum=3)
    await sign_up(browser, shift)
    await jobs.drain()
    token = await link_in_mail()
    other = await signups.sign_up(shift.id, await make.person("Ned Neal"), by=CORA)

    page = await browser.get(f"/volunteer/mine/{token}")
    refused = await browser.submit(f"/volunteer/mine/{token}/sign-ups/{other.id}/withdrawals")

    assert "Your shifts, Vera Vance" in page.text and "Ned" not in page.text
    assert refused.status_code == 404
    assert (await signups.get(other.id))["status"] == "confirmed"


async def test_from_the_own_page_one_says_yes_or_no_and_reports_hours(browser):
    shift = await make.shift(maximum=3)
    await sign_up(browser, shift)
    await jobs.drain()
    token = await link_in_mail()
    id = await db.value("SELECT id FROM signups")

    await browser.submit(f"/volunteer/mine/{token}/sign-ups/{id}/answers", coming="yes")
    assert "You said that you come" in (await browser.get(f"/volunteer/mine/{token}")).text
    programme = await db.value("SELECT id FROM programmes")
    told = await browser.submit(
        f"/volunteer/mine/{token}/hours", programme=str(programme), day="2026-01-10", hours="2", minutes="30"
    )
    assert told.headers["location"].endswith("#notices"), (
        "a browser would else stay at the form, far from the thanks"
    )
    assert await db.value("SELECT minutes FROM hours WHERE status = 'proposed'") == 150
    await browser.submit(f"/volunteer/mine/{token}/sign-ups/{id}/answers", coming="no")
    assert (await signups.get(id))["status"] == "withdrawn"


async def test_the_private_calendar_opens_by_its_newest_address_only(browser):
    shift = await make.shift(maximum=3)
    await sign_up(browser, shift)
    await jobs.drain()
    token = await link_in_mail()

    feeds = [
        re.search(
            r"/volunteer/calendars/[\w-]+/shifts.ics",
            (await browser.submit(f"/volunteer/mine/{token}/calendars")).text,
        )[0]  # pyright: ignore
        for _ in range(2)
    ]
    assert (await browser.get(feeds[0])).status_code == 404
    page = (await browser.submit(f"/volunteer/mine/{token}/calendars")).text
    opens = re.search(r"webcal://almoner.test(/volunteer/calendars/[\w-]+/shifts.ics)", page)
    assert opens and "#own-calendar" in (await browser.get(f"/volunteer/mine/{token}")).text
    calendar = Calendar.from_ical((await browser.get(opens[1])).content)
    assert [event["summary"] for event in calendar.walk("VEVENT")] == ["Sorting"]


async def test_an_ask_is_answered_from_its_mail(browser):
    from tests import make as general
    from tests.volunteers.test_asks import token_for

    shift = await make.shift(maximum=1)
    ada = await make.person("Ada Ames")
    await general.insert("emails", constituent=ada, address="a@example.org", normal="a@example.org")
    await profiles.save(ada, profiles.Profile(), version=0, by=CORA)
    await asks.ask(shift.id, [ada], by=CORA)
    token = await token_for(ada)

    assert "Could you help" in (await browser.get(f"/volunteer/asks/{token}")).text
    assert await db.value("SELECT status FROM asks") == "open"
    await browser.submit(f"/volunteer/asks/{token}", answer="yes")
    assert "The place is yours" in (await browser.get(f"/volunteer/asks/{token}")).text


async def test_feeds_are_valid(browser):
    await make.shift(maximum=3)
    programme = await make.programme()
    answer = await browser.get("/volunteer/shifts.json")
    feed = answer.json()
    assert answer.headers["access-control-allow-origin"] == "*", "a script on another website may read it"
    assert [shift["title"] for shift in feed["shifts"]] == ["Sorting"]
    calendar = Calendar.from_ical(
        (await browser.get(f"/volunteer/programmes/{programme.slug}/calendar.ics")).content
    )
    assert calendar["method"] == "PUBLISH" and len(calendar.walk("VEVENT")) == 1


async def test_before_there_is_an_organisation_the_board_is_empty_and_no_fault(browser):
    assert await db.value("SELECT count(*) FROM organisations") == 0

    answer = await browser.get("/volunteer")

    assert answer.status_code == 200 and "No shift in the next weeks takes people" in answer.text
