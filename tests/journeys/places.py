"""Where every page is, by hand: a route that is not here fails the test, so that no page goes unlooked at."""

import asyncio
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import asyncpg

from kit import days
from kit.security import token_hash
from tests.journeys import shifts_there
from tests.journeys.visitor import Visitor


class Wrong(NamedTuple):
    """How the form of a route is sent so that it comes back with 422: which page, which form, what is typed."""

    page: str
    typed: Mapping[str, str] = MappingProxyType({})
    form: str = "main form[method=post]:has(.btn.main, .btn.danger)"


# GET routes by name, each with examples; the places in braces are filled from `world()`.
PAGES: dict[str, tuple[str, ...]] = {
    "account:show": ("/account",),
    "appeals:edit": ("/appeals/{appeal}/edit",),
    "appeals:new": ("/campaigns/{campaign}/appeals/new",),
    "campaigns:edit": ("/campaigns/{campaign}/edit",),
    "campaigns:index": ("/campaigns",),
    "campaigns:new": ("/campaigns/new",),
    "campaigns:show": ("/campaigns/{campaign}",),
    "constituent_archivals:new": ("/constituents/{person}/archival",),
    "constituent_counts:show": ("/constituents/count",),
    "constituent_deaths:new": ("/constituents/{person}/death",),
    "constituent_gifts:index": ("/constituents/{person}/gifts",),
    "constituents:edit": ("/constituents/{person}/edit", "/constituents/{household}/edit"),
    "constituents:index": ("/constituents", "/constituents?q=zzzzqq", "/constituents?kind=person&given=no"),
    "constituents:new": ("/constituents/new", "/constituents/new?kind=organisation"),
    "constituents:show": (
        "/constituents/{person}",
        "/constituents/{household}",
        "/constituents/{organisation}",
    ),
    "drafts:show": ("/kept/{draft}",),
    "funds:edit": ("/funds/{fund}/edit",),
    "funds:index": ("/funds",),
    "funds:new": ("/funds/new",),
    "funds:show": ("/funds/{fund}",),
    "gift_bounces:new": ("/gifts/{cheque}/bounces/new",),
    "gift_counts:show": ("/gifts/count",),
    "gift_deposits:new": ("/gifts/{cheque}/deposits/new",),
    "gift_donors:index": ("/gift-donors?donor_q=okafor", "/gift-donors?donor_q=zzzzqq"),
    "gift_matches:index": ("/gift-matches?q=50", "/gift-matches?q=nothing"),
    "gift_moves:new": ("/gifts/{cheque}/moves/new",),
    "gift_receipts:index": ("/gifts/{receipted}/receipts", "/gifts/{cheque}/receipts"),
    "gift_refunds:new": ("/gifts/{cheque}/refunds/new", "/gifts/{online}/refunds/new"),
    "gift_voids:new": ("/gifts/{cheque}/voids/new",),
    "gifts:edit": ("/gifts/{cheque}/edit", "/gifts/{receipted}/edit"),
    "gifts:index": ("/gifts", "/gifts?q=zzzzqq", "/gifts?method=cheque&status=settled&since=2026-01-01"),
    "gifts:new": ("/gifts/new", "/gifts/new?donor={person}"),
    "gifts:show": ("/gifts/{cheque}", "/gifts/{online}", "/gifts/{split}", "/gifts/{goods}"),
    "home:show": ("/",),
    "imports:index": ("/imports",),
    "imports:new": ("/imports/new",),
    "imports:show": ("/imports/{run}", "/imports/{asking_run}"),
    "jobs:index": ("/jobs",),
    "jobs:show": ("/jobs/{job}",),
    "likenesses:index": ("/constituents/likenesses?family_name=Okafor&given_name=Margaret",),
    "mails:index": ("/mails",),
    "mails:show": ("/mails/{mail}",),
    "members:edit": ("/staff/{member}/edit",),
    "members:index": ("/staff",),
    "members:new": ("/staff/new",),
    "membership_ends:new": ("/memberships/{membership}/end",),
    "memberships:new": (
        "/constituents/{household}/memberships/new",
        "/constituents/{household}/memberships/new?q=a",
    ),
    "newest_gifts:index": ("/gifts/newest",),
    "notes:show": ("/notes/{note}",),
    "organisation:edit": ("/organisation",),
    "receipt_matches:index": ("/receipt-matches?q=1", "/receipt-matches?q=nothing"),
    "receipts:index": ("/receipts", "/receipts?q=zzzzqq"),
    "receipts:show": ("/receipts/{receipt}",),
    "reconciliations:index": ("/reconciliations",),
    "reconciliations:show": ("/reconciliations/{reconciliation}",),
    "roles:index": ("/staff/roles",),
    "search:index": ("/search?q=okafor", "/search?q=zzzzqq", "/search"),
    "stripe_events:index": ("/payments/events",),
    "stripe_events:show": ("/payments/events/{event}",),
    "stripe_payments:show": ("/payments/{payment}",),
    "style:index": ("/style",),
    "style:show": tuple(f"/style/{name}" for name in ("form", "list", "record", "settings", "work")),
    "tasks:index": ("/tasks",),
    "timelines:show": ("/constituents/{person}/timeline", "/constituents/{person}/timeline?show=notes"),
    # volunteers
    "closed_days:index": ("/closed-days",),
    "constituent_volunteering:index": (
        "/constituents/{volunteer}/volunteering",
        "/constituents/{person}/volunteering",
    ),
    "coverage:index": ("/coverage", "/coverage?weeks=6"),
    "coverage_attendance:index": ("/coverage/attendance",),
    "doors:show": ("/shifts/{shift_now}/door", "/shifts/{shift_full}/door"),
    "ending_qualifications:index": ("/qualifications/ending", "/qualifications/ending?late=yes"),
    "hour_values:index": ("/hours/values",),
    "hours:edit": ("/hours/{hours}/edit",),
    "hours:index": ("/hours",),
    "hours:new": ("/hours/new", "/hours/new?constituent={volunteer}"),
    "hours_entries:index": ("/hours/entries",),
    "hours_totals:index": tuple(
        f"/hours/totals?by={by}" for by in ("programme", "person", "funder", "month")
    ),
    "kiosk:show": (
        "/volunteer/kiosk/{tablet}",
        "/volunteer/kiosk/{tablet_locked}",
        "/volunteer/kiosk/never-was-one",
    ),
    "kiosks:index": ("/kiosks",),
    "opportunities:edit": ("/opportunities/{role}/edit",),
    "opportunities:new": ("/programmes/{programme}/opportunities/new",),
    "opportunities:show": ("/opportunities/{role}",),
    "places:edit": ("/places/{shift_place}/edit",),
    "places:index": ("/places",),
    "places:new": ("/places/new",),
    "programmes:edit": ("/programmes/{programme}/edit",),
    "programmes:index": ("/programmes",),
    "programmes:new": ("/programmes/new",),
    "programmes:show": ("/programmes/{programme}",),
    "qualifications:edit": ("/qualifications/{qualification}/edit",),
    "qualifications:index": ("/qualifications",),
    "qualifications:new": ("/qualifications/new",),
    "service_letters:show": ("/volunteers/{volunteer}/service-letter",),
    "shift_copies:new": ("/shifts/copies/new",),
    "shift_moves:new": ("/shifts/{shift}/moves/new",),
    "shifts:edit": ("/shifts/{shift}/edit", "/shifts/{shift_series}/edit"),
    "shifts:index": ("/shifts", "/shifts?view=week", "/shifts?view=day", "/shifts?view=list"),
    "shifts:new": ("/opportunities/{role}/shifts/new",),
    "shifts:show": (
        "/shifts/{shift}",
        "/shifts/{shift_full}",
        "/shifts/{shift_series}",
        "/shifts/{shift_now}",
    ),
    "signups:new": ("/shifts/{shift}/sign-ups/new", "/shifts/{shift}/sign-ups/new?q=okafor"),
    "signups:show": ("/sign-ups/{signup}",),
    "volunteers_today:index": ("/shifts/today",),
    "volunteers:edit": ("/volunteers/{volunteer}/edit", "/volunteers/{person}/edit"),
    "volunteers:index": ("/volunteers", "/volunteers?q=zzzzqq", "/volunteers?list=time_not_money"),
    "volunteers:new": ("/volunteers/new", "/volunteers/new?q=okafor"),
    "volunteers:show": ("/volunteers/{volunteer}",),
    "waivers:new": ("/waivers/new", "/waivers/new?of={waiver}"),
    "waivers:show": ("/waivers/{waiver}",),
    # for nobody in particular
    "asks:show": (
        *(f"/volunteer/asks/journey-ask-{answer}" for answer in ("open", "yes", "no", "too_late")),
        "/volunteer/asks/never-was-one",
    ),
    "own_doors:show": (
        "/volunteer/mine/journey-own/sign-ups/{signup_now}/door",
        "/volunteer/mine/journey-own/sign-ups/{signup}/door",
    ),
    "own_shifts:show": ("/volunteer/mine/journey-own", "/volunteer/mine/never-was-one"),
    "volunteer_calendar:show": (
        "/volunteer/calendar",
        "/volunteer/calendar?view=week",
        "/volunteer/calendar?view=list",
    ),
    "volunteer_links:new": ("/volunteer/links", "/volunteer/links?sent=yes"),
    "volunteer_roles:show": ("/volunteer/roles/{role}",),
    "volunteering:index": ("/volunteer", "/volunteer?day=1999-01-01"),
    "volunteering:show": (
        "/volunteer/shifts/{shift}",
        "/volunteer/shifts/{shift_full}",
        "/volunteer/shifts/{shift_now}",
    ),
    "volunteering:thanks": ("/volunteer/thanks/journey-entry",),
    "campaign_giving:show": ("/give/winter", "/give/there-is-none"),
    "giving:show": ("/give",),
    "password_choices:new": ("/password/{link}", "/password/never-was-one"),
    "resets:new": ("/forgotten",),
    "sessions:new": ("/sign-in",),
    "thanks:show": (
        "/give/thanks/paid",
        "/give/thanks/open",
        "/give/thanks/open?left=yes",
        "/give/thanks/processing",
        "/give/thanks/failed",
        "/give/thanks/expired",
        "/give/thanks/never-was-one",
    ),
}
PUBLIC = {
    "asks:show",
    "own_doors:show",
    "own_shifts:show",
    "volunteer_calendar:show",
    "volunteer_links:new",
    "volunteer_roles:show",
    "volunteering:index",
    "volunteering:show",
    "volunteering:thanks",
    "campaign_giving:show",
    "giving:show",
    "password_choices:new",
    "resets:new",
    "sessions:new",
    "thanks:show",
}
# GET routes that are no pages: files, pictures, what a machine asks.
NO_PAGES = {
    "ask_unsubscriptions:show", "own_service_letters:show", "service_letter_files:show", "opportunity_posters:show", "own_calendars:show", "shift_posters:show", "volunteering:calendar", "volunteering:feed",
    "health:show", "logos:show", "receipt_pictures:show", "receipts:pdf", "static", "theme:show", "void_copies:show",
}  # fmt: skip

