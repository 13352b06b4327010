"""Tags: words that staff put on constituents to find them again."""

from collections.abc import Sequence
from typing import Any

from constituents import names
from kit import db

LONGEST = 60


def normal(name: str) -> str:
    """What two tags are compared by: `monthly donor` is `Monthly Donor`."""
    return (names.fold(name) or name.casefold().strip())[:LONGEST]


async def of(constituent: int) -> list[str]:
    """The tags of a constituent, in order."""
    found = await db.rows(
        """
        SELECT t.name FROM taggings g JOIN tags t ON t.id = g.tag
         WHERE g.constituent = $1 ORDER BY t.name_normal COLLATE "C"
        """,
        constituent,
    )
    return [row["name"] for row in found]


async def all() -> list[dict[str, Any]]:
    """Every tag there is, in order."""
    return await db.rows('SELECT id, name, name_normal FROM tags ORDER BY name_normal COLLATE "C" LIMIT 500')


async def named(name: str) -> int:
    """The id of the tag called so, made if there is none; two at once make one."""
    await db.row(
        "INSERT INTO tags (name, name_normal) VALUES ($1, $2) ON CONFLICT (name_normal) DO NOTHING",
        name.strip()[:LONGEST],
        normal(name),
    )
    return await db.value("SELECT id FROM tags WHERE name_normal = $1", normal(name))


async def set(constituent: int, wanted: Sequence[str]) -> None:
    """These are the constituent's tags from now on."""
    ids = [
        await named(name) for name in sorted({normal(name): name for name in wanted if name.strip()}.values())
    ]
    await db.row("DELETE FROM taggings WHERE constituent = $1 AND tag <> ALL ($2)", constituent, ids)
    await db.row(
        """
        INSERT INTO taggings (tag, constituent) SELECT unnest($2::integer[]), $1
        ON CONFLICT (tag, constituent) DO NOTHING
        """,
        constituent,
        ids,
    )
