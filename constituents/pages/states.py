"""Archiving and restoring a record, and saying that a person died: each asks first, each can be taken back."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from constituents import constituents
from constituents.constituents import NotAPerson
from constituents.forms import DeathForm
from constituents.pages.reader import Reader
from constituents.tables import Kind
from kit import forms
from kit.errors import NotFound
from kit.forms import read_form
from kit.pages import page, see
from kit.words import _


@get("/archival", name="constituent_archivals:new", needs="constituents.write")
async def ask_to_archive(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    return page(request, "constituents/archive.html", row=await constituents.get(constituent_id))


@post("/archival", name="constituent_archivals:create", needs="constituents.write")
async def archive(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    await constituents.archive(constituent_id, by=request.user.actor)
    return see(request, "constituents:show", constituent_id=constituent_id, notice=_("Archived."))


@post("/restoral", name="constituent_restorals:create", needs="constituents.write")
async def restore(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    await constituents.restore(constituent_id, by=request.user.actor)
    return see(request, "constituents:show", constituent_id=constituent_id, notice=_("Back in the lists."))


@get("/death", name="constituent_deaths:new", needs="constituents.write")
async def ask_about_death(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    row = await _person(constituent_id)
    day = row["deceased_on"].isoformat() if row["deceased_on"] else ""
    return page(request, "constituents/death.html", row=row, form=forms.blank(deceased_on=day))


@post("/death", name="constituent_deaths:create", needs="constituents.write")
async def mark_deceased(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    row = await constituents.get(constituent_id)
    form = read_form(DeathForm, await request.form(), today=Reader.of(request).today)
    if form.ok:
        try:
            await constituents.mark_deceased(constituent_id, form.value.deceased_on, by=request.user.actor)
        except NotAPerson as no:
            form.refuse("", str(no))
    if not form.ok:
        return page(request, "constituents/death.html", row=row, form=form, status_code=422)
    return see(request, "constituents:show", constituent_id=constituent_id, notice=_("Marked as deceased."))


@post("/death/destroy", name="constituent_deaths:destroy", needs="constituents.write")
async def mark_living(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    await constituents.mark_living(constituent_id, by=request.user.actor)
    return see(
        request, "constituents:show", constituent_id=constituent_id, notice=_("No longer marked as deceased.")
    )


async def _person(id: int) -> dict[str, Any]:
    row = await constituents.get(id)
    if row["kind"] != Kind.PERSON.value:
        raise NotFound
    return row


router = Router(
    path="/constituents/{constituent_id:int}",
    route_handlers=[ask_to_archive, archive, restore, ask_about_death, mark_deceased, mark_living],
)
