"""The `almoner` command: its words. What they do is in `commands/`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from commands import data, installation, serving
from kit import children, postgres
from kit.config import WrongSetting
from kit.errors import Refused


def main(words: list[str] | None = None) -> int:
    """Run one command; what cannot be done is one sentence, not a traceback."""
    args = _parser().parse_args(words)
    try:
        return args.run(args) or 0
    except (WrongSetting, postgres.NoServer, children.CannotStart, Refused) as problem:
        print(f"almoner: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="almoner", description="Almoner keeps a nonprofit's people, gifts and volunteers."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int | None], help: str
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help, description=help)
        made.set_defaults(run=run)
        return made

    command("serve", serving.serve, "Run everything: database, web, worker; in a new folder as a demo.")
    init = command(
        "init", installation.begin, "Begin a real installation: the organisation and its first administrator."
    )
    init.add_argument("--organisation", help="the organisation's legal name")
    init.add_argument("--country", help="its country, two letters (US)")
    init.add_argument("--email", help="the first administrator's e-mail address")
    init.add_argument("--name", help="the first administrator's name")
    init.add_argument(
        "--password-file", type=Path, help="a file with the administrator's password; asked for otherwise"
    )
    command("worker", serving.worker, "Do jobs until told to stop.")
    migrates = command("migrate", installation.migrate, "Bring the database up to this version.")
    migrates.add_argument("--quietly", action="store_true", help="say nothing when all is well")
    command("check", data.check, "Try every promise that the books must keep.")
    brought = command("import", data.bring, "Take over the data of another system.")
    brought.add_argument(
        "format",
        choices=["npsp", "volunteers"],
        help="npsp: a Salesforce NPSP export; volunteers: volunteers, shifts and hours",
    )
    brought.add_argument(
        "folder",
        type=Path,
        metavar="FILE",
        help="the folder or zip file of the export; of volunteers also one CSV or XLSX",
    )
    brought.add_argument("--dry-run", action="store_true", help="read and check only, write nothing")
    brought.add_argument(
        "--stage",
        action="append",
        metavar="NAME=MEANING",
        help="what an unknown stage means: gift, pledge, open, lost",
    )
    brought.add_argument(
        "--days",
        choices=["month-first", "day-first"],
        help="how days like 03/04/2026 are meant, where a file of volunteers does not show it",
    )
    backup = command("backup", data.save, "Write everything into one file.")
    backup.add_argument("file", type=Path)
    restore = command("restore", data.load, "Read what `backup` wrote into an empty database.")
    restore.add_argument("file", type=Path)
    restore.add_argument("--replace", action="store_true", help="delete what the database holds now")
    command("demo", installation.demo, "Make the demo's nonprofit (`serve` does it in a new folder).")
    command(
        "check-migrations",
        installation.check_migrations,
        "For developers: do the migrations make the tables of the code?",
    )
    command(
        "check-vendored",
        installation.check_vendored,
        "For developers: are vendored files what VENDORED.md says?",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
