"""The planning pages one by one: previews, moves, copies, closed days, the coverage board, posters, the calendar."""

import io
from datetime import date, datetime, timedelta

import pypdfium2
import pytest

from kit import days, db
from kit.changes import Actor
from tests import make as general
from tests.volunteers import make
from volunteers import attendance, coverage, holidays, profiles, series, shifts, signups
from volunteers.attendance import Press

CORA = Actor("staff", 1, "Cora")
ZONE = "America/New_York"


@pytest.fixture
async def staff(browser):
    await general.organisation()
    return await browser.sign_in(await general.member(role="administrator"))


def soon(plus: int = 7, hour: int = 9) -> datetime:
    return days.wall_clock(days.now(), ZONE).replace(
        hour=hour, minute=0, second=0, microsecond=0
    ) + timedelta(days=plus)


async def volunteer(name: str) -> int:
    id = await make.person(name)
    address = f"{name.split()[0].lower()}@example.org"
    await general.insert("emails", constituent=id, address=address, normal=address, preferred=True)
    await profiles.save(id, profiles.Profile(), version=0, by=CORA)
    return id


def weekly(**values) -> dict[str, str]:
    return {"day": f"{soon():%Y-%m-%d}", "starts": "09:00", "ends": "12:00", "minimum": "2", "maximum": "4",
            "every": "week", "count": "5", **values}  # fmt: skip


async def test_the_dates_are_looked_at_before_they_are_planned(browser, staff):
    role = await make.opportunity()
    seen = await browser.submit(f"/opportunities/{role.id}/shifts", **weekly(look="yes"))
    assert seen.status_code == 200
    assert "5 shifts would stand" in seen.text
    assert await db.value("SELECT count(*) FROM shifts") == 0
    assert (await browser.submit(f"/opportunities/{role.id}/shifts", **weekly())).status_code == 303
    assert await db.value("SELECT count(*) FROM shifts") == 5


async def test_a_rule_of_another_calendar_is_planned_and_a_wrong_one_is_said_at_its_field(browser, staff):
    role = await make.opportunity()
    path = f"/opportunities/{role.id}/shifts"
    wrong = await browser.submit(path, **weekly(every="rule", count="", rrule="FREQ=HOURLY"))
    assert wrong.status_code == 422 and 'id="f-rrule-error"' in wrong.text
    await browser.submit(
        path, **weekly(every="rule", count="", rrule="RRULE:FREQ=MONTHLY;BYDAY=1SA,3SA;COUNT=6")
    )
    assert await db.value("SELECT count(*) FROM shifts") == 6
    shown = await browser.get(f"/opportunities/{role.id}")
    assert "By the rule FREQ=MONTHLY;BYDAY=1SA,3SA;COUNT=6" in shown.text


async def test_later_ones_are_looked_at_then_changed_and_a_series_is_not_ended_by_the_form(browser, staff):
    role = await make.opportunity()
    await browser.submit(f"/opportunities/{role.id}/shifts", **weekly())
    planned = await db.rows("SELECT * FROM shifts ORDER BY starts_at")
    await signups.sign_up(planned[3]["id"], await make.person(), by=CORA)
    third = {**weekly(day=f"{soon(21):%Y-%m-%d}", starts="10:00", ends="13:00"), "scope": "later",
             "version": str(planned[2]["version"])}  # fmt: skip
    seen = await browser.submit(f"/shifts/{planned[2]['id']}", **third, look="yes")
    assert seen.status_code == 200 and "1 person is told by mail" in seen.text

    none = await browser.submit(f"/shifts/{planned[2]['id']}", **{**third, "every": ""})
    assert none.status_code == 422 and "To end the series" in none.text
    other = soon(22)
    day = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][soon(21).weekday()]
    wrong = await browser.submit(
        f"/shifts/{planned[2]['id']}", **{**third, "day": f"{other:%Y-%m-%d}", "days": day}
    )
    assert wrong.status_code == 422 and f"The day above is a {other:%A}" in wrong.text

    assert (await browser.submit(f"/shifts/{planned[2]['id']}", **third)).status_code == 303
    hours = [
        days.wall_clock(row["starts_at"], ZONE).hour
        for row in await db.rows("SELECT starts_at FROM shifts ORDER BY starts_at")
    ]
    assert hours == [9, 9, 10, 10, 10]


