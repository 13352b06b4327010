"""Real PostgreSQL for every test: one server for the run, a database per worker, each test rolled back.

A test marked `commits` really commits and gets a fresh database afterwards. Deferred rules and `almoner check` run
before each rollback, so a test that leaves broken books fails whatever it looked at.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import hypothesis
import pytest
import pytest_asyncio

from kit import config, leftovers
from kit.postgres import APP, OWNER, SUPERUSER, Server

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "almoner_template"

# How fast examples come says something of the machine, nothing of the rules.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts the server and makes the template; workers only take a database of their own."""
    if hasattr(config, "workerinput"):
        return
    place = config.stash[_place] = leftovers.Folder("almoner-tests-")
    folder = place.path
    server = config.stash[_server] = Server(folder / "postgres", durable=False).start()
    os.environ["ALMONER_TEST_FOLDER"] = str(folder)
    settings = {
        "ALMONER_VAR": str(folder / "var"),
        "DATABASE_URL": server.url(APP, TEMPLATE),
        "DATABASE_OWNER_URL": server.url(OWNER, TEMPLATE),
    }
    (folder / "var").mkdir(mode=0o700)
    asyncio.run(_superuser(server.url(SUPERUSER, "postgres"), f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}"))
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import asyncio; from kit import migrations; asyncio.run(migrations.migrate())",
        ],
        cwd=ROOT,
        env={**os.environ, **settings},
        check=True,
    )


_server = pytest.StashKey[Server]()
_place = pytest.StashKey[leftovers.Folder]()


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(_server, None)
    if server is not None:
        server.destroy()
    place = config.stash.get(_place, None)
    if place is not None:
        place.remove()


def _test_server() -> Server:
    return Server(Path(os.environ["ALMONER_TEST_FOLDER"]) / "postgres", durable=False)


async def _superuser(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def database_name(worker_id: str) -> str:
    return f"almoner_{worker_id}"


@pytest_asyncio.fixture(scope="session", autouse=True)
async def settings(database_name: str) -> AsyncIterator[config.Settings]:
    """The settings of this worker: its own database, https, no mail server and no Stripe unless a test brings one."""
    server = _test_server()
    await _fresh_database(database_name)
    chosen = config.Settings(
        base_url="https://almoner.test",
        host="localhost",
        port=8000,
        secret_key=b"t" * 32,
        demo=False,
        var=Path(os.environ["ALMONER_TEST_FOLDER"]) / "var",
        database_url=server.url(APP, database_name),
        database_owner_url=server.url(OWNER, database_name),
        mail_from="gifts@riverbend.example",
    )
    config.use(chosen)
    yield chosen


async def _fresh_database(name: str) -> None:
    await _superuser(
        _test_server().url(SUPERUSER, "postgres"),
        f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
        f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {TEMPLATE} STRATEGY = FILE_COPY",
    )


@pytest_asyncio.fixture(scope="session", autouse=True)
async def pool(settings: config.Settings) -> AsyncIterator[None]:
    """Connections, and every listener known: verbs say facts."""
    from importlib import import_module

    from app import JOBS
    from kit import db, facts

    for module in JOBS:
        import_module(module)
    facts.verify()
    async with db.running(min_size=1, max_size=40):
        yield


@pytest.fixture(autouse=True)
def broken_promises() -> Iterator[list[object]]:
    """What `rolled_back` found at the end of a test, said from here: an error raised in an asynchronous fixture's end
    leaves its context variables behind, and every test after it would speak on a connection that is gone."""
    found: list[object] = []
    yield found
    assert found == []


@pytest_asyncio.fixture(autouse=True)
async def rolled_back(
    request: pytest.FixtureRequest, pool: None, database_name: str, broken_promises: list[object]
) -> AsyncIterator[None]:
    """Each test in a transaction that is rolled back; the app's own queries join it."""
    from kit import db
    from reports import invariants

    if request.node.get_closest_marker("commits"):
        yield
        await db.engine().close_connection_pool()
        await _fresh_database(database_name)
        await db.start_pool(min_size=1, max_size=40)
        return
    engine = db.engine()
    assert engine.pool is not None
    async with engine.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        # A test may wait for something else for longer than a page may: a command in a process of its own, on a busy machine.
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        token = engine.current_transaction.set(db.Joined(connection, task=None))  # pyright: ignore
        try:
            yield
            await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            broken_promises += await invariants.check()
        except asyncpg.PostgresError as refused:
            broken_promises.append(refused)
        finally:
            engine.current_transaction.reset(token)
            await transaction.rollback()


@pytest_asyncio.fixture(scope="session")
async def app(pool: None):
    from app import create_app

    return create_app(pool=False)


@pytest_asyncio.fixture
async def browser(app):
    """A browser without script: keeps cookies, sends what browsers send, submits forms as they stand."""
    from tests.browser import Browser

    async with Browser(app) as opened:
        yield opened


@pytest.fixture(scope="session")
def stand_in():
    """One pretend Stripe per worker."""
    from demo.stripe import running

    with running() as opened:
        yield opened


@pytest.fixture
def stripe_side(stand_in, settings, browser):
    """The stand-in with empty books, as the app's Stripe for this test."""
    from tests.stripe_side import StripeSide

    with StripeSide(stand_in, settings, browser) as side:
        yield side
