"""tx(): all or nothing, and nothing leaks, whatever fails."""

import asyncio

import asyncpg
import pytest

from kit import db
from tests import make

pytestmark = pytest.mark.commits


@pytest.fixture(autouse=True)
async def scratch(settings):
    """A table of the owner's that the app may write, and one deferred rule in it."""
    owner = await asyncpg.connect(settings.database_owner_url)
    await owner.execute(
        """
        CREATE TABLE scratch (id serial PRIMARY KEY, n int NOT NULL,
                              CONSTRAINT n_is_unique UNIQUE (n) DEFERRABLE INITIALLY DEFERRED);
        GRANT ALL ON scratch, scratch_id_seq TO almoner_app;
        """
    )
    await owner.close()


async def write(n: int) -> None:
    await db.row("INSERT INTO scratch (n) VALUES ($1)", n)


async def written() -> list[int]:
    return [row["n"] for row in await db.rows("SELECT n FROM scratch ORDER BY n")]


def connections_out() -> int:
    pool = db.engine().pool
    assert pool is not None
    return pool.get_size() - pool.get_idle_size()


async def test_all_of_it_is_kept():
    async with db.tx():
        await write(1)
        await write(2)

    assert await written() == [1, 2]


async def test_nothing_of_it_is_kept_when_it_fails():
    with pytest.raises(ZeroDivisionError):
        async with db.tx():
            await write(1)
            raise ZeroDivisionError

    assert await written() == []
    assert not db.in_tx()


async def test_a_commit_that_fails_leaves_no_row_no_connection_and_no_transaction():
    for _time in range(20):
        with pytest.raises(asyncpg.UniqueViolationError):
            async with db.tx():
                await write(7)
                await write(7)
        assert not db.in_tx()

    assert connections_out() == 0
    await write(8)
    assert await written() == [8]


async def test_a_thousand_cancelled_tasks_leave_nothing():
    async def cut_off(n: int) -> None:
        async with db.tx():
            await write(n)
            await asyncio.sleep(5)

    tasks = [asyncio.create_task(cut_off(n)) for n in range(1000)]
    await asyncio.sleep(0.2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert await written() == []
    assert connections_out() == 0


async def test_a_killed_backend_leaves_nothing_and_the_pool_goes_on():
    for _time in range(5):
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            async with db.tx() as connection:
                await write(1)
                await _kill(connection.get_server_pid())
                await write(2)
        assert not db.in_tx()

    assert await written() == []
    assert connections_out() == 0


async def _kill(pid: int) -> None:
    from kit import config

    killer = await asyncpg.connect(config.settings().database_url)
    await killer.execute("SELECT pg_terminate_backend($1)", pid)
    await killer.close()
    await asyncio.sleep(0.05)


async def test_an_inner_part_can_fail_alone():
    async with db.tx():
        await write(1)
        with pytest.raises(ZeroDivisionError):
            async with db.tx():
                await write(2)
                raise ZeroDivisionError
        async with db.tx():
            await write(3)

    assert await written() == [1, 3]


async def test_an_inner_part_is_lost_with_the_outer():
    with pytest.raises(ZeroDivisionError):
        async with db.tx():
            async with db.tx():
                await write(2)
            raise ZeroDivisionError

    assert await written() == []


async def test_a_deferred_rule_bites_at_the_end_of_the_inner_part():
    async with db.tx():
        await write(1)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with db.tx():
                await write(1)

    assert await written() == [1]


async def test_twenty_serializable_races_count_right():
    await write(0)

    async def count_up() -> None:
        async def work() -> None:
            n = await db.value("SELECT n FROM scratch")
            await asyncio.sleep(0.001)
            await db.row("UPDATE scratch SET n = $1", n + 1)

        while True:
            try:
                return await db.serializable(work)
            except asyncpg.SerializationError:
                continue  # five tries are not for ever; a page would say 503 and be asked again

    await asyncio.gather(*(count_up() for _ in range(20)))

    assert await written() == [20]
    assert connections_out() == 0


async def test_a_task_started_inside_may_not_speak_on_its_connection():
    async with db.tx():
        stray = asyncio.create_task(write(1))
        with pytest.raises(RuntimeError, match="started inside tx"):
            await stray
        await write(2)

    assert await written() == [2]


async def test_piccolos_queries_join():
    from staff.tables import Organisation

    with pytest.raises(ZeroDivisionError):
        async with db.tx():
            await make.organisation()
            assert await Organisation.count() == 1
            raise ZeroDivisionError

    assert await Organisation.count() == 0


async def test_the_apps_role_can_neither_alter_tables_nor_rewrite_the_ledger():
    for statement in (
        "CREATE TABLE mine (id int)",
        "ALTER TABLE gifts ADD COLUMN mine int",
        "DROP TABLE gifts",
        "UPDATE postings SET amount = 1",
        "DELETE FROM journals",
        "UPDATE receipts SET total = 0",
        "DELETE FROM changes",
        "TRUNCATE gifts CASCADE",
        "UPDATE migration SET name = 'x'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.rows(statement)
