"""Invented people and gifts, the same ones every time: a stage's rows as text that COPY reads.

Names are made of syllables, so that the number of different words grows with the number of people, as it does in a
real list. A tenth of the donors give a third of the gifts.
"""

import random
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from constituents import names
from kit import days

FUNDS, CAMPAIGNS, APPEALS, TAGS = 8, 20, 60, 12
YEARS = 12
_SEED = 20_261_121
_ONSETS = re.findall("[a-z]+", "b br c ch d f g gr h j k kl l m n p pr r s sh st t th v w z")
_VOWELS = re.findall("[a-z]+", "a e i o u ai ea ou")
_ENDS = re.findall("[a-z]+", "n r s l m ck nd rt ss t son ley man berg ski ova ez")
_CITIES = [
    ("Portland", "OR"),
    ("Salem", "OR"),
    ("Eugene", "OR"),
    ("Bend", "OR"),
    ("Seattle", "WA"),
    ("Boise", "ID"),
]
_METHODS = ("cheque",) * 45 + ("card",) * 35 + ("transfer",) * 10 + ("cash",) * 7 + ("bank_debit",) * 3


def write(folder: Path, constituents: int, gifts: int) -> None:
    """Files `people` and `gifts` for COPY into the stage."""
    dice = random.Random(_SEED)
    _file(folder / "people", _people(dice, constituents))
    _file(folder / "gifts", _gifts(dice, constituents, gifts, days.now().date() - timedelta(days=1)))
    for path in (folder / "people", folder / "gifts"):
        path.chmod(0o644)


def _file(path: Path, rows: Iterator[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write("\t".join("\\N" if cell is None else str(cell) for cell in row) + "\n")


def _syllables(dice: random.Random, how_many: int) -> str:
    return "".join(dice.choice(_ONSETS) + dice.choice(_VOWELS) for _ in range(how_many))


def _words(dice: random.Random, count: int, make: Callable[[], str]) -> list[str]:
    made: dict[str, None] = {}
    while len(made) < count:
        made.setdefault(make().capitalize())
    return list(made)


def family_names(dice: random.Random, constituents: int) -> list[str]:
    """About one family name for every six people."""
    return _words(
        dice, constituents // 6, lambda: _syllables(dice, dice.choice((1, 2, 2, 2, 3))) + dice.choice(_ENDS)
    )


def _people(dice: random.Random, count: int) -> Iterator[tuple[object, ...]]:
    given_names = _words(
        dice, 1200, lambda: _syllables(dice, dice.choice((1, 2, 2))) + dice.choice(("n", "a", "l", ""))
    )
    families = family_names(dice, count)
    for n in range(1, count + 1):
        # Squared chance: a few names are common, most are rare.
        family = families[int(len(families) * dice.random() ** 2)]
        given = given_names[int(len(given_names) * dice.random() ** 2)]
        kind = "person" if n % 20 else ("household" if n % 40 else "organisation")
        if kind == "person":
            name = f"{given} {family}"
        else:
            name = f"{family} household" if kind == "household" else f"{family} {given} Foundation"
            given = family = ""
        city, region = dice.choice(_CITIES)
        mail = f"{name.lower().replace(' ', '.')}.{n}@example.org" if dice.random() < 0.8 else None
        phone = f"+1503{2_000_000 + n}" if dice.random() < 0.5 else None
        tag = 1 + int(TAGS * dice.random()) if dice.random() < 0.3 else None
        yield (
            n, kind, name, names.sort_key(kind, name, given, "", family), given, family, city, region,
            f"{dice.randrange(1, 9999)} {dice.choice(families)} Street", f"97{dice.randrange(1000):03}", mail, phone, tag,
        )  # fmt: skip


def _gifts(dice: random.Random, people: int, count: int, last: date) -> Iterator[tuple[object, ...]]:
    amounts = (1000, 2500, 2500, 5000, 5000, 7500, 10_000, 10_000, 25_000, 50_000, 100_000)
    for n in range(1, count + 1):
        donor = 1 + int(people * dice.random() ** 1.5)
        amount = dice.choice(amounts) + (dice.randrange(99) if n % 7 == 0 else 0)
        given_on = last - timedelta(days=int(365 * YEARS * dice.random() ** 1.3))
        method = _METHODS[int(100 * dice.random())]
        appeal = dice.randrange(1, APPEALS + 1) if dice.random() < 0.4 else None
        campaign = None if appeal is None else 1 + (appeal - 1) % CAMPAIGNS
        cheque = n % 1_000_000 if method == "cheque" else ""
        fund = dice.randrange(1, FUNDS + 1)
        other = fund % FUNDS + 1 if n % 10 == 0 else None
        credited = 1 + int(people * dice.random()) if n % 50 == 0 else None
        yield (
            n, donor, amount, given_on, "cash", method, campaign, appeal, cheque, fund, other,
            amount // 4 if other else 0, credited if credited != donor else None,
        )  # fmt: skip
