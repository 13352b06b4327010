"""What an installation was told by name, and where it keeps what it makes; `kit.config` makes settings of it."""

import ipaddress
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent


class WrongSetting(Exception):
    """A setting that cannot be right. Says its name and what is expected, and never a secret's value."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"{name} {expected}")
        self.name = name


class Said:
    """What was said by name: the environment first, then `.env`; an empty value is none."""

    def __init__(self, environ: Mapping[str, str] | None = None, dotenv: Path = ROOT / ".env") -> None:
        try:
            from_file = {
                name: value or "" for name, value in dotenv_values(dotenv, interpolate=False).items()
            }
        except (OSError, UnicodeDecodeError) as problem:
            raise WrongSetting(dotenv.name, f"cannot be read: {problem}") from problem
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
            found = Path(file).read_text().strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise WrongSetting(f"{name}_FILE", f"names a file that cannot be read: {problem}") from problem
        if not found:
            # Taken for "not given", an empty file would quietly close giving, or have another key made.
            raise WrongSetting(f"{name}_FILE", f"names {file}, which is empty.")
        return found


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
