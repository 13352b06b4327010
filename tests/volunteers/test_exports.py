"""Lists taken along: what is filtered and nothing else, no formula, and what goes out can come back."""

import csv
import io
import unicodedata
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from imports import report, volunteers
from kit import days, db
from kit.changes import SYSTEM
from tests import make
from tests.make import STAFF
from tests.volunteers import make as made
from volunteers import hour_reports, hours, people, profiles, qualifications, signups, waivers
from volunteers.hours import HoursDetails

JULY = datetime(2026, 7, 4, 9, 0)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def sheet_of(data: bytes) -> list[dict[str, Any]]:
    first, *rest = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, first), row, strict=True)) for row in rest]


async def volunteer(name: str, **profile: Any) -> int:
    person = await made.person(name)
    email = f"{name.split()[0].casefold()}@example.org"
    await make.insert("emails", constituent=person, address=email, normal=email, kind="home", preferred=True)
    await profiles.save(person, profiles.Profile(**profile), version=0, by=STAFF)
    return person


async def gave(person: int, programme: int, minutes: int, day: date = date(2026, 3, 7)) -> int:
    return await hours.record(
        HoursDetails(constituent=person, programme=programme, day=day, minutes=minutes), by=SYSTEM
    )


@pytest.fixture
async def admin(browser):
    await make.organisation()
    await browser.sign_in(role="administrator")
    return browser


# ---------------------------------------------------------------- each list


async def test_the_list_of_volunteers_as_it_is_filtered(admin):
    ada = await volunteer("Ada Okafor", skills=["baking", "=1+1"], notes="Likes soup")
    await volunteer("Ben Quill", status="ended")
    await profiles.save_private(
        ada, profiles.Private(born_on=date(1990, 5, 1), emergency_name="Ben"), by=STAFF
    )
    answer = await admin.submit("/volunteers/export", status="active")

    assert answer.headers["content-type"].startswith("text/csv")
    assert (
        "attachment" in answer.headers["content-disposition"]
        and answer.headers["cache-control"] == "no-store"
    )
    [row] = rows_of(answer.text)
    assert (row["First name"], row["Last name"], row["Email"]) == ("Ada", "Okafor", "ada@example.org")
    assert (row["Skills"], row["Date of birth"], row["Emergency contact name"]) == (
        "baking, =1+1",
        "1990-05-01",
        "Ben",
    )
    noted = await db.row(
        "SELECT v.after FROM changes c JOIN change_values v ON v.change = c.id WHERE c.action = 'volunteers.exported'"
    )
    assert noted is not None and '"status": "active"' in noted["after"]


async def test_the_same_cells_as_a_workbook_and_no_formula(admin):
    await volunteer("=cmd()|x Okafor", skills=["=1+1"], notes="=HYPERLINK()\x07")
    data = (await admin.submit("/volunteers/export", format="xlsx")).content
    [row] = sheet_of(data)
    cells = [
        cell for line in openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows() for cell in line
    ]

    assert row["First name"] == "=cmd()|x" and row["Notes"] == "=HYPERLINK()"
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert isinstance(row["Joined"], datetime)
    [text] = rows_of((await admin.submit("/volunteers/export")).text)
    assert (text["First name"], text["Skills"]) == ("'=cmd()|x", "'=1+1")


async def test_all_pages_of_a_long_list_are_in_the_file(admin, monkeypatch):
    from volunteers import people

    monkeypatch.setattr(people, "PAGE", 3)
    for n in range(8):
        await volunteer(f"Vera{n} Volunteer")
    assert len({row["Volunteer ID"] for row in rows_of((await admin.submit("/volunteers/export")).text)}) == 8


async def test_lists_of_time_and_money(admin):
    programme = (await made.programme()).id
    await gave(await volunteer("Ada Okafor"), programme, 60)
    await gave(await volunteer("Cleo Never", may_be_asked_for_money=False), programme, 60)
    found = rows_of((await admin.submit("/volunteers/export", list="time_not_money")).text)
    assert [row["First name"] for row in found] == ["Ada"]
    assert rows_of((await admin.submit("/volunteers/export", list="money_not_time")).text) == []


