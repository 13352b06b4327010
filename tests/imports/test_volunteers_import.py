"""Volunteers, shifts and hours taken over from files: what they become, every fault with its row, twice is once."""

import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import openpyxl
import pytest

from imports import report, runs, volunteers
from imports.report import Report
from imports.volunteers_write import write
from kit import db, jobs
from tests import make
from tests.imports import volunteer_files as files
from tests.volunteers import make as made


@pytest.fixture(autouse=True)
async def organisation():
    return await make.organisation()


async def run(path: Path, **how: Any) -> Report:
    return await volunteers.run(path, **how)


def faults(found: Report) -> list[str]:
    return [report.said(line) for line in found.faults]


async def count(table: str) -> int:
    return await db.value(f"SELECT count(*) FROM {table}")


def csv_of(folder: Path, *rows: dict[str, str], name: str = "file.csv", **how: Any) -> Path:
    return files.write(folder / name, list(rows), **how)


VOLUNTEER = {"First name": "Ada", "Last name": "Okafor", "Email": "ada@example.org"}
SHIFT = {
    "Programme": "Kitchen", "Role": "Cook", "Place": "Town Hall", "Time zone": "America/New_York",
    "Start": "2026-03-07 09:00", "End": "2026-03-07 12:00", "Maximum": "4",
}  # fmt: skip
HOURS = {
    "Email": "ada@example.org",
    "Last name": "Okafor",
    "Programme": "Kitchen",
    "Day": "2026-03-07",
    "Hours": "3",
}


# ---------------------------------------------------------------- what it becomes


async def test_three_files_become_people_shifts_and_hours(tmp_path):
    found = await run(files.all_three(tmp_path / "in"))

    assert found.ok and found.written
    assert found.unknown_columns == {"volunteers.csv": ["Gender", "T-Shirt Size"]}
    person = await db.row("SELECT c.*, v.skills, v.notes FROM constituents c JOIN volunteers v ON v.constituent = c.id WHERE c.name = 'Ada Okafor'")  # fmt: skip
    assert person is not None and (person["skills"], person["notes"]) == (["baking", "driving"], "Bakes.")
    private = await db.row("SELECT * FROM volunteers_private WHERE constituent = $1", person["id"])
    assert private is not None and private["born_on"] == date(1990, 5, 1)
    assert (private["emergency_name"], private["emergency_phone"]) == ("Ben Okafor", "+15035550199")
    address = await db.row("SELECT * FROM addresses WHERE constituent = $1", person["id"])
    assert address is not None and (address["street"], address["city"]) == ("1 Oak Lane\nFlat 2", "Portland")
    starts = [row["starts_at"] for row in await db.rows("SELECT starts_at FROM shifts ORDER BY starts_at")]
    assert starts == [datetime(2026, 3, 7, 14, 0, tzinfo=UTC), datetime(2026, 3, 8, 3, 0, tzinfo=UTC)]
    hours = await db.rows(
        "SELECT c.name, h.* FROM hours h JOIN constituents c ON c.id = h.constituent ORDER BY h.day"
    )
    assert [(row["name"], row["minutes"], row["status"], row["came_by"]) for row in hours] == [
        ("Ada Okafor", 180, "approved", "import"), ("José Núñez", 150, "approved", "import"),
    ]  # fmt: skip
    role = await db.row("SELECT is_public FROM opportunities")
    assert role == {"is_public": False}


async def test_the_same_as_a_workbook_with_three_sheets(tmp_path):
    rows = [{**row, "Date": date.fromisoformat(row["Date"])} for row in files.HOURS]
    rows[1]["Hours"] = "2:30"
    rows[0]["Hours"] = 3.0
    book = files.workbook(tmp_path / "all.xlsx", People=files.VOLUNTEERS, Shifts=files.SHIFTS, Hours=rows)

    assert (await run(book)).ok
    assert (await count("volunteers"), await count("shifts"), await count("hours")) == (2, 2, 2)
    assert await db.value("SELECT sum(minutes)::int FROM hours") == 330


@pytest.mark.parametrize(
    "how", [{"sign": ";"}, {"sign": "\t"}, {"encoding": "utf-16"}, {"encoding": "cp1252"}]
)
async def test_separators_and_encodings(tmp_path, how):
    assert (await run(csv_of(tmp_path, *files.VOLUNTEERS, **how))).ok
    assert await count("constituents") == 2
    assert await db.value("SELECT name FROM constituents WHERE family_name = 'Núñez'") == "José Núñez"


