"""Volunteers: the list, one with profile, shifts, hours and qualifications, and changing what is known of them."""

from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from constituents import constituents, languages, search
from kit import days, forms, versions
from kit.errors import NotFound
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.templates import url_for
from kit.words import _
from staff import organisation
from volunteers import gates, people, profiles, qualifications, record, sight
from volunteers.pages import histories
from volunteers.profile_forms import ProfileForm

Asked = Request[Any, Any, Any]

STATES = [("active", _("Active")), ("paused", _("Pausing")), ("ended", _("No longer"))]


@get("/", name="volunteers:index", needs="volunteers.read")
async def index(request: Asked) -> Response[Any]:
    ours = await organisation.needed()
    look = people.Look.of(
        request.query_params, checks=request.user.may("volunteers.write"),
        seen=await sight.programmes_of(request.user), money=request.user.may("gifts.read"),
    )  # fmt: skip
    found, later = await people.page(look, today=days.today(ours["zone"]), home=ours["country"])
    words = await profiles.words_in_use()
    # A link may spell a skill otherwise than its option does.
    spelled = next((word for word in words["skills"] if word.casefold() == look.skill.casefold()), look.skill)
    look = msgspec.structs.replace(look, skill=spelled)
    return page(
        request,
        "volunteers/volunteers/index.html",
        "volunteer_list",
        volunteers=found,
        look=look,
        filters=await _filters(look, words),
        link=lambda **changed: url_for("volunteers:index", **_said({**look.query, **changed})),
        later=later,
        language_name=languages.name,
    )


