"""What a sign-up leaves behind: its row in the trail, and its line on the person's timeline."""

from typing import Any

from constituents import timeline
from kit import changes, days, db
from kit.changes import Actor


async def leave(
    action: str,
    signup_id: int,
    *,
    by: Actor,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note `action` on a sign-up and bring its line on the timeline up to date; inside the verb's tx()."""
    signup = await db.row(
        """
        SELECT u.constituent, u.status, u.attendance, u.size, s.id AS shift, s.starts_at, s.zone, o.title, p.name AS programme
          FROM signups u JOIN shifts s ON s.id = u.shift JOIN opportunities o ON o.id = s.opportunity
          JOIN programmes p ON p.id = o.programme WHERE u.id = $1
        """,
        signup_id,
    )
    assert signup is not None
    await changes.note(
        action, "signup", signup_id, by=by, before=before, after=after, subject=signup["constituent"]
    )
    await timeline.write(
        signup["constituent"],
        "shift",
        signup_id,
        happened_on=days.day_of(signup["starts_at"], signup["zone"]),
        title=signup["title"],
        detail=signup["programme"],
        status=signup["attendance"] if signup["attendance"] != "unknown" else signup["status"],
        route="shifts:show",
        route_id=signup["shift"],
        permission="volunteers.read",
    )
