"""Which gifts: the list with its search and filters, how many there are, and the same as lines of a file.

Pages are told by where the last one ended (day and id), never by counting rows; what is typed is looked at as a
donor, as a cheque number, as an amount and as the gift's own number, each through its own index.
"""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any

import msgspec

from constituents import search
from donations import words
from kit import db, money

PAGE = 50
COUNTED = 10_000
_LONGEST = 2**63 - 1


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; an empty filter asks for every gift."""

    q: str = ""
    since: date | None = None
    until: date | None = None
    method: str = ""
    kind: str = ""
    status: str = ""
    donor: int | None = None
    campaign: int | None = None
    appeal: int | None = None
    fund: int | None = None
    thanked: str = ""
    correction: str = ""

    def said(self) -> dict[str, str]:
        """The filter as a query: what is not asked is left out."""
        return {
            name: str(value)
            for name, value in msgspec.structs.asdict(self).items()
            if value not in (None, "")
        }

    def without(self, *names: str) -> dict[str, str]:
        return {name: value for name, value in self.said().items() if name not in names}


def read(query: Mapping[str, str]) -> Filter:
    """The filter of a link; what it cannot mean is as if it were not there."""
    one_of = {"method": words.METHODS, "kind": words.KINDS, "status": words.STATUSES,
              "thanked": ("no", "yes"), "correction": ("yes",)}  # fmt: skip
    found: dict[str, Any] = {"q": " ".join(query.get("q", "").replace("\0", "").split())[:200]}
    for name, known in one_of.items():
        found[name] = query.get(name, "") if query.get(name, "") in known else ""
    for name in ("donor", "campaign", "appeal", "fund"):
        found[name] = _number(query.get(name, ""), 2**31 - 1)
    for name in ("since", "until"):
        found[name] = _day(query.get(name, ""))
    return Filter(**found)


class Page(msgspec.Struct):
    """Some gifts, newest first, and where the pages beside it begin.

    `some_donors`: what was typed fits more people than are looked at, so there are gifts that are not here.
    """

    gifts: list[dict[str, Any]]
    older: str | None
    newer: str | None
    some_donors: bool = False


async def page(
    wanted: Filter, *, currency: str, home: str = "US", after: str = "", before: str = "", limit: int = PAGE
) -> Page:
    """The gifts of a filter after (or before) the position of another page.

    `currency` is the one that a bare amount means, `home` the country of a phone number without its code.
    """
    found = _Question()
    ways = await _ways(found, wanted, currency, home)
    backwards = bool(before and not after and found.is_position(before))
    position = found.position(before if backwards else after, ">" if backwards else "<")
    order = "ASC" if backwards else "DESC"
    lists = [
        f"""(SELECT {_OF_A_GIFT} FROM gifts g WHERE {way}{position}
              ORDER BY g.given_on {order}, g.id {order} LIMIT {limit + 1})"""  # noqa: S608 - conditions of ours
        for way in ways
    ]
    rows = await db.rows(
        f"""
        WITH here AS ({" UNION ".join(lists)}),
             these AS (SELECT * FROM here ORDER BY given_on {order}, id {order} LIMIT {limit + 1}),
             shares AS (
               SELECT s.gift, string_agg(f.name, ', ' ORDER BY s.amount DESC, s.id) AS funds
                 FROM gift_splits s JOIN funds f ON f.id = s.fund
                WHERE s.gift = ANY (ARRAY(SELECT id FROM these)) GROUP BY s.gift)
        SELECT g.*, c.name AS donor_name, k.name AS campaign_name, a.name AS appeal_name,
               coalesce(p.funds, '') AS funds
          FROM these g JOIN constituents c ON c.id = g.donor
          LEFT JOIN campaigns k ON k.id = g.campaign LEFT JOIN appeals a ON a.id = g.appeal
          LEFT JOIN shares p ON p.gift = g.id
      ORDER BY g.given_on {order}, g.id {order}
        """,  # noqa: S608 - conditions of ours, values by place
        *found.values,
    )
    more, gifts = len(rows) > limit, rows[:limit]
    older, newer = (bool(rows), more) if backwards else (more, bool(position))
    gifts = gifts[::-1] if backwards else gifts
    return Page(
        gifts,
        older=_position_of(gifts[-1]) if older and gifts else None,
        newer=_position_of(gifts[0]) if newer and gifts else None,
        some_donors=found.some_donors,
    )


_OF_A_GIFT = """
    g.id, g.given_on, g.donor, g.amount, g.refunded_amount, g.currency, g.kind, g.method, g.status, g.cheque_number,
    g.in_kind_description, g.thanked_at, g.receipted_at, g.receipt_needs_correction, g.campaign, g.appeal
    """


def _position_of(gift: dict[str, Any]) -> str:
    return f"{gift['given_on'].isoformat()}.{gift['id']}"


class Count(msgspec.Struct):
    """How many: exact up to COUNTED, else "more than". What counts as received, per currency, only when exact."""

    gifts: int
    more: bool
    received: list[tuple[int, str]]


async def count(wanted: Filter, *, currency: str, home: str = "US") -> Count:
    """How many gifts a filter finds and what came in by them, looking at a bounded number of rows."""
    found = _Question()
    ways = await _ways(found, wanted, currency, home)
    lists = [
        f"""(SELECT g.id, g.currency, g.status, g.kind, g.amount - g.refunded_amount AS kept FROM gifts g
              WHERE {way} LIMIT {COUNTED + 1})"""  # noqa: S608 - conditions of ours
        for way in ways
    ]
    rows = await db.rows(
        f"""
        SELECT currency, count(*) AS gifts,
               coalesce(sum(kept) FILTER (WHERE status IN ('settled', 'partly_refunded')), 0)::bigint AS kept
          FROM (SELECT * FROM ({" UNION ".join(lists)}) any_of LIMIT {COUNTED + 1}) these
      GROUP BY currency ORDER BY 3 DESC
        """,  # noqa: S608 - conditions of ours, values by place
        *found.values,
    )
    gifts = sum(row["gifts"] for row in rows)
    more = gifts > COUNTED or found.some_donors
    return Count(min(gifts, COUNTED), more, [] if more else [(row["kept"], row["currency"]) for row in rows])


COLUMNS = (
    "Gift", "Given on", "Donor number", "Donor", "Amount", "Currency", "Refunded", "Kind", "Method", "Status",
    "Cheque number", "Description", "Funds", "Campaign", "Appeal", "Thanked", "Receipted",
)  # fmt: skip


async def lines(
    wanted: Filter, *, currency: str, home: str = "US", at_once: int = 1000
) -> AsyncIterator[list[str]]:
    """Every gift of a filter as cells of a file, the header first; read in pieces, so that memory stays flat."""
    yield list(COLUMNS)
    after = ""
    while True:
        piece = await page(wanted, currency=currency, home=home, after=after, limit=at_once)
        for gift in piece.gifts:
            yield _cells(gift)
        if piece.older is None:
            return
        after = piece.older


def _cells(gift: dict[str, Any]) -> list[str]:
    return [
        str(gift["id"]), gift["given_on"].isoformat(), str(gift["donor"]), gift["donor_name"],
        money.plain(gift["amount"], gift["currency"]), gift["currency"],
        money.plain(gift["refunded_amount"], gift["currency"]),
        words.KINDS[gift["kind"]], words.METHODS[gift["method"]], words.STATUSES[gift["status"]],
        gift["cheque_number"], gift["in_kind_description"], gift["funds"], gift["campaign_name"] or "",
        gift["appeal_name"] or "", "yes" if gift["thanked_at"] else "no", "yes" if gift["receipted_at"] else "no",
    ]  # fmt: skip


class _Question:
    """Conditions in SQL with their values by place."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.some_donors = False

    def place(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def is_position(self, text: str) -> bool:
        day, _dot, id = text.partition(".")
        return _day(day) is not None and _number(id, _LONGEST) is not None

    def position(self, text: str, sign: str) -> str:
        if not self.is_position(text):
            return ""
        day, _dot, id = text.partition(".")
        return (
            f" AND (g.given_on, g.id) {sign} ({self.place(_day(day))}::date, {self.place(int(id))}::bigint)"
        )


async def _ways(found: _Question, wanted: Filter, currency: str, home: str) -> list[str]:
    """One condition per way that what was typed may be meant, each with all the filters."""
    both = _filters(found, wanted)
    if not wanted.q:
        return [both]
    return [f"{way} AND {both}" for way in await _meanings(found, wanted.q, currency, home)] or [
        f"false AND {both}"
    ]


def _filters(found: _Question, wanted: Filter) -> str:
    conditions = ["true"]
    for column in ("donor", "method", "kind", "status", "campaign", "appeal"):
        value = getattr(wanted, column)
        if value not in (None, ""):
            conditions.append(f"g.{column} = {found.place(value)}")
    if wanted.since:
        conditions.append(f"g.given_on >= {found.place(wanted.since)}")
    if wanted.until:
        conditions.append(f"g.given_on <= {found.place(wanted.until)}")
    if wanted.fund:
        conditions.append(
            f"EXISTS (SELECT FROM gift_splits s WHERE s.gift = g.id AND s.fund = {found.place(wanted.fund)})"
        )
    if wanted.thanked:
        conditions.append(f"g.thanked_at IS {'NOT ' if wanted.thanked == 'yes' else ''}NULL")
    if wanted.correction:
        conditions.append("g.receipt_needs_correction")
    return " AND ".join(conditions)


async def leaves_donors_out(wanted: Filter, *, home: str = "US") -> bool:
    """Whether what was typed fits more people than a search looks at: a file of it would not be whole."""
    found = _Question()
    await _ways(found, wanted, "USD", home)
    return found.some_donors


async def _meanings(found: _Question, q: str, currency: str, home: str) -> list[str]:
    ways = []
    if re.fullmatch(r"#?[0-9]{1,18}", q, re.ASCII):
        ways.append(f"g.id = {found.place(int(q.lstrip('#')))}")
    if re.fullmatch(r"[A-Za-z0-9-]{1,40}", q, re.ASCII):
        ways.append(f"g.cheque_number = {found.place(q)}")
    try:
        amount = money.parse(q, currency)
        ways.append(f"(g.currency = {found.place(currency)} AND g.amount = {found.place(amount)})")
    except money.NotAnAmount:
        pass
    if not re.fullmatch(r"[#$]?[0-9.,]{1,9}", q, re.ASCII):
        people = await search.find(q, home=home)
        found.some_donors = people.more
        if people.ids:
            ways.append(f"g.donor = ANY ({found.place(people.ids)}::integer[])")
    return ways


def _number(text: str, most: int) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,19}", text, re.ASCII) and int(text) <= most else None


def _day(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
