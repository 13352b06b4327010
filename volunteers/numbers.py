"""What exports call a row of ours, so that a file that comes back is known: `5f0c21ab-17`.

The first part is of this organisation's books: in others' books the same number is another person's, and there it is a
foreign id like any other. Where an import has brought a row with an id of its own, exports tell that one.
"""

import hashlib
import re

from kit import db
from staff import organisation

SOURCE = "volunteers"
_OURS = re.compile(r"([0-9a-f]{8})-([1-9][0-9]{0,17})", re.ASCII)


async def mark() -> str:
    """The first part of every number."""
    ours = await organisation.needed()
    return hashlib.sha256(f"{ours['id']} {ours['created_at'].isoformat()}".encode()).hexdigest()[:8]


def id_of(number: str, mark: str) -> int | None:
    """Our id in a number that these books gave; None for any other text."""
    found = _OURS.fullmatch(number.strip())
    return int(found[2]) if found and found[1] == mark else None


async def foreign(kind: str) -> dict[int, str]:
    """Of rows that came with an id of their own, that id: `kind` is Volunteer, Shift or Hours."""
    found = await db.rows(
        "SELECT ours, min(external) AS external FROM external_ids WHERE source = $1 AND kind = $2 GROUP BY ours",
        SOURCE,
        kind,
    )
    return {row["ours"]: row["external"] for row in found}
