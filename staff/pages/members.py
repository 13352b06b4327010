"""Members of staff: invite, change a role, disable."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import changes, forms, versions
from kit.errors import Conflict, Refused
from kit.forms import read_form
from kit.pages import page, see
from kit.words import _
from staff import members, permissions
from staff.forms import ROLES, InvitationForm, MemberForm
from staff.tables import Role


@get("/", name="members:index", needs="staff.manage")
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    return page(request, "staff/members/index.html", members=await members.index(), roles=_labels())


@get("/roles", name="roles:index", needs="staff.manage")
async def roles(request: Request[Any, Any, Any]) -> Response[Any]:
    table = {name: holders for name, holders in permissions.table().items() if name != permissions.SIGNED_IN}
    return page(request, "staff/members/roles.html", table=table, roles=ROLES)


@get("/new", name="members:new", needs="staff.manage")
async def new(request: Request[Any, Any, Any]) -> Response[Any]:
    return page(request, "staff/members/new.html", form=forms.blank(), roles=_options())


@post("/", name="members:create", needs="staff.manage")
async def create(request: Request[Any, Any, Any]) -> Response[Any]:
    form = read_form(InvitationForm, await request.form())
    if not form.ok:
        return page(request, "staff/members/new.html", form=form, roles=_options(), status_code=422)
    try:
        await members.invite(
            name=form.value.name, email=form.value.email, role=form.value.role, by=request.user.actor
        )
    except members.AlreadyAMember as known:
        form.refuse("email", str(known))
        return page(request, "staff/members/new.html", form=form, roles=_options(), status_code=422)
    return see(request, "members:index", notice=f"{form.value.name} is invited; the link is on its way.")


@get("/{member_id:int}/edit", name="members:edit", needs="staff.manage")
async def edit(request: Request[Any, Any, Any], member_id: FromPath[int]) -> Response[Any]:
    found = await members.find(member_id)
    form = forms.blank(name=found["name"], role=found["role"], version=str(found["version"]))
    return await _edit(request, found, form)


async def _edit(
    request: Request[Any, Any, Any],
    found: dict[str, Any],
    form: forms.Form[Any],
    status_code: int = 200,
    theirs: versions.Both | None = None,
) -> Response[Any]:
    return page(
        request,
        "staff/members/edit.html",
        theirs=theirs,
        who=found,
        form=form,
        roles=_options(),
        history=await changes.told("member", found["id"], _zone(request)),
        status_code=status_code,
    )


@post("/{member_id:int}", name="members:update", needs="staff.manage")
async def update(request: Request[Any, Any, Any], member_id: FromPath[int]) -> Response[Any]:
    found = await members.find(member_id)
    form = read_form(MemberForm, await request.form())
    if not form.ok:
        return await _edit(request, found, form, 422)
    try:
        await members.edit(
            member_id,
            name=form.value.name,
            role=form.value.role,
            version=form.value.version,
            by=request.user.actor,
        )
    except Conflict as meanwhile:
        return await _both(request, form, await members.find(member_id), str(meanwhile))
    except Refused as no:
        return await _edit(request, await members.find(member_id), form.refuse("", str(no)), 422)
    return see(request, "members:index", notice=f"{form.value.name} is saved.")


async def _both(
    request: Request[Any, Any, Any], form: forms.Form[Any], stands: dict[str, Any], sentence: str
) -> Response[Any]:
    labels = (("name", _("Name")), ("role", _("Role")))
    theirs = versions.differing(stands, form.typed, labels, role=_labels())
    return await _edit(request, stands, versions.seen_again(form, stands["version"], sentence), 409, theirs)


@post("/{member_id:int}/disabling", name="member_disablings:create", needs="staff.manage")
async def disable(request: Request[Any, Any, Any], member_id: FromPath[int]) -> Response[Any]:
    found = await members.find(member_id)
    try:
        await members.disable(member_id, by=request.user.actor)
    except members.LastAdministrator as no:
        form = forms.blank(name=found["name"], role=found["role"], version=str(found["version"]))
        return await _edit(request, found, form.refuse("", str(no)), 422)
    return see(request, "members:index", notice=f"{found['name']} can sign in no more.")


@post("/{member_id:int}/enabling", name="member_enablings:create", needs="staff.manage")
async def enable(request: Request[Any, Any, Any], member_id: FromPath[int]) -> Response[Any]:
    found = await members.find(member_id)
    await members.enable(member_id, by=request.user.actor)
    return see(request, "members:index", notice=f"{found['name']} can sign in again.")


@post("/{member_id:int}/invitations", name="member_invitations:create", needs="staff.manage")
async def invite_again(request: Request[Any, Any, Any], member_id: FromPath[int]) -> Response[Any]:
    found = await members.find(member_id)
    await members.invite_again(member_id, by=request.user.actor)
    return see(request, "members:index", notice=f"Another link is on its way to {found['email']}.")


def _zone(request: Request[Any, Any, Any]) -> str:
    ours = request.scope["state"]["organisation"]
    return ours["zone"] if ours else "UTC"


def _options() -> list[tuple[str, str]]:
    return list(forms.options(ROLES, nothing="Choose a role"))


def _labels() -> dict[str, str]:
    return {role.value: label for role, label in ROLES if isinstance(role, Role)}


router = Router(
    path="/staff", route_handlers=[index, roles, new, create, edit, update, disable, enable, invite_again]
)
