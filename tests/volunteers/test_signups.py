"""Taking a place, giving it back, and who comes next."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from kit import days, db
from kit.changes import Actor
from tests.volunteers import make
from volunteers import clashes, gates, shifts, signups, waiting
from volunteers.signups import AlreadySignedUp, NotPossible

pytestmark = pytest.mark.usefixtures("clock_of_2026")
VERA = Actor("staff", 1, "Vera")


async def state(signup_id: int) -> str:
    return await db.value("SELECT status FROM signups WHERE id = $1", signup_id)


async def test_a_free_place_is_taken_at_once():
    shift = await make.shift(maximum=2)

    signed = await signups.sign_up(shift.id, await make.person(), by=VERA)

    assert signed.status == "confirmed"
    assert (await shifts.get(shift.id))["taken"] == 1


async def test_a_full_shift_has_a_line_in_order():
    shift = await make.shift(maximum=1)
    await signups.sign_up(shift.id, await make.person(), by=VERA)

    first = await signups.sign_up(shift.id, await make.person(), by=VERA)
    second = await signups.sign_up(shift.id, await make.person(), by=VERA)

    assert [(first.status, first.before), (second.status, second.before)] == [("waiting", 0), ("waiting", 1)]


async def test_a_freed_place_is_offered_to_the_first_in_line_and_held():
    shift = await make.shift(maximum=1)
    taker = await signups.sign_up(shift.id, await make.person(), by=VERA)
    first = await signups.sign_up(shift.id, await make.person(), by=VERA)
    second = await signups.sign_up(shift.id, await make.person(), by=VERA)

    await signups.withdraw(taker.id, by=VERA)
    late = await signups.sign_up(shift.id, await make.person(), by=VERA)

    assert [await state(one.id) for one in (taker, first, second)] == ["withdrawn", "offered", "waiting"]
    assert late.status == "waiting"
    assert await waiting.take(first.id, by=VERA) == "confirmed"


async def test_an_offer_that_is_over_goes_to_the_next():
    shift = await make.shift(maximum=1)
    taker = await signups.sign_up(shift.id, await make.person(), by=VERA)
    first = await signups.sign_up(shift.id, await make.person(), by=VERA)
    second = await signups.sign_up(shift.id, await make.person(), by=VERA)
    await signups.withdraw(taker.id, by=VERA)

    with days.frozen(days.now() + timedelta(hours=25)):
        await waiting.fill_due()
        assert [await state(first.id), await state(second.id)] == ["lapsed", "offered"]
        with pytest.raises(waiting.OfferIsOver):
            await waiting.take(first.id, by=VERA)


async def test_a_group_that_does_not_fit_is_passed_over_and_keeps_its_place_in_line():
    shift = await make.shift(await make.opportunity(largest_group=4), maximum=4)
    takers = [await signups.sign_up(shift.id, await make.person(), by=VERA) for _ in range(4)]
    group = await signups.sign_up(shift.id, await make.person(), by=VERA, size=3)
    alone = await signups.sign_up(shift.id, await make.person(), by=VERA)

    await signups.withdraw(takers[0].id, by=VERA)
    assert [await state(group.id), await state(alone.id)] == ["waiting", "offered"]
    for taker in takers[1:]:
        await signups.withdraw(taker.id, by=VERA)
    assert await state(group.id) == "offered"


async def test_nobody_is_in_two_places_and_the_sentence_names_the_clash():
    role = await make.opportunity("Sorting")
    starts = datetime(2027, 3, 6, 9)
    first = await make.shift(role, starts=starts, maximum=5)
    other = await make.shift(await make.opportunity("Driving"), starts=starts + timedelta(hours=2), maximum=5)
    vera = await make.person("Vera Vance")
    await signups.sign_up(first.id, vera, by=VERA)

    with pytest.raises(
        clashes.Clash, match="Vera Vance is already at Sorting, Sat 6 Mar 2027, 09:00 to 12:00"
    ):
        await signups.sign_up(other.id, vera, by=VERA)


async def test_rest_after_a_shift_is_kept():
    role = await make.opportunity("Night watch", rest_minutes=60)
    starts = datetime(2027, 3, 6, 9)
    first = await make.shift(role, starts=starts, maximum=5)
    soon = await make.shift(
        await make.opportunity("Driving"), starts=starts + timedelta(hours=3, minutes=30), maximum=5
    )
    later = await make.shift(
        await make.opportunity("Cleaning"), starts=starts + timedelta(hours=4), maximum=5
    )
    vera = await make.person()
    await signups.sign_up(first.id, vera, by=VERA)

    with pytest.raises(clashes.Clash, match="needs 1 h of rest between the two shifts"):
        await signups.sign_up(soon.id, vera, by=VERA)
    assert (await signups.sign_up(later.id, vera, by=VERA)).status == "confirmed"


async def test_a_clash_speaks_of_rest_only_where_rest_is_what_lacks_and_of_the_earlier_shifts_rest():
    starts = datetime(2027, 3, 6, 9)
    watch = await make.opportunity("Night watch", rest_minutes=480)
    short = await make.opportunity("Sorting", rest_minutes=30)
    first = await make.shift(short, starts=starts, maximum=5)
    beside = await make.shift(watch, starts=starts + timedelta(hours=1), maximum=5)
    after = await make.shift(watch, starts=starts + timedelta(hours=3, minutes=15), maximum=5)
    vera = await make.person("Vera Vance")
    await signups.sign_up(first.id, vera, by=VERA)

    with pytest.raises(clashes.Clash, match="Vera Vance is already at Sorting, Sat 6 Mar 2027"):
        await signups.sign_up(beside.id, vera, by=VERA)
    with pytest.raises(clashes.Clash, match="needs 30 min of rest between the two shifts"):
        await signups.sign_up(after.id, vera, by=VERA)


async def test_the_database_refuses_two_places_whatever_the_verb_believed():
    role = await make.opportunity("Sorting")
    starts = datetime(2027, 3, 6, 9)
    first, other = [await make.shift(role, starts=starts, maximum=5) for _ in range(2)]
    vera = await make.person("Vera Vance")
    await signups.sign_up(first.id, vera, by=VERA)

    with pytest.raises(clashes.Clash, match="Vera Vance would be in two places"):
        async with clashes.said():
            await db.row(
                "INSERT INTO signups (shift, constituent, status) VALUES ($1, $2, 'confirmed')",
                other.id,
                vera,
            )


async def test_moving_a_shift_into_another_of_its_people_is_refused_and_changes_nothing():
    role = await make.opportunity()
    starts = datetime(2027, 3, 6, 9)
    first = await make.shift(role, starts=starts, maximum=5)
    second = await make.shift(role, starts=starts + timedelta(hours=5), maximum=5)
    vera = await make.person("Vera Vance")
    for shift in (first, second):
        await signups.sign_up(shift.id, vera, by=VERA)

    moved = shifts.ShiftDetails(
        opportunity=role.id, starts=starts + timedelta(hours=4), ends=starts + timedelta(hours=6), maximum=5
    )
    with pytest.raises(clashes.Clash, match="Vera Vance"):
        await shifts.update(first.id, moved, version=(await shifts.get(first.id))["version"], by=VERA)
    assert (await shifts.get(first.id))["starts_at"] == first.starts_at


async def test_the_same_person_signs_up_once():
    shift = await make.shift(maximum=3)
    vera = await make.person()
    await signups.sign_up(shift.id, vera, by=VERA)

    with pytest.raises(AlreadySignedUp):
        await signups.sign_up(shift.id, vera, by=VERA)


async def test_what_the_shift_asks_for_is_looked_at_on_its_day():
    first_aid = (await make.make.insert("qualifications", name="First aid", name_normal="first aid")).id
    role = await make.opportunity(qualifications=[first_aid], minimum_age=16)
    shift = await make.shift(role, starts=datetime(2027, 3, 6, 9), maximum=5)
    vera = await make.person()

    with pytest.raises(gates.Lacks) as lacks:
        await signups.sign_up(shift.id, vera, by=VERA)
    assert [reason.split()[0] for reason in lacks.value.reasons] == ["A", "First"]

    await make.make.insert("volunteers_private", constituent=vera, born_on=datetime(2011, 3, 6).date())
    held = await make.make.insert(
        "qualifications_held", constituent=vera, qualification=first_aid,
        from_day=datetime(2025, 3, 6).date(), until_day=datetime(2027, 3, 5).date(),
    )  # fmt: skip
    assert await gates.missing(vera, shift.id) == [
        "Who is under 18 needs a guardian: their name and phone number.",
        "First aid is needed, valid on 6 Mar 2027. The one we know ends on 5 Mar 2027: show the coordinator a newer one.",
    ]
    await db.row("UPDATE volunteers_private SET guardian_name = 'Mia Vance' WHERE constituent = $1", vera)
    assert await gates.missing(vera, shift.id) == [
        "First aid is needed, valid on 6 Mar 2027. The one we know ends on 5 Mar 2027: show the coordinator a newer one."
    ]
    await db.row("UPDATE qualifications_held SET until_day = '2027-03-06' WHERE id = $1", held.id)
    assert (await signups.sign_up(shift.id, vera, by=VERA)).status == "confirmed"


@pytest.mark.parametrize("put_there_by", ["public", "staff"])
async def test_a_place_is_not_held_for_whom_it_would_be_refused(put_there_by: str):
    """Unless staff put them in line all the same: then they may take it."""
    role = await make.opportunity(share_most=1, share_days=60)
    start = days.wall_clock(days.now(), role.zone).replace(minute=0, second=0, microsecond=0)
    full, other = [await make.shift(role, starts=start + timedelta(days=n), maximum=1) for n in (9, 10)]
    taker = await signups.sign_up(full.id, await make.person("Tara Taker"), by=VERA)
    vera = await make.person()
    first = await signups.sign_up(
        full.id, vera, by=VERA, came_by=put_there_by, overrule=put_there_by == "staff"
    )
    second = await signups.sign_up(full.id, await make.person("Sue Second"), by=VERA)
    await signups.sign_up(other.id, vera, by=VERA)

    await signups.withdraw(taker.id, by=VERA)

    if put_there_by == "staff":
        assert await state(first.id) == "offered"
        assert await waiting.take(first.id, by=VERA) == "confirmed"
    else:
        assert [await state(one.id) for one in (first, second)] == ["waiting", "offered"]


async def test_a_fair_share_leaves_room_for_others():
    role = await make.opportunity(share_most=2, share_days=7)
    starts = [datetime(2027, 3, day, 9) for day in (1, 3, 5, 20)]
    planned = [await make.shift(role, starts=start, maximum=5) for start in starts]
    vera = await make.person()
    for shift in planned[:2]:
        await signups.sign_up(shift.id, vera, by=VERA)

    with pytest.raises(gates.Lacks, match="at most 2 of these shifts within 7 days"):
        await signups.sign_up(planned[2].id, vera, by=VERA)
    assert (await signups.sign_up(planned[3].id, vera, by=VERA)).status == "confirmed"


async def test_sign_up_opens_and_closes_when_it_says():
    role = await make.opportunity(opens_days=5, closes_hours=12)
    shift = await make.shift(role, starts=datetime(2027, 3, 6, 9), maximum=5)

    for moment, refused in (
        (datetime(2027, 3, 1, 13, 59, tzinfo=UTC), "opens on 01 March at 09:00"),
        (datetime(2027, 3, 6, 2, 0, tzinfo=UTC), "has closed"),
        (datetime(2027, 3, 6, 14, 0, tzinfo=UTC), "has begun"),
    ):
        with days.frozen(moment), pytest.raises(gates.NotYet, match=refused):
            await signups.sign_up(shift.id, await make.person(), by=VERA)
    with days.frozen(datetime(2027, 3, 1, 14, 0, tzinfo=UTC)):
        assert (await signups.sign_up(shift.id, await make.person(), by=VERA)).status == "confirmed"


async def test_where_somebody_has_to_approve_the_place_is_held_meanwhile():
    shift = await make.shift(await make.opportunity(needs_approval=True), maximum=1)

    signed = await signups.sign_up(shift.id, await make.person(), by=VERA)
    after = await signups.sign_up(shift.id, await make.person(), by=VERA)
    await signups.approve(signed.id, by=VERA)

    assert (signed.status, await state(signed.id), after.status) == ("pending", "confirmed", "waiting")


async def test_fewer_places_than_people_asks_who_waits_and_puts_them_first_in_line():
    role = await make.opportunity()
    shift = await make.shift(role, maximum=3)
    placed = [await signups.sign_up(shift.id, await make.person(), by=VERA) for _ in range(3)]
    in_line = await signups.sign_up(shift.id, await make.person(), by=VERA)
    row = await shifts.get(shift.id)
    cut = shifts.ShiftDetails(
        opportunity=role.id, starts=days.wall_clock(row["starts_at"], row["zone"]),
        ends=days.wall_clock(row["ends_at"], row["zone"]), maximum=1,
    )  # fmt: skip

    with pytest.raises(shifts.TooManySignedUp) as asked:
        await shifts.update(shift.id, cut, version=row["version"], by=VERA)
    assert (asked.value.over, [one["id"] for one in asked.value.signups]) == (
        2,
        [one.id for one in reversed(placed)],
    )

    version = (await shifts.get(shift.id))["version"]
    await shifts.update(shift.id, cut, version=version, by=VERA, to_waiting=[placed[1].id, placed[0].id])
    line = await db.rows(
        "SELECT id FROM signups WHERE shift = $1 AND status = 'waiting' ORDER BY queued_at, id", shift.id
    )
    assert [row["id"] for row in line] == [placed[0].id, placed[1].id, in_line.id]


async def test_withdrawing_late_is_kept_and_after_the_start_it_is_too_late():
    shift = await make.shift(await make.opportunity(withdraw_hours=24), maximum=2)
    one, other = [await signups.sign_up(shift.id, await make.person(), by=VERA) for _ in range(2)]

    with days.frozen(shift.starts_at - timedelta(hours=23)):
        await signups.withdraw(one.id, by=VERA)
    assert await db.value("SELECT ended_late FROM signups WHERE id = $1", one.id)
    with days.frozen(shift.starts_at), pytest.raises(NotPossible):
        await signups.withdraw(other.id, by=VERA)


async def test_who_cannot_come_gives_the_place_to_the_next():
    shift = await make.shift(maximum=1)
    taker = await signups.sign_up(shift.id, await make.person(), by=VERA)
    next_one = await signups.sign_up(shift.id, await make.person(), by=VERA)

    await signups.answer(taker.id, coming=False, by=VERA)

    assert [await state(taker.id), await state(next_one.id)] == ["withdrawn", "offered"]


async def test_a_cancelled_shift_ends_every_sign_up_and_an_empty_one_is_gone():
    shift = await make.shift(maximum=1)
    both = [await signups.sign_up(shift.id, await make.person(), by=VERA) for _ in range(2)]
    empty = await make.shift(maximum=1, starts=datetime(2027, 5, 1, 9))

    await shifts.cancel(shift.id, reason="Flood", by=VERA)
    await shifts.cancel(empty.id, reason="Flood", by=VERA)

    assert [await state(one.id) for one in both] == ["cancelled", "cancelled"]
    assert await db.value("SELECT count(*) FROM shifts WHERE id = $1", empty.id) == 0


@pytest.mark.commits
async def test_two_hundred_at_once_on_ten_places_are_ten_and_an_ordered_line():
    shift = await make.shift(maximum=10)
    people = [await make.person(f"Person {n}") for n in range(200)]

    signed = await asyncio.gather(*(signups.sign_up(shift.id, person, by=VERA) for person in people))

    assert [one.status for one in signed].count("confirmed") == 10
    line = sorted((one for one in signed if one.status == "waiting"), key=lambda one: one.before)
    assert [one.before for one in line] == list(range(190))
    stored = await db.rows("SELECT id FROM signups WHERE status = 'waiting' ORDER BY queued_at, id")
    assert [row["id"] for row in stored] == [one.id for one in line]
    assert await db.row("SELECT taken, waiting FROM shifts WHERE id = $1", shift.id) == {
        "taken": 10,
        "waiting": 190,
    }


@pytest.mark.commits
async def test_one_person_at_once_on_twenty_overlapping_shifts_has_one():
    role = await make.opportunity()
    planned = [await make.shift(role, maximum=5) for _ in range(20)]
    vera = await make.person()

    done = await asyncio.gather(
        *(signups.sign_up(shift.id, vera, by=VERA) for shift in planned), return_exceptions=True
    )

    assert sum(isinstance(one, clashes.Clash) for one in done) == 19
