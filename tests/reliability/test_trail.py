"""R16: every change can be laid at somebody's door, and nobody can edit what was written about it."""

import asyncpg
import pytest

from kit import db
from tests import routes
from tests.reliability import examples
from tests.reliability.wire import undone

# What each route that writes says in `changes` when it did what it is there for; "" for those that change no record of
# ours. Written by hand: a route that is missing here fails.
SAYS = {
    "/account/password": "member.password_changed",
    "/account/sessions/{session_id:int}/end": "",  # a session is no record: it is listed with its own times
    "/appeals/{appeal_id:int}": "appeal.changed",
    "/appeals/{appeal_id:int}/closures": "appeal.closed",
    "/appeals/{appeal_id:int}/openings": "appeal.reopened",
    "/campaigns": "campaign.made",
    "/campaigns/{campaign_id:int}": "campaign.changed",
    "/campaigns/{campaign_id:int}/appeals": "appeal.made",
    "/campaigns/{campaign_id:int}/closures": "campaign.closed",
    "/campaigns/{campaign_id:int}/openings": "campaign.reopened",
    "/constituents": "constituent.created",
    "/constituents/{constituent_id:int}": "constituent.edited",
    "/constituents/{constituent_id:int}/archival": "constituent.archived",
    "/constituents/{constituent_id:int}/death": "constituent.marked_deceased",
    "/constituents/{constituent_id:int}/death/destroy": "constituent.marked_living",
    "/constituents/{constituent_id:int}/memberships": "constituent.membership_begun",
    "/constituents/{constituent_id:int}/notes": "note.written",
    "/constituents/{constituent_id:int}/restoral": "constituent.restored",
    "/duplicates/{duplicate_id:int}/dismissal": "duplicate.different",
    "/forgotten": "",  # asking for a letter changes nothing; the password it leads to does
    "/funds": "fund.made",
    "/funds/{fund_id:int}": "fund.changed",
    "/funds/{fund_id:int}/closures": "fund.closed",
    "/funds/{fund_id:int}/openings": "fund.reopened",
    "/gifts": "gift.recorded",
    "/gifts/export": "gift.exported",
    "/gifts/{gift_id:int}": "gift.corrected",
    "/gifts/{gift_id:int}/bounces": "gift.bounced",
    "/gifts/{gift_id:int}/deposits": "gift.deposited",
    "/gifts/{gift_id:int}/moves": "gift.moved",
    "/gifts/{gift_id:int}/receipts": "receipt.issued",
    "/gifts/{gift_id:int}/refunds": "gift.refunded",
    "/gifts/{gift_id:int}/thanks": "gift.thanked",
    "/gifts/{gift_id:int}/voids": "gift.voided",
    "/give": "",  # an intent, kept as the donor typed it; the gift that comes of it is noted
    "/give/{slug:str}": "",
    "/imports": "import.uploaded",
    "/imports/{run_id:int}/answers": "import.answered",
    "/imports/{run_id:int}/confirmations": "import.confirmed",
    "/jobs/{job_id:int}/dismissals": "job.given_up",
    "/jobs/{job_id:int}/runs": "job.run_again",
    "/mails/{mail_id:int}/sendings": "mail.sent_again",
    "/memberships/{membership_id:int}/end": "constituent.membership_ended",
    "/organisation": "organisation.edited",
    "/organisation/logo": "organisation.logo_changed",
    "/organisation/logo/removal": "organisation.logo_changed",
    "/password/{token:str}": "member.password_changed",
    "/payments/events/{event_id:int}/tries": "stripe_event.tried_again",
    "/proposals/{proposal_id:int}/acceptance": "proposal.accepted",
    "/proposals/{proposal_id:int}/dismissal": "proposal.dismissed",
    "/receipts/{receipt_id:int}/voids": "receipt.voided",
    "/reconciliations": "reconciliation.begun",
    "/sign-in": "",  # a session
    "/sign-out": "",
    "/staff": "member.invited",
    "/staff/{member_id:int}": "member.edited",
    "/staff/{member_id:int}/disabling": "member.disabled",
    "/staff/{member_id:int}/enabling": "member.enabled",
    "/staff/{member_id:int}/invitations": "member.invited",
    "/tasks/{task_id:int}/completion": "task.done",
    "/volunteers/export": "volunteers.exported",
    "/shifts/export": "volunteers.exported",
    "/shifts/{shift_id:int}/sign-ups/export": "volunteers.exported",
    "/coverage/export": "volunteers.exported",
    "/hours/export": "volunteers.exported",
    "/hours/totals/export": "volunteers.exported",
    "/qualifications/export": "volunteers.exported",
    "/qualifications/ending/export": "volunteers.exported",
    "/coverage/attendance/export": "volunteers.exported",
    "/waivers/{waiver_id:int}/export": "volunteers.exported",
    "/hours": "hours.approved",
    "/hours/approvals": "hours.approved",
    "/hours/{hours_id:int}": "hours.adjusted",
    "/hours/{hours_id:int}/refusals": "hours.refused",
    "/hours/values": "hour_value.said",
    "/hours/values/{value_id:int}/removals": "hour_value.forgotten",
    "/kiosks": "kiosk.opened",
    "/kiosks/{kiosk_id:int}/closures": "kiosk.closed",
    "/opportunities/{opportunity_id:int}": "opportunity.changed",
    "/opportunities/{opportunity_id:int}/closures": "opportunity.closed",
    "/opportunities/{opportunity_id:int}/openings": "opportunity.reopened",
    "/opportunities/{opportunity_id:int}/shifts": "shift.made",
    "/places": "place.made",
    "/places/{place_id:int}": "place.changed",
    "/places/{place_id:int}/closures": "place.closed",
    "/places/{place_id:int}/openings": "place.reopened",
    "/programmes": "programme.made",
    "/programmes/{programme_id:int}": "programme.changed",
    "/programmes/{programme_id:int}/closures": "programme.closed",
    "/programmes/{programme_id:int}/openings": "programme.reopened",
    "/programmes/{programme_id:int}/opportunities": "opportunity.made",
    "/qualifications": "qualification.made",
    "/qualifications-held/{held_id:int}/removals": "qualification.taken_away",
    "/qualifications/{qualification_id:int}": "qualification.changed",
    "/closed-days": "closed_day.made",
    "/closed-days/{closed_day_id:int}/removals": "closed_day.removed",
    "/coverage/shifts/{shift_id:int}/asks": "shift.asked_for",
    "/series/{series_id:int}/returns": "series.date_put_back",
    "/shifts/copies": "shift.made",
    "/shifts/{shift_id:int}/moves": "shift.changed",
    "/volunteer/links": "",  # asking for a letter changes nothing
    "/shifts/{shift_id:int}": "shift.changed",
    "/shifts/{shift_id:int}/asks": "shift.asked_for",
    "/shifts/{shift_id:int}/cancellations": "shift.cancelled",
    "/shifts/{shift_id:int}/sign-ups": "signup.made",
    "/sign-ups/{signup_id:int}/approvals": "signup.approved",
    "/shifts/{shift_id:int}/presses": "signup.arrived",
    "/shifts/{shift_id:int}/walk-ins": "signup.made",
    "/sign-ups/{signup_id:int}/refusals": "signup.declined",
    "/sign-ups/{signup_id:int}/asks": "shift.asked_for",
    "/sign-ups/{signup_id:int}/replacements": "signup.handed_over",
    "/sign-ups/{signup_id:int}/waits": "signup.put_in_line",
    "/volunteer/asks/{token:str}": "signup.made",
    "/volunteer/asks/{token:str}/unsubscriptions": "volunteer.changed",
    "/volunteer/kiosk/{token:str}/presses": "signup.arrived",
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/presses": "signup.arrived",
    "/volunteer/kiosk/{token:str}/walk-ins": "signup.made",
    "/volunteer/kiosk/{token:str}/sessions": "",  # a tablet's cookie
    "/volunteer/mine/{token:str}/calendars": "volunteer.new_calendar",
    "/volunteer/mine/{token:str}/hours": "hours.proposed",
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/acceptances": "signup.taken",
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/answers": "signup.answered",
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/replacements": "shift.asked_for",
    "/volunteer/mine/{token:str}/sign-ups/{signup_id:int}/withdrawals": "signup.withdrawn",
    "/volunteer/mine/{token:str}/wishes": "volunteer.changed",
    "/volunteer/shifts/{shift_id:int}/sign-ups": "signup.made",
    "/volunteers/{constituent_id:int}": "volunteer.changed",
    "/volunteers/{constituent_id:int}/qualifications": "qualification.held",
    "/volunteers/{constituent_id:int}/signatures": "waiver.signed",
    "/waivers": "waiver.published",
    "/webhooks/stripe": "",  # what Stripe says is the inbox; the gift that comes of it is noted
}
# What no member of staff did: by what kind of actor, if there is one, the change is laid at whose door.
_BY_OTHERS = {"/password/{token:str}": "staff", "/volunteer/kiosk/{token:str}/presses": "system", "/volunteer/kiosk/{token:str}/walk-ins": "system"} | {
    path: "volunteer" for path in SAYS if path.startswith(("/volunteer/mine", "/volunteer/asks", "/volunteer/shifts"))
}  # fmt: skip


