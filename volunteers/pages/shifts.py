"""Shifts: planning one or a series, one with its people, changing and cancelling one, and a skipped date put back."""

from datetime import datetime, timedelta
from typing import Any, Literal

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import days, forms
from kit.errors import NotFound, Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _, ngettext
from staff import organisation
from volunteers import (
    asks,
    clashes,
    coverage,
    gates,
    opportunities,
    places,
    previews,
    recurrence,
    series,
    series_changes,
    shifts,
    sight,
    signups,
)
from volunteers.forms import ShiftForm
from volunteers.pages import chosen, histories

Asked = Request[Any, Any, Any]


@get("/opportunities/{opportunity_id:int}/shifts/new", name="shifts:new", needs="volunteers.write")
async def new(request: Asked, opportunity_id: FromPath[int]) -> Response[Any]:
    await sight.check_opportunity(request.user, opportunity_id)
    role = await opportunities.get(opportunity_id)
    tomorrow = days.today(role["zone"]) + timedelta(days=1)
    return await _shown(
        request,
        forms.blank(day=str(tomorrow), minimum="1", days=[], interval="1", skips_holidays="yes"),
        role,
    )


@post("/opportunities/{opportunity_id:int}/shifts", name="shifts:create", needs="volunteers.write")
async def create(request: Asked, opportunity_id: FromPath[int]) -> Response[Any]:
    await sight.check_opportunity(request.user, opportunity_id)
    role = await opportunities.get(opportunity_id)
    form = read_form(ShiftForm, await request.form(), today=days.today(role["zone"]))
    if not await chosen.check(form, request.user):
        return await _shown(request, form, role, status_code=422)
    try:
        if form.value.look:
            if not form.value.every:
                return await _shown(request, _nothing_to_look_at(form, "every"), role, status_code=422)
            preview = await previews.of_new(_series(form.value, opportunity_id))
            return await _shown(request, form, role, preview=preview)
        if not form.value.every and form.value.ends_at <= days.wall_clock(days.now(), role["zone"]):
            raise shifts.WrongTimes(
                _("That is over already. For hours that were given then, use “Enter hours”.")
            )
        made = await _plan(form.value, opportunity_id, request)
    except Refused as no:
        return await _shown(request, _refuse(form, no), role, status_code=422)
    return see(
        request, "opportunities:show", opportunity_id=opportunity_id,
        notice=ngettext("{count} shift is planned.", "{count} shifts are planned.", made),
    )  # fmt: skip


