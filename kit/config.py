"""What an installation can be told, from the environment or `.env`: one typed, frozen object.

Every name here is explained in `.env.example`. A value that cannot be right stops the start with its name and what is
expected, because a server that starts with half of its settings is found out by a donor.
"""

import ipaddress
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from kit import postgres
from kit.said import ROOT, Said, WrongSetting, folder, is_loopback, keep_secret

STRIPE_API_VERSION = "2026-10-28.endive"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All that the application is told from outside."""

    base_url: str
    host: str
    port: int
    secret_key: bytes
    demo: bool
    var: Path
    database_url: str
    database_owner_url: str
    trusted_proxies: tuple[str, ...] = ()
    giving_tries: int = 10
    smtp_url: str | None = None
    mail_from: str | None = None
    stripe_secret_key: str | None = None
    stripe_webhook_secret: str | None = None
    stripe_api_base: str | None = None
    stripe_api_version: str = STRIPE_API_VERSION


class Demo(msgspec.Struct, kw_only=True):
    """What a demo remembers from its first start (`var/demo.json`). Only a folder that has this has pretend money."""

    standin_port: int
    mailbox_port: int
    password: str
    stripe_secret_key: str
    stripe_webhook_secret: str
    made: bool = False
    members: dict[str, str] = {}
    """Whom to sign in as: role, and e-mail address."""


_settings: Settings | None = None


def settings() -> Settings:
    """The settings of this process, read once."""
    global _settings
    if _settings is None:
        _settings = read()
    return _settings


def use(chosen: Settings | None) -> None:
    """Let this process run with these settings, as tests do; None has them read again."""
    global _settings
    _settings = chosen


def read(
    environ: Mapping[str, str] | None = None, dotenv: Path = ROOT / ".env", *, begun: Demo | None = None
) -> Settings:
    """What the environment, `.env` and `var/` add up to. The environment wins.

    `begun` is a demo that is about to begin in a folder: a wrong setting stops it before anything is written.
    """
    said = Said(environ, dotenv)
    var = folder(said)
    demo = begun or demo_in(var)
    if said("ALMONER_DEMO") not in (None, "0", "1"):
        raise WrongSetting("ALMONER_DEMO", "must be 0 or 1, or not be there.")
    if demo is None and said("ALMONER_DEMO") == "1":
        raise WrongSetting("ALMONER_DEMO", "makes a demo only where nothing is yet: start in a new folder.")
    host = said("HOST") or "localhost"
    port = _port(said)
    if demo:
        _refuse_what_is_real(said, host)
    database_url, database_owner_url = _databases(said, var)
    return Settings(
        base_url=_base_url(said, host, port),
        host=host,
        port=port,
        secret_key=_secret_key(said, var),
        demo=demo is not None,
        var=var,
        database_url=database_url,
        database_owner_url=database_owner_url,
        trusted_proxies=_trusted_proxies(said),
        giving_tries=_giving_tries(said),
        **(_pretend(demo) if demo else {**_mail(said), **_stripe(said)}),
    )


# ------------------------------------------------------------------------------------------------ demo or real


def demo_in(var: Path) -> Demo | None:
    """The demo that lives in this folder, if it is one."""
    kept = var / "demo.json"
    try:
        return msgspec.json.decode(kept.read_bytes(), type=Demo)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as problem:
        raise WrongSetting(
            "ALMONER_VAR",
            f"is {var}, whose demo.json cannot be read ({problem}): give it back, or take a new folder.",
        ) from problem


def keep_demo(var: Path, demo: Demo) -> None:
    keep_secret(var / "demo.json", msgspec.json.encode(demo))


def may_become_demo(said: Said) -> bool:
    """Only a folder in which nothing has begun, with no database named, becomes a demo."""
    var = folder(said)
    begun = any((var / name).exists() for name in ("demo.json", "real", "postgres"))
    return not begun and not said.secret("DATABASE_URL") and said("ALMONER_DEMO") != "0"


def stay_real(var: Path) -> None:
    """Remember that this is no demo, so that it can never become one."""
    (var / "real").touch()


def new_demo(standin_port: int, mailbox_port: int) -> Demo:
    return Demo(
        standin_port=standin_port,
        mailbox_port=mailbox_port,
        password="-".join(secrets.token_hex(2) for _ in range(3)),
        stripe_secret_key=f"sk_test_{secrets.token_hex(12)}",
        stripe_webhook_secret=f"whsec_{secrets.token_hex(16)}",
    )


def _refuse_what_is_real(said: Said, host: str) -> None:
    """A demo has no use for real addresses, keys and databases: whoever gives one meant no demo, and no donor may meet it."""
    if not is_loopback(host):
        raise WrongSetting(
            "HOST", "must be localhost in the demo, whose pretend payments are for this computer only."
        )
    for name in _REAL:
        if said.secret(name) if name != "BASE_URL" else _is_public(said(name)):
            raise WrongSetting(
                name,
                "cannot be used with a demo, which has its own database, mailbox and pretend Stripe on this "
                "computer: begin a real installation with bin/almoner init in a new folder.",
            )


_REAL = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "SMTP_URL",
    "BASE_URL",
)


def _is_public(url: str | None) -> bool:
    return url is not None and not is_loopback(urlsplit(url).hostname or "")


def _pretend(demo: Demo) -> dict[str, Any]:
    return {
        "smtp_url": f"smtp://127.0.0.1:{demo.mailbox_port}",
        "mail_from": "almoner@demo.example",
        "stripe_secret_key": demo.stripe_secret_key,
        "stripe_webhook_secret": demo.stripe_webhook_secret,
        "stripe_api_base": f"http://127.0.0.1:{demo.standin_port}",
    }


# ------------------------------------------------------------------------------------------------ one by one


def _port(said: Said, name: str = "PORT", usual: int = 8000) -> int:
    port = said(name) or str(usual)
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise WrongSetting(name, f"is {port!r}, and must be a number from 1 to 65535.")
    return int(port)


def demo_ports(said: Said, demo: Demo, port: int) -> tuple[int, int]:
    """The wanted ports of a demo's pretend Stripe and mailbox: as said, as remembered, or beside its own."""
    return (
        _port(said, "STANDIN_PORT", demo.standin_port or min(port + 1, 65535)),
        _port(said, "MAILBOX_SMTP_PORT", demo.mailbox_port or min(port + 2, 65535)),
    )


