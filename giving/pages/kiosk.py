"""The tablet at the door: a PIN, then a list of who is expected, a press each. Works on while the net is gone."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from giving.kiosk_forms import WalkInForm
from kit import config, days, forms, security
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import organisation
from volunteers import attendance, kiosks, presses, walk_ins
from volunteers.presses import Sent

Asked = Request[Any, Any, Any]


@get("/{token:str}", name="kiosk:show", link="kiosk")
async def show(request: Asked, token: FromPath[str]) -> Response[Any]:
    kiosk = await kiosks.with_token(token)
    if not _is_open(request, kiosk):
        return page(request, "giving/kiosk/pin.html", kiosk=kiosk, token=token, problem="")
    return await _shown(request, token, kiosk, forms.blank(size="1"))


@post("/{token:str}/sessions", name="kiosk_sessions:create", link="kiosk")
async def unlock(request: Asked, token: FromPath[str]) -> Response[Any]:
    kiosk = await kiosks.with_token(token)
    await security.count_attempt("kiosk-pin", token, limit=10, window=timedelta(minutes=10))
    pin = str((await request.form()).get("pin", ""))[:20]
    if not kiosks.opens(kiosk, token, pin):
        problem = _("That is not the PIN. Ask the coordinator.")
        return page(
            request, "giving/kiosk/pin.html", kiosk=kiosk, token=token, problem=problem, status_code=422
        )
    await security.forget_attempts("kiosk-pin", token)
    answer = see(request, "kiosk:show", token=token)
    answer.set_cookie(
        key=_cookie(kiosk), value=kiosks.proof(kiosk), path=f"/volunteer/kiosk/{token}", httponly=True, samesite="strict",
        secure=config.settings().base_url.startswith("https:"), max_age=int(timedelta(hours=18).total_seconds()),
    )  # fmt: skip
    return answer


@post("/{token:str}/presses", name="kiosk_presses:create", link="kiosk")
async def press(request: Asked, token: FromPath[str]) -> Response[Any]:
    """One press from a form, or several as JSON from the tablet's memory; each key once, whatever is sent again."""
    as_json = request.headers.get("content-type", "").startswith("application/json")
    kiosk = await _opened(request, token, late=as_json)
    if not as_json:
        await _take(kiosk, presses.from_form(await request.form()))
        return see(request, "kiosk:show", token=token)
    sent = presses.read(await request.body())
    return Response(await presses.answers(sent, lambda one: _take(kiosk, one)), media_type="application/json")


@post("/{token:str}/walk-ins", name="kiosk_walk_ins:create", link="kiosk")
async def walk_in(request: Asked, token: FromPath[str]) -> Response[Any]:
    """Somebody who is not on the list, where there is no script."""
    kiosk = await _opened(request, token)
    typed = await request.form()
    form = await _read(typed)
    if not form.ok:
        return await _shown(request, token, kiosk, form, status_code=422)
    key = str(typed.get("key", ""))
    try:
        await _come(kiosk, form.value, key if 8 <= len(key) <= 60 else security.new_token(), days.now())
    except Refused as no:
        return await _shown(request, token, kiosk, form.refuse("", str(no)), status_code=422)
    return see(request, "kiosk:show", token=token, notice=_("Welcome. You are on the list now."))


async def _take(kiosk: dict[str, Any], one: Sent) -> None:
    kiosks.check_moment(kiosk, one.at)
    if one.walk_in is not None:
        form = await _read(one.walk_in)
        if not form.ok:
            raise Refused(" ".join(form.errors.values()))
        await _come(kiosk, form.value, one.key, one.at)
        return
    pressed = one.press()
    if not await kiosks.may_press(kiosk, one.signup):
        raise NotFound(f"sign-up {one.signup}")
    await attendance.press(pressed, by=_actor(kiosk), came_by="kiosk")


async def _come(kiosk: dict[str, Any], value: WalkInForm, key: str, at: datetime) -> None:
    if not await kiosks.may_walk_into(kiosk, value.shift):
        raise NotFound(f"shift {value.shift}")
    comer = walk_ins.Comer(
        key=key, shift=value.shift, first_name=value.first_name, last_name=value.last_name, email=value.email,
        phone=value.phone, size=value.size,
    )  # fmt: skip
    await walk_ins.come_alone(comer, at=at, by=_actor(kiosk))


async def _read(typed: Any) -> Form[WalkInForm]:
    return read_form(WalkInForm, typed, country=(await organisation.needed())["country"])


async def _shown(
    request: Asked, token: str, kiosk: dict[str, Any], form: Form[Any], status_code: int = 200
) -> Response[Any]:
    return page(
        request,
        "giving/kiosk/show.html",
        kiosk=kiosk,
        token=token,
        expected=await kiosks.expected(kiosk),
        shifts=await kiosks.open_to_walk_ins(kiosk),
        form=form,
        key=security.new_token(),
        status_code=status_code,
    )


async def _opened(request: Asked, token: str, *, late: bool = False) -> dict[str, Any]:
    kiosk = await kiosks.with_token(token, late=late)
    if not _is_open(request, kiosk):
        raise NotFound("kiosk")
    return kiosk


def _actor(kiosk: dict[str, Any]) -> Actor:
    return Actor("system", kiosk["id"], kiosk["name"])


def _cookie(kiosk: dict[str, Any]) -> str:
    return f"kiosk-{kiosk['id']}"


def _is_open(request: Asked, kiosk: dict[str, Any]) -> bool:
    cookie = request.cookies.get(_cookie(kiosk), "")
    return security.signed(f"{kiosk['id']}:{kiosk['pin_hash']}", "kiosk", cookie)


router = Router(path="/volunteer/kiosk", route_handlers=[show, unlock, press, walk_in])
