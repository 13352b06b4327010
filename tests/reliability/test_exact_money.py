"""R13: money arithmetic is exact, from what is typed to the last posting; `tests/kit/test_money.py` tries the arithmetic itself."""

import ast
import os
import random
import time
from pathlib import Path

import pytest

from donations import refunds
from donations.words import CURRENCIES
from kit import days, db, money
from staff.forms import CURRENCIES as HOME_CURRENCIES
from tests import make

ROOT = Path(__file__).parents[2]
# Where money is counted. Rates of other things (times, sizes) may be fractions.
MONEY = [
    "kit/money.py",
    *(f"{package}/**/*.py" for package in ("donations", "receipts", "giving", "imports", "reports")),
    "volunteers/hour*.py",
    "volunteers/exports.py",
]


def test_no_float_is_near_money():
    found = []
    for pattern in MONEY:
        for file in ROOT.glob(pattern):
            if "piccolo_migrations" in file.parts:
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                is_float = (isinstance(node, ast.Constant) and isinstance(node.value, float)) or (
                    isinstance(node, ast.Name) and node.id in ("float", "round")
                )
                if is_float:
                    found.append(f"{file.relative_to(ROOT)}:{node.lineno}")  # type: ignore[attr-defined]

    assert found == []


async def test_no_column_is_a_float():
    found = await db.rows(
        """
        SELECT table_name, column_name FROM information_schema.columns
         WHERE table_schema = 'public' AND data_type IN ('real', 'double precision', 'money') AND table_name NOT LIKE 'pgqueuer%'
        """
    )

    assert found == []


async def test_amounts_are_whole_numbers_of_the_smallest_coin():
    found = await db.rows(
        """
        SELECT table_name, column_name, data_type FROM information_schema.columns
         WHERE table_schema = 'public' AND data_type NOT IN ('bigint', 'integer') AND table_name NOT LIKE 'pgqueuer%'
           AND (column_name IN ('amount', 'fee', 'net', 'goal', 'benefit', 'deductible', 'cover', 'fee_cover')
                OR column_name LIKE '%\\_amount' OR column_name LIKE '%\\_total' OR column_name LIKE '%\\_value')
        """
    )

    assert found == []


@pytest.mark.reliability
@pytest.mark.parametrize("currency", sorted(CURRENCIES))
async def test_a_gift_is_the_same_to_the_cent_wherever_it_stands(browser, currency):
    """Typed in a form, split unevenly, booked, given back in odd parts: every sum is what was typed."""
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    print(f"SEED={seed}")  # noqa: T201
    luck = random.Random(seed)
    await browser.sign_in(role="administrator")
    general, other = await make.general_fund(), (await make.fund("Other")).id
    donor = await make.person()
    for number in range(3):
        amount = luck.choice(
            [luck.randrange(2, 100), luck.randrange(100, 10**7), luck.randrange(10**7, money.LARGEST)]
        )
        part = luck.randrange(1, amount)
        if not _is_plain(amount, currency) or not _is_plain(part, currency):
            continue
        answer = await browser.submit(
            "/gifts", donor=donor.id, amount=money.plain(amount, currency), currency=currency, given_on="2026-03-04", method="transfer",
            kind="cash", fund=[str(general), str(other)], part=[money.plain(part, currency), ""], entry_key=f"k{number}",
        )  # fmt: skip
        assert answer.status_code == 303, answer.text
        gift = int(answer.headers["location"].rsplit("/", 1)[1])
        assert money.show(amount, currency) in (await browser.get(f"/gifts/{gift}")).text.replace(
            "&nbsp;", "\u00a0"
        )
        await _sums(gift, amount, 0)
        back = luck.randrange(1, amount)
        await refunds.record(gift, back, reason="A part", on=days.now().date(), by=make.STAFF)
        await _sums(gift, amount, back)
        await refunds.record(gift, amount - back, reason="The rest", on=days.now().date(), by=make.STAFF)
        await _sums(gift, amount, amount)


def _is_plain(amount: int, currency: str) -> bool:
    """Three digits behind the point can be read in two ways, and are asked back."""
    try:
        return money.parse(money.plain(amount, currency), currency) == amount
    except money.NotAnAmount:
        return False


async def _sums(gift: int, amount: int, back: int) -> None:
    assert await db.value("SELECT amount FROM gifts WHERE id = $1", gift) == amount
    assert await db.value("SELECT sum(amount)::bigint FROM gift_splits WHERE gift = $1", gift) == amount
    assert (
        await db.value("SELECT coalesce(sum(amount), 0)::bigint FROM refunds WHERE gift = $1", gift) == back
    )


@pytest.mark.reliability
@pytest.mark.parametrize("currency", HOME_CURRENCIES)
def test_a_covered_fee_leaves_what_was_meant(currency):
    luck = random.Random(currency)
    for _time in range(300):
        amount, points, fixed = luck.randrange(1, 10**8), luck.randrange(0, 1900), luck.randrange(0, 500)
        total = money.gross_up(amount, points, fixed)
        assert total - money.fee(total, points, fixed) >= amount
        assert total == amount or total - 1 - money.fee(total - 1, points, fixed) < amount
