"""Nobody is in two places: the sentence for what the database refuses."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg

from kit import db
from kit.errors import Refused
from kit.templates import hours, span
from kit.words import _, ngettext

_RULE = "nobody_is_in_two_places"
# Less than this between two places is worth a word: nobody told us how far they are from each other.
_TIME_TO_TRAVEL = timedelta(hours=1)


class Clash(Refused):
    """Somebody would be in two places, or in one without the rest before it."""


@asynccontextmanager
async def said() -> AsyncIterator[None]:
    """A savepoint in which a clash becomes a sentence that names it."""
    try:
        async with db.tx():
            yield
    except asyncpg.ExclusionViolationError as refused:
        if getattr(refused, "constraint_name", "") != _RULE:
            raise
        raise Clash(await _sentence(getattr(refused, "detail", "") or "")) from None


async def of(constituent: int, shift_id: int) -> list[dict[str, Any]]:
    """The sign-ups of a person that a shift would clash with: title, starts_at, ends_at, zone; `rest` is the minutes that
    are asked for between the two, and 0 where they are at the same time.
    """
    return await db.rows(
        """
        SELECT u.id, o.title, s.id AS shift, s.starts_at, s.ends_at, s.zone,
               CASE WHEN s.ends_at <= new.starts_at THEN s.rest_minutes
                    WHEN new.ends_at <= s.starts_at THEN new.rest_minutes ELSE 0 END AS rest
          FROM shifts new
          JOIN signups u ON u.constituent = $1 AND u.status IN ('pending', 'confirmed')
               AND u.occupied && time_taken_by(new)
          JOIN shifts s ON s.id = u.shift AND s.id <> new.id JOIN opportunities o ON o.id = s.opportunity
         WHERE new.id = $2 ORDER BY s.starts_at
        """,
        constituent,
        shift_id,
    )


def sentence_for(name: str, clash: dict[str, Any]) -> str:
    """“Ada Lovelace is already at Sorting, Saturday 5 December, 09:00 to 12:00.” with the rest if that is what lacks."""
    when = span(clash["starts_at"], clash["ends_at"], clash["zone"])
    if clash["rest"]:
        return _(
            "{name} is at {title}, {when}, and needs {rest} of rest between the two shifts.",
            name=name, title=clash["title"], when=when, rest=hours(clash["rest"]),
        )  # fmt: skip
    return _("{name} is already at {title}, {when}.", name=name, title=clash["title"], when=when)


async def travel(constituent: int, shift_id: int) -> list[str]:
    """Sentences about shifts elsewhere so soon before or after this one that the way may take longer. Never a refusal."""
    found = await db.rows(
        """
        SELECT o.title, l.name AS place, s.starts_at, s.ends_at, s.zone,
               greatest(new.starts_at - s.ends_at, s.starts_at - new.ends_at) AS between
          FROM shifts new JOIN opportunities a ON a.id = new.opportunity
          JOIN signups u ON u.constituent = $1 AND u.status IN ('pending', 'confirmed')
          JOIN shifts s ON s.id = u.shift AND s.id <> new.id
               AND s.ends_at >= new.starts_at - $3::interval AND s.starts_at <= new.ends_at + $3::interval
          JOIN opportunities o ON o.id = s.opportunity JOIN places l ON l.id = coalesce(s.place, o.place)
         WHERE new.id = $2 AND l.id <> coalesce(new.place, a.place) ORDER BY s.starts_at
        """,
        constituent,
        shift_id,
        _TIME_TO_TRAVEL,
    )
    return [_of_the_way(one) for one in found]


def _of_the_way(other: dict[str, Any]) -> str:
    said = {
        "title": other["title"],
        "place": other["place"],
        "when": span(other["starts_at"], other["ends_at"], other["zone"]),
    }
    minutes = max(0, int(other["between"].total_seconds() // 60))
    if not minutes:
        return _(
            "There is no break between this shift and {title} at {place}, {when}: is there time for the way?",
            **said,
        )
    return ngettext(
        "Only {count} minute lies between this shift and {title} at {place}, {when}: is that enough for the way?",
        "Only {count} minutes lie between this shift and {title} at {place}, {when}: is that enough for the way?",
        minutes,
        **said,
    )


async def _sentence(detail: str) -> str:
    """Who, from what PostgreSQL says: "Key (constituent, occupied)=(7, […)) conflicts with existing key …"."""
    who = re.search(r"=\((\d+),", detail)
    name = await db.value("SELECT name FROM constituents WHERE id = $1", int(who[1])) if who else None
    if name is None:
        return _("Somebody would be in two places at once.")
    return _("{name} would be in two places at once. Take them off one of the two first.", name=name)
