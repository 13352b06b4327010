"""What an earlier export had and this one has no more as such: a gift that turned out lost, a pledge that was paid.

Only rows that are in this export say so. What is missing from it altogether is left alone.
"""

from donations import gifts
from imports.plan import Line, Plan
from kit import changes, db
from kit.changes import Actor
from kit.errors import Refused
from kit.words import _


async def gifts_that_are_none(plan: Plan, by: Actor) -> tuple[int, list[Line]]:
    """Void what an earlier export had as a gift and this one does not; how many, and which could not be."""
    voided, refused = 0, []
    planned = {one.key for one in plan.gifts}
    for row in await db.rows(
        """
        SELECT e.id, e.kind, e.external, g.id AS gift FROM external_ids e JOIN gifts g ON g.id = e.ours
         WHERE e.source = $1 AND g.status IN ('settled', 'pending')
           AND ((e.kind = 'Opportunity' AND e.external = ANY ($2)) OR e.kind = 'OppPayment') ORDER BY g.id
        """,
        plan.source, [external for _kind, external in plan.not_gifts],
    ):  # fmt: skip
        key = (row["kind"], row["external"])
        if key in planned:
            continue
        reason = plan.not_gifts.get(key, _("it is counted with its opportunity now"))
        try:
            await gifts.void(row["gift"], reason=_("The export says: {reason}.", reason=reason), by=by)
        except Refused as no:
            refused.append(
                Line(_("Gift {id} should be voided ({reason}): {no}", id=row["gift"], reason=reason, no=no))
            )
            continue
        # Should it come back, it counts as changed and is told of.
        await db.row("UPDATE external_ids SET fingerprint = '' WHERE id = $1", row["id"])
        voided += 1
    return voided, refused


async def pledges_that_are_none(plan: Plan, by: Actor) -> int:
    """A pledge whose opportunity is won is kept; one that is lost is written off."""
    open_ones = {one.key for one in plan.pledges}
    won = {one.key[1] for one in plan.gifts if one.key[0] == "Opportunity"}
    ended = 0
    for row in await db.rows(
        """
        SELECT e.id, e.external, p.id AS pledge, p.donor FROM external_ids e JOIN pledges p ON p.id = e.ours
         WHERE e.source = $1 AND e.kind = 'Pledge' AND p.status = 'open' ORDER BY p.id
        """,
        plan.source,
    ):
        is_won = row["external"] in won
        if ("Pledge", row["external"]) in open_ones or not (
            is_won or ("Opportunity", row["external"]) in plan.not_gifts
        ):
            continue
        status = "kept" if is_won else "written_off"
        await db.row(
            "UPDATE pledges SET status = $2, paid_amount = CASE WHEN $3 THEN amount ELSE paid_amount END WHERE id = $1",
            row["pledge"], status, is_won,
        )  # fmt: skip
        if is_won:
            await db.row(
                """
                UPDATE pledge_instalments SET gift = (SELECT ours FROM external_ids
                        WHERE source = $2 AND kind = 'Opportunity' AND external = $3) WHERE pledge = $1
                """,
                row["pledge"], plan.source, row["external"],
            )  # fmt: skip
        await db.row(
            "UPDATE timeline_entries SET status = $2 WHERE kind = 'pledge' AND source_id = $1",
            row["pledge"],
            status,
        )
        await db.row("UPDATE external_ids SET fingerprint = '' WHERE id = $1", row["id"])
        await changes.note("pledge.ended", "pledge", row["pledge"], by=by, before={"status": "open"}, after={"status": status},
                           subject=row["donor"])  # fmt: skip
        ended += 1
    return ended
