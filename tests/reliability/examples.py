"""For every route that writes: a form that it takes, and what has to be there for it. Written by hand."""

import io
import zipfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from PIL import Image

from kit import days, db, files, security
from kit.changes import SYSTEM
from tests import make, routes
from volunteers import signups

PASSWORD = "four quiet green words"
_GIFT = {
    "amount": "25.00", "currency": "USD", "given_on": "2026-03-04", "method": "cheque", "cheque_number": "0412", "kind": "cash",
    "fund": "", "part": "", "note": "Found in the lobby box.", "benefit_description": "", "in_kind_description": "",
    "campaign": "", "appeal": "", "received_on": "", "deposited_on": "", "entry_key": "example", "donor_q": "",
}  # fmt: skip
_PERSON = {
    "kind": "person", "given_name": "Zora", "family_name": "Quill", "middle_name": "", "prefix": "Dr", "suffix": "", "nickname": "Zo",
    "job_title": "Baker", "greeting": "Dear Zora", "website": "https://zora.example", "language": "en", "tags": "baker, friend", "name": "",
    "email": "zora@example.org", "email_kind": "home", "email_preferred": "0", "phone": "+1 503 555 0144", "phone_kind": "home",
    "phone_preferred": "0", "street": "1 Oak Lane", "city": "Portland", "region": "OR", "postal_code": "97206", "country": "US",
    "address_kind": "home", "address_preferred": "0", "different": "yes",
}  # fmt: skip
_ORGANISATION = {
    "name": "Riverbend", "legal_name": "Riverbend Food Bank, Inc.", "kind": "public_charity", "registration_number": "93-1234567",
    "street": "12 Mill Street", "city": "Portland", "region": "OR", "postal_code": "97206", "country": "US",
    "email": "gifts@riverbend.example", "phone": "+1 503 555 0100", "website": "https://riverbend.example", "signer_name": "Ana Ruiz",
    "signer_title": "Director", "accent": "#17685a", "currency": "USD", "zone": "America/Los_Angeles", "fiscal_year_start": "7",
    "fee_basis_points": "2.9", "fee_fixed": "0.30", "smallest_gift": "1.00", "largest_gift": "25000.00", "giving_heading": "Give a meal",
    "giving_text": "Every gift feeds somebody.", "version": "1",
}  # fmt: skip
_GIVING = {
    "amount": "other", "own_amount": "40.00", "first_name": "Margaret", "last_name": "Okafor", "email": "peg@example.org",
    "street": "1 Oak Lane", "city": "Portland", "region": "OR", "postal_code": "97206", "country": "US", "comment": "For the kitchen",
    "form_key": "example-form-key", "total": "4000", "seen": "4000", "fund": "",
}  # fmt: skip
_ROLE = {
    "title": "Sorting", "place": "{place_id}", "description": "Tins and boxes.", "bring": "Firm shoes", "coordinator": "", "is_public": "yes",
    "minimum_age": "16", "largest_group": "4", "qualifications": "{qualification_id}", "waivers": "House rules", "opens_days": "60",
    "closes_hours": "2", "withdraw_hours": "24", "offer_hours": "12", "rest_minutes": "30", "share_most": "4", "share_days": "30",
    "remind_hours": "48, 3",
}  # fmt: skip
_SHIFT = {
    "day": "{shift_day}", "starts": "09:00", "ends": "12:30", "last_day": "", "minimum": "2", "maximum": "8", "place": "{place_id}",
    "note": "Ring twice.", "every": "", "interval": "1", "until": "", "count": "", "skips_holidays": "yes",
}  # fmt: skip
_PROFILE = {
    "status": "active", "skills": "cooking, driving", "languages": "en, es", "interests": "food", "availability": "sat-morning",
    "may_be_asked": "yes", "may_be_asked_for_money": "yes", "notes": "Left-handed.", "born_on": "1990-05-04", "guardian": "", "guardian_name": "Ida Quill",
    "guardian_phone": "+1 503 555 0146", "emergency_name": "Otis Quill", "emergency_phone": "+1 503 555 0147", "version": "{profile_version}",
}  # fmt: skip
_VISITOR = {
    "first_name": "Nora", "last_name": "Neighbour", "email": "nora@example.org", "phone": "+1 503 555 0148", "size": "2",
    "names": "Ida Quill", "comment": "We come by bus.", "form_key": "example-visit",
}  # fmt: skip

