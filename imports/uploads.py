"""Uploads: an export sent through the browser, checked first, and written when somebody has looked at the report.

Each step is a job, so that the page never waits and a worker that dies is followed by another.
"""

import asyncio
import io
import re
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from imports import npsp, runs, volunteers
from imports.npsp_stages import answered
from imports.volunteers_cells import Order
from kit import changes, db, files, jobs
from kit.changes import Actor
from kit.errors import Refused
from kit.words import _

LARGEST = 100_000_000
SOURCES = ("npsp", "volunteers")
_TABLES = {
    ".csv": "text/csv", ".tsv": "text/tab-separated-values", ".txt": "text/plain", ".tab": "text/tab-separated-values",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xlsm": "application/vnd.ms-excel.sheet.macroenabled.12", ".zip": "application/zip",
}  # fmt: skip
"""Of files of volunteers: what may be sent, by how the name ends."""


class NotAnExport(Refused):
    """What was sent is not a zip with tables in it."""


class NotReady(Refused):
    """The run is not in the state that this asks for."""


async def upload(data: bytes, file_name: str, *, by: Actor, source: str = "npsp") -> int:
    """Keep an export and have it checked; nothing of it is written yet. Raises NotAnExport.

    `source` is npsp (a zip) or volunteers (a zip, a workbook or a table in text).
    """
    if not data:
        raise NotAnExport(_("Choose the file of the export."))
    if len(data) > LARGEST:
        raise NotAnExport(
            _(
                "The file is larger than {mb} MB. Import it with `almoner import {source}`.",
                mb=LARGEST // 10**6,
                source=source,
            )
        )
    suffix = PurePosixPath(file_name).suffix.lower()
    if source == "npsp":
        suffix = ".zip"
        await asyncio.to_thread(_refuse_what_is_no_zip, data)
    elif suffix not in _TABLES:
        raise NotAnExport(
            _("Choose a CSV or XLSX file, or a zip of them. Other formats can be saved as one of these.")
        )
    async with db.tx():
        file = await files.keep(data, _TABLES[suffix])
        run = await runs.begin(
            source, file_name.replace("\0", ""), started_by=by.label, answers={}, file=file, status="waiting"
        )
        await changes.note("import.uploaded", "import_run", run, by=by)
        await jobs.enqueue("check import", {"run": run})
    return run


def _refuse_what_is_no_zip(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise NotAnExport(
            _(
                "This is not a zip file. Put the folder of the export into a zip; for volunteers, shifts or hours choose that kind of file first."
            )
        ) from None
    if not any(name.lower().endswith((".csv", ".txt", ".tsv")) for name in names):
        raise NotAnExport(_("There are no CSV files in this zip."))


async def answer(run: int, stages: Mapping[str, str], *, by: Actor) -> None:
    """Say what unknown stages mean, and have the export checked again. Raises NotReady."""
    answered(stages)
    await _answer(run, stages, by=by)


async def answer_days(run: int, days: Order, *, by: Actor) -> None:
    """Say whether the month comes first in days like 03/04/2026, and have the file checked again. Raises NotReady."""
    await _answer(run, {"days": days}, by=by)


async def _answer(run: int, answers: Mapping[str, str], *, by: Actor) -> None:
    async with db.tx():
        there = await db.row(
            """
            UPDATE import_runs SET answers = answers || $2::jsonb, status = 'waiting', step = ''
             WHERE id = $1 AND status = 'faulty' AND file IS NOT NULL RETURNING id
            """,
            run, runs.encoded(answers),
        )  # fmt: skip
        if there is None:
            raise NotReady(_("This import asks nothing (any more)."))
        await changes.note("import.answered", "import_run", run, by=by, after=dict(answers))
        await jobs.enqueue("check import", {"run": run})


async def confirm(run: int, *, by: Actor) -> None:
    """Write what was checked. Confirming twice is confirming once. Raises NotReady."""
    async with db.tx():
        there = await db.value(
            "UPDATE import_runs SET status = 'running', step = '', done = 0 WHERE id = $1 AND status = 'checked' AND file IS NOT NULL RETURNING id",
            run,
        )
        if there is None:
            if await db.value("SELECT status IN ('running', 'done') FROM import_runs WHERE id = $1", run):
                return
            raise NotReady(_("Only an export that was checked and has no faults can be imported."))
        await changes.note("import.confirmed", "import_run", run, by=by)
        await jobs.enqueue("run import", {"run": run})


async def take(run: int, *, dry_run: bool) -> None:
    """What the jobs do. A rule that says no is the end of the run, and no reason to try again."""
    row = await runs.one(run)
    wanted = (
        ("waiting", "checking", "interrupted", "failed") if dry_run else ("running", "interrupted", "failed")
    )
    if row["file"] is None or row["status"] not in wanted:
        return
    stored = await files.read(row["file"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _named(row)
        await asyncio.to_thread(path.write_bytes, stored.data)
        try:
            if row["source"] == "volunteers":
                await volunteers.run(
                    path,
                    dry_run=dry_run,
                    days=row["answers"].get("days", ""),
                    started_by=row["started_by"],
                    upload=run,
                )
            else:
                await npsp.run(
                    path, dry_run=dry_run, stages=row["answers"], started_by=row["started_by"], upload=run
                )
        except Refused:
            return


def _named(row: dict[str, Any]) -> str:
    """A name for a while, as like the sent one as is safe: faults tell it."""
    if row["source"] == "npsp":
        return "export.zip"
    return re.sub(r"[^\w. -]", "_", PurePosixPath(row["file_name"]).name)[-100:].lstrip(". ") or "file"
