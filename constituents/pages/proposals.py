"""Deciding on what a donor typed, and on records that looked alike."""

from typing import Any

from litestar import Request, Response, Router, post
from litestar.params import FromPath

from constituents import duplicates, proposals
from kit.pages import see
from kit.words import _


@post(
    "/proposals/{proposal_id:int}/acceptance", name="proposal_acceptances:create", needs="constituents.write"
)
async def accept(request: Request[Any, Any, Any], proposal_id: FromPath[int]) -> Response[Any]:
    whose = await proposals.accept(proposal_id, by=request.user.actor)
    return see(request, "constituents:show", constituent_id=whose, notice=_("Taken over."))


@post("/proposals/{proposal_id:int}/dismissal", name="proposal_dismissals:create", needs="constituents.write")
async def dismiss(request: Request[Any, Any, Any], proposal_id: FromPath[int]) -> Response[Any]:
    whose = await proposals.dismiss(proposal_id, by=request.user.actor)
    return see(request, "constituents:show", constituent_id=whose, notice=_("Left as it is."))


@post(
    "/duplicates/{duplicate_id:int}/dismissal", name="duplicate_dismissals:create", needs="constituents.write"
)
async def are_different(request: Request[Any, Any, Any], duplicate_id: FromPath[int]) -> Response[Any]:
    pair = await duplicates.are_different(duplicate_id, by=request.user.actor)
    # Back to the record that was looked at.
    looked_at = (await request.form()).get("from", "")
    return see(
        request,
        "constituents:show",
        constituent_id=next((id for id in pair if str(id) == looked_at), pair[1]),
        notice=_("They are two, then."),
    )


router = Router(path="/", route_handlers=[accept, dismiss, are_different])
