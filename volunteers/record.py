"""Everything that the page of one volunteer shows, in one question."""

from datetime import date, datetime
from typing import Any, TypeVar

import msgspec

from kit import days, db
from kit.errors import NotFound
from volunteers import people, profiles, qualifications, sight

S = TypeVar("S", bound=msgspec.Struct)


class Place(msgspec.Struct, frozen=True):
    """A shift that they are, were or wanted to be on."""

    shift: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    status: str
    attendance: str
    ended_late: bool


class Given(msgspec.Struct, frozen=True):
    """Hours in any state; `title` is the role's, or the programme's."""

    day: date
    minutes: int
    status: str
    is_estimated: bool
    title: str


class Held(msgspec.Struct, frozen=True):
    """A qualification; `today` is the day that it is looked at."""

    id: int
    name: str
    kind: str
    status: str
    from_day: date
    until_day: date | None
    number: str
    today: date
    refused_since: bool

    @property
    def standing(self) -> str:
        """How it stands: valid, ending (within people.ENDING), ended, later, pending, refused, or no_longer: refused since."""
        if self.status != "valid":
            return self.status
        if self.refused_since:
            return "no_longer"
        if self.from_day > self.today:
            return "later"
        if self.until_day is None or self.until_day > self.today + people.ENDING:
            return "valid"
        return "ending" if self.until_day >= self.today else "ended"


class Signed(msgspec.Struct, frozen=True):
    """A signature under an edition of a waiver. That it is a guardian's, and whose, is private: it tells of a minor."""

    waiver: int
    name: str
    edition: int
    current: bool
    signed_name: str
    signed_at: datetime
    is_guardian: bool
    on_paper: bool


class Private(msgspec.Struct, frozen=True):
    """What only those see who need it. A guardian with a record is called by its name and its preferred phone."""

    born_on: date | None = None
    guardian: int | None = None
    guardian_name: str = ""
    guardian_phone: str = ""
    emergency_name: str = ""
    emergency_phone: str = ""


class Reliability(msgspec.Struct, frozen=True):
    """Of their places: kept (came), missed (did not come), late (withdrawn after the last time to)."""

    kept: int
    missed: int
    late: int

    @property
    def stood(self) -> int:
        return self.kept + self.missed

    @property
    def promised(self) -> int:
        return self.stood + self.late

    @property
    def missed_rate(self) -> int:
        """Per cent of the places that stood to the end."""
        return round(100 * self.missed / self.stood) if self.stood else 0

    @property
    def late_rate(self) -> int:
        """Per cent of all places that were promised."""
        return round(100 * self.late / self.promised) if self.promised else 0


class Total(msgspec.Struct, frozen=True):
    """Approved hours."""

    minutes: int
    first_on: date | None
    last_on: date | None


class Record(msgspec.Struct, frozen=True):
    """A volunteer. `private` is None for whoever may not know; `writes` is whether the reader may change anything here."""

    profile: dict[str, Any]
    writes: bool
    private: Private | None
    total: Total
    reliability: Reliability
    ahead: list[Place]
    past: list[Place]
    given: list[Given]
    held: list[Held]
    signed: list[Signed]


async def of(
    constituent: int, *, today: date, seen: list[int] | None = None, may_write: bool = False
) -> Record:
    """Raises NotFound for who is no volunteer. `seen` are the programmes of which anything is shown or counted (None: all);
    `may_write` is whether the reader has the permission for what is private: of those whom they know, it counts.
    """
    row = (
        await db.row(_QUESTION, constituent, seen, days.now(), today, may_write)
        if 0 < constituent < 2**31
        else None
    )
    if row is None:
        raise NotFound(f"volunteer {constituent}")
    writes = row.pop("writes")
    private = row.pop("private")
    lists = {
        "ahead": _list(row.pop("ahead"), Place),
        "past": _list(row.pop("past"), Place),
        "given": _list(row.pop("given"), Given),
        "held": _list(row.pop("held"), Held),
        "signed": _list(row.pop("signed"), Signed),
    }
    return Record(
        writes=writes,
        private=(msgspec.json.decode(private, type=Private) if private else Private()) if writes else None,
        total=msgspec.json.decode(row.pop("total"), type=Total),
        reliability=msgspec.json.decode(row.pop("reliability"), type=Reliability),
        profile=row,
        **lists,
    )