async def test_shifts_of_the_view_by_the_clock_of_their_place(admin):
    role = await made.opportunity("Cook", zone="America/New_York")
    await made.shift(role, starts=JULY, maximum=4, note="Apron")
    await made.shift(role, starts=datetime(2026, 8, 20, 9, 0))
    [row] = rows_of((await admin.submit("/shifts/export", view="list", on="2026-07-01")).text)

    assert (row["Start"], row["End"], row["Time zone"]) == (
        "2026-07-04 09:00",
        "2026-07-04 12:00",
        "America/New_York",
    )
    assert (row["Role"], row["Maximum"], row["Have a place"], row["Note"]) == ("Cook", "4", "0", "Apron")
    [cells] = sheet_of(
        (await admin.submit("/shifts/export", view="list", on="2026-07-01", format="xlsx")).content
    )
    assert (cells["Start"], cells["Maximum"]) == (JULY, 4)


async def test_people_on_a_shift(admin):
    shift = await made.shift(await made.opportunity(largest_group=4), maximum=6)
    ada = await volunteer("Ada Okafor")
    await signups.sign_up(shift.id, ada, size=2, names=["Ida"], comment="=soup", by=STAFF)
    [row] = rows_of((await admin.submit(f"/shifts/{shift.id}/sign-ups/export")).text)

    assert (row["Name"], row["Email"], row["People"], row["Others of the group"]) == (
        "Ada Okafor",
        "ada@example.org",
        "2",
        "Ida",
    )
    assert (row["Status"], row["Comment"]) == ("confirmed", "'=soup")
    assert (await admin.submit("/shifts/999999/sign-ups/export")).status_code == 404


async def test_hours_totals_and_gaps(admin):
    kitchen = await made.programme("Kitchen")
    ada = await volunteer("Ada Okafor")
    await gave(ada, kitchen.id, 200)
    await gave(ada, kitchen.id, 60, date(2025, 3, 7))
    await hours.propose(
        HoursDetails(constituent=ada, programme=kitchen.id, day=date(2024, 1, 1), minutes=30),
        came_by="self",
        by=SYSTEM,
    )
    year = {"first": "2026-01-01", "last": "2026-12-31"}

    [row] = rows_of((await admin.submit("/hours/export", **year)).text)
    assert (row["Day"], row["Hours"], row["Status"], row["Programme"]) == (
        "2026-03-07",
        "3.33",
        "approved",
        "Kitchen",
    )
    [row] = rows_of((await admin.submit("/hours/export", waiting="yes")).text)
    assert (row["Day"], row["Hours"], row["Status"]) == ("2024-01-01", "0.50", "proposed")
    [row] = rows_of((await admin.submit("/hours/totals/export", by="programme", **year)).text)
    assert (row["Name"], row["People"], row["Entries"], row["Hours"], row["Worth"]) == (
        "Kitchen",
        "1",
        "1",
        "3.33",
        "",
    )

    await made.shift(await made.opportunity("Cook"), maximum=4, minimum=2)
    [row] = rows_of((await admin.submit("/coverage/export", weeks="2")).text)
    assert (row["Role"], row["Wanted"], row["Missing"]) == ("Cook", "2", "2")


async def test_who_has_which_qualification(admin):
    ada = await volunteer("Ada Okafor")
    kind = await qualifications.define("Food safety", "certificate", 12, by=STAFF)
    await qualifications.hold(ada, kind, by=STAFF, from_day=date(2026, 1, 1), number="A-7")
    [row] = rows_of((await admin.submit("/qualifications/export")).text)
    assert (row["Name"], row["Qualification"], row["From"], row["Until"], row["Number"]) == (
        "Ada Okafor", "Food safety", "2026-01-01", "2026-12-31", "A-7",
    )  # fmt: skip


