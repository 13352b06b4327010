"""Sign-ups by staff: putting somebody on a shift, approving, declining, waiting, replacing."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from constituents import search
from kit import days, forms
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _, ngettext
from staff import organisation
from volunteers import asks, gates, placements, profiles, shifts, sight, signups
from volunteers.forms import StaffSignUpForm
from volunteers.pages import chosen, histories

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
    if not await chosen.check(form, request.user):
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


@get("/sign-ups/{signup_id:int}", name="signups:show", needs="volunteers.write")
async def show(request: Asked, signup_id: FromPath[int]) -> Response[Any]:
    """How one sign-up stands, and what staff can do with it: approve, take off, put in line, give to somebody else."""
    await sight.check_signup(request.user, signup_id)
    return await _one(request, signup_id, forms.blank(q=request.query_params.get("q", "")[:200]))


@post("/sign-ups/{signup_id:int}/approvals", name="signup_approvals:create", needs="volunteers.write")
async def approve(request: Asked, signup_id: FromPath[int]) -> Response[Any]:
    await sight.check_signup(request.user, signup_id)
    await signups.approve(signup_id, by=request.user.actor)
    return await _back(request, signup_id, _("Approved. A mail says so."))


@post("/sign-ups/{signup_id:int}/refusals", name="signup_refusals:create", needs="volunteers.write")
async def decline(request: Asked, signup_id: FromPath[int]) -> Response[Any]:
    await sight.check_signup(request.user, signup_id)
    reason = str((await request.form()).get("reason", "")).replace("\0", "").strip()[:500]
    await signups.decline(signup_id, reason=reason, by=request.user.actor)
    return await _back(request, signup_id, _("They are off the shift. A mail says so."))


@post("/sign-ups/{signup_id:int}/waits", name="signup_waits:create", needs="volunteers.write")
async def wait(request: Asked, signup_id: FromPath[int]) -> Response[Any]:
    """Their place goes to the next in line, and they stand at its end."""
    await sight.check_signup(request.user, signup_id)
    await placements.to_line(signup_id, by=request.user.actor)
    return await _back(request, signup_id, _("They wait in line now, and the next is offered the place."))


@post("/sign-ups/{signup_id:int}/replacements", name="signup_replacements:create", needs="volunteers.write")
async def replace(request: Asked, signup_id: FromPath[int]) -> Response[Any]:
    """Somebody else takes the place at once."""
    await sight.check_signup(request.user, signup_id)
    form = read_form(StaffSignUpForm, await request.form())
    if not await chosen.check(form, request.user):
        return await _one(request, signup_id, form, status_code=422)
    try:
        await profiles.ensure(form.value.constituent, by=request.user.actor)
        await placements.replace(
            signup_id, form.value.constituent, by=request.user.actor, overrule=form.value.confirmed
        )
    except gates.Lacks as lacks:
        refused = form.refuse("constituent", str(lacks))
        return await _one(request, signup_id, refused, asks_first=True, status_code=422)
    except Refused as no:
        return await _one(request, signup_id, form.refuse("constituent", str(no)), status_code=422)
    return await _back(request, signup_id, _("The place is theirs now. Both are told by mail."))


@post("/sign-ups/{signup_id:int}/asks", name="replacement_asks:create", needs="volunteers.write")
async def ask_instead(request: Asked, signup_id: FromPath[int]) -> Response[Any]:
    """Ask those who could come instead; the place stays taken until somebody says yes."""
    await sight.check_signup(request.user, signup_id)
    shift_id = (await signups.get(signup_id))["shift"]
    people = [one["id"] for one in await asks.candidates(shift_id, limit=10)]
    asked = await asks.ask(shift_id, people, by=request.user.actor, instead_of=signup_id)
    return await _back(
        request,
        signup_id,
        ngettext(
            "{count} person is asked by mail. The place changes hands when they say yes.",
            "{count} people are asked by mail. The place changes hands when one says yes.",
            asked,
        ),
    )


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


async def _one(
    request: Asked, signup_id: int, form: Form[Any], *, asks_first: bool = False, status_code: int = 200
) -> Response[Any]:
    signup = await signups.get(signup_id)
    zone = (await organisation.needed())["zone"]
    shift = await shifts.get(signup["shift"])
    open_ = shift["status"] == "open" and shift["starts_at"] > days.now()
    return page(
        request,
        "volunteers/signups/show.html",
        "people_found",
        signup=next(
            one
            for one in await signups.of_shift(signup["shift"], narrowed=sight.narrowed(request.user))
            if one["id"] == signup_id
        ),
        shift=shift,
        form=form,
        history=await histories.of(request, "signup", signup_id, zone),
        asks_first=asks_first,
        can_change=open_ and signup["status"] in signups.STANDING,
        **await _choice(signup["shift"], form, found=open_ and signup["status"] in ("pending", "confirmed")),
        status_code=status_code,
    )


async def _shown(
    request: Asked, shift_id: int, form: Form[Any], *, asks_first: bool = False, status_code: int = 200
) -> Response[Any]:
    return page(
        request,
        "volunteers/signups/new.html",
        "people_found",
        shift=await shifts.get(shift_id),
        form=form,
        asks_first=asks_first,
        **await _choice(shift_id, form),
        status_code=status_code,
    )


async def _choice(shift_id: int, form: Form[Any], *, found: bool = True) -> dict[str, Any]:
    """Who can be chosen: those found by what was typed, else those who could come."""
    typed = str(form.typed.get("q", "")).replace("\0", "")
    home = (await organisation.needed())["country"]
    ids = (await search.find(typed, home=home)).ids[:20] if typed.strip() else []
    chosen = str(form.typed.get("constituent", ""))
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 and int(chosen) not in ids:
        ids = [int(chosen), *ids]
    brief = await search.brief(ids)
    return {
        "typed": typed,
        "people": [brief[id] for id in ids if id in brief],
        "free": await asks.candidates(shift_id, limit=10) if found and not typed else [],
    }


router = Router(
    path="/",
    route_handlers=[new, create, show, approve, decline, wait, replace, ask_instead, ask],
)
