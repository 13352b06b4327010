"""A series with several days in a week, and rules with a count: what a change of one day or of the rule means for the rest."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kit import days, db
from kit.changes import Actor
from kit.errors import Conflict, Refused
from tests.volunteers import make
from volunteers import recurrence, series, series_changes, shifts, signups
from volunteers.recurrence import DAYS, NotARule
from volunteers.series import SeriesDetails

CORA = Actor("staff", 1, "Cora")
NOW = datetime(2027, 2, 1, 12, tzinfo=ZoneInfo("America/New_York"))
MONDAY = datetime(2027, 2, 8, 9)
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@pytest.fixture(autouse=True)
def on_the_first_of_february():
    with days.frozen(NOW):
        yield


def on(role: int, starts: datetime, listed: str, ends: str = ";COUNT=6") -> SeriesDetails:
    rule = f"FREQ=WEEKLY;BYDAY={listed}{ends}"
    return SeriesDetails(
        opportunity=role, starts=starts, ends=starts + timedelta(hours=3), rule=rule, maximum=4
    )


async def planned(starts: datetime, listed: str, ends: str = ";COUNT=6") -> tuple[int, int, list[dict]]:
    role = (await make.opportunity()).id
    id = await series.create(on(role, starts, listed, ends), by=CORA)
    return role, id, await of(id)


async def of(series_id: int) -> list[dict]:
    return await db.rows(
        "SELECT * FROM shifts WHERE series = $1 AND status = 'open' ORDER BY starts_at", series_id
    )


def said(found: list[dict]) -> list[str]:
    return [f"{days.wall_clock(shift['starts_at'], shift['zone']):%a %d %b}" for shift in found]


async def test_when_thursdays_become_fridays_mondays_stay_mondays():
    role, id, found = await planned(MONDAY, "MO,TH")

    await series_changes.change(found[1]["id"], "all", on(role, MONDAY + 4 * DAY, "MO,FR"), by=CORA)

    after = await of(id)
    assert said(after) == ["Mon 08 Feb", "Fri 12 Feb", "Mon 15 Feb", "Fri 19 Feb", "Mon 22 Feb", "Fri 26 Feb"]
    assert [shift["id"] for shift in after] == [shift["id"] for shift in found]


async def test_a_skipped_day_stays_skipped_when_another_day_of_the_week_moves():
    role, id, found = await planned(MONDAY, "MO,TH")
    for skipped in (found[2], found[3]):
        await shifts.cancel(skipped["id"], reason="", by=CORA)

    await series_changes.change(found[1]["id"], "all", on(role, MONDAY + 4 * DAY, "MO,FR"), by=CORA)

    assert said(await of(id)) == ["Mon 08 Feb", "Fri 12 Feb", "Mon 22 Feb", "Fri 26 Feb"]
    [row] = await series.of_opportunity(role)
    assert [f"{start:%a %d}" for start in row["skipped"]] == ["Mon 15", "Fri 19"]


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    listed=st.sets(st.integers(0, 6), min_size=2, max_size=5), which=st.integers(0, 9),
    becomes=st.integers(0, 6), later=st.booleans(), weeks=st.integers(0, 1),
)  # fmt: skip
async def test_one_day_of_the_week_becomes_another_and_nothing_else_moves(
    listed, which, becomes, later, weeks
):
    """Where all days go the same way, the whole week does; each shift keeps its people: it is the same row."""
    assume(becomes not in listed)
    first = MONDAY + min(listed) * DAY
    twice = f";COUNT={2 * len(listed)}"  # full weeks
    role, id, found = await planned(first, written(listed), twice)
    which %= len(found)
    chosen = found[which]
    was = chosen["occurrence"]
    to = was + (becomes - was.weekday() + 7 * weeks) * DAY
    after = (listed - {was.weekday()}) | {becomes}
    moved = becomes - was.weekday()
    together = {(day + moved) % 7 for day in listed} == after
    if later:
        found = found[which:]
        assume(weeks == 0 and (not together) and all(shift["occurrence"] >= was for shift in found))
        # It still is the first of what is left, and does not go before one that stays with the first half.
        assume(to <= found[min(1, len(found) - 1)]["occurrence"])
        assume(not any(becomes < day < was.weekday() for day in listed))

    id = await series_changes.change(
        chosen["id"], "later" if later else "all", on(role, to, written(after), twice), by=CORA
    )

    def goes(start: datetime) -> datetime:
        return (
            start
            + 7 * weeks * DAY
            + (moved * DAY if together or start.weekday() == was.weekday() else 0 * DAY)
        )

    wanted = {shift["id"]: goes(shift["occurrence"]) for shift in found}
    assert {
        shift["id"]: days.wall_clock(shift["starts_at"], shift["zone"]) for shift in await of(id)
    } == wanted


def written(listed: set[int]) -> str:
    return ",".join(DAYS[day] for day in sorted(listed))


async def test_a_count_is_of_the_whole_series_also_where_only_later_ones_change():
    role, id, found = await planned(MONDAY, "MO")

    new = await series_changes.change(found[2]["id"], "later", on(role, MONDAY + 15 * DAY, "TU"), by=CORA)

    assert said(await of(id)) == ["Mon 08 Feb", "Mon 15 Feb"]
    assert said(await of(new)) == ["Tue 23 Feb", "Tue 02 Mar", "Tue 09 Mar", "Tue 16 Mar"]


async def test_a_count_that_is_used_up_before_is_no_rule():
    role, id, found = await planned(MONDAY, "MO")
    with pytest.raises(NotARule, match="3 of this series come before"):
        await series_changes.change(
            found[3]["id"], "later", on(role, MONDAY + 3 * WEEK, "MO", ";COUNT=3"), by=CORA
        )
    assert len(await of(id)) == 6


async def test_the_first_half_of_a_series_cut_in_two_ends_on_a_day_and_its_form_can_show_it():
    role, id, found = await planned(MONDAY, "MO")
    await series_changes.change(found[2]["id"], "later", on(role, MONDAY + 2 * WEEK, "MO"), by=CORA)

    rule = (await series.get(id))["rule"]
    assert recurrence.form_of(rule, MONDAY) is not None
    assert recurrence.in_words(rule) == "Every week on Monday, until 21 February 2027"


async def test_of_two_who_change_a_series_the_second_is_told():
    role, id, found = await planned(MONDAY, "MO")
    seen = found[1]["version"]
    await series_changes.change(
        found[0]["id"], "all", on(role, MONDAY, "MO", ";COUNT=5"), by=CORA, version=found[0]["version"]
    )
    for version, refused in ((seen, True), (seen + 1, False)):
        wanted = on(role, MONDAY + WEEK + DAY, "TU")
        if refused:
            with pytest.raises(Conflict):
                await series_changes.change(found[1]["id"], "all", wanted, by=CORA, version=version)
            assert said(await of(id))[1] == "Mon 15 Feb"
        else:
            await series_changes.change(found[1]["id"], "all", wanted, by=CORA, version=version)
            assert said(await of(id))[1] == "Tue 16 Feb"


async def test_nothing_is_changed_from_a_shift_that_is_cancelled():
    role, id, found = await planned(MONDAY, "MO")
    await signups.sign_up(found[2]["id"], await make.person(), by=CORA)
    await shifts.cancel(found[2]["id"], reason="Snow", by=CORA)
    with pytest.raises(Refused, match="cancelled"):
        await series_changes.change(found[2]["id"], "later", on(role, MONDAY + 2 * WEEK, "MO"), by=CORA)
    assert len(await of(id)) == 5
