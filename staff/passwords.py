"""Passwords: argon2id at OWASP's minimum cost, in a thread, a few at a time."""

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kit.errors import Refused
from kit.words import _

SHORTEST = 12
# 19 MiB, two passes, one lane: 27 ms a check. A few at once, so that a crowd at the door cannot take the memory.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_places: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}


class TooWeak(Refused):
    """The password is too easy to guess."""


def check_strength(password: str, *known: str) -> None:
    """Raises TooWeak for a short password, one sign repeated, or one that is the person's own name or address."""
    if len(password) < SHORTEST:
        raise TooWeak(
            _("At least {count} characters. Four words in a row are easy to remember.", count=SHORTEST)
        )
    if len(set(password)) < 5:
        raise TooWeak(_("Too few different characters. Four words in a row are easy to remember."))
    folded = password.casefold()
    # A name of two or three letters is part of many words.
    if any(folded in word.casefold() or (len(word) > 3 and word.casefold() in folded) for word in known):
        raise TooWeak(_("Not your own name or address, which others can guess."))


async def hashed(password: str) -> str:
    """What is stored of a password. Never inside a tx(): it takes its time."""
    async with _place():
        return await asyncio.to_thread(_hasher.hash, password)


async def fits(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one. Without a stored one it takes as long and says no."""
    async with _place():
        right = await asyncio.to_thread(_verified, stored, password)
    return right and stored is not None


def _verified(stored: str | None, password: str) -> bool:
    nobodys = _nobodys()  # made at the first try in any case, so that even this one takes as long for all
    try:
        return _hasher.verify(stored or nobodys, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe())


def _place() -> asyncio.Semaphore:
    return _places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(4))