async def test_a_dry_run_says_what_would_be_and_writes_nothing(tmp_path):
    found = await run(files.all_three(tmp_path / "in"), dry_run=True)

    assert found.ok and not found.written
    told = [report.said(line) for line in found.remarks]
    assert "shifts.csv, row 2, Programme: The programme “Kitchen” is new: it will be made." in told
    assert found.new == {"constituent": 2, "address": 1, "volunteer": 2, "shift": 2, "hours": 2}
    for table in ("constituents", "volunteers", "programmes", "places", "shifts", "hours", "external_ids"):
        assert await count(table) == 0
    assert (await runs.listed())[0]["status"] == "checked"


async def test_nobody_is_mailed_offered_or_thanked_for_a_past(tmp_path):
    rows = [{**HOURS, "Day": f"2026-01-{day:02}", "Hours": "10"} for day in range(1, 8)]
    await run(csv_of(tmp_path, *rows))
    await jobs.drain()

    assert await count("mails") == 0
    assert await db.value("SELECT array_agg(hours ORDER BY hours) FROM milestones") == [25, 50]


async def test_what_was_taken_over_is_told_in_the_trail_and_on_the_timeline(tmp_path):
    await run(files.all_three(tmp_path / "in"))

    noted = {
        row["action"]
        for row in await db.rows("SELECT DISTINCT action FROM changes WHERE actor_kind = 'import'")
    }
    assert {
        "constituent.imported",
        "volunteer.joined",
        "shift.imported",
        "hours.imported",
        "programme.made",
    } <= noted
    lines = await db.rows("SELECT kind, title FROM timeline_entries WHERE kind = 'hours' ORDER BY title")
    assert [row["title"] for row in lines] == ["Cook", "Kitchen"]
    private = await db.value(
        "SELECT count(*) FROM change_values WHERE after::text LIKE '%1990%' OR after::text LIKE '%Ben Okafor%'"
    )
    assert private == 0


# ---------------------------------------------------------------- twice is once


async def test_the_same_again_changes_nothing_and_one_changed_row_one_record(tmp_path):
    folder = files.all_three(tmp_path / "in")
    await run(folder)
    before = await db.value("SELECT max(id) FROM changes")
    again = await run(folder)
    assert not sum(again.new.values()) and not sum(again.changed.values())
    assert await db.value("SELECT max(id) FROM changes") == before

    changed = [{**files.HOURS[0], "Hours": "4"}, files.HOURS[1]]
    files.write(folder / "hours.csv", changed)
    found = await run(folder)
    assert (found.changed, sum(found.new.values())) == ({"hours": 1}, 0)
    assert await db.value("SELECT array_agg(minutes ORDER BY minutes) FROM hours") == [150, 240]
    assert await db.value("SELECT sum(minutes)::int FROM volunteer_totals") == 390

    files.write(folder / "shifts.csv", [files.SHIFTS[0], {**files.SHIFTS[1], "Max": "9"}])
    assert (await run(folder)).changed == {"shift": 1}
    files.write(folder / "volunteers.csv", [{**files.VOLUNTEERS[0], "Skills": "baking"}, files.VOLUNTEERS[1]])
    assert (await run(folder)).changed == {"volunteer": 1}
    assert await db.value("SELECT skills FROM volunteers WHERE skills <> '{}'") == ["baking"]


async def test_rows_without_ids_are_known_again_too(tmp_path):
    path = csv_of(tmp_path, HOURS, {**HOURS, "Hours": "1"}, {**HOURS, "Day": "2026-03-08"})
    assert (await run(path)).new["hours"] == 3
    assert sum((await run(path)).new.values()) == 0
    csv_of(tmp_path, HOURS, {**HOURS, "Hours": "2"}, {**HOURS, "Day": "2026-03-08"})
    assert (await run(path)).changed == {"hours": 1}
    assert await db.value("SELECT array_agg(minutes ORDER BY minutes) FROM hours") == [120, 180, 180]


async def test_what_the_file_leaves_empty_stays(tmp_path):
    await run(files.all_three(tmp_path / "in"))
    files.write(
        tmp_path / "in" / "volunteers.csv",
        [{**files.VOLUNTEERS[0], "Bio": "", "Date of Birth": ""}, files.VOLUNTEERS[1]],
    )
    await run(tmp_path / "in")

    assert await db.value("SELECT notes FROM volunteers WHERE notes <> ''") == "Bakes."
    assert await db.value("SELECT born_on FROM volunteers_private") == date(1990, 5, 1)


