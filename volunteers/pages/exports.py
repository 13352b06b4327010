"""Taking lists along: each a POST, because that somebody took people's data along is noted."""

from datetime import date, timedelta
from typing import Any

from litestar import Request, Router, post
from litestar.params import FromPath
from litestar.response import Stream

from kit import changes, days, db
from kit.downloads import download
from kit.errors import NotFound
from staff import organisation
from volunteers import (
    almanac,
    coverage,
    endings,
    exports,
    exports_of_papers,
    hour_reports,
    people,
    shifts,
    sight,
    waivers,
)
from volunteers.exports import Reader, Rows
from volunteers.hour_lists import Filter

Asked = Request[Any, Any, Any]


@post("/volunteers/export", name="volunteers:export", needs="volunteers.read", status_code=200)
async def volunteers(request: Asked) -> Stream:
    ours, sent, reader = await organisation.needed(), await _sent(request), await _reader(request)
    money = request.user.may("gifts.read")
    look = people.Look.of(sent, checks=reader.private, seen=reader.seen, money=money)
    if not money and sent.get("list") in people.LISTS[1:]:
        raise NotFound("who gives money, or does not")
    rows = exports.volunteers(look, reader, today=days.today(ours["zone"]), home=ours["country"])
    return await _file(request, "volunteers", exports.volunteer_columns(look, reader), rows, sent, look.query)


@post("/shifts/export", name="shifts:export", needs="volunteers.read", status_code=200)
async def planned(request: Asked) -> Stream:
    sent, reader, zone = await _sent(request), await _reader(request), (await organisation.needed())["zone"]
    view = almanac.View.of(sent, days.today(zone))
    rows = exports.shifts(view, reader, zone=zone)
    return await _file(
        request, "shifts", exports.SHIFTS, rows, sent, {"from": view.first, "until": view.last}
    )


@post(
    "/shifts/{shift_id:int}/sign-ups/export", name="signups:export", needs="volunteers.read", status_code=200
)
async def signups(request: Asked, shift_id: FromPath[int]) -> Stream:
    await sight.check_shift(request.user, shift_id)
    shift, reader = await shifts.get(shift_id), await _reader(request)
    rows = exports.signups_of(shift, reader)
    return await _file(
        request, "sign-ups", exports.signup_columns(reader), rows, await _sent(request), {"shift": shift_id}
    )


@post("/coverage/export", name="coverage:export", needs="volunteers.read", status_code=200)
async def gaps(request: Asked) -> Stream:
    sent, reader, zone = await _sent(request), await _reader(request), (await organisation.needed())["zone"]
    today = days.today(zone)
    weeks = {"1": 1, "4": 4, "6": 6}.get(sent.get("weeks", ""), 2)
    rows = exports.gaps(today, today + timedelta(weeks=weeks), zone, reader)
    return await _file(request, "coverage", exports.COVERAGE, rows, sent, {"weeks": weeks})


@post(
    "/coverage/attendance/export", name="coverage_attendance:export", needs="volunteers.read", status_code=200
)
async def attendance(request: Asked) -> Stream:
    now = days.now()
    rows = exports.attendance(now - coverage.LOOKS_BACK, now, await _reader(request))
    return await _file(request, "attendance", exports.ATTENDANCE, rows, await _sent(request), {})


@post("/hours/export", name="hours:export", needs="volunteers.read", status_code=200)
async def hours(request: Asked) -> Stream:
    """Entries one by one: as filtered, or (`waiting`) all that wait for approval."""
    sent, reader = await _sent(request), await _reader(request)
    wanted = await _wanted(sent)
    if sent.get("waiting"):
        wanted = Filter(first=date.min, last=date.max, status="proposed", programme=wanted.programme)
    return await _file(request, "hours", exports.HOURS, exports.hours(wanted, reader), sent, wanted.query())


@post("/hours/totals/export", name="hours_totals:export", needs="volunteers.read", status_code=200)
async def totals(request: Asked) -> Stream:
    sent, reader = await _sent(request), await _reader(request)
    wanted = await _wanted(sent)
    by = sent.get("by", "") if sent.get("by") in hour_reports.BY else "programme"
    rows = exports.totals(by, wanted, reader, currency=(await organisation.needed())["currency"])
    return await _file(request, f"hours-by-{by}", exports.TOTALS, rows, sent, {**wanted.query(), "by": by})


async def _wanted(sent: dict[str, str]) -> Filter:
    """As the pages of hours read it: this calendar year's, unless it says other days."""
    today = days.today((await organisation.needed())["zone"])
    return Filter.of(sent, first=date(today.year, 1, 1), last=today)


@post("/qualifications/export", name="qualifications:export", needs="volunteers.write", status_code=200)
async def held(request: Asked) -> Stream:
    return await _file(
        request,
        "qualifications",
        exports_of_papers.HELD,
        exports_of_papers.held(await _reader(request)),
        await _sent(request),
        {},
    )


@post(
    "/qualifications/ending/export",
    name="ending_qualifications:export",
    needs="volunteers.write",
    status_code=200,
)
async def ending(request: Asked) -> Stream:
    sent, today = await _sent(request), days.today((await organisation.needed())["zone"])
    late = sent.get("late") == "yes"
    rows = exports_of_papers.ending(*endings.days_of_list(today, late=late), await _reader(request))
    return await _file(
        request,
        "qualifications-ending",
        exports_of_papers.ENDING,
        rows,
        sent,
        {"late": "yes" if late else ""},
    )


@post(
    "/waivers/{waiver_id:int}/export",
    name="waiver_signatures:export",
    needs="volunteers.write",
    status_code=200,
)
async def signed(request: Asked, waiver_id: FromPath[int]) -> Stream:
    """Who signed a waiver, whatever the edition."""
    waiver, zone = await waivers.get(waiver_id), (await organisation.needed())["zone"]
    rows = exports_of_papers.signed(waiver["name"], await _reader(request), zone=zone)
    return await _file(
        request,
        "signatures",
        exports_of_papers.SIGNED,
        rows,
        await _sent(request),
        {"waiver": waiver["name"]},
    )


async def _reader(request: Asked) -> Reader:
    """Addresses go to whoever may take constituents along, and to those who write to volunteers."""
    writes = request.user.may("volunteers.write")
    contacts = writes or request.user.may("constituents.export")
    return Reader(await sight.programmes_of(request.user), contacts, writes)


async def _sent(request: Asked) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


async def _file(
    request: Asked,
    what: str,
    columns: tuple[str, ...],
    rows: Rows,
    sent: dict[str, str],
    said: dict[str, Any],
) -> Stream:
    ours = await organisation.needed()
    async with db.tx():
        await changes.note(
            "volunteers.exported", "organisation", ours["id"], by=request.user.actor,
            after={"list": what, "filter": {name: value for name, value in said.items() if value} or "all"},
        )  # fmt: skip
    name = f"{what}-{days.today(ours['zone']).isoformat()}"
    return await download(name, columns, rows, kind=sent.get("format", ""))


router = Router(
    path="/",
    route_handlers=[volunteers, planned, signups, gaps, attendance, hours, totals, held, ending, signed],
)
