"""What is measured: the request as a browser sends it, the bare way to the same rows, and the targets."""

import hashlib
import hmac
import json
import random
import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import msgspec
from litestar import Litestar

from benchmarks import bare, places
from benchmarks.client import Client
from benchmarks.rounds import Side
from kit import days, db
from kit.config import STRIPE_API_VERSION

_HOW_MANY = 400
Answer = tuple[int, bytes]


class Case(msgspec.Struct):
    """One thing to measure. `at_least` is the share of the bare rate, `at_most` the cost of ten times the data."""

    name: str
    ours: Side
    bare: Side
    at_least: float | None = None
    at_most: float | None = None


async def of(place: places.Place, app: Litestar) -> list[Case]:
    """All cases at one place. What they ask for differs from request to request, and is the same for ours and bare."""
    place.enter()
    client, dice, pool = Client(app, place.cookie), random.Random(7), place.pool
    anybody = [row["id"] for row in await db.rows(_ANYBODY, _HOW_MANY)]
    donors = [row["constituent"] for row in await db.rows(_DONORS, _HOW_MANY)]
    spots = [(row["given_on"], row["id"]) for row in await db.rows(_SPOTS, _HOW_MANY)]
    named = await db.rows(_NAMED, _HOW_MANY)
    hits = [f"{row['given_name'][:3]} {row['family_name']}" for row in named]
    slips = [f"{row['given_name']} {_with_a_slip(row['family_name'], dice)}" for row in named]
    misses = [
        "".join(dice.choice("qxzwvj") for _ in range(7)) + f" {row['family_name'][::-1]}xq" for row in named
    ]
    mails = [row["normal"] for row in await db.rows(_MAILS, _HOW_MANY)]

    def page(path: str, query: Callable[[int], dict[str, Any]] = lambda _n: {}) -> Side:
        return Side(lambda n: ok(client.get(path, **query(n)), 200))

    def plain(work: Callable[[int], Awaitable[Any]]) -> Side:
        return Side(lambda n: done(work(n)))

    def one(values: list[Any], n: int) -> Any:
        return values[n % len(values)]

    cases = [
        Case(
            "constituents, 50 of the list",
            page("/constituents", lambda n: {"after": one(anybody, n)}),
            plain(lambda n: bare.constituents(pool, one(anybody, n))),
            at_least=0.5,
            at_most=1.5,
        ),
        Case(
            "gifts, 50 of a filter",
            page("/gifts", lambda n: {"method": "transfer", "after": _spot(one(spots, n))}),
            plain(lambda n: bare.gifts(pool, "transfer", one(spots, n))),
            at_least=0.5,
            at_most=1.5,
        ),
        Case(
            "look-up by e-mail",
            page("/constituents", lambda n: {"q": one(mails, n)}),
            plain(lambda n: bare.by_mail(pool, one(mails, n))),
            at_most=1.5,
        ),
        Case(
            "search, hit",
            page("/constituents", lambda n: {"q": one(hits, n)}),
            plain(lambda n: bare.search(pool, one(hits, n))),
            at_most=8,
        ),
        Case(
            "search, slip",
            page("/constituents", lambda n: {"q": one(slips, n)}),
            plain(lambda n: bare.slip(pool, one(slips, n))),
            at_most=8,
        ),
        Case(
            "search, miss",
            page("/constituents", lambda n: {"q": one(misses, n)}),
            plain(lambda n: bare.slip(pool, one(misses, n))),
            at_most=8,
        ),
        Case(
            "constituent with timeline",
            Side(lambda n: ok(client.get(f"/constituents/{one(donors, n)}"), 200)),
            plain(lambda n: bare.constituent(pool, one(donors, n))),
            at_most=4,
        ),
        _recording(client, pool, anybody),
        _hooked(Client(app, ""), pool),
    ]
    await _same_rows(cases, client, pool, anybody, spots, hits)
    return cases


def _recording(client: Client, pool: Any, donors: list[int]) -> Case:
    day = days.now().date() - timedelta(days=2)

    async def bare_gift(n: int) -> None:
        await bare.record_gift(pool, donors[n % len(donors)], 2500 + n, day, f"bare-{_run}-{n}")

    def form(n: int) -> dict[str, Any]:
        return {
            "donor": donors[n % len(donors)], "amount": f"{25 + n}.00", "currency": "USD", "given_on": day.isoformat(),
            "method": "cheque", "kind": "cash", "fund": 1, "cheque_number": n, "entry_key": f"ours-{_run}-{n}",
        }  # fmt: skip

    return Case("record a gift", Side(lambda n: ok(client.submit("/gifts", form(n)), 303)), Side(bare_gift))