@pytest.mark.usefixtures("clock_of_2026")
async def test_the_last_day_of_a_month_is_not_changed_by_looking_at_the_form(browser, staff):
    role = await make.opportunity()
    id = await series.create(
        series.SeriesDetails(opportunity=role.id, starts=datetime(2027, 1, 31, 9), ends=datetime(2027, 1, 31, 10),
                             rule="FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4", maximum=3), by=CORA)  # fmt: skip
    february = (await db.rows("SELECT id FROM shifts WHERE series = $1 ORDER BY starts_at", id))[1]["id"]
    page = await browser.get(f"/shifts/{february}/edit")
    assert 'value="FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4"' in page.text


async def test_a_cut_of_a_series_below_its_sign_ups_asks_before_it_sends_anybody_to_the_line(browser, staff):
    role = await make.opportunity()
    await browser.submit(f"/opportunities/{role.id}/shifts", **weekly(maximum="2", minimum="1"))
    [first, *_] = await db.rows("SELECT * FROM shifts ORDER BY starts_at")
    for name in ("Ada Ames", "Ben Bell"):
        await signups.sign_up(first["id"], await make.person(name), by=CORA)
    version = await db.value("SELECT version FROM shifts WHERE id = $1", first["id"])
    cut = {**weekly(maximum="1", minimum="1"), "scope": "all", "version": str(version)}
    asked = await browser.submit(f"/shifts/{first['id']}", **cut)
    assert asked.status_code == 422 and "whoever signed up last" in asked.text
    assert (await browser.submit(f"/shifts/{first['id']}", **cut, last_come_wait="yes")).status_code == 303
    rows = await db.rows(
        "SELECT c.name, u.status FROM signups u JOIN constituents c ON c.id = u.constituent ORDER BY c.name"
    )
    assert [tuple(row.values()) for row in rows] == [("Ada Ames", "confirmed"), ("Ben Bell", "waiting")]


async def test_a_shift_is_moved_by_its_own_page_which_says_who_is_told(browser, staff):
    shift = await make.shift(starts=soon(), maximum=3)
    await signups.sign_up(shift.id, await make.person(), by=CORA)
    page = await browser.get(f"/shifts/{shift.id}/moves/new?day={soon(9):%Y-%m-%d}")
    assert f'value="{soon(9):%Y-%m-%d}"' in page.text and "1 person has a place" in page.text
    assert (await browser.get(f"/shifts/{shift.id}/moves/new?day=never")).status_code == 200

    version = str(await db.value("SELECT version FROM shifts WHERE id = $1", shift.id))
    wrong = await browser.submit(f"/shifts/{shift.id}/moves", day="", starts="25:00", version=version)
    assert wrong.status_code == 422 and "Type the time like 09:30" in wrong.text
    moved = await browser.submit(
        f"/shifts/{shift.id}/moves", day=f"{soon(9):%Y-%m-%d}", starts="11:00", version=version
    )
    assert moved.headers["location"] == f"/shifts/{shift.id}"
    now = await shifts.get(shift.id)
    assert days.wall_clock(now["starts_at"], ZONE) == soon(9, 11)
    again = await browser.submit(
        f"/shifts/{shift.id}/moves", day=f"{soon(9):%Y-%m-%d}", starts="12:00", version=version
    )
    assert again.status_code in (409, 422), "somebody else moved it meanwhile"
    assert (await browser.get("/shifts/999999/moves/new")).status_code == 404


