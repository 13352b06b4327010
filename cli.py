"""The `almoner` command. Each command imports what it needs when it runs, so that `serve` starts at once."""

import argparse
import asyncio
import getpass
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from kit import children, config, postgres
from kit.config import ROOT, WrongSetting
from kit.errors import Refused

PYTHON = [sys.executable, str(ROOT / "cli.py")]


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
        prog="almoner", description="Almoner keeps a nonprofit's people and gifts."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int | None], help: str
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help, description=help)
        made.set_defaults(run=run)
        return made

    command("serve", serve, "Run everything: database, web, worker; in a new folder as a demo.")
    init = command("init", begin, "Begin a real installation: the organisation and its first administrator.")
    init.add_argument("--organisation", help="the organisation's legal name")
    init.add_argument("--country", help="its country, two letters (US)")
    init.add_argument("--email", help="the first administrator's e-mail address")
    init.add_argument("--name", help="the first administrator's name")
    init.add_argument(
        "--password-file", type=Path, help="a file with the administrator's password; asked for otherwise"
    )
    command("worker", worker, "Do jobs until told to stop.")
    migrates = command("migrate", migrate, "Bring the database up to this version.")
    migrates.add_argument("--quietly", action="store_true", help="say nothing when all is well")
    command("check", check, "Try every promise that the books must keep.")
    brought = command("import", bring, "Take over the data of another system.")
    brought.add_argument("format", choices=["npsp"], help="npsp: a Salesforce NPSP export")
    brought.add_argument("folder", type=Path, metavar="DIR", help="the folder or zip file of the export")
    brought.add_argument("--dry-run", action="store_true", help="read and check only, write nothing")
    brought.add_argument(
        "--stage",
        action="append",
        metavar="NAME=MEANING",
        help="what an unknown stage means: gift, pledge, open, lost",
    )
    backup = command("backup", save, "Write everything into one file.")
    backup.add_argument("file", type=Path)
    restore = command("restore", load, "Read what `backup` wrote into an empty database.")
    restore.add_argument("file", type=Path)
    restore.add_argument("--replace", action="store_true", help="delete what the database holds now")
    command("demo", demo, "Make the demo's nonprofit (`serve` does it in a new folder).")
    command(
        "check-migrations", check_migrations, "For developers: do the migrations make the tables of the code?"
    )
    command("check-vendored", check_vendored, "For developers: are vendored files what VENDORED.md says?")
    return parser


# ------------------------------------------------------------------------------------------------------------ serve


def serve(_: argparse.Namespace) -> NoReturn:
    """Everything, until Ctrl-C. This process stays small: it starts the others and looks after them."""
    said = config.Said()
    alone = _only_one(config.folder(said))
    _decide_what_this_is(said)
    settings = config.read()
    if not children.is_free(settings.host, settings.port):
        raise children.CannotStart(
            f"Port {settings.port} is taken by another program: choose one, as in PORT={settings.port + 1} bin/serve."
        )
    alone.write(f"process {os.getpid()}, {settings.base_url}")
    family = children.Family(_say)
    _leave_on_signals()
    try:
        _start(family, said)
        family.look_after()
    except _Leave:
        print("\nStopping.", flush=True)
        raise SystemExit(0) from None
    finally:
        family.stop()


class _Leave(BaseException):
    """Somebody wants us to stop."""


def _leave_on_signals() -> None:
    def leave(*_: object) -> NoReturn:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise _Leave

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def _only_one(var: Path) -> children.OnlyOne:
    try:
        var.mkdir(parents=True, exist_ok=True)
        alone = children.OnlyOne(var / "serve.lock")
        if not alone.take():
            raise children.CannotStart(
                f"Almoner already runs in this folder ({alone.holder()}): use it, or stop it first."
            )
    except OSError as problem:
        raise children.CannotStart(
            f"{var} cannot be written ({problem.strerror}): give yourself the right to, or set ALMONER_VAR to another folder."
        ) from problem
    return alone


def _decide_what_this_is(said: config.Said) -> None:
    """A demo where nothing is yet; otherwise what it has been since."""
    var = config.folder(said)
    demo = config.demo_in(var)
    if demo is None and config.may_become_demo(said):
        demo = config.new_demo(0, 0)
    if demo is None:
        config.stay_real(var)
        return
    # Remembered addresses stay as they are, unless something else has taken the port meanwhile.
    port = int(said("PORT") or 8000) if (said("PORT") or "8000").isdecimal() else 8000
    demo.standin_port = children.free_port(int(said("STANDIN_PORT") or demo.standin_port or port + 1))
    demo.mailbox_port = children.free_port(int(said("MAILBOX_SMTP_PORT") or demo.mailbox_port or port + 2))
    config.keep_demo(var, demo)


