"""Hours decided in one list, counted by whatever one asks for, and each sum opened to the rows it is made of."""

import asyncio
import math
import os
import random
import re
from datetime import date
from fractions import Fraction
from html import unescape

import pytest

from kit import days, db
from kit.changes import Actor
from tests import make as general
from tests.volunteers import make
from volunteers import hour_lists, hour_reports, hours
from volunteers.hour_lists import Filter
from volunteers.hours import HoursDetails

SEED = int(os.environ.get("ALMONER_SEED", random.randrange(10**6)))
CORA = Actor("staff", None, "Cora")
YEAR = Filter(first=date(2026, 1, 1), last=date(2026, 12, 31))


async def given(person: int, programme: int, day: date, minutes: int, *, approved: bool = True) -> int:
    details = HoursDetails(constituent=person, programme=programme, day=day, minutes=minutes)
    if approved:
        return await hours.record(details, by=CORA)
    return await hours.propose(details, came_by="self", by=CORA)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("3:05", 185), ("3", 180), ("2.5", 150), ("2,25", 135), ("3 h 5 min", 185), ("45 min", 45), ("3h05", 185), ("2 hours", 120), ("1h 5m", 65), ("0:20", 20),
     ("", None), ("3:60", None), ("-1", None), ("1e3", None), ("٣", None), ("soon", None)],
)  # fmt: skip
def test_a_time_is_read_as_people_type_it(typed, minutes):
    assert hours.read_time(typed) == minutes


async def test_what_is_ticked_is_approved_with_the_time_beside_it(browser):
    await browser.sign_in(role="administrator")
    vera, kitchen = await make.person(), (await make.programme()).id
    plain, shorter, left = [
        await given(vera, kitchen, date(2026, 3, day), 180, approved=False) for day in (1, 2, 3)
    ]

    sent = {"id": [str(plain), str(shorter)], f"was-{plain}": 180, f"time-{plain}": "3:00"}
    answer = await browser.submit(
        "/hours/approvals", **sent, **{f"was-{shorter}": 180, f"time-{shorter}": "2.5"}
    )

    assert answer.status_code == 303
    assert {row["id"]: (row["status"], row["minutes"]) for row in await hours.of(vera)} == {
        plain: ("approved", 180), shorter: ("approved", 150), left: ("proposed", 180),
    }  # fmt: skip
    assert await db.value("SELECT count(*) FROM changes WHERE action = 'hours.adjusted'") == 1


async def test_a_time_that_cannot_be_read_approves_nothing_and_stays_typed(browser):
    await browser.sign_in(role="administrator")
    id = await given(await make.person(), (await make.programme()).id, date(2026, 3, 1), 180, approved=False)
    answer = await browser.submit("/hours/approvals", **{"id": id, f"was-{id}": 180, f"time-{id}": "three"})
    assert answer.status_code == 422 and 'value="three"' in answer.text
    assert (await hours.get(id))["status"] == "proposed"


async def test_what_changed_since_it_was_shown_waits_for_another_look():
    id = await given(await make.person(), (await make.programme()).id, date(2026, 3, 1), 200, approved=False)
    assert await hours.decide([hours.Shown(id, 180, 180)], by=CORA) == (0, 1)
    assert await hours.decide([hours.Shown(id, 200, 200)], by=CORA) == (1, 0)
    assert await hours.decide([hours.Shown(id, 200, 100)], by=CORA) == (0, 0)
    assert (await hours.get(id))["minutes"] == 200


async def test_a_coordinator_approves_in_their_own_programmes_only(browser):
    await general.organisation()
    await browser.sign_in(role="volunteer_coordinator")
    id = await given(
        await make.person(), (await make.programme("Other")).id, date(2026, 3, 1), 180, approved=False
    )
    await browser.submit("/hours/approvals", **{"id": id, f"was-{id}": 180, f"time-{id}": "3:00"})
    assert (await hours.get(id))["status"] == "proposed"


async def test_approved_sums_change_only_with_a_line_in_the_trail():
    vera, kitchen = await make.person(), (await make.programme()).id
    id = await given(vera, kitchen, date(2026, 3, 1), 180)
    await hours.adjust(id, 170, note="Left early", by=CORA)
    await hours.refuse(id, reason="Twice", by=CORA)
    await hours.adjust(id, 165, note="", by=CORA)

    told = [
        row["action"]
        for row in await db.rows("SELECT action FROM changes WHERE object_kind = 'hours' ORDER BY id")
    ]
    assert told == [
        "hours.proposed", "hours.approved", "hours.adjusted", "hours.approved", "hours.refused", "hours.adjusted", "hours.approved",
    ]  # fmt: skip
    assert (await hours.total_of(vera))["minutes"] == 165


