"""Hours: one list to approve, adjust or refuse; and entering them."""

from datetime import date
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import changes, days, forms, versions
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see, see_path
from kit.templates import url_for
from kit.words import _, ngettext
from staff import organisation
from volunteers import hour_lists, hour_reports, hours, profiles, programmes, sight
from volunteers.forms import AdjustForm, HoursForm
from volunteers.pages import chosen

Asked = Request[Any, Any, Any]


@get("/", name="hours:index", needs="volunteers.read")
async def index(request: Asked) -> Response[Any]:
    query = request.query_params
    return await _to_decide(request, query.get("programme", ""), query.get("after", "")[:40])


@post("/approvals", name="hours_approvals:create", needs="volunteers.hours")
async def approve(request: Asked) -> Response[Any]:
    """Approve the ticked ones with the time that stands beside each, as far as they are in this coordinator's programmes."""
    data = await request.form()
    programme = str(data.get("programme", ""))
    shown, unread = _shown_ones(data)
    if unread:
        typed = {id: str(data.get(f"time-{id}", "")) for id in unread}
        return await _to_decide(
            request, programme, str(data.get("after", ""))[:40], typed=typed, status_code=422
        )
    theirs = await hours.seen_of([one.id for one in shown], await sight.programmes_of(request.user))
    done, changed = await hours.decide([one for one in shown if one.id in theirs], by=request.user.actor)
    notice = ngettext("{count} entry is approved.", "{count} entries are approved.", done)
    if changed:
        notice += " " + ngettext(
            "{count} changed meanwhile: look at it again.",
            "{count} changed meanwhile: look at them again.",
            changed,
        )
    path = url_for("hours:index", programme=programme if programme.isascii() and programme.isdigit() else "")
    return see_path(request, path, notice=notice)


def _shown_ones(data: Any) -> tuple[list[hours.Shown], list[int]]:
    """The ticked entries as they were shown, and the ids of those whose time cannot be read."""
    shown: list[hours.Shown] = []
    unread: list[int] = []
    for text in data.getall("id", [])[:500]:
        if not _is_number(text):
            continue
        was, typed = str(data.get(f"was-{text}", "")), str(data.get(f"time-{text}", ""))[:40]
        minutes = hours.read_time(typed)
        if typed and minutes is None:
            unread.append(int(text))
        else:
            shown.append(hours.Shown(int(text), int(was) if _is_number(was) else None, minutes))
    return shown, unread


@get("/new", name="hours:new", needs="volunteers.hours")
async def new(request: Asked) -> Response[Any]:
    constituent = request.query_params.get("constituent", "")
    return await _entry(request, forms.blank(constituent=constituent, people="1", day=str(await _today())))


@post("/", name="hours:create", needs="volunteers.hours")
async def create(request: Asked) -> Response[Any]:
    form = read_form(HoursForm, await request.form(), today=await hours.latest_day())
    if not await chosen.check(form, request.user):
        return await _entry(request, form, status_code=422)
    value = form.value
    try:
        await profiles.ensure(value.constituent, by=request.user.actor)
        await hours.record(
            hours.HoursDetails(
                constituent=value.constituent, programme=value.programme, day=value.day, minutes=value.all_minutes,
                people=value.people, note=value.note,
            ),
            by=request.user.actor,
        )  # fmt: skip
    except Refused as no:
        return await _entry(request, form.refuse("hours", str(no)), status_code=422)
    return see(request, "volunteers:show", constituent_id=value.constituent, notice=_("The hours are noted."))


@get("/{hours_id:int}/edit", name="hours:edit", needs="volunteers.hours")
async def edit(request: Asked, hours_id: FromPath[int]) -> Response[Any]:
    row = await _seen(request, hours_id)
    full, rest = divmod(row["minutes"], 60)
    return await _one(
        request, row, forms.blank(hours=str(full), minutes=str(rest), version=str(row["version"]))
    )


