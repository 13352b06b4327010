"""The outbox: every letter with how far it went, and sending one again on purpose."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, FromQuery

from kit import changes, config, mail
from kit.pages import page, see
from kit.words import _

PAGE = 50


@get("/", name="mails:index", needs="jobs.manage")
async def index(
    request: Request[Any, Any, Any], status: FromQuery[str] = "", before: FromQuery[int | None] = None
) -> Response[Any]:
    found = await mail.outbox(status or None, before, PAGE + 1)
    return page(
        request,
        "staff/mails/index.html",
        "mail_list",
        letters=found[:PAGE],
        older=found[PAGE - 1]["id"] if len(found) > PAGE else None,
        status=status,
        before=before,
        counts=await mail.counts(),
        can_send=config.settings().smtp_url is not None,
    )


@get("/{mail_id:int}", name="mails:show", needs="jobs.manage")
async def show(request: Request[Any, Any, Any], mail_id: FromPath[int]) -> Response[Any]:
    letter = await mail.read(mail_id)
    return page(
        request,
        "staff/mails/show.html",
        letter=letter,
        may_be_sent_again=mail.may_be_sent_again(letter),
        has_secret=mail.has_secret(letter),
        can_send=config.settings().smtp_url is not None,
        history=await changes.told("mail", mail_id, _zone(request)),
    )


@post("/{mail_id:int}/sendings", name="mail_sendings:create", needs="jobs.manage")
async def send_again(request: Request[Any, Any, Any], mail_id: FromPath[int]) -> Response[Any]:
    await mail.send_again(mail_id, by=request.user.actor)
    return see(request, "mails:show", mail_id=mail_id, notice=_("The letter is on its way again."))


def _zone(request: Request[Any, Any, Any]) -> str:
    ours = request.scope["state"]["organisation"]
    return ours["zone"] if ours else "UTC"


router = Router(path="/mails", route_handlers=[index, show, send_again])