async def _filters(
    look: people.Look, words: dict[str, list[str]]
) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The selects above the list: (name, label, options)."""
    kinds = await qualifications.open_ones()
    any_one = ("", _("any"))
    standings = {"valid": _("valid today"), "ending": _("ending soon"), "ended": _("ended")}
    spoken = sorted(((code, languages.name(code)) for code in words["languages"]), key=lambda pair: pair[1])
    found = [
        ("status", _("State"), [any_one, *STATES]),
        (
            "skill",
            _("Skill"),
            [any_one, *((word, word) for word in sorted(words["skills"], key=str.casefold))],
        ),
        ("language", _("Language"), [any_one, *spoken]),
        ("day", _("Can on"), [any_one, *people.day_names()]),
        ("part", _("In the"), [any_one, *people.part_names()]),
        (
            "qualification",
            _("Qualification"),
            [
                any_one,
                *((str(one["id"]), one["name"]) for one in kinds if look.checks or one["kind"] != "check"),
            ],
        ),
        ("standing", _("and it is"), [any_one, *standings.items()]),
    ]
    return [one for one in found if len(one[2]) > 1]


def _said(query: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if value}


@get("/new", name="volunteers:new", needs="volunteers.write")
async def new(request: Asked) -> Response[Any]:
    """Whoever is to be one is searched for first: most are on record already."""
    typed = request.query_params.get("q", "").replace("\0", "").strip()[:200]
    home = (await organisation.needed())["country"]
    ids = (await search.find(typed, home=home)).ids[:20] if typed else []
    brief = await search.brief(ids)
    return page(
        request,
        "volunteers/volunteers/new.html",
        "people_found",
        typed=typed,
        people=[brief[id] for id in ids if brief[id]["kind"] != "household"],
        volunteers=await profiles.are_volunteers(ids),
    )


# ---------------------------------------------------------------- one of them


@get("/{constituent_id:int}", name="volunteers:show", needs="volunteers.read")
async def show(request: Asked, constituent_id: FromPath[int]) -> Response[Any]:
    return await show_page(request, constituent_id)


async def show_page(
    request: Asked,
    constituent_id: int,
    *,
    held_form: Form[Any] | None = None,
    signature_form: Form[Any] | None = None,
    status_code: int = 200,
) -> Response[Any]:
    """The page of a volunteer; what could not be noted comes back in its form."""
    zone = (await organisation.needed())["zone"]
    today = days.today(zone)
    seen = await sight.programmes_of(request.user)
    whose = await record.of(
        constituent_id, today=today, seen=seen, may_write=request.user.may("volunteers.write")
    )
    kinds, waivers = await qualifications.choices() if whose.writes else ([], [])
    born_on = whose.private.born_on if whose.private else None
    return page(
        request,
        "volunteers/volunteers/show.html",
        whose=whose,
        profile=whose.profile,
        writes=whose.writes,
        spoken=[languages.name(code) for code in whose.profile["languages"]],
        grid=_grid(whose.profile["availability"]),
        parts=people.part_names(),
        private=whose.private,
        age=gates.age_on(born_on, today) if born_on else None,
        adult=gates.ADULT,
        partly=seen is not None,
        held_form=held_form or forms.blank(from_day=today.isoformat(), status="valid"),
        signature_form=signature_form or forms.blank(signed_on=today.isoformat()),
        kinds=forms.options(kinds, nothing=_("Choose")),
        waivers=forms.options(waivers, nothing=_("Choose")),
        zone=zone,
        history=await histories.of(request, "constituent", constituent_id, zone),
        status_code=status_code,
    )


def _grid(availability: list[str]) -> list[tuple[str, list[bool]]]:
    """Per day of the week, whether they can in each part of it; nothing where they said nothing."""
    if not availability:
        return []
    return [
        (words, [f"{day}-{part}" in availability for part in profiles.PARTS_OF_DAY])
        for day, words in people.day_names()
    ]


# ---------------------------------------------------------------- changing


@get("/{constituent_id:int}/edit", name="volunteers:edit", needs="volunteers.write")
async def edit(request: Asked, constituent_id: FromPath[int]) -> Response[Any]:
    """Also for who is no volunteer yet: saving makes them one."""
    await sight.check_volunteer(request.user, constituent_id)
    row = await _person(constituent_id)
    return await _shown(request, row, forms.blank(**await _stands(constituent_id)))


@post("/{constituent_id:int}", name="volunteers:update", needs="volunteers.write")
async def update(request: Asked, constituent_id: FromPath[int]) -> Response[Any]:
    await sight.check_volunteer(request.user, constituent_id)
    row = await _person(constituent_id)
    ours = await organisation.needed()
    form = read_form(
        ProfileForm, await request.form(), today=days.today(ours["zone"]), country=ours["country"]
    )
    if (
        form.ok
        and form.value.guardian
        and form.value.guardian not in dict(await profiles.kin_of(constituent_id))
    ):
        form.refuse("guardian", _("Choose one from the list, or type the name below."))
    if not form.ok:
        return await _shown(request, row, form, status_code=422)
    value = form.value
    try:
        await profiles.save(
            constituent_id, value.profile, value.private, version=value.version or 0, by=request.user.actor
        )
    except profiles.ChangedMeanwhile as meanwhile:
        theirs = await _differences(constituent_id, form)
        form = versions.seen_again(form, meanwhile.now, str(meanwhile))
        return await _shown(request, row, form, theirs=theirs, status_code=409)
    return see(request, "volunteers:show", constituent_id=constituent_id, notice=_("Saved."))


async def _person(constituent_id: int) -> dict[str, Any]:
    """A person or an organisation, which may volunteer, too. Raises NotFound, profiles.CannotBegin."""
    row = await constituents.get(constituent_id)
    await profiles.check_may_be_one(row)
    return row


async def _stands(constituent_id: int) -> dict[str, Any]:
    """The profile as the form has it; of who has none, an empty one."""
    try:
        profile = await profiles.get(constituent_id)
    except NotFound:
        return {
            "status": "active",
            "may_be_asked": "yes",
            "may_be_asked_for_money": "yes",
            "availability": [],
        }
    private = await profiles.private_of(constituent_id)
    return {
        "status": profile["status"], "notes": profile["notes"], "availability": profile["availability"],
        "may_be_asked": "yes" if profile["may_be_asked"] else "",
        "may_be_asked_for_money": "yes" if profile["may_be_asked_for_money"] else "",
        "version": str(profile["version"]),
        "languages": ", ".join(languages.name(code) for code in profile["languages"]),
        **{name: ", ".join(profile[name]) for name in ("skills", "interests")},
        **{name: str(private[name] or "") for name in profiles.Private.__struct_fields__},
    }  # fmt: skip


_LABELS = (
    ("status", _("State")), ("languages", _("Languages")), ("skills", _("Skills")), ("interests", _("Interests")),
    ("notes", _("Notes")), ("availability", _("When they can")), ("may_be_asked", _("Mails may ask them for shifts")),
    ("may_be_asked_for_money", _("They may be asked for money")), ("emergency_name", _("Emergency contact")),
    ("emergency_phone", _("Emergency phone")), ("born_on", _("Date of birth")), ("guardian", _("Guardian")),
    ("guardian_name", _("Guardian's name")), ("guardian_phone", _("Guardian's phone")),
)  # fmt: skip


async def _differences(constituent_id: int, form: Form[Any]) -> versions.Both:
    value = form.value
    typed = {
        **form.typed,
        "languages": ", ".join(languages.name(code) for code in value.languages),
        **{name: ", ".join(getattr(value, name)) for name in ("skills", "interests")},
        **{name: getattr(value, name) for name in ("emergency_phone", "guardian_phone")},
    }
    slots = {
        f"{day}-{part}": f"{name} {words}"
        for day, name in people.day_names()
        for part, words in people.part_names()
    }
    box = {"yes": _("yes"), "": _("no")}
    kin = {str(id): name for id, name in await profiles.kin_of(constituent_id)}
    return versions.differing(
        await _stands(constituent_id), typed, _LABELS, status=dict(STATES), availability=slots,
        may_be_asked=box, may_be_asked_for_money=box, guardian=kin,
    )  # fmt: skip


async def _shown(
    request: Asked,
    row: dict[str, Any],
    form: Form[Any],
    *,
    theirs: versions.Both | None = None,
    status_code: int = 200,
) -> Response[Any]:
    words = await profiles.words_in_use()
    return page(
        request,
        "volunteers/volunteers/edit.html",
        "profile_form",
        form=form,
        theirs=theirs,
        constituent_id=row["id"],
        name=row["name"],
        known=bool(form.typed.get("version")),
        states=STATES,
        days=people.day_names(),
        parts=people.part_names(),
        skills=words["skills"][:12],
        interests=words["interests"][:12],
        kin=forms.options(await profiles.kin_of(row["id"]), nothing=_("Nobody, or somebody else")),
        status_code=status_code,
    )


router = Router(path="/volunteers", route_handlers=[index, new, show, edit, update])
