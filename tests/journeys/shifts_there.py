"""Shifts, sign-ups and links for the journeys' pages: the demo has most of it, but not each state on one day."""

import re
from typing import Any

import asyncpg

from kit.security import token_hash
from tests.journeys.visitor import Visitor

PIN = "4711"
_PEOPLE = """
    INSERT INTO constituents (kind, name, given_name, family_name, sort_key)
    VALUES ('person', $1::text || ' Journey', $1::text, 'Journey', 'journey  ' || lower($1::text)) RETURNING id
"""
_SHIFT = """
    INSERT INTO shifts (opportunity, starts_at, ends_at, zone, minimum, maximum, note)
    SELECT $1, $2, $2::timestamptz + interval '9 hours', 'America/Los_Angeles', 1, 1, 'Ring twice.' RETURNING id
"""
# At night: the end has a day of its own, which is the longest that a time can look.
_TEN_AT_NIGHT = "SELECT (date_trunc('day', now() AT TIME ZONE 'America/Los_Angeles') + $1::int * interval '1 day' + interval '22 hours') AT TIME ZONE 'America/Los_Angeles'"
_SIGN_UP = """
    INSERT INTO signups (shift, constituent, size, status, queued_at, offer_until)
    VALUES ($1, $2, 1, $3::text, CASE WHEN $3::text IN ('waiting', 'offered') THEN now() END,
            CASE WHEN $3::text = 'offered' THEN now() + interval '1 day' END)
    RETURNING id
"""
_HELD = """
    INSERT INTO qualifications_held (constituent, qualification, from_day, until_day)
    SELECT $1, id, current_date - 300, current_date + 20 FROM qualifications ORDER BY id LIMIT 1 RETURNING id
"""


async def things(database: asyncpg.Connection, staff: Visitor) -> dict[str, Any]:
    """The places in the paths of volunteers' pages."""
    role, nora, otto = await _people_and_role(database)

    async def shift(starts: Any) -> Any:
        return await database.fetchval(_SHIFT, role, starts)

    async def at_night(days_ahead: int) -> Any:
        return await shift(await database.fetchval(_TEN_AT_NIGHT, days_ahead))

    async def signed(on: int, who: int, status: str) -> Any:
        return await database.fetchval(_SIGN_UP, on, who, status)

    now = await shift(await database.fetchval("SELECT date_trunc('hour', now()) - interval '1 hour'"))
    open_one, full, offered, later = [await at_night(ahead) for ahead in (4, 5, 6, 7)]
    await database.execute("UPDATE shifts SET maximum = 6 WHERE id = ANY ($1)", [now, open_one])
    signup_now = await signed(now, nora, "confirmed")
    await signed(now, otto, "confirmed")
    signup = await signed(open_one, nora, "confirmed")
    await signed(full, otto, "confirmed")
    await signed(full, nora, "waiting")
    await signed(offered, nora, "offered")
    await signed(later, nora, "pending")
    await database.execute(
        "INSERT INTO hours (constituent, programme, opportunity, day, minutes, status, came_by, note)"
        " SELECT $1, programme, id, current_date - 1, 90, 'proposed', 'self', 'Peeled.' FROM opportunities WHERE id = $2",
        nora,
        role,
    )
    await database.execute(
        "INSERT INTO signup_requests (entry_key, shift, typed) VALUES ('journey-entry', $1, '{\"email\": \"nora@example.org\"}')",
        open_one,
    )
    await database.execute(
        "INSERT INTO volunteer_links (token_hash, constituent, expires_at) VALUES ($1, $2, now() + interval '1 day')",
        token_hash("journey-own"),
        nora,
    )
    for on, status in ((open_one, "open"), (full, "too_late"), (offered, "no"), (later, "yes")):
        await database.execute(
            "INSERT INTO asks (shift, constituent, token_hash, status) VALUES ($1, $2, $3, $4)",
            on, otto, token_hash(f"journey-ask-{status}"), status,
        )  # fmt: skip
    return {
        "role": role,
        "programme": await database.fetchval("SELECT programme FROM opportunities WHERE id = $1", role),
        "programme_slug": await database.fetchval("SELECT min(slug) FROM programmes"),
        "shift_place": await database.fetchval("SELECT place FROM opportunities WHERE id = $1", role),
        "volunteer": nora,
        "held": await database.fetchval(_HELD, nora),
        "shift": open_one,
        "shift_now": now,
        "shift_full": full,
        "shift_series": await database.fetchval(
            "SELECT id FROM shifts WHERE series IS NOT NULL AND status = 'open' AND starts_at > now() + interval '2 days'"
            " ORDER BY starts_at LIMIT 1"
        ),
        "signup": signup,
        "signup_now": signup_now,
        "hours": await database.fetchval("SELECT max(id) FROM hours WHERE constituent = $1", nora),
        "qualification": await database.fetchval("SELECT min(id) FROM qualifications"),
        "waiver": await database.fetchval("SELECT max(id) FROM waivers WHERE current"),
        "tablet": await _tablet(staff, role, opened=True),
        "tablet_locked": await _tablet(staff, role, opened=False),
    }


async def _people_and_role(database: asyncpg.Connection) -> tuple[Any, Any, Any]:
    nora, otto = [await database.fetchval(_PEOPLE, name) for name in ("Nora", "Otto")]
    for person in (nora, otto):
        await database.execute(
            "INSERT INTO volunteers (constituent, joined_on) VALUES ($1, current_date)", person
        )
    role = await database.fetchval(
        """
        INSERT INTO opportunities (programme, title, place, largest_group, minimum_age, description, bring)
        SELECT min(p.id), 'Journey soup', min(l.id), 4, 12, 'We cook.', 'An apron' FROM programmes p, places l
         WHERE p.closed_at IS NULL AND l.closed_at IS NULL RETURNING id
        """
    )
    await database.execute(
        "INSERT INTO waivers_needed (opportunity, name) SELECT $1, name FROM waivers WHERE current LIMIT 1",
        role,
    )
    return role, nora, otto


async def _tablet(staff: Visitor, role: int, *, opened: bool) -> str:
    """The token of a new tablet's address, made as a coordinator makes it; perhaps with its PIN typed in this window."""
    await staff.go("/kiosks")
    await staff.fill(name=f"Door {'open' if opened else 'locked'}", pin=PIN, days="2")
    await staff.page.locator("main select[name=programme]").select_option(index=1)
    await staff.press("Open it")
    address = await staff.page.locator("main code").first.inner_text()
    found = re.search(r"/volunteer/kiosk/(\S+)", address)
    assert found
    if opened:
        await staff.go(f"/volunteer/kiosk/{found[1]}")
        await staff.page.fill("[name=pin]", PIN)
        await staff.page.locator("main form button").click()
        await staff.settled()
    return found[1]
