"""The public board: shifts that want people, and signing up for one without an account."""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from giving.volunteer_forms import SignUpForm
from kit import days, forms, security
from kit.errors import NotFound, TooMany
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import organisation
from volunteers import board, calendars, coverage, gates, programmes, qualifications, shifts, visitors

Asked = Request[Any, Any, Any]
_AHEAD = timedelta(days=60)
_WINDOW = timedelta(hours=1)


@get("/", name="volunteering:index", public=True)
async def index(request: Asked) -> Response[Any]:
    chosen = board.Chosen.of(request.query_params)
    found = await board.shifts_one_can_do(chosen, days.now(), days.now() + _AHEAD)
    return page(
        request,
        "giving/volunteering/index.html",
        "shift_list",
        shifts=found,
        chosen=chosen,
        choices=await board.choices(days.now(), days.now() + _AHEAD),
    )


@get("/shifts/{shift_id:int}", name="volunteering:show", public=True)
async def show(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    shift = await _public(shift_id)
    return await _shown(request, shift, forms.blank(form_key=security.new_token(), size="1"))


@post("/shifts/{shift_id:int}/sign-ups", name="volunteering:create", public=True)
async def create(request: Asked, shift_id: FromPath[int]) -> Response[Any]:
    shift = await _public(shift_id)
    ours = await organisation.needed()
    data = await request.form()
    form = read_form(SignUpForm, data, country=ours["country"], today=days.today(ours["zone"]))
    signatures = {
        int(name[7:]): str(text).strip()[:200]
        for name, text in data.multi_items()
        if name.startswith("waiver-") and name[7:].isascii() and name[7:].isdigit() and isinstance(text, str)
    }
    _ask_for_what_is_missing(form, shift, signatures)
    if not form.ok:
        return await _shown(request, shift, form, signatures, status_code=422)
    try:
        await _count(request, form.value)
        done = await visitors.sign_up(shift_id, _visit(form.value, signatures))
    except TooMany as wait:
        return await _shown(request, shift, form.refuse("", str(wait)), signatures, status_code=429)
    except gates.NotYet as no:
        return await _shown(request, shift, form.refuse("", str(no)), signatures, status_code=422)
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
    )


@get("/shifts.json", name="volunteering:feed", public=True)
async def feed(request: Asked) -> Response[Any]:
    """Public shifts for other programs: what the board shows, by start."""
    found = await board.shifts_one_can_do(
        board.Chosen.of(request.query_params), days.now(), days.now() + _AHEAD
    )
    return Response(
        {
            "shifts": [
                board.as_json(shift)
                for shift in sorted(found, key=lambda shift: (shift["starts_at"], shift["id"]))
            ]
        },
        media_type="application/json",
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


def _ask_for_what_is_missing(form: Form[Any], shift: dict[str, Any], signatures: dict[int, str]) -> None:
    """What the shift asks everybody for is said here, before anything is kept; what only one lacks comes by mail."""
    typed = form.typed
    if shift["minimum_age"] and not typed.get("born_on") and "born_on" not in form.errors:
        form.refuse(
            "born_on", _("Type your date of birth: one has to be {age} for this.", age=shift["minimum_age"])
        )
    size = typed.get("size") or "1"
    if size.isascii() and size.isdigit() and int(size) > shift["largest_group"]:
        form.refuse("size", _("At most {most} people at once here.", most=shift["largest_group"]))


async def _count(request: Asked, value: SignUpForm) -> None:
    """Nobody fills a calendar with inventions: counted by address and by e-mail, as attempts to give are."""
    sentence = _("That were many sign-ups in an hour. Please wait a while, or write to us.")
    address = security.client_address(request.scope)
    await security.count_attempt("signup-address", address, limit=60, window=_WINDOW, sentence=sentence)
    await security.count_attempt(
        "signup-email", forms.email_normal(value.email), limit=20, window=_WINDOW, sentence=sentence
    )


def _visit(value: SignUpForm, signatures: dict[int, str]) -> visitors.Visit:
    return visitors.Visit(
        entry_key=value.form_key or security.new_token(),
        given_name=value.first_name,
        family_name=value.last_name,
        email=value.email,
        phone=value.phone,
        size=value.size or 1,
        names=value.names,
        comment=value.comment,
        born_on=value.born_on,
        signatures=signatures,
    )


async def _shown(
    request: Asked,
    shift: dict[str, Any],
    form: Form[Any],
    signatures: dict[int, str] | None = None,
    status_code: int = 200,
) -> Response[Any]:
    closed = ""
    try:
        gates.check_window(shift, days.now())
    except gates.NotYet as no:
        closed = str(no)
    return page(
        request,
        "giving/volunteering/show.html",
        shift={**shift, "need": coverage.need(shift)},
        form=form,
        closed=closed,
        waivers=await qualifications.asked_by(shift["opportunity"]),
        needed=await qualifications.needed_by(shift["opportunity"]),
        signatures=signatures or {},
        status_code=status_code,
    )


router = Router(path="/volunteer", route_handlers=[index, show, create, thanks, feed, calendar])
