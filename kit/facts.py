"""Facts: how a lower room tells upper rooms what happened, without knowing them.

A verb says a fact in its own transaction; each listener becomes a job of its own, so it commits with the change, is
retried alone, and runs to its end at least once per fact. The lower package declares the facts it says; upper
packages listen in their `jobs.py`. `verify()` runs when everything is imported and before anything is said.
"""

import re
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from kit import jobs

Listener = TypeVar("Listener", bound=Callable[..., Awaitable[None]])

_declared: set[str] = set()
_heard: dict[str, list[str]] = {}
_verified = False
_SAID = re.compile(r"""\bfacts\.say\(\s*["']([^"']+)["']""")
_ROOT = Path(__file__).resolve().parent.parent


class Undeclared(LookupError):
    """A fact is said or heard that nobody declared: a slip of the pen, or a missing import."""


def declare(*names: str) -> None:
    """Say which facts this package says; called beside its verbs."""
    _declared.update(names)


def on(
    name: str, *, attempts: int = 8, timeout: timedelta = timedelta(minutes=10)
) -> Callable[[Listener], Listener]:
    """Listen: the function below becomes a job that runs, with what was said, each time `name` is said."""

    def listen(listener: Listener) -> Listener:
        package = listener.__module__.split(".")[0]
        job_name = f"{name}→{package}.{listener.__name__}"

        async def hear(said: list[Any]) -> None:
            await listener(*said)

        hear.__doc__ = listener.__doc__
        jobs.job(job_name, attempts=attempts, timeout=timeout)(hear)
        _heard.setdefault(name, []).append(job_name)
        return listener

    return listen


async def say(name: str, *said: Any) -> None:
    """Promise one job per listener, in the current tx(). What is said is JSON-able: ids, not rows."""
    if name not in _declared:
        raise Undeclared(f"The fact {name!r} is said but not declared.")
    if not _verified:
        raise RuntimeError(
            "facts.verify() did not run: without it listeners may be missing, and the fact would be lost."
        )
    for job_name in _heard.get(name, []):
        await jobs.enqueue(job_name, {"said": list(said)})


def verify() -> None:
    """Refuse to go on when a fact is heard or said that nobody declared. For app.py, the worker and the command line."""
    global _verified
    for name, listeners in _heard.items():
        if name not in _declared:
            raise Undeclared(f"{', '.join(listeners)}: the fact {name!r} is heard but not declared.")
    for module, name in _said_in_our_sources():
        if name not in _declared:
            raise Undeclared(f"{module} says the fact {name!r}, which is not declared.")
    _verified = True


def _said_in_our_sources() -> list[tuple[str, str]]:
    """Facts named in the text of loaded modules, because a verb that is never called in a test can slip, too."""
    found = []
    for module in list(sys.modules.values()):
        path = Path(getattr(module, "__file__", None) or "/")
        inside = path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] not in (
            ".venv",
            "tests",
            "kit",
        )
        if inside and path.suffix == ".py":
            found += [(module.__name__, name) for name in _SAID.findall(path.read_text("utf-8"))]
    return found
