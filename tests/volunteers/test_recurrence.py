"""When a series has its shifts, by the clock of its place."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import days
from volunteers import recurrence
from volunteers.recurrence import DAYS, NotARule, Repeat

begins = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31)).map(
    lambda d: d.replace(second=0, microsecond=0)
)
ends: st.SearchStrategy[Any] = st.one_of(
    st.just({}), st.integers(1, 400).map(lambda n: {"count": n}),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)).map(lambda d: {"until": d}),
)  # fmt: skip


@st.composite
def repeats(draw: Any) -> Repeat:
    every = draw(st.sampled_from(["day", "week", "month_day", "month_weekday", "year"]))
    chosen = draw(st.sets(st.sampled_from(DAYS), min_size=1)) if every == "week" else ()
    return Repeat(
        every=every,
        interval=draw(st.integers(1, 12)),
        days=tuple(d for d in DAYS if d in chosen),
        **draw(ends),
    )


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine, not the rules
@given(repeats(), begins)
def test_a_rule_reads_back_as_the_form_that_made_it(repeat: Repeat, start: datetime):
    assert recurrence.repeat_of(recurrence.rule_of(repeat, start)) == repeat


@given(repeats(), begins, st.integers(0, 200))
def test_starts_are_in_order_in_the_window_and_at_the_same_time_of_day(
    repeat: Repeat, start: datetime, length: int
):
    until = start.date() + timedelta(days=length)
    found = recurrence.starts(start, recurrence.rule_of(repeat, start), until=until)

    assert found == sorted(set(found))
    assert all(start.date() <= one.date() <= until and one.time() == start.time() for one in found)
    assert repeat.count is None or len(found) <= repeat.count
    assert repeat.until is None or all(one.date() <= repeat.until for one in found)


@given(repeats(), begins, st.integers(1, 20))
def test_a_series_cut_in_two_has_the_same_starts(repeat: Repeat, start: datetime, cut: int):
    rule = recurrence.rule_of(repeat, start)
    until = start.date() + timedelta(days=400)
    whole = recurrence.starts(start, rule, until=until)
    if len(whole) <= cut:
        return
    at = whole[cut]
    before = recurrence.starts(start, recurrence.ends_before(start, rule, at), until=until)
    after = recurrence.starts(at, recurrence.goes_on_from(start, rule, at), until=until)

    # A rule with an interval counts weeks from its own beginning, so only where that is a full one is it the same.
    if repeat.interval == 1 or repeat.every in ("day", "month_day", "month_weekday", "year"):
        assert before + after == whole


def test_the_31st_means_the_last_of_each_month():
    start = datetime(2027, 1, 31, 9)
    rule = recurrence.rule_of(Repeat(every="month_day", count=3), start)
    assert [d.day for d in recurrence.starts(start, rule, until=date(2027, 12, 31))] == [31, 28, 31]


def test_the_fifth_saturday_means_the_last():
    start = datetime(2027, 1, 30, 9)
    rule = recurrence.rule_of(Repeat(every="month_weekday", count=3), start)
    assert [d.day for d in recurrence.starts(start, rule, until=date(2027, 12, 31))] == [30, 27, 27]


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "BYDAY=SA", "FREQ=WEEKLY;hello", "FREQ=WEEKLY;FREQ=DAILY", "FREQ=WEEKLY;BYHOUR=9",
     "FREQ=DAILY;COUNT=3;UNTIL=20270101T000000", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=WEEKLY;BYDAY=XX", "hello", "",
     "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;COUNT=99999", "FREQ=DAILY;UNTIL=tomorrow"],
)  # fmt: skip
def test_what_is_no_rule_is_refused_at_once(rule: str):
    with pytest.raises(NotARule):
        recurrence.check(datetime(2027, 1, 1, 9), rule)


def test_more_shifts_than_anybody_plans_are_refused():
    with pytest.raises(NotARule, match="more than 750"):
        recurrence.starts(datetime(2027, 1, 1, 9), "FREQ=DAILY", until=date(2030, 1, 1))


@pytest.mark.parametrize(
    ("zone", "wall", "moment"),
    [
        # Forward: what is skipped is as long after the gap.
        ("America/New_York", datetime(2027, 3, 14, 2, 30), datetime(2027, 3, 14, 7, 30, tzinfo=UTC)),
        ("Europe/London", datetime(2027, 3, 28, 1, 30), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2027, 9, 26, 2, 30), datetime(2027, 9, 25, 14, 30, tzinfo=UTC)),
        # Back: of what comes twice, the first.
        ("America/New_York", datetime(2027, 11, 7, 1, 30), datetime(2027, 11, 7, 5, 30, tzinfo=UTC)),
        ("Europe/London", datetime(2027, 10, 31, 1, 30), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2027, 4, 4, 2, 30), datetime(2027, 4, 3, 13, 30, tzinfo=UTC)),
    ],
)
def test_clocks_that_change(zone: str, wall: datetime, moment: datetime):
    assert days.at_wall_clock(wall, zone) == moment


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["America/New_York", "Europe/London", "Pacific/Auckland", "Asia/Kathmandu"]),
)
def test_a_moment_is_the_same_after_a_look_at_the_clock_but_for_the_hour_that_comes_twice(
    moment: datetime, zone: str
):
    again = days.at_wall_clock(days.wall_clock(moment, zone), zone)
    assert moment - again in (timedelta(0), timedelta(hours=1))


@pytest.mark.parametrize(
    ("typed", "starts_on"),
    [
        ("RRULE:FREQ=MONTHLY;BYDAY=1SA,3SA;COUNT=4", ["2027-01-02", "2027-01-16", "2027-02-06", "2027-02-20"]),
        ("freq=monthly; bymonthday=1,15; until=20270301", ["2027-01-01", "2027-01-15", "2027-02-01", "2027-02-15", "2027-03-01"]),
        ("FREQ=WEEKLY;UNTIL=20270115T235900Z", ["2027-01-01", "2027-01-08", "2027-01-15"]),
        ("FREQ=YEARLY;BYMONTH=5;BYDAY=2SU;COUNT=2", ["2027-05-09", "2028-05-14"]),
    ],
)  # fmt: skip
def test_a_rule_of_another_calendar_is_taken_as_it_was_pasted(typed: str, starts_on: list[str]):
    begins = datetime(2027, 1, 1, 9)
    found = recurrence.starts(begins, recurrence.clean(typed), until=date(2030, 1, 1))
    assert [f"{start:%Y-%m-%d}" for start in found] == starts_on


def test_a_rule_that_never_comes_does_not_look_for_ever():
    began = time.monotonic()
    with pytest.raises(NotARule):
        recurrence.check(datetime(2027, 2, 1, 9), "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30")
    assert time.monotonic() - began < 2


def test_the_form_is_shown_only_where_it_would_make_the_same_rule_again():
    last_of_month = recurrence.rule_of(Repeat(every="month_day"), datetime(2027, 1, 31, 9))
    assert recurrence.form_of(last_of_month, datetime(2027, 1, 31, 9)) == Repeat(every="month_day")
    assert recurrence.form_of(last_of_month, datetime(2027, 2, 28, 9)) is None


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            "FREQ=WEEKLY;BYDAY=TU,SA;UNTIL=20270401T235959",
            "Every week on Tuesday, Saturday, until 1 April 2027",
        ),
        ("FREQ=MONTHLY;BYDAY=-1SA", "Every month on the last Saturday"),
        ("FREQ=MONTHLY;BYMONTHDAY=15;COUNT=3", "Every month on day 15, 3 times"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "Every month on the last day"),
        ("FREQ=DAILY;INTERVAL=2", "Every 2 days"),
        ("FREQ=MONTHLY;BYDAY=1SA,3SA", "By the rule FREQ=MONTHLY;BYDAY=1SA,3SA"),
    ],
)
def test_a_rule_is_said_in_words(rule: str, words: str):
    assert recurrence.in_words(rule) == words
