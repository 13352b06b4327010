"""Series: planning, lengthening, and changing one, later ones, or all."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kit import days, db
from kit.changes import Actor
from kit.errors import Refused
from tests.volunteers import make
from volunteers import clashes, holidays, opportunities, series, series_changes, shifts, signups
from volunteers.series import SeriesDetails
from volunteers.series_changes import LosesPeople

CORA = Actor("staff", 1, "Cora")
NOW = datetime(2027, 2, 1, 12, tzinfo=ZoneInfo("America/New_York"))


@pytest.fixture(autouse=True)
def in_february():
    with days.frozen(NOW):
        yield


async def saturdays(role=None, **values) -> tuple[int, list[dict]]:
    role = role or await make.opportunity()
    details = {"rule": "FREQ=WEEKLY;BYDAY=SA;COUNT=10", "maximum": 4, **values}
    starts = details.pop("starts", datetime(2027, 2, 6, 9))
    id = await series.create(
        SeriesDetails(opportunity=role.id, starts=starts, ends=starts + timedelta(hours=3), **details),
        by=CORA,
    )
    return id, await of(id)


async def of(series_id: int) -> list[dict]:
    return await db.rows("SELECT * FROM shifts WHERE series = $1 ORDER BY starts_at", series_id)


def clock(shift: dict) -> str:
    return f"{days.wall_clock(shift['starts_at'], shift['zone']):%d %b %H:%M}"


def changed(shift: dict, **values) -> SeriesDetails:
    starts = values.pop("starts", days.wall_clock(shift["starts_at"], shift["zone"]))
    defaults = {"rule": "FREQ=WEEKLY;BYDAY=SA;COUNT=10", "maximum": 4}
    return SeriesDetails(
        opportunity=shift["opportunity"], starts=starts, ends=values.pop("ends", starts + timedelta(hours=3)),
        **{**defaults, **values},
    )  # fmt: skip


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Pacific/Auckland"])
async def test_nine_in_the_morning_stays_nine_when_clocks_change(zone):
    role = await make.opportunity(zone=zone)
    _id, planned = await saturdays(role, rule="FREQ=WEEKLY;BYDAY=SA;COUNT=40")

    assert len({shift["starts_at"].astimezone(ZoneInfo(zone)).strftime("%H:%M") for shift in planned}) == 1
    assert len({shift["starts_at"].strftime("%H:%M") for shift in planned}) == 2
    assert {shift["ends_at"] - shift["starts_at"] for shift in planned} == {timedelta(hours=3)}


async def test_a_night_in_which_clocks_go_forward_is_an_hour_shorter():
    _id, planned = await saturdays(starts=datetime(2027, 3, 14), rule="FREQ=WEEKLY;BYDAY=SU;COUNT=2")
    assert [shift["ends_at"] - shift["starts_at"] for shift in planned] == [
        timedelta(hours=2),
        timedelta(hours=3),
    ]


async def test_holidays_and_closed_days_are_left_out():
    await holidays.close(date(2027, 7, 2), "Stocktaking", by=CORA)
    _id, planned = await saturdays(
        starts=datetime(2027, 7, 1, 9), rule="FREQ=DAILY;COUNT=6", skips_holidays=True
    )
    assert [clock(shift)[:6] for shift in planned] == ["01 Jul", "03 Jul", "06 Jul"]


async def test_an_endless_series_stands_half_a_year_ahead_and_grows():
    id, planned = await saturdays(rule="FREQ=WEEKLY;BYDAY=SA")
    assert len(planned) == 26

    with days.frozen(NOW + timedelta(days=14)):
        assert await series.lengthen() == 2
        assert await series.lengthen() == 0
    assert len(await of(id)) == 28


async def test_a_shift_that_was_taken_out_is_not_made_again():
    id, planned = await saturdays(rule="FREQ=WEEKLY;BYDAY=SA")
    await shifts.cancel(planned[3]["id"], reason="", by=CORA)
    with days.frozen(NOW + timedelta(days=14)):
        await series.lengthen()
    assert planned[3]["starts_at"] not in [shift["starts_at"] for shift in await of(id)]


async def test_all_that_are_to_come_move_and_keep_their_people():
    id, planned = await saturdays()
    vera = await make.person()
    signed = await signups.sign_up(planned[2]["id"], vera, by=CORA)

    with days.frozen(NOW + timedelta(days=6)):
        await series_changes.change(
            planned[2]["id"], "all", changed(planned[2], starts=datetime(2027, 2, 20, 10, 30)), by=CORA
        )

    after = await of(id)
    assert [clock(shift)[-5:] for shift in after] == ["09:00"] + ["10:30"] * 9
    assert (await signups.get(signed.id))["starts_at"] == after[2]["starts_at"]
    assert await db.value("SELECT sequence FROM shifts WHERE id = $1", planned[2]["id"]) == 1


async def test_this_and_later_leave_the_earlier_ones_alone():
    id, planned = await saturdays()

    await series_changes.change(planned[4]["id"], "later", changed(planned[4], maximum=7), by=CORA)

    after = await db.rows("SELECT maximum, series = $1 AS old FROM shifts ORDER BY starts_at", id)
    assert after == [{"maximum": 4, "old": True}] * 4 + [{"maximum": 7, "old": False}] * 6


async def test_another_weekday_moves_each_within_its_week():
    id, planned = await saturdays()
    vera = await make.person()
    await signups.sign_up(planned[5]["id"], vera, by=CORA)

    await series_changes.change(
        planned[0]["id"], "all",
        changed(planned[0], starts=datetime(2027, 2, 4, 18), rule="FREQ=WEEKLY;BYDAY=TH;COUNT=10"), by=CORA,
    )  # fmt: skip

    after = await of(id)
    assert [days.wall_clock(shift["starts_at"], shift["zone"]).strftime("%a") for shift in after] == [
        "Thu"
    ] * 10
    assert [shift["id"] for shift in after] == [shift["id"] for shift in planned]


async def test_fewer_shifts_ask_before_they_cancel_those_with_people():
    id, planned = await saturdays()
    await signups.sign_up(planned[8]["id"], await make.person(), by=CORA)
    shorter = changed(planned[0], rule="FREQ=WEEKLY;BYDAY=SA;COUNT=5")

    with pytest.raises(LosesPeople, match=r"takes away: 1\. People who signed up for them: 1;"):
        await series_changes.change(planned[0]["id"], "all", shorter, by=CORA)
    assert len(await of(id)) == 10
    await series_changes.change(planned[0]["id"], "all", shorter, by=CORA, confirmed=True)
    assert [shift["status"] for shift in await of(id)] == ["open"] * 5 + ["cancelled"]


async def test_what_was_changed_by_itself_stays():
    id, planned = await saturdays()
    own = planned[3]
    wanted = shifts.ShiftDetails(
        opportunity=own["opportunity"],
        starts=datetime(2027, 2, 27, 14),
        ends=datetime(2027, 2, 27, 16),
        maximum=9,
    )
    await shifts.update(own["id"], wanted, version=own["version"], by=CORA)

    await series_changes.change(planned[0]["id"], "all", changed(planned[0], maximum=6), by=CORA)

    assert [shift["maximum"] for shift in await of(id)] == [6, 6, 6, 9, 6, 6, 6, 6, 6, 6]


async def test_fewer_places_put_the_last_to_sign_up_first_in_line():
    _id, planned = await saturdays()
    signed = [await signups.sign_up(planned[0]["id"], await make.person(), by=CORA) for _ in range(3)]
    smaller = changed(planned[0], maximum=2)

    with pytest.raises(shifts.TooManySignedUp):
        await series_changes.change(planned[0]["id"], "all", smaller, by=CORA)
    await series_changes.change(planned[0]["id"], "all", smaller, by=CORA, last_come_wait=True)

    assert [(await signups.get(one.id))["status"] for one in signed] == ["confirmed", "confirmed", "waiting"]


async def test_a_series_moves_through_its_own_old_times():
    """Vera has two shifts back to back; both move by three hours, the first onto the second's old time."""
    role = await make.opportunity()
    id, planned = await saturdays(role, rule="FREQ=DAILY;COUNT=2", starts=datetime(2027, 2, 6, 9))
    vera = await make.person()
    for shift in planned:
        await signups.sign_up(shift["id"], vera, by=CORA)

    await series_changes.change(
        planned[0]["id"],
        "all",
        changed(planned[0], starts=datetime(2027, 2, 7, 9), rule="FREQ=DAILY;COUNT=2"),
        by=CORA,
    )

    assert [clock(shift) for shift in await of(id)] == ["07 Feb 09:00", "08 Feb 09:00"]


