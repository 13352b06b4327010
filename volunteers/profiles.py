"""Volunteers: what a constituent is as one, and what only those see who need it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from constituents import timeline
from kit import changes, days, db
from kit.changes import Actor
from kit.errors import Conflict, NotFound, Refused
from kit.words import _
from staff import organisation

PARTS_OF_DAY = ("morning", "afternoon", "evening")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AVAILABILITY = tuple(f"{day}-{part}" for day in WEEKDAYS for part in PARTS_OF_DAY)


class ChangedMeanwhile(Conflict):
    """Somebody else saved this profile first. `now` is the version that stands."""

    def __init__(self, now: int) -> None:
        super().__init__(
            _("Somebody else changed this profile meanwhile. Look at both versions, then save again.")
        )
        self.now = now


class CannotBegin(Refused):
    """Who has died, and whose record is archived, does not become a volunteer."""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What volunteers tell of themselves."""

    status: str = "active"
    skills: Sequence[str] = ()
    languages: Sequence[str] = ()
    interests: Sequence[str] = ()
    availability: Sequence[str] = ()
    may_be_asked: bool = True
    may_be_asked_for_money: bool = True
    notes: str = ""


class Private(msgspec.Struct, frozen=True, kw_only=True):
    """What only those see who need it: the permission volunteers.write, and the lead of a shift on its day."""

    born_on: date | None = None
    guardian: int | None = None
    guardian_name: str = ""
    guardian_phone: str = ""
    emergency_name: str = ""
    emergency_phone: str = ""


async def ensure(constituent: int, *, by: Actor) -> None:
    """Whoever signs up is a volunteer from that day on."""
    async with db.tx():
        today = days.today((await organisation.needed())["zone"])
        new = await db.value(
            "INSERT INTO volunteers (constituent, joined_on) VALUES ($1, $2) ON CONFLICT (constituent) DO NOTHING RETURNING id",
            constituent,
            today,
        )
        if new is not None:
            await changes.note("volunteer.joined", "constituent", constituent, by=by, subject=constituent)
            await timeline.write(
                constituent, "volunteer", constituent, happened_on=today, title=_("Became a volunteer"),
                route="volunteers:show", route_id=constituent, permission="volunteers.read",
            )  # fmt: skip


async def save(
    constituent: int, profile: Profile, private: Private | None = None, *, version: int, by: Actor
) -> None:
    """Change a profile, and with `private` what only those see who need it.

    Version 0 says that there was none when the form was opened. Raises ChangedMeanwhile when somebody else saved first.
    """
    async with db.tx():
        await ensure(constituent, by=by)
        was = await _locked(constituent)
        # Whoever signs up has an empty profile of version 1, which nobody typed.
        if was["version"] != max(version, 1):
            raise ChangedMeanwhile(was["version"])
        new = msgspec.structs.asdict(profile)
        new["availability"] = [slot for slot in AVAILABILITY if slot in set(profile.availability)]
        new["languages"] = list(dict.fromkeys(profile.languages))
        for name in ("skills", "interests"):
            new[name] = await _spelled_as_before(name, new[name])
        places = ", ".join(f"{name} = ${n}" for n, name in enumerate(new, start=2))
        await db.row(
            f"UPDATE volunteers SET {places}, version = version + 1 WHERE constituent = $1",  # noqa: S608  names of ours
            constituent,
            *new.values(),
        )
        await changes.note(
            "volunteer.changed", "constituent", constituent, by=by, subject=constituent,
            before={name: was[name] for name in new}, after=new,
        )  # fmt: skip
        if private is not None:
            await _save_private(constituent, private, by=by)


async def save_private(constituent: int, private: Private, *, by: Actor) -> None:
    """Change what only those see who need it, alone; who has the profile open is told that it changed."""
    async with db.tx():
        await ensure(constituent, by=by)
        await _locked(constituent)
        if await _save_private(constituent, private, by=by):
            await db.row("UPDATE volunteers SET version = version + 1 WHERE constituent = $1", constituent)


async def _save_private(constituent: int, private: Private, *, by: Actor) -> bool:
    """The trail says that it was changed, not to what: whoever reads trails needs none of this."""
    new = msgspec.structs.asdict(private)
    was = await private_of(constituent)
    if all(was[name] == value for name, value in new.items()):
        return False
    columns, places = ", ".join(new), ", ".join(f"${n}" for n in range(2, len(new) + 2))
    settings = ", ".join(f"{name} = excluded.{name}" for name in new)
    await db.row(
        f"INSERT INTO volunteers_private (constituent, {columns}) VALUES ($1, {places})"  # noqa: S608  names of ours
        f" ON CONFLICT (constituent) DO UPDATE SET {settings}, version = volunteers_private.version + 1",
        constituent,
        *new.values(),
    )
    await changes.note("volunteer.private_changed", "constituent", constituent, by=by)
    return True


