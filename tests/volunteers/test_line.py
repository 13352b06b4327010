"""The line of a full shift, rule by rule: until when a place is held, for whom, and who goes before whom."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from kit import days, db
from kit.changes import Actor
from tests import make as general
from tests.volunteers import make
from volunteers import gates, shifts, signups, waiting

CORA = Actor("staff", 1, "Cora")
NOON = datetime(2027, 3, 6, 12, tzinfo=UTC)


async def state(signup: signups.SignedUp) -> str:
    return await db.value("SELECT status FROM signups WHERE id = $1", signup.id)


async def come(shift, name: str = "Vera Volunteer", **values) -> signups.SignedUp:
    return await signups.sign_up(shift.id, await make.person(name), by=CORA, **values)


@pytest.mark.parametrize(
    ("hours_left", "offer_hours", "held"),
    [(240, 24, 24), (40, 24, 10), (8, 1, 1), (1, 24, 0.5), (0.25, 24, 0.25)],
    ids=["the role's hours", "a quarter of what is left", "never longer", "half an hour", "until the start"],
)
def test_until_when_a_place_is_held(hours_left, offer_hours, held):
    until = waiting.deadline(NOON, NOON + timedelta(hours=hours_left), offer_hours)
    assert until - NOON == timedelta(hours=held)


async def test_an_offer_ends_at_its_moment_though_no_job_has_looked_yet():
    shift = await make.shift()
    taker, first = await come(shift), await come(shift)
    await signups.withdraw(taker.id, by=CORA)
    until = await db.value("SELECT offer_until FROM signups WHERE id = $1", first.id)

    with days.frozen(until), pytest.raises(waiting.OfferIsOver):
        await waiting.take(first.id, by=CORA)
    with days.frozen(until - timedelta(seconds=1)):
        assert await waiting.take(first.id, by=CORA) == "confirmed"


async def test_an_offer_that_is_over_goes_to_who_waits_and_not_to_who_comes_at_that_moment():
    shift = await make.shift()
    taker, first, second = [await come(shift) for _ in range(3)]
    await signups.withdraw(taker.id, by=CORA)
    until = await db.value("SELECT offer_until FROM signups WHERE id = $1", first.id)

    with days.frozen(until):
        late = await come(shift)

    assert [await state(one) for one in (first, second)] == ["lapsed", "offered"]
    assert (late.status, late.before) == ("waiting", 0)


async def test_whom_staff_take_off_makes_room_for_the_next():
    shift = await make.shift()
    taker, first = await come(shift), await come(shift)

    await signups.decline(taker.id, reason="Ill", by=CORA)

    assert [await state(taker), await state(first)] == ["declined", "offered"]


async def test_a_place_is_offered_past_whoever_is_elsewhere_then():
    shift = await make.shift()
    elsewhere = await make.shift(await make.opportunity("Driving"))
    taker = await come(shift)
    vera = await make.person("Vera Busy")
    busy = await signups.sign_up(shift.id, vera, by=CORA)
    free = await come(shift)
    await signups.sign_up(elsewhere.id, vera, by=CORA)

    await signups.withdraw(taker.id, by=CORA)

    assert [await state(busy), await state(free)] == ["waiting", "offered"]


async def test_what_a_shift_asks_for_holds_when_its_place_is_taken_too():
    """The certificate was taken back between the offer and the yes."""
    card = (await general.insert("qualifications", name="First aid", name_normal="first aid")).id
    shift = await make.shift(await make.opportunity(qualifications=[card]))
    people = [await make.person(name) for name in ("Tara Taker", "Vera Next")]
    for person in people:
        await general.insert(
            "qualifications_held",
            constituent=person,
            qualification=card,
            from_day=datetime(2020, 1, 1).date(),
        )
    taker, first = [await signups.sign_up(shift.id, person, by=CORA) for person in people]
    await signups.withdraw(taker.id, by=CORA)
    assert await state(first) == "offered"

    await db.row("DELETE FROM qualifications_held WHERE constituent = $1", people[1])

    with pytest.raises(gates.Lacks, match="First aid is needed"):
        await waiting.take(first.id, by=CORA)
    assert await state(first) == "offered"


async def test_where_somebody_approves_an_offer_that_is_taken_waits_for_it():
    shift = await make.shift(await make.opportunity(needs_approval=True))
    taker, first = await come(shift), await come(shift)
    await signups.withdraw(taker.id, by=CORA)

    assert await waiting.take(first.id, by=CORA) == "pending"
    assert (await shifts.get(shift.id))["taken"] == 1


async def test_no_place_is_offered_on_a_shift_that_has_begun():
    shift = await make.shift()
    taker, first = await come(shift), await come(shift)

    with days.frozen(shift.starts_at + timedelta(minutes=1)):
        await signups.decline(taker.id, reason="Did not come", by=CORA)

    assert await state(first) == "waiting"


async def test_everybody_of_a_group_has_a_place():
    """And a group that is larger than what is left stands in line with all of its people."""
    shift = await make.shift(await make.opportunity(largest_group=4), maximum=5)
    group, other = await come(shift, size=3), await come(shift, size=3)

    row = await shifts.get(shift.id)
    assert (group.status, other.status) == ("confirmed", "waiting")
    assert (row["taken"], row["waiting"]) == (3, 3)
    assert (await come(shift)).status == "confirmed", "two places are free that the group cannot use"


@pytest.mark.parametrize("ended", ["withdrawn", "declined", "lapsed", "cancelled"])
async def test_what_has_ended_never_holds_a_place_again_whoever_writes_it(ended):
    """Signing up again is another sign-up."""
    shift = await make.shift()
    taker, first = await come(shift), await come(shift)
    await signups.withdraw(taker.id, by=CORA)
    await db.row("UPDATE signups SET status = $2, offer_until = NULL WHERE id = $1", first.id, ended)

    with pytest.raises(asyncpg.CheckViolationError, match=f"{ended} cannot become confirmed"):
        async with db.tx():
            await db.row("UPDATE signups SET status = 'confirmed' WHERE id = $1", first.id)
