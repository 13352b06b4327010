"""R4 within a role: a coordinator sees their own programmes, a volunteer's link its own sign-ups, a tablet its own list.

Every route of volunteers is tried with what belongs to somebody else; the same request by whom it belongs to works, so
that a refusal is a refusal of the person and not of a slip in the request.
"""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from kit import days, db, security
from kit.changes import SYSTEM
from tests import routes
from tests.make import STAFF
from tests.reliability import examples
from tests.reliability.wire import undone
from tests.volunteers import everything, make
from volunteers import endings, hours, kiosks, links, milestones, own, qualifications, signups, visitors
from volunteers.hours import HoursDetails

# What belongs to everybody who plans: places, what shifts may ask for, days on which all is closed, and beginning anew.
SHARED = re.compile(
    r"/((places|qualifications|waivers|closed-days|hours/values)(/.*)?|programmes"
    r"|(programmes|hours|volunteers|shifts/copies)/new)"
)
# The lists: what they show is looked at in a test of its own.
LISTS = (
    "/coverage?weeks=6", "/coverage/attendance", "/hours", "/hours/entries", "/hours/totals", "/hours/totals?by=person", "/kiosks", "/programmes", "/shifts", "/shifts?view=week",
    "/shifts?view=day", "/shifts?view=list",
)  # fmt: skip
# What is taken along as a file; looked at like the lists.
FILES = (
    "/coverage/attendance/export", "/coverage/export", "/hours/export", "/hours/totals/export", "/qualifications/ending/export",
    "/qualifications/export", "/shifts/export", "/volunteers/export", "/waivers/{waiver_id:int}/export",
)  # fmt: skip
# What is about today and the days to come: test_today looks at whose it is.
TODAY = ("/shifts/today",)
# Of anybody who volunteers, everybody who plans may see that they do, what they can and when; no more.
OPEN = (
    "/volunteers", "/volunteers/{constituent_id:int}", "/volunteers/{constituent_id:int}/service-letter",
    "/constituents/{constituent_id:int}/volunteering",
)  # fmt: skip


def theirs(app: Any) -> list[routes.Route]:
    """Routes of staff that are about something of a programme, by the list that somebody wrote by hand."""
    there = routes.routes_of(app)
    lists = {path.partition("?")[0] for path in LISTS}
    return [
        route
        for route in routes.expected()
        if route.permission.startswith("volunteers.")
        and (route.method, route.path) in there
        and not SHARED.fullmatch(route.path)
        and not (route.method == "GET" and route.path in {*lists, *OPEN, *TODAY})
        and route.path not in FILES
    ]


async def coordinator(browser: Any, programme: int) -> Any:
    member = await browser.sign_in(role="volunteer_coordinator")
    await everything.coordinates(member, programme)
    return member


async def sent(browser: Any, route: routes.Route, ids: SimpleNamespace) -> Any:
    """The route's example, as a form that could not be better."""
    if route.method == "GET":
        return await browser.get(routes.filled(route.path, ids))
    files = await examples.uploads(route.path)
    return await browser.post(
        routes.filled(route.path, ids), data=examples.fields(route.path, ids), files=files
    )


async def _prepared(route: routes.Route, ids: SimpleNamespace) -> None:
    if route.path in examples.PREPARED:
        await examples.PREPARED[route.path](ids)


async def changes_so_far() -> int:
    return await db.value("SELECT coalesce(max(id), 0) FROM changes")


@pytest.mark.reliability
async def test_a_coordinator_reaches_nothing_of_anothers_programme(app, browser):
    ids = await examples.world()
    await db.row("UPDATE opportunities SET needs_approval = true")
    owner = await coordinator(browser, ids.programme_id)
    wrong = []
    for route in theirs(app):
        async with undone():
            await _prepared(route, ids)
            answer = await sent(browser, route, ids)
        if answer.status_code >= 400:
            wrong.append((route, answer.status_code, "the programme's own coordinator is refused"))
    await coordinator(browser, (await make.programme("Garden")).id)
    for route in theirs(app):
        async with undone():
            await _prepared(route, ids)
            before = await changes_so_far()
            answer = await sent(browser, route, ids)
            wrote = await changes_so_far() != before
        asked_back = answer.status_code in (409, 422)
        if wrote or not (answer.status_code == 404 or asked_back or _did_nothing(route, answer)):
            wrong.append((route, answer.status_code, "it wrote something" if wrote else ""))

    assert owner.id and not wrong, "\n".join(map(str, wrong))
    assert len(theirs(app)) > 30


