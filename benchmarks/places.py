"""The databases of a run: one embedded server with a production's settings, gone when the run is over."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from benchmarks import bulk, data
from kit import config, days, db, migrations
from kit.postgres import OWNER, SUPERUSER, Server
from staff import sessions

SECRET = "whsec_" + "benchmark" * 3
Say = Callable[[str], None]


class Size(msgspec.Struct, frozen=True):
    """A database with so many constituents and ten times as many gifts."""

    name: str
    constituents: int

    @property
    def gifts(self) -> int:
        return self.constituents * 10

    @property
    def database(self) -> str:
        return f"bench_{self.name}"


class Loaded(msgspec.Struct):
    """How long a load took, and how long bare COPY did."""

    ours: dict[str, float]
    bare: float
    rows: int
    bytes: int


class Place:
    """A loaded database with its pool and a signed-in administrator."""

    def __init__(self, size: Size, settings: config.Settings) -> None:
        self.size, self.settings = size, settings
        self.pool: Any = None
        self.cookie = ""
        self.member = 0

    def enter(self) -> None:
        """The app speaks to this database from now on."""
        config.use(self.settings)
        db.engine().pool = self.pool


@contextmanager
def server(kept: Path | None = None) -> Iterator[Server]:
    """A server in a folder that is removed afterwards, or in one that stays for the next run."""
    folder = kept or Path(tempfile.mkdtemp(prefix="almoner-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # the server's user passes through
    opened = Server(folder / "postgres")
    try:
        yield opened.start()
    finally:
        if kept:
            opened.stop()
        else:
            opened.destroy()
            shutil.rmtree(folder, ignore_errors=True)


async def make(server: Server, size: Size, say: Say) -> tuple[Place, Loaded]:
    """A loaded database, and the time that loading it took beside bare COPY into another like it.

    In a folder that was kept, the database of the run before, and its times.
    """
    note = server.folder.parent / f"{size.database}.json"
    if note.exists():
        say(f"{size.constituents:,} constituents and {size.gifts:,} gifts are there already")
        return Place(size, settings_of(server, size.database)), msgspec.json.decode(
            note.read_bytes(), type=Loaded
        )
    place, loaded = await _load(server, size, say)
    note.write_bytes(msgspec.json.encode(loaded))
    return place, loaded


async def _load(server: Server, size: Size, say: Say) -> tuple[Place, Loaded]:
    settings = await empty(server, size.database)
    with _folder() as folder:
        say(f"{size.constituents:,} constituents and {size.gifts:,} gifts: inventing them")
        data.write(folder, size.constituents, size.gifts)
        say("    the bulk path")
        await superuser(server, "postgres", "CHECKPOINT")
        async with connected(settings.database_url) as connection:
            ours = await bulk.load(connection, folder)
        say(f"    {ours['all']:.0f} s; bare COPY of the same rows")
        async with connected(server.url(SUPERUSER, size.database)) as connection:
            await bulk.export(connection, folder)
            counts = [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in bulk.TABLES]
        bare = await _bare(server, f"{size.database}_bare", folder)
        say(f"    {bare:.0f} s; vacuum")
    await superuser(server, size.database, "VACUUM ANALYZE", "CHECKPOINT")
    async with connected(server.url(SUPERUSER, size.database)) as connection:
        on_disk = await connection.fetchval("SELECT pg_database_size(current_database())")
    return Place(size, settings), Loaded(ours, bare, sum(count or 0 for count in counts), int(on_disk or 0))


async def _bare(server: Server, database: str, folder: Path) -> float:
    await empty(server, database)
    await superuser(server, "postgres", "CHECKPOINT")
    try:
        async with connected(server.url(OWNER, database)) as connection:
            return await bulk.bare_copy(connection, folder)
    finally:
        await superuser(server, "postgres", f"DROP DATABASE {database} WITH (FORCE)")


async def empty(server: Server, database: str) -> config.Settings:
    """A migrated database with organisation, funds, campaigns, appeals and tags."""
    await superuser(
        server, "postgres", f"DROP DATABASE IF EXISTS {database}", f"CREATE DATABASE {database} OWNER {OWNER}"
    )
    settings = settings_of(server, database)
    config.use(settings)
    await migrations.migrate()
    async with connected(settings.database_url) as connection:
        await connection.execute(_SETTING)
    return settings


def settings_of(server: Server, database: str) -> config.Settings:
    return config.Settings(
        base_url="https://bench.example",
        host="localhost",
        port=8000,
        secret_key=b"b" * 32,
        demo=False,
        var=server.folder,
        database_url=server.url(database=database),
        database_owner_url=server.url(OWNER, database),
        mail_from="gifts@bench.example",
        stripe_secret_key="sk_test_benchmark",
        stripe_webhook_secret=SECRET,
    )


_SETTING = f"""
INSERT INTO organisations (name, legal_name, kind, registration_number, street, city, region, postal_code, country, email,
    phone, website, signer_name, signer_title, accent, currency, zone, fiscal_year_start, fee_basis_points, fee_fixed,
    smallest_gift, largest_gift, giving_heading, giving_text, created_at, version)
