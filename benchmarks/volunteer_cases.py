"""What is measured of volunteers: the calendar of a month, the public board, coverage, a sign-up, a series edited."""

import random
import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from litestar import Litestar

from benchmarks import places, volunteer_bare
from benchmarks.cases import Case, done, ok
from benchmarks.client import Client
from benchmarks.rounds import Side
from benchmarks.volunteer_data import SERIES, ZONE
from kit import changes, days, db
from volunteers import almanac, series, series_changes

_run = f"{random.SystemRandom().getrandbits(48):x}"


async def of(place: places.Place, app: Litestar) -> list[Case]:
    """All cases at one place."""
    place.enter()
    client, anybody, pool = Client(app, place.cookie), Client(app, ""), place.pool
    cases = [_calendar(client, pool), _board(anybody, pool), _coverage(client, pool),
             await _signing_up(app, pool), await _editing(pool)]  # fmt: skip
    await _same_rows(client, anybody, pool)
    return cases


async def nothing_refused() -> None:
    """Every sign-up that was measured became one; raises RuntimeError where the page only said so."""
    refused = await db.value(
        "SELECT max(refused) FROM signup_requests WHERE refused <> '' AND entry_key LIKE $1", f"%{_run}%"
    )
    if refused:
        raise RuntimeError(f"A measured sign-up was refused: {refused}")


def _calendar(client: Client, pool: Any) -> Case:
    today = days.today(ZONE)

    def view(n: int) -> almanac.View:
        return almanac.View("month", today + timedelta(days=n % 41 - 20))

    async def bare(n: int) -> None:
        await volunteer_bare.month(pool, view(n).first, view(n).last)

    return Case(
        "calendar of a month",
        Side(lambda n: ok(client.get("/shifts", view="month", on=view(n).on), 200)),
        Side(bare),
        at_most=1.5,
    )


def _board(client: Client, pool: Any) -> Case:
    def place(n: int) -> int | None:
        return 1 + n // 2 % 10 if n % 2 else None

    def query(n: int) -> dict[str, Any]:
        return {"place": place(n)} if place(n) else {}

    return Case(
        "public board",
        Side(lambda n: ok(client.get("/volunteer", **query(n)), 200)),
        Side(lambda n: done(volunteer_bare.board(pool, place(n)))),
        at_most=1.5,
    )


def _coverage(client: Client, pool: Any) -> Case:
    return Case(
        "coverage, two weeks",
        Side(lambda n: ok(client.get("/coverage", weeks=2), 200)),
        Side(lambda n: done(volunteer_bare.coverage(pool))),
        at_most=1.5,
    )


async def _signing_up(app: Litestar, pool: Any) -> Case:
    """By the public form, of people who are known: each for a shift with room at which they are nowhere else."""
    free = await _free()
    ours, plain = free[::2], free[1::2]
    client = Client(app, "")

    async def one(n: int) -> None:
        shift, person = ours[n]  # an IndexError says that more are needed
        client.address = f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
        form = {
            "first_name": "Vera", "last_name": f"Number{person}", "email": f"vera{person}@example.org",
            "form_key": f"o{_run}{n}",
        }  # fmt: skip
        await ok(client.submit(f"/volunteer/shifts/{shift}/sign-ups", form), 303)

    return Case(
        "sign-up",
        Side(one, most=len(ours) // 8),
        Side(lambda n: volunteer_bare.sign_up(pool, *plain[n], f"b{_run}{n}"), most=len(plain) // 8),
        at_most=1.5,
    )


async def _free() -> list[tuple[int, int]]:
    """Pairs of shift and person for whom nothing is in the way, now or by another pair."""
    found = await db.rows(_FREE, days.now())
    last: dict[int, datetime] = {}
    on: Counter[int] = Counter()
    chosen = []
    for row in found:
        before = last.get(row["constituent"])
        if on[row["shift"]] < 2 and (before is None or row["starts_at"] - before > timedelta(days=1)):
            on[row["shift"]] += 1
            last[row["constituent"]] = row["starts_at"]
            chosen.append((row["shift"], row["constituent"]))
    random.Random(7).shuffle(chosen)
    return chosen


_FREE = """
SELECT s.id AS shift, s.starts_at, c.constituent
  FROM shifts s JOIN opportunities o ON o.id = s.opportunity
  JOIN volunteers c ON c.constituent % 200 = (s.id * 12 + 100) % 200 OR c.constituent % 200 = (s.id * 12 + 107) % 200
 WHERE s.starts_at > $1::timestamptz + interval '2 days' AND s.taken < s.maximum - 2 AND o.is_public AND s.series IS NULL
   AND NOT EXISTS (SELECT FROM qualifications_needed q WHERE q.opportunity = o.id)
   AND NOT EXISTS (SELECT FROM signups u WHERE u.constituent = c.constituent
                      AND u.occupied && tstzrange(s.starts_at - interval '1 day', s.ends_at + interval '1 day'))
 ORDER BY s.starts_at, s.id, c.constituent
"""


async def _editing(pool: Any) -> Case:
    """All shifts of a series an hour later, then earlier again: 500 shifts with ten people each."""
    row = await db.row(
        "SELECT id, opportunity, series, occurrence, maximum, minimum FROM shifts WHERE series IS NOT NULL ORDER BY occurrence LIMIT 1"
    )
    assert row is not None
    rule = await db.value("SELECT rule FROM shift_series WHERE id = $1", row["series"])

    async def one(n: int) -> None:
        was = await db.value("SELECT occurrence FROM shifts WHERE id = $1", row["id"])
        starts = was + (timedelta(hours=1) if was.hour == 21 else timedelta(hours=-1))
        details = series.SeriesDetails(
            opportunity=row["opportunity"], starts=starts, ends=starts + timedelta(hours=1), rule=rule,
            maximum=row["maximum"], minimum=row["minimum"],
        )  # fmt: skip
        await series_changes.change(row["id"], "all", details, by=changes.Actor("staff", None, "Ana Ruiz"))

    async def bare(n: int) -> None:
        was = await pool.fetchval("SELECT occurrence FROM shifts WHERE id = $1", row["id"])
        await volunteer_bare.move(pool, row["series"], timedelta(hours=1 if was.hour == 21 else -1))

    return Case(f"{SERIES} shifts of a series", Side(one, most=2), Side(bare, most=2), at_most=1.5)


async def _same_rows(client: Client, anybody: Client, pool: Any) -> None:
    """What is compared must be the same: the rows of the bare page are those of ours."""
    view = almanac.View("month", days.today(ZONE))
    pairs = [
        (
            await client.get("/shifts", view="month", on=view.on),
            await volunteer_bare.month(pool, view.first, view.last),
        ),
        (await anybody.get("/volunteer"), await volunteer_bare.board(pool, None)),
        (await client.get("/coverage", weeks=2), await volunteer_bare.coverage(pool)),
    ]
    for (_status, ours), plain in pairs:
        wanted, there = set(_LINKS.findall(plain)), set(_LINKS.findall(ours.decode()))
        if wanted - there or not wanted:
            raise RuntimeError(f"The bare page has rows that ours lacks: {sorted(wanted - there)[:5]}")


_LINKS = re.compile(r'href="/(?:volunteer/)?shifts/(\d+)"')