def _did_nothing(route: routes.Route, answer: Any) -> bool:
    """Lists of ticked ids leave out what is not theirs, and closing what one does not see closes nothing."""
    quiet = {"/hours/approvals", "/kiosks/{kiosk_id:int}/closures"}
    return route.path in quiet and answer.status_code == 303


@pytest.mark.reliability
@pytest.mark.parametrize("path", LISTS)
async def test_a_list_shows_the_programmes_of_who_looks(browser, path):
    ids = await examples.world()
    ahead = days.day_of(days.now() + timedelta(days=7), "America/Los_Angeles")
    path = f"{path}&on={ahead}" if path.startswith("/shifts?") else path
    await _gone_by(ids)
    await coordinator(browser, ids.programme_id)
    text = (await browser.get(path)).text
    assert any(word in text for word in ("Soup", "Kitchen", "Back door", "Margaret"))

    await coordinator(browser, (await make.programme("Garden")).id)
    text = (await browser.get(path)).text
    assert not any(word in text for word in ("Soup", "Kitchen", "Baking", "Back door", "Peeled", "Margaret"))


async def _gone_by(ids: SimpleNamespace) -> None:
    """A shift of the programme lies behind: somebody did not come."""
    began = days.now() - timedelta(days=3)
    await db.row(
        "UPDATE signups SET status = 'confirmed', attendance = 'absent' WHERE id = $1", ids.signup_id
    )
    over = began + timedelta(hours=2)
    await db.row("UPDATE shifts SET starts_at = $1, ends_at = $2 WHERE id = $3", began, over, ids.shift_id)


@pytest.mark.reliability
@pytest.mark.parametrize("path", FILES)
async def test_a_file_has_the_programmes_of_who_takes_it(browser, path):
    ids = await examples.world()
    await db.row("UPDATE hours SET status = 'approved'")
    ahead = days.day_of(days.now() + timedelta(days=7), "America/Los_Angeles")
    fields = {**examples.fields(path, ids), "on": str(ahead), "weeks": "6", "by": "person", "late": ""}
    if path == "/coverage/attendance/export":
        await _gone_by(ids)
    await db.row("UPDATE qualifications_held SET until_day = $1", ahead)
    path = routes.filled(path, ids)
    await coordinator(browser, ids.programme_id)
    whole = (await browser.submit(path, **fields)).text
    assert any(word in whole for word in ("Soup", "Kitchen", "Margaret"))

    await coordinator(browser, (await make.programme("Garden")).id)
    answer = await browser.submit(path, **fields)
    hidden = ["Soup", "Kitchen", "Baking", "Peeled", "Otis", "+15035550177"]
    hidden += [] if path == "/volunteers/export" else ["Margaret"]
    assert answer.status_code == 200 and [word for word in hidden if word in answer.text] == []


@pytest.mark.reliability
async def test_what_is_private_of_a_volunteer_is_for_the_programmes_they_help_in(browser):
    ids = await examples.world()
    page = f"/volunteers/{ids.constituent_id}"
    check = await qualifications.define("Police check", "check", 36, by=STAFF)
    today = days.today("America/Los_Angeles")
    await qualifications.hold(ids.constituent_id, check, by=STAFF, from_day=today, until_day=today)
    private = ("Otis Okafor", "Soup", "Police check")
    await coordinator(browser, ids.programme_id)
    text = (await browser.get(page)).text
    assert [word for word in private if word not in text] == []
    assert "Margaret Okafor" in (await browser.get("/qualifications/ending")).text

    garden = await make.programme("Garden")
    await coordinator(browser, garden.id)
    for path in (page, f"{page}/service-letter", f"/constituents/{ids.constituent_id}/volunteering"):
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert [word for word in private if word in answer.text] == [], path
        assert f'href="{page}/edit"' not in answer.text
    assert "Margaret Okafor" not in (await browser.get("/qualifications/ending")).text
    asked = {"qualification": str(check), "standing": "valid"}
    assert "Margaret Okafor" not in (await browser.get("/volunteers", params=asked)).text

    weeding = await make.opportunity("Weeding", programme=garden.id)
    starts = days.wall_clock(days.now() + timedelta(days=3), weeding.zone)
    await signups.sign_up(
        (await make.shift(weeding, starts=starts)).id, ids.constituent_id, by=STAFF, overrule=True
    )
    text = (await browser.get(page)).text
    assert "Otis Okafor" in text and "Weeding" in text and "Soup" not in text


