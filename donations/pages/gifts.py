"""Gifts: the list and its file, one gift, recording and correcting it."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Stream

from constituents import constituents
from donations import (
    appeals,
    campaigns,
    choices,
    disputes,
    funds,
    gift_list,
    gifts,
    ledger,
    one_gift,
    refunds,
    soft_credits,
    words,
)  # fmt: skip
from donations.corrections import AsksFirst, WrongSplits
from donations.forms import CorrectionForm, GiftForm, as_typed
from donations.pages import entry
from kit import changes, days, db, forms, money, security, sheets, versions
from kit.errors import Conflict, NotFound, Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import organisation

Asked = Request[Any, Any, Any]
_METHODS, _KINDS, _STATUSES = (
    (("", _("any")), *known.items()) for known in (words.METHODS, words.KINDS, words.STATUSES)
)


@get("/", name="gifts:index", needs="gifts.read")
async def index(request: Asked) -> Response[Any]:
    ours = await organisation.needed()
    query = request.query_params
    wanted = gift_list.read(query)
    return page(
        request,
        "donations/gifts/index.html",
        "gift_list",
        wanted=wanted,
        found=await gift_list.page(
            wanted,
            currency=ours["currency"],
            home=ours["country"],
            after=query.get("after", ""),
            before=query.get("before", ""),
        ),
        methods_of=words.METHODS,
        methods=_METHODS,
        kinds=_KINDS,
        statuses=_STATUSES,
        choices=await choices.all(),
        named=await _named(wanted),
    )


async def _named(wanted: gift_list.Filter) -> list[tuple[str, dict[str, str]]]:
    """What is filtered, in words, each with the query without it."""
    named = []
    for name, words_of in (("method", words.METHODS), ("kind", words.KINDS), ("status", words.STATUSES)):
        if value := getattr(wanted, name):
            named.append((words_of[value], wanted.without(name)))
    for name, verb in (
        ("donor", constituents.get), ("fund", funds.get), ("campaign", campaigns.get), ("appeal", appeals.get)
    ):  # fmt: skip
        if id := getattr(wanted, name):
            try:
                named.append(((await verb(id))["name"], wanted.without(name)))
            except NotFound:
                named.append((_("{what} {number}", what=name.capitalize(), number=id), wanted.without(name)))
    if wanted.thanked:
        named.append(
            (_("Not thanked") if wanted.thanked == "no" else _("Thanked"), wanted.without("thanked"))
        )
    if wanted.correction:
        named.append((_("Receipt needs correction"), wanted.without("correction")))
    return named


@get("/count", name="gift_counts:show", needs="gifts.read")
async def count(request: Asked) -> Response[Any]:
    ours = await organisation.needed()
    wanted = gift_list.read(request.query_params)
    return page(
        request,
        "donations/gifts/count.html",
        "gift_count",
        wanted=wanted,
        count=await gift_list.count(wanted, currency=ours["currency"], home=ours["country"]),
    )


@post("/export", name="gifts:export", needs="gifts.export", status_code=200)
async def export(request: Asked) -> Stream:
    """The filtered gifts as a file. A POST, because that somebody took it along is noted."""
    ours = await organisation.needed()
    sent = await request.form()
    wanted = gift_list.read({name: value for name, value in sent.items() if isinstance(value, str)})
    if await gift_list.leaves_donors_out(wanted, home=ours["country"]):
        raise Refused(
            _(
                "“{q}” fits too many people for one file. Type more of the name, then export again.",
                q=wanted.q,
            )
        )
    async with db.tx():
        await changes.note(
            "gift.exported",
            "organisation",
            ours["id"],
            by=request.user.actor,
            after={"filter": wanted.said() or "all"},
        )
    name = f"gifts-{days.today(ours['zone']).isoformat()}.csv"
    return Stream(
        _file(wanted, ours["currency"], ours["country"]),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


async def _file(wanted: gift_list.Filter, currency: str, home: str) -> AsyncIterator[bytes]:
    piece = ["\ufeff"]  # spreadsheets take a file without it for Latin-1
    async for cells in gift_list.lines(wanted, currency=currency, home=home):
        piece.append(sheets.csv_line(cells))
        if len(piece) >= 500:
            yield "".join(piece).encode()
            piece = []
    yield "".join(piece).encode()


@get("/new", name="gifts:new", needs="gifts.write")
async def new(request: Asked) -> Response[Any]:
    ours = await organisation.needed()
    query = request.query_params
    typed: dict[str, Any] = {
        "given_on": days.today(ours["zone"]).isoformat(), "method": "cheque", "kind": "cash", "currency": ours["currency"],
    }  # fmt: skip
    typed |= {name: query[name] for name in (*entry.CARRIED, "donor", "donor_q") if query.get(name)}
    typed["fund"] = [query["fund"]] if query.get("fund") else [await _general()]
    typed["entry_key"] = security.new_token()
    return await entry.shown(request, forms.blank(**typed))


async def _general() -> str:
    return str(await db.value("SELECT id FROM funds WHERE is_general") or "")


@post("/", name="gifts:create", needs="gifts.write")
async def create(request: Asked) -> Response[Any]:
    ours = await organisation.needed()
    sent = await request.form()
    form = read_form(GiftForm, sent, currency=_currency(sent, ours), today=days.today(ours["zone"]))
    do = sent.get("do", "")
    if do in ("find", "add_split", "other_donor") or _only_looks_for_the_donor(form):
        return await _another_step(request, form, do)
    if not form.typed.get("donor"):
        form.refuse("donor", _("Choose the donor from the list."))
    if not form.ok:
        return await entry.shown(request, form, status_code=422)
    if form.value.entry_key and (made := await gifts.entered(form.value.entry_key)):
        return see(
            request, "gifts:show", gift_id=made,
            notice=_("This form was saved already; it was not recorded again. To change the gift, correct it."),
        )  # fmt: skip
    try:
        gift_id = await gifts.record(
            _details(form.value), by=request.user.actor, confirmed=form.value.confirmed
        )
    except (Refused, NotFound) as no:
        return await entry.shown(request, _refuse(form, no), status_code=422)
    gift = await one_gift.get(gift_id)
    said = _(
        "Recorded {amount} from {name}.",
        amount=money.show(gift["amount"], gift["currency"]),
        name=gift["donor_name"],
    )
    if do == "next":
        return see(request, "gifts:new", notice=said, **_carried(form))
    return see(request, "gifts:show", gift_id=gift_id, notice=said)


def _only_looks_for_the_donor(form: Form[Any]) -> bool:
    """Enter in the donor's field sends the form: it means that field."""
    return bool(form.typed.get("donor_q")) and not form.typed.get("donor") and not form.typed.get("amount")


