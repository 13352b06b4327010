"""The list of constituents, the page of one, and the forms that make and change it."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from constituents import (
    constituents,
    contacts,
    duplicates,
    languages,
    likenesses,
    listing,
    newcomers,
    profile,
    proposals,
    tags,
    tasks,
    timeline,
)
from constituents.constituents import ChangedMeanwhile, Details
from constituents.forms import (
    ADDRESS_KINDS,
    EMAIL_KINDS,
    PHONE_KINDS,
    country_options,
    lines_of,
    read_constituent,
    typed_of,
)
from constituents.pages.reader import Reader
from constituents.tables import Kind
from kit import changes, forms
from kit.pages import page, see
from kit.templates import url_for
from kit.words import _

KINDS = [
    (Kind.PERSON.value, _("Person")),
    (Kind.HOUSEHOLD.value, _("Household")),
    (Kind.ORGANISATION.value, _("Organisation")),
]


# ---------------------------------------------------------------- the list


@get("/", name="constituents:index", needs="constituents.read")
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    reader = Reader.of(request)
    query = request.query_params
    wanted = listing.Filter.read(query, money=reader.sees_money)
    found = await listing.page(
        wanted,
        currency=reader.currency,
        home=reader.country,
        after=query.get("after", ""),
        before=query.get("before", ""),
    )
    said = wanted.query
    return page(
        request,
        "constituents/index.html",
        "constituent_list",
        wanted=wanted,
        found=found,
        slipped=bool(found.rows and found.found and found.found.only_slips),
        filtered=_filtered(wanted, dict(found.tags)),
        tag_options=(("", _("any")), *found.tags),
        kinds=(("", _("any")), *KINDS),
        kind_words=dict(KINDS),
        currency=reader.currency,
        link=lambda **changed: url_for("constituents:index", **{**said, **changed}),
        count_url=url_for("constituent_counts:show", **said),
    )


def _filtered(wanted: listing.Filter, tagged: dict[str, str]) -> list[tuple[str, str]]:
    """What the list is narrowed to: (words, link without it)."""
    said = [
        ("kind", dict(KINDS).get(wanted.kind, "")),
        ("tag", wanted.tag and _("Tag: {tag}", tag=tagged.get(wanted.tag, "?"))),
        ("given", {"yes": _("Has given"), "no": _("Never gave")}.get(wanted.given, "")),
        ("archived", _("Archived") if wanted.archived else ""),
        ("slips", _("With slips of the pen") if wanted.slips else ""),
        (
            "sort",
            {
                "newest": _("Newest first"),
                "lifetime": _("Most given first"),
                "last_gift": _("Latest gift first"),
            }.get(wanted.sort, ""),
        ),
    ]
    return [(words, _link(wanted, **{name: ""})) for name, words in said if words]


def _link(wanted: listing.Filter, **changed: str) -> str:
    """The list with something about it changed; every state has its link."""
    return url_for("constituents:index", **{**wanted.query, **changed})


@get("/count", name="constituent_counts:show", needs="constituents.read")
async def count(request: Request[Any, Any, Any]) -> Response[Any]:
    reader = Reader.of(request)
    wanted = listing.Filter.read(request.query_params, money=reader.sees_money)
    return page(
        request,
        "constituents/count.html",
        "constituent_count",
        count=await listing.count(wanted, home=reader.country),
        counted=listing.COUNTED,
        back=_link(wanted),
    )


# ---------------------------------------------------------------- one of them


@get("/{constituent_id:int}", name="constituents:show", needs="constituents.read")
async def show(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    return await show_page(request, constituent_id)


async def show_page(
    request: Request[Any, Any, Any], id: int, *, note: forms.Form[Any] | None = None, status_code: int = 200
) -> Response[Any]:
    """The page of one constituent; a note that could not be kept comes back in its box."""
    reader = Reader.of(request)
    whose = await profile.of(id, today=reader.today, home=reader.country)
    show = request.query_params.get("show", "")
    return page(
        request,
        "constituents/show.html",
        whose=whose,
        row=whose.row,
        giving=await profile.giving(id, currency=reader.currency, year=reader.fiscal_year)
        if reader.sees_money
        else [],
        story=await timeline.of(
            id,
            permissions=reader.permissions,
            narrowed=reader.narrowed,
            show=show,
            before=request.query_params.get("before", ""),
        ),
        show=show,
        filters=timeline_filters(reader),
        note=note or forms.blank(),
        proposals=await proposals.open_of(id) if whose.has["proposals"] else [],
        duplicates=await duplicates.of(id) if whose.has["duplicates"] else [],
        tasks=await tasks.still_open(permissions=reader.permissions, narrowed=reader.narrowed, constituent=id)
        if whose.has["tasks"]
        else [],
        history=await changes.told("constituent", id, reader.zone) if reader.may("changes.read") else None,
        language=languages.name(whose.row["language"]),
        kind_words=dict(KINDS)[whose.row["kind"]],
        email_kinds=dict(EMAIL_KINDS),
        phone_kinds={
            **dict(PHONE_KINDS),
            "home": _("Phone"),
            "work": _("Phone, work"),
            "other": _("Phone, other"),
        },
        address_kinds={**dict(ADDRESS_KINDS), "home": _("Address"), "seasonal": _("Seasonal")},
        fiscal_year_began=reader.fiscal_year_began,
        status_code=status_code,
    )


def timeline_filters(reader: Reader) -> list[tuple[str, str]]:
    """The chips above a timeline: only those that this reader could find something behind."""
    needed = {
        "gifts": "gifts.read",
        "volunteering": "volunteers.read",
        "receipts": "receipts.read",
        "notes": "constituents.read",
    }
    words = {
        "gifts": _("Gifts"),
        "volunteering": _("Volunteering"),
        "receipts": _("Receipts"),
        "notes": _("Notes"),
    }
    return [("", _("All")), *((key, words[key]) for key in timeline.FILTERS if reader.may(needed[key]))]


# ---------------------------------------------------------------- new


@get("/new", name="constituents:new", needs="constituents.write")
async def new(request: Request[Any, Any, Any]) -> Response[Any]:
    kind = request.query_params.get("kind", "")
    kind = kind if kind in dict(KINDS) else Kind.PERSON.value
    return await _new_page(request, forms.blank(kind=kind, **_typed_in_search(request, kind)))


def _typed_in_search(request: Request[Any, Any, Any], kind: str) -> dict[str, str]:
    """A name that was looked for and not found starts the form."""
    typed = " ".join(request.query_params.get("name", "").replace("\x00", "").split())[:200]
    if kind != Kind.PERSON.value:
        return {"name": typed}
    given, _space, family = typed.rpartition(" ")
    return {"given_name": given, "family_name": family}


async def _new_page(
    request: Request[Any, Any, Any],
    form: forms.Form[Any],
    *,
    more: str = "",
    alike: list[dict[str, Any]] | None = None,
    status_code: int = 200,
) -> Response[Any]:
    return page(
        request,
        "constituents/new.html",
        "constituent_form",
        status_code=status_code,
        alike=alike or [],
        **_form_context(request, form, more),
    )


def _form_context(request: Request[Any, Any, Any], form: forms.Form[Any], more: str) -> dict[str, Any]:
    lines = lines_of(form, country=Reader.of(request).country, more=more)
    return {
        "form": form,
        "lines": lines,
        "kinds": KINDS,
        "email_kinds": EMAIL_KINDS,
        "phone_kinds": PHONE_KINDS,
        "address_kinds": ADDRESS_KINDS,
        "countries": country_options(lines),
        "languages": forms.options(languages.offered(), nothing=_("Not known")),
    }


@post("/", name="constituents:create", needs="constituents.write")
async def create(request: Request[Any, Any, Any]) -> Response[Any]:
    data = await request.form()
    form, details = read_constituent(data, country=Reader.of(request).country)
    if more := _asked_for_more(data):
        return await _new_page(request, forms.blank(**form.typed), more=more)
    if details is None:
        return await _new_page(request, form, status_code=422)
    try:
        id = await newcomers.add(details, different=form.value.different, by=request.user.actor)
    except newcomers.Alike as known:
        return await _new_page(
            request, form.refuse("different", str(known)), alike=known.alike, status_code=422
        )
    return see(
        request,
        "constituents:show",
        constituent_id=id,
        notice=_("{name} is kept.", name=details.display_name()),
    )


def _asked_for_more(data: Any) -> str:
    """`email`, `phone` or `address` when the button pressed was the one for another line."""
    pressed = str(data.get("do", ""))
    return pressed.removeprefix("add_") if pressed in ("add_email", "add_phone", "add_address") else ""


# ---------------------------------------------------------------- edit


@get("/{constituent_id:int}/edit", name="constituents:edit", needs="constituents.write")
async def edit(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    row = await constituents.get(constituent_id)
    typed = typed_of(row, await contacts.of(constituent_id), await tags.of(constituent_id))
    return await _edit_page(request, row, forms.blank(**typed))


async def _edit_page(
    request: Request[Any, Any, Any],
    row: dict[str, Any],
    form: forms.Form[Any],
    *,
    more: str = "",
    theirs: list[tuple[str, str, str]] | None = None,
    alike: list[dict[str, Any]] | None = None,
    status_code: int = 200,
) -> Response[Any]:
    return page(
        request,
        "constituents/edit.html",
        "constituent_form",
        status_code=status_code,
        row=row,
        theirs=theirs,
        alike=alike or [],
        **_form_context(request, form, more),
    )


@post("/{constituent_id:int}", name="constituents:update", needs="constituents.write")
async def update(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    row = await constituents.get(constituent_id)
    data = await request.form()
    form, details = read_constituent(_of_kind(data, row["kind"]), country=Reader.of(request).country)
    if more := _asked_for_more(data):
        return await _edit_page(request, row, forms.blank(**form.typed), more=more)
    if details is None:
        return await _edit_page(request, row, form, status_code=422)
    alike = [] if form.value.different else await _newly_alike(row, details)
    if alike:
        form.refuse(
            "different",
            _("Somebody else has this name, e-mail or phone. Is it the same? If not, say so below."),
        )
        return await _edit_page(request, row, form, alike=alike, status_code=422)
    try:
        await constituents.edit(
            constituent_id, details, version=form.value.version or 0, by=request.user.actor
        )
    except ChangedMeanwhile as meanwhile:
        theirs = await _differences(constituent_id, details)
        form.refuse("", str(meanwhile))
        form.typed["version"] = str(meanwhile.now)
        return await _edit_page(request, row, form, theirs=theirs, status_code=409)
    return see(request, "constituents:show", constituent_id=constituent_id, notice=_("Saved."))


async def _newly_alike(row: dict[str, Any], details: Details) -> list[dict[str, Any]]:
    """Who is like the record only since this edit: two spouses with one e-mail are not asked about each time."""
    id = row["id"]
    stands = Details(
        **{name: row[name] for name in ("kind", "name", "given_name", "family_name")},
        emails=await contacts.emails_of(id),
        phones=await contacts.phones_of(id),
    )
    known = {one["id"] for one in await likenesses.of(stands, but=id)}
    return [one for one in await likenesses.of(details, but=id) if one["id"] not in known]


def _of_kind(data: Any, kind: str) -> dict[str, list[Any]]:
    """What was sent, with the kind that the record has: it never changes."""
    return {**{name: data.getall(name) for name in data}, "kind": [kind]}


async def _differences(id: int, details: Details) -> list[tuple[str, str, str]]:
    """(what, as it stands, as it was typed) for all that two editors said differently."""
    stands = await constituents.as_written(id)
    typed = constituents.in_words(details)
    return [
        (name.replace("_", " ").capitalize(), stands.get(name, ""), typed.get(name, ""))
        for name in {**stands, **typed}
        if stands.get(name, "") != typed.get(name, "")
    ]


router = Router(
    path="/constituents",
    route_handlers=[index, count, new, create, show, edit, update],
    include_in_schema=False,
)
