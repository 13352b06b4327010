"""The installation itself: beginning one, bringing it up to this version, and what developers ask of it."""

import argparse
import asyncio
import getpass
import sys
from pathlib import Path

from commands.database import database, in_application
from commands.saying import complain, say
from kit import children, config


def begin(args: argparse.Namespace) -> None:
    """A real installation, empty. What is not given as an option is asked."""
    said = config.Said()
    if config.demo_in(config.folder(said)):
        raise children.CannotStart(
            "This folder is a demo and stays one: begin a real installation in another folder."
        )
    from staff import first_run

    founding = asyncio.run(
        first_run.look_over(
            organisation=args.organisation or _ask("Legal name of the organisation"),
            country=args.country or _ask("Its country, two letters", "US"),
            name=args.name or _ask("Name of the first administrator"),
            email=args.email or _ask("E-mail address of the first administrator"),
            password=_from_file(args.password_file) if args.password_file else _ask_password(),
        )
    )

    async def found() -> None:
        from donations import funds
        from kit import changes, db

        # Without a fund nobody can give anything to anything.
        general = funds.FundDetails(name="General fund", is_general=True, public=True)
        async with db.tx():
            await first_run.found(founding, by=changes.SYSTEM)
            await funds.create(general, by=changes.SYSTEM)

    settings = config.read()
    with database(begins=True):
        from kit import migrations

        config.stay_real(settings.var)
        asyncio.run(migrations.migrate())
        in_application(found)
    say("Done. Start it with bin/serve, sign in, and complete what receipts need under Organisation.")


def _from_file(file: Path) -> str:
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise children.CannotStart(
            f"--password-file names a file that cannot be read: {problem}"
        ) from problem


def _ask(what: str, otherwise: str = "") -> str:
    if not sys.stdin.isatty():
        raise children.CannotStart(
            f"{what}: give it as an option (almoner init --help), or run this at a terminal."
        )
    while True:
        answer = input(f"{what}{f' [{otherwise}]' if otherwise else ''}: ").strip() or otherwise
        if answer:
            return answer


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise children.CannotStart("The administrator's password: give it as --password-file FILE.")
    while True:
        first = getpass.getpass("Password of the first administrator: ")
        if first and first == getpass.getpass("Once more: "):
            return first
        say("The two are not the same.")


def migrate(args: argparse.Namespace) -> None:
    with database():
        from kit import migrations

        ran = asyncio.run(migrations.migrate())
    if not args.quietly:
        say("\n".join(ran) or "The database is up to date.")


def demo(_: argparse.Namespace) -> None:
    """Only where `serve` has begun a demo."""
    var = config.folder(config.Said())
    begun = config.demo_in(var)
    if begun is None or begun.made:
        raise children.CannotStart("This folder is no new demo; bin/serve in a new folder makes one.")

    from demo import nonprofit

    begun.members = in_application(lambda: nonprofit.make(password=begun.password))
    begun.made = True
    config.keep_demo(var, begun)


def check_migrations(_: argparse.Namespace) -> int:
    from kit import upkeep

    return complain(asyncio.run(upkeep.unmigrated()))


def check_vendored(_: argparse.Namespace) -> int:
    from kit import vendored

    return complain(vendored.faults())
