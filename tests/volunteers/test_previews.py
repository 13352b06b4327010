"""Previews: what a rule or a change would do is what it then does, and looking changes nothing."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kit import days, db
from kit.changes import Actor
from tests.volunteers import make
from volunteers import holidays, previews, recurrence, series, series_changes, shifts, signups
from volunteers.series import SeriesDetails

CORA = Actor("staff", 1, "Cora")
NOW = datetime(2027, 2, 1, 12, tzinfo=ZoneInfo("America/New_York"))


@pytest.fixture(autouse=True)
def in_february():
    with days.frozen(NOW):
        yield


def saturdays(role, **values) -> SeriesDetails:
    starts = values.pop("starts", datetime(2027, 2, 6, 9))
    said = {"rule": "FREQ=WEEKLY;BYDAY=SA;COUNT=6", "maximum": 4, **values}
    return SeriesDetails(opportunity=role.id, starts=starts, ends=starts + timedelta(hours=3), **said)


def on(preview: previews.Preview) -> list[str]:
    return [f"{days.wall_clock(row['starts_at'], row['zone']):%d %b %H:%M}" for row in preview.shifts]


async def everything() -> list[dict]:
    return await db.rows(
        "SELECT id, starts_at, status, series, version FROM shifts UNION ALL SELECT id, now(), rule, 0, version FROM shift_series"
        " ORDER BY 1, 2"
    )


async def test_the_dates_are_shown_before_they_are_made_with_what_is_left_out():
    role = await make.opportunity()
    await holidays.close(date(2027, 2, 20), "Stocktaking", by=CORA)
    details = saturdays(role, skips_holidays=True)

    seen = await previews.of_new(details)
    assert on(seen) == ["06 Feb 09:00", "13 Feb 09:00", "27 Feb 09:00", "06 Mar 09:00", "13 Mar 09:00"]
    assert seen.left_out == [(date(2027, 2, 20), "Stocktaking")]
    assert (
        await db.value("SELECT count(*) FROM shifts")
        == await db.value("SELECT count(*) FROM shift_series")
        == 0
    )

    await series.create(details, by=CORA)
    made = await db.rows("SELECT starts_at FROM shifts ORDER BY starts_at")
    assert [row["starts_at"] for row in made] == [row["starts_at"] for row in seen.shifts]


async def test_an_endless_rule_is_shown_for_half_a_year_and_said_to_go_on():
    seen = await previews.of_new(saturdays(await make.opportunity(), rule="FREQ=WEEKLY;BYDAY=SA"))
    assert seen.is_endless
    assert 25 <= len(seen.shifts) <= 27


async def test_what_cannot_be_planned_cannot_be_shown():
    with pytest.raises(recurrence.NotARule):
        await previews.of_new(
            saturdays(await make.opportunity(), rule="FREQ=WEEKLY;BYDAY=SA;UNTIL=20270101T000000")
        )


async def test_a_change_is_shown_with_who_would_be_told_and_nothing_is_changed():
    role = await make.opportunity()
    id = await series.create(saturdays(role), by=CORA)
    planned = await db.rows("SELECT * FROM shifts WHERE series = $1 ORDER BY starts_at", id)
    for shift, name in ((planned[3], "Ada Ames"), (planned[5], "Ben Bell")):
        await signups.sign_up(shift["id"], await make.person(name), by=CORA)
    before = await everything()
    # from the third on an hour later, and only three more
    details = saturdays(role, starts=datetime(2027, 2, 20, 10), rule="FREQ=WEEKLY;BYDAY=SA;COUNT=5")

    seen = await previews.of_change(planned[2]["id"], "later", details, by=CORA)
    assert on(seen) == ["06 Feb 09:00", "13 Feb 09:00", "20 Feb 10:00", "27 Feb 10:00", "06 Mar 10:00"]
    assert seen.told == 2
    assert [row["id"] for row in seen.gone] == [planned[5]["id"]]
    assert [{**row, "starts_at": None} for row in await everything()] == [
        {**row, "starts_at": None} for row in before
    ]
    assert (await shifts.get(planned[5]["id"]))["status"] == "open"

    await series_changes.change(planned[2]["id"], "later", details, by=CORA, confirmed=True)
    stand = await db.rows("SELECT starts_at FROM shifts WHERE status = 'open' ORDER BY starts_at")
    assert [row["starts_at"] for row in stand] == [row["starts_at"] for row in seen.shifts]