async def test_each_hour_is_worth_the_rate_of_its_own_day_and_parts_are_the_sum():
    vera, ida, kitchen = await make.person(), await make.person("Ida Quill"), (await make.programme()).id
    await hour_reports.say_value(date(2026, 2, 1), 3479, "USD", "Independent Sector 2025", by=CORA)
    await hour_reports.say_value(date(2026, 5, 1), 3510, "USD", "Independent Sector 2026", by=CORA)
    for person, month, minutes in ((vera, 1, 60), (vera, 3, 50), (ida, 3, 70), (ida, 6, 90)):
        await given(person, kitchen, date(2026, month, 9), minutes)

    by_person = await hour_reports.totals("person", YEAR, None, currency="USD")
    whole = await hour_reports.total(YEAR, None, currency="USD")

    worth = {row["name"]: row["worth"] for row in by_person}
    assert worth == {"Vera Volunteer": 2899, "Ida Quill": 4059 + 5265}
    assert (whole["worth"], whole["unrated"], whole["minutes"]) == (sum(worth.values()), 60, 270)
    assert [
        rate["amount"] for rate in await hour_reports.rates("USD", date(2026, 4, 1), date(2026, 4, 30))
    ] == [3479]


async def test_each_entry_is_rounded_by_itself_so_months_add_up_to_the_year():
    vera, kitchen = await make.person(), (await make.programme()).id
    await hour_reports.say_value(date(2026, 1, 1), 3479, "USD", "Independent Sector 2025", by=CORA)
    for month in (1, 2, 3, 4):
        await given(vera, kitchen, date(2026, month, 9), 10)

    months = await hour_reports.totals("month", YEAR, None, currency="USD")

    assert [row["worth"] for row in months] == [580] * 4
    assert (await hour_reports.total(YEAR, None, currency="USD"))["worth"] == 4 * 580


async def test_every_sum_is_exact_whatever_it_is_summed_by():
    """Half a cent is a cent, entry by entry; days before the first rate are told apart."""
    luck = random.Random(SEED)
    print(f"ALMONER_SEED={SEED}")  # noqa: T201
    said = {date(2026, 2, 1): luck.randrange(1, 10**7), date(2026, 6, 1): luck.randrange(1, 10**4)}
    for day, amount in said.items():
        await hour_reports.say_value(day, amount, "USD", "Somebody", by=CORA)
    people = [await make.person(f"Vera {n}") for n in range(3)]
    fields = [(await make.programme(name, funder=name)).id for name in ("Kitchen", "Garden")]
    worth = unrated = 0
    for _n in range(30):
        day = date(2026, luck.randrange(1, 10), luck.randrange(1, 29))
        many = luck.choice([1, 500])
        minutes = luck.randrange(1, 1440 * many)
        details = HoursDetails(
            constituent=luck.choice(people),
            programme=luck.choice(fields),
            day=day,
            minutes=minutes,
            people=many,
        )
        await hours.record(details, by=CORA)
        if rates := [amount for since, amount in said.items() if since <= day]:
            worth += math.floor(Fraction(minutes * rates[-1], 60) + Fraction(1, 2))
        else:
            unrated += minutes

    whole = await hour_reports.total(YEAR, None, currency="USD")
    assert (whole["worth"] or 0, whole["unrated"]) == (worth, unrated)
    for by in hour_reports.BY:
        parts = await hour_reports.totals(by, YEAR, None, currency="USD")
        assert sum(row["worth"] or 0 for row in parts) == worth, by
        assert sum(row["unrated"] for row in parts) == unrated, by
        assert sum(row["minutes"] for row in parts) == whole["minutes"], by


async def test_rates_and_their_sources_stand_beside_the_entries_too(browser):
    await browser.sign_in(role="auditor")
    await hour_reports.say_value(date(2026, 2, 1), 3479, "USD", "Independent Sector 2025", by=CORA)
    await given(await make.person(), (await make.programme()).id, date(2026, 3, 1), 60)
    for path in ("/hours/entries", "/hours/totals"):
        page = (await browser.get(path, params={"first": "2026-01-01", "last": "2026-03-31"})).text
        assert "an hour counts as $34.79: Independent Sector 2025." in page, path