# ---------------------------------------------------------------- who is who


async def test_words_in_another_order_are_no_change(tmp_path):
    row = {
        **VOLUNTEER,
        "Volunteer ID": "V1",
        "Skills": "sewing, baking",
        "Availability": "mon-evening, tue-morning",
    }
    await run(csv_of(tmp_path, row))
    await db.row("UPDATE volunteers SET availability = '{tue-morning,mon-evening}'")
    found = await run(csv_of(tmp_path, {**row, "Skills": "baking; sewing"}))
    assert not any(found.changed.values())
    found = await run(csv_of(tmp_path, {**row, "Skills": "baking"}))
    assert found.changed["volunteer"] == 1


async def test_somebody_here_is_found_by_email_and_last_name_and_keeps_the_name(tmp_path):
    person = await made.person("Adaeze Okafor")
    await make.insert(
        "emails",
        constituent=person,
        address="Ada@Example.org",
        normal="ada@example.org",
        kind="home",
        preferred=True,
    )
    await run(csv_of(tmp_path, {**VOLUNTEER, "Phone": "+1 503 555 0144"}))

    assert await count("constituents") == 1
    assert await db.value("SELECT name FROM constituents") == "Adaeze Okafor"
    assert await db.value("SELECT proposed ->> 'given_name' FROM proposals") == "Ada"
    assert await db.value("SELECT number FROM phones") == "+15035550144"
    assert await db.value("SELECT constituent FROM volunteers") == person
    again = await run(tmp_path / "file.csv")
    assert not sum(again.new.values()) and not sum(again.changed.values())


async def test_same_email_and_another_name_is_somebody_else_and_perhaps_a_duplicate(tmp_path):
    person = await made.person("Peter Quill")
    await make.insert(
        "emails",
        constituent=person,
        address="ada@example.org",
        normal="ada@example.org",
        kind="home",
        preferred=True,
    )
    await run(csv_of(tmp_path, VOLUNTEER))

    assert await count("constituents") == 2
    assert await db.value("SELECT reason FROM duplicate_candidates") == "same e-mail"


async def test_two_spouses_with_one_address_stay_two(tmp_path):
    person = await made.person("Ben Okafor")
    await make.insert(
        "emails",
        constituent=person,
        address="ada@example.org",
        normal="ada@example.org",
        kind="home",
        preferred=True,
    )
    await run(csv_of(tmp_path, VOLUNTEER, {**VOLUNTEER, "First name": "Ben"}))

    names = [row["name"] for row in await db.rows("SELECT name FROM constituents ORDER BY name")]
    assert names == ["Ada Okafor", "Ben Okafor"]
    assert await db.value("SELECT count(*) FROM volunteers") == 2


