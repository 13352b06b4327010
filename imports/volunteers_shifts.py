"""Shifts of a file: programme, role, place, start and end by the clock of the place, how many people."""

from datetime import datetime, timedelta
from zoneinfo import available_timezones

from imports import cells, volunteers_cells
from imports.volunteers_here import normal
from imports.volunteers_plan import Making, Reader
from imports.volunteers_read import Row, Table
from imports.volunteers_records import NewPlace, NewRole, Role, Shift
from kit.words import _

_STATES = {
    "": "open", "open": "open", "active": "open", "published": "open", "full": "open", "empty": "open", "short": "open",
    "cancelled": "cancelled", "canceled": "cancelled",
}  # fmt: skip
_LONGEST = timedelta(days=14)


def make(tables: list[Table], making: Making) -> None:
    """Read every row of shifts into the plan."""
    for table in tables:
        for row in table.rows():
            _shift(row, making)


def _shift(row: Row, making: Making) -> None:
    read = Reader(making, row)
    role = _role(read)
    place, zone = _where(read, role)
    times = times_of(read, zone) if zone else None
    minimum, maximum = _sizes(read)
    said = row["Status"].casefold()
    if said not in _STATES:
        read.fault(_("“{said}” is no state of a shift: open or cancelled.", said=said[:60]), "Status")
    note = read.text("Note", 5000)
    if read.bad or role is None or times is None:
        return
    starts_at, ends_at = times
    if starts_at > making.here.now and any(
        one.closed for one in making.here.roles.get((role.programme, role.title), [])
    ):
        read.fault(_("This role is closed. Open it first, or leave out its shifts to come."), "Role")
        return
    key = read.nth(read.key("Shift", "Shift ID", role.programme, role.title, starts_at.isoformat(), place))
    if read.take_place(key, "Shift ID"):
        _make_what_is_missing(read, role, place, zone)
        read.find_ours("Shift", key)
        making.plan.shifts.append(
            Shift(
                key=key, role=role, place=place, zone=zone, starts_at=starts_at, ends_at=ends_at, minimum=minimum,
                maximum=maximum, status=_STATES[said], note=note,
            )
        )  # fmt: skip


def _role(read: Reader) -> Role | None:
    programme, title = read.text("Programme", 120), read.text("Role", 120)
    for said, column in ((programme, "Programme"), (title, "Role")):
        if not said and not read.bad:
            read.fault(_("This is missing."), column)
    role = Role(normal(programme), normal(title))
    if len(read.making.here.roles.get((role.programme, role.title), [])) > 1:
        read.fault(
            _("There are several roles of this name in this programme. Give them different names."), "Role"
        )
    return None if read.bad else role


def _where(read: Reader, role: Role | None) -> tuple[str, str]:
    """The place, folded, and its zone; both empty when there is a fault."""
    said, zone = normal(read.text("Place", 120)), read.row["Time zone"]
    plan, here = read.making.plan, read.making.here
    if zone and zone not in available_timezones():
        read.fault(
            _("“{zone}” is not a time zone. Write it like America/New_York.", zone=zone[:60]), "Time zone"
        )
        return "", ""
    if not said and role is not None:
        known = here.roles.get((role.programme, role.title))
        said = known[0].place if known else plan.new_roles[role].place if role in plan.new_roles else ""
    if not said:
        read.fault(_("Say where it is: this role is new, so nothing here knows."), "Place")
        return "", ""
    stands = here.zones.get(said) or (plan.new_places[said].zone if said in plan.new_places else "")
    if stands and zone and zone != stands:
        read.fault(_("The clock of this place is {zone}. A place has one.", zone=stands), "Time zone")
        return "", ""
    return said, stands or zone or here.zone


