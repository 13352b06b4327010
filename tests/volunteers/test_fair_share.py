"""A fair share: so many of a role's shifts within so many days, and no more."""

from datetime import datetime, timedelta

import msgspec
import pytest

from kit import db
from kit.changes import Actor
from tests.volunteers import make
from volunteers import gates, signups, visitors

CORA = Actor("staff", 1, "Cora")


@pytest.mark.parametrize(
    ("have", "may"),
    [
        ((-3, -2), False),  # two within the seven days that end with this one
        ((-3, 3), False),  # seven days from the first on hold all three
        ((-4, 3), True),  # eight days: no seven of them hold more than two
        ((-7, 7), True),  # once a week is once within seven days
        ((1, 6), False),
        ((1, 7), True),
    ],
)
async def test_a_share_is_counted_in_any_stretch_of_so_many_days(have, may):
    role = await make.opportunity(share_most=2, share_days=7)
    vera = await make.person()
    day = datetime(2027, 3, 14, 9)  # clocks go forward
    for offset in have:
        other = await make.shift(role, starts=day + timedelta(days=offset), maximum=5)
        await signups.sign_up(other.id, vera, by=CORA, overrule=True)

    lacks = await gates.missing(vera, (await make.shift(role, starts=day, maximum=5)).id)

    assert (lacks == []) is may


@pytest.mark.usefixtures("clock_of_2026")
async def test_who_has_their_share_is_no_work_for_the_coordinator():
    role = await make.opportunity(share_most=1, share_days=7)
    vera = visitors.Visit(entry_key="a", given_name="Vera", family_name="Vance", email="v@example.org")
    one, other = [await make.shift(role, starts=datetime(2027, 3, day, 9), maximum=5) for day in (1, 3)]
    await visitors.sign_up(one.id, vera)

    request = await visitors.sign_up(other.id, msgspec.structs.replace(vera, entry_key="b"))

    assert "at most 1 of these shifts" in request["refused"] and "writes to you" not in request["refused"]
    assert await db.value("SELECT count(*) FROM tasks") == 0
