"""Milestones: sums of hours for which a volunteer is thanked, once each."""

from kit import days, db
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
            await letters.milestone(constituent, max(row["hours"] for row in new))
