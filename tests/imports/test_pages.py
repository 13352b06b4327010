"""The pages of imports: an upload is checked, asked about, confirmed and written; and each page's six questions."""

import io
import zipfile
from pathlib import Path

import httpx
import pytest

from imports import npsp, runs, uploads
from kit import db, jobs
from tests import make
from tests.imports import exports, volunteer_files


def zipped(folder: Path) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.glob("*.csv"):
            archive.write(path, f"export/{path.name}")
    return data.getvalue()


async def send(browser, data: bytes, name: str = "export.zip") -> httpx.Response:
    return await browser.post("/imports", files={"export": (name, data, "application/zip")})


@pytest.fixture
async def finance(browser):
    await make.organisation()
    await browser.sign_in(role="finance")
    return browser


async def newest() -> int:
    return (await runs.listed())[0]["id"]


async def test_an_upload_is_checked_then_confirmed_then_written(finance):
    answer = await send(finance, zipped(exports.REAL))
    run = await newest()
    assert (answer.status_code, answer.headers["location"]) == (303, f"/imports/{run}")
    assert "Waiting" in (await finance.get(f"/imports/{run}")).text
    assert await jobs.drain() == ["check import"]
    shown = (await finance.get(f"/imports/{run}")).text
    assert "294" in shown
    assert "$217,520.00" in shown
    assert "Import it now" in shown
    assert await db.value("SELECT count(*) FROM gifts") == 0
    answer = await finance.submit(f"/imports/{run}/confirmations")
    assert answer.status_code == 303
    await finance.submit(f"/imports/{run}/confirmations")
    assert await jobs.drain(only=["run import"]) == ["run import"]
    assert await db.value("SELECT count(*) FROM gifts") == 294
    assert "new records" in (await finance.get(f"/imports/{run}")).text
    assert "$217,520.00" in (await finance.get("/imports")).text
    trail = await db.rows(
        "SELECT action FROM changes WHERE object_kind = 'import_run' AND object_id = $1 ORDER BY id", run
    )
    assert [row["action"] for row in trail] == ["import.uploaded", "import.confirmed"]


async def test_unknown_stages_are_asked_and_the_answer_leads_on(finance, tmp_path):
    folder = exports.copy(tmp_path)
    exports.edit(
        folder / "Opportunity.csv", lambda row: row.update(StageName="Cleared") if row["Id"] == "3" else None
    )
    await send(finance, zipped(folder))
    run = await newest()
    await jobs.drain()
    assert "Cleared" in (await finance.get(f"/imports/{run}")).text
    refused = await finance.submit(f"/imports/{run}/answers", stage="Cleared", meaning="")
    assert refused.status_code == 422
    assert "Say what each stage means" in refused.text
    assert (
        await finance.submit(f"/imports/{run}/answers", stage="Cleared", meaning="gift")
    ).status_code == 303
    await jobs.drain()
    assert (await runs.one(run))["status"] == "checked"


async def test_faults_are_listed_and_cannot_be_confirmed(finance, tmp_path):
    folder = exports.copy(tmp_path)
    (folder / "Contact.csv").unlink()
    await send(finance, zipped(folder))
    run = await newest()
    await jobs.drain()
    shown = (await finance.get(f"/imports/{run}")).text
    assert "Contact.csv: This file is missing" in shown
    refused = await finance.submit(f"/imports/{run}/confirmations")
    assert refused.status_code == 422
    assert "no faults" in refused.text
    assert await db.value("SELECT count(*) FROM constituents") == 0


@pytest.mark.parametrize(("data", "why"), [(b"", "Choose the file"), (b"Id,Name\n1,x\n", "not a zip")])
async def test_what_is_no_export_is_refused_with_the_reason(finance, data, why):
    answer = await send(finance, data)
    assert answer.status_code == 422
    assert why in answer.text
    assert await runs.listed() == []


async def test_a_zip_without_tables_is_refused(finance):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("photo.jpg", b"x")
    assert "no CSV files" in (await send(finance, packed.getvalue())).text


@pytest.mark.parametrize("role", ["fundraiser", "gift_entry", "volunteer_coordinator", "auditor"])
async def test_it_needs_the_permission(browser, role):
    await make.organisation()
    await npsp.run(exports.REAL, dry_run=True)
    run = await newest()
    await browser.sign_in(role=role)
    for path in ("/imports", "/imports/new", f"/imports/{run}"):
        assert (await browser.get(path)).status_code == 403
    for path in ("/imports", f"/imports/{run}/answers", f"/imports/{run}/confirmations"):
        assert (await browser.submit(path)).status_code == 403


async def test_unknown_ids_are_not_found(finance):
    assert (await finance.get("/imports/999999")).status_code == 404
    for deed in ("answers", "confirmations"):
        assert (await finance.submit(f"/imports/999999/{deed}", stage="x", meaning="gift")).status_code == 404


async def test_wrong_methods_are_refused(finance):
    await npsp.run(exports.REAL, dry_run=True)
    run = await newest()
    assert (await finance.get(f"/imports/{run}/confirmations")).status_code == 405
    assert (await finance.post(f"/imports/{run}")).status_code == 405