# (path as the routes' list has it) -> fields. Braces in a value are ids of the world.
FIELDS: dict[str, dict[str, str]] = {
    "/account/password": {"old": PASSWORD, "password": "another four good words", "again": "another four good words"},
    "/account/sessions/{session_id:int}/end": {},
    "/appeals/{appeal_id:int}": {"name": "Spring", "source_code": "SPR26", "asked_on": "2026-04-01", "version": "1"},
    "/appeals/{appeal_id:int}/closures": {},
    "/appeals/{appeal_id:int}/openings": {},
    "/campaigns": {
        "name": "Roof", "goal": "10,000", "starts_on": "2026-01-01", "ends_on": "2027-12-31", "slug": "roof", "heading": "A roof",
        "text": "It leaks.", "public": "yes", "fund": "{fund_id}",
    },
    "/campaigns/{campaign_id:int}": {
        "name": "Roof", "goal": "10,000", "slug": "roof", "heading": "A roof", "text": "It leaks.", "public": "yes", "version": "1",
    },
    "/campaigns/{campaign_id:int}/appeals": {"name": "Spring", "source_code": "SPR26", "asked_on": "2026-04-01"},
    "/campaigns/{campaign_id:int}/closures": {},
    "/campaigns/{campaign_id:int}/openings": {},
    "/constituents": _PERSON,
    "/constituents/{constituent_id:int}": {**_PERSON, "version": "1"},
    "/constituents/{constituent_id:int}/archival": {},
    "/constituents/{constituent_id:int}/death": {"deceased_on": "2026-03-01"},
    "/constituents/{constituent_id:int}/death/destroy": {},
    "/constituents/{household_id:int}/memberships": {"person": "{other_id}", "role": "child", "from_day": "2026-01-01"},
    "/constituents/{constituent_id:int}/notes": {"note": "Likes to be called in the evening."},
    "/constituents/{constituent_id:int}/restoral": {},
    "/duplicates/{duplicate_id:int}/dismissal": {},
    "/forgotten": {"email": "ana@riverbend.example"},
    "/funds": {"name": "Garden", "account_code": "4010", "description": "Beds and seeds", "public": "yes"},
    "/funds/{fund_id:int}": {"name": "Garden", "account_code": "4010", "description": "Beds and seeds", "version": "1"},
    "/funds/{fund_id:int}/closures": {},
    "/funds/{fund_id:int}/openings": {},
    "/gifts": {**_GIFT, "donor": "{constituent_id}"},
    "/gifts/export": {"q": "", "method": "", "kind": ""},
    "/volunteers/export": {"list": "all", "format": "csv"},
    "/shifts/export": {"view": "list", "on": "2026-03-04", "format": "csv"},
    "/shifts/{shift_id:int}/sign-ups/export": {"format": "csv"},
    "/coverage/export": {"weeks": "4", "format": "csv"},
    "/hours/export": {"first": "{today}", "last": "{today}", "status": "any", "format": "csv"},
    "/hours/totals/export": {"by": "programme", "first": "{today}", "last": "{today}", "format": "csv"},
    "/qualifications/export": {"format": "csv"},
    "/qualifications/ending/export": {"late": "yes", "format": "csv"},
    "/coverage/attendance/export": {"format": "csv"},
    "/waivers/{waiver_id:int}/export": {"format": "csv"},
    "/gifts/{gift_id:int}": {**_GIFT, "donor": "{constituent_id}", "version": "{gift_version}", "reason": "A slip."},
    "/gifts/{gift_id:int}/bounces": {"reason": "Not covered."},
    "/gifts/{gift_id:int}/deposits": {"deposited_on": "{today}"},
    "/gifts/{gift_id:int}/moves": {"donor": "{other_id}", "donor_q": "Peter", "version": "{gift_version}", "confirmed": "yes"},
    "/gifts/{gift_id:int}/receipts": {},
    "/gifts/{gift_id:int}/refunds": {
        "amount": "10.00", "reason": "Given twice.", "via": "record", "refunded_on": "{today}", "entry_key": "example",
    },
    "/gifts/{gift_id:int}/thanks": {},
    "/gifts/{gift_id:int}/voids": {"reason": "Typed twice."},
    "/give": _GIVING,
    "/give/{slug:str}": _GIVING,
    "/imports": {},
    "/imports/{run_id:int}/answers": {"stage": "Cleared", "meaning": "gift"},
    "/imports/{run_id:int}/confirmations": {},
    "/jobs/{job_id:int}/dismissals": {},
    "/jobs/{job_id:int}/runs": {},
    "/mails/{mail_id:int}/sendings": {},
    "/memberships/{membership_id:int}/end": {"until_day": "2026-05-01"},
    "/organisation": _ORGANISATION,
    "/organisation/logo": {},
    "/organisation/logo/removal": {},
    "/password/{token:str}": {"password": "another four good words", "again": "another four good words"},
    "/payments/events/{event_id:int}/tries": {},
    "/proposals/{proposal_id:int}/acceptance": {},
    "/proposals/{proposal_id:int}/dismissal": {},
    "/receipts/{receipt_id:int}/voids": {"reason": "Wrong name."},
    "/reconciliations": {},
    "/sign-in": {"email": "ana@riverbend.example", "password": PASSWORD, "next": "/account", "draft": ""},
    "/sign-out": {},
    "/staff": {"name": "Zoë Quill", "email": "zoe@riverbend.example", "role": "finance"},
    "/staff/{member_id:int}": {"name": "Zoë Quill", "role": "finance", "version": "1"},
    "/staff/{member_id:int}/disabling": {},
    "/staff/{member_id:int}/enabling": {},
    "/staff/{member_id:int}/invitations": {},
    "/tasks/{task_id:int}/completion": {},
    "/webhooks/stripe": {},
    # volunteers
    "/hours": {
        "constituent": "{constituent_id}", "programme": "{programme_id}", "day": "{today}", "hours": "2", "minutes": "30", "people": "1",
        "note": "Sorted tins.",
    },
    "/hours/approvals": {"id": "{hours_id}"},
    "/hours/{hours_id:int}": {"hours": "1", "minutes": "15", "note": "Came late."},
    "/hours/{hours_id:int}/refusals": {"reason": "Noted twice."},
    "/hours/values": {"from_day": "2026-04-20", "amount": "34.79", "source": "Independent Sector, April 2025"},
    "/hours/values/{value_id:int}/removals": {},
    "/kiosks": {"name": "Front door", "pin": "4711", "programme": "{programme_id}", "place": "{place_id}", "days": "1"},
    "/kiosks/{kiosk_id:int}/closures": {},
    "/opportunities/{opportunity_id:int}": {**_ROLE, "version": "1"},
    "/opportunities/{opportunity_id:int}/closures": {},
    "/opportunities/{opportunity_id:int}/openings": {},
    "/opportunities/{opportunity_id:int}/shifts": _SHIFT,
    "/places": {
        "name": "Depot", "zone": "Europe/London", "address": "1 Dock Road", "map_link": "https://map.example/depot", "directions": "Second door.",
    },
    "/places/{place_id:int}": {
        "name": "Hall", "zone": "America/Los_Angeles", "address": "1 Dock Road", "map_link": "https://map.example/hall",
        "directions": "Second door.", "version": "1",
    },
    "/places/{place_id:int}/closures": {},
    "/places/{place_id:int}/openings": {},
    "/programmes": {"name": "Garden", "description": "Beds and seeds", "funder": "County", "coordinators": "{member_id}"},
    "/programmes/{programme_id:int}": {
        "name": "Garden", "description": "Beds and seeds", "funder": "County", "coordinators": "{member_id}", "version": "1",
    },
    "/programmes/{programme_id:int}/closures": {},
    "/programmes/{programme_id:int}/openings": {},
    "/programmes/{programme_id:int}/opportunities": _ROLE,
    "/qualifications": {"name": "First aid", "kind": "training", "valid_months": "24"},
    "/qualifications-held/{held_id:int}/removals": {},
    "/qualifications/{qualification_id:int}": {"name": "Kitchen card", "kind": "certificate", "valid_months": "24", "version": "1"},
    "/shifts/copies": {
        "what": "week", "week_of": "{shift_day}", "first": "{later_day}", "last": "{later_day}", "programme": "{programme_id}",
    },
    "/shifts/{shift_id:int}/moves": {"day": "{shift_day}", "starts": "07:15", "version": "1"},
    "/closed-days": {"first": "{shift_day}", "last": "{shift_day}", "name": "Stocktaking"},
    "/closed-days/{closed_day_id:int}/removals": {},
    "/coverage/shifts/{shift_id:int}/asks": {"weeks": "2"},
    "/series/{series_id:int}/returns": {"starts": "{skipped}"},
    "/volunteer/links": {"email": "margaret@example.org"},
    "/shifts/{shift_id:int}": {**_SHIFT, "scope": "one", "version": "1"},
    "/shifts/{shift_id:int}/asks": {},
    "/shifts/{shift_id:int}/cancellations": {"reason": "The hall is flooded.", "scope": "one"},
    "/shifts/{shift_id:int}/sign-ups": {"constituent": "{other_id}", "size": "1", "q": "Peter", "confirmed": "yes"},
    "/sign-ups/{signup_id:int}/approvals": {},
    "/shifts/{shift_id:int}/presses": {"signup": "{signup_id}", "what": "in"},
    "/shifts/{shift_id:int}/walk-ins": {
        "first_name": "Wanda", "last_name": "Walker", "email": "wanda@example.org", "phone": "", "size": "1",
    },
    "/sign-ups/{signup_id:int}/refusals": {"reason": "Too many this time."},
    "/sign-ups/{signup_id:int}/asks": {},
    "/sign-ups/{signup_id:int}/replacements": {"constituent": "{other_id}", "size": "2", "q": "Peter", "confirmed": "yes"},
    "/sign-ups/{signup_id:int}/waits": {},
    "/volunteer/asks/{token:str}": {"answer": "yes"},
    "/volunteer/asks/{token:str}/unsubscriptions": {},
    "/volunteer/kiosk/{token:str}/presses": {"signup": "{signup_id}", "what": "in"},
    "/volunteer/kiosk/{token:str}/sessions": {"pin": "4711"},
    "/volunteer/kiosk/{token:str}/walk-ins": {
        "shift": "{shift_id}", "first_name": "Wanda", "last_name": "Walker", "email": "wanda@example.org", "phone": "",
        "size": "1", "key": "key-of-a-form",
    },
    "/volunteer/mine/{token:str}/calendars": {},
    "/volunteer/mine/{token:str}/hours": {
        "programme": "{programme_id}", "day": "{today}", "hours": "1", "minutes": "30", "note": "Washed up.",
    },
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/acceptances": {},
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/answers": {"coming": "yes"},
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/replacements": {},
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/presses": {"what": "in"},
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/withdrawals": {},
    "/volunteer/mine/{token:str}/wishes": {"may_be_asked": "no"},
    "/volunteer/shifts/{shift_id:int}/sign-ups": _VISITOR,
    "/volunteers/{constituent_id:int}": _PROFILE,
    "/volunteers/{constituent_id:int}/qualifications": {
        "qualification": "{qualification_id}", "from_day": "{today}", "until_day": "", "status": "valid", "number": "C-17",
    },
    "/volunteers/{constituent_id:int}/signatures": {
        "waiver": "{waiver_id}", "signed_name": "Margaret Okafor", "signed_on": "{today}", "is_guardian": "",
    },
    "/waivers": {"waiver_name": "Photos", "text": "I may be seen in pictures.", "waiver_months": "12"},
}  # fmt: skip


