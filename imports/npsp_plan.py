"""From an NPSP export to a plan: reading, checking, and saying it in our words. Writes nothing."""

from collections.abc import Mapping
from pathlib import Path

from imports.npsp_gifts import plan_money
from imports.npsp_people import plan_people
from imports.npsp_read import read
from imports.npsp_stages import answered
from imports.plan import Plan
from kit.folders import Unreadable, folder

SOURCE = "npsp"


def make(path: Path, stages: Mapping[str, str], currency: str, country: str) -> Plan:
    """The plan of the export at `path`, with every fault that there is.

    `stages` answers what unknown stages mean; `currency` and `country` are the organisation's. Raises
    NoSuchMeaning for an answer that is none.
    """
    told = answered(stages)
    plan = Plan(SOURCE)
    try:
        with folder(path) as files:
            export = read(files, plan)
            if not any(table.broken for table in export.tables.values()):
                people = plan_people(export, plan, country)
                plan_money(export, plan, people, told, currency)
    except Unreadable as unreadable:
        plan.fault(unreadable.text, unreadable.file, unreadable.row, unreadable.column)
    return plan
