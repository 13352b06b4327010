"""The story of one constituent, a page at a time; and the notes that staff add to it."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from constituents import constituents, notes, timeline
from constituents.forms import NoteForm
from constituents.pages.constituents import show_page, timeline_filters
from constituents.pages.reader import Reader
from kit import forms
from kit.forms import read_form
from kit.pages import asks_for_part, page, see


@get("/constituents/{constituent_id:int}/timeline", name="timelines:show", needs="constituents.read")
async def show(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    query = {name: request.query_params.get(name, "") for name in ("show", "before")}
    if not asks_for_part(request):
        return see(request, "constituents:show", constituent_id=constituent_id, **query)
    return await _block(request, constituent_id, forms.blank(), show=query["show"], before=query["before"])


async def _block(
    request: Request[Any, Any, Any],
    id: int,
    note: forms.Form[Any],
    *,
    show: str = "",
    before: str = "",
    status_code: int = 200,
) -> Response[Any]:
    reader = Reader.of(request)
    return page(
        request,
        "constituents/show.html",
        "timeline",
        row=await constituents.get(id),
        story=await timeline.of(
            id, permissions=reader.permissions, narrowed=reader.narrowed, show=show, before=before
        ),
        show=show,
        filters=timeline_filters(reader),
        note=note,
        status_code=status_code,
    )


@post("/constituents/{constituent_id:int}/notes", name="notes:create", needs="tasks.write")
async def create_note(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    form = read_form(NoteForm, await request.form())
    if form.ok:
        await notes.write(constituent_id, form.value.note, by=request.user.actor)
    if asks_for_part(request):
        note = forms.blank() if form.ok else form
        return await _block(request, constituent_id, note, status_code=200 if form.ok else 422)
    if form.ok:
        return see(request, "constituents:show", constituent_id=constituent_id)
    return await show_page(request, constituent_id, note=form, status_code=422)


@get("/notes/{note_id:int}", name="notes:show", needs="constituents.read")
async def show_note(request: Request[Any, Any, Any], note_id: FromPath[int]) -> Response[Any]:
    note = await notes.get(note_id)
    return page(request, "constituents/note.html", note=note, row=await constituents.get(note["constituent"]))


router = Router(path="/", route_handlers=[show, create_note, show_note])
