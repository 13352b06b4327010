"""What ends soon: volunteers hear a month before of their trainings and certificates, coordinators have a task for a check."""

from datetime import date, timedelta
from typing import Any

from constituents import tasks
from kit import days, db, mail, smtp
from kit.templates import day
from kit.words import _
from staff import organisation
from volunteers import people, qualifications

BEFORE = timedelta(days=30)


def days_of_list(today: date, *, late: bool) -> tuple[date, date]:
    """The days of the list of what ends soon, or (`late`) of what ended lately."""
    return (today - people.ENDING, today - timedelta(days=1)) if late else (today, today + people.ENDING)


async def tell() -> int:
    """Tell of everything that ends within BEFORE and is not renewed, each once; returns how much there was to tell."""
    today = days.today((await organisation.needed())["zone"])
    found = await db.rows(_ENDING, today, today + BEFORE)
    for row in found:
        async with db.tx():
            if row["kind"] == "check":
                await _open_task(row)
            elif row["address"] is not None:
                await _write(row)
    return len(found)


async def _open_task(row: dict[str, Any]) -> None:
    """Somebody has to order the next check. Which one, and when it ends, stands only on the page it leads to."""
    if not await db.value(
        "SELECT EXISTS (SELECT FROM tasks WHERE kind = 'check_ends' AND route = 'volunteers:show' AND route_id = $1"
        " AND (done_at IS NULL OR created_at > $2))",
        row["constituent"],
        days.now() - BEFORE,
    ):
        await tasks.open(
            "check_ends", _("A check of {name} ends soon", name=row["name"]), constituent=row["constituent"],
            route="volunteers:show", route_id=row["constituent"], permission="volunteers.write",
        )  # fmt: skip


async def _write(row: dict[str, Any]) -> None:
    ours = await organisation.needed()
    until: date = row["until_day"]
    try:
        await mail.post(
            what=f"qualification_held:{row['id']}", address=row["address"], purpose="ending", template="qualification_ending",
            context={
                "name_said": row["given_name"] or row["name"], "thing": row["qualification_name"], "until": day(until),
                "accent": ours["accent"], "organisation": ours["name"],
            },
            name=row["name"], sender=ours["name"], reply_to=ours["email"],
        )  # fmt: skip
    except smtp.NoAddress:
        return


_ENDING = f"""
    SELECT h.id, h.until_day, q.name AS qualification_name, q.kind, c.id AS constituent, c.name, c.given_name,
           (SELECT address FROM emails e WHERE e.constituent = c.id ORDER BY preferred DESC, e.id LIMIT 1) AS address
      FROM qualifications_held h JOIN qualifications q ON q.id = h.qualification JOIN constituents c ON c.id = h.constituent
      JOIN volunteers v ON v.constituent = c.id
     WHERE h.status = 'valid' AND h.until_day BETWEEN $1 AND $2 AND q.closed_at IS NULL
       AND v.status = 'active' AND NOT c.deceased AND c.archived_at IS NULL
       AND NOT {qualifications.refused_since("h", "h.until_day")}
       AND NOT EXISTS (SELECT FROM qualifications_held n WHERE n.constituent = h.constituent AND n.qualification = h.qualification
                          AND n.status = 'valid' AND (n.until_day IS NULL OR n.until_day > h.until_day))
       -- Told of it before.
       AND NOT EXISTS (SELECT FROM mails m WHERE m.what = 'qualification_held:' || h.id AND m.purpose = 'ending')
  ORDER BY h.until_day, h.id
"""  # noqa: S608  words of ours
