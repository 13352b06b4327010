"""Places: the list, a new one, changing one."""

from typing import Any
from zoneinfo import available_timezones

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import forms
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import organisation
from volunteers import places, sight
from volunteers.forms import PlaceForm
from volunteers.pages import histories

Asked = Request[Any, Any, Any]


@get("/", name="places:index", needs="volunteers.read")
async def index(request: Asked) -> Response[Any]:
    return page(request, "volunteers/places/index.html", found=await places.all_of_them())


@get("/new", name="places:new", needs="volunteers.write")
async def new(request: Asked) -> Response[Any]:
    return await _shown(request, forms.blank(zone=(await organisation.needed())["zone"]))


@post("/", name="places:create", needs="volunteers.write")
async def create(request: Asked) -> Response[Any]:
    form = read_form(PlaceForm, await request.form())
    if not form.ok:
        return await _shown(request, form, status_code=422)
    try:
        await places.create(_details(form.value), by=request.user.actor)
    except Refused as no:
        return await _shown(request, _refuse(form, no), status_code=422)
    return see(request, "places:index", notice=_("“{name}” is a place for shifts now.", name=form.value.name))


@get("/{place_id:int}/edit", name="places:edit", needs="volunteers.write")
async def edit(request: Asked, place_id: FromPath[int]) -> Response[Any]:
    place = await places.get(place_id)
    names = ("name", "zone", "address", "map_link", "directions", "version")
    return await _shown(request, forms.blank(**{name: place[name] for name in names}), place)


@post("/{place_id:int}", name="places:update", needs="volunteers.write")
async def update(request: Asked, place_id: FromPath[int]) -> Response[Any]:
    place = await places.get(place_id)
    form = read_form(PlaceForm, await request.form())
    if not form.ok:
        return await _shown(request, form, place, status_code=422)
    try:
        await places.update(
            place_id, _details(form.value), version=form.value.version or 0, by=request.user.actor
        )
    except Refused as no:
        return await _shown(request, _refuse(form, no), place, status_code=422)
    return see(request, "places:index", notice=_("“{name}” is saved.", name=form.value.name))


@post("/{place_id:int}/closures", name="place_closures:create", needs="volunteers.write")
async def close(request: Asked, place_id: FromPath[int]) -> Response[Any]:
    seen = await sight.programmes_of(request.user)
    await places.close(place_id, by=request.user.actor, seen=seen)
    return see(request, "places:edit", place_id=place_id, notice=_("The place is closed."))


@post("/{place_id:int}/openings", name="place_openings:create", needs="volunteers.write")
async def reopen(request: Asked, place_id: FromPath[int]) -> Response[Any]:
    await places.reopen(place_id, by=request.user.actor)
    return see(request, "places:edit", place_id=place_id, notice=_("The place is open again."))


def _details(value: PlaceForm) -> places.PlaceDetails:
    return places.PlaceDetails(
        name=value.name,
        zone=value.zone,
        address=value.address,
        map_link=value.map_link,
        directions=value.directions,
    )


def _refuse(form: Form[Any], no: Refused) -> Form[Any]:
    field = {places.NameTaken: "name", places.NoSuchZone: "zone"}.get(type(no), "")
    return form.refuse(field, str(no))


async def _shown(
    request: Asked, form: Form[Any], place: dict[str, Any] | None = None, status_code: int = 200
) -> Response[Any]:
    ours = await organisation.needed()
    return page(
        request,
        "volunteers/places/edit.html",
        "place_form",
        form=form,
        place=place,
        zones=sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")),
        history=await histories.of(request, "place", place["id"], ours["zone"]) if place else None,
        status_code=status_code,
    )


router = Router(path="/places", route_handlers=[index, new, create, edit, update, close, reopen])
