"""The public board: shifts that want people, by need and by calendar, and signing up for one without an account."""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, Router, get, post, route
from litestar.params import FromPath

from giving.volunteer_forms import SignUpForm, ask_for_what_is_missing, signatures_in
from kit import days, forms, security
from kit.errors import NotFound, TooMany
from kit.forms import Form, read_form
from kit.pages import LOOKING, page, see
from kit.templates import url_for
from kit.words import _
from staff import organisation
from volunteers import (
    almanac,
    board,
    calendars,
    coverage,
    gates,
    programmes,
    qualifications,
    shifts,
    visitors,
    waivers,
)

Asked = Request[Any, Any, Any]
_AHEAD = timedelta(days=60)
_WINDOW = timedelta(hours=1)
# A day of the month's grid names so many shifts; the day itself has all of them.
_IN_A_CELL = 4
_IN_A_LIST = 200


@route("/", http_method=LOOKING, name="volunteering:index", public=True)
async def index(request: Asked) -> Response[Any]:
    chosen, now = board.Chosen.of(request.query_params), days.now()
    found = await board.shifts_one_can_do(
        chosen, now, now + _AHEAD, after=request.query_params.get("after", ""), limit=board.PAGE + 1
    )
    shown = found[: board.PAGE]
    more = board.place_in_order(shown[-1]) if len(found) > board.PAGE else None
    return page(
        request,
        "giving/volunteering/index.html",
        "shift_list",
        shifts=shown,
        chosen=chosen,
        choices=await board.choices(now, now + _AHEAD),
        more=f"{url_for('volunteering:index')}?{chosen.query(after=more)}" if more else "",
    )


@route("/calendar", http_method=LOOKING, name="volunteer_calendar:show", public=True)
async def show_calendar(request: Asked) -> Response[Any]:
    """The same shifts by month, week, day or as a list; those that began already are left out."""
    zone = (await organisation.needed())["zone"]
    shown = board.PublicView.of(request.query_params, days.today(zone))
    first, last = shown.view.moments(zone)
    found = [
        shift
        for shift in await coverage.planned(
            max(first, days.now()), last, seen=None, opportunity=shown.role, place=shown.view.place,
            public_only=True, limit=1000,
        )
        if shown.view.first <= days.day_of(shift["starts_at"], shift["zone"]) <= shown.view.last
    ]  # fmt: skip
    return page(
        request,
        "giving/volunteering/calendar.html",
        "public_calendar",
        shown=shown,
        view=shown.view,
        shifts=found,
        weeks=almanac.weeks(shown.view, found, {}),
        in_a_cell=_IN_A_CELL,
        in_a_list=_IN_A_LIST,
        today=days.today(zone),
        choices=await board.choices(days.now(), days.now() + _AHEAD),
    )


@route("/roles/{opportunity_id:int}", http_method=LOOKING, name="volunteer_roles:show", public=True)
async def show_role(request: Asked, opportunity_id: FromPath[int]) -> Response[Any]:
    """What one does in a role, and when: where a poster leads."""
    role, now = await board.role(opportunity_id), days.now()
    return page(
        request,
        "giving/volunteering/role.html",
        role=role,
        shifts=await board.shifts_one_can_do(
            board.Chosen(role=opportunity_id), now, now + timedelta(days=183), limit=board.PAGE
        ),
        needed=await qualifications.needed_by(opportunity_id),
        waivers=await waivers.asked_by(opportunity_id),
    )


