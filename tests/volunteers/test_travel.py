"""From one place to another takes time: a warning, said by the verb and by the mail, and never a refusal."""

from datetime import datetime, timedelta

import pytest

from kit import db, jobs
from kit.changes import Actor
from tests import make as general
from tests.volunteers import make
from volunteers import signups

pytestmark = pytest.mark.usefixtures("clock_of_2026")
CORA = Actor("staff", 1, "Cora Coordinator")
MORNING = datetime(2027, 3, 6, 9)


async def _two_shifts(minutes_between: int, *, elsewhere: bool) -> tuple[int, int]:
    """From nine to twelve, and so many minutes later."""
    first = await make.shift(await make.opportunity("Sorting"), starts=MORNING, maximum=5)
    where = (await make.place("Riverside")).id if elsewhere else None
    then = MORNING + timedelta(hours=3, minutes=minutes_between)
    role = await make.opportunity("Driving", **({"place": where} if where else {}))
    return first.id, (await make.shift(role, starts=then, maximum=5)).id


@pytest.mark.parametrize(
    ("minutes", "elsewhere", "warned"),
    [(0, True, True), (60, True, True), (61, True, False), (0, False, False)],
)
async def test_the_verb_warns_of_a_short_way_between_two_places(minutes: int, elsewhere: bool, warned: bool):
    first, then = await _two_shifts(minutes, elsewhere=elsewhere)
    vera = await make.person()
    assert (await signups.sign_up(first, vera, by=CORA)).warnings == ()

    done = await signups.sign_up(then, vera, by=CORA)

    assert done.status == "confirmed"
    assert bool(done.warnings) == warned
    for sentence in done.warnings:
        assert "Sorting at" in sentence and "9:00 to 12:00" in sentence
        assert sentence.startswith(f"Only {minutes} minutes lie between" if minutes else "There is no break")


async def test_the_later_shift_warns_as_well_when_it_was_taken_first():
    first, then = await _two_shifts(30, elsewhere=True)
    vera = await make.person()
    await signups.sign_up(then, vera, by=CORA)

    [sentence] = (await signups.sign_up(first, vera, by=CORA)).warnings

    assert "Driving at Riverside" in sentence and "Only 30 minutes" in sentence


async def test_the_mail_warns_too():
    await general.organisation()
    first, then = await _two_shifts(15, elsewhere=True)
    vera = await make.person()
    await general.insert(
        "emails", constituent=vera, address="v@example.org", normal="v@example.org", preferred=True
    )
    await signups.sign_up(first, vera, by=CORA)
    await jobs.drain()
    await signups.sign_up(then, vera, by=CORA)
    await jobs.drain()

    first_mail, second_mail = await db.rows("SELECT body_text FROM mails ORDER BY id")
    assert "Only 15 minutes" not in first_mail["body_text"]
    assert "Only 15 minutes" in second_mail["body_text"]
