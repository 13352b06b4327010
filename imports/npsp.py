"""`almoner import npsp`: a Salesforce NPSP export, read, checked and written in one go."""

import argparse
import asyncio
import inspect
import sys
from collections.abc import Mapping
from pathlib import Path

from imports import npsp_plan, report, runs
from imports.report import Report
from imports.write import Report as Progress
from imports.write import write
from kit.changes import Actor
from kit.errors import Refused
from kit.words import _
from staff import organisation


async def run(
    path: Path,
    *,
    dry_run: bool = False,
    stages: Mapping[str, str] | None = None,
    report: Progress | None = None,
    started_by: str = "almoner import",
    upload: int | None = None,
) -> Report:
    """Read the export at `path` and, unless it is a dry run or has faults, write it.

    `stages` says what unknown stages mean ({"Cleared": "gift"}); `report` hears (step, done, of all). `upload` is the
    run of an upload; from the shell one is begun here. Raises Refused for an answer that means nothing, or when
    there is no organisation yet.
    """
    ours = await organisation.needed()
    if upload is not None:
        await runs.becomes(upload, "checking" if dry_run else "running")
    number = upload or await runs.begin(
        npsp_plan.SOURCE, path.name, started_by=started_by, answers=stages or {}
    )
    try:
        async with runs.alive(number):
            return await _run(path, dry_run, stages or {}, report, number, ours["currency"], ours["country"])
    except Exception as failed:
        await runs.fails(
            number, str(failed) if isinstance(failed, Refused) else f"{type(failed).__name__}: {failed}"
        )
        raise


async def _run(
    path: Path,
    dry_run: bool,
    stages: Mapping[str, str],
    progress: Progress | None,
    number: int,
    currency: str,
    country: str,
) -> Report:
    async def tell(step: str, done: int, of_all: int) -> None:
        await runs.progress(number, step, done, of_all)
        if progress is not None:
            heard = progress(step, done, of_all)
            if inspect.isawaitable(heard):
                await heard

    await tell(_("Reading and checking"), 0, 0)
    plan = await asyncio.to_thread(npsp_plan.make, path, stages, currency, country)
    if dry_run or plan.faults or plan.unknown_stages:
        found = report.of(plan, dry_run=dry_run)
    else:
        await runs.becomes(number, "running")
        written = await write(plan, by=Actor("import", number, "NPSP import"), report=tell)
        found = report.of(plan, written)
    await runs.ends(number, found)
    return found


async def command(args: argparse.Namespace) -> int:
    """The command: `args.folder`, `args.dry_run`, `args.stage` (a list of NAME=MEANING). 0 is done, 1 has faults."""
    stages = dict(_answer(said) for said in args.stage or [])
    found = await run(
        args.folder, dry_run=args.dry_run, stages=stages, report=bar if sys.stderr.isatty() else say
    )
    for line in report.text(found):
        print(line)  # noqa: T201 - it is what the command is for
    return 0 if found.ok else 1


def _answer(said: str) -> tuple[str, str]:
    stage, sign, meaning = said.rpartition("=")
    if not sign or not stage.strip():
        raise Refused(
            _("--stage is told as 'Name of the stage=gift' (or pledge, open, lost), not “{said}”.", said=said)
        )
    return stage.strip(), meaning.strip()


def bar(step: str, done: int, of_all: int) -> None:
    filled = 30 * done // of_all if of_all else 0
    end = "\n" if of_all and done >= of_all and step == _("Closing") else ""
    print(f"\r\x1b[K[{'#' * filled}{'.' * (30 - filled)}] {step}", end=end, file=sys.stderr, flush=True)  # noqa: T201


def say(step: str, done: int, of_all: int) -> None:
    print(f"{step} … {done:,} / {of_all:,}" if of_all else f"{step} …", file=sys.stderr, flush=True)  # noqa: T201