async def test_days_are_closed_listed_with_what_stands_there_and_opened_again(browser, staff):
    await make.shift(starts=soon(10), maximum=2)
    closed = f"{soon(10):%Y-%m-%d}"
    wrong = await browser.submit("/closed-days", name="", first=closed)
    assert wrong.status_code == 422 and "Say why" in wrong.text
    await browser.submit("/closed-days", name="Stocktaking", first=closed, last=f"{soon(11):%Y-%m-%d}")
    page = (await browser.get("/closed-days")).text
    assert page.count("Stocktaking") >= 2 and "1 shift stands there all the same" in page
    id = await db.value("SELECT id FROM closed_days WHERE day = $1", soon(10).date())
    await browser.submit(f"/closed-days/{id}/removals")
    assert await db.value("SELECT count(*) FROM closed_days") == 1
    assert await holidays.between(soon(10).date(), soon(11).date()) >= {soon(11).date()}


async def test_a_month_is_copied_after_a_look_and_only_of_ones_own_programmes(browser):
    await general.organisation()
    member = await general.member(role="volunteer_coordinator")
    await browser.sign_in(member)
    own = await make.programme("Own", coordinators=[member.id])
    month = days.today(ZONE).replace(day=1) + timedelta(days=32)
    month = month.replace(day=1)
    later = (month + timedelta(days=32)).replace(day=1)
    for role in (await make.opportunity("Mine", programme=own.id), await make.opportunity("Secret")):
        await make.shift(
            role, starts=datetime.combine(month + timedelta(days=8), datetime.min.time()).replace(hour=9)
        )
    typed = {"what": "month", "from_month": f"{month:%Y-%m}", "to_month": f"{later:%Y-%m}"}

    seen = await browser.submit("/shifts/copies", **typed, look="yes")
    assert "1 shift would be made" in seen.text and "Secret" not in seen.text
    assert (await browser.submit("/shifts/copies", **typed)).status_code == 303
    assert await db.value("SELECT count(*) FROM shifts") == 3
    twice = await browser.submit("/shifts/copies", **typed)
    assert twice.status_code == 422 and "nothing to copy" in twice.text
    for wrong in (
        {"to_month": typed["from_month"]},
        {"what": "week"},
        {"what": "year"},
        {"from_month": "13-2026"},
    ):
        assert (await browser.submit("/shifts/copies", **{**typed, **wrong})).status_code == 422, wrong


async def test_the_board_asks_with_one_click_and_shows_who_was_asked(browser, staff):
    shift = await make.shift(starts=soon(2), minimum=1, maximum=2)
    await volunteer("Ada Ames")
    page = (await browser.get("/coverage")).text
    assert "Ask who could come" in page and "Empty: 1 needed" in page and "−1" in page
    asked = await browser.submit(f"/coverage/shifts/{shift.id}/asks", weeks="4")
    assert asked.headers["location"] == f"/coverage?weeks=4#gap-{shift.id}"
    page = (await browser.get("/coverage?weeks=4")).text
    assert "0 yes, 0 no, 1 without an answer" in page and "Ada Ames" in page
    assert "Ada Ames" in (await browser.get(f"/shifts/{shift.id}")).text
    nobody = await browser.submit(f"/coverage/shifts/{shift.id}/asks", weeks="9")
    assert nobody.status_code == 303
    assert await db.value("SELECT count(*) FROM asks") == 1


async def test_how_often_people_did_not_come_is_said_by_role_and_shift(browser, staff):
    role = await make.opportunity("Sorting", withdraw_hours=48)
    shift = await make.shift(role, starts=soon(1), maximum=4)
    came, absent, late = [
        (await signups.sign_up(shift.id, await make.person(name), by=CORA)).id
        for name in ("Ada A", "Ben B", "Cleo C")
    ]
    await signups.withdraw(late, by=CORA)
    with days.frozen(shift.starts_at + timedelta(hours=1)):
        await attendance.press(Press("k1", came, "in", days.now()), by=CORA, came_by="lead")
        await attendance.note_absent(absent, by=CORA)
    with days.frozen(shift.starts_at + timedelta(days=1)):
        await browser.sign_in(staff)
        page = (await browser.get("/coverage/attendance")).text
        shown = (await browser.get(f"/shifts/{shift.id}")).text
    assert "Sorting" in page and (page.count("(50%)"), page.count("(33%)")) == (2, 2), (
        "one of two did not come, one of three gave the place back late: by role and by shift"
    )
    assert "Did not come" in shown and "50%" in shown


