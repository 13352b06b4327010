"""The list of constituents: filtered, sorted, a page at a time, each state a link."""

from collections.abc import Mapping
from typing import Any

import msgspec

from constituents import names, search
from constituents.tables import Kind
from kit import db

PAGE = 50
# Counted to the end up to here; beyond, the page says "more than".
COUNTED = 10_000
SORTS = ("name", "lifetime", "last_gift", "newest")


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What the list shows. `money` is whether the reader may see gifts; without it nothing here tells of giving."""

    q: str = ""
    kind: str = ""
    tag: str = ""
    given: str = ""
    archived: bool = False
    slips: bool = False
    sort: str = ""
    money: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str], *, money: bool) -> "Filter":
        """From a link; what it does not know means nothing."""
        kind, tag, given = query.get("kind", ""), query.get("tag", ""), query.get("given", "")
        sort = query.get("sort", "")
        return cls(
            q=query.get("q", "").replace("\x00", "").strip()[:200],
            kind=kind if kind in {one.value for one in Kind} else "",
            tag=tag if _is_id(tag) else "",
            given=given if given in ("yes", "no") and money else "",
            archived=query.get("archived") == "yes",
            slips=query.get("slips") == "yes",
            sort=sort if sort in SORTS and (money or sort in ("name", "newest")) else "",
            money=money,
        )

    @property
    def query(self) -> dict[str, str]:
        """The part of a link that says this filter."""
        said = {"q": self.q, "kind": self.kind, "tag": self.tag, "given": self.given, "sort": self.sort}
        said |= {"archived": "yes" if self.archived else "", "slips": "yes" if self.slips else ""}
        return {name: value for name, value in said.items() if value}

    @property
    def order(self) -> str:
        """How the rows stand: as asked; best first while searching; else by name."""
        return self.sort or ("rank" if self.q else "name")


class Page(msgspec.Struct):
    """Some rows, where the pages beside it begin, and the tags that the list can be narrowed to: (id, name)."""

    rows: list[dict[str, Any]]
    tags: list[tuple[str, str]]
    earlier: str | None = None
    later: str | None = None
    found: search.Found | None = None


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


async def page(wanted: Filter, *, currency: str, home: str = "US", after: str = "", before: str = "") -> Page:
    """The rows behind `after` or before `before` (ids of rows), or the first ones."""
    found = await search.find(wanted.q, home=home, slips=wanted.slips) if wanted.q else None
    rows, earlier, later = await _in_order(wanted, found, currency, after, before)
    tags = await _complete(rows, wanted, currency)
    return Page(
        rows,
        tags,
        earlier=str(rows[0]["id"]) if earlier and rows else None,
        later=str(rows[-1]["id"]) if later and rows else None,
        found=found,
    )


async def count(wanted: Filter, *, home: str = "US") -> int:
    """How many there are, up to COUNTED + 1."""
    found = await search.find(wanted.q, home=home, slips=wanted.slips) if wanted.q else None
    where, values = _where(wanted, found, only_count=True)
    return await db.value(
        f"SELECT count(*) FROM (SELECT FROM constituents c WHERE {where} LIMIT {COUNTED + 1}) AS counted",  # noqa: S608
        *values,
    )


# ---------------------------------------------------------------- what and in which order

_COLUMNS = """
    c.id, c.kind, c.name, c.given_name, c.middle_name, c.family_name, c.suffix, c.place, c.deceased,
    c.archived_at, c.created_at
    """
# Order: the columns, whether they fall, and where the row with a given id stands.
_ORDERS = {
    "name": ("c.sort_key, c.id", False, "SELECT sort_key, id FROM constituents WHERE id = {id}"),
    "rank": (
        "h.rank, c.sort_key, c.id",
        False,
        "SELECT {rank}::integer, sort_key, id FROM constituents WHERE id = {id}",
    ),
    "newest": ("c.created_at, c.id", True, "SELECT created_at, id FROM constituents WHERE id = {id}"),
    "lifetime": (
        "t.hard_total, t.constituent",
        True,
        "SELECT hard_total, constituent FROM giving_totals WHERE constituent = {id} AND currency = {currency}",
    ),
    "last_gift": (
        "t.last_on, t.constituent",
        True,
        "SELECT last_on, constituent FROM giving_totals WHERE constituent = {id} AND currency = {currency}",
    ),
}


def _where(wanted: Filter, found: search.Found | None, *, only_count: bool = False) -> tuple[str, list[Any]]:
    """Conditions on `c` and their values; no value is ever part of the SQL."""
    values: list[Any] = []

    def place(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    said = ["c.archived_at IS NOT NULL" if wanted.archived else "c.archived_at IS NULL"]
    if wanted.kind:
        said.append(f"c.kind = {place(wanted.kind)}")
    if wanted.tag:
        said.append(
            f"EXISTS (SELECT FROM taggings g WHERE g.constituent = c.id AND g.tag = {place(int(wanted.tag))})"
        )
    if wanted.given:
        gave = "EXISTS (SELECT FROM giving_totals g WHERE g.constituent = c.id AND g.hard_count + g.in_kind_count > 0)"
        said.append(gave if wanted.given == "yes" else f"NOT {gave}")
    if found is not None and (only_count or wanted.order != "rank"):
        said.append(f"c.id = ANY ({place(found.ids)}::integer[])")
    return " AND ".join(said), values


async def _in_order(
    wanted: Filter, found: search.Found | None, currency: str, after: str, before: str
) -> tuple[list[dict[str, Any]], bool, bool]:
    where, values = _where(wanted, found)
    columns, falls, position = _ORDERS[wanted.order]
    backwards = bool(before) and not after
    at = after or before
    table = "constituents c"
    if wanted.order == "rank" and found is not None:
        values += [found.ids, list(found.ranks.values())]
        table += f" JOIN unnest(${len(values) - 1}::integer[], ${len(values)}::integer[]) AS h (id, rank) ON h.id = c.id"
    elif wanted.order in ("lifetime", "last_gift"):
        values.append(currency)
        table += f" JOIN giving_totals t ON t.constituent = c.id AND t.currency = ${len(values)} AND t.last_on IS NOT NULL"
    if _is_id(at):
        money = f"${len(values)}"
        values.append(int(at))
        sign = "<" if falls != backwards else ">"
        place = f"${len(values)}"
        if wanted.order == "rank" and found is not None:
            values.append(found.ranks.get(int(at), 0))
        where += (
            f" AND ({columns}) {sign} ({position.format(id=place, currency=money, rank=f'${len(values)}')})"
        )
    direction = "DESC" if falls != backwards else "ASC"
    order = ", ".join(f"{column} {direction}" for column in columns.split(", "))
    rows = await db.rows(
        f"SELECT {_COLUMNS} FROM {table} WHERE {where} ORDER BY {order} LIMIT {PAGE + 1}",  # noqa: S608
        *values,
    )
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        return rows[::-1], more, True
    return rows, _is_id(at), more


# ---------------------------------------------------------------- what a row shows


async def _complete(rows: list[dict[str, Any]], wanted: Filter, currency: str) -> list[tuple[str, str]]:
    """Put the listed name, the tags and, for those who may see it, the giving into each row; returns the tags there are."""
    for row in rows:
        row["listed"] = names.listed(
            row["kind"], row["name"], row["given_name"], row["middle_name"], row["family_name"], row["suffix"]
        )
        row["tags"] = []
        row["total"], row["other_currencies"] = None, 0
    by_id = {row["id"]: row for row in rows}
    choices = []
    for found in await _beside(list(by_id), wanted.money, currency):
        if found["of"] == "list":
            choices.append((str(found["id"]), found["tag"]))
        elif found["of"] == "tagged":
            by_id[found["id"]]["tags"].append(found["tag"])
        elif by_id[found["id"]]["total"] is None:
            # One currency in the column, the organisation's if there is any; currencies are never added.
            by_id[found["id"]]["total"] = found
        else:
            by_id[found["id"]]["other_currencies"] += 1
    return choices


async def _beside(ids: list[int], money: bool, currency: str) -> list[dict[str, Any]]:
    """What stands beside the rows and above them: their totals, the organisation's currency first, their tags, and every tag.

    One question for all of it: asked of each row by itself it costs twice as much, and each question has its own wait.
    """
    return await db.rows(
        """
        SELECT 'given' AS of, constituent AS id, currency, hard_total, hard_count, last_on, NULL AS tag,
               CASE currency WHEN $3 THEN '' ELSE currency::text END AS place
          FROM giving_totals
         WHERE $2 AND constituent = ANY ($1) AND hard_count + in_kind_count > 0
     UNION ALL
        SELECT 'tagged', g.constituent, NULL, NULL, NULL, NULL, t.name, t.name_normal COLLATE "C"
          FROM taggings g JOIN tags t ON t.id = g.tag WHERE g.constituent = ANY ($1)
     UNION ALL
        (SELECT 'list', id, NULL, NULL, NULL, NULL, name, name_normal COLLATE "C"
           FROM tags ORDER BY name_normal COLLATE "C" LIMIT 500)
      ORDER BY place
        """,
        ids,
        money,
        currency,
    )
