"""Hours of a file: who, when, how long, in which programme."""

from datetime import date

from constituents import names
from constituents.identity import the_one
from imports import cells, volunteers_cells
from imports.plan import EmailAddress, Key
from imports.volunteers_here import normal
from imports.volunteers_people import Someone, person, remember
from imports.volunteers_plan import Making, Reader, composed
from imports.volunteers_read import Row, Table
from imports.volunteers_records import Hours, Profile, Role
from imports.volunteers_shifts import need_programme, times_of
from kit.words import _
from volunteers import numbers

_STATES = {
    "": "approved", "approved": "approved", "confirmed": "approved", "verified": "approved",
    "proposed": "proposed", "pending": "proposed", "submitted": "proposed", "unapproved": "proposed",
    "refused": "refused", "rejected": "refused", "declined": "refused",
}  # fmt: skip


def make(tables: list[Table], making: Making) -> None:
    """Read every row of hours into the plan."""
    for table in tables:
        for row in table.rows():
            _hours(row, making)


def _hours(row: Row, making: Making) -> None:
    read = Reader(making, row)
    programme = normal(read.text("Programme", 120))
    if not programme and not read.bad:
        read.fault(_("This is missing."), "Programme")
    role = _role(read, programme)
    on = _day(read)
    people = read.read("People", cells.whole)
    people = 1 if people is None else people
    if not 1 <= people <= 500:
        read.fault(_("Between 1 and 500 people."), "People")
    minutes = _minutes(read, people)
    said = row["Status"].casefold()
    if said not in _STATES:
        read.fault(
            _("“{said}” is no state of hours: approved, proposed or refused.", said=said[:60]), "Status"
        )
    note = read.text("Note", 500)
    who = _who(read)
    if read.bad or who is None or on is None or minutes is None:
        return
    # In the words of the row: whom they mean is found anew each time, and may have another key then.
    named = row["Volunteer ID"] or (
        row["Email"].casefold(),
        names.fold(row["Last name"]),
        names.fold(row["First name"]),
    )
    key = read.nth(read.key("Hours", "Hours ID", named, programme, role.title if role else "", on))
    if read.take_place(key, "Hours ID"):
        need_programme(read, programme)
        read.find_ours("Hours", key)
        making.plan.hours.append(
            Hours(
                key=key, who=who, programme=programme, role=role, day=on, minutes=minutes, people=people,
                status=_STATES[said], note=note,
            )
        )  # fmt: skip


def _role(read: Reader, programme: str) -> Role | None:
    title = normal(read.text("Role", 120))
    if not title:
        return None
    role = Role(programme, title)
    known = read.making.here.roles.get((programme, title), [])
    if len(known) > 1:
        read.fault(
            _("There are several roles of this name in this programme. Give them different names."), "Role"
        )
    elif not known and role not in read.making.plan.new_roles:
        read.fault(
            _(
                "“{role}” is no role of this programme here. Make it first, import its shifts together with the hours, or leave the cell empty.",
                role=" ".join(read.row["Role"].split())[:60],
            ),
            "Role",
        )
    return role


def _day(read: Reader) -> date | None:
    column = "Day" if read.row["Day"] or not read.row["Start"] else "Start"
    if not read.row[column]:
        read.fault(_("This is missing."), "Day")
        return None
    order = read.row.table.order
    if column == "Day":
        found = read.read(column, volunteers_cells.day, order)
    else:
        start = read.read(column, volunteers_cells.moment, order)
        found = start[0].date() if start else None
    if found and found > read.making.here.today:
        read.fault(
            _(
                "This day is still to come. Hours are noted after they were given; sign-ups come in by no file."
            ),
            column,
        )
    return found