def _hooked(client: Client, pool: Any) -> Case:
    ours, plain = _Events("ours"), _Events("bare")
    return Case(
        "webhook",
        Side(lambda n: ok(client.post("/webhooks/stripe", *ours.signed(n)), 200), before=ours.make),
        Side(lambda n: bare.webhook(pool, plain.made[n][0], plain.made[n][1]), before=plain.make),
    )


class _Events:
    """Webhooks, signed before the clock runs."""

    def __init__(self, whose: str) -> None:
        self._whose = whose
        self.made: dict[int, tuple[bytes, str]] = {}

    def make(self, start: int, count: int) -> None:
        at = int(days.now().timestamp())
        self.made = {n: self._one(n, at) for n in range(start, start + count)}

    def _one(self, n: int, at: int) -> tuple[bytes, str]:
        mark = f"{self._whose}{_run}{n}"
        intent = {
            "id": f"pi_{mark}",
            "object": "payment_intent",
            "amount": 2500,
            "currency": "usd",
            "status": "succeeded",
        }
        event = {
            "id": f"evt_{mark}", "object": "event", "type": "payment_intent.succeeded", "created": at, "livemode": False,
            "api_version": STRIPE_API_VERSION, "data": {"object": {**intent, "metadata": {"intent": str(n)}}},
        }  # fmt: skip
        body = json.dumps(event).encode()
        signature = hmac.new(places.SECRET.encode(), b"%d.%s" % (at, body), hashlib.sha256).hexdigest()
        return body, f"t={at},v1={signature}"

    def signed(self, n: int) -> tuple[bytes, dict[str, str]]:
        body, signature = self.made[n]
        return body, {"stripe-signature": signature, "content-type": "application/json"}


# Keys of this run: a database that is used again has those of the run before.
_run = f"{random.SystemRandom().getrandbits(48):x}"
_ANYBODY = """
SELECT id FROM constituents WHERE kind = 'person' AND archived_at IS NULL ORDER BY md5(id::text) LIMIT $1
"""
# With more gifts than a timeline shows at once.
_DONORS = """
SELECT constituent FROM giving_totals WHERE hard_count > 20 ORDER BY md5(constituent::text) LIMIT $1
"""
_SPOTS = "SELECT given_on, id FROM gifts WHERE id % 7 = 0 ORDER BY md5(id::text) LIMIT $1"
_NAMED = """
SELECT given_name, family_name FROM constituents WHERE length(family_name) > 5 AND length(given_name) > 3
 ORDER BY md5(id::text) LIMIT $1
"""
_MAILS = "SELECT normal FROM emails ORDER BY md5(id::text) LIMIT $1"


def _spot(at: tuple[date, int]) -> str:
    return f"{at[0].isoformat()}.{at[1]}"


def _with_a_slip(name: str, dice: random.Random) -> str:
    """A letter inside dropped, doubled or swapped with the next."""
    place = dice.randrange(1, len(name) - 2)
    head, letter, rest = name[:place], name[place], name[place + 1 :]
    return dice.choice((head + rest, head + letter + letter + rest, head + rest[0] + letter + rest[1:]))


async def ok(asked: Awaitable[Answer], status: int) -> None:
    """Ask, and raise RuntimeError for any other answer."""
    answered, body = await asked
    if answered != status:
        raise RuntimeError(
            f"The app answered {answered}, not {status}: {body[:2000].decode(errors='replace')}"
        )


async def done(work: Awaitable[Any]) -> None:
    """Do it; what came of it is not asked."""
    await work


async def _same_rows(
    cases: list[Case], client: Client, pool: Any, anybody: list[int], spots: list[Any], hits: list[str]
) -> None:
    """What is compared must be the same: the rows of the bare page are those of ours."""
    pairs = [
        (await client.get("/constituents", after=anybody[0]), await bare.constituents(pool, anybody[0])),
        (
            await client.get("/gifts", method="transfer", after=_spot(spots[0])),
            await bare.gifts(pool, "transfer", spots[0]),
        ),
        (await client.get("/constituents", q=hits[0]), await bare.search(pool, hits[0])),
    ]
    for (_status, ours), plain in pairs:
        body = ours.partition(b"<tbody>")[2].decode()
        missing = set(_LINKS.findall(plain)) - set(_LINKS.findall(body))
        if missing or not _LINKS.findall(plain):
            raise RuntimeError(f"The bare page has rows that ours lacks: {sorted(missing)[:5]}")


_LINKS = re.compile(r'href="/(?:constituents|gifts)/(\d+)"')
