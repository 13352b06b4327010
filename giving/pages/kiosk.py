"""The tablet at the door: a PIN, then a list of who is expected, a press each. Works on while the net is gone."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import config, days, security
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.pages import page, see
from kit.words import _
from volunteers import attendance, kiosks
from volunteers.attendance import Press

Asked = Request[Any, Any, Any]


class Pressed(msgspec.Struct):
    """One press as the tablet sends it; `at` is its own clock."""

    key: str
    signup: int
    what: str
    at: datetime


class Presses(msgspec.Struct):
    presses: list[Pressed]


@get("/{token:str}", name="kiosk:show", link="kiosk")
async def show(request: Asked, token: FromPath[str]) -> Response[Any]:
    kiosk = await kiosks.with_token(token)
    if not _is_open(request, kiosk):
        return page(request, "giving/kiosk/pin.html", kiosk=kiosk, token=token, problem="")
    return page(
        request,
        "giving/kiosk/show.html",
        "kiosk_list",
        kiosk=kiosk,
        token=token,
        expected=await kiosks.expected(kiosk),
    )


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
    kiosk = await kiosks.with_token(token)
    if not _is_open(request, kiosk):
        raise NotFound("kiosk")
    if not request.headers.get("content-type", "").startswith("application/json"):
        said = await request.form()
        await _take(kiosk, _from_form(said))
        return see(request, "kiosk:show", token=token)
    try:
        sent = msgspec.json.decode(await request.body(), type=Presses)
    except msgspec.DecodeError:
        raise Refused(_("These presses cannot be read.")) from None
    return Response(
        {"taken": [await _answer(kiosk, one) for one in sent.presses[:200]]}, media_type="application/json"
    )


async def _answer(kiosk: dict[str, Any], one: Pressed) -> dict[str, str]:
    """What became of one press: nothing in `problem` when it was taken (or had been before)."""
    try:
        await _take(kiosk, one)
    except (Refused, NotFound) as no:
        return {
            "key": one.key,
            "problem": str(no) if isinstance(no, Refused) else _("This person is not on the list."),
        }
    return {"key": one.key, "problem": ""}


async def _take(kiosk: dict[str, Any], one: Pressed) -> None:
    if one.what not in ("in", "out", "undo") or not 8 <= len(one.key) <= 60 or not 0 < one.signup < 2**53:
        raise Refused(_("These presses cannot be read."))
    if not await kiosks.may_press(kiosk, one.signup):
        raise NotFound(f"sign-up {one.signup}")
    at = one.at if one.at.tzinfo else days.now()
    pressed = Press(one.key, one.signup, one.what, at)  # pyright: ignore[reportArgumentType]
    await attendance.press(pressed, by=Actor("system", kiosk["id"], kiosk["name"]), came_by="kiosk")


def _from_form(said: Any) -> Pressed:
    signup = str(said.get("signup", ""))
    if not (signup.isascii() and signup.isdigit() and len(signup) < 16):
        raise Refused(_("Choose somebody of the list."))
    return Pressed(
        key=security.new_token(), signup=int(signup), what=str(said.get("what", "")), at=days.now()
    )


def _cookie(kiosk: dict[str, Any]) -> str:
    return f"kiosk-{kiosk['id']}"


def _is_open(request: Asked, kiosk: dict[str, Any]) -> bool:
    cookie = request.cookies.get(_cookie(kiosk), "")
    return security.signed(f"{kiosk['id']}:{kiosk['pin_hash']}", "kiosk", cookie)


router = Router(path="/volunteer/kiosk", route_handlers=[show, unlock, press])
