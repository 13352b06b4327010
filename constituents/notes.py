"""Notes: what staff write down about a constituent, a line each on the timeline."""

from typing import Any

from constituents import constituents, timeline
from kit import changes, days, db
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.words import _
from staff import organisation

LONGEST = 4000
# What fits on the timeline's line; the rest is on it, too, folded away.
_TITLE = 300


async def write(constituent: int, text: str, *, by: Actor) -> int:
    """Keep a note; returns its id."""
    text = text.strip()
    if not text:
        raise Refused(_("Type a note."))
    async with db.tx():
        await constituents.get(constituent)
        id = await db.value(
            "INSERT INTO notes (constituent, text, written_by, created_at) VALUES ($1, $2, $3, $4) RETURNING id",
            constituent,
            text[:LONGEST],
            by.label[:200],
            days.now(),
        )
        ours = await organisation.ours()
        await timeline.write(
            constituent,
            "note",
            id,
            happened_on=days.today(ours["zone"] if ours else "UTC"),
            title=_first_line(text),
            detail=by.label,
            # What does not fit on the line is on a page of its own.
            route="notes:show" if len(text) > _TITLE or "\n" in text else "",
            route_id=id,
        )
        await changes.note("note.written", "note", id, by=by, after={"text": text}, subject=constituent)
        return id


def _first_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TITLE else line[: _TITLE - 1] + "…"


async def get(id: int) -> dict[str, Any]:
    """One note; raises NotFound."""
    found = await db.row("SELECT * FROM notes WHERE id = $1", id) if 0 < id < 2**31 else None
    if found is None:
        raise NotFound
    return found
