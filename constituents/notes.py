"""Notes: what staff write down about a constituent, a line each on the timeline."""

from constituents import constituents, timeline
from kit import changes, days, db
from kit.changes import Actor
from kit.errors import Refused
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
        )
        await changes.note("note.written", "note", id, by=by, after={"text": text}, subject=constituent)
        return id


def _first_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TITLE else line[: _TITLE - 1] + "…"