async def test_htmx_gets_the_block(finance):
    await npsp.run(exports.REAL, dry_run=True)
    part = (await finance.part(f"/imports/{await newest()}")).text.strip()
    assert part.startswith('<div id="import-run"')
    assert "<html" not in part
    part = (await finance.part("/imports")).text.strip()
    assert part.startswith('<section id="import-list"')


async def test_work_polls_and_an_end_does_not(finance):
    await send(finance, zipped(exports.REAL))
    run = await newest()
    assert 'hx-trigger="every 2s"' in (await finance.get(f"/imports/{run}")).text
    await jobs.drain()
    assert 'hx-trigger="every 2s"' not in (await finance.get(f"/imports/{run}")).text


async def test_a_run_from_the_shell_shows_that_it_was_a_dry_one(finance):
    await npsp.run(exports.REAL, dry_run=True)
    shown = (await finance.get(f"/imports/{await newest()}")).text
    assert "A dry run from the shell" in shown
    assert "Import it now" not in shown
    assert (await finance.submit(f"/imports/{await newest()}/confirmations")).status_code == 422


async def test_a_run_that_a_crash_cut_short_says_so(finance):
    run = await runs.begin("npsp", "export", started_by="almoner import", answers={}, status="running")
    assert "Interrupted, not written" in (await finance.get("/imports")).text
    assert "Nothing was written" in (await finance.get(f"/imports/{run}")).text


async def test_the_empty_index_says_how_to_begin(finance):
    assert "No imports yet" in (await finance.get("/imports")).text


async def test_an_upload_that_a_job_meets_twice_is_written_once(finance):
    await send(finance, zipped(exports.REAL))
    run = await newest()
    await jobs.drain()
    await finance.submit(f"/imports/{run}/confirmations")
    await jobs.drain(only=["run import"])
    await uploads.take(run, dry_run=False)
    assert await db.value("SELECT count(*) FROM gifts") == 294


# ---------------------------------------------------------------- volunteers


async def send_volunteers(browser, data: bytes, name: str = "hours.csv") -> httpx.Response:
    return await browser.post(
        "/imports", data={"format": "volunteers"}, files={"export": (name, data, "text/csv")}
    )


HOURS = b"Email,First name,Last name,Programme,Day,Hours\nada@example.org,Ada,Okafor,Kitchen,03/04/2026,3\n"


async def test_a_file_of_hours_is_checked_asked_about_confirmed_and_written(finance):
    answer = await send_volunteers(finance, HOURS)
    run = await newest()
    assert (answer.status_code, answer.headers["location"]) == (303, f"/imports/{run}")
    await jobs.drain()
    shown = (await finance.get(f"/imports/{run}")).text
    assert "What comes first in these days?" in shown and "03/04/2026" in shown
    for page in (shown, (await finance.get("/imports")).text):
        assert "Asks a question, not written" in page and "Has faults" not in page
    refused = await finance.submit(f"/imports/{run}/answers", days="")
    assert (refused.status_code, "Say which comes first." in refused.text) == (422, True)
    assert (await finance.submit(f"/imports/{run}/confirmations")).status_code == 422

    await finance.submit(f"/imports/{run}/answers", days="day_first")
    await jobs.drain()
    shown = (await finance.get(f"/imports/{run}")).text
    assert "What it would do" in shown and "Import it now" in shown
    assert await db.value("SELECT count(*) FROM hours") == 0
    await finance.submit(f"/imports/{run}/confirmations")
    await jobs.drain(only=["run import"])
    assert str(await db.value("SELECT day FROM hours")) == "2026-04-03"
    assert "What was done" in (await finance.get(f"/imports/{run}")).text
    assert "entries of hours" in (await finance.get("/imports")).text


async def test_a_workbook_is_taken_and_its_faults_are_shown_with_their_rows(finance, tmp_path):
    rows = [{"First name": "Ada", "Last name": "Okafor", "Email": "ada@"}]
    data = volunteer_files.workbook(tmp_path / "people.xlsx", People=rows).read_bytes()
    await send_volunteers(finance, data, "people.xlsx")
    await jobs.drain()

    assert (
        "people.xlsx, row 2, Email: “ada@” is no e-mail address."
        in (await finance.get(f"/imports/{await newest()}")).text
    )


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [("people.pdf", b"%PDF", "Choose a CSV or XLSX file"), ("people.csv", b"", "Choose the file")],
)
async def test_what_is_no_file_of_volunteers_is_refused(finance, name, data, why):
    answer = await send_volunteers(finance, data, name)
    assert (answer.status_code, why in answer.text) == (422, True)
    assert await runs.listed() == []


async def test_an_odd_name_of_a_file_leads_nowhere_else(finance):
    await send_volunteers(finance, HOURS.replace(b"03/04", b"03/14"), "../../etc/pass wd\u202e.csv")
    await jobs.drain()
    assert (await runs.one(await newest()))["status"] == "checked"