async def test_who_did_not_want_to_be_asked_is_not_asked_because_of_a_file(tmp_path):
    person = await made.person("Ada Okafor")
    await make.insert(
        "emails",
        constituent=person,
        address="ada@example.org",
        normal="ada@example.org",
        kind="home",
        preferred=True,
    )
    await make.insert(
        "volunteers", constituent=person, may_be_asked=False, skills=["sewing"], joined_on=date(2020, 1, 1)
    )
    await run(
        csv_of(
            tmp_path,
            {**VOLUNTEER, "May be asked for shifts": "yes", "Skills": "baking", "Joined": "2024-01-01"},
        )
    )

    row = await db.row("SELECT may_be_asked, skills, joined_on FROM volunteers")
    assert row == {"may_be_asked": False, "skills": ["sewing", "baking"], "joined_on": date(2020, 1, 1)}


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({**VOLUNTEER, "First name": "", "Last name": ""}, "file.csv, row 3, Last name: The name is missing."),
        ({**VOLUNTEER, "Email": "ada@"}, "row 3, Email: “ada@” is no e-mail address."),
        ({**VOLUNTEER, "Date of birth": "1990-13-01"}, "row 3, Date of birth: “1990-13-01” is not a date"),
        ({**VOLUNTEER, "Date of birth": "33000"}, "row 3, Date of birth: “33000” is a number."),
        ({**VOLUNTEER, "Date of birth": "2150-01-01"}, "row 3, Date of birth: This day is still to come."),
        ({**VOLUNTEER, "Status": "asleep"}, "row 3, Status: “asleep” is no state of a volunteer"),
        ({**VOLUNTEER, "Availability": "someday"}, "row 3, Availability: “someday” is no part of a week."),
        ({**VOLUNTEER, "Languages": "Klingonish"}, "row 3, Languages: “Klingonish” is no language."),
        ({**VOLUNTEER, "Skills": "x" * 61}, "row 3, Skills: “xxx"),
        ({**VOLUNTEER, "May be asked for shifts": "maybe"}, "row 3, May be asked for shifts: “maybe” is neither yes nor no."),
        ({"First name": "Vera", "Last name": "First", "Email": "vera@example.org"}, "The same stands in file.csv, row 2, already."),
    ],
)  # fmt: skip
async def test_every_fault_of_volunteers_has_its_row_and_nothing_is_written(tmp_path, row, fault):
    first = {
        **dict.fromkeys(row, ""),
        "First name": "Vera",
        "Last name": "First",
        "Email": "vera@example.org",
    }
    found = await run(csv_of(tmp_path, first, row))

    assert [line for line in faults(found) if fault in line], faults(found)
    assert await count("constituents") == 0
    assert (await runs.listed())[0]["status"] == "faulty"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"Maximum": ""}, "row 3, Maximum: Say how many people at most."),
        ({"Maximum": "0"}, "row 3, Maximum: Between 1 and 5,000 people."),
        ({"Minimum": "5"}, "row 3, Minimum: The fewest people are at most as many as the most."),
        ({"Start": "", "End": ""}, "row 3, Start: This is missing."),
        ({"Start": "2026-03-07"}, "row 3, Start: “2026-03-07” is not a day with a time"),
        ({"End": "2026-03-06 12:00"}, "row 3, End: It ends before it starts."),
        ({"End": "2026-04-06 12:00"}, "row 3, End: A shift lasts two weeks at most."),
        ({"Time zone": "Eastern"}, "row 3, Time zone: “Eastern” is not a time zone."),
        ({"Time zone": "Europe/London"}, "row 3, Time zone: The clock of this place is America/New_York."),
        ({"Role": "Baker", "Place": ""}, "row 3, Place: Say where it is"),
        ({"Programme": ""}, "row 3, Programme: This is missing."),
        ({"End": "2026-03-09 24:00"}, "row 3, End: Write 24:00 as 00:00"),
        ({"End": "9:00"}, "row 3, End: It ends when it begins."),
        ({"Status": "maybe"}, "row 3, Status: “maybe” is no state of a shift"),
        ({"Start": "2026-03-08 02:30", "End": "2026-03-08 05:00"}, "row 3, Start: Clocks in America/New_York skip 2026-03-08 02:30"),
    ],
)  # fmt: skip
async def test_every_fault_of_shifts_has_its_row(tmp_path, row, fault):
    whole = {"Minimum": "", "Status": "", **SHIFT}
    found = await run(
        csv_of(tmp_path, whole, {**whole, "Start": "2026-03-09 09:00", "End": "2026-03-09 10:00", **row})
    )

    assert [line for line in faults(found) if fault in line], faults(found)
    assert (await count("shifts"), await count("programmes")) == (0, 0)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"Hours": ""}, "row 3, Hours: Say how long."),
        ({"Hours": "25"}, "row 3, Hours: More than nothing, and at most 24 hours"),
        ({"Hours": "0"}, "row 3, Hours: More than nothing"),
        ({"Hours": "a while"}, "row 3, Hours: “a while” is not a length"),
        ({"Day": "2150-01-01"}, "row 3, Day: This day is still to come."),
        ({"Programme": ""}, "row 3, Programme: This is missing."),
        ({"Role": "Nobody's"}, "row 3, Role: “Nobody's” is no role of this programme here."),
        ({"Hours": "1,000"}, "row 3, Hours: “1,000” can be a thousand or more"),
        ({"Email": ""}, "row 3, Email: Say whose hours these are"),
        ({"Email": "new@example.org", "Last name": ""}, "row 3, Last name: Nobody here has this e-mail."),
        (
            {"Email": "", "Volunteer ID": "X9"},
            "row 3, Volunteer ID: Nobody here or in these files has this id.",
        ),
        ({"People": "0"}, "row 3, People: Between 1 and 500 people."),
        ({"Status": "perhaps"}, "row 3, Status: “perhaps” is no state of hours"),
    ],
)
async def test_every_fault_of_hours_has_its_row(tmp_path, row, fault):
    whole = {"Volunteer ID": "", "Role": "", "People": "", "Status": "", **HOURS}
    found = await run(csv_of(tmp_path, whole, {**whole, "Day": "2026-03-09", **row}))

    assert [line for line in faults(found) if fault in line], faults(found)
    assert (await count("hours"), await count("constituents")) == (0, 0)


