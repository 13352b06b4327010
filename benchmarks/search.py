"""How well and how fast names are found: the slips of tests/search.csv among many people, at a tenth and at full size.

python -m benchmarks.search [people=100000]     against DATABASE_URL of an empty database, or a server of its own
"""

import asyncio
import csv
import statistics
import sys
import tempfile
import time
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg

from constituents import listing, names
from kit import config, days, db, migrations
from kit.postgres import APP, OWNER, SUPERUSER, Server
from tests.people import SLIPS
from tests.people import names as people

_ROOT = Path(__file__).resolve().parent.parent
_COLUMNS = [
    "kind",
    "name",
    "sort_key",
    "prefix",
    "given_name",
    "middle_name",
    "family_name",
    "suffix",
    "nickname",
    "job_title",
    "greeting",
    "website",
    "language",
    "place",
    "deceased",
    "created_at",
    "updated_at",
    "version",
]


async def copy_people(count: int, offset: int = 0) -> None:
    """COPY people number `offset` to `count`, an e-mail and a phone each; triggers keep what search reads."""
    now = days.now()
    async with db.tx() as connection:
        await connection.execute("SET LOCAL statement_timeout = 0")
        rows = [_columns_of(given, family, now) for given, family in islice(people(count), offset, None)]
        await connection.copy_records_to_table("constituents", records=rows, columns=_COLUMNS)
        await connection.execute(_EMAILS)
        await connection.execute(_PHONES)


def _columns_of(given: str, family: str, now: datetime) -> tuple[Any, ...]:
    key = names.sort_key("person", "", given, "", family)
    nothing = ("",) * 6
    return (
        "person",
        f"{given} {family}",
        key,
        "",
        given,
        "",
        family,
        *nothing,
        "Portland OR",
        False,
        now,
        now,
        1,
    )


_EMAILS = """
    INSERT INTO emails (constituent, address, normal, kind, preferred)
    SELECT id, e, e, 'home', true FROM constituents,
           lower(replace(given_name, ' ', '') || '.' || replace(family_name, ' ', '') || id || '@example.org') e
     WHERE NOT EXISTS (SELECT FROM emails WHERE constituent = constituents.id)
    """
_PHONES = """
    INSERT INTO phones (constituent, number, extension, is_valid, kind, preferred)
    SELECT id, '+1503' || lpad(((id * 7919) % 10000000)::text, 7, '0'), '', true, 'home', true FROM constituents
     WHERE NOT EXISTS (SELECT FROM phones WHERE constituent = constituents.id)
    """


async def load(count: int, offset: int = 0) -> float:
    """The people, committed and counted by the planner; how many seconds the loading took."""
    began = time.perf_counter()
    await copy_people(count, offset)
    took = time.perf_counter() - began
    connection = await asyncpg.connect(config.settings().database_owner_url)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    return took


async def first_five(typed: str) -> list[dict[str, Any]]:
    return (await listing.page(listing.Filter(q=typed), currency="USD")).rows[:5]


