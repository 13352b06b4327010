"""A volunteer's own page behind a mailed link: their shifts, offers, hours, calendar. Each link sees only its own."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from litestar import Request, Response, Router, get, post, route
from litestar.params import FromPath

from giving.volunteer_forms import LinkForm, OwnHoursForm
from kit import config, forms, security
from kit.changes import Actor
from kit.errors import NotFound, Refused, TooMany
from kit.forms import Form, read_form
from kit.pages import LOOKING, page, see, see_path
from kit.templates import url_for
from kit.words import _, ngettext
from staff import organisation
from volunteers import asks, calendars, hours, links, own, signups, waiting
from volunteers.hours import HoursDetails

Asked = Request[Any, Any, Any]
T = TypeVar("T")
_WINDOW = timedelta(hours=1)


@route("/links", http_method=LOOKING, name="volunteer_links:new", public=True)
async def new_link(request: Asked) -> Response[Any]:
    return _link_page(request, forms.blank(), sent=request.query_params.get("sent") == "yes")


@post("/links", name="volunteer_links:create", public=True)
async def send_link(request: Asked) -> Response[Any]:
    """The same answer, after the same work, whether or not anybody volunteers with this address."""
    form = read_form(LinkForm, await request.form())
    if not form.ok:
        return _link_page(request, form, status_code=422)
    try:
        await _count(request, form.value.email)
    except TooMany as wait:
        return _link_page(request, form.refuse("", str(wait)), status_code=429)
    await links.ask_for(form.value.email)
    return see(request, "volunteer_links:new", sent="yes")


@get("/mine/{token:str}", name="own_shifts:show", link="volunteer")
async def show(request: Asked, token: FromPath[str]) -> Response[Any]:
    constituent = await links.whose(token)
    if constituent is None:
        return _link_page(request, forms.blank(), too_old=True, status_code=404)
    return await _shown(request, token, constituent, forms.blank())


@post(
    "/mine/{token:str}/sign-ups/{signup_id:int}/withdrawals", name="own_withdrawals:create", link="volunteer"
)
async def withdraw(request: Asked, token: FromPath[str], signup_id: FromPath[int]) -> Response[Any]:
    who = await _owner(token, signup_id)
    return await _do(
        request, token, signups.withdraw(signup_id, by=who),
        lambda _done: _("Noted. Thank you for telling us."),
    )  # fmt: skip


@post("/mine/{token:str}/sign-ups/{signup_id:int}/answers", name="own_answers:create", link="volunteer")
async def answer(request: Asked, token: FromPath[str], signup_id: FromPath[int]) -> Response[Any]:
    who = await _owner(token, signup_id)
    coming = (await request.form()).get("coming") == "yes"
    return await _do(
        request, token, signups.answer(signup_id, coming=coming, by=who),
        lambda _done: _("Good. See you there.") if coming else _("Thank you for telling us: now somebody else can have the place."),
    )  # fmt: skip


@post(
    "/mine/{token:str}/sign-ups/{signup_id:int}/acceptances", name="own_acceptances:create", link="volunteer"
)
async def take(request: Asked, token: FromPath[str], signup_id: FromPath[int]) -> Response[Any]:
    who = await _owner(token, signup_id)
    return await _do(
        request, token, waiting.take(signup_id, by=who),
        lambda status: _("The place is yours.") if status == "confirmed" else _("The coordinator looks at it now."),
    )  # fmt: skip


@post(
    "/mine/{token:str}/sign-ups/{signup_id:int}/replacements",
    name="own_replacements:create",
    link="volunteer",
)
async def look_for_replacement(
    request: Asked, token: FromPath[str], signup_id: FromPath[int]
) -> Response[Any]:
    """Ask those who could come instead; the place stays theirs until somebody says yes."""
    who = await _owner(token, signup_id)
    signup = await signups.get(signup_id)
    people = [one["id"] for one in await asks.candidates(signup["shift"], limit=10)]
    return await _do(
        request, token, asks.ask(signup["shift"], people, by=who, instead_of=signup_id),
        lambda count: ngettext(
            "One person is asked. The place stays yours until they say yes.",
            "{count} people are asked. The place stays yours until one says yes.", count,
        ),
    )  # fmt: skip


@post("/mine/{token:str}/hours", name="own_hours:create", link="volunteer")
async def report_hours(request: Asked, token: FromPath[str]) -> Response[Any]:
    constituent = await _whose(token)
    form = read_form(OwnHoursForm, await request.form(), today=await hours.latest_day())
    if not form.ok:
        return await _shown(request, token, constituent, form, status_code=422)
    minutes = (form.value.hours or 0) * 60 + (form.value.minutes or 0)
    given = HoursDetails(
        constituent=constituent,
        programme=form.value.programme,
        day=form.value.day,
        minutes=minutes,
        note=form.value.note,
    )
    try:
        await own.check_programme(constituent, form.value.programme)
        await hours.propose(given, came_by="self", by=await _actor(constituent))
    except Refused as no:
        return await _shown(request, token, constituent, form.refuse("hours", str(no)), status_code=422)
    # The form leads to itself where something is wrong; without this the browser would stay there, away from the thanks.
    top = url_for("own_shifts:show", token=token) + "#notices"
    return see_path(request, top, notice=_("Thank you. They count when the coordinator has looked."))


@post("/mine/{token:str}/wishes", name="own_wishes:create", link="volunteer")
async def wish(request: Asked, token: FromPath[str]) -> Response[Any]:
    """Whether mails may ask for shifts that lack people."""
    constituent = await _whose(token)
    may = (await request.form()).get("may_be_asked") == "yes"
    await own.say_whether_to_ask(constituent, may, by=await _actor(constituent))
    notice = (
        _("Good: we ask you when somebody is missing.") if may else _("Good: we do not ask you any more.")
    )
    return see(request, "own_shifts:show", token=token, notice=notice)


@post("/mine/{token:str}/calendars", name="own_calendars:create", link="volunteer")
async def new_calendar(request: Asked, token: FromPath[str]) -> Response[Any]:
    """A new address of the private calendar, shown once; the one before opens nothing any more."""
    constituent = await _whose(token)
    feed = await own.new_feed(constituent, by=await _actor(constituent))
    return await _shown(request, token, constituent, forms.blank(), feed=feed)


@get("/calendars/{token:str}/shifts.ics", name="own_calendars:show", link="volunteer")
async def calendar(request: Asked, token: FromPath[str]) -> Response[bytes]:
    ours = await organisation.needed()
    constituent = await own.whose_feed(token)
    found = await own.for_calendar(constituent)
    return Response(calendars.feed(ours["name"], found, of="signup"), media_type=calendars.MEDIA_TYPE)


@get("/asks/{token:str}", name="asks:show", link="ask")
async def show_ask(request: Asked, token: FromPath[str]) -> Response[Any]:
    return page(
        request, "giving/volunteering/ask.html", ask=await asks.with_token(token), token=token, problem=""
    )


@post("/asks/{token:str}", name="asks:update", link="ask")
async def answer_ask(request: Asked, token: FromPath[str]) -> Response[Any]:
    ask = await asks.with_token(token)
    who = await _actor(ask["constituent"])
    said = (await request.form()).get("answer")
    try:
        if said == "yes":
            await asks.say_yes(token, by=who)
        elif said not in ("no", "never"):
            raise Refused(_("Choose one of the answers."))
        else:
            await asks.say_no(token, by=who)
            if said == "never":
                await own.say_whether_to_ask(ask["constituent"], False, by=who)
    except Refused as no:
        return page(
            request, "giving/volunteering/ask.html", ask=ask, token=token, problem=str(no), status_code=409
        )
    return see(request, "asks:show", token=token)


@get("/asks/{token:str}/unsubscriptions", name="ask_unsubscriptions:show", link="ask")
async def ask_whether_to_end(request: Asked, token: FromPath[str]) -> Response[Any]:
    """A mail program that opens the address of its "unsubscribe" in a browser: nothing ends by a look."""
    return see(request, "asks:show", token=token)


@post("/asks/{token:str}/unsubscriptions", name="ask_unsubscriptions:create", machine="mail", status_code=200)
async def end_asking(token: FromPath[str]) -> Response[bytes]:
    """One click in a mail program (RFC 8058): no more such mails. The program has no session, and the token is the key."""
    ask = await asks.with_token(token)
    await own.say_whether_to_ask(ask["constituent"], False, by=await _actor(ask["constituent"]))
    return Response(b"", media_type="text/plain")


async def _do(request: Asked, token: str, deed: Awaitable[T], words: Callable[[T], str]) -> Response[Any]:
    """Do it and say so on the own page; or say there why not."""
    try:
        done = await deed
    except Refused as no:
        return await _shown(
            request, token, await _whose(token), forms.blank(), problem=str(no), status_code=409
        )
    return see(request, "own_shifts:show", token=token, notice=words(done))


async def _count(request: Asked, email: str) -> None:
    """A mailbox is not filled by strangers: counted by address and by e-mail, known or not."""
    sentence = _(
        "A link was asked for several times within the hour. Look into your mail, or try again later."
    )
    address = security.client_address(request.scope)
    await security.count_attempt("own-link-address", address, limit=30, window=_WINDOW, sentence=sentence)
    await security.count_attempt(
        "own-link-email", forms.email_normal(email), limit=5, window=_WINDOW, sentence=sentence
    )


def _link_page(request: Asked, form: Form[Any], *, status_code: int = 200, **said: bool) -> Response[Any]:
    return page(
        request,
        "giving/volunteering/link.html",
        form=form,
        **{"sent": False, "too_old": False, **said},
        status_code=status_code,
    )


async def _whose(token: str) -> int:
    constituent = await links.whose(token)
    if constituent is None:
        raise NotFound("volunteer link")
    return constituent


async def _owner(token: str, signup_id: int) -> Actor:
    """The volunteer behind the link, if the sign-up is theirs; to everybody else it is not there."""
    constituent = await _whose(token)
    if (await signups.get(signup_id))["constituent"] != constituent:
        raise NotFound(f"sign-up {signup_id}")
    return await _actor(constituent)


async def _actor(constituent: int) -> Actor:
    return Actor("volunteer", constituent, await own.name_of(constituent))


async def _shown(
    request: Asked,
    token: str,
    constituent: int,
    form: Form[Any],
    *,
    feed: str = "",
    problem: str = "",
    status_code: int = 200,
) -> Response[Any]:
    return page(
        request,
        "giving/volunteering/mine.html",
        token=token,
        name=await own.name_of(constituent),
        ahead=await own.ahead(constituent),
        ended=await own.ended(constituent),
        given=await hours.of(constituent),
        total=await hours.total_of(constituent),
        may_be_asked=await own.may_be_asked(constituent),
        programmes=forms.options(await own.programmes(constituent), nothing=_("Choose")),
        form=form,
        problem=problem,
        feed=config.settings().base_url + url_for("own_calendars:show", token=feed) if feed else "",
        status_code=status_code,
    )


router = Router(
    path="/volunteer",
    route_handlers=[
        new_link, send_link, show, withdraw, answer, take, look_for_replacement, report_hours, wish, new_calendar, calendar, show_ask, answer_ask,
        ask_whether_to_end, end_asking,
    ],
)  # fmt: skip