@post("/{hours_id:int}", name="hours:update", needs="volunteers.hours")
async def update(request: Asked, hours_id: FromPath[int]) -> Response[Any]:
    row = await _seen(request, hours_id)
    form = read_form(AdjustForm, await request.form())
    if not form.ok:
        return await _one(request, row, form, status_code=422)
    minutes = (form.value.hours or 0) * 60 + (form.value.minutes or 0)
    try:
        await hours.adjust(
            hours_id, minutes, note=form.value.note, by=request.user.actor, version=form.value.version
        )
    except hours.ChangedMeanwhile as meanwhile:
        return await _changed(request, hours_id, form, meanwhile)
    except Refused as no:
        return await _one(request, row, form.refuse("hours", str(no)), status_code=422)
    return see(request, "hours:index", notice=_("Adjusted and approved."))


@post("/{hours_id:int}/refusals", name="hours_refusals:create", needs="volunteers.hours")
async def refuse(request: Asked, hours_id: FromPath[int]) -> Response[Any]:
    await _seen(request, hours_id)
    data = await request.form()
    reason, version = str(data.get("reason", "")).strip(), data.get("version")
    shown = int(version) if isinstance(version, str) and _is_number(version) else None
    try:
        await hours.refuse(hours_id, reason=reason, by=request.user.actor, version=shown)
    except hours.ChangedMeanwhile as meanwhile:
        row = await hours.get(hours_id)
        full, rest = divmod(row["minutes"], 60)
        return await _changed(
            request, hours_id, forms.blank(hours=str(full), minutes=str(rest)), meanwhile, reason
        )
    return see(request, "hours:index", notice=_("These hours do not count."))


async def _to_decide(
    request: Asked,
    programme: str,
    after: str,
    *,
    typed: dict[int, str] | None = None,
    status_code: int = 200,
) -> Response[Any]:
    seen = await sight.programmes_of(request.user)
    only = int(programme) if programme.isascii() and programme.isdigit() and len(programme) < 10 else None
    waiting, later = await hour_lists.to_decide(seen, programme=only, after=after)
    return page(
        request,
        "volunteers/hours/index.html",
        "hours_to_decide",
        waiting=waiting,
        later=later,
        after=after,
        programme=only,
        count=await hour_lists.how_many_wait(seen, programme=only),
        programmes=forms.options(
            [(one["id"], one["name"]) for one in await programmes.all_of_them(seen)], nothing=_("All")
        ),
        words=hour_lists.came_by_words(),
        typed=typed or {},
        status_code=status_code,
    )


async def _seen(request: Asked, hours_id: int) -> dict[str, Any]:
    row = await hours.get(hours_id)
    await sight.check_programme(request.user, row["programme"])
    return row


async def _entry(request: Asked, form: Form[Any], status_code: int = 200) -> Response[Any]:
    seen = await sight.programmes_of(request.user)
    typed = str(form.typed.get("constituent", ""))
    return page(
        request,
        "volunteers/hours/new.html",
        "hours_form",
        form=form,
        who=await hour_reports.name_of(int(typed))
        if typed.isascii() and typed.isdigit() and len(typed) < 10
        else None,
        programmes=forms.options(
            [
                (one["id"], one["name"])
                for one in await programmes.all_of_them(seen)
                if one["closed_at"] is None
            ],
            nothing=_("Choose"),
        ),
        status_code=status_code,
    )


async def _changed(
    request: Asked, hours_id: int, form: Form[Any], meanwhile: hours.ChangedMeanwhile, reason: str = ""
) -> Response[Any]:
    row = await hours.get(hours_id)
    form = versions.seen_again(form, row["version"], str(meanwhile))
    return await _one(request, row, form, status_code=409, reason=reason)


async def _one(
    request: Asked, row: dict[str, Any], form: Form[Any], status_code: int = 200, reason: str = ""
) -> Response[Any]:
    return page(
        request, "volunteers/hours/edit.html", "hours_form", form=form, row=row,
        history=await changes.told("hours", row["id"], (await organisation.needed())["zone"], 20),
        who=await hour_reports.name_of(row["constituent"]), reason=reason, status_code=status_code,
    )  # fmt: skip


def _is_number(text: Any) -> bool:
    return isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 10


async def _today() -> date:
    return days.today((await organisation.needed())["zone"])


router = Router(path="/hours", route_handlers=[index, approve, new, create, edit, update, refuse])