def times_of(read: Reader, zone: str) -> tuple[datetime, datetime] | None:
    """Start and end in UTC; an end by the clock alone that is before the start is on the next day."""
    starts, ends = _moment(read, "Start", "Start time", "Day"), _moment(read, "End", "End time", "End day")
    if starts is None or ends is None:
        return None
    (start, start_offset, _alone), (end, end_offset, end_alone) = starts, ends
    if end_alone and end == start:
        read.fault(_("It ends when it begins. If it lasts a whole day, say on which day it ends."), "End")
        return None
    if end_alone and end < start:
        end += timedelta(days=1)
    try:
        starts_at, remark = volunteers_cells.at_place(start, start_offset, zone)
    except ValueError as skipped:
        read.fault(str(skipped), "Start")
        return None
    try:
        ends_at, other = volunteers_cells.at_place(end, end_offset, zone)
    except ValueError as skipped:
        read.fault(str(skipped), "End")
        return None
    for told, column in ((remark, "Start"), (other, "End")):
        if told:
            read.remark(told, column)
    if ends_at <= starts_at:
        read.fault(_("It ends before it starts."), "End")
        return None
    if ends_at - starts_at > _LONGEST:
        read.fault(_("A shift lasts two weeks at most."), "End")
        return None
    return starts_at, ends_at


def _moment(read: Reader, whole: str, clock: str, day: str) -> tuple[datetime, timedelta | None, bool] | None:
    """From one cell, or from a day and a time: wall clock, distance from UTC, whether the day is only the start's."""
    order, row = read.row.table.order, read.row
    column = clock if row[clock] or not row[whole] else whole
    if not row[column]:
        read.fault(_("This is missing."), whole)
        return None
    if column == whole and not _is_clock(row[whole]):
        found = read.read(whole, volunteers_cells.moment, order)
        return (*found, False) if found else None
    at = read.read(column, volunteers_cells.clock)
    alone = day == "End day" and not row[day]
    on_column = "Day" if alone else day
    if alone and not row["Day"] and row["Start"]:
        start = read.read("Start", volunteers_cells.moment, order)
        return (datetime.combine(start[0].date(), at), start[1], True) if start and at else None
    on = read.read(on_column, volunteers_cells.day, order)
    if on is None and not row[on_column]:
        read.fault(_("This is missing."), on_column)
    return (datetime.combine(on, at), None, alone) if on and at else None


def _is_clock(cell: str) -> bool:
    try:
        return volunteers_cells.clock(cell) is not None
    except ValueError:
        return False


def _sizes(read: Reader) -> tuple[int | None, int]:
    maximum = read.read("Maximum", cells.whole)
    minimum = read.read("Minimum", cells.whole)
    if maximum is None:
        if not read.row["Maximum"]:
            read.fault(_("Say how many people at most."), "Maximum")
        return None, 0
    if not 1 <= maximum <= 5000:
        read.fault(_("Between 1 and 5,000 people."), "Maximum")
    if minimum is not None and not 0 <= minimum <= maximum:
        read.fault(_("The fewest people are at most as many as the most."), "Minimum")
    return minimum, maximum


def _make_what_is_missing(read: Reader, role: Role, place: str, zone: str) -> None:
    plan, here = read.making.plan, read.making.here
    need_programme(read, role.programme)
    if place not in here.zones and place not in plan.new_places:
        if not read.row["Time zone"]:
            read.remark(_("This place is new, and its clock is taken to be {zone}.", zone=zone), "Place")
        plan.new_places[place] = NewPlace(" ".join(read.row["Place"].split()), zone)
        read.remark(
            _("The place “{name}” is new: it will be made.", name=plan.new_places[place].name), "Place"
        )
    if (role.programme, role.title) not in here.roles and role not in plan.new_roles:
        plan.new_roles[role] = NewRole(" ".join(read.row["Role"].split()), place)
        read.remark(
            _(
                "The role “{name}” is new: it will be made, and is not public.",
                name=plan.new_roles[role].title,
            ),
            "Role",
        )


def need_programme(read: Reader, programme: str) -> None:
    """A programme that nobody knows is made, and that is told."""
    plan = read.making.plan
    if programme not in read.making.here.programmes and programme not in plan.new_programmes:
        plan.new_programmes[programme] = name = " ".join(read.row["Programme"].split())
        read.remark(_("The programme “{name}” is new: it will be made.", name=name), "Programme")