# POST routes with a form that can be wrong.
FORMS: dict[str, Wrong] = {
    "appeals:create": Wrong("/campaigns/{campaign}/appeals/new"),
    "appeals:update": Wrong("/appeals/{appeal}/edit", {"name": ""}),
    "campaign_giving:create": Wrong("/give/winter", {"email": "nobody"}),
    "campaigns:create": Wrong("/campaigns/new"),
    "campaigns:update": Wrong("/campaigns/{campaign}/edit", {"name": "", "goal": "1.000"}),
    "constituent_deaths:create": Wrong("/constituents/{person}/death", {"deceased_on": "2999-01-01"}),
    "constituents:create": Wrong("/constituents/new"),
    "constituents:update": Wrong("/constituents/{person}/edit", {"family_name": "", "given_name": ""}),
    "funds:create": Wrong("/funds/new"),
    "funds:update": Wrong("/funds/{fund}/edit", {"name": ""}),
    "gift_bounces:create": Wrong("/gifts/{cheque}/bounces/new"),
    "gift_deposits:create": Wrong("/gifts/{cheque}/deposits/new", {"deposited_on": ""}),
    "gift_moves:create": Wrong("/gifts/{cheque}/moves/new"),
    "gift_refunds:create": Wrong("/gifts/{cheque}/refunds/new", {"amount": "99999"}),
    "gift_voids:create": Wrong("/gifts/{cheque}/voids/new"),
    "gifts:create": Wrong("/gifts/new?donor={person}", {"amount": "1.000"}),
    "gifts:update": Wrong("/gifts/{cheque}/edit", {"amount": "0", "given_on": "1066-10-14"}),
    "giving:create": Wrong("/give", {"email": "wilma@gmial.com."}),
    "import_answers:create": Wrong("/imports/{asking_run}"),
    "imports:create": Wrong("/imports/new"),
    "logos:create": Wrong("/organisation", form="main form[enctype]"),
    "members:create": Wrong("/staff/new"),
    "members:update": Wrong("/staff/{member}/edit", {"name": ""}, "main form:has([name=name])"),
    "membership_ends:create": Wrong("/memberships/{membership}/end", {"until_day": ""}),
    "memberships:create": Wrong("/constituents/{household}/memberships/new"),
    "notes:create": Wrong("/constituents/{person}", form="form.quick"),
    "organisation:update": Wrong(
        "/organisation", {"name": "", "fee_basis_points": "a lot", "email": "nobody"}
    ),
    "password_choices:create": Wrong("/password/{link}", {"password": "short", "again": "other"}),
    "passwords:update": Wrong("/account"),
    "receipt_voids:create": Wrong("/receipts/{receipt}"),
    "resets:create": Wrong("/forgotten"),
    "sessions:create": Wrong("/sign-in"),
    # volunteers
    "closed_days:create": Wrong("/closed-days"),
    "hour_values:create": Wrong("/hours/values"),
    "hours:create": Wrong("/hours/new?constituent={volunteer}"),
    "hours:update": Wrong("/hours/{hours}/edit", {"hours": "99"}),
    "kiosk_sessions:create": Wrong("/volunteer/kiosk/{tablet_locked}", {"pin": "0000"}),
    "kiosks:create": Wrong("/kiosks"),
    "opportunities:create": Wrong("/programmes/{programme}/opportunities/new"),
    "opportunities:update": Wrong("/opportunities/{role}/edit", {"title": ""}),
    "own_hours:create": Wrong("/volunteer/mine/journey-own", {"note": "Peeled."}, "#own-hours-form form"),
    "places:create": Wrong("/places/new"),
    "places:update": Wrong("/places/{shift_place}/edit", {"name": ""}),
    "programmes:create": Wrong("/programmes/new"),
    "programmes:update": Wrong("/programmes/{programme}/edit", {"name": ""}),
    "qualifications:create": Wrong("/qualifications/new"),
    "qualifications:update": Wrong("/qualifications/{qualification}/edit", {"name": ""}),
    "qualifications_held:create": Wrong(
        "/volunteers/{volunteer}", {"from_day": ""}, "form[action$='/qualifications']"
    ),
    "shift_copies:create": Wrong(
        "/shifts/copies/new", {"to_month": f"{days.today('America/Los_Angeles'):%Y-%m}"}
    ),
    "shift_moves:create": Wrong("/shifts/{shift}/moves/new", {"starts": ""}),
    "shifts:create": Wrong("/opportunities/{role}/shifts/new"),
    "shifts:update": Wrong("/shifts/{shift_series}/edit", {"starts": "", "maximum": "0"}),
    "signups:create": Wrong("/shifts/{shift}/sign-ups/new?q=okafor"),
    "volunteer_links:create": Wrong("/volunteer/links", {"email": "nobody"}),
    "volunteering:create": Wrong("/volunteer/shifts/{shift}", {"email": "nobody"}),
    "volunteers:update": Wrong("/volunteers/{volunteer}/edit", {"born_on": "2999-01-01"}),
    "waiver_signatures:create": Wrong(
        "/volunteers/{volunteer}", {"signed_name": ""}, "form[action$='/signatures']"
    ),
    "waivers:create": Wrong("/waivers/new"),
}
PUBLIC_FORMS = {
    "own_hours:create", "volunteer_links:create", "volunteering:create",
    "campaign_giving:create", "giving:create", "password_choices:create", "resets:create", "sessions:create",
}  # fmt: skip
# POST routes that are one button (or a machine's), with nothing to type.
BUTTONS = {
    "ask_unsubscriptions:create", "asks:update", "closed_day_removals:create", "coverage_asks:create", "hour_value_removals:create", "hours_approvals:create",
    "hours_refusals:create", "kiosk_closures:create", "opportunity_closures:create", "opportunity_openings:create",
    "own_acceptances:create", "own_answers:create", "own_calendars:create", "own_presses:create", "own_replacements:create", "own_wishes:create", "own_withdrawals:create",
    "place_closures:create", "place_openings:create",
    "programme_closures:create", "programme_openings:create", "qualifications_held_removals:create", "replacement_asks:create",
    "series_returns:create", "shift_asks:create", "shift_cancellations:create", "signup_approvals:create", "signup_refusals:create",
    "signup_replacements:create", "signup_waits:create",
    # the page's own script sends these to the same route as many at once; without script a form is refused like others
    "kiosk_presses:create", "kiosk_walk_ins:create", "presses:create", "walk_ins:create",
    "appeal_closures:create", "appeal_openings:create", "campaign_closures:create", "campaign_openings:create",
    "constituent_archivals:create", "constituent_deaths:destroy", "constituent_restorals:create",
    "duplicate_dismissals:create", "fund_closures:create", "fund_openings:create", "gift_receipts:create",
    "gift_thanks:create", "gifts:export", "volunteers:export", "shifts:export", "signups:export", "coverage:export", "hours:export", "hours_totals:export", "qualifications:export", "ending_qualifications:export", "coverage_attendance:export", "waiver_signatures:export", "import_confirmations:create", "job_dismissals:create", "job_runs:create", "logo_removals:create",
    "mail_sendings:create", "member_disablings:create", "member_enablings:create", "member_invitations:create",
    "proposal_acceptances:create", "proposal_dismissals:create", "reconciliations:create", "session_ends:create",
    "sessions:destroy", "stripe_event_tries:create", "stripe_events:create", "task_completions:create",
}  # fmt: skip

