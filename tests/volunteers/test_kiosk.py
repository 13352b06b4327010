"""The tablet at the door and the lead's list: what they take, from whom, and what they tell."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kit import days, db
from kit.changes import Actor
from tests import make as general
from tests.volunteers import make
from volunteers import kiosks, links, profiles, signups

LEAD = Actor("staff", 1, "Lea Lead")
WANDA = {"first_name": "Wanda", "last_name": "Walker", "email": "wanda@example.org"}


@pytest.fixture
async def shift():
    """A public shift that began an hour ago, with one person on it."""
    starts = days.wall_clock(days.now() - timedelta(hours=1), "America/New_York")
    role = await make.opportunity("Soup", largest_group=9)
    made = await make.shift(role, starts=starts.replace(second=0, microsecond=0), hours=4, maximum=1)
    made.person = await make.person("Vera Vance")
    made.signup = (await signups.sign_up(made.id, made.person, by=LEAD, overrule=True)).id
    return made


@pytest.fixture
async def tablet(browser, shift):
    """The address of a tablet for the shift's programme, its PIN typed."""
    _id, token = await kiosks.open(
        "Front door", "4711", until=days.now() + timedelta(days=1), by=LEAD, programme=shift.programme
    )
    await browser.submit(f"/volunteer/kiosk/{token}/sessions", pin="4711")
    return f"/volunteer/kiosk/{token}"


def press(what: str, *, key: str = "", **more: Any) -> dict[str, Any]:
    return {"key": key or f"key-of-{what}", "what": what, "at": days.now().isoformat(), **more}


async def problems(browser, to: str, *presses: dict[str, Any]) -> list[str]:
    answer = await browser.post(to, json={"presses": list(presses)})
    assert answer.status_code in (200, 201), answer.text
    return [one["problem"] for one in answer.json()["taken"]]


async def test_presses_are_taken_once_each_and_one_that_fails_stops_no_other(browser, tablet, shift):
    other = await make.shift(
        await make.opportunity("Elsewhere", programme=(await make.programme("Other")).id)
    )
    stranger = (await signups.sign_up(other.id, await make.person("Otto Other"), by=LEAD)).id
    sent = (
        press("in", signup=shift.signup),
        press("dance", key="key-unknown", signup=shift.signup),
        press("in", key="key-stranger", signup=stranger),
        press("in", key="key-many", signup=shift.signup, people=900),
        press("out", signup=shift.signup),
    )
    for _again in range(2):
        found = await problems(browser, f"{tablet}/presses", *sent)
        assert [bool(problem) for problem in found] == [False, True, True, True, False]
    assert await db.value("SELECT count(*) FROM check_ins") == 2
    assert (await signups.get(shift.signup))["left_at"] is not None


async def test_a_walk_in_at_the_tablet_is_found_or_made_and_sent_twice_is_one(browser, tablet, shift):
    known = await general.person("Wanda", "Walker", email="wanda@example.org")
    comes = press("in", key="walk-in-1", walk_in={**WANDA, "shift": str(shift.id), "size": "2"})
    for _again in range(2):
        assert await problems(browser, f"{tablet}/presses", comes) == [""]

    [row] = await db.rows(
        "SELECT constituent, came, came_by, arrived_at FROM signups WHERE constituent = $1", known.id
    )
    assert (row["came"], row["came_by"]) == (2, "walk_in") and row["arrived_at"]
    assert (await db.row("SELECT taken, maximum FROM shifts WHERE id = $1", shift.id)) == {
        "taken": 3,
        "maximum": 3,
    }
    assert await db.value("SELECT count(*) FROM constituents WHERE family_name = 'Walker'") == 1


async def test_the_tablet_tells_nobody_why_somebody_may_not_come(browser, tablet, shift):
    banned = await general.person("Wanda", "Walker", email="wanda@example.org")
    await profiles.save(banned.id, profiles.Profile(status="ended"), version=0, by=LEAD)
    comes = {**WANDA, "shift": str(shift.id), "size": "1"}

    [said] = await problems(browser, f"{tablet}/presses", press("in", walk_in=comes))
    assert said == "Please ask the team lead to add you to this shift."
    await db.row("UPDATE opportunities SET needs_approval = true WHERE id = $1", shift.opportunity)
    assert await problems(
        browser,
        f"{tablet}/presses",
        press("in", key="another-key", walk_in={**comes, "email": "new@example.org"}),
    ) == [said]
    assert await db.value("SELECT count(*) FROM signups") == 1


