"""The letters that volunteers get: what each says, and to which address. Written by jobs, once per event."""

from datetime import timedelta
from typing import Any

from constituents import names
from kit import config, days, db, files, forms, mail, security, smtp, theme
from kit.templates import day, moment, span
from staff import organisation
from volunteers import calendars, clashes, links, signups, waiting

# Which letter a sign-up in this state gets.
_LETTERS = {
    "confirmed": "shift_confirmed",
    "pending": "shift_pending",
    "waiting": "shift_waiting",
    "offered": "shift_offered",
    "withdrawn": "shift_ended",
    "declined": "shift_ended",
    "lapsed": "shift_ended",
    "cancelled": "shift_ended",
}


async def of_signup(signup_id: int) -> None:
    """Tell the volunteer how their sign-up stands now; each state once. Who has no address gets nothing."""
    signup = await signups.get(signup_id)
    if signup["came_by"] == "walk_in" and signup["status"] == "confirmed":
        return  # they are there already
    method = "REQUEST" if signup["status"] == "confirmed" else "CANCEL"
    with_calendar = signup["status"] == "confirmed" or await _is_in_calendar(signup_id)
    await _write(
        signup,
        _LETTERS[signup["status"]],
        purpose=_purpose(signup),
        method=method if with_calendar else None,
    )


async def of_moved_shift(shift_id: int) -> None:
    """Tell everybody with a place, or in line, of the new time or place."""
    for row in await db.rows(
        "SELECT id FROM signups WHERE shift = $1 AND status IN ('pending', 'confirmed', 'offered', 'waiting') ORDER BY id",
        shift_id,
    ):
        signup = await signups.get(row["id"])
        method = "REQUEST" if signup["status"] == "confirmed" else None
        await _write(signup, "shift_moved", purpose=f"moved {signup['sequence']}", method=method)


async def reminder(signup_id: int, hours_before: int) -> None:
    """Remind of a shift, with “I'll be there” and “I can't”."""
    signup = await signups.get(signup_id)
    if signup["status"] == "confirmed":
        await _write(
            signup, "shift_reminder", purpose=f"reminder {hours_before} {signup['sequence']}", method=None
        )


async def refused(request_id: int) -> None:
    """Somebody signed up in public and could not be put down: why, only to the address that was typed."""
    row = await db.row(
        """
        SELECT r.*, o.title, s.starts_at, s.ends_at, s.zone, c.given_name AS known_as,
               EXISTS (SELECT FROM signups u WHERE u.shift = r.shift AND u.constituent = r.constituent
                          AND u.created_at <= r.created_at
                          AND u.status IN ('pending', 'confirmed', 'waiting', 'offered')) AS already
          FROM signup_requests r JOIN shifts s ON s.id = r.shift JOIN opportunities o ON o.id = s.opportunity
          JOIN constituents c ON c.id = r.constituent
         WHERE r.id = $1
        """,
        request_id,
    )
    if row is None or not row["refused"]:
        return
    typed = await db.row(
        "SELECT typed ->> 'email' AS email, typed ->> 'given_name' AS name FROM signup_requests WHERE id = $1",
        request_id,
    )
    assert typed is not None
    async with db.tx():
        token = await links.new_for(row["constituent"])
        await _post(
            f"signup_request:{request_id}", typed["email"], "refused", "shift_refused",
            {
                "name_said": typed["name"], "title": row["title"], "titled": _titled(row), "when": _when(row),
                "why": row["refused"], "already": row["already"],
                "another": not names.same(typed["name"], row["known_as"]),
            },
            token=token,
        )  # fmt: skip


async def of_lost_link(email: str) -> None:
    """A new link for each volunteer with this address; spouses who share one get a letter each."""
    for row in await db.rows(
        """
        SELECT DISTINCT ON (c.id) c.id, c.given_name, e.address FROM emails e JOIN constituents c ON c.id = e.constituent
          JOIN volunteers v ON v.constituent = c.id
         WHERE e.normal = $1 AND NOT c.deceased AND c.archived_at IS NULL ORDER BY c.id, e.id LIMIT 10
        """,
        forms.email_normal(email),
    ):
        async with db.tx():
            token = await links.new_for(row["id"])
            await _post(
                f"volunteer:{row['id']}", row["address"], f"link {days.now():%y%m%d%H%M%S%f}", "volunteer_link",
                {"name_said": row["given_name"]}, token=token,
            )  # fmt: skip