def _base_url(said: Said, host: str, port: int) -> str:
    """The address that people see, without a slash at its end."""
    if said("BASE_URL") is None and not is_loopback(host):
        raise WrongSetting(
            "HOST", f"is {host!r}, which others can reach: BASE_URL must then be an https:// address."
        )
    url = (said("BASE_URL") or f"http://{_bracketed(host)}:{port}").rstrip("/")
    expected = "must be an address like https://give.example.org, without a path."
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  raises for nonsense
    except ValueError as problem:
        raise WrongSetting("BASE_URL", expected) from problem
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.path
        or "?" in url
        or "#" in url
        or parts.username
    ):
        raise WrongSetting("BASE_URL", expected)
    if parts.scheme == "http" and not (is_loopback(parts.hostname) and is_loopback(host)):
        raise WrongSetting(
            "BASE_URL", "must begin with https:// when HOST or BASE_URL can be reached by others."
        )
    return url


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _secret_key(said: Said, var: Path) -> bytes:
    """Given, or made at the first run and kept."""
    given = said.secret("SECRET_KEY")
    if given:
        if len(given) < 32:
            raise WrongSetting(
                "SECRET_KEY", "must have at least 32 characters; `openssl rand -hex 32` makes one."
            )
        return given.encode()
    kept = var / "secret_key"
    try:
        if not kept.exists():
            var.mkdir(parents=True, exist_ok=True)
            keep_secret(kept, secrets.token_hex(32).encode())
        key = kept.read_bytes().strip()
    except OSError as problem:
        raise WrongSetting(
            "ALMONER_VAR", f"is {var}, where secret_key cannot be read or written: {problem.strerror}."
        ) from problem
    if len(key) < 32:
        raise WrongSetting(
            "SECRET_KEY",
            f"lies in {kept}, which is cut short: give the file back, or remove it for a new key (who is signed in "
            "signs in again).",
        )
    return key