def test_every_route_that_writes_is_here(app):
    writing = {path for method, path in routes.routes_of(app) if method not in ("GET", "HEAD")}

    assert {path.replace("household_id", "constituent_id") for path in examples.FIELDS} == set(SAYS)
    assert writing - set(SAYS) == set()


@pytest.mark.reliability
async def test_every_write_is_noted_with_who_did_it(app, browser, stripe_side):
    member = await browser.sign_in(role="administrator")
    ids = await examples.world(me=member.id)
    await examples.open_the_tablet(browser, ids)
    there = {path for method, path in routes.routes_of(app) if method == "POST"}
    wrong = []
    for path in examples.FIELDS:
        says = SAYS[path.replace("household_id", "constituent_id")]
        if not says or path.replace("household_id", "constituent_id") not in there:
            continue
        async with undone():
            if path in examples.PREPARED:
                await examples.PREPARED[path](ids)
            last = await db.value("SELECT coalesce(max(id), 0) FROM changes")
            answer = await browser.post(
                routes.filled(path, ids), data=examples.fields(path, ids), files=await examples.uploads(path)
            )
            noted = await db.rows(
                "SELECT action, actor_kind, actor_id FROM changes WHERE id > $1 AND action = $2", last, says
            )
        by = {(row["actor_kind"], row["actor_id"]) for row in noted}
        whose = (
            {kind for kind, _id in by} == {_BY_OTHERS[path]}
            if path in _BY_OTHERS
            else by == {("staff", member.id)}
        )
        if answer.status_code >= 400 or not noted or not whose:
            wrong.append((path, answer.status_code, says, noted))

    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.reliability
