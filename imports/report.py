"""Reports: what an export holds, what is wrong with it, and what came of it; kept with the run, shown and printed."""

from collections import Counter
from collections.abc import Iterator

import msgspec

from imports.plan import Line, Plan
from imports.write import Written
from kit import money
from kit.folders import place
from kit.words import _

# A report of a broken file may have a fault in every row; a person reads the first ones and how many there are.
MOST_LINES = 1_000
OBJECTS = {
    "person": _("people"),
    "household": _("households"),
    "organisation": _("organisations"),
    "membership": _("people in a household"),
    "address": _("addresses"),
    "relationship": _("relationships"),
    "fund": _("funds"),
    "campaign": _("campaigns"),
    "gift": _("gifts"),
    "soft_credit": _("soft credits"),
    "pledge": _("open pledges"),
    "constituent": _("people, households and organisations"),
    "volunteer": _("volunteers"),
    "shift": _("shifts"),
    "hours": _("entries of hours"),
    "hours_minutes": _("hours in all"),  # of runs before `minutes`, in whole hours
    "minutes": _("hours in all"),
    "hours_waiting": _("entries that wait for approval"),
    "new_programme": _("programmes that are new"),
    "new_place": _("places that are new"),
    "new_role": _("roles that are new"),
}


class Report(msgspec.Struct):
    """What a person should know of one reading of one export."""

    dry_run: bool = True
    written: bool = False
    counts: dict[str, int] = {}
    """Of each thing, how many the export holds."""
    gift_totals: dict[str, int] = {}
    """By currency, in minor units."""
    pledge_totals: dict[str, int] = {}
    new: dict[str, int] = {}
    changed: dict[str, int] = {}
    same: dict[str, int] = {}
    voided: int = 0
    ended_pledges: int = 0
    faults: list[Line] = []
    unknown_stages: dict[str, int] = {}
    ambiguous_days: dict[str, str] = {}
    """Files whose days can be read in two ways, each with one of them."""
    skipped: list[Line] = []
    payment_warnings: list[Line] = []
    remarks: list[Line] = []
    refused: list[Line] = []
    unknown_files: list[str] = []
    unknown_columns: dict[str, list[str]] = {}
    cut: dict[str, int] = {}
    """Of a list that is too long to keep, how many there were."""

    @property
    def ok(self) -> bool:
        return not self.faults and not self.unknown_stages and not self.ambiguous_days


def of(plan: Plan, written: Written | None = None, *, dry_run: bool = False) -> Report:
    """The report of a plan, and of what writing it did."""
    report = Report(
        dry_run=dry_run,
        written=written is not None and not dry_run,
        counts=plan.counts(),
        gift_totals=_totals((one.currency, one.amount) for one in plan.gifts),
        pledge_totals=_totals((one.currency, one.amount) for one in plan.pledges),
        unknown_stages=plan.unknown_stages,
        ambiguous_days=getattr(plan, "ambiguous_days", {}),
        unknown_files=plan.unknown_files,
        unknown_columns=plan.unknown_columns,
    )
    if written is not None:
        report.new, report.changed, report.same = written.new, written.changed, written.same
        report.voided, report.ended_pledges = written.voided, written.ended_pledges
    lists = {
        "faults": plan.faults,
        "skipped": plan.skipped,
        "payment_warnings": plan.payment_warnings,
        "remarks": plan.remarks,
        "refused": written.refused if written else [],
    }
    for name, lines in lists.items():
        setattr(report, name, lines[:MOST_LINES])
        if len(lines) > MOST_LINES:
            report.cut[name] = len(lines)
    return report


def _totals(amounts: Iterator[tuple[str, int]]) -> dict[str, int]:
    """By currency: different ones are never added."""
    totals: Counter[str] = Counter()
    for currency, amount in amounts:
        totals[currency] += amount
    return dict(totals)


def counted(report: Report) -> list[str]:
    """The things counted, in the order of telling; the database keeps its own."""
    return [name for name in OBJECTS if name in report.counts]


def amount(name: str, count: int) -> str:
    """How many, as a person reads it: a sum of minutes in hours, with the minutes that are over."""
    if name != "minutes":
        return f"{count:,}"
    return f"{count // 60:,}:{count % 60:02}" if count % 60 else f"{count // 60:,}"


def said(line: Line) -> str:
    """`Opportunity.csv, row 7, Amount: …`"""
    where = place(line.file, line.row, line.column)
    return f"{where}: {line.text}" if where else line.text


def text(report: Report) -> Iterator[str]:
    """The report as lines for a terminal: what it holds, then what to look at, then what was done."""
    yield _("The export holds:")
    for name in counted(report):
        count = report.counts[name]
        total = {"gift": report.gift_totals, "pledge": report.pledge_totals}.get(name, {})
        amounts = ", ".join(money.show(amount, currency) for currency, amount in sorted(total.items()))
        yield f"  {amount(name, count):>8} {OBJECTS[name]}" + (f" ({amounts})" if amounts else "")
    yield from _section(_("Skipped ({count}):"), report, "skipped")
    yield from _section(
        _("Payments that do not add up to their opportunity, whose amount counts ({count}):"),
        report,
        "payment_warnings",
    )
    yield from _section(_("To know ({count}):"), report, "remarks")
    if report.unknown_files:
        yield _("Files that nothing is taken from: {names}", names=", ".join(report.unknown_files))
    for file, columns in report.unknown_columns.items():
        yield _("Columns of {file} that nothing is taken from: {names}", file=file, names=", ".join(columns))
    yield from _section(_("Faults ({count}):"), report, "faults")
    for stage, count in report.unknown_stages.items():
        yield _("The stage “{stage}” ({count} rows) is not known. Say what it means: --stage '{stage}=gift' (or pledge, open, lost).",
                stage=stage, count=count)  # fmt: skip
    for file, day in report.ambiguous_days.items():
        yield _(
            "{file}: “{day}” can be two days. Say which with --days month-first or --days day-first.",
            file=file,
            day=day,
        )
    yield from _section(_("Changed in the export, but not here ({count}):"), report, "refused")
    if report.dry_run and report.new:
        yield _would_do(report)
    yield _conclusion(report)


def _section(heading: str, report: Report, name: str) -> Iterator[str]:
    lines: list[Line] = getattr(report, name)
    count = report.cut.get(name, len(lines))
    if count:
        yield heading.format(count=count)
        for line in lines:
            yield f"  {said(line)}"
        if count > len(lines):
            yield _("  … and {count} more", count=count - len(lines))


def _would_do(report: Report) -> str:
    new, changed, same = (sum(part.values()) for part in (report.new, report.changed, report.same))
    return _(
        "It would be: {new} new, {changed} changed, {same} as they are.",
        new=f"{new:,}",
        changed=f"{changed:,}",
        same=f"{same:,}",
    )


def _conclusion(report: Report) -> str:
    if not report.ok:
        return _("Nothing was written.")
    if not report.written:
        return _("A dry run: nothing was written. Run it without --dry-run to import.")
    new, changed = sum(report.new.values()), sum(report.changed.values())
    if not new and not changed and not report.voided and not report.ended_pledges:
        return _("Nothing has changed since the last import.")
    done = [_("{count} new", count=f"{new:,}"), _("{count} changed", count=f"{changed:,}")]
    if report.voided:
        done.append(_("{count} gifts voided", count=report.voided))
    if report.ended_pledges:
        done.append(_("{count} pledges ended", count=report.ended_pledges))
    return _("Imported: {what}.", what=", ".join(done))
