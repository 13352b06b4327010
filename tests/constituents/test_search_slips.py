"""tests/search.csv: 200 names with a letter dropped, doubled, swapped or replaced by its neighbour on the keyboard.

Here a part of them among five thousand people; `python -m benchmarks.search` tries all among 100,000.
"""

import csv
from pathlib import Path

from benchmarks import search as bench
from constituents import listing
from tests.people import SLIPS

ROWS = Path(__file__).resolve().parent.parent / "search.csv"


async def test_a_slip_of_one_letter_still_finds_the_person_among_the_first_five():
    await bench.copy_people(5000)
    with ROWS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 200

    missed = []
    for place, row in enumerate(rows[::2]):
        how = list(SLIPS)[place % 4]
        found = await listing.page(listing.Filter(q=row[how]), currency="USD")
        if f"{row['given']} {row['family']}" not in [one["name"] for one in found.rows[:5]]:
            missed.append(row[how])

    assert len(missed) <= 5, missed