async def test_who_looks_at_what_changed_meanwhile_is_told_and_may_mean_it(browser):
    await browser.sign_in(role="administrator")
    id = await given(await make.person(), (await make.programme()).id, date(2026, 3, 1), 180, approved=False)
    shown = {"hours": "2", "minutes": "0", "note": "", "version": str((await hours.get(id))["version"])}
    await hours.adjust(id, 150, note="Left early", by=CORA)

    answer = await browser.submit(f"/hours/{id}", **shown)
    assert answer.status_code == 409 and "they are 2 h 30 min now, approved" in answer.text
    refused = await browser.submit(f"/hours/{id}/refusals", reason="Twice", version=shown["version"])
    assert refused.status_code == 409 and 'value="Twice"' in refused.text
    assert (await hours.get(id))["minutes"] == 150

    now = re.search(r'name="version" value="([0-9]+)"', answer.text)
    assert now and (await browser.submit(f"/hours/{id}", **{**shown, "version": now[1]})).status_code == 303
    assert (await browser.submit(f"/hours/{id}", **{**shown, "version": now[1]})).status_code == 303, (
        "sent twice"
    )
    assert (await hours.get(id))["minutes"] == 120
    assert await db.value("SELECT count(*) FROM changes WHERE action = 'hours.adjusted'") == 2


async def test_hours_that_may_be_told_twice_are_marked(browser):
    await browser.sign_in(role="administrator")
    vera, kitchen = await make.person(), (await make.programme()).id
    once, twice = date(2026, 3, 1), date(2026, 3, 2)
    refused = await given(vera, kitchen, once, 30, approved=False)
    await hours.refuse(refused, reason="Not there", by=CORA)
    await given(vera, kitchen, twice, 60)
    for day in (once, twice):
        await given(vera, kitchen, day, 180, approved=False)
    assert [(row["day"], row["not_alone"]) for row in (await hour_lists.to_decide(None))[0]] == [
        (once, False), (twice, True),
    ]  # fmt: skip
    assert [row["not_alone"] for row in (await hour_lists.to_decide([kitchen]))[0]] == [False, True]
    assert (await browser.get("/hours")).text.count("More on this day") == 1


@pytest.mark.commits
async def test_two_coordinators_who_approve_at_once_do_not_wait_for_each_other_for_ever(monkeypatch):
    """Each takes the totals of two people; in the order of entries they would meet in the middle."""
    vera, ida, kitchen = await make.person(), await make.person("Ida Quill"), (await make.programme()).id
    of = [await given(who, kitchen, date(2026, 3, 1), 60, approved=False) for who in (vera, ida, ida, vera)]
    decided = hours._decide

    async def slowly(*what, **how):
        done = await decided(*what, **how)
        await asyncio.sleep(0.3)
        return done

    monkeypatch.setattr(hours, "_decide", slowly)
    found = await asyncio.gather(
        hours.decide([hours.Shown(of[0]), hours.Shown(of[1])], by=CORA),
        hours.decide([hours.Shown(of[2]), hours.Shown(of[3])], by=CORA),
    )
    assert found == [(2, 0), (2, 0)]


async def test_every_sum_opens_to_its_rows(browser):
    with days.frozen(days.now().replace(year=2026, month=12, day=1)):
        await browser.sign_in(role="auditor")
        kitchen = (await make.programme("Kitchen", funder="City & County")).id
        garden = (await make.programme("Garden")).id
        vera = await make.person()
        for day, programme in ((1, kitchen), (2, kitchen), (3, garden)):
            await given(vera, programme, date(2026, 3, day), 60 + day)

        for by in ("programme", "funder", "month", "person"):
            page = (await browser.get("/hours/totals", params={"by": by})).text
            sums = re.findall(r'<a href="(/hours/entries\?[^"]*)">([^<]*)</a></td>', page)
            assert sums, by
            for url, total in sums:
                assert f'<b class="num">{total}</b>' in (await browser.get(unescape(url))).text, url


async def test_a_list_of_hours_goes_on_where_it_ended():
    vera, kitchen = await make.person(), (await make.programme()).id
    ids = [await given(vera, kitchen, date(2026, 3, 1 + n // 2), 60, approved=False) for n in range(7)]
    seen, after = [], ""
    for _page in range(3):
        rows, after = await hour_lists.to_decide(None, 3, after=after)
        seen += [row["id"] for row in rows]
    assert (seen, after) == (ids, "")
    back, at = [], ""
    wanted = Filter(first=date(2026, 1, 1), last=date(2026, 12, 31), status="any")
    for _page in range(4):
        rows, at = await hour_lists.entries(
            Filter(first=wanted.first, last=wanted.last, status="any", after=at), None, limit=2
        )
        back += [row["id"] for row in rows]
    assert back == ids[::-1]


async def test_administrators_say_what_an_hour_is_worth(browser):
    await browser.sign_in(role="administrator")
    await general.organisation()
    said = {"from_day": "2026-04-20", "amount": "34.79", "source": "Independent Sector, April 2025"}
    assert (await browser.submit("/hours/values", **said)).status_code == 303
    assert (await browser.submit("/hours/values", **{**said, "source": ""})).status_code == 422
    assert "Independent Sector, April 2025" in (await browser.get("/hours/values")).text
    await browser.submit(f"/hours/values/{await db.value('SELECT id FROM hour_values')}/removals")
    assert await hour_reports.all_rates() == []