def _start(family: children.Family, said: config.Said) -> None:
    var = config.folder(said)
    environ = {**os.environ, "ALMONER_VAR": str(var), "PYTHONUNBUFFERED": "1"}
    demo = config.demo_in(var)
    first = demo is not None and not demo.made
    if first:
        _clear_half_a_demo(var)
    migrated = False
    if not said.secret("DATABASE_URL"):
        server = postgres.Server(var / "postgres")
        family.start(server)
        migrated = _is_migrated(server)
    settings = config.read()
    if not migrated and not children.run([*PYTHON, "migrate", "--quietly"], environ, ROOT):
        raise children.CannotStart(
            "The database could not be brought up to this version; the lines above say why."
        )
    # What people wait for comes first; the worker has time.
    web = children.Child("web server", _web(settings), environ, ROOT)
    family.start(web)
    if demo:
        family.start(_stand_in(demo, settings, environ))
    _wait_for(web, settings)
    family.start(children.Child("worker", [*PYTHON, "worker"], environ, ROOT))
    if first:
        _say("Making the demo's nonprofit; a moment.")
        if not children.run([*PYTHON, "demo"], environ, ROOT):
            raise children.CannotStart("The demo's nonprofit could not be made; the lines above say why.")
    _greet(settings, config.demo_in(var))


def _clear_half_a_demo(var: Path) -> None:
    """A first start that was cut short begins again; there is nothing in it that anybody made."""
    if (var / "postgres").exists():
        postgres.Server(var / "postgres").destroy()
    for left in var.glob("stripe.sqlite*"):
        left.unlink()
    shutil.rmtree(var / "mailbox", ignore_errors=True)


def _is_migrated(server: postgres.Server) -> bool:
    """Whether the database has every migration of the code; asked without loading them, which takes a second."""
    files = [path.read_text() for path in ROOT.glob("*/piccolo_migrations/*.py")]
    ours = {match[1] for file in files if (match := re.search(r'^ID = "(.+)"$', file, re.MULTILINE))}
    try:
        ran = server.ask("SELECT name FROM migration", postgres.OWNER, postgres.DATABASE)
    except postgres.NoServer:
        return False  # there is no such table yet
    return ours <= set(ran.splitlines())


def _stand_in(demo: config.Demo, settings: config.Settings, environ: dict[str, str]) -> children.Child:
    """Pretend Stripe and pretend mail, which only a demo has."""
    told = {
        "STANDIN_PORT": str(demo.standin_port),
        "MAILBOX_SMTP_PORT": str(demo.mailbox_port),
        "STRIPE_WEBHOOK_URL": f"http://{_reachable(settings.host)}:{settings.port}/webhooks/stripe",
        "STRIPE_WEBHOOK_SECRET": demo.stripe_webhook_secret,
        "STRIPE_SECRET_KEY": demo.stripe_secret_key,
    }
    command = [sys.executable, "-m", "demo"]
    return children.Child("pretend Stripe and mailbox", command, {**environ, **told}, ROOT, says_ready=True)


def _web(settings: config.Settings) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "app:create_app",
        "--factory",
        "--no-access-log",
        "--no-server-header",
    ]
    command += ["--host", _reachable(settings.host, bind=True), "--port", str(settings.port)]
    command += ["--log-level", "warning", "--timeout-graceful-shutdown", "5"]
    if settings.trusted_proxies:
        return [*command, "--proxy-headers", "--forwarded-allow-ips", ",".join(settings.trusted_proxies)]
    return [*command, "--no-proxy-headers"]


def _reachable(host: str, bind: bool = False) -> str:
    """An address for a host: localhost is not looked up, because it may name an IPv6 that is switched off."""
    if host == "localhost":
        return "127.0.0.1"
    if not bind and host in ("0.0.0.0", "::"):  # noqa: S104  asked, not bound
        return "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return host


def _wait_for(web: children.Child, settings: config.Settings) -> None:
    deadline = time.monotonic() + 60
    while not children.answers(_reachable(settings.host), settings.port, "/healthz"):
        if how := web.ended():
            raise children.CannotStart(f"The web server ended ({how}); the lines above say why.")
        if time.monotonic() > deadline:
            raise children.CannotStart("The web server does not say that it is well after a minute.")
        time.sleep(0.1)


def _greet(settings: config.Settings, demo: config.Demo | None) -> None:
    if demo is None:
        _say(f"Almoner runs at {settings.base_url}  (Ctrl-C stops it)")
        if settings.stripe_secret_key is None:
            _say("Giving is closed: STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET are not set.")
        return
    members = "\n".join(
        f"    {role.replace(chr(95), chr(32)):<22} {email}" for role, email in demo.members.items()
    )
    _say(
        f"""
Almoner runs at {settings.base_url}  (Ctrl-C stops it)

  Give as a donor    {settings.base_url}/give  (card 4242 4242 4242 4242)
  Read the mail      http://127.0.0.1:{demo.standin_port}/mailbox
  Pretend Stripe     http://127.0.0.1:{demo.standin_port}/control

  Sign in at {settings.base_url}/sign-in with the password {demo.password} as
{members}

  This is a demo: the nonprofit, its people and its gifts are invented, Stripe is pretend, no card is charged and
  no mail leaves this computer. A real installation begins with bin/almoner init in another folder.
"""
    )


