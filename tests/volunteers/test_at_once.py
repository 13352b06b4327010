"""Many people and coordinators at once, each with a connection of their own: nobody waits for each other for ever,
and whatever order the database chose, every promise holds (R1, R4)."""

import asyncio
import os
import random
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from kit import days, db, jobs
from kit.changes import Actor
from kit.errors import Conflict, NotFound, Refused
from reports import invariants
from tests import make as general
from tests.volunteers import make
from volunteers import asks, attendance, hours, profiles, series, series_changes, shifts, signups, waiting
from volunteers.attendance import Press

pytestmark = [pytest.mark.reliability, pytest.mark.commits]

CORA = Actor("system", None, "Cora")
CLIENTS = 10
DEEDS = int(os.environ.get("ALMONER_DEEDS", "40"))
PEOPLE = 12


async def test_whatever_happens_at_once_nobody_hangs_and_every_promise_holds():
    seed = int(os.environ.get("ALMONER_SEED", random.randrange(10**6)))
    print(f"ALMONER_SEED={seed} ALMONER_DEEDS={DEEDS}")  # noqa: T201  what to say to run it again
    await general.organisation()
    world = await begin()
    outcomes: Counter[str] = Counter()

    async with asyncio.timeout(120):
        await asyncio.gather(*(client(world, random.Random(seed + n), outcomes) for n in range(CLIENTS)))
        await waiting.fill_due()
    await jobs.drain()

    assert outcomes["done"] > CLIENTS * DEEDS / 10, outcomes
    assert await invariants.check() == []
    assert await db.rows(IN_TWO_PLACES) == []
    assert await db.rows(STANDING_TWICE) == []


async def begin() -> SimpleNamespace:
    """A shift that is now, a few alone, and a series of which two days a week overlap with them."""
    role = await make.opportunity("Free", largest_group=3)
    strict = await make.opportunity("Strict", largest_group=2, needs_approval=True, rest_minutes=60)
    now = days.wall_clock(days.now(), role.zone).replace(minute=0, second=0, microsecond=0)
    begun = await make.shift(role, starts=now + timedelta(hours=1), hours=2, maximum=3)
    start = (now + timedelta(days=9)).replace(hour=9)
    alone = [await make.shift(strict, starts=start + timedelta(days=n, hours=2), maximum=2) for n in range(3)]
    repeated = await series.create(
        series.SeriesDetails(
            opportunity=role.id,
            starts=start,
            ends=start + timedelta(hours=3),
            rule="FREQ=DAILY;COUNT=6",
            maximum=3,
        ),
        by=CORA,
    )
    people = [await make.person(f"Person {n}") for n in range(PEOPLE)]
    for person in people:
        await general.insert(
            "emails",
            constituent=person,
            address=f"p{person}@example.org",
            normal=f"p{person}@example.org",
            preferred=True,
        )
        await profiles.ensure(person, by=CORA)
    ids = [begun.id, *(one.id for one in alone)]
    return SimpleNamespace(people=people, alone=ids, series=repeated, begun=begun.id)


async def client(world: SimpleNamespace, chance: random.Random, outcomes: Counter[str]) -> None:
    """One browser after another presses something; being refused with a sentence is an answer."""
    for _ in range(DEEDS):
        deed = chance.choice(DEEDS_THERE_ARE)
        try:
            await deed(world, chance)
            outcomes["done"] += 1
        except (Refused, NotFound, Conflict) as no:
            outcomes[type(no).__name__] += 1


async def sign_up(world: SimpleNamespace, chance: random.Random) -> None:
    await signups.sign_up(
        await a_shift(chance),
        chance.choice(world.people),
        size=chance.choice((1, 1, 2)),
        by=CORA,
        overrule=True,
    )


async def withdraw(_world: SimpleNamespace, chance: random.Random) -> None:
    await signups.withdraw(await a_signup(chance), by=CORA)


async def take(_world: SimpleNamespace, chance: random.Random) -> None:
    await waiting.take(await a_signup(chance, "offered"), by=CORA)


async def approve(_world: SimpleNamespace, chance: random.Random) -> None:
    await signups.approve(await a_signup(chance, "pending"), by=CORA)


async def decline(_world: SimpleNamespace, chance: random.Random) -> None:
    await signups.decline(await a_signup(chance), reason="Full of joy", by=CORA)


async def answer(_world: SimpleNamespace, chance: random.Random) -> None:
    await signups.answer(await a_signup(chance, "confirmed"), coming=chance.random() < 0.5, by=CORA)


async def press(world: SimpleNamespace, chance: random.Random) -> None:
    id = await db.value("SELECT id FROM signups WHERE shift = $1 ORDER BY random() LIMIT 1", world.begun)
    if id is not None:
        what = chance.choice(("in", "in", "out", "undo"))
        await attendance.press(Press(f"{chance.random()}", id, what, days.now()), by=CORA, came_by="kiosk")


async def approve_hours(_world: SimpleNamespace, _chance: random.Random) -> None:
    proposed = await db.rows("SELECT id FROM hours WHERE status = 'proposed' ORDER BY random()")
    await hours.approve([row["id"] for row in proposed], by=CORA)


