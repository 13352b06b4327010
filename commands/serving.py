"""Serving: everything at once until Ctrl-C, and the worker by itself."""

import argparse
import asyncio
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from commands.database import database
from commands.saying import say
from kit import children, config, postgres, rights
from kit.config import ROOT

PYTHON = [sys.executable, str(ROOT / "cli.py")]


def serve(_: argparse.Namespace) -> NoReturn:
    """Everything, until Ctrl-C. This process stays small: it starts the others and looks after them."""
    said = config.Said()
    alone = _only_one(config.folder(said))
    demo = _demo(said)
    # Whatever is wrong is found out before this folder becomes anything.
    settings = config.read(begun=demo)
    if not children.is_free(settings.host, settings.port):
        raise children.CannotStart(
            f"Port {settings.port} is taken by another program: choose one, as in PORT={_another(settings.port)} bin/serve."
        )
    _decide_what_this_is(said, settings, demo)
    alone.write(f"process {os.getpid()}, {settings.base_url}")
    family = children.Family(say)
    _leave_on_signals()
    try:
        _start(family, said)
        family.look_after()
    except _Leave:
        say("\nStopping.")
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


def _demo(said: config.Said) -> config.Demo | None:
    """The demo that lives here, or a new one where nothing is yet."""
    demo = config.demo_in(config.folder(said))
    return config.new_demo(0, 0) if demo is None and config.may_become_demo(said) else demo


def _decide_what_this_is(said: config.Said, settings: config.Settings, demo: config.Demo | None) -> None:
    """A demo where nothing is yet; otherwise what it has been since."""
    if demo is None:
        config.stay_real(settings.var)
        return
    # Remembered addresses stay as they are, unless something else has taken the port meanwhile.
    stand_in, mailbox = config.demo_ports(said, demo, settings.port)
    demo.standin_port = children.free_port(stand_in, but=(settings.port,))
    demo.mailbox_port = children.free_port(mailbox, but=(settings.port, demo.standin_port))
    config.keep_demo(settings.var, demo)


def _another(port: int) -> int:
    return port + 1 if port < 65535 else port - 1


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
    if not migrated:
        _run(
            "migrate",
            "--quietly",
            environ=environ,
            otherwise="The database could not be brought up to this version",
        )
    # What people wait for comes first; the worker has time.
    web = children.Child("web server", _web(settings), environ, ROOT)
    family.start(web)
    if demo:
        family.start(_stand_in(demo, settings, environ))
    _wait_for(web, settings)
    family.start(children.Child("worker", [*PYTHON, "worker"], environ, ROOT))
    if first:
        say("Making the demo's nonprofit; a moment.")
        _run("demo", environ=environ, otherwise="The demo's nonprofit could not be made")
    _greet(settings, config.demo_in(var))


def _run(*words: str, environ: dict[str, str], otherwise: str) -> None:
    """Run another command to its end. When it has said in a sentence why it cannot, there is nothing to add."""
    code = children.run([*PYTHON, *words], environ, ROOT)
    if code == 2:
        raise SystemExit(2)
    if code != 0:
        raise children.CannotStart(f"{otherwise}; the lines above say why.")


def _clear_half_a_demo(var: Path) -> None:
    """A first start that was cut short begins again; there is nothing in it that anybody made."""
    if (var / "postgres").exists():
        postgres.Server(var / "postgres").destroy()
    for left in var.glob("stripe.sqlite*"):
        left.unlink()
    shutil.rmtree(var / "mailbox", ignore_errors=True)


def _is_migrated(server: postgres.Server) -> bool:
    """Whether the database has every migration of the code, and the rights after it; asked without loading them, which takes a second."""
    files = [path.read_text() for path in ROOT.glob("*/piccolo_migrations/*.py")]
    ours = {match[1] for file in files if (match := re.search(r'^ID = "(.+)"$', file, re.MULTILINE))}
    try:
        given, *ran = server.ask(
            f"{rights.ARE_GIVEN}; SELECT name FROM migration",  # noqa: S608  words of ours
            postgres.OWNER,
            postgres.DATABASE,
        ).splitlines()
    except postgres.NoServer:
        return False  # there is no such table yet
    return given == "t" and ours <= set(ran)


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
        say(f"Almoner runs at {settings.base_url}  (Ctrl-C stops it)")
        if settings.stripe_secret_key is None:
            say("Giving is closed: STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET are not set.")
        return
    members = "\n".join(
        f"    {role.replace(chr(95), chr(32)):<22} {email}" for role, email in demo.members.items()
    )
    say(
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


def worker(_: argparse.Namespace) -> None:
    """Until SIGTERM. Making the application is what registers jobs, and the routes that letters name."""
    with database(migrated=True):
        from app import create_app
        from kit import jobs

        create_app(pool=False)
        asyncio.run(jobs.work())
