"""What the entry of a gift shows: the choices of its form, the donor found so far, and what was recorded just now."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response

from donations import appeals, campaigns, donors, funds, words
from kit import days, db, forms, money, versions
from kit.forms import Form
from kit.pages import page
from kit.words import _
from staff import organisation

# What the next of fifty cheques has in common with the one before.
CARRIED = (
    "given_on",
    "received_on",
    "deposited_on",
    "method",
    "kind",
    "currency",
    "campaign",
    "appeal",
    "receipt_wanted",
)


async def shown(
    request: Request[Any, Any, Any],
    form: Form[Any],
    *,
    status_code: int = 200,
    more_rows: int = 0,
    **context: Any,
) -> Response[Any]:
    """The page of a new gift (or of a correction, when told a `gift`)."""
    ours = await organisation.needed()
    gift = context.get("gift")
    query = str(form.typed.get("donor_q") or "")
    found = await donors.matching(query, home=ours["country"]) if query else []
    if query and not form.typed.get("donor") and len(found) == 1:
        form.typed["donor"] = str(found[0]["id"])
    donor = await donors.chosen(_number(form.typed.get("donor")))
    return page(
        request,
        "donations/gifts/edit.html" if gift else "donations/gifts/new.html",
        "gift_form",
        status_code=status_code,
        form=form,
        ours=ours,
        today=days.today(ours["zone"]),
        donor=donor,
        donors=found,
        rows=_rows(form, more_rows),
        kinds=list(words.KINDS.items()),
        methods=list(words.METHODS.items()),
        currencies=[
            (code, code) for code in sorted(words.CURRENCIES, key=lambda code: code != ours["currency"])
        ],
        **await _choices(form),
        **({} if gift else {"recorded": await recorded_today(request.user.id, ours["zone"])}),
        **context,
    )


async def _choices(form: Form[Any]) -> dict[str, Any]:
    """Open funds, campaigns and appeals, and those that the form names although they are closed."""
    named = {_number(fund) for fund in form.typed.get("fund") or []} - {None}
    open_funds = await funds.open_ones()
    closed = await db.rows(
        "SELECT id, name FROM funds WHERE id = ANY ($1) AND closed_at IS NOT NULL",
        list(named),
    )
    return {
        "funds": [(fund["id"], _fund(fund)) for fund in open_funds]
        + [(fund["id"], _("{name} (closed)", name=fund["name"])) for fund in closed],
        "campaigns": await _with_named(
            forms.options([(c["id"], c["name"]) for c in await campaigns.open_ones()], nothing=_("None")),
            "campaigns", form.typed.get("campaign"),
        ),
        "appeals": await _with_named(
            forms.options(
                [(a["id"], f"{a['source_code']} · {a['name']}") for a in await appeals.open_ones()], nothing=_("None")
            ),
            "appeals", form.typed.get("appeal"),
        ),
    }  # fmt: skip


def _fund(fund: dict[str, Any]) -> str:
    return _("{name} (restricted)", name=fund["name"]) if fund["restricted"] else fund["name"]


async def _with_named(options: Any, table: str, named: Any) -> list[tuple[str, str]]:
    options, id = list(options), _number(named)
    if id is None or str(id) in [value for value, _label in options]:
        return options
    name = await db.value(f"SELECT name FROM {table} WHERE id = $1", id)  # noqa: S608 - our own two names
    return [*options, (str(id), _("{name} (closed)", name=name))] if name else options


def _rows(form: Form[Any], more: int) -> list[tuple[str, str]]:
    """The rows of the split as typed: (fund, part), at least one."""
    funds_typed, parts = list(form.typed.get("fund") or []), list(form.typed.get("part") or [])
    count = max(len(funds_typed), len(parts), 1) + more
    funds_typed += [""] * (count - len(funds_typed))
    parts += [""] * (count - len(parts))
    return list(zip(funds_typed, parts, strict=True))[:20]


async def recorded_today(member: int, zone: str) -> dict[str, Any]:
    """What this member recorded today, the latest first, with its sum per currency: to hold against the pile of cheques."""
    midnight = datetime.combine(days.today(zone), time(), ZoneInfo(zone))
    rows = await db.rows(
        """
        SELECT g.id, g.amount, g.currency, g.status, g.cheque_number, c.name
          FROM changes h JOIN gifts g ON g.id = h.object_id JOIN constituents c ON c.id = g.donor
         WHERE h.at >= $1 AND h.action = 'gift.recorded' AND h.actor_kind = 'staff' AND h.actor_id = $2
      ORDER BY h.id DESC LIMIT 500
        """,
        midnight,
        member,
    )
    sums: dict[str, int] = {}
    for row in rows:
        if row["status"] != "voided":
            sums[row["currency"]] = sums.get(row["currency"], 0) + row["amount"]
    return {"gifts": rows[:8], "count": len(rows), "sums": list(sums.items())}


_COMPARED = (
    ("amount", _("Amount")), ("currency", _("Currency")), ("given_on", _("Given on")), ("method", _("How it came")),
    ("cheque_number", _("Cheque number")), ("cheque_date", _("Cheque date")), ("kind", _("What it is")),
    ("in_kind_description", _("Description of the goods")), ("appeal", _("Appeal")), ("campaign", _("Campaign")),
    ("note", _("Note")), ("benefit_description", _("What the donor got in return")),
    ("benefit_value", _("Its fair value")), ("received_on", _("Received on")), ("deposited_on", _("Deposited on")),
    ("anonymous", _("Anonymous")), ("receipt_wanted", _("A receipt is wanted")),
)  # fmt: skip


async def in_words(typed: Mapping[str, Any]) -> dict[str, str]:
    """What the form says of a gift, field by field, to be held against what somebody else saved."""
    typed = {**typed, **{name: _plain(typed, name) for name in ("amount", "benefit_value")}}
    rows = list(zip(typed.get("fund") or [], typed.get("part") or [], strict=False))
    names = {str(fund["id"]): fund["name"] for fund in await funds.all_names()}
    whole = typed["amount"]
    parts = [f"{names.get(fund, fund)} {part or whole}" for fund, part in rows if fund or part]
    return {
        **versions.in_words(
            typed, _COMPARED, method=words.METHODS, kind=words.KINDS,
            campaign={str(c["id"]): c["name"] for c in await campaigns.all_names()},
            appeal={str(a["id"]): a["name"] for a in await appeals.all_names()},
        ),
        _("Funds"): ", ".join(parts),
    }  # fmt: skip


def _plain(typed: Mapping[str, Any], name: str) -> str:
    """`25` and `25.00` are the same amount."""
    text, currency = str(typed.get(name) or ""), str(typed.get("currency") or "")
    try:
        return money.plain(money.parse_or_zero(text, currency), currency) if text and currency else text
    except money.NotAnAmount:
        return text


def _number(typed: Any) -> int | None:
    text = str(typed or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