async def test_whoever_has_not_helped_anywhere_may_be_entered_by_any_coordinator(browser):
    ids = await examples.world()
    await coordinator(browser, (await make.programme("Garden")).id)

    path = f"/volunteers/{ids.free_id}"
    assert (await browser.get(f"{path}/edit")).status_code == 200
    fields = {**examples.fields("/volunteers/{constituent_id:int}", ids), "version": "1"}
    assert (await browser.submit(path, **fields)).status_code == 303
    assert "Otis Quill" in (await browser.get(path)).text


async def two_coordinators(browser: Any) -> SimpleNamespace:
    """The world; its programme's own coordinator, and one of another in which its volunteer has helped once, too."""
    ids = await examples.world()
    await db.row("UPDATE hours SET status = 'approved' WHERE constituent = $1", ids.constituent_id)
    await _gone_by(ids)
    garden = await make.programme("Garden")
    weeding = await make.opportunity("Weeding", programme=garden.id)
    starts = days.wall_clock(days.now() + timedelta(days=3), weeding.zone)
    shift = await make.shift(weeding, starts=starts)
    await signups.sign_up(shift.id, ids.constituent_id, by=STAFF, overrule=True)
    today = days.today("America/Los_Angeles")
    await hours.record(
        HoursDetails(constituent=ids.constituent_id, programme=garden.id, day=today, minutes=15), by=SYSTEM
    )
    own, other = await coordinator(browser, ids.programme_id), await coordinator(browser, garden.id)
    return SimpleNamespace(ids=ids, own=own, other=other, garden=garden, weeding=weeding)


@pytest.mark.reliability
@pytest.mark.parametrize("path", ["/volunteers/{}", "/constituents/{}/volunteering"])
async def test_the_figures_of_a_volunteer_are_of_the_programmes_of_who_looks(browser, path):
    both = await two_coordinators(browser)
    path = path.format(both.ids.constituent_id)
    given = {}
    for member in (both.own, both.other, await browser.sign_in(role="administrator")):
        await browser.sign_in(member)
        text = (await browser.get(path)).text
        given[member.id] = (figure(text, "Hours"), figure(text, "Did not come")[:1] == "1")
    assert list(given.values()) == [("2 h 30 min", True), ("15 min", False), ("2 h 45 min", True)]


async def test_how_people_kept_their_word_is_of_the_programmes_of_who_looks(browser):
    both = await two_coordinators(browser)
    shift = await db.value("SELECT shift FROM signups ORDER BY id DESC LIMIT 1")
    for member, told in ((both.other, False), (await browser.sign_in(role="administrator"), True)):
        await browser.sign_in(member)
        text = (await browser.get(f"/shifts/{shift}")).text
        assert "Margaret" in text and ("Missed 1 of 1" in text) == told


def figure(text: str, label: str) -> str:
    """What stands beside or under a word of the page."""
    found = re.search(rf"<dt>{label}</dt><dd[^>]*>(?:<[^>]*>)*\s*([^<]*)", text)
    return found[1].strip() if found else ""


@pytest.mark.reliability
@pytest.mark.parametrize(
    "path", ["/constituents/{}?show=volunteering", "/constituents/{}/timeline?show=volunteering"]
)
async def test_a_persons_story_tells_a_coordinator_of_their_programmes(browser, path):
    both = await two_coordinators(browser)
    path = path.format(both.ids.constituent_id)
    told = {}
    for member in (both.own, both.other, await browser.sign_in(role="fundraiser")):
        await browser.sign_in(member)
        text = (await browser.get(path, headers={"HX-Request": "true", "Alpine-Request": "true"})).text
        told[member.id] = [word for word in ("Soup", "Weeding", "Kitchen", "Garden") if word in text]
    assert list(told.values()) == [
        ["Soup", "Kitchen"], ["Weeding", "Garden"], ["Soup", "Weeding", "Kitchen", "Garden"]
    ]  # fmt: skip