def _list(text: str | None, kind: type[S]) -> list[S]:
    return msgspec.json.decode(text, type=list[kind]) if text else []


_PLACE = """
    SELECT s.id AS shift, o.title, s.starts_at, s.ends_at, s.zone, u.status, u.attendance, u.ended_late
      FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
     WHERE u.constituent = v.constituent AND ($2::int[] IS NULL OR o.programme = ANY ($2))
"""
_QUESTION = f"""
    SELECT v.*, c.name, c.deceased, c.archived_at, k.writes,
           (SELECT row_to_json(x) FROM (
                SELECT p.born_on, p.guardian, {profiles.GUARDIAN}, p.emergency_name, p.emergency_phone
                  FROM volunteers_private p LEFT JOIN constituents g ON g.id = p.guardian
                 WHERE p.constituent = v.constituent AND k.writes) x) AS private,
           (SELECT row_to_json(x) FROM (
                SELECT coalesce(sum(minutes), 0) AS minutes, min(first_on) AS first_on, max(last_on) AS last_on FROM (
                       SELECT minutes, first_on, last_on FROM volunteer_totals
                        WHERE $2::int[] IS NULL AND constituent = v.constituent
                    UNION ALL
                       SELECT minutes, day, day FROM hours
                        WHERE programme = ANY ($2) AND constituent = v.constituent AND status = 'approved') t) x) AS total,
           (SELECT row_to_json(x) FROM (
                SELECT count(*) FILTER (WHERE attendance = 'present') AS kept,
                       count(*) FILTER (WHERE attendance = 'absent') AS missed, count(*) FILTER (WHERE ended_late) AS late
                  FROM ({_PLACE}) p) x) AS reliability,
           (SELECT json_agg(x ORDER BY x.starts_at, x.shift) FROM (
                {_PLACE} AND s.ends_at > $3 AND u.status IN ('pending', 'confirmed', 'waiting', 'offered')
                ORDER BY s.starts_at, u.id LIMIT 50) x) AS ahead,
           (SELECT json_agg(x ORDER BY x.starts_at DESC, x.shift DESC) FROM (
                {_PLACE} AND s.ends_at <= $3 ORDER BY s.starts_at DESC, u.id DESC LIMIT 10) x) AS past,
           (SELECT json_agg(x ORDER BY x.day DESC, x.id DESC) FROM (
                SELECT h.id, h.day, h.minutes, h.status, h.is_estimated, coalesce(o.title, p.name) AS title
                  FROM hours h JOIN programmes p ON p.id = h.programme LEFT JOIN opportunities o ON o.id = h.opportunity
                 WHERE h.constituent = v.constituent AND ($2::int[] IS NULL OR h.programme = ANY ($2))
              ORDER BY h.day DESC, h.id DESC LIMIT 10) x) AS given,
           (SELECT json_agg(x ORDER BY x.until_day DESC NULLS FIRST, x.id DESC) FROM (
                SELECT h.id, q.name, q.kind, h.status, h.from_day, h.until_day, h.number, $4::date AS today,
                       {qualifications.refused_since("h", "$4")} AS refused_since
                  FROM qualifications_held h JOIN qualifications q ON q.id = h.qualification
                 WHERE h.constituent = v.constituent AND (k.writes OR q.kind <> 'check')
              ORDER BY h.until_day DESC NULLS FIRST, h.id DESC LIMIT 100) x) AS held,
           (SELECT json_agg(x ORDER BY x.signed_at DESC, x.id DESC) FROM (
                SELECT g.id, w.id AS waiver, w.name, w.edition, w.current, g.signed_at, g.on_paper,
                       CASE WHEN k.writes OR NOT g.is_guardian THEN g.signed_name ELSE '' END AS signed_name,
                       k.writes AND g.is_guardian AS is_guardian
                  FROM waiver_signatures g JOIN waivers w ON w.id = g.waiver
                 WHERE g.constituent = v.constituent ORDER BY g.signed_at DESC, g.id DESC LIMIT 100) x) AS signed
      FROM volunteers v JOIN constituents c ON c.id = v.constituent
      CROSS JOIN LATERAL (SELECT $5 AND {sight.known_to("v.constituent", "$2::int[]")} AS writes) k
     WHERE v.constituent = $1
"""  # noqa: S608  words of ours