async def ask(ask_id: int) -> None:
    """Ask a volunteer for a shift; the link says yes or no. Its token is made here, and only this mail knows it."""
    row = await _asked(ask_id)
    if row is None or row["status"] != "open" or row["address"] is None:
        return
    async with db.tx():
        written = await db.value(
            "SELECT EXISTS (SELECT FROM mails WHERE what = $1 AND purpose = 'ask')", f"ask:{ask_id}"
        )
        if written:
            return
        token = security.new_token()
        await db.row("UPDATE asks SET token_hash = $2 WHERE id = $1", ask_id, security.token_hash(token))
        await _post(
            f"ask:{ask_id}", row["address"], "ask", "shift_ask", _of_ask(row), token=token,
            unsubscribe=f"{config.settings().base_url}/volunteer/asks/{token}/unsubscriptions",
        )  # fmt: skip


async def others_were_faster(ask_id: int) -> None:
    """The place that somebody was asked for is taken. Only who was really asked is told."""
    row = await _asked(ask_id)
    if row is None or row["address"] is None:
        return
    async with db.tx():
        if await db.value("SELECT EXISTS (SELECT FROM mails WHERE what = $1)", f"ask:{ask_id}"):
            token = await links.new_for(row["constituent"])
            await _post(
                f"ask:{ask_id}", row["address"], "too late", "shift_ask_over", _of_ask(row), token=token
            )


async def milestone(constituent: int, hours: int) -> None:
    """Thank a volunteer for a sum of hours."""
    row = await db.row(
        """
        SELECT coalesce(nullif(c.given_name, ''), c.name) AS given_name, (SELECT address FROM emails WHERE constituent = c.id ORDER BY preferred DESC, id LIMIT 1) AS address
          FROM constituents c WHERE c.id = $1 AND NOT c.deceased AND c.archived_at IS NULL
        """,
        constituent,
    )
    if row is None or row["address"] is None:
        return
    async with db.tx():
        token = await links.new_for(constituent)
        await _post(
            f"volunteer:{constituent}", row["address"], f"milestone {hours}", "milestone_reached",
            {"name_said": row["given_name"], "hours": hours}, token=token,
        )  # fmt: skip


async def _asked(ask_id: int) -> dict[str, Any] | None:
    return await db.row(
        """
        SELECT k.id, k.status, k.constituent, c.given_name, s.starts_at, s.ends_at, s.zone, o.title, o.bring,
               l.name AS place_name, l.address AS place_address, l.map_link, coalesce(nullif(u.given_name, ''), u.name) AS leaving,
               (SELECT address FROM emails WHERE constituent = c.id ORDER BY preferred DESC, id LIMIT 1) AS address
          FROM asks k JOIN constituents c ON c.id = k.constituent JOIN shifts s ON s.id = k.shift
          JOIN opportunities o ON o.id = s.opportunity JOIN places l ON l.id = coalesce(s.place, o.place)
          LEFT JOIN signups i ON i.id = k.instead_of LEFT JOIN constituents u ON u.id = i.constituent
         WHERE k.id = $1
        """,
        ask_id,
    )


def _of_ask(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "name_said": row["given_name"], "title": row["title"], "titled": _titled(row), "when": _when(row),
        "place": row["place_name"], "place_address": row["place_address"], "map_link": row["map_link"], "bring": row["bring"], "size": 1,
        "status": "offered", "leaving": row["leaving"] or "",
    }  # fmt: skip