async def test_what_ends_soon_and_what_ended_as_its_list_shows_it(admin, monkeypatch):
    monkeypatch.setattr(people, "PAGE", 2)
    today = days.today("America/Los_Angeles")
    kind = await qualifications.define("Food safety", "certificate", None, by=STAFF)
    for name, ends in (
        ("Ada Okafor", 3),
        ("Ben Quill", 3),
        ("Cy Reed", 50),
        ("Dee Sole", 90),
        ("Eve Tully", -5),
    ):
        await qualifications.hold(
            await volunteer(name), kind, by=STAFF, from_day=today - timedelta(days=99), until_day=today + timedelta(days=ends)
        )  # fmt: skip
    rows = rows_of((await admin.submit("/qualifications/ending/export")).text)
    assert [(row["Name"], row["Last day"]) for row in rows] == [
        ("Ada Okafor", str(today + timedelta(days=3))), ("Ben Quill", str(today + timedelta(days=3))),
        ("Cy Reed", str(today + timedelta(days=50))),
    ]  # fmt: skip
    [late] = rows_of((await admin.submit("/qualifications/ending/export", late="yes")).text)
    assert (late["Name"], late["Qualification"], late["Kind"]) == ("Eve Tully", "Food safety", "certificate")
    assert "/qualifications/ending/export" in (await admin.get("/qualifications/ending")).text


async def test_who_came_and_who_did_not(admin):
    role = await made.opportunity("Cook")
    begun = days.wall_clock(days.now() - timedelta(days=2), role.zone).replace(
        minute=0, second=0, microsecond=0
    )
    with days.frozen(days.now() - timedelta(days=9)):
        shift = await made.shift(role, starts=begun, maximum=4)
        for name in ("Ada Okafor", "Ben Quill"):
            await signups.sign_up(shift.id, await volunteer(name), by=STAFF)
    there, away = [row["id"] for row in await db.rows("SELECT id FROM signups ORDER BY id")]
    await db.row("UPDATE signups SET attendance = 'present' WHERE id = $1", there)
    await db.row("UPDATE signups SET attendance = 'absent' WHERE id = $1", away)

    role_row, person_row, shift_row = rows_of((await admin.submit("/coverage/attendance/export")).text)
    told = ("Role", "Shifts", "Start", "Came", "Did not come", "Withdrew late")
    assert [role_row[name] for name in told] == ["Cook", "1", "", "1", "1", "0"]
    assert [person_row[name] for name in ("Of", "Name", "Came", "Did not come")] == [
        "person",
        "Ben Quill",
        "0",
        "1",
    ]
    assert [shift_row[name] for name in told] == ["Cook", "", f"{begun:%Y-%m-%d %H:%M}", "1", "1", "0"]
    assert "/coverage/attendance/export" in (await admin.get("/coverage/attendance")).text


async def test_who_signed_a_waiver(admin):
    ada, ben = await volunteer("Ada Okafor"), await volunteer("Ben Quill")
    first = await waivers.publish("House rules", "Be kind.", None, by=STAFF)
    for person in (ada, ben):
        await waivers.sign(person, first, "=HYPERLINK(1)", by=STAFF)
    second = await waivers.publish("House rules", "Be kinder.", None, by=STAFF)
    await waivers.sign(
        ben, second, "Ben Q.", by=STAFF, is_guardian=True, on_paper=datetime(2026, 3, 1, 20, tzinfo=UTC)
    )

    rows = rows_of((await admin.submit(f"/waivers/{first}/export")).text)
    told = ("Name", "Edition", "Signed as", "By a guardian", "On paper")
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("Ben Quill", "2", "Ben Q.", "yes", "yes"), ("Ada Okafor", "1", "'=HYPERLINK(1)", "no", "no"),
        ("Ben Quill", "1", "'=HYPERLINK(1)", "no", "no"),
    ]  # fmt: skip
    assert rows[0]["Signed on"] == "2026-03-01"
    assert f"/waivers/{second}/export" in (await admin.get(f"/waivers/{second}")).text
    assert (await admin.submit("/waivers/999999/export")).status_code == 404


async def test_worth_goes_with_its_rates_and_who_says_so(admin):
    kitchen, ada = (await made.programme("Kitchen")).id, await volunteer("Ada Okafor")
    await hour_reports.say_value(date(2026, 2, 1), 3479, "USD", "=Independent Sector", by=STAFF)
    await hour_reports.say_value(date(2026, 3, 1), 3500, "USD", "The city", by=STAFF)
    for month in (1, 2, 3):
        await gave(ada, kitchen, 60, date(2026, month, 7))
    year = {"first": "2026-01-01", "last": "2026-12-31", "by": "person"}
    [row] = rows_of((await admin.submit("/hours/totals/export", **year)).text)
    assert (row["Hours"], row["Worth"], row["Currency"], row["Hours without a rate"]) == (
        "3.00",
        "69.79",
        "USD",
        "1.00",
    )
    assert row["Rates and their sources"] == (
        "$34.79 an hour from 2026-02-01: =Independent Sector; $35.00 an hour from 2026-03-01: The city"
    )