async def test_a_walk_in_without_script_and_what_was_typed_wrong_stays(browser, tablet, shift):
    wrong = await browser.submit(f"{tablet}/walk-ins", **{**WANDA, "email": "wanda@"}, shift=shift.id, size=1)
    assert wrong.status_code == 422 and 'value="Wanda"' in wrong.text and " open" in wrong.text
    done = await browser.submit(f"{tablet}/walk-ins", **WANDA, shift=shift.id, size=1, key="form-key-1")
    assert done.status_code == 303
    assert "Wanda Walker" in (await browser.get(tablet)).text


async def test_a_tablet_without_its_pin_takes_nothing(browser, tablet, shift):
    browser.cookies.clear()
    assert "Vera Vance" not in (await browser.get(tablet)).text
    answer = await browser.post(f"{tablet}/presses", json={"presses": [press("in", signup=shift.signup)]})
    assert answer.status_code == 404
    assert (await signups.get(shift.signup))["arrived_at"] is None


async def test_the_lead_sees_whom_to_call_and_lets_in_who_lacks_something_knowingly(browser, shift):
    private = profiles.Private(emergency_name="Otis Vance", emergency_phone="+15035550177")
    await profiles.save_private(shift.person, private, by=LEAD)
    await db.row("UPDATE opportunities SET minimum_age = 18 WHERE id = $1", shift.opportunity)
    await browser.sign_in(role="administrator")

    assert "Otis Vance" in (await browser.get(f"/shifts/{shift.id}/door")).text
    asked = await browser.submit(f"/shifts/{shift.id}/walk-ins", **WANDA, size=1)
    assert asked.status_code == 422 and "date of birth" in asked.text and "I have seen that" in asked.text
    assert (
        await browser.submit(f"/shifts/{shift.id}/walk-ins", **WANDA, size=1, confirmed="yes")
    ).status_code == 303
    assert [row["name"] for row in await signups.of_shift(shift.id)] == ["Vera Vance", "Wanda Walker"]


async def test_the_lead_presses_only_for_their_own_shift_and_notes_who_did_not_come(browser, shift):
    other = await make.shift(
        await make.opportunity("Elsewhere"), starts=days.wall_clock(days.now(), "America/New_York")
    )
    await browser.sign_in(role="administrator")
    to = f"/shifts/{other.id}/presses"
    assert (await problems(browser, to, press("in", signup=shift.signup))) == [
        "This person is not on the list."
    ]
    await browser.submit(f"/shifts/{shift.id}/presses", signup=shift.signup, what="absent")
    assert (await signups.get(shift.signup))["attendance"] == "absent"


async def test_ones_own_phone_checks_in_and_nobody_elses(browser, shift):
    own, other = await links.new_for(shift.person), await links.new_for(await make.person("Otto Other"))
    path = f"/sign-ups/{shift.signup}"
    assert (await browser.get(f"/volunteer/mine/{other}{path}/door")).status_code == 404
    assert (await browser.submit(f"/volunteer/mine/{other}{path}/presses", what="in")).status_code == 404

    page = (await browser.get(f"/volunteer/mine/{own}{path}/door")).text
    assert "data:image/png" in page and 'value="in"' in page
    assert (await browser.submit(f"/volunteer/mine/{own}{path}/presses", what="in")).status_code == 303
    assert "leaving" in (await browser.get(f"/volunteer/mine/{own}{path}/door")).text
    await browser.submit(f"/volunteer/mine/{own}{path}/presses", what="out")
    assert (await signups.get(shift.signup))["left_at"] is not None
    assert [row["came_by"] for row in await db.rows("SELECT came_by FROM check_ins ORDER BY id")] == [
        "own_phone"
    ] * 2


