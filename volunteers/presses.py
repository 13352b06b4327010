"""Presses as devices send them: several at once, some of them late, each with a key of the device's own."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec

from kit import days
from kit.errors import NotFound, Refused
from kit.words import _
from volunteers.attendance import Press

MOST = 200
# A clock that is wrong by less is right enough: the way to us takes its time, too.
_RIGHT = timedelta(seconds=30)


class Sent(msgspec.Struct):
    """One press; `at` is the device's clock. A walk-in has what was typed instead of a sign-up."""

    key: str
    what: str
    at: datetime
    signup: int = 0
    people: int | None = None
    walk_in: dict[str, str] | None = None

    def __post_init__(self) -> None:
        if not 8 <= len(self.key) <= 60 or "\0" in self.key or not 0 <= self.signup < 2**53:
            raise ValueError("no press")
        if self.at.tzinfo is None:
            self.at = days.now()

    def press(self) -> Press:
        """As attendance takes it. Raises Refused."""
        if self.what not in ("in", "out", "undo"):
            raise Refused(_("Say whether they came or left."))
        if self.people is not None and not 1 <= self.people <= 500:
            raise Refused(_("Count between 1 and 500 people."))
        return Press(self.key, self.signup, self.what, self.at, self.people)  # pyright: ignore[reportArgumentType]


class _Batch(msgspec.Struct):
    """`now` is the device's clock as it sends: by how much it is wrong, all its presses are wrong."""

    presses: list[Sent]
    now: datetime | None = None


def read(body: bytes) -> list[Sent]:
    """The presses of a request's JSON, at most two hundred, each at the time by our clock; the device sends the rest the
    next time. Raises Refused.
    """
    try:
        batch = msgspec.json.decode(body, type=_Batch)
    except msgspec.DecodeError:
        raise Refused(_("These presses cannot be read.")) from None
    wrong = days.now() - batch.now if batch.now is not None and batch.now.tzinfo is not None else timedelta()
    for one in batch.presses[:MOST]:
        one.at = _by_our_clock(one.at, wrong if abs(wrong) > _RIGHT else timedelta())
    return batch.presses[:MOST]


def _by_our_clock(at: datetime, wrong: timedelta) -> datetime:
    try:
        at += wrong
    except OverflowError:
        return days.now()
    return at if 2000 < at.year < 2200 else days.now()


def from_form(said: Any) -> Sent:
    """One press of a form, where there is no script. Raises Refused."""
    signup, people = (str(said.get(name, "")) for name in ("signup", "people"))
    if not _is_number(signup):
        raise Refused(_("Choose somebody of the list."))
    return Sent(
        key=uuid4().hex,
        what=str(said.get("what", "")),
        at=days.now(),
        signup=int(signup),
        people=int(people) if _is_number(people) else None,
    )


async def answers(sent: list[Sent], take: Callable[[Sent], Awaitable[None]]) -> dict[str, Any]:
    """What became of each press: nothing in `problem` when it was taken (or had been before)."""
    return {"taken": [{"key": one.key, "problem": await _problem(one, take)} for one in sent]}


async def _problem(one: Sent, take: Callable[[Sent], Awaitable[None]]) -> str:
    try:
        await take(one)
    except Refused as no:
        return str(no)
    except NotFound:
        return _("This person is not on the list.")
    return ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