# ---------------------------------------------------------------- who may


async def test_a_coordinator_takes_along_only_own_programmes(browser):
    await make.organisation()
    ours, theirs = await made.programme("Ours"), await made.programme("Theirs")
    own, other = (
        await made.opportunity("Own", programme=ours.id),
        await made.opportunity("Other", programme=theirs.id),
    )
    shift, foreign = await made.shift(own, starts=JULY), await made.shift(other, starts=JULY)
    ada, ben = await volunteer("Ada Okafor"), await volunteer("Ben Quill")
    for person, programme in ((ada, ours), (ben, theirs)):
        await gave(person, programme.id, 60)
        await profiles.save_private(person, profiles.Private(born_on=date(1990, 5, 1)), by=STAFF)
    await browser.sign_in(role="volunteer_coordinator")
    member = await db.value("SELECT id FROM members WHERE role = 'volunteer_coordinator'")
    await make.insert("programme_coordinators", programme=ours.id, member=member)

    def roles(text: str) -> list[str]:
        return [row["Role"] for row in rows_of(text)]

    assert roles((await browser.submit("/shifts/export", view="list", on="2026-07-01")).text) == ["Own"]
    year = {"first": "2026-01-01", "last": "2026-12-31"}
    given = rows_of((await browser.submit("/hours/export", status="any", **year)).text)
    assert [row["Programme"] for row in given] == ["Ours"]
    sums = rows_of((await browser.submit("/hours/totals/export", **year)).text)
    assert [row["Name"] for row in sums] == ["Ours"]
    assert (await browser.submit(f"/shifts/{shift.id}/sign-ups/export")).status_code == 200
    assert (await browser.submit(f"/shifts/{foreign.id}/sign-ups/export")).status_code == 404
    born = {
        row["First name"]: row["Date of birth"]
        for row in rows_of((await browser.submit("/volunteers/export")).text)
    }
    assert born == {"Ada": "1990-05-01", "Ben": ""}


@pytest.mark.parametrize("role", ["auditor", "fundraiser"])
async def test_what_is_private_goes_to_nobody_else(browser, role):
    await make.organisation()
    ada = await volunteer("Ada Okafor")
    await profiles.save_private(ada, profiles.Private(born_on=date(1990, 5, 1)), by=STAFF)
    await browser.sign_in(role=role)
    answer = await browser.submit("/volunteers/export")

    assert "1990" not in answer.text
    assert ("ada@example.org" in answer.text) is (role == "fundraiser")
    assert (await browser.submit("/qualifications/export")).status_code == 403


async def test_gift_entry_takes_nothing_along(browser):
    await make.organisation()
    await browser.sign_in(role="gift_entry")
    for path in (
        "/volunteers/export",
        "/shifts/export",
        "/hours/export",
        "/hours/totals/export",
        "/coverage/export",
        "/coverage/attendance/export",
        "/qualifications/ending/export",
        "/waivers/1/export",
    ):
        assert (await browser.submit(path)).status_code == 403


@pytest.mark.parametrize("path", ["/volunteers", "/shifts?view=list", "/hours/totals", "/coverage"])
async def test_the_pages_have_the_buttons(admin, path):
    await gave(
        await volunteer("Ada Okafor"), (await made.programme()).id, 60, days.today("America/Los_Angeles")
    )
    await made.shift(starts=days.wall_clock(days.now() + timedelta(hours=2), "America/New_York"), minimum=1)
    shown = (await admin.get(path)).text
    assert "Export CSV" in shown and "Export XLSX" in shown


# ---------------------------------------------------------------- out and in again

_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=12).map(
    lambda text: unicodedata.normalize("NFC", "".join(text.split()))
).filter(lambda text: text and text.casefold().strip() == text.casefold())  # fmt: skip
_SKILL = _WORDS.filter(lambda word: not set(word) & set(",;|"))
_TIMES = st.datetimes(min_value=datetime(2015, 1, 1), max_value=datetime(2026, 6, 1)).map(
    lambda t: t.replace(second=0, microsecond=0)
)


