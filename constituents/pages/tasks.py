"""What waits for a person: the list of tasks, and closing one."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from constituents import tasks
from constituents.pages.reader import Reader
from kit.pages import asks_for_part, page, see
from kit.words import _

_PAGE = 50


@get("/", name="tasks:index", needs="tasks.read")
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    return await _index(request)


async def _index(request: Request[Any, Any, Any]) -> Response[Any]:
    reader = Reader.of(request)
    after = request.query_params.get("after", "")
    after = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    found = await tasks.still_open(
        permissions=reader.permissions, narrowed=reader.narrowed, after=after, limit=_PAGE + 1
    )
    return page(
        request,
        "home/tasks.html",
        "task_list",
        tasks=found[:_PAGE],
        later=found[_PAGE - 1]["id"] if len(found) > _PAGE else None,
        done=await tasks.lately_done(permissions=reader.permissions, narrowed=reader.narrowed),
    )


@post("/{task_id:int}/completion", name="task_completions:create", needs="tasks.write")
async def complete(request: Request[Any, Any, Any], task_id: FromPath[int]) -> Response[Any]:
    reader = Reader.of(request)
    task = await tasks.get(task_id, permissions=reader.permissions, narrowed=reader.narrowed)
    await tasks.done(task_id, request.user.actor)
    if asks_for_part(request):
        return await _index(request)
    return see(request, "tasks:index", notice=_("Done: {title}", title=task["title"]))


router = Router(path="/tasks", route_handlers=[index, complete])
