"""Milestones: sums of hours for which a volunteer is thanked, once each.

By mail who wants mail from us; who said no to it, or has no address, is thanked by a person: a task says so.
"""

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
        reached = [step for step in STEPS if step * 60 <= (await hours.total_of(constituent))["minutes"]]
        new = await db.rows(
            """
            INSERT INTO milestones (constituent, hours, reached_on) SELECT $1, unnest($2::int[]), $3
            ON CONFLICT DO NOTHING RETURNING hours
            """,
            constituent,
            reached,
            days.today((await organisation.needed())["zone"]),
        )
        if new:
            await _thank(constituent, max(row["hours"] for row in new))


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