@pytest.mark.reliability
async def test_a_task_is_for_who_sees_the_programme_or_knows_the_person(browser):
    ids = await examples.world()
    told = await _tasks_of_volunteers(ids)
    own = await coordinator(browser, ids.programme_id)
    other = await coordinator(browser, (await make.programme("Garden")).id)
    pages = ("/", "/tasks", f"/constituents/{ids.constituent_id}")

    for path in pages:
        text = (await browser.get(path)).text
        assert [title for title in told.values() if title in text] == [], path
    for id in told:
        assert (await browser.submit(f"/tasks/{id}/completion")).status_code == 404
    assert await db.value("SELECT count(*) FROM tasks WHERE done_at IS NOT NULL") == 0

    for member in (own, await browser.sign_in(role="administrator")):
        await browser.sign_in(member)
        for path in pages:
            text = (await browser.get(path)).text
            assert [title for title in told.values() if title not in text] == [], path
    await browser.sign_in(own)
    for id in told:
        assert (await browser.submit(f"/tasks/{id}/completion")).status_code == 303
    done = {member.id: await _told(browser, member, told) for member in (own, other)}
    assert done == {own.id: set(told), other.id: set()}


async def _told(browser: Any, member: Any, tasks: dict[int, str]) -> set[int]:
    """Which of the tasks the list of open and done ones shows a member."""
    await browser.sign_in(member)
    text = (await browser.get("/tasks")).text
    return {id for id, title in tasks.items() if title in text}


async def _tasks_of_volunteers(ids: SimpleNamespace) -> dict[int, str]:
    """Title by id of a task of each kind that volunteers make, made as they are made."""
    shift = await db.row("SELECT * FROM shifts WHERE id = $1", ids.shift_id)
    role = await db.row("SELECT * FROM opportunities WHERE id = $1", ids.opportunity_id)
    await db.row("UPDATE opportunities SET minimum_age = 18 WHERE id = $1", ids.opportunity_id)
    await signups.withdraw(ids.signup_id, by=STAFF)
    visit = visitors.Visit(
        entry_key="k" * 20, given_name="Margaret", family_name="Okafor", email="margaret@example.org",
        born_on=days.now().date() - timedelta(days=16 * 365), guardian_name="Otis Okafor", guardian_phone="+15035550177",
    )  # fmt: skip
    assert shift and role and await visitors.sign_up(ids.shift_id, visit)
    check = await qualifications.define("Police check", "check", 36, by=STAFF)
    today = days.today("America/Los_Angeles")
    await qualifications.hold(ids.constituent_id, check, by=STAFF, from_day=today, until_day=today)
    await endings.tell()
    await db.row("UPDATE volunteers SET may_be_asked = false WHERE constituent = $1", ids.constituent_id)
    details = HoursDetails(
        constituent=ids.constituent_id, programme=ids.programme_id, day=today, minutes=1440, people=2
    )
    await milestones.look(await hours.record(msgspec.structs.replace(details, minutes=2880), by=SYSTEM))
    found = await db.rows("SELECT id, kind, title FROM tasks WHERE kind <> 'look' ORDER BY kind")
    assert [row["kind"] for row in found] == ["check_ends", "milestone", "volunteer_lacks"]
    return {row["id"]: row["title"] for row in found}


@pytest.mark.parametrize("path", ["/programmes/{}", "/programmes"])
async def test_who_leaves_a_programme_to_others_comes_to_a_page_that_says_so(browser, path):
    garden = await make.programme("Garden")
    other = await browser.sign_in(role="administrator")
    await coordinator(browser, garden.id)
    fields = {"name": "Orchard", "version": str(garden.version), "coordinators": str(other.id)}
    answer = await browser.submit(path.format(garden.id), **fields)

    assert answer.status_code == 303
    shown = await browser.get(answer.headers["location"])
    assert shown.status_code == 200 and "“Orchard” is saved. You do not coordinate it" in shown.text
    assert f'href="/programmes/{garden.id}"' not in shown.text or path == "/programmes"


# ---------------------------------------------------------------- links


OWN = "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/"


