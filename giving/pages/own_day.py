"""The day itself, on a volunteer's own phone: “I'm here”, “I'm leaving”, a code for the lead to scan; and the letter after.

All behind the mailed link, which sees only its own.
"""

from typing import Any
from uuid import uuid4

import segno
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import config, days
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.pages import page, see
from kit.templates import url_for
from kit.words import _
from staff import organisation
from volunteers import attendance, links, own, service_letters, signups
from volunteers.attendance import Press

Asked = Request[Any, Any, Any]


@get("/mine/{token:str}/sign-ups/{signup_id:int}/door", name="own_doors:show", link="volunteer")
async def show(request: Asked, token: FromPath[str], signup_id: FromPath[int]) -> Response[Any]:
    """Big buttons, and a code that opens the lead's list at this person."""
    signup = await _own(token, signup_id)
    address = config.settings().base_url + url_for("doors:show", shift_id=signup["shift"], signup=signup_id)
    return page(
        request,
        "giving/volunteering/own_door.html",
        token=token,
        signup=signup,
        can_press=signup["starts_at"] - attendance.EARLY <= days.now() <= signup["ends_at"] + attendance.LATE,
        is_over=signup["ends_at"] + attendance.LATE < days.now(),
        qr=segno.make(address, error="m", micro=False).png_data_uri(border=2, scale=5),
    )


@post("/mine/{token:str}/sign-ups/{signup_id:int}/presses", name="own_presses:create", link="volunteer")
async def press(request: Asked, token: FromPath[str], signup_id: FromPath[int]) -> Response[Any]:
    signup = await _own(token, signup_id)
    what = str((await request.form()).get("what", ""))
    if what not in ("in", "out", "undo"):
        raise Refused(_("Say whether you came or left."))
    by = Actor("volunteer", signup["constituent"], signup["name"])
    pressed = Press(uuid4().hex, signup_id, what, days.now())  # pyright: ignore[reportArgumentType]
    await attendance.press(pressed, by=by, came_by="own_phone")
    notice = {"in": _("Welcome. You are on the list."), "out": _("Thank you for your time.")}.get(what, "")
    return see(request, "own_doors:show", token=token, signup_id=signup_id, notice=notice)


@get("/mine/{token:str}/service-letter.pdf", name="own_service_letters:show", link="volunteer")
async def letter(request: Asked, token: FromPath[str]) -> Response[bytes]:
    """All approved hours of the person, on our paper."""
    data = await service_letters.make(await _whose(token), None, None)
    today = days.today((await organisation.needed())["zone"])
    headers = {
        "Content-Disposition": f'attachment; filename="{service_letters.file_name(None, today)}"',
        "Cache-Control": "no-store",
    }
    return Response(data, media_type="application/pdf", headers=headers)


async def _whose(token: str) -> int:
    constituent = await links.whose(token)
    if constituent is None:
        raise NotFound("volunteer link")
    return constituent


async def _own(token: str, signup_id: int) -> dict[str, Any]:
    """The sign-up, if it is a place of the volunteer behind the link; to everybody else it is not there."""
    constituent = await _whose(token)
    signup = await signups.get(signup_id)
    if signup["constituent"] != constituent or signup["status"] != "confirmed":
        raise NotFound(f"sign-up {signup_id}")
    return {**signup, "name": await own.name_of(constituent)}


router = Router(path="/volunteer", route_handlers=[show, press, letter])
