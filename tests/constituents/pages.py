"""What the tests of constituents' pages have in common: a form, a gift, and all of a record that a form could change."""

from datetime import date

from constituents import constituents
from kit import db
from tests import make

FORM = {"kind": "person", "given_name": "Peter", "family_name": "Lind", "country": ["US"], "language": ""}


async def gave(whose, amount: int = 348_000) -> None:
    """One gift: the totals and a line of the timeline come with it."""
    await make.gift(donor=whose, amount=amount, given_on=date(2026, 11, 12))


async def stored(id: int) -> tuple:
    """Everything of a record that a form could change."""
    row = await constituents.get(id)
    return (
        tuple(row.values()),
        await constituents.as_written(id),
        await db.value("SELECT count(*) FROM constituents"),
    )