_SOME = {
    "appeal": "SELECT min(id) FROM appeals",
    "campaign": "SELECT min(id) FROM campaigns",
    "cheque": "SELECT max(id) FROM gifts WHERE method = 'cheque' AND status = 'settled' AND receipted_at IS NULL"
    " AND deposited_on IS NULL AND source = 'staff'",
    "event": "SELECT max(id) FROM stripe_events",
    "fund": "SELECT max(id) FROM funds",
    "goods": "SELECT min(id) FROM gifts WHERE kind = 'in_kind'",
    "household": "SELECT min(household) FROM memberships",
    "mail": "SELECT max(id) FROM mails",
    "member": "SELECT max(id) FROM members",
    "membership": "SELECT min(id) FROM memberships",
    "note": "SELECT min(id) FROM notes",
    "online": "SELECT max(id) FROM gifts WHERE source = 'online'",
    "organisation": "SELECT min(id) FROM constituents WHERE kind = 'organisation'",
    "payment": "SELECT max(id) FROM stripe_payments",
    "person": "SELECT id FROM constituents WHERE name = 'Margaret Okafor'",
    "receipt": "SELECT min(id) FROM receipts WHERE id NOT IN (SELECT receipt FROM receipt_voids)",
    "receipted": "SELECT min(id) FROM gifts WHERE receipted_at IS NOT NULL",
    "reconciliation": "SELECT max(id) FROM reconciliations",
    "split": "SELECT min(gift) FROM gift_splits GROUP BY gift HAVING count(*) > 1 ORDER BY 1 LIMIT 1",
    "job": "INSERT INTO pgqueuer (priority, status, entrypoint, attempts, payload)"
    " VALUES (0, 'failed', 'mail: send', 5, '{\"mail_id\": 1}') RETURNING id",
}


