"""Lists of what volunteers have and signed as rows of a file: qualifications, those that end, signatures under waivers."""

from datetime import date

from kit import db
from volunteers import numbers, people, qualifications, sight
from volunteers.exports import Reader, Rows

ENDING = ("Volunteer ID", "Name", "Qualification", "Kind", "Last day")


async def ending(first: date, last: date, reader: Reader) -> Rows:
    """What ends between two days and is not renewed, the soonest first."""
    mark, foreign = await numbers.mark(), await numbers.foreign("Volunteer")
    after = 0
    while True:
        found = await qualifications.ending(first, last, after, seen=reader.seen)
        for row in found[: people.PAGE]:
            yield (
                foreign.get(row["constituent"], f"{mark}-{row['constituent']}"), row["name"], row["qualification_name"],
                row["kind"], row["until_day"],
            )  # fmt: skip
        if len(found) <= people.PAGE:
            return
        after = found[people.PAGE - 1]["id"]


HELD = ("Volunteer ID", "Name", "Qualification", "Kind", "State", "From", "Until", "Number")


async def held(reader: Reader) -> Rows:
    """Who has, or had, which qualification: of checks only their state."""
    mark, foreign = await numbers.mark(), await numbers.foreign("Volunteer")
    for row in await db.rows(_HELD, reader.seen):
        yield (
            foreign.get(row["constituent"], f"{mark}-{row['constituent']}"), row["name"], row["qualification"], row["kind"],
            row["status"], row["from_day"], row["until_day"], row["number"],
        )  # fmt: skip


_HELD = f"""
    SELECT h.constituent, c.name, q.name AS qualification, q.kind, h.status, h.from_day, h.until_day, h.number
      FROM qualifications_held h JOIN qualifications q ON q.id = h.qualification JOIN constituents c ON c.id = h.constituent
     WHERE c.archived_at IS NULL AND NOT c.deceased AND {sight.known_to("c.id", "$1::int[]")}
  ORDER BY q.name_normal, c.sort_key, h.id
"""  # noqa: S608  words of ours

SIGNED = ("Volunteer ID", "Name", "Waiver", "Edition", "Signed as", "By a guardian", "On paper", "Signed on")


async def signed(waiver: str, reader: Reader, *, zone: str) -> Rows:
    """Who signed a waiver, in any of its editions, the latest edition first: each person's last signature under it."""
    mark, foreign = await numbers.mark(), await numbers.foreign("Volunteer")
    for row in await db.rows(_SIGNED, waiver, reader.seen, zone):
        yield (
            foreign.get(row["constituent"], f"{mark}-{row['constituent']}"), row["name"], waiver, row["edition"],
            row["signed_name"], row["is_guardian"], row["on_paper"], row["signed_on"],
        )  # fmt: skip


_SIGNED = f"""
    SELECT g.*, c.name FROM (
           SELECT DISTINCT ON (w.edition, g.constituent) w.edition, g.constituent, g.signed_name, g.is_guardian, g.on_paper,
                  (g.signed_at AT TIME ZONE $3)::date AS signed_on
             FROM waiver_signatures g JOIN waivers w ON w.id = g.waiver WHERE w.name = $1
         ORDER BY w.edition, g.constituent, g.signed_at DESC, g.id DESC) g
      JOIN constituents c ON c.id = g.constituent
     WHERE c.archived_at IS NULL AND NOT c.deceased AND {sight.known_to("c.id", "$2::int[]")}
  ORDER BY g.edition DESC, c.sort_key, c.id
"""  # noqa: S608  words of ours