async def test_posters_are_paper_with_a_code_and_internal_roles_have_none(browser, staff):
    role = await make.opportunity("Café Łódź", description="Coffee and talk.", minimum_age=16)
    shift = await make.shift(role, starts=soon(3), maximum=2)
    for path in (f"/opportunities/{role.id}/poster", f"/shifts/{shift.id}/poster"):
        answer = await browser.get(path)
        assert answer.headers["content-type"] == "application/pdf"
        with pypdfium2.PdfDocument(io.BytesIO(answer.content)) as opened:
            text = opened[0].get_textpage().get_text_range()
            assert len(opened) == 1
        assert "Café Łódź" in text and "from 16 years" in text and "/volunteer" in text
    hidden = await make.opportunity("Inside", is_public=False)
    no = await browser.get(f"/opportunities/{hidden.id}/poster")
    assert no.status_code == 409 and "not on the public board" in no.text


async def test_the_calendar_filters_by_its_address_and_says_what_is_needed(browser, staff):
    cook, drive = await make.opportunity("Cook"), await make.opportunity("Drive")
    one = await make.shift(cook, starts=soon(3), minimum=3, maximum=4)
    await make.shift(drive, starts=soon(3), minimum=1, maximum=1)
    await signups.sign_up(one.id, await make.person(), by=CORA)
    on = f"on={soon(3):%Y-%m-%d}"
    month = (await browser.get(f"/shifts?view=month&{on}")).text
    assert "Needs 2 more" in month and "Empty: 1 needed" in month
    only = (await browser.get(f"/shifts?view=list&{on}&role={cook.id}")).text
    assert only.count('<td class="more">Cook') == 1 and '<td class="more">Drive' not in only
    for view in ("month", "week", "day", "list"):
        page = await browser.get(
            f"/shifts?view={view}&{on}&role={cook.id}&place={cook.place}&programme={cook.programme}"
        )
        assert page.status_code == 200 and f"/shifts/{one.id}" in page.text, view
    for odd in (
        "on=2026-13-45",
        "view=year",
        "role=x",
        "place=99999999999999999999",
        "on=9999-12-31",
        "on=0001-01-01",
    ):
        assert (await browser.get(f"/shifts?{odd}")).status_code == 200, odd


async def test_a_role_gets_its_new_place_with_it_and_never_two(browser, staff):
    programme = await make.programme("Kitchen")
    typed = {"title": "Cook", "largest_group": "1", "remind_hours": "48"}
    path = f"/programmes/{programme.id}/opportunities"
    none = await browser.submit(path, **typed)
    assert none.status_code == 422 and "Choose where it is" in none.text
    await browser.submit(path, **typed, new_place="Annex", new_address="1 Side Street")
    [place] = await db.rows("SELECT * FROM places")
    assert (place["name"], place["address"]) == ("Annex", "1 Side Street")
    again = await browser.submit(path, **{**typed, "title": "Wash"}, new_place="annex")
    assert again.status_code == 422 and "called “annex” already" in again.text
    assert await db.value("SELECT count(*) FROM opportunities") == 1, "all or nothing"
    for wrong in ({"place": "99999"}, {"place": str(place["id"]), "coordinator": "99999"}):
        assert (await browser.submit(path, **{**typed, **wrong})).status_code == 422, wrong