VALUES ('Riverbend Food Bank', 'Riverbend Food Bank, Inc.', 'public_charity', '93-1234567', '12 Mill Street', 'Portland', 'OR',
    '97206', 'US', 'gifts@riverbend.example', '+15035550100', 'https://riverbend.example', 'Ana Ruiz', 'Director', '#17685a',
    'USD', 'America/Los_Angeles', 1, 290, 30, 100, 2500000, '', '', now(), 1);
INSERT INTO funds (name, name_normal, restricted, account_code, description, is_general, public, created_at, version)
SELECT 'Fund ' || n, 'fund ' || n, false, '40' || n, '', n = 1, true, now(), 1 FROM generate_series(1, {data.FUNDS}) n;
INSERT INTO campaigns (name, slug, currency, heading, text, public, created_at, version)
SELECT 'Campaign ' || n, 'campaign-' || n, 'USD', '', '', true, now(), 1 FROM generate_series(1, {data.CAMPAIGNS}) n;
INSERT INTO appeals (campaign, name, source_code, created_at, version)
SELECT 1 + (n - 1) % {data.CAMPAIGNS}, 'Appeal ' || n, 'A' || n, now(), 1 FROM generate_series(1, {data.APPEALS}) n;
INSERT INTO tags (name, name_normal) SELECT 'Tag ' || n, 'tag ' || n FROM generate_series(1, {data.TAGS}) n;
"""


@asynccontextmanager
async def opened(places: list[Place]) -> AsyncIterator[None]:
    """Pools for all of them, and somebody who is signed in at each."""
    for place in places:
        config.use(place.settings)
        db.engine().pool = None  # the one before stays open in its own place
        await db.start_pool(min_size=2, max_size=4)
        place.pool = db.engine().pool
        place.enter()
        member = await db.value(
            """
            INSERT INTO members (name, email, email_normal, role, created_at, version)
            VALUES ('Ana Ruiz', 'ana@riverbend.example', 'ana@riverbend.example', 'administrator', $1, 1)
            ON CONFLICT (email_normal) DO UPDATE SET name = excluded.name RETURNING id
            """,
            days.now(),
        )
        token = await sessions.start(member, address="127.0.0.1", agent="benchmark")
        place.member, place.cookie = member, f"{sessions.cookie_name()}={token}"
    try:
        yield
    finally:
        db.engine().pool = None
        for place in places:
            await asyncio.wait_for(place.pool.close(), 10)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="almoner-bench-data-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url, server_settings={"jit": "off", "timezone": "UTC"})
    try:
        yield connection
    finally:
        await connection.close()


async def superuser(server: Server, database: str, *statements: str) -> None:
    async with connected(server.url(SUPERUSER, database)) as connection:
        for statement in statements:
            await connection.execute(statement, timeout=None)