async def test_a_series_that_would_put_somebody_in_two_places_does_not_move_at_all():
    id, planned = await saturdays()
    other = await make.shift(await make.opportunity("Driving"), starts=datetime(2027, 3, 6, 13), maximum=3)
    vera = await make.person("Vera Vance")
    await signups.sign_up(planned[4]["id"], vera, by=CORA)
    await signups.sign_up(other.id, vera, by=CORA)

    with pytest.raises(clashes.Clash, match="Vera Vance"):
        await series_changes.change(
            planned[0]["id"], "all", changed(planned[0], starts=datetime(2027, 2, 6, 12)), by=CORA
        )
    assert [shift["starts_at"] for shift in await of(id)] == [shift["starts_at"] for shift in planned]


async def test_ending_a_series_tells_the_people_and_makes_no_more():
    id, planned = await saturdays(rule="FREQ=WEEKLY;BYDAY=SA")
    signed = await signups.sign_up(planned[6]["id"], await make.person(), by=CORA)

    await series.end(planned[5]["id"], reason="The kitchen closes", by=CORA)
    with days.frozen(NOW + timedelta(days=60)):
        assert await series.lengthen() == 0

    assert [shift["status"] for shift in await of(id)] == ["open"] * 5 + ["cancelled"]
    assert (await signups.get(signed.id))["status"] == "cancelled"


