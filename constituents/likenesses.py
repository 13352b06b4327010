"""Who is already there: people of the same name, e-mail or phone, looked up while somebody types a new one."""

from collections.abc import Sequence
from typing import Any

from constituents.constituents import Details
from constituents.contacts import EmailLine, PhoneLine
from kit import db
from kit.words import _

_MOST = 5


async def of(details: Details, *, but: int | None = None) -> list[dict[str, Any]]:
    """Constituents like these details: id, name, kind, place, archived_at, deceased, and `reasons` in words."""
    alike: dict[int, list[str]] = {}
    for reason, ids in (
        (_("same name"), await _of_name(details)),
        (_("same e-mail"), await _of_emails(details.emails)),
        (_("same phone"), await _of_phones(details.phones)),
    ):
        for id in ids:
            alike.setdefault(id, []).append(reason)
    alike.pop(but or 0, None)
    found = await db.rows(
        "SELECT id, name, kind, place, archived_at, deceased FROM constituents WHERE id = ANY ($1) ORDER BY id",
        list(alike),
    )
    for row in found:
        row["reasons"] = alike[row["id"]]
    return sorted(found, key=lambda row: (-len(row["reasons"]), row["id"]))[:_MOST]


async def _of_name(details: Details) -> list[int]:
    if not details.display_name():
        return []
    whole = details.kind != "person" or (details.given_name and details.family_name)
    key = Details(
        kind=details.kind, name=details.name, given_name=details.given_name, family_name=details.family_name
    ).sort_key()
    # The key as it is, or with a middle name behind it; half a name is like the same half alone ("Cher").
    found = await db.rows(
        """
        (SELECT id FROM constituents WHERE archived_at IS NULL AND kind = $3
            AND (sort_key = $1 OR (sort_key > $1 AND sort_key < $2)) LIMIT 5)
        UNION ALL
        (SELECT id FROM constituents WHERE archived_at IS NOT NULL AND kind = $3
            AND (sort_key = $1 OR (sort_key > $1 AND sort_key < $2)) LIMIT 5)
        """,
        key,
        key + " \U0010ffff" if whole else key,
        details.kind,
    )
    return [row["id"] for row in found]


async def _of_emails(lines: Sequence[EmailLine]) -> list[int]:
    found = await db.rows(
        "SELECT DISTINCT constituent FROM emails WHERE normal = ANY ($1) LIMIT 5",
        [line.key[0] for line in lines],
    )
    return [row["constituent"] for row in found]


async def _of_phones(lines: Sequence[PhoneLine]) -> list[int]:
    found = await db.rows(
        "SELECT DISTINCT constituent FROM phones WHERE number = ANY ($1) LIMIT 5",
        [line.key[0] for line in lines],
    )
    return [row["constituent"] for row in found]
