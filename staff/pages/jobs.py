"""What is done in the background: what stopped, why, and trying it again."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import changes, job_list, jobs, mail
from kit.pages import page, see
from kit.words import _


@get("/", name="jobs:index", needs="jobs.manage")
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    return page(
        request,
        "staff/jobs/index.html",
        "job_list",
        counts=await job_list.counts(),
        held=await job_list.held(),
        failing=await job_list.failing(),
        unfinished=await job_list.unfinished(50),
        ended=await job_list.ended(30),
        letters=await mail.counts(),
    )


@get("/{job_id:int}", name="jobs:show", needs="jobs.manage")
async def show(request: Request[Any, Any, Any], job_id: FromPath[int]) -> Response[Any]:
    history = await changes.told("job", job_id, _zone(request))
    return page(request, "staff/jobs/show.html", job=await job_list.one(job_id), history=history)


@post("/{job_id:int}/runs", name="job_runs:create", needs="jobs.manage")
async def run_again(request: Request[Any, Any, Any], job_id: FromPath[int]) -> Response[Any]:
    await jobs.run_again(job_id, by=request.user.actor)
    return see(request, "jobs:index", notice=_("Job {number} is tried again.", number=job_id))


@post("/{job_id:int}/dismissals", name="job_dismissals:create", needs="jobs.manage")
async def give_up(request: Request[Any, Any, Any], job_id: FromPath[int]) -> Response[Any]:
    await jobs.give_up(job_id, by=request.user.actor)
    return see(request, "jobs:index", notice=_("Job {number} is given up.", number=job_id))


def _zone(request: Request[Any, Any, Any]) -> str:
    ours = request.scope["state"]["organisation"]
    return ours["zone"] if ours else "UTC"


router = Router(path="/jobs", route_handlers=[index, show, run_again, give_up])
