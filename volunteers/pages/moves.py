"""Moving one shift to another day or time: the page that a dragged shift leads to, too."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import days, forms
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from volunteers import clashes, coverage, recurrence, series, shifts, sight
from volunteers.forms import MoveForm

Asked = Request[Any, Any, Any]


@get("/shifts/{shift_id:int}/moves/new", name="shift_moves:new", needs="volunteers.write")
async def new(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    """Where it stands now, or on the `day` on which somebody dropped it."""
    await sight.check_shift(request.user, shift_id)
    shift = await shifts.get(shift_id)
    starts = days.wall_clock(shift["starts_at"], shift["zone"])
    day = _day(request.query_params.get("day", "")) or starts
    blank = forms.blank(day=f"{day:%Y-%m-%d}", starts=f"{starts:%H:%M}", version=str(shift["version"]))
    return await _shown(request, shift, blank)


@post("/shifts/{shift_id:int}/moves", name="shift_moves:create", needs="volunteers.write")
async def create(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    await sight.check_shift(request.user, shift_id)
    shift = await shifts.get(shift_id)
    form = read_form(MoveForm, await request.form(), today=days.today(shift["zone"]))
    if not form.ok:
        return await _shown(request, shift, form, status_code=422)
    starts = datetime.combine(form.value.day, form.value.starts)
    try:
        await shifts.move(shift_id, starts, version=form.value.version or 0, by=request.user.actor)
    except Refused as no:
        field = "day" if isinstance(no, clashes.Clash | shifts.WrongTimes) else ""
        return await _shown(request, shift, form.refuse(field, str(no)), status_code=422)
    return see(request, "shifts:show", shift_id=shift_id, notice=_("The shift is moved."))


def _day(typed: str) -> datetime | None:
    try:
        return datetime.strptime(typed, "%Y-%m-%d")  # noqa: DTZ007  a day, not a moment
    except ValueError:
        return None


async def _shown(
    request: Asked, shift: dict[str, Any], form: Form[Any], status_code: int = 200
) -> Response[Any]:
    return page(
        request,
        "volunteers/shifts/move.html",
        "move_form",
        shift={**shift, "need": coverage.need(shift)},
        rule=recurrence.in_words((await series.get(shift["series"]))["rule"]) if shift["series"] else "",
        form=form,
        status_code=status_code,
    )


router = Router(path="/", route_handlers=[new, create])
