"""Whatever happens in whatever order: never over capacity, the line keeps its order, nobody is in two places."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import days, db
from kit.changes import Actor
from kit.errors import NotFound, Refused
from tests.volunteers import make
from volunteers import shifts, signups, waiting

COORDINATOR = Actor("staff", 1, "Cora")
PEOPLE, SHIFTS = 6, 3

person = st.integers(0, PEOPLE - 1)
shift = st.integers(0, SHIFTS - 1)
one_of_all = st.integers(0, 30)

deeds = st.lists(
    st.one_of(
        st.tuples(st.just("sign up"), person, shift, st.integers(1, 3)),
        st.tuples(st.just("withdraw"), one_of_all),
        st.tuples(st.just("take"), one_of_all),
        st.tuples(st.just("decline"), one_of_all),
        st.tuples(st.just("approve"), one_of_all),
        st.tuples(st.just("wait"), st.integers(1, 60)),
        st.tuples(st.just("capacity"), shift, st.integers(1, 4)),
        st.tuples(st.just("move"), shift, st.integers(-3, 3)),
        st.tuples(st.just("cancel"), shift),
    ),
    min_size=1,
    max_size=25,
)


class Undone(Exception):
    """Rolls an example back."""


@given(deeds)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_order_of_deeds_keeps_the_promises(planned: list[tuple[Any, ...]]):
    try:
        async with db.tx():
            await run(planned)
            raise Undone
    except Undone:
        pass


async def run(planned: list[tuple[Any, ...]]) -> None:
    world = await begin()
    clock = days.now()
    for deed in planned:
        clock += timedelta(hours=deed[1]) if deed[0] == "wait" else timedelta(seconds=1)
        with days.frozen(clock):
            line = await in_line()
            try:
                async with db.tx():
                    await do(world, deed)
            except (Refused, NotFound):
                pass
            await waiting.fill_due()
            await check(line)


async def begin() -> SimpleNamespace:
    """Two shifts that overlap, a third an hour after them, rest, and approval on one."""
    free = await make.opportunity("Free", largest_group=3)
    strict = await make.opportunity("Strict", largest_group=3, needs_approval=True, rest_minutes=60)
    start = days.wall_clock(days.now() + timedelta(days=9), "America/New_York").replace(
        hour=9, minute=0, second=0, microsecond=0
    )
    planned = [
        await make.shift(free, starts=start, hours=3, maximum=2),
        await make.shift(strict, starts=start + timedelta(hours=2), hours=2, maximum=1),
        await make.shift(free, starts=start + timedelta(hours=5), hours=2, maximum=3),
    ]
    people = [await make.person(f"Person {n}") for n in range(PEOPLE)]
    return SimpleNamespace(shifts=planned, people=people)


async def do(world: SimpleNamespace, deed: tuple[Any, ...]) -> None:
    match deed:
        case ("sign up", who, where, size):
            await signups.sign_up(world.shifts[where].id, world.people[who], size=size, by=COORDINATOR)
        case ("wait", _hours):
            pass
        case ("capacity" | "move" as what, where, number):
            await change(world.shifts[where].id, what, number)
        case ("cancel", where):
            await shifts.cancel(world.shifts[where].id, reason="Flood", by=COORDINATOR)
        case (what, which):
            ids = [row["id"] for row in await db.rows("SELECT id FROM signups ORDER BY id")]
            if ids:
                await to_one(what, ids[which % len(ids)])


async def to_one(what: str, signup_id: int) -> None:
    match what:
        case "withdraw":
            await signups.withdraw(signup_id, by=COORDINATOR)
        case "take":
            await waiting.take(signup_id, by=COORDINATOR)
        case "decline":
            await signups.decline(signup_id, reason="Full of joy", by=COORDINATOR)
        case "approve":
            await signups.approve(signup_id, by=COORDINATOR)


async def change(shift_id: int, what: str, number: int) -> None:
    row = await shifts.get(shift_id)
    starts, ends = (days.wall_clock(row[name], row["zone"]) for name in ("starts_at", "ends_at"))
    by = timedelta(hours=number if what == "move" else 0)
    wanted = shifts.ShiftDetails(
        opportunity=row["opportunity"], starts=starts + by, ends=ends + by,
        maximum=number if what == "capacity" else row["maximum"],
    )  # fmt: skip
    try:
        async with db.tx():
            await shifts.update(shift_id, wanted, version=row["version"], by=COORDINATOR)
    except shifts.TooManySignedUp as asked:
        chosen = [one["id"] for one in asked.signups]
        await shifts.update(shift_id, wanted, version=row["version"], by=COORDINATOR, to_waiting=chosen)


async def in_line() -> dict[int, tuple[datetime, int]]:
    found = await db.rows("SELECT id, queued_at FROM signups WHERE status = 'waiting'")
    return {row["id"]: (row["queued_at"], row["id"]) for row in found}


async def check(line_before: dict[int, tuple[datetime, int]]) -> None:
    assert await db.rows(MISCOUNTED) == []
    assert await db.rows(IN_TWO_PLACES) == []
    assert await db.rows(COULD_HAVE_A_PLACE, days.now()) == []
    for offered in await db.rows("SELECT id, shift, size, queued_at FROM signups WHERE status = 'offered'"):
        if offered["id"] not in line_before:
            continue  # not by this deed
        passed_over = await db.rows(
            PASSED_OVER, offered["shift"], offered["queued_at"], offered["id"], offered["size"]
        )
        assert [row["id"] for row in passed_over if row["id"] in line_before] == []


MISCOUNTED = """
    SELECT s.id FROM shifts s LEFT JOIN signups u ON u.shift = s.id
  GROUP BY s.id
    HAVING s.taken <> coalesce(sum(u.size) FILTER (WHERE u.status IN ('pending', 'confirmed', 'offered')), 0)
        OR s.waiting <> coalesce(sum(u.size) FILTER (WHERE u.status = 'waiting'), 0)
        OR s.taken > s.maximum
"""
IN_TWO_PLACES = """
    SELECT a.id, b.id AS other FROM signups a JOIN shifts sa ON sa.id = a.shift
      JOIN signups b ON b.constituent = a.constituent AND b.id > a.id JOIN shifts sb ON sb.id = b.shift
     WHERE a.status IN ('pending', 'confirmed') AND b.status IN ('pending', 'confirmed')
       AND sa.starts_at < sb.ends_at + make_interval(mins => sb.rest_minutes)
       AND sb.starts_at < sa.ends_at + make_interval(mins => sa.rest_minutes)
"""
BUSY = """
    EXISTS (SELECT FROM signups o JOIN shifts so ON so.id = o.shift
             WHERE o.constituent = u.constituent AND o.status IN ('pending', 'confirmed')
               AND so.starts_at < s.ends_at + make_interval(mins => s.rest_minutes)
               AND s.starts_at < so.ends_at + make_interval(mins => so.rest_minutes))
"""
COULD_HAVE_A_PLACE = f"""
    SELECT u.id FROM signups u JOIN shifts s ON s.id = u.shift
     WHERE u.status = 'waiting' AND s.status = 'open' AND s.starts_at > $1 AND u.size <= s.maximum - s.taken AND NOT {BUSY}
"""
PASSED_OVER = f"""
    SELECT u.id FROM signups u JOIN shifts s ON s.id = u.shift
     WHERE u.shift = $1 AND u.status = 'waiting' AND (u.queued_at, u.id) < ($2, $3) AND u.size <= $4 AND NOT {BUSY}
"""