@route("/shifts/{shift_id:int}", http_method=LOOKING, name="volunteering:show", public=True)
async def show(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    shift = await _public(shift_id)
    return await _shown(request, shift, forms.blank(form_key=security.new_token()))


@post("/shifts/{shift_id:int}/sign-ups", name="volunteering:create", public=True)
async def create(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    shift = await _public(shift_id)
    ours = await organisation.needed()
    data = await request.form()
    form = read_form(SignUpForm, data, country=ours["country"], today=days.today(ours["zone"]))
    signatures = signatures_in(data)
    ask_for_what_is_missing(form, shift, await waivers.asked_by(shift["opportunity"]), signatures)
    if not form.ok:
        return await _shown(request, shift, form, status_code=422)
    try:
        await _count(request, form.value)
        done = await visitors.sign_up(shift_id, _visit(form, signatures))
    except TooMany as wait:
        return await _shown(request, shift, form.refuse("", str(wait)), status_code=429)
    except gates.NotYet as no:
        return await _shown(request, shift, form.refuse("", str(no)), status_code=422)
    return see(request, "volunteering:thanks", entry_key=done["entry_key"])


@get("/thanks/{entry_key:str}", name="volunteering:thanks", link="signup_request")
async def thanks(request: Asked, entry_key: FromPath[str]) -> Response[Any]:
    """The same words for everybody: what became of it is in the mail."""
    asked = await visitors.request_of(entry_key)
    return page(
        request,
        "giving/volunteering/thanks.html",
        shift=await shifts.get(asked["shift"]),
        email=asked["email"],
        was_full=asked["was_full"],
    )


@get("/shifts.json", name="volunteering:feed", public=True)
async def feed(request: Asked) -> Response[Any]:
    """Public shifts for other programs, also for a script on another website: what the board shows, by start."""
    now = days.now()
    found = await board.shifts_one_can_do(board.Chosen.of(request.query_params), now, now + _AHEAD)
    in_order = sorted(found, key=lambda shift: (shift["starts_at"], shift["id"]))
    return Response(
        {"shifts": [board.as_json(shift) for shift in in_order]},
        media_type="application/json",
        headers={"Access-Control-Allow-Origin": "*"},
    )


@get("/programmes/{slug:str}/calendar.ics", name="volunteering:calendar", public=True)
async def calendar(request: Asked, slug: FromPath[str]) -> Response[bytes]:
    programme = await programmes.with_slug(slug)
    since = days.now() - timedelta(days=30)
    found = await coverage.planned(
        since, days.now() + timedelta(days=183), seen=None, programme=programme["id"], public_only=True
    )
    return Response(calendars.feed(programme["name"], found, of="shift"), media_type=calendars.MEDIA_TYPE)


async def _public(shift_id: int) -> dict[str, Any]:
    shift = await shifts.get(shift_id)
    if not shift["is_public"]:
        raise NotFound(f"shift {shift_id}")
    return shift


async def _count(request: Asked, value: SignUpForm) -> None:
    """Nobody fills a calendar with inventions: counted by address and by e-mail, as attempts to give are."""
    sentence = _("Those were many sign-ups in an hour. Please wait a while, or write to us.")
    address = security.client_address(request.scope)
    await security.count_attempt("signup-address", address, limit=60, window=_WINDOW, sentence=sentence)
    await security.count_attempt(
        "signup-email", forms.email_normal(value.email), limit=20, window=_WINDOW, sentence=sentence
    )


def _visit(form: Form[SignUpForm], signatures: dict[int, str]) -> visitors.Visit:
    value = form.value
    is_minor = bool(form.typed.get("is_minor"))
    return visitors.Visit(
        entry_key=value.form_key or security.new_token(),
        given_name=value.first_name,
        family_name=value.last_name,
        email=value.email,
        phone=value.phone,
        size=value.people,
        names=value.names,
        comment=value.comment,
        born_on=value.born_on,
        is_minor=is_minor,
        guardian_name=value.guardian_name if is_minor else "",
        guardian_phone=value.guardian_phone if is_minor else "",
        signatures=signatures,
    )


async def _shown(
    request: Asked, shift: dict[str, Any], form: Form[Any], status_code: int = 200
) -> Response[Any]:
    closed, now = "", days.now()
    try:
        gates.check_window(shift, now)
    except gates.NotYet as no:
        closed = str(no)
    return page(
        request,
        "giving/volunteering/show.html",
        shift={**shift, "need": coverage.need(shift)},
        form=form,
        closed=closed,
        waivers=await waivers.asked_by(shift["opportunity"]),
        needed=await qualifications.needed_by(shift["opportunity"]),
        adult=gates.ADULT,
        others=await board.shifts_one_can_do(
            board.Chosen(role=shift["opportunity"]), now, now + _AHEAD, limit=4
        )
        if closed or shift["taken"] >= shift["maximum"]
        else [],
        status_code=status_code,
    )


router = Router(
    path="/volunteer",
    route_handlers=[index, show_calendar, show_role, show, create, thanks, feed, calendar],
)
