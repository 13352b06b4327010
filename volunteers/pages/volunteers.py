"""Volunteers: the list, one with profile, shifts, hours and qualifications, and changing what is known of them."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import changes, days, forms
from kit.errors import NotFound, Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import organisation
from volunteers import coverage, hour_reports, hours, people, profiles, qualifications
from volunteers.forms import ProfileForm

Asked = Request[Any, Any, Any]


@get("/", name="volunteers:index", needs="volunteers.read")
async def index(request: Asked) -> Response[Any]:
    look = people.Look.of(request.query_params)
    found, later = await people.page(look)
    return page(
        request,
        "volunteers/volunteers/index.html",
        "volunteer_list",
        volunteers=found,
        later=later,
        look=look,
    )


@get("/{constituent_id:int}", name="volunteers:show", needs="volunteers.read")
async def show(request: Asked, constituent_id: FromPath[int]) -> Response[Any]:
    zone = (await organisation.needed())["zone"]
    profile = await profiles.get(constituent_id)
    private = request.user.may("volunteers.write")
    return page(
        request,
        "volunteers/volunteers/show.html",
        profile=profile,
        private=await profiles.private_of(constituent_id) if private else None,
        held=await qualifications.held_by(constituent_id, days.today(zone)) if private else [],
        signed=await qualifications.signed_by(constituent_id),
        reliability=await coverage.reliability(constituent_id),
        total=await hours.total_of(constituent_id),
        given=(await hours.of(constituent_id))[:20],
        ahead=await people.ahead(constituent_id),
        kinds=forms.options(
            [(one["id"], one["name"]) for one in await qualifications.open_ones()], nothing=_("Choose")
        ),
        history=await changes.told("constituent", constituent_id, zone, 20),
    )


@get("/{constituent_id:int}/edit", name="volunteers:edit", needs="volunteers.write")
async def edit(request: Asked, constituent_id: FromPath[int]) -> Response[Any]:
    """Also for who is no volunteer yet: saving makes them one."""
    name = await _name(constituent_id)
    try:
        typed = _typed(await profiles.get(constituent_id), await profiles.private_of(constituent_id))
    except NotFound:
        typed = {
            "status": "active",
            "may_be_asked": "yes",
            "may_be_asked_for_money": "yes",
            "availability": [],
        }
    return _shown(request, constituent_id, name, forms.blank(**typed))


@post("/{constituent_id:int}", name="volunteers:update", needs="volunteers.write")
async def update(request: Asked, constituent_id: FromPath[int]) -> Response[Any]:
    name = await _name(constituent_id)
    ours = await organisation.needed()
    form = read_form(
        ProfileForm, await request.form(), today=days.today(ours["zone"]), country=ours["country"]
    )
    if not form.ok:
        return _shown(request, constituent_id, name, form, status_code=422)
    try:
        await people.save(
            constituent_id, *_details(form.value), version=form.value.version or 0, by=request.user.actor
        )
    except Refused as no:
        return _shown(request, constituent_id, name, form.refuse("", str(no)), status_code=422)
    return see(request, "volunteers:show", constituent_id=constituent_id, notice=_("Saved."))


async def _name(constituent_id: int) -> str:
    name = await hour_reports.name_of(constituent_id) if 0 < constituent_id < 2**31 else None
    if name is None:
        raise NotFound(f"constituent {constituent_id}")
    return name


def _details(value: ProfileForm) -> tuple[profiles.Profile, profiles.Private]:
    return (
        profiles.Profile(
            status=value.status, skills=_list(value.skills), languages=_list(value.languages),
            interests=_list(value.interests), availability=value.availability, may_be_asked=value.may_be_asked,
            may_be_asked_for_money=value.may_be_asked_for_money, notes=value.notes,
        ),
        profiles.Private(
            born_on=value.born_on, guardian_name=value.guardian_name, guardian_phone=value.guardian_phone,
            emergency_name=value.emergency_name, emergency_phone=value.emergency_phone,
        ),
    )  # fmt: skip


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _typed(profile: dict[str, Any], private: dict[str, Any]) -> dict[str, Any]:
    return {
        "status": profile["status"], "notes": profile["notes"], "availability": profile["availability"],
        "may_be_asked": "yes" if profile["may_be_asked"] else "",
        "may_be_asked_for_money": "yes" if profile["may_be_asked_for_money"] else "",
        "version": str(profile["version"]),
        **{name: ", ".join(profile[name]) for name in ("skills", "languages", "interests")},
        **{
            name: str(private[name] or "")
            for name in ("born_on", "guardian_name", "guardian_phone", "emergency_name", "emergency_phone")
        },
    }  # fmt: skip


def _shown(
    request: Asked, constituent_id: int, name: str, form: Form[Any], status_code: int = 200
) -> Response[Any]:
    return page(
        request, "volunteers/volunteers/edit.html", "profile_form", form=form, constituent_id=constituent_id, name=name,
        days=people.day_names(), parts=people.part_names(), status_code=status_code,
    )  # fmt: skip


router = Router(path="/volunteers", route_handlers=[index, show, edit, update])