async def _everything(admin: Any, kind: str) -> dict[str, str | bytes]:
    """Three files: volunteers, shifts, hours."""
    wide = {"first": "1990-01-01", "last": "2199-12-31", "status": "any", "format": kind}
    lists = {
        "volunteers": await admin.submit("/volunteers/export", format=kind),
        "shifts": await admin.submit("/shifts/export", view="list", on="2026-03-01", format=kind),
        "hours": await admin.submit("/hours/export", **wide),
    }
    return {name: answer.content for name, answer in lists.items()}


def _compared(data: bytes, kind: str, leave_out: tuple[str, ...]) -> list[dict[str, Any]]:
    rows = sheet_of(data) if kind == "xlsx" else rows_of(data.decode())
    return sorted(({k: v for k, v in row.items() if k not in leave_out} for row in rows), key=str)


async def _emptied() -> None:
    for table in (
        "timeline_entries", "milestones", "hours", "volunteer_totals", "shifts", "opportunities", "places", "programmes",
        "volunteers_private", "volunteers", "external_ids", "emails", "phones", "addresses", "notes", "proposals", "constituents",
    ):  # fmt: skip
        await db.row(f"DELETE FROM {table}")


async def _world(draw: dict[str, Any]) -> None:
    role = await made.opportunity("Cook & baker", zone=draw["zone"])
    for n, (given_name, family, skills, notes) in enumerate(draw["people"]):
        person = await made.person("x y")
        await db.row(
            "UPDATE constituents SET name = $2, given_name = $3, family_name = $4 WHERE id = $1",
            person, f"{given_name} {family}", given_name, family,
        )  # fmt: skip
        await make.insert(
            "emails",
            constituent=person,
            address=f"v{n}@example.org",
            normal=f"v{n}@example.org",
            kind="home",
            preferred=True,
        )
        await profiles.save(
            person,
            profiles.Profile(skills=skills, notes=notes, availability=["sat-morning"]),
            version=0,
            by=STAFF,
        )
        await profiles.save_private(
            person, profiles.Private(born_on=date(1980, 1, 1 + n), emergency_name=family), by=STAFF
        )
        for minutes in draw["minutes"]:
            details = HoursDetails(
                constituent=person,
                programme=role.programme,
                opportunity=role.id,
                day=date(2026, 3, 7),
                minutes=minutes,
            )
            await hours.record(details, by=SYSTEM)
    for start in draw["starts"]:
        await made.shift(
            role, starts=start.replace(year=2026, month=3), maximum=7, minimum=2, note="Bring = an apron"
        )


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    people=st.lists(
        st.tuples(_WORDS, _WORDS, st.lists(_SKILL, max_size=2, unique=True), _WORDS), min_size=1, max_size=3
    ),
    minutes=st.lists(st.integers(1, 1440), max_size=3),
    starts=st.lists(_TIMES, min_size=1, max_size=3, unique_by=lambda t: (t.day, t.hour, t.minute)),
    zone=st.sampled_from(["America/New_York", "Europe/London", "Pacific/Auckland"]),
    kind=st.sampled_from(["csv", "xlsx"]),
)
async def test_what_went_out_comes_in_again_and_goes_out_the_same(
    admin, tmp_path_factory, people, minutes, starts, zone, kind
):
    """Into an empty database: everything but what other lists tell (who signed up, how hours came)."""
    await _emptied()
    await _world({"people": people, "minutes": minutes, "starts": starts, "zone": zone})
    first = await _everything(admin, kind)
    folder: Path = tmp_path_factory.mktemp("out")
    for name, data in first.items():
        (folder / f"{name}.{kind}").write_bytes(data)  # type: ignore[arg-type]

    untouched = await volunteers.run(folder)
    assert untouched.ok, list(report.text(untouched))
    assert (sum(untouched.new.values()), sum(untouched.changed.values())) == (0, 0), list(
        report.text(untouched)
    )

    await _emptied()
    found = await volunteers.run(folder)
    assert found.ok, list(report.text(found))
    second = await _everything(admin, kind)
    for name in first:
        leave_out = ("From", "Last shift or hours")
        assert _compared(second[name], kind, leave_out) == _compared(first[name], kind, leave_out)  # type: ignore[arg-type]
