"""Programmes: the list, one with its roles, a new one, changing, closing and opening one."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import forms
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import members, organisation
from volunteers import opportunities, programmes, sight
from volunteers.forms import ProgrammeForm
from volunteers.pages import histories

Asked = Request[Any, Any, Any]


@get("/", name="programmes:index", needs="volunteers.read")
async def index(request: Asked) -> Response[Any]:
    seen = await sight.programmes_of(request.user)
    return page(request, "volunteers/programmes/index.html", programmes=await programmes.all_of_them(seen))


@get("/new", name="programmes:new", needs="volunteers.write")
async def new(request: Asked) -> Response[Any]:
    return await _shown(request, forms.blank(coordinators=[str(request.user.id)]))


@post("/", name="programmes:create", needs="volunteers.write")
async def create(request: Asked) -> Response[Any]:
    form = read_form(ProgrammeForm, await request.form())
    if not form.ok:
        return await _shown(request, form, status_code=422)
    try:
        id = await programmes.create(_details(form.value), by=request.user.actor)
    except Refused as no:
        return await _shown(request, _refuse(form, no), status_code=422)
    return await _on_to(request, id, _("The programme is made. Now its first role."))


@get("/{programme_id:int}", name="programmes:show", needs="volunteers.read")
async def show(request: Asked, programme_id: FromPath[int]) -> Response[Any]:
    await sight.check_programme(request.user, programme_id)
    ours = await organisation.needed()
    return page(
        request,
        "volunteers/programmes/show.html",
        programme=await programmes.get(programme_id),
        coordinators=await programmes.coordinators(programme_id),
        opportunities=await opportunities.of_programme(programme_id),
        history=await histories.of(request, "programme", programme_id, ours["zone"]),
    )


@get("/{programme_id:int}/edit", name="programmes:edit", needs="volunteers.write")
async def edit(request: Asked, programme_id: FromPath[int]) -> Response[Any]:
    await sight.check_programme(request.user, programme_id)
    programme = await programmes.get(programme_id)
    coordinators = [str(one["id"]) for one in await programmes.coordinators(programme_id)]
    typed = {name: programme[name] for name in ("name", "description", "funder", "version")}
    return await _shown(request, forms.blank(**typed, coordinators=coordinators), programme)


@post("/{programme_id:int}", name="programmes:update", needs="volunteers.write")
async def update(request: Asked, programme_id: FromPath[int]) -> Response[Any]:
    await sight.check_programme(request.user, programme_id)
    programme = await programmes.get(programme_id)
    form = read_form(ProgrammeForm, await request.form())
    if not form.ok:
        return await _shown(request, form, programme, status_code=422)
    try:
        await programmes.update(
            programme_id, _details(form.value), version=form.value.version or 0, by=request.user.actor
        )
    except Refused as no:
        return await _shown(request, _refuse(form, no), programme, status_code=422)
    return await _on_to(request, programme_id, _("The programme is saved."))


async def _on_to(request: Asked, programme_id: int, notice: str) -> Response[Any]:
    """To the programme's page, or to the list for a coordinator who has just left it to others."""
    seen = await sight.programmes_of(request.user)
    if seen is None or programme_id in seen:
        return see(request, "programmes:show", programme_id=programme_id, notice=notice)
    name = (await programmes.get(programme_id))["name"]
    notice = _("“{name}” is saved. You do not coordinate it, so it is not in your list.", name=name)
    return see(request, "programmes:index", notice=notice)


@post("/{programme_id:int}/closures", name="programme_closures:create", needs="volunteers.write")
async def close(request: Asked, programme_id: FromPath[int]) -> Response[Any]:
    await sight.check_programme(request.user, programme_id)
    await programmes.close(programme_id, by=request.user.actor)
    return see(request, "programmes:show", programme_id=programme_id, notice=_("The programme is closed."))


@post("/{programme_id:int}/openings", name="programme_openings:create", needs="volunteers.write")
async def reopen(request: Asked, programme_id: FromPath[int]) -> Response[Any]:
    await sight.check_programme(request.user, programme_id)
    await programmes.reopen(programme_id, by=request.user.actor)
    return see(
        request, "programmes:show", programme_id=programme_id, notice=_("The programme is open again.")
    )


def _details(value: ProgrammeForm) -> programmes.ProgrammeDetails:
    return programmes.ProgrammeDetails(
        name=value.name, description=value.description, funder=value.funder, coordinators=value.coordinators
    )


def _refuse(form: Form[Any], no: Refused) -> Form[Any]:
    return form.refuse("name" if isinstance(no, programmes.NameTaken) else "", str(no))


async def _shown(
    request: Asked, form: Form[Any], programme: dict[str, Any] | None = None, status_code: int = 200
) -> Response[Any]:
    return page(
        request,
        "volunteers/programmes/edit.html",
        "programme_form",
        form=form,
        programme=programme,
        members=await members.who_may("volunteers.write"),
        status_code=status_code,
    )


router = Router(path="/programmes", route_handlers=[index, new, create, show, edit, update, close, reopen])
