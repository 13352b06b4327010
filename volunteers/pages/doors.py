"""The team lead's list on the day: who is expected, a press each, and who came without having signed up."""

from typing import Any
from uuid import uuid4

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import days, forms
from kit.errors import NotFound, Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import organisation
from volunteers import attendance, coverage, doors, gates, presses, profiles, shifts, sight, signups, walk_ins
from volunteers.forms import DoorForm
from volunteers.presses import Sent

Asked = Request[Any, Any, Any]


@get("/shifts/{shift_id:int}/door", name="doors:show", needs="volunteers.write")
async def show(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    """`signup` in the address puts one person first: the code on a volunteer's phone leads there."""
    await sight.check_shift(request.user, shift_id)
    return await _shown(request, shift_id, forms.blank(size="1"))


@post("/shifts/{shift_id:int}/presses", name="presses:create", needs="volunteers.write")
async def press(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    """One press from a form, or several as JSON from the phone's memory; each key once, whatever is sent again."""
    await sight.check_shift(request.user, shift_id)
    if not request.headers.get("content-type", "").startswith("application/json"):
        await _take(request, shift_id, presses.from_form(await request.form()))
        return see(request, "doors:show", shift_id=shift_id)
    sent = presses.read(await request.body())
    return Response(
        await presses.answers(sent, lambda one: _take(request, shift_id, one)), media_type="application/json"
    )


@post("/shifts/{shift_id:int}/walk-ins", name="walk_ins:create", needs="volunteers.write")
async def walk_in(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    """Somebody who is not on the list. What they lack is said once; the lead then lets them in all the same."""
    await sight.check_shift(request.user, shift_id)
    form = await _read(await request.form())
    if not form.ok:
        return await _shown(request, shift_id, form, status_code=422)
    try:
        await _come(request, shift_id, form.value, uuid4().hex, days.now())
    except gates.Lacks as lacks:
        return await _shown(request, shift_id, form.refuse("", str(lacks)), asks_first=True, status_code=422)
    except Refused as no:
        return await _shown(request, shift_id, form.refuse("", str(no)), status_code=422)
    return see(request, "doors:show", shift_id=shift_id, notice=_("They are on the list, and here."))


async def _take(request: Asked, shift_id: int, one: Sent) -> None:
    if one.walk_in is not None:
        form = await _read(one.walk_in)
        if not form.ok:
            raise Refused(" ".join(form.errors.values()))
        await _come(request, shift_id, form.value, one.key, one.at)
        return
    if (await signups.get(one.signup))["shift"] != shift_id:
        raise NotFound(f"sign-up {one.signup}")
    if one.what == "absent":
        await attendance.note_absent(one.signup, by=request.user.actor, at=one.at)
    else:
        await attendance.press(one.press(), by=request.user.actor, came_by="lead")


async def _come(request: Asked, shift_id: int, value: DoorForm, key: str, at: Any) -> None:
    comer = walk_ins.Comer(
        key=key, shift=shift_id, first_name=value.first_name, last_name=value.last_name, email=value.email,
        phone=value.phone, size=value.size,
    )  # fmt: skip
    await walk_ins.come(comer, at=at, by=request.user.actor, overrule=value.confirmed)


async def _read(typed: Any) -> Form[DoorForm]:
    return read_form(DoorForm, typed, country=(await organisation.needed())["country"])


async def _shown(
    request: Asked, shift_id: int, form: Form[Any], *, asks_first: bool = False, status_code: int = 200
) -> Response[Any]:
    shift = await shifts.get(shift_id)
    expected = [
        one
        for one in await signups.of_shift(shift_id, narrowed=sight.narrowed(request.user))
        if one["status"] == "confirmed"
    ]
    first = request.query_params.get("signup", "")
    # A night shift has two days.
    first_day, last_day = (days.day_of(shift[name], shift["zone"]) for name in ("starts_at", "ends_at"))
    on_the_day = first_day <= days.today(shift["zone"]) <= last_day
    stands = doors.stands(shift, days.now())
    return page(
        request,
        "volunteers/signups/door.html",
        shift={**shift, "need": coverage.need(shift)},
        expected=[
            {**one, "zone": shift["zone"]}
            for one in sorted(expected, key=lambda one: str(one["id"]) != first)
        ],
        first=first,
        call=await profiles.to_call(shift_id) if on_the_day else {},
        lacking=await gates.lacking([one["constituent"] for one in expected], shift_id) if on_the_day else {},
        form=form,
        asks_first=asks_first,
        stands=stands,
        opens_at=shift["starts_at"] - attendance.EARLY,
        tally=doors.words(doors.tally(expected), stands),
        status_code=status_code,
    )


router = Router(path="/", route_handlers=[show, press, walk_in])
