"""Putting people into a household, and ending that."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from constituents import constituents, memberships, search
from constituents.forms import MembershipEndForm, MembershipForm
from constituents.pages.reader import Reader
from constituents.tables import Kind
from kit import forms
from kit.errors import NotFound, Refused
from kit.forms import read_form
from kit.pages import page, see
from kit.words import _

_SHOWN = 10


@get("/constituents/{constituent_id:int}/memberships/new", name="memberships:new", needs="constituents.write")
async def new(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    return await _new_page(request, constituent_id, forms.blank())


async def _new_page(
    request: Request[Any, Any, Any], id: int, form: forms.Form[Any], status_code: int = 200
) -> Response[Any]:
    row = await constituents.get(id)
    if row["kind"] != Kind.HOUSEHOLD.value:
        raise NotFound
    typed = request.query_params.get("q", "").replace("\x00", "").strip()[:200]
    return page(
        request,
        "constituents/membership.html",
        "person_choices",
        row=row,
        form=form,
        typed=typed,
        people=await _people(typed, Reader.of(request).country, form.typed.get("person", "")),
        status_code=status_code,
    )


async def _people(typed: str, home: str, chosen: str) -> list[dict[str, Any]]:
    found = await search.find(typed, home=home) if typed else search.Found({})
    ids = sorted(found.ids, key=lambda id: found.ranks[id])
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 10:
        ids = [int(chosen), *ids]
    known = await search.brief(ids)
    people = [known[id] for id in dict.fromkeys(ids) if id in known]
    return [row for row in people if row["kind"] == Kind.PERSON.value and row["archived_at"] is None][:_SHOWN]


@post("/constituents/{constituent_id:int}/memberships", name="memberships:create", needs="constituents.write")
async def create(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    form = read_form(MembershipForm, await request.form(), today=Reader.of(request).today)
    if form.ok:
        try:
            await memberships.begin(
                constituent_id,
                form.value.person,
                role=form.value.role,
                from_day=form.value.from_day,
                by=request.user.actor,
            )
            return see(request, "constituents:show", constituent_id=constituent_id, notice=_("Added."))
        except NotFound:
            form.refuse("person", _("Choose a person from the list."))
        except Refused as no:
            form.refuse("from_day" if isinstance(no, memberships.ElsewhereThen) else "", str(no))
    return await _new_page(request, constituent_id, form, 422)


@get("/memberships/{membership_id:int}/end", name="membership_ends:new", needs="constituents.write")
async def ask_to_end(request: Request[Any, Any, Any], membership_id: FromPath[int]) -> Response[Any]:
    today = Reader.of(request).today.isoformat()
    return page(
        request,
        "constituents/membership_end.html",
        membership=await memberships.get(membership_id),
        form=forms.blank(until_day=today),
    )


@post("/memberships/{membership_id:int}/end", name="membership_ends:create", needs="constituents.write")
async def end(request: Request[Any, Any, Any], membership_id: FromPath[int]) -> Response[Any]:
    membership = await memberships.get(membership_id)
    form = read_form(MembershipEndForm, await request.form(), today=Reader.of(request).today)
    if form.ok:
        try:
            await memberships.end(membership_id, form.value.until_day, by=request.user.actor)
            return see(
                request, "constituents:show", constituent_id=membership["household"], notice=_("Saved.")
            )
        except Refused as no:
            form.refuse("until_day", str(no))
    return page(
        request, "constituents/membership_end.html", membership=membership, form=form, status_code=422
    )


router = Router(path="/", route_handlers=[new, create, ask_to_end, end])
