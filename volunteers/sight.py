"""Who sees which programmes: a volunteer coordinator their own, everybody else with the permission all."""

from constituents import narrowing
from kit import db
from kit.errors import NotFound
from staff import permissions
from staff.sessions import SignedIn


async def programmes_of(member: SignedIn) -> list[int] | None:
    """The ids of the programmes that a member sees; None is all of them."""
    if not permissions.sees_own_programmes_only(member.role):
        return None
    found = await db.rows("SELECT programme FROM programme_coordinators WHERE member = $1", member.id)
    return [row["programme"] for row in found]


def narrowed(member: SignedIn) -> int | None:
    """The member's id where they see only their own programmes, for questions that look it up themselves; else None."""
    return member.id if permissions.sees_own_programmes_only(member.role) else None


async def check_programme(member: SignedIn, programme_id: int) -> None:
    """Raises NotFound for a programme that is not this member's to see, as for one that is not there."""
    seen = await programmes_of(member)
    if seen is not None and programme_id not in seen:
        raise NotFound(f"programme {programme_id}")


async def check_opportunity(member: SignedIn, opportunity_id: int) -> None:
    """Raises NotFound like `check_programme`, by the programme of the opportunity."""
    await _check(member, "SELECT programme FROM opportunities WHERE id = $1", opportunity_id)


async def check_shift(member: SignedIn, shift_id: int) -> None:
    """Raises NotFound like `check_programme`, by the programme of the shift."""
    await _check(
        member,
        "SELECT o.programme FROM shifts s JOIN opportunities o ON o.id = s.opportunity WHERE s.id = $1",
        shift_id,
    )


async def check_signup(member: SignedIn, signup_id: int) -> None:
    """Raises NotFound like `check_programme`, by the programme of the sign-up."""
    await _check(
        member,
        """
        SELECT o.programme FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
         WHERE u.id = $1
        """,
        signup_id,
    )


def known_to(constituent: str, seen: str) -> str:
    """SQL: whether whoever coordinates the programmes `seen` (NULL: all) may know what is private of a volunteer.

    That is whoever ever signed up or gave hours there. Who did neither anywhere is of nobody's yet: somebody has to
    enter them.
    """
    places = "signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity"
    return f"""({seen} IS NULL
        OR EXISTS (SELECT FROM {places} WHERE u.constituent = {constituent} AND o.programme = ANY ({seen}))
        OR EXISTS (SELECT FROM hours h WHERE h.constituent = {constituent} AND h.programme = ANY ({seen}))
        OR NOT EXISTS (SELECT FROM signups u WHERE u.constituent = {constituent})
           AND NOT EXISTS (SELECT FROM hours h WHERE h.constituent = {constituent}))"""  # noqa: S608  words of ours


async def knows(member: SignedIn, constituent: int) -> bool:
    """Whether a member may read and change what is private of a volunteer: birth date, checks, whom to call."""
    seen = await programmes_of(member)
    return seen is None or await db.value(f"SELECT {known_to('$1', '$2::int[]')}", constituent, seen)


async def check_volunteer(member: SignedIn, constituent: int) -> None:
    """Raises NotFound for a volunteer whom this member may not change."""
    if not (0 < constituent < 2**31 and await knows(member, constituent)):
        raise NotFound(f"volunteer {constituent}")


async def check_held(member: SignedIn, held_id: int) -> None:
    """Raises NotFound like `check_volunteer`, by whose qualification it is."""
    whose = "SELECT constituent FROM qualifications_held WHERE id = $1"
    await check_volunteer(member, await db.value(whose, held_id) or 0 if 0 < held_id < 2**31 else 0)


async def _check(member: SignedIn, question: str, id: int) -> None:
    programme = await db.value(question, id) if 0 < id < 2**31 else None
    if programme is None:
        raise NotFound(f"nothing of that number: {id}")
    await check_programme(member, programme)


# Lines of a person's story and tasks of every day, where a coordinator meets what belongs to another programme.
_OF_SHIFT = """EXISTS (SELECT FROM shifts s JOIN opportunities o ON o.id = s.opportunity
    JOIN programme_coordinators k ON k.programme = o.programme WHERE s.id = {shift} AND k.member = {member})"""
_KNOWN = known_to(
    "t.constituent", "ARRAY(SELECT k.programme FROM programme_coordinators k WHERE k.member = {member})"
)
narrowing.narrow(
    "timeline",
    "shift",
    _OF_SHIFT.replace("{shift}", "(SELECT u.shift FROM signups u WHERE u.id = t.source_id)"),
)
narrowing.narrow(
    "timeline",
    "hours",
    """EXISTS (SELECT FROM hours h JOIN programme_coordinators k ON k.programme = h.programme
        WHERE h.id = t.source_id AND k.member = {member})""",
)
narrowing.narrow("tasks", "volunteer_lacks", _OF_SHIFT.replace("{shift}", "t.route_id"))
narrowing.narrow("tasks", "check_ends", _KNOWN)
narrowing.narrow("tasks", "milestone", _KNOWN)