async def recall() -> tuple[dict[str, float], list[str]]:
    """Share of the slips whose person is among the first five, per kind of slip, and what was missed."""
    missed: list[str] = []
    shares = {}
    with (_ROOT / "tests" / "search.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for how in SLIPS:
        found = 0
        for row in rows:
            name = f"{row['given']} {row['family']}"
            hit = any(one["name"] == name for one in await first_five(row[how]))
            found += hit
            if not hit:
                missed.append(f"{row[how]} (for {name})")
        shares[how] = found / len(rows)
    return shares, missed


async def timed(label: str, queries: list[str], rounds: int = 5) -> dict[str, Any]:
    """Median over rounds of the mean milliseconds a query of this kind takes, with its page of rows."""
    means = []
    for _round in range(rounds):
        began = time.perf_counter()
        for typed in queries:
            await listing.page(listing.Filter(q=typed), currency="USD")
        means.append((time.perf_counter() - began) * 1000 / len(queries))
    return {"what": label, "ms": statistics.median(means)}


async def measure() -> dict[str, float]:
    with (_ROOT / "tests" / "search.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))[:40]
    cases = {
        "whole name": [f"{row['given']} {row['family']}" for row in rows],
        "last name": [row["family"] for row in rows],
        "three letters": [row["family"][:3] for row in rows],
        "initial and name": [f"{row['given'][0]} {row['family']}" for row in rows],
        "slip": [row[how] for row in rows[:10] for how in SLIPS],
        "part": [row["family"][2:6] for row in rows],
        "nobody": [f"zq{row['family'][::-1]} xv{row['given'][::-1]}" for row in rows],
        "e-mail": [f"{row['given']}.{row['family']}@" for row in rows],
        "part of an e-mail": [f"{row['family'].lower()}9" for row in rows],
        "phone": ["503 555 0144", "(503) 791-9000", "7919", "+1 503 123 4567"],
    }
    took = {label: (await timed(label, queries))["ms"] for label, queries in cases.items()}
    began = time.perf_counter()
    for _round in range(20):
        await listing.page(listing.Filter(), currency="USD")
    took["list, first page"] = (time.perf_counter() - began) * 50
    middle = await db.value(
        "SELECT id FROM constituents ORDER BY sort_key, id OFFSET (SELECT count(*) / 2 FROM constituents) LIMIT 1"
    )
    began = time.perf_counter()
    for _round in range(20):
        await listing.page(listing.Filter(), currency="USD", after=str(middle))
    took["list, a page in the middle"] = (time.perf_counter() - began) * 50
    return took


async def run(count: int) -> None:
    async with db.running():
        small = count // 10
        print(f"loaded {small:,} people in {await load(small):.1f} s")
        before = await measure()
        print(f"loaded {count - small:,} more in {await load(count, small):.1f} s")
        after = await measure()
        print(f"\n{'':28}{small:>12,}{count:>12,}   ratio")
        for label in after:
            print(
                f"{label:28}{before[label]:9.2f} ms{after[label]:9.2f} ms{after[label] / before[label]:8.2f}"
            )
        shares, missed = await recall()
        print(f"\nin the first five at {count:,}:")
        for how, share in shares.items():
            print(f"  {how:14}{share:7.1%}")
        print(f"  {'all':14}{statistics.mean(shares.values()):7.1%}")
        print("missed:", *missed, sep="\n  ")
        for table in ("constituents", "name_words", "search_words", "word_slips", "emails", "phones"):
            size = await db.value("SELECT pg_size_pretty(pg_total_relation_size($1::text::regclass))", table)
            print(f"  {table:14}{await db.value(_COUNTS[table]):>12,} rows {size}")


_COUNTS = {
    "constituents": "SELECT count(*) FROM constituents",
    "name_words": "SELECT count(*) FROM name_words",
    "search_words": "SELECT count(*) FROM search_words",
    "word_slips": "SELECT count(*) FROM word_slips",
    "emails": "SELECT count(*) FROM emails",
    "phones": "SELECT count(*) FROM phones",
}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    folder = Path(tempfile.mkdtemp(prefix="almoner-bench-"))
    server = Server(folder / "postgres", durable=False).start()
    try:

        async def fresh() -> None:
            connection = await asyncpg.connect(server.url(SUPERUSER, "postgres"))
            await connection.execute(f"CREATE DATABASE bench OWNER {OWNER}")
            await connection.close()

        asyncio.run(fresh())
        config.use(
            config.Settings(
                base_url="https://almoner.test",
                host="localhost",
                port=8000,
                secret_key=b"b" * 32,
                demo=False,
                var=folder,
                database_url=server.url(APP, "bench"),
                database_owner_url=server.url(OWNER, "bench"),
                mail_from="bench@riverbend.example",
            )
        )
        asyncio.run(migrations.migrate())
        asyncio.run(run(count))
    finally:
        server.destroy()


if __name__ == "__main__":
    main()
