"""Volunteers looked at together: the list, and who gives time but not money, or the reverse."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from kit import days, db
from kit.changes import Actor
from kit.words import _
from volunteers import profiles

PAGE = 50
LISTS = ("all", "time_not_money", "money_not_time")


class Look(msgspec.Struct, frozen=True):
    """What of the list is shown: which list, of which state, with which skill, after which row."""

    list: Literal["all", "time_not_money", "money_not_time"] = "all"
    status: str = ""
    skill: str = ""
    after: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Look":
        """From an address; what cannot be read is everything."""
        list_name = query.get("list", "all")
        return cls(
            list_name if list_name in LISTS else "all",  # pyright: ignore[reportArgumentType]
            query.get("status", "") if query.get("status") in ("active", "paused", "ended") else "",
            query.get("skill", "").replace("\0", "")[:60],
            query.get("after", "").replace("\0", "")[:320],
        )


async def page(look: Look) -> tuple[list[dict[str, Any]], str]:
    """Fifty people in the order of their names, and where the next page begins ("" when there is none).

    `time_not_money` are volunteers who never gave money and may be asked for it; `money_not_time` are donors who never
    volunteered. Who said that they do not want to be asked is in neither.
    """
    sort_key, _bar, id = look.after.rpartition("|")
    found = await db.rows(
        _QUESTIONS[look.list], look.status, look.skill.casefold(), sort_key, int(id) if id.isascii() and id.isdigit() and len(id) < 10 else 0, PAGE + 1,
    )  # fmt: skip
    more = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], f"{more['sort_key']}|{more['id']}" if more else ""


async def ahead(constituent: int) -> list[dict[str, Any]]:
    """A person's shifts to come: shift, title, times, status."""
    return await db.rows(
        """
        SELECT u.id, u.status, s.id AS shift, s.starts_at, s.ends_at, s.zone, o.title, l.name AS place_name
          FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
          JOIN places l ON l.id = coalesce(s.place, o.place)
         WHERE u.constituent = $1 AND s.ends_at > $2 AND u.status IN ('pending', 'confirmed', 'waiting', 'offered')
      ORDER BY s.starts_at, u.id
        """,
        constituent,
        days.now(),
    )


async def save(
    constituent: int, profile: profiles.Profile, private: profiles.Private, *, version: int, by: Actor
) -> None:
    """Profile and what only those see who need it, in one."""
    async with db.tx():
        await profiles.save(constituent, profile, version=version, by=by)
        was = await profiles.private_of(constituent)
        if any(
            was[name] != value
            for name, value in msgspec.structs.asdict(private).items()
            if name != "guardian"
        ):
            await profiles.save_private(constituent, private, by=by)


def day_names() -> list[tuple[str, str]]:
    """Codes and names of the days of the week."""
    names = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return list(zip(profiles.WEEKDAYS, names, strict=True))


def part_names() -> list[tuple[str, str]]:
    """Codes and names of the parts of a day."""
    return [("morning", _("Morning")), ("afternoon", _("Afternoon")), ("evening", _("Evening"))]


_AFTER = '(c.sort_key, c.id) > ($3 COLLATE "C", $4) ORDER BY c.sort_key, c.id LIMIT $5'
_TOTALS = """
    (SELECT coalesce(sum(minutes), 0)::bigint FROM volunteer_totals t WHERE t.constituent = c.id) AS minutes,
    (SELECT max(last_on) FROM volunteer_totals t WHERE t.constituent = c.id) AS last_on
"""
_VOLUNTEERS = f"""
    SELECT c.id, c.name, c.sort_key, c.place, v.status, v.skills, {_TOTALS}
      FROM volunteers v JOIN constituents c ON c.id = v.constituent
     WHERE c.archived_at IS NULL AND NOT c.deceased AND ($1 = '' OR v.status = $1)
       AND ($2 = '' OR EXISTS (SELECT FROM unnest(v.skills) AS s (skill) WHERE lower(skill) = $2))
"""
_QUESTIONS = {
    "all": f"{_VOLUNTEERS} AND {_AFTER}",
    "time_not_money": f"""{_VOLUNTEERS} AND v.may_be_asked_for_money
       AND NOT EXISTS (SELECT FROM giving_totals g WHERE g.constituent = c.id AND g.hard_total > 0) AND {_AFTER}""",
    "money_not_time": f"""
    SELECT c.id, c.name, c.sort_key, c.place, '' AS status, '{{}}'::text[] AS skills, 0::bigint AS minutes, NULL::date AS last_on
      FROM constituents c
     WHERE c.kind = 'person' AND c.archived_at IS NULL AND NOT c.deceased AND $1 = $1 AND $2 = $2
       AND EXISTS (SELECT FROM giving_totals g WHERE g.constituent = c.id AND g.hard_total > 0)
       AND NOT EXISTS (SELECT FROM volunteers v WHERE v.constituent = c.id) AND {_AFTER}""",
}
