"""Qualifications: the kinds that roles may ask for, who has which, and what ends soon."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import days, forms, versions
from kit.errors import NotFound
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.templates import url_for
from kit.words import _
from staff import organisation
from volunteers import endings, profiles, qualifications, sight, waivers
from volunteers.pages import histories, volunteers
from volunteers.profile_forms import HeldForm, QualificationForm

Asked = Request[Any, Any, Any]

KINDS = {"training": _("Training"), "certificate": _("Certificate"), "check": _("Check")}
PAGE = 50


@get("/qualifications", name="qualifications:index", needs="volunteers.read")
async def index(request: Asked) -> Response[Any]:
    return page(
        request,
        "volunteers/qualifications/index.html",
        kinds=await qualifications.kinds(await _today(), seen=await sight.programmes_of(request.user)),
        waivers=await waivers.current(),
        kind_words=KINDS,
    )


@get("/qualifications/new", name="qualifications:new", needs="volunteers.write")
async def new(request: Asked) -> Response[Any]:
    return _shown(request, forms.blank(kind="training"))


@post("/qualifications", name="qualifications:create", needs="volunteers.write")
async def create(request: Asked) -> Response[Any]:
    form = read_form(QualificationForm, await request.form())
    if not form.ok:
        return _shown(request, form, status_code=422)
    value = form.value
    try:
        await qualifications.define(value.name, value.kind, value.valid_months, by=request.user.actor)
    except qualifications.NameTaken as taken:
        return _shown(request, form.refuse("name", str(taken)), status_code=422)
    return see(request, "qualifications:index", notice=_("Roles can ask for it now."))


@get("/qualifications/{qualification_id:int}/edit", name="qualifications:edit", needs="volunteers.write")
async def edit(request: Asked, qualification_id: FromPath[int]) -> Response[Any]:
    stands = await qualifications.get(qualification_id)
    zone = (await organisation.needed())["zone"]
    history = await histories.of(request, "qualification", qualification_id, zone)
    return _shown(request, forms.blank(**_typed(stands)), stands, history=history)


@post("/qualifications/{qualification_id:int}", name="qualifications:update", needs="volunteers.write")
async def update(request: Asked, qualification_id: FromPath[int]) -> Response[Any]:
    stands = await qualifications.get(qualification_id)
    form = read_form(QualificationForm, await request.form())
    if not form.ok:
        return _shown(request, form, stands, status_code=422)
    value = form.value
    try:
        await qualifications.change(
            qualification_id, value.name, value.valid_months, closed=value.closed, version=value.version or 0,
            by=request.user.actor,
        )  # fmt: skip
    except qualifications.NameTaken as taken:
        return _shown(request, form.refuse("name", str(taken)), stands, status_code=422)
    except qualifications.ChangedMeanwhile as meanwhile:
        stands = await qualifications.get(qualification_id)
        labels = (
            ("name", _("Name")),
            ("valid_months", _("Valid for months")),
            ("closed", _("No longer asked for")),
        )
        box = {"yes": _("yes"), "": _("no")}
        theirs = versions.differing(_typed(stands), form.typed, labels, closed=box)
        form = versions.seen_again(form, meanwhile.now, str(meanwhile))
        return _shown(request, form, stands, theirs=theirs, status_code=409)
    return see(request, "qualifications:index", notice=_("Saved."))


@get("/qualifications/ending", name="ending_qualifications:index", needs="volunteers.write")
async def ending(request: Asked) -> Response[Any]:
    """What ends in the next sixty days, checks among it, and what ended in the last sixty: nobody renewed it."""
    today = await _today()
    late = request.query_params.get("late") == "yes"
    after = request.query_params.get("after", "")
    after_id = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    first, last = endings.days_of_list(today, late=late)
    seen = await sight.programmes_of(request.user)
    found = await qualifications.ending(first, last, after_id, seen=seen)
    more = {"after": str(found[PAGE - 1]["id"])} if len(found) > PAGE else {}
    more |= {"late": "yes"} if late else {}
    return page(
        request,
        "volunteers/qualifications/ending.html",
        "ending_list",
        ending=[{**row, "left": (row["until_day"] - today).days} for row in found[:PAGE]],
        late=late,
        later_url=url_for("ending_qualifications:index", **more) if len(found) > PAGE else None,
        kind_words=KINDS,
    )


# ---------------------------------------------------------------- who has which


@post(
    "/volunteers/{constituent_id:int}/qualifications",
    name="qualifications_held:create",
    needs="volunteers.write",
)
async def hold(request: Asked, constituent_id: FromPath[int]) -> Response[Any]:
    await sight.check_volunteer(request.user, constituent_id)
    await profiles.get(constituent_id)
    form = read_form(HeldForm, await request.form(), today=await _today())
    if not form.ok:
        return await volunteers.show_page(request, constituent_id, held_form=form, status_code=422)
    value = form.value
    try:
        await qualifications.hold(
            constituent_id, value.qualification, by=request.user.actor, from_day=value.from_day,
            until_day=value.until_day, status=value.status, number=value.number,
        )  # fmt: skip
    except (qualifications.Wrong, NotFound) as wrong:
        field = wrong.field if isinstance(wrong, qualifications.Wrong) else "qualification"
        form.refuse(field, _("Choose one from the list.") if isinstance(wrong, NotFound) else str(wrong))
        return await volunteers.show_page(request, constituent_id, held_form=form, status_code=422)
    return see(request, "volunteers:show", constituent_id=constituent_id, notice=_("Noted."))


@post(
    "/qualifications-held/{held_id:int}/removals",
    name="qualifications_held_removals:create",
    needs="volunteers.write",
)
async def take_away(request: Asked, held_id: FromPath[int]) -> Response[Any]:
    await sight.check_held(request.user, held_id)
    constituent = await qualifications.take_away(held_id, by=request.user.actor)
    return see(request, "volunteers:show", constituent_id=constituent, notice=_("Taken away."))


async def _today() -> Any:
    return days.today((await organisation.needed())["zone"])


def _typed(stands: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": stands["name"], "kind": stands["kind"], "valid_months": str(stands["valid_months"] or ""),
        "closed": "yes" if stands["closed_at"] else "", "version": str(stands["version"]),
    }  # fmt: skip


def _shown(
    request: Asked,
    form: Form[Any],
    stands: dict[str, Any] | None = None,
    *,
    theirs: versions.Both | None = None,
    history: list[dict[str, Any]] | None = None,
    status_code: int = 200,
) -> Response[Any]:
    return page(
        request,
        "volunteers/qualifications/edit.html",
        "qualification_form",
        form=form,
        stands=stands,
        theirs=theirs,
        history=history,
        kinds=list(KINDS.items()),
        kind_words=KINDS,
        status_code=status_code,
    )


router = Router(path="/", route_handlers=[index, new, create, edit, update, ending, hold, take_away])