@pytest.mark.reliability
@pytest.mark.parametrize("what", ["withdrawals", "answers", "acceptances", "replacements"])
async def test_a_link_does_nothing_to_anothers_sign_up(browser, what):
    ids = await examples.world()
    stranger = await links.new_for(ids.free_id)
    if OWN + what in examples.PREPARED:
        await examples.PREPARED[OWN + what](ids)
    fields = examples.fields(OWN + what, ids)

    before, was = await changes_so_far(), await signups.get(ids.signup_id)
    for token in (stranger, security.new_token(), ids.within["/volunteer/asks/"]["token"]):
        path = f"/volunteer/mine/{token}/sign-ups/{ids.signup_id}/{what}"
        assert (await browser.submit(path, **fields)).status_code == 404
    assert await changes_so_far() == before and await signups.get(ids.signup_id) == was

    answer = await browser.submit(routes.filled(OWN + what, ids), **fields)
    assert answer.status_code == 303 and await changes_so_far() > before


async def test_a_link_shows_its_own_shifts_hours_and_calendar(browser):
    ids = await examples.world()
    stranger = await links.new_for(ids.free_id)
    hers = (await browser.get(routes.filled("/volunteer/mine/{token:str}", ids))).text
    his = (await browser.get(f"/volunteer/mine/{stranger}")).text
    assert "Soup" in hers and "Margaret" in hers
    assert "Soup" not in his and "Margaret" not in his and "Walter" in his

    feed = await own.new_feed(ids.free_id, by=STAFF)
    assert "Soup" not in (await browser.get(f"/volunteer/calendars/{feed}/shifts.ics")).text
    await db.row("UPDATE signups SET status = 'confirmed' WHERE id = $1", ids.signup_id)
    calendar = routes.filled("/volunteer/calendars/{token:str}/shifts.ics", ids)
    assert "Soup" in (await browser.get(calendar)).text


@pytest.mark.parametrize(
    "path", ["/volunteer/mine/{}", "/volunteer/calendars/{}/shifts.ics", "/volunteer/asks/{}", "/volunteer/kiosk/{}"]
)  # fmt: skip
async def test_a_token_opens_only_what_it_was_made_for(browser, path):
    ids = await examples.world()
    tokens = {begins: own["token"] for begins, own in ids.within.items() if "token" in own}
    for begins, token in tokens.items():
        answer = await browser.get(path.format(token))
        assert answer.status_code == (200 if path.startswith(begins) else 404), (begins, path)


async def test_an_old_link_opens_nothing(browser):
    ids = await examples.world()
    path = routes.filled("/volunteer/mine/{token:str}", ids)
    assert (await browser.get(path)).status_code == 200

    with days.frozen(days.now() + links.LIFE + timedelta(seconds=1)):
        assert (await browser.get(path)).status_code == 404


async def test_hours_are_told_only_of_programmes_in_which_one_helped(browser):
    ids = await examples.world()
    stranger = await links.new_for(ids.free_id)
    before = await db.value("SELECT count(*) FROM hours")
    fields = examples.fields("/volunteer/mine/{token:str}/hours", ids)

    answer = await browser.submit(f"/volunteer/mine/{stranger}/hours", **fields)
    assert answer.status_code == 422 and await db.value("SELECT count(*) FROM hours") == before


# ---------------------------------------------------------------- the tablet


async def at_the_door() -> SimpleNamespace:
    """Now: somebody here, somebody at the other place, somebody in the other programme here; and somebody here, tomorrow."""
    here, there = await make.place("Here"), await make.place("There")
    kitchen, garden = await make.programme("Kitchen"), await make.programme("Garden")
    now = days.wall_clock(days.now(), here.zone).replace(second=0, microsecond=0)
    people = {}
    for name, place, programme, starts in (
        ("Ida Here", here, kitchen, now), ("Otis There", there, kitchen, now), ("Nora Garden", here, garden, now),
        ("Tom Tomorrow", here, kitchen, now + timedelta(days=1)),
    ):  # fmt: skip
        role = await make.opportunity(f"Role of {name}", place=place.id, programme=programme.id)
        shift = await make.shift(role, starts=starts)
        people[name] = (await signups.sign_up(shift.id, await make.person(name), by=STAFF, overrule=True)).id
    until = days.now() + timedelta(days=1)
    id, token = await kiosks.open(
        "Door", everything.PIN, until=until, by=STAFF, programme=kitchen.id, place=here.id
    )
    return SimpleNamespace(
        people=people, id=id, token=token, path=f"/volunteer/kiosk/{token}", here=here, kitchen=kitchen
    )


