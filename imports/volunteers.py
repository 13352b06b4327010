"""`almoner import volunteers`: volunteers, shifts and hours from CSV or XLSX, read, checked and written in one go."""

import argparse
import asyncio
import inspect
import sys
from contextlib import ExitStack
from pathlib import Path

from imports import report, runs, volunteers_here, volunteers_plan, volunteers_read
from imports.npsp import bar, say
from imports.report import Report
from imports.volunteers_cells import ORDERS, Order
from imports.volunteers_records import VolunteersPlan
from imports.volunteers_write import NotWritten, write
from imports.write import Report as Progress
from kit.changes import Actor
from kit.errors import Refused
from kit.words import _
from staff import organisation
from volunteers.numbers import SOURCE


async def run(
    path: Path,
    *,
    dry_run: bool = False,
    days: Order = "",
    report: Progress | None = None,
    started_by: str = "almoner import",
    upload: int | None = None,
) -> Report:
    """Read the file, folder or zip at `path` and, unless it is a dry run or has faults, write it.

    `days` says how days like 03/04/2026 are meant where a file does not show it; `report` hears (step, done, of all).
    A dry run writes everything and takes it back, so it knows every rule that would say no.
    """
    await organisation.needed()
    if upload is not None:
        await runs.becomes(upload, "checking" if dry_run else "running")
    answers = {"days": days} if days else {}
    number = upload or await runs.begin(SOURCE, path.name, started_by=started_by, answers=answers)
    try:
        async with runs.alive(number):
            return await _run(path, dry_run, days, report, number)
    except Exception as failed:
        await runs.fails(
            number, str(failed) if isinstance(failed, Refused) else f"{type(failed).__name__}: {failed}"
        )
        raise


async def _run(path: Path, dry_run: bool, order: Order, progress: Progress | None, number: int) -> Report:
    async def tell(step: str, done: int, of_all: int) -> None:
        await runs.progress(number, step, done, of_all)
        if progress is not None:
            heard = progress(step, done, of_all)
            if inspect.isawaitable(heard):
                await heard

    await tell(_("Reading and checking"), 0, 0)
    plan = VolunteersPlan(SOURCE)
    with ExitStack() as stack:
        await _plan(path, plan, order, stack)
    written = None
    if not plan.faults and not plan.asks():
        if not dry_run:
            await runs.becomes(number, "running")
        try:
            by = Actor("import", number, _("Import of volunteers"))
            written = await write(plan, by=by, report=tell, dry_run=dry_run)
        except NotWritten as no:
            plan.faults += no.lines
    found = report.of(plan, written, dry_run=dry_run)
    await runs.ends(number, found)
    return found


async def _plan(path: Path, plan: VolunteersPlan, order: Order, stack: ExitStack) -> None:
    tables = await asyncio.to_thread(volunteers_read.tables, path, plan, stack)
    for table in tables:
        await asyncio.to_thread(table.decide_order, plan, order)
    if tables and not plan.faults and all(table.is_empty for table in tables):
        for table in tables:
            plan.fault(_("Below the names of the columns there is no row."), table.file)
    if any(table.broken for table in tables):
        return
    here = await volunteers_here.look(tables)
    await asyncio.to_thread(volunteers_plan.make, tables, plan, here)


async def command(args: argparse.Namespace) -> int:
    """The command: `args.folder`, `args.dry_run`, `args.days`. 0 is done, 1 has faults or questions."""
    days = (args.days or "").replace("-", "_")
    assert days in ("", *ORDERS)
    found = await run(
        args.folder, dry_run=args.dry_run, days=days, report=bar if sys.stderr.isatty() else say
    )
    for line in report.text(found):
        print(line)  # noqa: T201 - it is what the command is for
    return 0 if found.ok else 1
