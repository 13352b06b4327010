"""The table that a person reads, the targets, and the same as JSON."""

import statistics
from typing import Any

import msgspec

from benchmarks.cases import Case
from benchmarks.paper import BATCH, Paper
from benchmarks.places import Loaded
from benchmarks.rounds import Side, ratio


class Verdict(msgspec.Struct):
    """A target and what came of it."""

    target: str
    seen: str
    met: bool


class Row(msgspec.Struct):
    """One case: at full size beside bare, and beside a tenth of the data."""

    name: str
    rate: float
    p50: float
    p95: float
    own: float
    bare_rate: float
    bare_p50: float
    bare_own: float
    share: float
    tenth_rate: float
    growth: float
    at_least: float | None
    at_most: float | None

    @classmethod
    def of(cls, full: Case, tenth: Case) -> "Row":
        return cls(
            name=full.name,
            rate=full.ours.rate,
            p50=full.ours.at(0.5),
            p95=full.ours.at(0.95),
            own=full.ours.own,
            bare_rate=full.bare.rate,
            bare_p50=full.bare.at(0.5),
            bare_own=full.bare.own,
            share=ratio(full.ours, full.bare),
            tenth_rate=tenth.ours.rate,
            growth=ratio(tenth.ours, full.ours),
            at_least=full.at_least,
            at_most=full.at_most,
        )


def pages(rows: list[Row]) -> str:
    head = (
        f"{'':29}{'req/s':>6}{'p50 ms':>8}{'p95 ms':>8}{'own ms':>8} |{'bare/s':>7}{'p50 ms':>8}{'own ms':>8} |"
        f"{'of bare':>8}{'tenth/s':>9}{'10x data':>10}"
    )
    lines = [
        f"{row.name:29}{_figure(row.rate):>6}{_figure(row.p50):>8}{_figure(row.p95):>8}{_figure(row.own):>8} |"
        f"{_figure(row.bare_rate):>7}{_figure(row.bare_p50):>8}{_figure(row.bare_own):>8} |"
        f"{row.share:8.2f}{_figure(row.tenth_rate):>9}{row.growth:9.2f}x"
        for row in rows
    ]
    return "\n".join([head, *lines])


def _figure(number: float) -> str:
    """Three or four digits that say something: 0.41, 6.12, 43.8, 2860."""
    return f"{number:.2f}" if number < 10 else f"{number:.1f}" if number < 100 else f"{number:.0f}"


def loads(loaded: dict[str, Loaded]) -> str:
    lines = [f"{'':31}{'rows':>11}{'seconds':>9}{'bare COPY':>11}{'of bare':>9}{'on disk':>10}"]
    for name, one in loaded.items():
        lines.append(
            f"{name:31}{one.rows:11,}{one.ours['all']:9.1f}{one.bare:11.1f}{one.bare / one.ours['all']:9.2f}"
            f"{one.bytes / 1e6:7.0f} MB"
        )
    return "\n".join(lines)


def paper(made: Paper) -> str:
    lines = [
        f"{'':31}{'per s':>7}{'p50 ms':>8}{'p95 ms':>8}{'ratio':>8}",
        f"{'receipt, one child':31}{_side(made.ours)}{made.share:8.2f} of bare write_pdf",
        f"{'bare write_pdf, one process':31}{_side(made.bare)}",
        f"{'receipts, two children':31}{BATCH * made.two.rate:7.1f}{'':16}{made.with_two:8.2f} of one child",
        "memory in MB, child / app: "
        + ", ".join(f"{n:,}: {child:.0f} / {app:.0f}" for n, child, app in made.memory),
    ]
    return "\n".join(lines)


def _side(side: Side) -> str:
    return f"{side.rate:7.1f}{side.at(0.5):8.1f}{side.at(0.95):8.1f}"


def verdicts(rows: list[Row], loaded: dict[str, Loaded], made: Paper | None) -> list[Verdict]:
    """Every target, met or not."""
    found = []
    for row in rows:
        if row.at_least is not None:
            found.append(
                _at_least(f"{row.name}: at least {row.at_least:g} of the bare rate", row.share, row.at_least)
            )
        if row.at_most is not None:
            target = f"{row.name}: ten times the data costs at most {row.at_most:g}x"
            found.append(Verdict(target, f"{row.growth:.2f}", row.growth <= row.at_most))
    for name, one in loaded.items():
        found.append(
            _at_least(f"load of {name}: at least a third of bare COPY", one.bare / one.ours["all"], 1 / 3)
        )
    if made is not None:
        found.append(_at_least("receipts: at least 0.9 of bare write_pdf", made.share, 0.9))
        found.append(_at_least("receipts: two children do at least 1.8 of one", made.with_two, 1.8))
        if len(made.memory) > 2:
            grown = max(max(child, app) for _n, child, app in _growth(made))
            found.append(
                Verdict(f"receipts: memory flat over {made.memory[-1][0]:,}", f"{grown:+.0f} MB", grown < 15)
            )
    return found


def _growth(made: Paper) -> list[tuple[int, float, float]]:
    """How far child and app grew beyond what they had after the first hundred."""
    _n, child, app = made.memory[0]
    return [(n, later - child, own - app) for n, later, own in made.memory[1:]]


def _at_least(target: str, seen: float, wanted: float) -> Verdict:
    return Verdict(target, f"{seen:.2f}", seen >= wanted)


def judged(found: list[Verdict]) -> str:
    return "\n".join(f"{'met   ' if one.met else 'MISSED'}  {one.seen:>8}  {one.target}" for one in found)


def as_json(
    about: dict[str, Any],
    rows: list[Row],
    loaded: dict[str, Loaded],
    made: Paper | None,
    found: list[Verdict],
) -> bytes:
    paper = None
    if made is not None:
        paper = {
            "per_second": made.ours.rate,
            "bare_per_second": made.bare.rate,
            "of_bare": made.share,
            "two_of_one": made.with_two,
            "milliseconds": statistics.median(made.ours.seconds) * 1000,
            "memory": [{"receipts": n, "child_mb": child, "app_mb": app} for n, child, app in made.memory],
        }
    said = {"about": about, "pages": rows, "loads": loaded, "receipts": paper, "targets": found}
    return msgspec.json.format(msgspec.json.encode(said), indent=2)