async def _write(signup: dict[str, Any], template: str, *, purpose: str, method: Any) -> None:
    address = await address_of(signup)
    if address is None:
        return
    ours = await organisation.needed()
    attachments = []
    async with db.tx():
        if method is not None:
            data = calendars.invitation(
                signup, method=method, organiser=ours["email"] or address, attendee=address
            )
            kind = calendars.INVITATION_TYPE.format(method=method)
            attachments = [(await files.keep(data, kind), "shift.ics")]
        token = await links.new_for(signup["constituent"])
        context = {
            "name_said": await db.value(
                "SELECT given_name FROM constituents WHERE id = $1", signup["constituent"]
            ),
            "title": signup["title"],
            "titled": _titled(signup),
            "programme": signup["programme_name"],
            "when": _when(signup),
            "place": signup["place_name"],
            "place_address": signup["place_address"],
            "map_link": signup["map_link"],
            "bring": signup["bring"],
            "size": signup["size"],
            "status": signup["status"],
            "reason": signup["reason"],
            "answer": signup["answer"],
            "handed_over": signups.was_handed_over(signup),
            "had_place": signup["status"] == "confirmed" or await _was_invited(signup["id"]),
            "until": moment(signup["offer_until"], signup["zone"], weekday=True),
            "withdraw_until": _withdraw_until(signup),
            "signup": signup["id"],
            "before": await waiting.people_before(signup["id"]) if signup["status"] == "waiting" else 0,
            "warnings": await clashes.travel(signup["constituent"], signup["shift"]),
        }
        await _post(
            f"signup:{signup['id']}",
            address,
            purpose,
            template,
            context,
            token=token,
            attachments=attachments,
        )


async def _post(
    what: str,
    address: str,
    purpose: str,
    template: str,
    context: dict[str, Any],
    *,
    token: str,
    attachments: Any = (),
    unsubscribe: str = "",
) -> None:
    ours = await organisation.needed()
    try:
        await mail.post(
            what=what, address=address, purpose=purpose, template=template,
            context={**context, "accent": theme.light(ours["accent"]).accent, "organisation": ours["name"]}, secrets={"token": token},
            attachments=attachments, name=context["name_said"], sender=ours["name"], reply_to=ours["email"],
            unsubscribe=unsubscribe,
        )  # fmt: skip
    except smtp.NoAddress:
        return


async def address_of(signup: dict[str, Any]) -> str | None:
    """Where letters about a sign-up go: what was typed with it, else the person's preferred address."""
    return await db.value(
        """
        SELECT coalesce((SELECT typed ->> 'email' FROM signup_requests WHERE signup = $1 LIMIT 1),
                        (SELECT address FROM emails WHERE constituent = $2 ORDER BY preferred DESC, id LIMIT 1))
        """,
        signup["id"],
        signup["constituent"],
    )


def _purpose(signup: dict[str, Any]) -> str:
    """The same for the same state, however often a job looks; another for another offer, or another time in line."""
    since = signup["offer_until"] if signup["status"] == "offered" else signup["queued_at"]
    in_line = f" {since:%y%m%d%H%M%S%f}" if since else ""
    return f"{signup['status']} {signup['sequence']}{in_line}"


async def _was_invited(signup_id: int) -> bool:
    return await db.value(
        "SELECT EXISTS (SELECT FROM mails WHERE what = $1 AND purpose LIKE 'confirmed%')",
        f"signup:{signup_id}",
    )


async def _is_in_calendar(signup_id: int) -> bool:
    """Whether the last calendar they got put the shift in, so that there is something to take out."""
    last = await db.value(
        "SELECT purpose FROM mails WHERE what = $1 AND attachments <> '[]' ORDER BY id DESC LIMIT 1",
        f"signup:{signup_id}",
    )
    return last is not None and last.startswith(("confirmed", "moved"))


def _withdraw_until(signup: dict[str, Any]) -> str:
    """The last moment to give the place back in time, as long as it is to come and not the start itself."""
    last = signup["starts_at"] - timedelta(hours=signup["withdraw_hours"])
    ahead = signup["withdraw_hours"] and last > days.now()
    return moment(last, signup["zone"], weekday=True) if ahead else ""


def _titled(row: dict[str, Any]) -> str:
    """What a subject says: mailboxes put letters of one subject together, and each shift is one of many."""
    local = days.wall_clock(row["starts_at"], row["zone"])
    return f"{row['title']}, {local:%a} {day(local.date(), 'short')}"


def _when(row: dict[str, Any]) -> str:
    return span(row["starts_at"], row["ends_at"], row["zone"])