async def test_a_skipped_date_can_be_put_back():
    id, planned = await saturdays()
    signed = await signups.sign_up(planned[2]["id"], await make.person(), by=CORA)
    await shifts.cancel(planned[1]["id"], reason="Snow", by=CORA)
    await shifts.cancel(planned[2]["id"], reason="Snow", by=CORA)
    [row] = await series.of_opportunity(planned[0]["opportunity"])
    assert [f"{start:%d %b}" for start in row["skipped"]] == ["13 Feb", "20 Feb"]

    for start in row["skipped"]:
        await series.put_back(id, start, by=CORA)
        await series.put_back(id, start, by=CORA)

    standing = [shift for shift in await of(id) if shift["status"] == "open"]
    assert [clock(shift) for shift in standing][:4] == [
        "06 Feb 09:00",
        "13 Feb 09:00",
        "20 Feb 09:00",
        "27 Feb 09:00",
    ]
    assert (await signups.get(signed.id))["status"] == "cancelled"
    assert (await series.of_opportunity(planned[0]["opportunity"]))[0]["skipped"] == []


async def test_another_place_of_a_role_tells_the_people_on_its_shifts():
    id, planned = await saturdays()
    await signups.sign_up(planned[1]["id"], await make.person(), by=CORA)
    role = await opportunities.get(planned[0]["opportunity"])
    details = {name: role[name] for name in opportunities.OpportunityDetails.__struct_fields__}
    here = await make.place("New Hall", "America/New_York")
    abroad = await make.place("Town Hall of London", "Europe/London")
    await opportunities.update(
        role["id"],
        opportunities.OpportunityDetails(**{**details, "place": here.id}),
        version=role["version"],
        by=CORA,
    )
    assert {shift["sequence"] for shift in await of(id)} == {1}

    with pytest.raises(Refused, match="another clock"):
        await opportunities.update(
            role["id"], opportunities.OpportunityDetails(**{**details, "place": abroad.id}), version=role["version"] + 1,
            by=CORA,
        )  # fmt: skip


async def test_skipped_dates_move_with_a_series_though_one_takes_the_day_of_the_next():
    """Who was on a cancelled shift keeps it as it was."""
    id, planned = await saturdays()
    signed = await signups.sign_up(planned[1]["id"], await make.person(), by=CORA)
    for shift in planned[1:3]:
        await shifts.cancel(shift["id"], reason="Snow", by=CORA)

    await series_changes.change(
        planned[0]["id"], "all", changed(planned[0], starts=datetime(2027, 2, 13, 9)), by=CORA
    )

    standing = [shift for shift in await of(id) if shift["status"] == "open"]
    assert [clock(shift)[:6] for shift in standing][:3] == ["13 Feb", "06 Mar", "13 Mar"]
    [row] = await series.of_opportunity(planned[0]["opportunity"])
    assert [f"{start:%d %b}" for start in row["skipped"]] == ["20 Feb", "27 Feb"]
    told = await db.row(
        "SELECT s.status, s.starts_at FROM signups u JOIN shifts s ON s.id = u.shift WHERE u.id = $1",
        signed.id,
    )
    assert told == {"status": "cancelled", "starts_at": planned[1]["starts_at"]}


async def test_a_shift_that_others_push_out_of_the_rule_makes_room_for_them():
    """A week later and the same end: the last is cancelled, and the one before it takes its start."""
    rule = "FREQ=WEEKLY;BYDAY=SA;UNTIL=20270227T235959"
    id, planned = await saturdays(rule=rule)
    await signups.sign_up(planned[3]["id"], await make.person(), by=CORA)
    later = changed(planned[0], starts=datetime(2027, 2, 13, 9), rule=rule)

    await series_changes.change(planned[0]["id"], "all", later, by=CORA, confirmed=True)

    standing = [shift for shift in await of(id) if shift["status"] == "open"]
    assert [(shift["id"], clock(shift)[:6]) for shift in standing] == [
        (planned[n]["id"], day) for n, day in enumerate(("13 Feb", "20 Feb", "27 Feb"))
    ]
    assert (await shifts.get(planned[3]["id"]))["status"] == "cancelled"