async def test_the_code_of_a_phone_opens_the_leads_list_at_that_person(browser, shift):
    await db.row("UPDATE shifts SET maximum = 2 WHERE id = $1", shift.id)
    await signups.sign_up(shift.id, await make.person("Ada Early"), by=LEAD, overrule=True)
    await browser.sign_in(role="administrator")
    plain = (await browser.get(f"/shifts/{shift.id}/door")).text
    scanned = (await browser.get(f"/shifts/{shift.id}/door", params={"signup": shift.signup})).text
    assert plain.index("Ada Early") < plain.index("Vera Vance")
    assert scanned.index("Vera Vance") < scanned.index("Ada Early")


@pytest.mark.parametrize("wrong", [timedelta(hours=-1), timedelta(minutes=50), timedelta(days=-20000)])
async def test_the_clock_of_a_tablet_may_be_wrong_and_the_time_is_right_all_the_same(
    browser, tablet, shift, wrong
):
    """It sends what it takes for now: by how much that is wrong, its presses are wrong."""
    arrived = days.now() - timedelta(minutes=20)
    comes = {
        "key": "key-wrong-clock",
        "what": "in",
        "at": (arrived + wrong).isoformat(),
        "signup": shift.signup,
    }
    answer = await browser.post(
        f"{tablet}/presses", json={"presses": [comes], "now": (days.now() + wrong).isoformat()}
    )
    assert answer.json()["taken"][0]["problem"] == ""
    kept = (await signups.get(shift.signup))["arrived_at"]
    assert abs(kept - arrived) < timedelta(seconds=20)


async def test_what_was_pressed_before_a_tablet_ended_may_be_sent_after_it_and_nothing_else(
    browser, tablet, shift
):
    """The net was gone, and came back when the tablet's time was over."""
    pressed_at = days.now()
    [kiosk] = await kiosks.standing(None)
    with days.frozen(kiosk["until"] + timedelta(minutes=30)):
        await db.row(
            "UPDATE shifts SET starts_at = $2, ends_at = $3 WHERE id = $1",
            shift.id, pressed_at - timedelta(hours=1), kiosk["until"] + timedelta(hours=2),
        )  # fmt: skip
        late = {"key": "key-late-one", "what": "in", "at": pressed_at.isoformat(), "signup": shift.signup}
        after = {**late, "key": "key-after", "what": "out", "at": days.now().isoformat()}
        found = await problems(browser, f"{tablet}/presses", late, after)
        assert found == ["", "This tablet was closed by then. Tell the coordinator."]
        assert (await browser.get(tablet)).status_code == 404
        assert (await browser.submit(f"{tablet}/presses", signup=shift.signup, what="out")).status_code == 404
    assert (await signups.get(shift.signup))["left_at"] is None
    with days.frozen(kiosk["until"] + timedelta(hours=13)):
        answer = await browser.post(f"{tablet}/presses", json={"presses": [late]})
        assert answer.status_code == 404


async def test_a_tablet_that_was_closed_by_hand_sends_nothing_more(browser, tablet, shift):
    [kiosk] = await kiosks.standing(None)
    await kiosks.close(kiosk["id"], by=LEAD)
    answer = await browser.post(f"{tablet}/presses", json={"presses": [press("in", signup=shift.signup)]})
    assert answer.status_code == 404 and (await signups.get(shift.signup))["arrived_at"] is None


def test_a_tablet_ends_when_a_day_ends_and_not_in_the_middle_of_a_shift():
    friday = days.at_wall_clock(datetime(2027, 3, 12, 15), "America/New_York")
    with days.frozen(friday):
        ends = days.wall_clock(kiosks.end_of(1, "America/New_York"), "America/New_York")
    assert ends == datetime(2027, 3, 13, 23, 59)


async def test_five_wrong_pins_leave_the_list_shut_and_too_many_are_refused_for_a_while(browser, tablet):
    browser.cookies.clear()
    said = [(await browser.submit(f"{tablet}/sessions", pin=f"99{n}")).status_code for n in range(11)]
    assert said == [422] * 10 + [429]
    assert (await browser.submit(f"{tablet}/sessions", pin="4711")).status_code == 429