async def _another_step(request: Asked, form: Form[Any], do: str, **context: Any) -> Response[Any]:
    """A step of typing, not the end of it: what was typed stays, and nothing is wrong yet."""
    typed = dict(form.typed)
    if do in ("find", "other_donor"):
        typed["donor"] = ""
    return await entry.shown(
        request, forms.blank(**typed), more_rows=1 if do == "add_split" else 0, **context
    )


def _carried(form: Form[GiftForm]) -> dict[str, str]:
    carried = {name: str(form.typed.get(name) or "") for name in entry.CARRIED}
    funds_typed = [fund for fund in form.typed.get("fund") or [] if fund]
    return {**carried, "fund": funds_typed[0] if len(funds_typed) == 1 else ""}


def _currency(sent: Any, ours: dict[str, Any]) -> str:
    typed = sent.get("currency", "")
    return typed if typed in words.CURRENCIES else ours["currency"]


def _details(typed: GiftForm) -> gifts.GiftDetails:
    return gifts.GiftDetails(donor=typed.donor or 0, entry_key=typed.entry_key or None, **_values(typed))


def _values(typed: GiftForm) -> dict[str, Any]:
    """What the form says of the gift, as the verbs want it."""
    return {
        **{name: getattr(typed, name) for name in (
            "amount", "currency", "given_on", "method", "cheque_number", "cheque_date", "kind", "in_kind_description",
            "campaign", "appeal", "note", "benefit_description", "received_on", "deposited_on", "anonymous",
            "receipt_wanted",
        )},
        "benefit_value": typed.benefit_value or 0,
        "splits": typed.shares(),
    }  # fmt: skip


