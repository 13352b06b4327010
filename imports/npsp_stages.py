"""What an opportunity is: a gift, an open pledge, still asked for, or lost.

`IsWon` decides where the column is there. Else, and for what is not won, the stage's name is looked up in
`stages.csv`, a table of names that Salesforce and NPSP come with. A name that is in neither stops the import and
is asked: nobody guesses about money.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from imports.npsp_read import Row
from kit.errors import Refused
from kit.words import _

MEANINGS = ("gift", "pledge", "open", "lost")


class NoSuchMeaning(Refused):
    """An answer about a stage that is not one of the four meanings."""


@cache
def known_stages() -> dict[str, str]:
    return _table("stages.csv", "stage")


@cache
def known_roles() -> dict[str, str]:
    """Roles on an opportunity: who gave, who shares a household, who gets soft credit, who merely belongs to it."""
    return _table("roles.csv", "role")


def _table(name: str, key: str) -> dict[str, str]:
    with Path(__file__).with_name(name).open(newline="", encoding="utf-8") as lines:
        return {folded(line[key]): line["meaning"] for line in csv.DictReader(lines)}


def folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def answered(answers: Mapping[str, str]) -> dict[str, str]:
    """What was told about stages, in the form of the table. Raises NoSuchMeaning."""
    told = {}
    for stage, meaning in answers.items():
        if meaning.strip().casefold() not in MEANINGS:
            raise NoSuchMeaning(
                _(
                    "“{stage}={meaning}”: a stage means gift, pledge, open or lost.",
                    stage=stage,
                    meaning=meaning,
                )
            )
        told[folded(stage)] = meaning.strip().casefold()
    return told


def meaning(row: Row, told: Mapping[str, str]) -> str | None:
    """What the opportunity of this row is; None when nobody knows its stage. Raises ValueError for a strange IsWon."""
    stage = folded(row["StageName"])
    won = row.truth("IsWon")
    if won:
        return "gift"
    if won is False and row.truth("IsClosed"):
        return "lost"
    by_name = told.get(stage) or known_stages().get(stage)
    if won is False and by_name == "gift":
        # The name says won, the system says not: it was not.
        return "open"
    return by_name
