"""The database of this installation, for as long as a command needs it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kit import children, config, postgres


@contextmanager
def database(*, begins: bool = False, migrated: bool = False) -> Iterator[None]:
    """Started for our time if nobody runs it; only who `begins` an installation has one made where none is.

    Raises CannotStart and NoServer, and NotMigrated when it must be `migrated` and is not.
    """
    said = config.Said()
    if said.secret("DATABASE_URL"):
        _try_out(migrated)
        yield
        return
    place = config.folder(said) / "postgres"
    if not begins and not place.exists():
        raise children.CannotStart(
            f"Nothing has begun in {place.parent}: bin/serve makes a demo there, bin/almoner init a real installation."
        )
    with postgres.Server(place):
        _try_out(migrated)
        yield


def _try_out(migrated: bool) -> None:
    from kit import migrations

    asyncio.run(migrations.try_out(migrated=migrated))


def in_application(work: Callable[[], Awaitable[Any]]) -> Any:
    """Do something with the database of this version, the pool and every listener there."""
    with database(migrated=True):
        from app import create_app
        from kit import db

        create_app(pool=False)

        async def inside() -> Any:
            async with db.running():
                return await work()

        return asyncio.run(inside())