async def test_skipped_dates_are_put_back_on_the_page_of_the_role(browser, staff):
    role = await make.opportunity()
    await browser.submit(f"/opportunities/{role.id}/shifts", **weekly())
    second = (await db.rows("SELECT id, series, occurrence FROM shifts ORDER BY starts_at"))[1]
    await browser.submit(f"/shifts/{second['id']}/cancellations", reason="Snow")
    assert "Skipped:" in (await browser.get(f"/opportunities/{role.id}")).text
    path = f"/series/{second['series']}/returns"
    assert (await browser.submit(path, starts="yesterday")).status_code == 404
    await browser.submit(path, starts=second["occurrence"].isoformat())
    assert await db.value("SELECT count(*) FROM shifts WHERE status = 'open'") == 5
    assert (await browser.submit("/series/999999/returns", starts="2027-01-01")).status_code == 404


def test_a_month_begins_with_its_week(app):
    from volunteers.almanac import View

    view = View.of({"on": "2026-12-15", "role": "7"}, date(2026, 11, 22))
    assert (view.first, view.last, view.title) == (date(2026, 11, 30), date(2027, 1, 3), "December 2026")
    assert view.to(without="*").endswith("view=month&on=2026-12-15")
    assert View.of({"view": "week"}, date(2026, 12, 31)).title == "28 Dec 2026 – 3 Jan 2027"


async def test_what_lasts_several_days_is_on_each_of_them_and_a_night_is_not(browser, staff):
    role, guard = await make.opportunity("Camp"), await make.opportunity("Guard")
    monday = soon() + timedelta(days=7 - soon().weekday())
    camp = await make.shift(role, starts=monday, hours=4 * 24 + 6)
    await make.shift(guard, starts=monday.replace(hour=22), hours=8)
    seen = {}
    for n in range(-1, 6):
        day = f"{monday + timedelta(days=n):%Y-%m-%d}"
        text = (await browser.get("/shifts", params={"view": "day", "on": day})).text
        seen[n] = (f'href="/shifts/{camp.id}"' in text, '<td class="more">Guard</td>' in text)
    assert seen == {
        -1: (False, False), 0: (True, True), 1: (True, False), 2: (True, False), 3: (True, False), 4: (True, False),
        5: (False, False),
    }  # fmt: skip
    end = monday + timedelta(days=4)
    week = (await browser.get("/shifts", params={"view": "week", "on": f"{end:%Y-%m-%d}"})).text
    assert week.count(f'href="/shifts/{camp.id}"') == 5
    assert f"09:00–{end:%a} {end.day}, 15:00" in week and "22:00–06:00" in week
    going_on = week.split(f'id="d-{end:%Y-%m-%d}"')[1].split("</td>")[0]
    assert "goes on until" in going_on and "need-" not in going_on, "no colour without its words"
    listed = (await browser.get("/shifts", params={"view": "list", "on": f"{monday:%Y-%m-%d}"})).text
    assert listed.count(f'href="/shifts/{camp.id}"') == 1
    public = (
        await browser.get("/volunteer/calendar", params={"view": "week", "on": f"{monday:%Y-%m-%d}"})
    ).text
    assert f"09:00–{end:%a} {end.day}, 15:00" in public


async def test_a_day_between_two_full_ones_says_that_nothing_is_planned(browser, staff):
    role = await make.opportunity()
    for day in (7, 9):
        await make.shift(role, starts=soon(day))
    for day, empty in ((8, True), (9, False)):
        text = (await browser.get("/shifts", params={"view": "day", "on": f"{soon(day):%Y-%m-%d}"})).text
        assert ("No shifts in these days" in text) == empty


async def test_a_calendar_that_cannot_show_all_says_so(browser, staff, monkeypatch):
    role = await make.opportunity()
    for n in range(3):
        await make.shift(role, starts=soon(7, 9 + n))
    on = {"view": "day", "on": f"{soon():%Y-%m-%d}"}
    assert "some are missing" not in (await browser.get("/shifts", params=on)).text
    monkeypatch.setattr(coverage, "MOST", 3)
    assert "some are missing" in (await browser.get("/shifts", params=on)).text