def _databases(said: Said, var: Path) -> tuple[str, str]:
    """The database as the application sees it, and as the owner of its tables does."""
    app, owner = said.secret("DATABASE_URL"), said.secret("DATABASE_OWNER_URL")
    if not app and not owner:
        server = postgres.Server(var / "postgres")
        return server.url(postgres.APP), server.url(postgres.OWNER)
    for name, url in (("DATABASE_URL", app), ("DATABASE_OWNER_URL", owner)):
        if not url:
            raise WrongSetting(
                name, "is missing: the app's role and the owner of the tables are each named by one."
            )
        if not url.startswith(("postgresql://", "postgres://")) or not _has_good_ports(url):
            raise WrongSetting(name, "must look like postgresql://user:password@host:5432/database.")
        if role_of(url) is None:
            raise WrongSetting(name, "must name its role, as in postgresql://role:password@host/database.")
    if app == owner:
        raise WrongSetting(
            "DATABASE_OWNER_URL", "must name another role than DATABASE_URL, which may not change tables."
        )
    return str(app), str(owner)


def _giving_tries(said: Said) -> int:
    text = said("GIVING_TRIES") or "10"
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 1000 and len(text) <= 4):
        raise WrongSetting("GIVING_TRIES", "must be a whole number from 1 to 1000.")
    return int(text)


def _has_good_ports(url: str) -> bool:
    """Every host's port is a number or not there; an address of PostgreSQL may name several hosts."""
    hosts = urlsplit(url).netloc.rpartition("@")[2].split(",")
    return all(re.fullmatch(r"(\[[^]]*\]|[^:]*)(:[0-9]{0,5})?", host, re.ASCII) for host in hosts)


def role_of(url: str) -> str | None:
    """The role that a database's address names."""
    parts = urlsplit(url)
    named = parse_qs(parts.query).get("user", [""])[0]
    return unquote(parts.netloc.rpartition("@")[0].partition(":")[0]) or named or None


def _trusted_proxies(said: Said) -> tuple[str, ...]:
    proxies = tuple(part.strip() for part in (said("TRUSTED_PROXIES") or "").split(",") if part.strip())
    for proxy in proxies:
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError as problem:
            raise WrongSetting(
                "TRUSTED_PROXIES",
                f"has {proxy!r}, and must be addresses or networks like 10.0.0.0/8, with commas.",
            ) from problem
    return proxies


def _mail(said: Said) -> dict[str, Any]:
    url, sender = said.secret("SMTP_URL"), said("MAIL_FROM")
    if url and not (
        url.startswith(("smtp://", "smtps://")) and _has_good_ports(url) and urlsplit(url).hostname
    ):
        raise WrongSetting("SMTP_URL", "must look like smtps://user:password@mail.example.org:465.")
    if url and not sender:
        raise WrongSetting("MAIL_FROM", "is missing: it is the address that letters come from.")
    if sender and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", sender):
        raise WrongSetting("MAIL_FROM", f"is {sender!r}, and must be one plain e-mail address.")
    return {"smtp_url": url, "mail_from": sender}


def _stripe(said: Said) -> dict[str, Any]:
    """Real keys or none; with none, giving is closed. Nothing else than Stripe itself can be named here."""
    key, webhook = said.secret("STRIPE_SECRET_KEY"), said.secret("STRIPE_WEBHOOK_SECRET")
    if key and not key.startswith(("sk_", "rk_")):
        raise WrongSetting("STRIPE_SECRET_KEY", "must begin with sk_ or rk_.")
    if webhook and not webhook.startswith("whsec_"):
        raise WrongSetting("STRIPE_WEBHOOK_SECRET", "must begin with whsec_.")
    if key and not webhook:
        raise WrongSetting("STRIPE_WEBHOOK_SECRET", "is missing: without it nobody hears what Stripe says.")
    if webhook and not key:
        raise WrongSetting("STRIPE_SECRET_KEY", "is missing, but STRIPE_WEBHOOK_SECRET is given.")
    return {"stripe_secret_key": key, "stripe_webhook_secret": webhook}
