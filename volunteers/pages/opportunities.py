"""Opportunities: one role with its shifts to come, a new one, changing, closing and opening one."""

from datetime import timedelta
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import days, forms
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import members, organisation
from volunteers import (
    coverage,
    opportunities,
    places,
    programmes,
    qualifications,
    recurrence,
    series,
    sight,
    waivers,
)
from volunteers.forms import OpportunityForm
from volunteers.opportunities import OpportunityDetails
from volunteers.pages import histories

Asked = Request[Any, Any, Any]
_AHEAD = timedelta(days=183)


@get("/programmes/{programme_id:int}/opportunities/new", name="opportunities:new", needs="volunteers.write")
async def new(request: Asked, programme_id: FromPath[int]) -> Response[Any]:
    await sight.check_programme(request.user, programme_id)
    programme = await programmes.get(programme_id)
    blank = forms.blank(
        is_public="yes", largest_group="1", remind_hours="48, 3", coordinator=str(request.user.id),
        qualifications=[], waivers=[],
    )  # fmt: skip
    return await _shown(request, blank, programme)


@post("/programmes/{programme_id:int}/opportunities", name="opportunities:create", needs="volunteers.write")
async def create(request: Asked, programme_id: FromPath[int]) -> Response[Any]:
    await sight.check_programme(request.user, programme_id)
    programme = await programmes.get(programme_id)
    form = read_form(OpportunityForm, await request.form())
    if not form.ok:
        return await _shown(request, form, programme, status_code=422)
    try:
        id = await opportunities.create(
            _details(form.value, programme_id), by=request.user.actor, at=await _new_place(form.value)
        )
    except Refused as no:
        return await _shown(request, _refuse(form, no), programme, status_code=422)
    return see(
        request, "opportunities:show", opportunity_id=id, notice=_("The role is made. Now plan its shifts.")
    )


@get("/opportunities/{opportunity_id:int}", name="opportunities:show", needs="volunteers.read")
async def show(request: Asked, opportunity_id: FromPath[int]) -> Response[Any]:
    await sight.check_opportunity(request.user, opportunity_id)
    ours = await organisation.needed()
    now = days.now()
    return page(
        request,
        "volunteers/opportunities/show.html",
        role=await opportunities.get(opportunity_id),
        series=[
            {**one, "words": recurrence.in_words(one["rule"])}
            for one in await series.of_opportunity(opportunity_id)
        ],
        shifts=await coverage.planned(now, now + _AHEAD, seen=None, opportunity=opportunity_id, limit=100),
        needed=await qualifications.needed_by(opportunity_id),
        waivers=await waivers.asked_by(opportunity_id),
        history=await histories.of(
            request,
            "opportunity",
            opportunity_id,
            ours["zone"],
            parts=("series", await series.numbers_of(opportunity_id)),
        ),
    )


@get("/opportunities/{opportunity_id:int}/edit", name="opportunities:edit", needs="volunteers.write")
async def edit(request: Asked, opportunity_id: FromPath[int]) -> Response[Any]:
    await sight.check_opportunity(request.user, opportunity_id)
    role = await opportunities.get(opportunity_id)
    return await _shown(request, forms.blank(**_typed(role)), await programmes.get(role["programme"]), role)


@post("/opportunities/{opportunity_id:int}", name="opportunities:update", needs="volunteers.write")
async def update(request: Asked, opportunity_id: FromPath[int]) -> Response[Any]:
    await sight.check_opportunity(request.user, opportunity_id)
    role = await opportunities.get(opportunity_id)
    programme = await programmes.get(role["programme"])
    form = read_form(OpportunityForm, await request.form())
    if not form.ok:
        return await _shown(request, form, programme, role, status_code=422)
    try:
        await opportunities.update(
            opportunity_id,
            _details(form.value, role["programme"]),
            version=form.value.version or 0,
            by=request.user.actor,
            at=await _new_place(form.value),
        )
    except Refused as no:
        return await _shown(request, _refuse(form, no), programme, role, status_code=422)
    return see(request, "opportunities:show", opportunity_id=opportunity_id, notice=_("The role is saved."))


@post(
    "/opportunities/{opportunity_id:int}/closures",
    name="opportunity_closures:create",
    needs="volunteers.write",
)
async def close(request: Asked, opportunity_id: FromPath[int]) -> Response[Any]:
    await sight.check_opportunity(request.user, opportunity_id)
    await opportunities.close(opportunity_id, by=request.user.actor)
    return see(request, "opportunities:show", opportunity_id=opportunity_id, notice=_("The role is closed."))


@post(
    "/opportunities/{opportunity_id:int}/openings",
    name="opportunity_openings:create",
    needs="volunteers.write",
)
async def reopen(request: Asked, opportunity_id: FromPath[int]) -> Response[Any]:
    await sight.check_opportunity(request.user, opportunity_id)
    await opportunities.reopen(opportunity_id, by=request.user.actor)
    return see(
        request, "opportunities:show", opportunity_id=opportunity_id, notice=_("The role is open again.")
    )


def _details(value: OpportunityForm, programme_id: int) -> OpportunityDetails:
    """What was left empty is as usual: no rest, no windows, a place held for a day."""
    said = {
        name: text
        for name, text in msgspec.structs.asdict(value).items()
        if text is not None and name in OpportunityDetails.__struct_fields__
    }
    return OpportunityDetails(programme=programme_id, **{"place": 0, **said})


async def _new_place(value: OpportunityForm) -> places.PlaceDetails | None:
    """A place that was typed instead of chosen goes by the clock of the organisation."""
    if not value.new_place:
        return None
    zone = (await organisation.needed())["zone"]
    return places.PlaceDetails(name=value.new_place, zone=zone, address=value.new_address)


def _refuse(form: Form[Any], no: Refused) -> Form[Any]:
    return form.refuse("new_place" if isinstance(no, places.NameTaken) else "", str(no))


def _typed(role: dict[str, Any]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name in OpportunityForm.__struct_fields__:
        stored: Any = role.get(name)
        if name == "remind_hours":
            typed[name] = ", ".join(str(hours) for hours in stored)
        elif isinstance(stored, list):
            typed[name] = [str(one) for one in stored]
        elif isinstance(stored, bool):
            typed[name] = "yes" if stored else ""
        else:
            typed[name] = "" if stored is None else str(stored)
    return typed


async def _shown(
    request: Asked,
    form: Form[Any],
    programme: dict[str, Any],
    role: dict[str, Any] | None = None,
    status_code: int = 200,
) -> Response[Any]:
    return page(
        request,
        "volunteers/opportunities/edit.html",
        "opportunity_form",
        form=form,
        programme=programme,
        role=role,
        where=forms.options(
            [
                (place["id"], place["name"])
                for place in await places.all_of_them()
                if place["closed_at"] is None
            ],
            nothing=_("Choose a place"),
        ),
        members=forms.options(
            [(one["id"], one["name"]) for one in await members.who_may("volunteers.write")],
            nothing=_("Nobody in particular"),
        ),
        qualifications=await qualifications.open_ones(),
        waivers=await waivers.current(),
        status_code=status_code,
    )


router = Router(path="/", route_handlers=[new, create, show, edit, update, close, reopen])