async def test_a_tablet_shows_and_takes_its_own_place_programme_and_day(browser):
    door = await at_the_door()
    await browser.submit(f"{door.path}/sessions", pin=everything.PIN)

    text = (await browser.get(door.path)).text
    assert "Ida Here" in text
    assert not any(name in text for name in ("Otis There", "Nora Garden", "Tom Tomorrow"))

    for name, signup in door.people.items():
        answer = await browser.submit(f"{door.path}/presses", signup=signup, what="in")
        assert (answer.status_code == 303) == (name == "Ida Here"), name
        key = f"key-of-{signup}-00000000"
        sent = {"presses": [{"key": key, "signup": signup, "what": "in", "at": days.now().isoformat()}]}
        [said] = (await browser.post(f"{door.path}/presses", json=sent)).json()["taken"]
        assert (said["problem"] == "") == (name == "Ida Here"), name
    came = await db.rows("SELECT id FROM signups WHERE arrived_at IS NOT NULL")
    assert [row["id"] for row in came] == [door.people["Ida Here"]]


async def test_without_its_pin_a_tablet_shows_and_takes_nothing(browser):
    door = await at_the_door()
    signup = door.people["Ida Here"]
    other, token = await kiosks.open(
        "Other", "9999", until=days.now() + timedelta(days=1), by=STAFF, programme=door.kitchen.id
    )
    await browser.submit(f"/volunteer/kiosk/{token}/sessions", pin="9999")
    proof = kiosks.proof({**await kiosks.with_token(token)})
    for cookie in ("", "x", proof):
        browser.cookies.set(f"kiosk-{door.id}", cookie, domain="almoner.test", path=door.path)
        assert "Ida Here" not in (await browser.get(door.path)).text
        answer = await browser.submit(f"{door.path}/presses", signup=signup, what="in")
        assert answer.status_code == 404, cookie
        sent = {
            "presses": [
                {"key": "a-key-of-ours", "signup": signup, "what": "in", "at": "2026-01-01T00:00:00Z"}
            ]
        }
        assert (await browser.post(f"{door.path}/presses", json=sent)).status_code == 404
    assert other != door.id and await db.value("SELECT count(*) FROM check_ins") == 0


async def test_a_pin_is_not_guessed(browser):
    door = await at_the_door()
    tries = [await browser.submit(f"{door.path}/sessions", pin=f"{number:04}") for number in range(20)]
    assert [answer.status_code for answer in tries[:10]] == [422] * 10
    assert {answer.status_code for answer in tries[10:]} == {429}

    answer = await browser.submit(f"{door.path}/sessions", pin=everything.PIN)
    assert answer.status_code == 429 and "Ida Here" not in (await browser.get(door.path)).text


async def test_a_closed_tablet_opens_nothing(browser):
    door = await at_the_door()
    await browser.submit(f"{door.path}/sessions", pin=everything.PIN)
    assert (await browser.get(door.path)).status_code == 200
    await kiosks.close(door.id, by=STAFF)

    assert (await browser.get(door.path)).status_code == 404
    answer = await browser.submit(f"{door.path}/presses", signup=door.people["Ida Here"], what="in")
    assert answer.status_code == 404


async def test_a_tablet_opens_nothing_after_its_last_day(browser):
    door = await at_the_door()
    await browser.submit(f"{door.path}/sessions", pin=everything.PIN)
    until = await db.value("SELECT until FROM kiosks WHERE id = $1", door.id)

    with days.frozen(until - timedelta(seconds=1)):
        assert (await browser.get(door.path)).status_code == 200
    with days.frozen(until):
        assert (await browser.get(door.path)).status_code == 404
        answer = await browser.submit(f"{door.path}/presses", signup=door.people["Ida Here"], what="in")
        assert answer.status_code == 404


# ---------------------------------------------------------------- who changed what


@pytest.mark.reliability
@pytest.mark.parametrize(
    "path",
    [
        "/programmes/{programme_id}", "/opportunities/{opportunity_id}", "/shifts/{shift_id}", "/places/{place_id}/edit",
        "/qualifications/{qualification_id}/edit", "/sign-ups/{signup_id}", "/volunteers/{constituent_id}",
    ],
)  # fmt: skip
async def test_who_changed_what_is_for_who_may_read_changes(browser, path):
    ids = await examples.world()
    path = path.format(**vars(ids))
    await browser.sign_in(role="administrator")
    assert ">History<" in (await browser.get(path)).text
    await coordinator(browser, ids.programme_id)
    answer = await browser.get(path)
    assert answer.status_code == 200 and ">History<" not in answer.text