def _minutes(read: Reader, people: int) -> int | None:
    row = read.row
    if row["Hours"]:
        column, found = "Hours", read.read("Hours", volunteers_cells.length)
    elif row["Minutes"]:
        column, found = "Minutes", read.read("Minutes", cells.whole)
    elif row["End"] or row["End time"]:
        column, times = "End", times_of(read, read.making.here.zone)
        found = int((times[1] - times[0]).total_seconds()) // 60 * people if times else None
    else:
        read.fault(_("Say how long."), "Hours")
        return None
    if found is not None and not 0 < found <= 24 * 60 * people:
        read.fault(
            _("More than nothing, and at most 24 hours a person and day. Split longer work over its days."),
            column,
        )
    return found


def _who(read: Reader) -> Key | None:
    """The key of the person: somebody of the files, or somebody here, or somebody new with name and e-mail."""
    making, row = read.making, read.row
    given, family = read.text("First name", 200), read.text("Last name", 200)
    id = row["Volunteer ID"]
    if id and (known := _with_id(id, making)) is not None:
        return known
    said = read.text("Email", 320)
    email = cells.email_normal(said) if said else None
    if said and email is None:
        read.fault(_("“{said}” is no e-mail address.", said=said[:80]), "Email")
        return None
    if email is None:
        return _with_name_alone(read, id, given, family)
    fitting = making.new_people.get((email, names.fold(family)), [])
    if len(fitting) > 1:
        fitting = [one for one in fitting if one[0] == names.fold(given)]
    if len(fitting) == 1:
        return fitting[0][1]
    return _here_or_new(read, id, given, family, EmailAddress(said, email, "home", True))


def _with_id(id: str, making: Making) -> Key | None:
    if id in making.by_id:
        return making.by_id[id]
    ours = making.here.brought.get(("Volunteer", id))
    if ours is None and (number := numbers.id_of(id, making.here.mark)) in making.here.ours["Volunteer"]:
        ours = number
    return _somebody_here(ours, making) if ours is not None else None


def _somebody_here(ours: int, making: Making) -> Key:
    """Of somebody who is in the files, too, that key."""
    key = next((key for key in _keys_of(making).get(ours, ())), ("Person", str(ours)))
    if key[0] == "Person":
        making.plan.people[key] = ours
    return key


def _keys_of(making: Making) -> dict[int, list[Key]]:
    if not making.keys_of and making.plan.here:
        for key, ours in making.plan.here.items():
            making.keys_of.setdefault(ours, []).append(key)
    return making.keys_of


def _with_name_alone(read: Reader, id: str, given: str, family: str) -> Key | None:
    if id:
        read.fault(
            _("Nobody here or in these files has this id. Import the volunteers first, or with it."),
            "Volunteer ID",
        )
        return None
    fitting = read.making.named.get((names.fold(given), names.fold(family)), []) if given or family else []
    if len(fitting) == 1:
        return fitting[0]
    read.fault(_("Say whose hours these are: by the volunteer's id, or by e-mail and last name."), "Email")
    return None


def _here_or_new(read: Reader, id: str, given: str, family: str, email: EmailAddress) -> Key | None:
    making = read.making
    known = making.here.people.get(email.normal, [])
    found = the_one(known, given, family)
    if found is not None:
        return _somebody_here(found.id, making)
    if not family:
        read.fault(_("Nobody here has this e-mail. With a last name, they would be added."), "Last name")
        return None
    if read.bad:
        return None
    key = (
        ("Volunteer", id)
        if id
        else ("VolunteerRow", composed(email.normal, names.fold(family), names.fold(given)))
    )
    plan = making.plan
    plan.constituents.append(person(key, given, family, email))
    plan.profiles.append(Profile(key=(f"{key[0]}Profile", key[1]), of=key))
    plan.places[key] = plan.places[plan.profiles[-1].key] = read.file, read.number
    if known:
        plan.doubles[key] = [one.id for one in known]
    if key in making.here.brought:
        plan.here[key] = making.here.brought[key]
    if id:
        making.by_id[id] = key
    remember(Someone(key, given, family, email.normal), making)
    return key