async def test_a_refused_write_leaves_no_note(browser, stripe_side):
    """What is said of a change and the change are one transaction: neither without the other."""
    member = await browser.sign_in(role="administrator")
    ids = await examples.world(me=member.id)
    donor_gone = {**examples.fields("/gifts", ids), "donor": "999999"}
    before = await db.value("SELECT count(*) FROM changes")

    assert (await browser.submit("/gifts", **donor_gone)).status_code == 422
    assert (await browser.submit(f"/funds/{ids.fund_id}", name="Garden", version=99)).status_code == 409
    assert (
        await browser.submit(
            f"/gifts/{ids.gift_id}/refunds", amount="99999", reason="x", via="record", refunded_on=ids.today
        )
    ).status_code == 422
    assert await db.value("SELECT count(*) FROM changes") == before


@pytest.mark.reliability
@pytest.mark.parametrize(
    "table",
    ["journals", "postings", "receipts", "receipt_lines", "receipt_voids", "changes", "change_values", "gift_events", "check_ins",
     "waiver_signatures"],
)  # fmt: skip
async def test_the_app_cannot_edit_what_only_grows(table):
    there = await db.value("SELECT to_regclass($1) IS NOT NULL", table)
    if not there:
        pytest.skip(f"there is no {table}")
    allowed = await db.row(
        """
        SELECT has_table_privilege($1, 'DELETE') AS deletes, has_table_privilege($1, 'TRUNCATE') AS truncates,
               has_table_privilege($1, 'UPDATE') AS updates
        """,
        table,
    )

    assert allowed == {"deletes": False, "truncates": False, "updates": False}
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}", f"UPDATE {table} SET id = id"):
        async with undone():
            with pytest.raises(asyncpg.PostgresError):
                await db.row(statement)


async def test_the_app_cannot_change_tables_or_switch_rules_off():
    for statement in (
        "DROP TABLE gifts", "ALTER TABLE changes DISABLE TRIGGER ALL", "CREATE TABLE mine (id int)", "ALTER TABLE gifts ADD x int",
        "SET session_replication_role = replica", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP TRIGGER x ON gifts",
    ):  # fmt: skip
        async with undone():
            with pytest.raises(asyncpg.PostgresError):
                await db.row(statement)