def picture() -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (40, 20), (23, 104, 90)).save(out, "PNG")
    return out.getvalue()


def export() -> bytes:
    """A small export of Salesforce's tables."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("Account.csv", "Id,Name\n001000000000001,Okafor Household\n")
        archive.writestr(
            "Contact.csv", "Id,FirstName,LastName,AccountId\n003000000000001,Peg,Okafor,001000000000001\n"
        )
        archive.writestr("Opportunity.csv", "Id,Name,Amount,StageName,CloseDate,AccountId\n")
    return out.getvalue()


# What must be there first, beyond one of everything.
async def _closed(table: str, id: int) -> None:
    await db.row(f"UPDATE {table} SET closed_at = $1 WHERE id = $2", days.now(), id)


def _run(status: str) -> Callable[[SimpleNamespace], Awaitable[None]]:
    async def there(ids: SimpleNamespace) -> None:
        from imports import runs

        file = await files.keep(export(), "application/zip")
        ids.run_id = await runs.begin(
            "npsp", "export.zip", started_by="Ana", answers={}, file=file, status="waiting"
        )
        await db.row("UPDATE import_runs SET status = $2 WHERE id = $1", ids.run_id, status)

    return there


async def _receipt(ids: SimpleNamespace) -> None:
    from receipts import receipts

    ids.receipt_id = await receipts.issue_for_gift(ids.gift_id, by=make.STAFF)


async def _logo(ids: SimpleNamespace) -> None:
    sha = await files.keep(picture(), "image/png")
    await db.row("UPDATE organisations SET logo = $1", sha)


async def _archived(ids: SimpleNamespace) -> None:
    await db.row("UPDATE constituents SET archived_at = $1 WHERE id = $2", days.now(), ids.constituent_id)


async def _deceased(ids: SimpleNamespace) -> None:
    await db.row("UPDATE constituents SET deceased = true WHERE id = $1", ids.constituent_id)


async def _disabled(ids: SimpleNamespace) -> None:
    await db.row("UPDATE members SET disabled_at = $1 WHERE id = $2", days.now(), ids.member_id)


async def _link(ids: SimpleNamespace) -> None:
    ids.token = security.new_token()
    await make.insert(
        "member_links", token_hash=security.token_hash(ids.token), member=ids.member_id, purpose="invitation",
        created_at=days.now(), expires_at=days.now().replace(year=days.now().year + 1),
    )  # fmt: skip


async def _session(ids: SimpleNamespace) -> None:
    from staff import sessions

    await sessions.start(ids.me, address="127.0.0.1", agent="another")
    ids.session_id = await db.value("SELECT max(id) FROM sessions WHERE member = $1", ids.me)


async def _password(ids: SimpleNamespace) -> None:
    from staff import passwords

    hashed = await passwords.hashed(PASSWORD)
    await db.row("UPDATE members SET password_hash = $1 WHERE id = $2", hashed, ids.me)


async def _known_member(ids: SimpleNamespace) -> None:
    from staff import members
    from staff.tables import Role

    await members.make_known(
        name="Ana Ruiz", email="ana@riverbend.example", role=Role.FINANCE, password=PASSWORD
    )


async def _unsure_mail(ids: SimpleNamespace) -> None:
    await db.row("UPDATE mails SET status = 'failed' WHERE id = $1", ids.mail_id)


async def _failed_event(ids: SimpleNamespace) -> None:
    await db.row("UPDATE stripe_events SET outcome = 'failed' WHERE id = $1", ids.event_id)


async def _held_job(ids: SimpleNamespace) -> None:
    from kit import job_list, jobs

    if "spoilt example" not in jobs._registry:

        @jobs.job("spoilt example", attempts=1)
        async def spoilt() -> None:
            raise RuntimeError("spoilt")

    async with db.tx():
        await jobs.enqueue("spoilt example", {})
    await jobs.drain(only=["spoilt example"], expect_failures=True)
    ids.job_id = (await job_list.held())[0]["id"]


async def _cancelled(ids: SimpleNamespace) -> None:
    await db.row("UPDATE shifts SET status = 'cancelled'")


async def _unused(ids: SimpleNamespace) -> None:
    """A place without roles and shifts."""
    await _cancelled(ids)
    await db.row("UPDATE opportunities SET closed_at = $1 WHERE place = $2", days.now(), ids.place_id)


async def _confirmed(ids: SimpleNamespace) -> None:
    await db.row("UPDATE signups SET status = 'confirmed' WHERE id = $1", ids.signup_id)


async def _skipped(ids: SimpleNamespace) -> None:
    """The last shift of the series is taken out of it."""
    from volunteers import shifts

    last = await db.row(
        "SELECT id, occurrence FROM shifts WHERE series = $1 ORDER BY starts_at DESC LIMIT 1", ids.series_id
    )
    assert last is not None
    await shifts.cancel(last["id"], reason="", by=make.STAFF)
    ids.skipped = last["occurrence"].isoformat()


async def _offered(ids: SimpleNamespace) -> None:
    until = days.now() + timedelta(hours=1)
    for change in ("status = 'waiting', queued_at = $2", "status = 'offered', offer_until = $2"):
        await db.row(f"UPDATE signups SET {change} WHERE id = $1", ids.signup_id, until)


async def _now(ids: SimpleNamespace) -> None:
    """The shift has begun."""
    await _confirmed(ids)
    began, ends = days.now() - timedelta(hours=1), days.now() + timedelta(hours=2)
    await db.row("UPDATE shifts SET starts_at = $1, ends_at = $2 WHERE id = $3", began, ends, ids.shift_id)


async def _full(ids: SimpleNamespace) -> None:
    """No place is left, and somebody else waits."""
    await db.row("UPDATE shifts SET maximum = taken, minimum = 1 WHERE id = $1", ids.shift_id)
    await signups.sign_up(ids.shift_id, ids.other_id, by=SYSTEM, overrule=True)


async def _now_for_all(ids: SimpleNamespace) -> None:
    """The shift has begun, and whoever comes may help."""
    await _now(ids)
    await db.row("UPDATE opportunities SET needs_approval = false WHERE id = $1", ids.opportunity_id)


PREPARED: dict[str, Callable[[SimpleNamespace], Awaitable[None]]] = {
    "/account/password": _password,
    "/account/sessions/{session_id:int}/end": _session,
    "/appeals/{appeal_id:int}/openings": lambda ids: _closed("appeals", ids.appeal_id),
    "/campaigns/{campaign_id:int}/openings": lambda ids: _closed("campaigns", ids.campaign_id),
    "/funds/{fund_id:int}/openings": lambda ids: _closed("funds", ids.fund_id),
    "/constituents/{constituent_id:int}/restoral": _archived,
    "/constituents/{constituent_id:int}/death/destroy": _deceased,
    "/forgotten": _known_member,
    "/sign-in": _known_member,
    "/imports/{run_id:int}/answers": _run("faulty"),
    "/imports/{run_id:int}/confirmations": _run("checked"),
    "/jobs/{job_id:int}/dismissals": _held_job,
    "/jobs/{job_id:int}/runs": _held_job,
    "/mails/{mail_id:int}/sendings": _unsure_mail,
    "/organisation/logo/removal": _logo,
    "/password/{token:str}": _link,
    "/payments/events/{event_id:int}/tries": _failed_event,
    "/receipts/{receipt_id:int}/voids": _receipt,
    "/staff/{member_id:int}/enabling": _disabled,
    "/opportunities/{opportunity_id:int}/closures": _cancelled,
    "/opportunities/{opportunity_id:int}/openings": lambda ids: _closed("opportunities", ids.opportunity_id),
    "/places/{place_id:int}/closures": _unused,
    "/places/{place_id:int}/openings": lambda ids: _closed("places", ids.place_id),
    "/programmes/{programme_id:int}/closures": _cancelled,
    "/series/{series_id:int}/returns": _skipped,
    "/programmes/{programme_id:int}/openings": lambda ids: _closed("programmes", ids.programme_id),
    "/sign-ups/{signup_id:int}/waits": _full,
    "/shifts/{shift_id:int}/presses": _now,
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/presses": _now,
    "/shifts/{shift_id:int}/walk-ins": _now,
    "/volunteer/kiosk/{token:str}/presses": _now,
    "/volunteer/kiosk/{token:str}/walk-ins": _now_for_all,
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/acceptances": _offered,
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/answers": _confirmed,
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/replacements": _confirmed,
}


async def world(*, me: int = 0) -> SimpleNamespace:
    """One of everything, as the routes' tests have it, and what the examples here ask for on top."""
    ids = await routes.world()
    ids.me = me
    ids.name = "list"
    ids.other_id = await db.value("SELECT max(id) FROM constituents WHERE given_name = 'Peter'")
    ids.gift_version = await db.value("SELECT version FROM gifts WHERE id = $1", ids.gift_id)
    ids.today = days.today("America/Los_Angeles").isoformat()
    ids.profile_version = await db.value(
        "SELECT version FROM volunteers WHERE constituent = $1", ids.constituent_id
    )
    await db.row("UPDATE memberships SET from_day = '2020-01-01' WHERE id = $1", ids.membership_id)
    return ids


async def open_the_tablet(browser: Any, ids: SimpleNamespace) -> None:
    """This browser is the tablet at this world's door, too: its PIN was typed."""
    path = routes.filled("/volunteer/kiosk/{token:str}/sessions", ids)
    answer = await browser.submit(path, **FIELDS["/volunteer/kiosk/{token:str}/sessions"])
    assert answer.status_code == 303 and "kiosk" in answer.headers["set-cookie"]


def fields(path: str, ids: SimpleNamespace) -> dict[str, str]:
    """The example's fields with this world's ids."""
    return {name: text.format(**vars(ids)) for name, text in FIELDS[path].items()}


async def uploads(path: str) -> dict[str, Any] | None:
    """The files that go with an example."""
    if path == "/organisation/logo":
        return {"logo": ("logo.png", picture(), "image/png")}
    if path == "/imports":
        return {"export": ("export.zip", export(), "application/zip")}
    return None