def _refuse(form: Form[Any], no: Exception) -> Form[Any]:
    if isinstance(no, AsksFirst):
        return form.refuse("confirmed", str(no))
    if isinstance(no, NotFound):
        return form.refuse("", _("Something chosen here is not there any more. Choose again."))
    return form.refuse("part" if isinstance(no, WrongSplits) else "", str(no))


@get("/{gift_id:int}", name="gifts:show", needs="gifts.read")
async def show(request: Asked, gift_id: FromPath[int]) -> Response[Any]:
    ours = await organisation.needed()
    gift = await one_gift.get(gift_id)
    return page(
        request,
        "donations/gifts/show.html",
        gift=gift,
        ours=ours,
        deeds=one_gift.deeds(gift),
        splits=await one_gift.splits(gift_id),
        journals=await ledger.of_gift(gift_id),
        refunds=await refunds.of(gift_id),
        disputes=await disputes.of(gift_id) if gift["payment"] else [],
        credits=await soft_credits.of_gift(gift_id),
        history=await one_gift.history(gift, ours["zone"]),
        kinds=words.KINDS,
        methods=words.METHODS,
        accounts=words.ACCOUNTS,
        by=words.BY,
    )


@get("/{gift_id:int}/edit", name="gifts:edit", needs="gifts.correct")
async def edit(request: Asked, gift_id: FromPath[int]) -> Response[Any]:
    gift = await one_gift.get(gift_id)
    return await _correction_page(request, forms.blank(**await _as_typed(gift)), gift)


async def _as_typed(gift: dict[str, Any]) -> dict[str, Any]:
    """The gift as one would type it into the form."""
    typed = as_typed(gift, gift["currency"], "amount", "benefit_value")
    parts = await one_gift.splits(gift["id"])
    typed["fund"] = [str(part["fund"]) for part in parts]
    typed["part"] = [
        money.plain(part["amount"], gift["currency"]) if len(parts) > 1 else "" for part in parts
    ]
    typed["benefit_value"] = typed["benefit_value"] if gift["benefit_value"] else ""
    return typed


async def _correction_page(
    request: Asked, form: Form[Any], gift: dict[str, Any], *, status_code: int = 200, **context: Any
) -> Response[Any]:
    locked, fixed = one_gift.fixed(gift)
    return await entry.shown(
        request, form, gift=gift, locked=locked, fixed=fixed, splits=await one_gift.splits(gift["id"]),
        status_code=status_code, **context,
    )  # fmt: skip


@post("/{gift_id:int}", name="gifts:update", needs="gifts.correct")
async def update(request: Asked, gift_id: FromPath[int]) -> Response[Any]:
    ours = await organisation.needed()
    gift = await one_gift.get(gift_id)
    sent = await request.form()
    form = read_form(CorrectionForm, sent, currency=_currency(sent, ours), today=days.today(ours["zone"]))
    if sent.get("do") == "add_split":
        return await _correction_page(request, forms.blank(**form.typed), gift, more_rows=1)
    if not form.ok:
        return await _correction_page(request, form, gift, status_code=422)
    new = _values(form.value)
    new["splits"] = new["splits"] or [(await gifts.general_fund(), form.value.amount)]
    try:
        await gifts.correct(
            gift_id, new, version=form.value.version, by=request.user.actor, reason=form.value.reason
        )
    except Conflict as meanwhile:
        stands = await one_gift.get(gift_id)
        theirs = versions.apart(
            await entry.in_words(await _as_typed(stands)), await entry.in_words(form.typed)
        )
        form = versions.seen_again(form, stands["version"], str(meanwhile))
        return await _correction_page(request, form, stands, theirs=theirs, status_code=409)
    except (Refused, NotFound) as no:
        return await _correction_page(request, _refuse(form, no), gift, status_code=422)
    return see(request, "gifts:show", gift_id=gift_id, notice=_("The gift is corrected."))


router = Router(path="/gifts", route_handlers=[index, count, export, new, create, show, edit, update])
