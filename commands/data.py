"""What is in the books: taking over another system's, trying every promise, saving and reading back."""

import argparse
import asyncio

from commands.database import database, in_application
from commands.saying import complain, say
from kit import config


def bring(args: argparse.Namespace) -> int:
    from imports import npsp, volunteers

    how = {"npsp": npsp, "volunteers": volunteers}[args.format]
    return in_application(lambda: how.command(args))


def check(_: argparse.Namespace) -> int:
    async def asked() -> list[str]:
        from kit import db
        from reports import invariants

        async with db.tx("repeatable_read") as connection:
            await connection.execute("SET LOCAL statement_timeout = 0")
            return [str(finding) for finding in await invariants.check()]

    broken = in_application(asked)
    say(f"{len(broken)} promises are broken." if broken else "Every promise is kept.")
    return complain(broken)


def save(args: argparse.Namespace) -> None:
    from kit import backup

    with database():
        size = backup.save(config.settings().database_owner_url, args.file)
    say(f"{args.file} holds everything, {size / 1_000_000:.1f} MB.")


def load(args: argparse.Namespace) -> None:
    from kit import backup, migrations

    with database(begins=True):
        backup.load(config.settings().database_owner_url, args.file, replace=args.replace)
        asyncio.run(migrations.migrate())
        asyncio.run(migrations.grant())
    say(f"The database is as {args.file} has it. `almoner check` tries its rules.")