@get("/shifts/{shift_id:int}", name="shifts:show", needs="volunteers.read")
async def show(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    await sight.check_shift(request.user, shift_id)
    ours = await organisation.needed()
    shift = await shifts.get(shift_id)
    found = await signups.of_shift(shift_id, narrowed=sight.narrowed(request.user))
    return page(
        request,
        "volunteers/shifts/show.html",
        shift={**shift, "need": coverage.need(shift)},
        signups=found,
        lacking=await _lacking(request, shift, found),
        asked=await asks.of_shift(shift_id),
        rule=recurrence.in_words((await series.get(shift["series"]))["rule"]) if shift["series"] else "",
        rates=await coverage.rates_of(shift_id),
        over=shift["starts_at"] <= days.now(),
        past=shift["ends_at"] <= days.now(),
        zone=ours["zone"],
        history=await histories.of(request, "shift", shift_id, ours["zone"]),
    )


async def _lacking(
    request: Asked, shift: dict[str, Any], found: list[dict[str, Any]]
) -> dict[int, list[str]]:
    """What people with a place have not that the shift asks for, while something can be done; how checks stand is private."""
    if shift["ends_at"] <= days.now() or not request.user.may("volunteers.write"):
        return {}
    people = [one["constituent"] for one in found if one["status"] in ("pending", "confirmed", "offered")]
    return await gates.lacking(people, shift["id"])


@get("/shifts/{shift_id:int}/edit", name="shifts:edit", needs="volunteers.write")
async def edit(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    await sight.check_shift(request.user, shift_id)
    shift = await shifts.get(shift_id)
    return await _shown(
        request, forms.blank(**await _typed(shift)), await opportunities.get(shift["opportunity"]), shift
    )


@post("/shifts/{shift_id:int}", name="shifts:update", needs="volunteers.write")
async def update(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    await sight.check_shift(request.user, shift_id)
    shift = await shifts.get(shift_id)
    role = await opportunities.get(shift["opportunity"])
    form = read_form(ShiftForm, await request.form(), today=days.today(role["zone"]))
    if not await chosen.check(form, request.user):
        return await _shown(request, form, role, shift, status_code=422)
    try:
        if form.value.look:
            if not _is_of_series(form.value, shift):
                no = _nothing_to_look_at(form, "scope" if shift["series"] else "day")
                return await _shown(request, no, role, shift, status_code=422)
            preview = await previews.of_change(
                shift_id, _scope(form.value), _series(form.value, role["id"]), by=request.user.actor
            )
            return await _shown(request, form, role, shift, preview=preview)
        await _change(form.value, shift, request)
    except shifts.TooManySignedUp as asked:
        return await _shown(request, _refuse(form, asked), role, shift, who_waits=asked, status_code=422)
    except series_changes.LosesPeople as asked:
        return await _shown(request, _refuse(form, asked), role, shift, loses=asked, status_code=422)
    except Refused as no:
        return await _shown(request, _refuse(form, no), role, shift, status_code=422)
    if _is_of_series(form.value, shift):
        return see(
            request, "opportunities:show", opportunity_id=role["id"],
            notice=_("The series is saved. Who has another time or place now is told by mail."),
        )  # fmt: skip
    return see(request, "shifts:show", shift_id=shift_id, notice=await _saved(shift))


async def _saved(was: dict[str, Any]) -> str:
    """What became of a shift by itself, and whether somebody is told."""
    now = await shifts.get(was["id"])
    told = was["taken"] + was["waiting"]
    if told and any(was[name] != now[name] for name in ("starts_at", "ends_at", "place")):
        return ngettext(
            "The shift is saved. {count} person is told by mail.",
            "The shift is saved. {count} people are told by mail.",
            told,
        )
    return _("The shift is saved.")


@post("/shifts/{shift_id:int}/cancellations", name="shift_cancellations:create", needs="volunteers.write")
async def cancel(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    await sight.check_shift(request.user, shift_id)
    shift = await shifts.get(shift_id)
    said = await request.form()
    reason = str(said.get("reason", "")).replace("\0", "").strip()[:500]
    if said.get("scope") == "later" and shift["series"]:
        gone = await series.end(shift_id, reason=reason, by=request.user.actor)
        notice = ngettext("{count} shift is cancelled.", "{count} shifts are cancelled.", gone)
    else:
        await shifts.cancel(shift_id, reason=reason, by=request.user.actor)
        notice = _("The shift is cancelled. Everybody on it is told.")
    return see(request, "opportunities:show", opportunity_id=shift["opportunity"], notice=notice)


@post("/series/{series_id:int}/returns", name="series_returns:create", needs="volunteers.write")
async def put_back(request: Asked, series_id: FromPath[int]) -> Response[Any]:
    """A date of a series that was skipped has its shift again."""
    row = await series.get(series_id)
    await sight.check_opportunity(request.user, row["opportunity"])
    typed = str((await request.form()).get("starts", ""))
    try:
        starts = datetime.fromisoformat(typed).replace(tzinfo=None)
    except ValueError:
        raise NotFound(f"date {typed[:40]}") from None
    await series.put_back(series_id, starts, by=request.user.actor)
    return see(
        request, "opportunities:show", opportunity_id=row["opportunity"],
        notice=_("The shift stands again. Who was on it before has to sign up anew."),
    )  # fmt: skip


async def _plan(value: ShiftForm, opportunity_id: int, request: Asked) -> int:
    """Plan what the form says; returns how many shifts."""
    if not value.every:
        await shifts.create(_one(value, opportunity_id), by=request.user.actor)
        return 1
    id = await series.create(_series(value, opportunity_id), by=request.user.actor)
    return await series.count(id)


def _is_of_series(value: ShiftForm, shift: dict[str, Any]) -> bool:
    return value.scope != "one" and shift["series"] is not None


def _nothing_to_look_at(form: Form[Any], field: str) -> Form[Any]:
    """Who only looks never saves, also where a browser shows the button all the same."""
    return form.refuse(field, _("There are no other dates to show: this is about one shift."))


def _scope(value: ShiftForm) -> Literal["later", "all"]:
    return "all" if value.scope == "all" else "later"


async def _change(value: ShiftForm, shift: dict[str, Any], request: Asked) -> None:
    if not _is_of_series(value, shift):
        await shifts.update(
            shift["id"], _one(value, shift["opportunity"]), version=value.version or 0, by=request.user.actor,
            to_waiting=value.to_waiting,
        )  # fmt: skip
        return
    await series_changes.change(
        shift["id"],
        _scope(value),
        _series(value, shift["opportunity"]),
        by=request.user.actor,
        version=value.version or 0,
        confirmed=value.confirmed,
        last_come_wait=value.last_come_wait,
    )


def _one(value: ShiftForm, opportunity_id: int) -> shifts.ShiftDetails:
    return shifts.ShiftDetails(
        opportunity=opportunity_id, starts=value.begins_at, ends=value.ends_at, minimum=value.minimum,
        maximum=value.maximum, place=value.place, note=value.note,
    )  # fmt: skip


def _series(value: ShiftForm, opportunity_id: int) -> series.SeriesDetails:
    return series.SeriesDetails(
        opportunity=opportunity_id, starts=value.begins_at, ends=value.ends_at, rule=value.rule, minimum=value.minimum,
        maximum=value.maximum, place=value.place, note=value.note, skips_holidays=value.skips_holidays,
    )  # fmt: skip


def _refuse(form: Form[Any], no: Refused) -> Form[Any]:
    field = {
        shifts.WrongTimes: "ends", recurrence.NotARule: "rrule" if form.typed.get("every") == "rule" else "every",
        shifts.TooManySignedUp: "maximum", clashes.Clash: "starts",
    }.get(type(no), "")  # fmt: skip
    return form.refuse(field, str(no))


async def _typed(shift: dict[str, Any]) -> dict[str, Any]:
    starts, ends = (days.wall_clock(shift[name], shift["zone"]) for name in ("starts_at", "ends_at"))
    typed: dict[str, Any] = {
        "day": str(starts.date()), "starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}",
        "last_day": str(ends.date()) if ends - starts >= timedelta(days=1) else "",
        "minimum": str(shift["minimum"]), "maximum": str(shift["maximum"]), "place": str(shift["place"] or ""),
        "note": shift["note"], "version": str(shift["version"]), "scope": "one", "days": [], "to_waiting": [],
    }  # fmt: skip
    if shift["series"] is not None:
        typed |= await _typed_rule(shift["series"], starts)
    return typed


async def _typed_rule(series_id: int, starts: datetime) -> dict[str, Any]:
    """The form that makes the rule of a series; where none makes this very rule, the rule itself."""
    row = await series.get(series_id)
    skips = "yes" if row["skips_holidays"] else ""
    repeat = recurrence.form_of(row["rule"], starts)
    if repeat is None:
        return {"every": "rule", "rrule": row["rule"], "skips_holidays": skips}
    return {
        "every": repeat.every, "interval": str(repeat.interval), "days": list(repeat.days),
        "until": str(repeat.until or ""), "count": str(repeat.count or ""), "skips_holidays": skips,
    }  # fmt: skip


async def _shown(
    request: Asked,
    form: Form[Any],
    role: dict[str, Any],
    shift: dict[str, Any] | None = None,
    *,
    who_waits: shifts.TooManySignedUp | None = None,
    loses: series_changes.LosesPeople | None = None,
    preview: previews.Preview | None = None,
    status_code: int = 200,
) -> Response[Any]:
    return page(
        request,
        "volunteers/shifts/edit.html",
        "shift_form",
        form=form,
        role=role,
        shift=shift,
        who_waits=who_waits,
        loses=loses,
        preview=preview,
        where=forms.options(
            [(place["id"], place["name"]) for place in await places.all_of_them() if place["closed_at"] is None],
            nothing=_("{place}, as the role", place=role["place_name"]),
        ),
        every=[
            ("", _("Once, it does not repeat")), ("week", _("Every week")), ("day", _("Every day")),
            ("month_weekday", _("Every month, on this weekday")), ("month_day", _("Every month, on this date")),
            ("year", _("Every year")), ("rule", _("By a rule of another calendar")),
        ],
        weekdays=recurrence.weekdays(),
        status_code=status_code,
    )  # fmt: skip


router = Router(path="/", route_handlers=[new, create, show, edit, update, cancel, put_back])