async def walk_in(world: SimpleNamespace, chance: random.Random) -> None:
    await attendance.walk_in(
        world.begun, chance.choice(world.people), at=days.now(), device_key=f"{chance.random()}", by=CORA
    )


async def ask_and_yes(world: SimpleNamespace, chance: random.Random) -> None:
    shift = await a_shift(chance)
    leaving = await db.value(
        "SELECT id FROM signups WHERE shift = $1 AND status = 'confirmed' ORDER BY random() LIMIT 1", shift
    )
    await asks.ask(shift, chance.sample(world.people, 3), by=CORA, instead_of=chance.choice((None, leaving)))
    await jobs_of_mail_know_tokens(shift)
    for constituent in world.people:
        await asks.say_yes(f"{shift}-{constituent}-token-of-a-mail", by=CORA)


async def jobs_of_mail_know_tokens(shift: int) -> None:
    """The letters' job makes tokens; here they are what we can say again."""
    from kit import security

    for row in await db.rows("SELECT id, constituent FROM asks WHERE shift = $1 AND status = 'open'", shift):
        token = security.token_hash(f"{shift}-{row['constituent']}-token-of-a-mail")
        await db.row("UPDATE asks SET token_hash = $2 WHERE id = $1", row["id"], token)


async def capacity(_world: SimpleNamespace, chance: random.Random) -> None:
    await change(await a_shift(chance), maximum=chance.randint(1, 4))


async def move(_world: SimpleNamespace, chance: random.Random) -> None:
    await change(await a_shift(chance), by=timedelta(hours=chance.choice((-1, 1))))


async def change(shift_id: int, *, maximum: int | None = None, by: timedelta = timedelta(0)) -> None:
    row = await shifts.get(shift_id)
    wanted = shifts.ShiftDetails(
        opportunity=row["opportunity"], starts=days.wall_clock(row["starts_at"], row["zone"]) + by,
        ends=days.wall_clock(row["ends_at"], row["zone"]) + by, maximum=maximum or row["maximum"],
    )  # fmt: skip
    try:
        await shifts.update(shift_id, wanted, version=row["version"], by=CORA)
    except shifts.TooManySignedUp as asked:
        everybody = [one["id"] for one in asked.signups]
        await shifts.update(shift_id, wanted, version=row["version"], by=CORA, to_waiting=everybody)


async def change_series(_world: SimpleNamespace, chance: random.Random) -> None:
    found = await db.row(
        "SELECT s.*, r.rule FROM shifts s JOIN shift_series r ON r.id = s.series WHERE s.status = 'open'"
        " ORDER BY random() LIMIT 1"
    )
    if found is None:
        return
    starts = found["occurrence"] + timedelta(hours=chance.choice((-1, 0, 1)))
    wanted = series.SeriesDetails(
        opportunity=found["opportunity"], starts=starts, ends=starts + timedelta(hours=3), rule=found["rule"],
        maximum=chance.randint(1, 4),
    )  # fmt: skip
    scope = chance.choice(("later", "all"))
    await series_changes.change(found["id"], scope, wanted, by=CORA, confirmed=True, last_come_wait=True)


async def cancel_one(_world: SimpleNamespace, chance: random.Random) -> None:
    if chance.random() < 0.1:
        await shifts.cancel(await a_shift(chance), reason="Flood", by=CORA)


async def offers_end(_world: SimpleNamespace, _chance: random.Random) -> None:
    await waiting.fill_due()


DEEDS_THERE_ARE: tuple[Any, ...] = (
    *[sign_up] * 8, *[withdraw] * 3, *[take] * 3, approve, decline, answer, press, press, approve_hours, walk_in, ask_and_yes,
    capacity, capacity, move, change_series, cancel_one, offers_end,
)  # fmt: skip


async def a_shift(chance: random.Random) -> int:
    ids = [row["id"] for row in await db.rows("SELECT id FROM shifts WHERE status = 'open' ORDER BY id")]
    return chance.choice(ids)


async def a_signup(chance: random.Random, status: str | None = None) -> int:
    found = await db.rows("SELECT id FROM signups WHERE $1::text IS NULL OR status = $1 ORDER BY id", status)
    if not found:
        raise NotFound("nobody yet")
    return chance.choice(found)["id"]


IN_TWO_PLACES = """
    SELECT a.id, b.id AS other FROM signups a JOIN shifts sa ON sa.id = a.shift
      JOIN signups b ON b.constituent = a.constituent AND b.id > a.id JOIN shifts sb ON sb.id = b.shift
     WHERE a.status IN ('pending', 'confirmed') AND b.status IN ('pending', 'confirmed')
       AND sa.starts_at < sb.ends_at + make_interval(mins => sb.rest_minutes)
       AND sb.starts_at < sa.ends_at + make_interval(mins => sa.rest_minutes)
"""
STANDING_TWICE = """
    SELECT shift, constituent FROM signups WHERE status IN ('pending', 'confirmed', 'waiting', 'offered')
  GROUP BY 1, 2 HAVING count(*) > 1
"""