async def get(constituent: int) -> dict[str, Any]:
    """A profile with the person's name; raises NotFound for who is no volunteer."""
    known = 0 < constituent < 2**31
    found = (
        await db.row(
            "SELECT v.*, c.name FROM volunteers v JOIN constituents c ON c.id = v.constituent WHERE v.constituent = $1",
            constituent,
        )
        if known
        else None
    )
    if found is None:
        raise NotFound(f"volunteer {constituent}")
    return found


async def check_may_be_one(who: dict[str, Any]) -> None:
    """Raises NotFound for a household, whose members volunteer, and CannotBegin, unless they are a volunteer already."""
    if who["kind"] == "household":
        raise NotFound(f"volunteer {who['id']}")
    if (who["deceased"] or who["archived_at"]) and not await are_volunteers([who["id"]]):
        raise CannotBegin(
            _("{name} has died.", name=who["name"])
            if who["deceased"]
            else _("This record is archived. Restore it first, then make them a volunteer.")
        )


async def are_volunteers(people: Sequence[int]) -> set[int]:
    """Those of some people who are volunteers."""
    found = await db.rows("SELECT constituent FROM volunteers WHERE constituent = ANY ($1)", list(people))
    return {row["constituent"] for row in found}


async def private_of(constituent: int) -> dict[str, Any]:
    """What only those see who need it; empty values where nothing is known."""
    found = await db.row("SELECT * FROM volunteers_private WHERE constituent = $1", constituent)
    return found or msgspec.structs.asdict(Private())


# SQL: whom to call for a minor; `p` is what is private of them, `g` their guardian's record.
GUARDIAN = """coalesce(g.name, p.guardian_name) AS guardian_name,
    coalesce((SELECT number FROM phones t WHERE t.constituent = g.id ORDER BY preferred DESC, t.id LIMIT 1),
             p.guardian_phone) AS guardian_phone"""


async def to_call(shift_id: int) -> dict[int, dict[str, Any]]:
    """Of everybody with a place on a shift: emergency_name, emergency_phone, guardian_name, guardian_phone; by constituent.

    For its lead on its day. A guardian with a record is called by its preferred phone.
    """
    found = await db.rows(
        f"""
        SELECT * FROM (
            SELECT p.constituent, p.emergency_name, p.emergency_phone, {GUARDIAN}
              FROM signups u JOIN volunteers_private p ON p.constituent = u.constituent
              LEFT JOIN constituents g ON g.id = p.guardian
             WHERE u.shift = $1 AND u.status = 'confirmed') AS known
         WHERE emergency_phone <> '' OR guardian_name <> ''
        """,  # noqa: S608  words of ours
        shift_id,
    )
    return {row["constituent"]: row for row in found}


async def kin_of(constituent: int) -> list[tuple[int, str]]:
    """Who may be a guardian of somebody, by what is known: id and name of household members, relations and the present one."""
    found = await db.rows(
        """
        SELECT DISTINCT c.id, c.name, c.sort_key FROM constituents c
         WHERE c.kind = 'person' AND c.id <> $1 AND NOT c.deceased AND c.id IN (
               SELECT o.person FROM memberships m JOIN memberships o ON o.household = m.household WHERE m.person = $1
         UNION SELECT other FROM relationships WHERE constituent = $1
         UNION SELECT constituent FROM relationships WHERE other = $1
         UNION SELECT guardian FROM volunteers_private WHERE constituent = $1)
      ORDER BY c.sort_key LIMIT 50
        """,
        constituent,
    )
    return [(row["id"], row["name"]) for row in found]


async def words_in_use() -> dict[str, list[str]]:
    """The skills, languages (codes) and interests that profiles have, the commonest first; at most a hundred of each."""
    found = await db.rows(
        """
        SELECT said.what, said.word FROM (
            SELECT 'skills' AS what, unnest(skills) AS word FROM volunteers
            UNION ALL SELECT 'languages', unnest(languages) FROM volunteers
            UNION ALL SELECT 'interests', unnest(interests) FROM volunteers) AS said
      GROUP BY 1, 2 ORDER BY 1, count(*) DESC, 2
        """
    )
    return {
        what: [row["word"] for row in found if row["what"] == what][:100]
        for what in ("skills", "languages", "interests")
    }


async def _locked(constituent: int) -> dict[str, Any]:
    found = await db.row("SELECT * FROM volunteers WHERE constituent = $1 FOR UPDATE", constituent)
    assert found is not None
    return found


async def _spelled_as_before(column: str, words: Sequence[str]) -> list[str]:
    """Words without those said twice, spelled as other profiles spell them: one skill is found under one name."""
    said = {text.casefold(): text for text in reversed([word.strip()[:60] for word in words]) if text}
    found = await db.rows(
        f"""
        SELECT word FROM volunteers, unnest({column}) AS word WHERE lower(word) = ANY ($1)
      GROUP BY word ORDER BY count(*), word DESC
        """,  # noqa: S608  a column of ours
        [word.lower() for word in said.values()],
    )
    known = {row["word"].casefold(): row["word"] for row in found}
    return [known.get(folded, word) for folded, word in reversed(said.items())]