async def test_all_faults_are_told_at_once(tmp_path):
    found = await run(
        csv_of(
            tmp_path, {**VOLUNTEER, "Email": "a"}, {**VOLUNTEER, "Email": "b"}, {**VOLUNTEER, "Email": "c"}
        )
    )

    assert [line.row for line in found.faults] == [2, 3, 4]


async def test_one_cell_that_is_read_twice_is_one_fault(tmp_path):
    row = {"Programme": "Kitchen", "Role": "Cook", "Place": "Hall", "Day": "03/04/26", "Start time": "9:00",
           "End time": "10:00", "Maximum": "4"}  # fmt: skip
    assert faults(await run(csv_of(tmp_path, row))) == [
        "file.csv, row 2, Day: “03/04/26” has a year of two digits. Write all four."
    ]


@pytest.mark.parametrize("said", ["2026/03/07", "2026.03.07.", "07.03.2026", "7 March 2026"])
async def test_days_as_other_countries_write_them(tmp_path, said):
    await run(csv_of(tmp_path, {**HOURS, "Day": said}))
    assert await db.value("SELECT day FROM hours") == date(2026, 3, 7)


async def test_two_rows_that_say_the_same_are_both_taken_and_told(tmp_path):
    found = await run(csv_of(tmp_path, HOURS, {**HOURS, "Day": "2026-03-08"}, HOURS))
    assert await count("hours") == 3
    assert [report.said(line) for line in found.remarks if "the same" in line.text] == [
        "file.csv, row 4: It says the same as file.csv, row 2: both are taken. Leave one out if they are one."
    ]


async def test_the_sum_of_hours_is_told_to_the_minute(tmp_path):
    found = await run(csv_of(tmp_path, {**HOURS, "Hours": "2:35"}), dry_run=True)
    assert [line.split() for line in report.text(found) if "hours in all" in line] == [
        ["2:35", "hours", "in", "all"]
    ]


SIGN_UP = {"Volunteer ID": "V1", "Name": "Ada Okafor", "Status": "confirmed", "Signed up": "2026-03-01 10:00"}
HELD = {"Volunteer ID": "V1", "Name": "Ada Okafor", "Qualification": "Food safety", "Until": "2026-12-31"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (SIGN_UP, "file.csv: This is a list of sign-ups. Only volunteers, shifts and hours come in by files"),
        (
            HELD,
            "file.csv: This is a list of qualifications. Only volunteers, shifts and hours come in by files",
        ),
        ({"a": "1", "b": "2"}, "file.csv: No column has a name by which volunteers (Last name)"),
    ],
)
async def test_a_table_of_something_else_is_called_by_its_name(tmp_path, row, said):
    found = await run(csv_of(tmp_path, row))
    assert len(faults(found)) == 1 and faults(found)[0].startswith(said)


async def test_beside_tables_that_can_be_read_the_others_are_told_of(tmp_path):
    csv_of(tmp_path, VOLUNTEER, name="people.csv")
    csv_of(tmp_path, SIGN_UP, name="sign-ups.csv")
    found = await run(tmp_path)
    assert found.written and found.unknown_files == ["sign-ups.csv"]
    assert any(
        report.said(line).startswith("sign-ups.csv: This is a list of sign-ups.") for line in found.remarks
    )


async def test_a_file_of_nothing_is_told(tmp_path):
    (tmp_path / "names.csv").write_text("First name,Last name,Email\n")
    assert faults(await run(tmp_path / "names.csv")) == [
        "names.csv: Below the names of the columns there is no row."
    ]
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    assert faults(await run(tmp_path / "empty.zip")) == [
        "empty.zip: No CSV and no XLSX file with anything in it is here."
    ]


