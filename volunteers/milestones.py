"""Milestones: sums of hours for which a volunteer is thanked, once each. As in a service letter, a person's own share
of hours that a group gave.

By mail who wants mail from us; who said no to it, or has no address, is thanked by a person: a task says so.
"""

from collections.abc import Sequence
from typing import Any

from constituents import tasks
from kit import days, db
from kit.words import _
from staff import organisation
from volunteers import hours, letters

STEPS = (25, 50, 100, 250, 500, 1000, 2500, 5000)


async def look(hours_id: int) -> None:
    """After hours were approved: has their volunteer reached a new sum? Of several at once the highest is thanked for."""
    constituent = (await hours.get(hours_id))["constituent"]
    async with db.tx():
        new = await note([constituent])
        if new:
            await _thank(constituent, max(row["hours"] for row in new))


async def note(people: Sequence[int]) -> list[dict[str, Any]]:
    """Note the sums that these people have reached now and had not: constituent, hours. Thanks nobody."""
    return await db.rows(
        f"""
        INSERT INTO milestones (constituent, hours, reached_on)
        SELECT t.constituent, step.hours, $3
          FROM (SELECT h.constituent, sum({hours.SHARE}) AS minutes
                  FROM hours h JOIN constituents c ON c.id = h.constituent
                 WHERE h.constituent = ANY ($1) AND h.status = 'approved' GROUP BY 1) t
          JOIN unnest($2::int[]) AS step (hours) ON step.hours * 60 <= t.minutes
            ON CONFLICT DO NOTHING RETURNING constituent, hours
        """,  # noqa: S608  words of ours
        list(people),
        list(STEPS),
        days.today((await organisation.needed())["zone"]),
    )


async def of(constituent: int) -> list[dict[str, Any]]:
    """What somebody reached, the highest first: hours, reached_on."""
    return await db.rows(
        "SELECT hours, reached_on FROM milestones WHERE constituent = $1 ORDER BY hours DESC", constituent
    )


async def _thank(constituent: int, reached: int) -> None:
    person = await db.row(
        """
        SELECT c.name, coalesce(v.may_be_asked AND v.status <> 'ended', true)
                       AND EXISTS (SELECT FROM emails e WHERE e.constituent = c.id) AS by_mail
          FROM constituents c LEFT JOIN volunteers v ON v.constituent = c.id
         WHERE c.id = $1 AND NOT c.deceased AND c.archived_at IS NULL
        """,
        constituent,
    )
    if person is None:
        return
    if person["by_mail"]:
        await letters.milestone(constituent, reached)
        return
    await tasks.open(
        "milestone",
        _("Thank {name} for {hours} hours", name=person["name"], hours=reached),
        detail=_("They get no mail about it: no address, or they asked for none."),
        constituent=constituent,
        permission="volunteers.read",
    )