async def world(database: asyncpg.Connection, staff: Visitor) -> dict[str, Any]:
    """An example for each place in a path, out of the demo; what the demo has not is made here."""
    await _record_a_cheque(staff)
    await staff.almoner.control("redeliver")  # the demo's own payments were made without webhooks
    found: dict[str, Any] = {
        "run": await _upload(staff, "Closed Won"),
        "asking_run": await _upload(staff, "Cleared"),
    }
    for place, sql in _SOME.items():
        async with asyncio.timeout(30):
            while (found.setdefault(place, None)) is None:
                found[place] = await database.fetchval(sql)
                await asyncio.sleep(0.1)
    await database.execute(
        "INSERT INTO drafts (token_hash, path, typed, used) VALUES ($1, '/gifts', $2, false) ON CONFLICT DO NOTHING",
        token_hash("a-draft"),
        '[["amount", "25.00"], ["note", "Half a sentence"]]',
    )
    await database.execute(
        "INSERT INTO member_links (token_hash, member, purpose, expires_at)"
        " VALUES ($1, $2, 'reset', clock_timestamp() + interval '1 hour') ON CONFLICT DO NOTHING",
        token_hash("a-link"),
        found["member"],
    )
    for state in ("paid", "open", "processing", "failed", "expired"):
        await database.execute(_LIKE_A_GIVEN_ONE, token_hash(state), f"journey {state}", state)
    return {**found, **await shifts_there.things(database, staff), "draft": "a-draft", "link": "a-link"}