async def test_an_empty_sheet_beside_a_full_one_is_no_fault(tmp_path):
    book = files.workbook(tmp_path / "all.xlsx", People=[VOLUNTEER], Hours=[HOURS])
    opened = openpyxl.load_workbook(book)
    opened["Hours"].delete_rows(2)
    opened.save(book)
    assert (await run(book)).written and await count("constituents") == 1


async def test_a_row_with_too_many_cells_is_told(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("First name,Last name,Email\nAda,Okafor,a@example.org,what,is\nBen,Quill,b@example.org\n")

    assert faults(await run(path)) == ["file.csv, row 2: It has 5 cells where the header has 3."]
    assert await count("constituents") == 0


async def test_a_rule_of_the_tables_that_says_no_takes_everything_back_with_its_row(tmp_path):
    """A shift to come that is changed to hold fewer than have a place: the rest of the file is not written either."""
    await run(
        csv_of(tmp_path, {**SHIFT, "Shift ID": "S1", "Start": "2027-03-05 09:00", "End": "2027-03-05 12:00"})
    )
    shift = await db.value("SELECT id FROM shifts")
    for name in ("Ada One", "Ben Two"):
        await make.insert("signups", shift=shift, constituent=await made.person(name), status="confirmed")
    found = await run(
        csv_of(
            tmp_path,
            {**SHIFT, "Shift ID": "S2"},
            {
                **SHIFT,
                "Shift ID": "S1",
                "Start": "2027-03-05 09:00",
                "End": "2027-03-05 12:00",
                "Maximum": "1",
            },
        )
    )

    assert [line.row for line in found.faults] == [3]
    assert "1 person more has a place" in faults(found)[0]
    assert await count("shifts") == 1
    assert await db.value("SELECT maximum FROM shifts") == 4


# ---------------------------------------------------------------- days and clocks


async def test_days_that_can_be_two_are_asked_about_once_for_the_file(tmp_path):
    path = csv_of(tmp_path, {**HOURS, "Day": "03/04/2026"}, {**HOURS, "Day": "05/06/2026"})
    found = await run(path)
    assert (found.ok, found.ambiguous_days) == (False, {"file.csv": "03/04/2026"})
    assert await count("hours") == 0
    assert "--days month-first" in "\n".join(report.text(found))

    await run(path, days="day_first")
    assert await db.value("SELECT array_agg(day ORDER BY day) FROM hours") == [
        date(2026, 4, 3),
        date(2026, 6, 5),
    ]


async def test_one_day_that_can_be_only_one_decides_for_the_file(tmp_path):
    await run(
        csv_of(tmp_path, {**HOURS, "Day": "03/04/2026"}, {**HOURS, "Day": "03/14/2026"}), days="day_first"
    )

    assert await db.value("SELECT array_agg(day ORDER BY day) FROM hours") == [
        date(2026, 3, 4),
        date(2026, 3, 14),
    ]


async def test_days_that_contradict_each_other_are_refused(tmp_path):
    found = await run(csv_of(tmp_path, {**HOURS, "Day": "14/03/2026"}, {**HOURS, "Day": "03/14/2026"}))

    assert "Some days have the month first (“03/14/2026”) and some the day (“14/03/2026”)" in faults(found)[0]


@pytest.mark.parametrize(
    ("zone", "start", "end", "hours"),
    [
        ("America/New_York", "2026-03-07 22:00", "2026-03-08 06:00", 7),
        ("America/New_York", "2026-10-31 22:00", "2026-11-01 06:00", 9),
        ("Europe/London", "2026-03-28 22:00", "2026-03-29 06:00", 7),
        ("Pacific/Auckland", "2026-04-04 22:00", "2026-04-05 06:00", 9),
    ],
)
async def test_a_shift_across_the_change_of_clocks_lasts_as_long_as_it_does(
    tmp_path, zone, start, end, hours
):
    found = await run(csv_of(tmp_path, {**SHIFT, "Time zone": zone, "Start": start, "End": end}))

    assert found.ok, faults(found)
    lasted = await db.value("SELECT extract(epoch FROM ends_at - starts_at)::int / 3600 FROM shifts")
    assert lasted == hours


async def test_an_hour_that_comes_twice_is_the_first_unless_the_cell_says_which(tmp_path):
    twice = {**SHIFT, "End": "2026-11-01 03:00"}
    found = await run(
        csv_of(
            tmp_path,
            {**twice, "Start": "2026-11-01 01:30"},
            {**twice, "Start": "2026-11-01 01:30-05:00", "Role": "Baker"},
        )
    )

    assert [line.text for line in found.remarks if "is new" not in line.text] == [
        "Clocks in America/New_York show 2026-11-01 01:30 twice; the first is taken."
    ]
    starts = [
        row["starts_at"].hour for row in await db.rows("SELECT starts_at FROM shifts ORDER BY starts_at")
    ]
    assert starts == [5, 6]


async def test_an_end_by_the_clock_before_the_start_is_on_the_next_day(tmp_path):
    row = {
        **{k: v for k, v in SHIFT.items() if k not in ("Start", "End")},
        "Day": "2026-05-01",
        "Start time": "10 pm",
        "End time": "2:30 am",
    }
    assert (await run(csv_of(tmp_path, row))).ok
    assert await db.value("SELECT extract(epoch FROM ends_at - starts_at)::int / 60 FROM shifts") == 270


# ---------------------------------------------------------------- atomic


async def test_a_crash_in_the_middle_leaves_nothing(tmp_path, monkeypatch):
    from imports import volunteers_insert

    async def broken(putting: Any) -> None:
        raise asyncpg.ConnectionDoesNotExistError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(volunteers_insert, "hours", broken)
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await run(files.all_three(tmp_path / "in"))
    assert (await runs.listed())[0]["status"] == "failed"
    for table in ("constituents", "volunteers", "programmes", "shifts", "external_ids"):
        assert await count(table) == 0

    assert (await run(tmp_path / "in")).written
    assert await count("hours") == 2


async def test_a_plan_is_written_once_by_two_imports_at_once(tmp_path):
    """Both read the file before either writes: the second finds what the first brought, by the ids it kept."""
    from contextlib import ExitStack

    from imports.volunteers import _plan
    from imports.volunteers_records import VolunteersPlan
    from kit.changes import Actor

    folder = files.all_three(tmp_path / "in")
    for _turn in range(2):
        plan = VolunteersPlan("volunteers")
        with ExitStack() as stack:
            await _plan(folder, plan, "", stack)
        await write(plan, by=Actor("import", 1, "x"))

    assert (await count("constituents"), await count("shifts"), await count("hours")) == (2, 2, 2)


# ---------------------------------------------------------------- large

_MEASURED = """
import asyncio, resource, sys
from contextlib import ExitStack
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from imports import volunteers_plan, volunteers_read
from imports.volunteers_here import Here
from imports.volunteers_records import VolunteersPlan
import openpyxl
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
plan = VolunteersPlan("volunteers")
with ExitStack() as stack:
    tables = volunteers_read.tables(Path(sys.argv[1]), plan, stack)
    for table in tables:
        table.decide_order(plan, "")
    here = Here("5f0c21ab", "US", "America/New_York", date(2026, 11, 22), datetime(2026, 11, 22, tzinfo=UTC),
                ours={"Volunteer": set(), "Shift": set(), "Hours": set()})
    volunteers_plan.make(tables, plan, here)
assert not plan.faults, plan.faults[:3]
print(len(plan.hours), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_ten_thousand_rows_fit_into_little_memory(tmp_path, kind):
    rows = _ten_thousand()
    path = csv_of(tmp_path, *rows) if kind == "csv" else files.workbook(tmp_path / "hours.xlsx", Hours=rows)
    said = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(path)], capture_output=True, text=True, check=False
    )

    assert said.returncode == 0, said.stderr[-2000:]
    count, megabytes = map(int, said.stdout.split())
    assert count == 10_000
    assert megabytes < 120, f"{megabytes} MB"


def _ten_thousand() -> list[dict[str, str]]:
    return [
        {**HOURS, "Email": f"v{n % 500}@example.org", "Last name": f"Okafor{n % 500}", "Day": str(date(2025, 1, 1) + timedelta(days=n // 500))}
        for n in range(10_000)
    ]  # fmt: skip


async def test_ten_thousand_rows_are_written(tmp_path):
    found = await run(csv_of(tmp_path, *_ten_thousand()))

    assert found.ok, faults(found)[:3]
    assert (await count("hours"), await count("volunteers")) == (10_000, 500)
    assert await db.value("SELECT sum(minutes)::int FROM volunteer_totals") == 10_000 * 180
    assert sum((await run(tmp_path / "file.csv")).new.values()) == 0
