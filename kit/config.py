"""What an installation can be told, from the environment or `.env`: one typed, frozen object.

Every name here is explained in `.env.example`. A value that cannot be right stops the start with its name and what is
expected, because a server that starts with half of its settings is found out by a donor.
"""

import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from dotenv import dotenv_values

from kit import postgres

ROOT = Path(__file__).resolve().parent.parent
STRIPE_API_VERSION = "2026-10-28.endive"


class WrongSetting(Exception):
    """A setting that cannot be right. Says its name and what is expected, and never a secret's value."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"{name} {expected}")
        self.name = name


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


def read(environ: Mapping[str, str] | None = None, dotenv: Path = ROOT / ".env") -> Settings:
    """What the environment, `.env` and `var/` add up to. The environment wins."""
    said = Said(environ, dotenv)
    var = folder(said)
    demo = demo_in(var)
    if demo is None and said("ALMONER_DEMO") == "1":
        raise WrongSetting("ALMONER_DEMO", "makes a demo only where nothing is yet: start in a new folder.")
    host = said("HOST") or "localhost"
    port = _port(said)
    if demo and not is_loopback(host):
        raise WrongSetting(
            "HOST", "must be localhost in the demo, whose pretend payments are for this computer only."
        )
    if demo and said.secret("DATABASE_URL"):
        raise WrongSetting(
            "DATABASE_URL", "cannot be used with a demo, which has its own database: start in a new folder."
        )
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
        **(_pretend(demo) if demo else {**_mail(said), **_stripe(said)}),
    )


class Said:
    """What was said by name: the environment first, then `.env`; an empty value is none."""

    def __init__(self, environ: Mapping[str, str] | None = None, dotenv: Path = ROOT / ".env") -> None:
        from_file = {name: value or "" for name, value in dotenv_values(dotenv, interpolate=False).items()}
        self._values = {**from_file, **(os.environ if environ is None else environ)}

    def __call__(self, name: str) -> str | None:
        return self._values.get(name, "").strip() or None

    def secret(self, name: str) -> str | None:
        """A value that may lie in a file of its own, named by NAME_FILE."""
        value, file = self(name), self(f"{name}_FILE")
        if value and file:
            raise WrongSetting(name, f"and {name}_FILE are both given: keep one.")
        if not file:
            return value
        try:
            return Path(file).read_text().strip() or None
        except (OSError, UnicodeDecodeError) as problem:
            raise WrongSetting(f"{name}_FILE", f"names a file that cannot be read: {problem}") from problem


def folder(said: Said) -> Path:
    """Where this installation keeps what it makes: key, database, log."""
    return Path(said("ALMONER_VAR") or ROOT / "var").expanduser().resolve()


def is_loopback(host: str) -> bool:
    """Whether a name or address can only be reached from this computer."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def keep_secret(path: Path, content: bytes) -> None:
    """Write a file that only we can read; it is there whole or not at all."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


# ------------------------------------------------------------------------------------------------ demo or real


def demo_in(var: Path) -> Demo | None:
    """The demo that lives in this folder, if it is one."""
    try:
        return msgspec.json.decode((var / "demo.json").read_bytes(), type=Demo)
    except FileNotFoundError:
        return None


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


def _pretend(demo: Demo) -> dict[str, Any]:
    return {
        "smtp_url": f"smtp://127.0.0.1:{demo.mailbox_port}",
        "mail_from": "almoner@demo.example",
        "stripe_secret_key": demo.stripe_secret_key,
        "stripe_webhook_secret": demo.stripe_webhook_secret,
        "stripe_api_base": f"http://127.0.0.1:{demo.standin_port}",
    }


# ------------------------------------------------------------------------------------------------ one by one


def _port(said: Said) -> int:
    port = said("PORT") or "8000"
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise WrongSetting("PORT", f"is {port!r}, and must be a number from 1 to 65535.")
    return int(port)


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
        or parts.query
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
    if not kept.exists():
        try:
            var.mkdir(parents=True, exist_ok=True)
            keep_secret(kept, secrets.token_hex(32).encode())
        except OSError as problem:
            raise WrongSetting(
                "ALMONER_VAR", f"is {var}, where nothing can be written: {problem.strerror}."
            ) from problem
    return kept.read_bytes().strip()


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
        if not url.startswith(("postgresql://", "postgres://")):
            raise WrongSetting(name, "must look like postgresql://user:password@host:5432/database.")
    if app == owner:
        raise WrongSetting(
            "DATABASE_OWNER_URL", "must name another role than DATABASE_URL, which may not change tables."
        )
    return str(app), str(owner)


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
    if url and not (url.startswith(("smtp://", "smtps://")) and urlsplit(url).hostname):
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