def _say(line: str) -> None:
    print(line, flush=True)


# ------------------------------------------------------------------------------------------------- one after another


def begin(args: argparse.Namespace) -> None:
    """A real installation, empty. What is not given as an option is asked."""
    said = config.Said()
    if config.demo_in(config.folder(said)):
        raise children.CannotStart(
            "This folder is a demo and stays one: begin a real installation in another folder."
        )
    organisation = args.organisation or _ask("Legal name of the organisation")
    country = args.country or _ask("Its country, two letters", "US")
    name = args.name or _ask("Name of the first administrator")
    email = args.email or _ask("E-mail address of the first administrator")
    password = args.password_file.read_text().strip() if args.password_file else _ask_password()

    async def found() -> None:
        from donations import funds
        from kit import changes, db
        from staff import members
        from staff import organisation as organisations

        # Without a fund nobody can give anything to anything.
        general = funds.FundDetails(name="General fund", is_general=True, public=True)
        async with db.tx():
            await organisations.found(name=organisation, country=country, by=changes.SYSTEM)
            await members.invite_first(name=name, email=email, password=password)
            await funds.create(general, by=changes.SYSTEM)

    with _database():
        from kit import migrations

        config.stay_real(config.settings().var)
        asyncio.run(migrations.migrate())
        _in_application(found)
    _say("Done. Start it with bin/serve, sign in, and complete what receipts need under Organisation.")


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
        _say("The two are not the same.")


def worker(_: argparse.Namespace) -> None:
    """Until SIGTERM. Making the application is what registers jobs, and the routes that letters name."""
    with _database():
        from app import create_app
        from kit import jobs

        create_app(pool=False)
        asyncio.run(jobs.work())


def migrate(args: argparse.Namespace) -> None:
    with _database():
        from kit import migrations

        ran = asyncio.run(migrations.migrate())
    if not args.quietly:
        _say("\n".join(ran) or "The database is up to date.")


def demo(_: argparse.Namespace) -> None:
    """Only where `serve` has begun a demo."""
    var = config.folder(config.Said())
    begun = config.demo_in(var)
    if begun is None or begun.made:
        raise children.CannotStart("This folder is no new demo; bin/serve in a new folder makes one.")

    from demo import nonprofit

    begun.members = _in_application(lambda: nonprofit.make(password=begun.password))
    begun.made = True
    config.keep_demo(var, begun)


def bring(args: argparse.Namespace) -> int:
    from imports import npsp

    return _in_application(lambda: npsp.command(args))


def check(_: argparse.Namespace) -> int:
    async def asked() -> list[str]:
        from kit import db
        from reports import invariants

        async with db.tx("repeatable_read") as connection:
            await connection.execute("SET LOCAL statement_timeout = 0")
            return [str(finding) for finding in await invariants.check()]

    broken = _in_application(asked)
    _say(f"{len(broken)} promises are broken." if broken else "Every promise is kept.")
    return _complain(broken)


def save(args: argparse.Namespace) -> None:
    from kit import backup

    with _database():
        size = backup.save(config.settings().database_owner_url, args.file)
    _say(f"{args.file} holds everything, {size / 1_000_000:.1f} MB.")


def load(args: argparse.Namespace) -> None:
    from kit import backup, migrations

    with _database():
        backup.load(config.settings().database_owner_url, args.file, replace=args.replace)
        asyncio.run(migrations.migrate())
        asyncio.run(migrations.grant())
    _say(f"The database is as {args.file} has it. `almoner check` tries its rules.")


def check_migrations(_: argparse.Namespace) -> int:
    from kit import upkeep

    return _complain(asyncio.run(upkeep.unmigrated()))


def check_vendored(_: argparse.Namespace) -> int:
    from kit import vendored

    return _complain(vendored.faults())


def _complain(sentences: list[str]) -> int:
    for sentence in sentences:
        _say(sentence)
    return 1 if sentences else 0


@contextmanager
def _database() -> Iterator[None]:
    """The database of this installation, started for our time if nobody runs it."""
    said = config.Said()
    if said.secret("DATABASE_URL"):
        yield
        return
    with postgres.Server(config.folder(said) / "postgres"):
        yield


def _in_application(work: Callable[[], Awaitable[Any]]) -> Any:
    """Do something with the database, the pool and every listener there."""
    with _database():
        from app import create_app
        from kit import db

        create_app(pool=False)

        async def inside() -> Any:
            async with db.running():
                return await work()

        return asyncio.run(inside())


if __name__ == "__main__":
    sys.exit(main())
