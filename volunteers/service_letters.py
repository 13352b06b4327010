"""Service letters: what a volunteer gave in a period, on the organisation's paper, with a line to sign.

Only approved hours are in them. Of hours that a group gave together, a person's share; an organisation's letter has all.
"""

import base64
from datetime import date
from typing import Any

from babel.dates import format_date

from constituents import places as addresses
from kit import days, db, files, pdf
from kit import places as countries
from kit.errors import Refused
from kit.templates import environment
from kit.templates import hours as hour_words
from kit.templates import phone as phone_words
from kit.words import _
from staff import organisation
from volunteers import hours


class NothingToConfirm(Refused):
    """A letter confirms hours that were approved."""


class NotPrintable(Refused):
    """A name has signs that no font of ours has."""


async def lines(
    constituent: int, first: date | None, last: date | None, seen: list[int] | None = None
) -> list[dict[str, Any]]:
    """What a letter of these days says, by programme and role: programme, role, first_on, last_on, times, minutes.

    `seen` are programmes (None: all). `shared` are lines with hours of a group, of which one share is in `minutes`.
    """
    return await db.rows(
        f"""
        SELECT p.name AS programme, coalesce(o.title, '') AS role, min(h.day) AS first_on, max(h.day) AS last_on,
               count(*)::int AS times, sum({hours.SHARE})::bigint AS minutes,
               bool_or(c.kind = 'person' AND h.people > 1) AS shared
          FROM hours h JOIN constituents c ON c.id = h.constituent JOIN programmes p ON p.id = h.programme
          LEFT JOIN opportunities o ON o.id = h.opportunity
         WHERE h.constituent = $1 AND h.status = 'approved' AND ($2::date IS NULL OR h.day >= $2)
           AND ($3::date IS NULL OR h.day <= $3) AND ($4::int[] IS NULL OR h.programme = ANY ($4))
      GROUP BY p.id, o.id ORDER BY p.name, role, p.id, o.id
        """,  # noqa: S608  words of ours
        constituent,
        first,
        last,
        seen,
    )


async def make(
    constituent: int, first: date | None, last: date | None, seen: list[int] | None = None
) -> bytes:
    """The letter as a PDF. Raises NothingToConfirm, NotPrintable."""
    found = await lines(constituent, first, last, seen)
    if not found:
        raise NothingToConfirm(_("There are no approved hours in these days."))
    html = await _page(constituent, found)
    try:
        return await pdf.render(html)
    except pdf.MissingGlyphs as missing:
        raise NotPrintable(
            _("Our fonts have no sign for {signs}.", signs=", ".join(missing.characters[:5]))
        ) from None


def file_name(last: date | None, today: date) -> str:
    return f"service-letter-{(last or today).isoformat()}.pdf"


async def _page(constituent: int, found: list[dict[str, Any]]) -> str:
    ours = await organisation.needed()
    person = await db.row("SELECT name FROM constituents WHERE id = $1", constituent)
    assert person is not None
    total = sum(line["minutes"] for line in found)
    since, until = min(line["first_on"] for line in found), max(line["last_on"] for line in found)
    name = ours["legal_name"] or ours["name"]
    return (
        environment()
        .get_template("volunteers/service_letters/letter.html")
        .render(
            ours=ours,
            name=name,
            address=addresses.lines(ours, ours["country"]),
            contact=[text for text in (phone_words(ours["phone"]), ours["email"]) if text],
            website=ours["website"].split("//")[-1].rstrip("/"),
            logo=await _logo(ours["logo"]),
            paper=countries.paper(ours["country"]),
            person=person["name"],
            lines=found,
            total=hour_words(total),
            confirmed=_confirmed(person["name"], name, total, since, until),
            today=days.today(ours["zone"]),
            long=_long,
        )
    )


def _confirmed(person: str, name: str, total: int, since: date, until: date) -> str:
    if since == until:
        return _(
            "This confirms that {person} gave {hours} of voluntary service to {organisation} on {day}.",
            person=person, hours=hour_words(total), organisation=name, day=_long(since),
        )  # fmt: skip
    return _(
        "This confirms that {person} gave {hours} of voluntary service to {organisation} between {since} and {until}.",
        person=person, hours=hour_words(total), organisation=name, since=_long(since), until=_long(until),
    )  # fmt: skip


def _long(on: date, form: str = "long") -> str:
    return format_date(on, form, locale="en_US")


async def _logo(sha: str | None) -> str:
    if sha is None:
        return ""
    file = await files.read(sha)
    return f"data:{file.media_type};base64,{base64.b64encode(file.data).decode()}"