async def _record_a_cheque(staff: Visitor) -> None:
    """One that is neither receipted nor deposited, of which everything can still be done."""
    await staff.go("/gifts/new")
    await staff.page.fill("#f-donor_q", "bakery")
    await staff.page.locator("#donor-choices label").first.click()
    await staff.fill(amount="18.00", method="cheque")
    await staff.press("Record gift")
    await staff.page.wait_for_url(re.compile(r"/gifts/\d+$"))


async def _upload(staff: Visitor, stage: str) -> str:
    """Upload the sample export with one gift at this stage; its run, once it has been read."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(_EXPORT.glob("*.csv")):
            text = file.read_text(encoding="utf-8-sig")
            archive.writestr(file.name, text.replace("Closed Won", stage, 1))
    await staff.go("/imports/new")
    await staff.page.set_input_files(
        "[name=export]", {"name": "export.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}
    )
    await staff.page.get_by_role("button", name="Upload and check").click()
    await staff.page.locator("#import-run:not([hx-get])").wait_for(timeout=60_000)
    return (await staff.path()).rsplit("/", 1)[1]


_EXPORT = Path(__file__).parents[1] / "imports" / "npsp"
_LIKE_A_GIVEN_ONE = """
    INSERT INTO giving_intents
    SELECT (jsonb_populate_record(i, jsonb_build_object(
               'id', nextval(pg_get_serial_sequence('giving_intents', 'id')), 'token_hash', $1::text,
               'form_key', $2::text, 'status', $3::text, 'stripe_session', NULL, 'stripe_payment_intent', NULL,
               'gift', NULL, 'failure', 'Your card was declined.'))).*
      FROM giving_intents i WHERE i.status = 'paid' LIMIT 1
    ON CONFLICT DO NOTHING
"""
