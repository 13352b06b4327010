"""The coverage board: gaps by day and role, asking for help, and how often people did not come."""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import days
from kit.pages import page, see_path
from kit.templates import url_for
from kit.words import ngettext
from staff import organisation
from volunteers import almanac, asks, coverage, sight

Asked = Request[Any, Any, Any]


@get("/", name="coverage:index", needs="volunteers.read")
async def index(request: Asked) -> Response[Any]:
    zone = (await organisation.needed())["zone"]
    today = days.today(zone)
    weeks = {"1": 1, "4": 4, "6": 6}.get(request.query_params.get("weeks", ""), 2)
    seen = await sight.programmes_of(request.user)
    until = today + timedelta(weeks=weeks)
    rows = await coverage.gaps(today, until, zone, seen=seen)
    gaps = await coverage.short(today, until, zone, seen=seen)
    asked = await asks.of_shifts([gap["id"] for gap in gaps])
    return page(
        request,
        "volunteers/coverage/index.html",
        "coverage_board",
        board=almanac.board(rows, today, weeks * 7),
        gaps=[{**gap, "asked": asked.get(gap["id"], [])} for gap in gaps],
        weeks=weeks,
        missing=sum(row["missing"] for row in rows),
        silent=sum(row["silent"] for row in rows),
        short=sum(row["short"] for row in rows),
        today=today,
        zone=zone,
    )


@post("/shifts/{shift_id:int}/asks", name="coverage_asks:create", needs="volunteers.write")
async def ask(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    """One click on the board: those who could come are asked, and the board is shown again."""
    await sight.check_shift(request.user, shift_id)
    weeks = str((await request.form()).get("weeks", ""))
    board = f"{url_for('coverage:index')}?weeks={weeks if weeks in ('1', '4', '6') else '2'}#gap-{shift_id}"
    try:
        count = await asks.ask_who_could(shift_id, by=request.user.actor)
    except asks.NobodyToAsk as nobody:
        return see_path(request, board, notice=str(nobody))
    notice = ngettext("{count} person is asked by mail.", "{count} people are asked by mail.", count)
    return see_path(request, board, notice=notice)


@get("/attendance", name="coverage_attendance:index", needs="volunteers.read")
async def attendance(request: Asked) -> Response[Any]:
    """How often people did not come or withdrew late: by role, and shift by shift."""
    zone = (await organisation.needed())["zone"]
    seen = await sight.programmes_of(request.user)
    since = days.now() - coverage.LOOKS_BACK
    return page(
        request,
        "volunteers/coverage/attendance.html",
        "attendance_rates",
        roles=await coverage.rates_by_role(since, days.now(), seen=seen),
        people=await coverage.rates_by_person(since, days.now(), seen=seen),
        shifts=await coverage.rates_by_shift(since, days.now(), seen=seen),
        weeks=coverage.LOOKS_BACK.days // 7,
        zone=zone,
    )


router = Router(path="/coverage", route_handlers=[index, ask, attendance])
