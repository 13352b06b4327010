"""Sign-ups by staff: putting somebody on a shift, approving, declining."""

from typing import Any
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from constituents import search
from kit import forms
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import organisation
from volunteers import asks, gates, profiles, shifts, sight, signups
from volunteers.forms import StaffSignUpForm

Asked = Request[Any, Any, Any]


@get("/shifts/{shift_id:int}/sign-ups/new", name="signups:new", needs="volunteers.write")
async def new(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    """Somebody to put on the shift: searched for, then chosen."""
    await sight.check_shift(request.user, shift_id)
    return await _shown(request, shift_id, forms.blank(q=request.query_params.get("q", "")[:200], size="1"))


@post("/shifts/{shift_id:int}/sign-ups", name="signups:create", needs="volunteers.write")
async def create(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    await sight.check_shift(request.user, shift_id)
    form = read_form(StaffSignUpForm, await request.form())
    if not form.ok:
        return await _shown(request, shift_id, form, status_code=422)
    try:
        if not form.value.confirmed:
            await gates.check(form.value.constituent, shift_id, size=form.value.size)
        await profiles.ensure(form.value.constituent, by=request.user.actor)
        done = await signups.sign_up(
            shift_id,
            form.value.constituent,
            size=form.value.size,
            by=request.user.actor,
            came_by="staff",
            overrule=True,
        )
    except gates.Lacks as lacks:
        return await _shown(
            request, shift_id, form.refuse("constituent", str(lacks)), asks_first=True, status_code=422
        )
    except Refused as no:
        return await _shown(request, shift_id, form.refuse("constituent", str(no)), status_code=422)
    notice = (
        _("They have a place.") if done.status == "confirmed" else _("The shift is full: they wait in line.")
    )
    return see(request, "shifts:show", shift_id=shift_id, notice=" ".join((notice, *done.warnings)))


@post("/sign-ups/{signup_id:int}/approvals", name="signup_approvals:create", needs="volunteers.write")
async def approve(request: Asked, signup_id: FromPath[int]) -> Response[Any]:
    await sight.check_signup(request.user, signup_id)
    await signups.approve(signup_id, by=request.user.actor)
    return await _back(request, signup_id, _("Approved. A mail says so."))


@post("/sign-ups/{signup_id:int}/refusals", name="signup_refusals:create", needs="volunteers.write")
async def decline(request: Asked, signup_id: FromPath[int]) -> Response[Any]:
    await sight.check_signup(request.user, signup_id)
    reason = str((await request.form()).get("reason", "")).strip()[:500]
    await signups.decline(signup_id, reason=reason, by=request.user.actor)
    return await _back(request, signup_id, _("They are off the shift. A mail says so."))


@post("/shifts/{shift_id:int}/asks", name="shift_asks:create", needs="volunteers.write")
async def ask(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    """One click asks those who could come, as many as ten for each place that lacks somebody."""
    await sight.check_shift(request.user, shift_id)
    shift = await shifts.get(shift_id)
    missing = max(1, shift["minimum"] - shift["taken"])
    found = await asks.candidates(shift_id, limit=min(asks.MOST, 10 * missing))
    asked = await asks.ask(shift_id, [one["id"] for one in found], by=request.user.actor)
    return see(
        request, "shifts:show", shift_id=shift_id, notice=_("{count} people are asked by mail.", count=asked)
    )


async def _back(request: Asked, signup_id: int, notice: str) -> Response[Any]:
    return see(request, "shifts:show", shift_id=(await signups.get(signup_id))["shift"], notice=notice)


async def _shown(
    request: Asked, shift_id: int, form: Form[Any], *, asks_first: bool = False, status_code: int = 200
) -> Response[Any]:
    shift = await shifts.get(shift_id)
    typed = str(form.typed.get("q", "")).replace("\0", "")
    home = (await organisation.needed())["country"]
    ids = (await search.find(typed, home=home)).ids[:20] if typed.strip() else []
    chosen = str(form.typed.get("constituent", ""))
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 and int(chosen) not in ids:
        ids = [int(chosen), *ids]
    brief = await search.brief(ids)
    return page(
        request,
        "volunteers/signups/new.html",
        "people_found",
        shift=shift,
        form=form,
        typed=typed,
        people=[brief[id] for id in ids if id in brief],
        free=[] if typed else await asks.candidates(shift_id, limit=10),
        asks_first=asks_first,
        status_code=status_code,
    )


router = Router(path="/", route_handlers=[new, create, approve, decline, ask])
