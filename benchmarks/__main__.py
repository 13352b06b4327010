"""bin/bench: load, check, measure, say."""

import argparse
import asyncio
import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import cases, paper, places, report, volunteer_cases, volunteer_data
from kit import days, db
from reports import invariants

RESULTS = Path(__file__).resolve().parent.parent / "bench-results"


def main() -> int:
    asked = _arguments()
    with places.server(asked.keep) as server:
        return asyncio.run(_run(server, asked))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument(
        "part",
        nargs="?",
        choices=("all", "gifts", "volunteers"),
        default="all",
        help="which half of it (all)",
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the sizes, two rounds")
    parser.add_argument("--rounds", type=int, help="turns of ours and bare (5)")
    parser.add_argument(
        "--only", default="", help="only the cases whose name has this in it; `paper` for receipts"
    )
    parser.add_argument(
        "--keep", type=Path, help="keep the loaded databases in this folder, and use them again"
    )
    parser.add_argument("--receipts", type=int, help="how many receipts the memory is watched over (2000)")
    asked = parser.parse_args()
    asked.rounds = asked.rounds or (2 if asked.quick else 5)
    asked.receipts = asked.receipts or (200 if asked.quick else 2_000)
    return asked


async def _run(server: Any, asked: argparse.Namespace) -> int:
    began = time.monotonic()
    rows: list[report.Row] = []
    loaded: dict[str, places.Loaded] = {}
    receipts = None
    if asked.part != "volunteers":
        found = await _gifts(server, asked, loaded)
        if found is None:
            return 1
        rows += found
    if asked.part != "gifts" and asked.only != "paper":
        found = await _volunteers(server, asked)
        if found is None:
            return 1
        rows += found
    if asked.part != "volunteers" and asked.only in ("", "paper"):
        _say("receipts")
        receipts = await paper.measure(asked.rounds, asked.receipts)
    _tell(asked, rows, loaded, receipts, time.monotonic() - began)
    return 0


async def _gifts(
    server: Any, asked: argparse.Namespace, loaded: dict[str, places.Loaded]
) -> list[report.Row] | None:
    """Constituents and gifts: loaded, checked and measured. None when a promise is broken."""
    full = 10_000 if asked.quick else 100_000
    made = [
        await places.make(server, size, _say)
        for size in (places.Size("tenth", full // 10), places.Size("full", full))
    ]
    loaded |= {f"{place.size.gifts:,} gifts": load for place, load in made}
    async with places.opened([place for place, _load in made]):
        for place, _load in made:
            if not asked.only and not await _is_whole(place, f"{place.size.gifts:,} gifts"):
                return None
        return (
            await _pages([place for place, _load in made], asked, cases.of) if asked.only != "paper" else []
        )


async def _volunteers(server: Any, asked: argparse.Namespace) -> list[report.Row] | None:
    """The same of volunteers, shifts and sign-ups."""
    full = 400 if asked.quick else 2_000
    sizes = (volunteer_data.Size("tenth", full // 10), volunteer_data.Size("full", full))
    made = [await volunteer_data.make(server, size, _say) for size in sizes]
    async with places.opened(made):
        for place in made:
            if not asked.only and not await _is_whole(place, f"{place.size.gifts:,} shifts"):
                return None
        rows = await _pages(made, asked, volunteer_cases.of)
        for place in made:
            place.enter()
            await volunteer_cases.nothing_refused()
        return rows


async def _is_whole(place: places.Place, what: str) -> bool:
    """`almoner check` over what was loaded."""
    place.enter()
    _say(f"almoner check of {what}")
    async with db.tx("repeatable_read") as connection:
        await connection.execute("SET LOCAL statement_timeout = 0")
        broken = await invariants.check()
    for finding in broken:
        _say(f"    {finding}")
    _say(f"    {'broken' if broken else 'every promise is kept'}")
    return not broken


async def _pages(
    loaded: list[places.Place],
    asked: argparse.Namespace,
    cases_of: Callable[[places.Place, Any], Awaitable[list[cases.Case]]],
) -> list[report.Row]:
    """All cases at both sizes, in turns: whatever else the machine does in a round, both sides and both sizes feel it."""
    app = import_module("app").create_app(pool=False)
    tenth, full = [await cases_of(place, app) for place in loaded]
    chosen = [pair for pair in zip(tenth, full, strict=True) if asked.only in pair[0].name]
    rows = []
    for pair in chosen:
        _say(pair[0].name)
        for place, case in zip(loaded, pair, strict=True):
            place.enter()
            await case.ours.calibrate()
            await case.bare.calibrate()
        for number in range(asked.rounds):
            for place, case in zip(loaded, pair, strict=True):
                place.enter()
                for side in (case.ours, case.bare) if number % 2 else (case.bare, case.ours):
                    await side.turn()
        rows.append(report.Row.of(pair[1], pair[0]))
        _say(report.pages(rows[-1:]).partition("\n")[2])
    return rows


def _tell(
    asked: argparse.Namespace,
    rows: list[report.Row],
    loaded: dict[str, places.Loaded],
    receipts: paper.Paper | None,
    seconds: float,
) -> None:
    about = {
        "at": days.now().isoformat(timespec="minutes"),
        "quick": asked.quick,
        "rounds": asked.rounds,
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": [round(one, 1) for one in os.getloadavg()],
        "seconds": round(seconds),
    }
    found = report.verdicts(rows, loaded, receipts)
    print(
        f"\n{about['at']}, Python {about['python']}, {about['processors']} processors, load {about['load']}\n"
    )
    if loaded:
        print(report.loads(loaded), "\n")
    if rows:
        print(report.pages(rows), "\n")
    if receipts is not None:
        print(report.paper(receipts), "\n")
    print(report.judged(found))
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{days.now():%Y-%m-%d-%H%M}{'-quick' if asked.quick else ''}.json"
    file.write_bytes(report.as_json(about, rows, loaded, receipts, found))
    print(f"\n{file.relative_to(RESULTS.parent)} has the same as JSON.")


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
