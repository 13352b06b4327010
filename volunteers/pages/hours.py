"""Hours: one list to approve, adjust or refuse; entering them; totals by person, programme, funder and period."""

from datetime import date
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import days, forms
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _, ngettext
from staff import organisation
from volunteers import hour_reports, hours, profiles, programmes, sight
from volunteers.forms import AdjustForm, HoursForm

Asked = Request[Any, Any, Any]


@get("/", name="hours:index", needs="volunteers.read")
async def index(request: Asked) -> Response[Any]:
    seen = await sight.programmes_of(request.user)
    return page(
        request,
        "volunteers/hours/index.html",
        "hours_to_decide",
        waiting=await hours.to_decide(seen),
        tab="decide",
    )


@post("/approvals", name="hours_approvals:create", needs="volunteers.hours")
async def approve(request: Asked) -> Response[Any]:
    """Approve the ticked ones, as far as they are in this coordinator's programmes."""
    data = await request.form()
    ticked = {
        int(text)
        for text in data.getall("id", [])
        if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 18
    }
    seen = await sight.programmes_of(request.user)
    theirs = [row["id"] for row in await hours.to_decide(seen, limit=1000) if row["id"] in ticked]
    done = await hours.approve(theirs, by=request.user.actor)
    return see(
        request,
        "hours:index",
        notice=ngettext("{count} entry is approved.", "{count} entries are approved.", done),
    )


@get("/new", name="hours:new", needs="volunteers.hours")
async def new(request: Asked) -> Response[Any]:
    constituent = request.query_params.get("constituent", "")
    return await _entry(request, forms.blank(constituent=constituent, people="1", day=str(await _today())))


@post("/", name="hours:create", needs="volunteers.hours")
async def create(request: Asked) -> Response[Any]:
    form = read_form(HoursForm, await request.form(), today=await _today())
    if not form.ok:
        return await _entry(request, form, status_code=422)
    value = form.value
    await sight.check_programme(request.user, value.programme)
    try:
        await profiles.ensure(value.constituent, by=request.user.actor)
        await hours.record(
            hours.HoursDetails(
                constituent=value.constituent, programme=value.programme, day=value.day, minutes=value.all_minutes,
                people=value.people, note=value.note,
            ),
            by=request.user.actor,
        )  # fmt: skip
    except Refused as no:
        return await _entry(request, form.refuse("hours", str(no)), status_code=422)
    return see(request, "volunteers:show", constituent_id=value.constituent, notice=_("The hours are noted."))


@get("/{hours_id:int}/edit", name="hours:edit", needs="volunteers.hours")
async def edit(request: Asked, hours_id: FromPath[int]) -> Response[Any]:
    row = await _seen(request, hours_id)
    full, rest = divmod(row["minutes"], 60)
    return await _one(request, row, forms.blank(hours=str(full), minutes=str(rest)))


@post("/{hours_id:int}", name="hours:update", needs="volunteers.hours")
async def update(request: Asked, hours_id: FromPath[int]) -> Response[Any]:
    row = await _seen(request, hours_id)
    form = read_form(AdjustForm, await request.form())
    if not form.ok:
        return await _one(request, row, form, status_code=422)
    minutes = (form.value.hours or 0) * 60 + (form.value.minutes or 0)
    try:
        await hours.adjust(hours_id, minutes, note=form.value.note, by=request.user.actor)
    except Refused as no:
        return await _one(request, row, form.refuse("hours", str(no)), status_code=422)
    return see(request, "hours:index", notice=_("Adjusted and approved."))


@post("/{hours_id:int}/refusals", name="hours_refusals:create", needs="volunteers.hours")
async def refuse(request: Asked, hours_id: FromPath[int]) -> Response[Any]:
    await _seen(request, hours_id)
    reason = str((await request.form()).get("reason", "")).strip()
    await hours.refuse(hours_id, reason=reason, by=request.user.actor)
    return see(request, "hours:index", notice=_("These hours do not count."))


@get("/totals", name="hours_totals:index", needs="volunteers.read")
async def totals(request: Asked) -> Response[Any]:
    today = await _today()
    first = _day(request.query_params.get("first", ""), date(today.year, 1, 1))
    last = _day(request.query_params.get("last", ""), today)
    by = request.query_params.get("by", "programme")
    seen = await sight.programmes_of(request.user)
    return page(
        request,
        "volunteers/hours/totals.html",
        "hours_totals",
        rows=await hour_reports.totals(by, first, last, seen),
        by=by if by in hour_reports.BY else "programme",
        first=first,
        last=last,
        value=await hour_reports.value_on(last),
        tab="totals",
    )


async def _seen(request: Asked, hours_id: int) -> dict[str, Any]:
    row = await hours.get(hours_id)
    await sight.check_programme(request.user, row["programme"])
    return row


async def _entry(request: Asked, form: Form[Any], status_code: int = 200) -> Response[Any]:
    seen = await sight.programmes_of(request.user)
    typed = str(form.typed.get("constituent", ""))
    return page(
        request,
        "volunteers/hours/new.html",
        "hours_form",
        form=form,
        who=await hour_reports.name_of(int(typed))
        if typed.isascii() and typed.isdigit() and len(typed) < 10
        else None,
        programmes=forms.options(
            [
                (one["id"], one["name"])
                for one in await programmes.all_of_them(seen)
                if one["closed_at"] is None
            ],
            nothing=_("Choose"),
        ),
        status_code=status_code,
    )


async def _one(request: Asked, row: dict[str, Any], form: Form[Any], status_code: int = 200) -> Response[Any]:
    return page(
        request, "volunteers/hours/edit.html", "hours_form", form=form, row=row,
        who=await hour_reports.name_of(row["constituent"]), status_code=status_code,
    )  # fmt: skip


async def _today() -> date:
    return days.today((await organisation.needed())["zone"])


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


router = Router(path="/hours", route_handlers=[index, approve, new, create, edit, update, refuse, totals])
