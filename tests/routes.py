"""Every route with an example: ids that exist, in a database that has one of everything."""

import csv
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from kit import db
from tests import make

_EXPECTED = Path(__file__).parent / "reliability" / "routes.csv"


class Route(NamedTuple):
    """A route as somebody wrote it down by hand, with the permission that it should ask for."""

    method: str
    path: str
    permission: str


def expected() -> list[Route]:
    """The hand-written list; never read from the handlers' own words."""
    with _EXPECTED.open(newline="") as file:
        return [Route(**row) for row in csv.DictReader(file)]


def routes_of(app) -> set[tuple[str, str]]:
    """(method, path) of every route that the application has."""
    found = set()
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if handler.http_methods != {"OPTIONS"}:
                found |= {(method, re.sub(r"\{/?", "{", route.path)) for method in handler.http_methods}
    return found


async def world() -> SimpleNamespace:
    """One of everything, and the id of each."""
    from constituents import duplicates, notes, proposals, tasks
    from donations import reconciliation
    from kit.changes import SYSTEM
    from tests.volunteers import everything

    await make.organisation()
    person, other = await make.person(email="margaret@example.org"), await make.person("Peter", "Lind")
    household = await make.household(members=[person])
    gift = await make.gift(donor=person, amount=5000)
    campaign = await make.campaign()
    appeal = await make.appeal(campaign=campaign.id)
    fund = await make.fund("Kitchen")
    await duplicates.suspect(person.id, other.id, "same name")
    await proposals.propose(
        person.id,
        "name",
        {"given_name": "Peg", "family_name": "Okafor"},
        source_kind="giving_intent",
        source_id=1,
    )
    note = await notes.write(person.id, "Met at the market.", by=make.STAFF)
    await tasks.open(
        "look", "Look at this", constituent=person.id, route="constituents:show", route_id=person.id
    )
    event = await make.insert(
        "stripe_events", event="evt_1", type="charge.updated", about_kind="payment", about_id="pi_1", api_version="x",
        livemode=False, payload="{}", outcome="done", error="", tries=1,
    )  # fmt: skip
    payment = await make.insert(
        "stripe_payments", payment_intent="pi_1", status="succeeded", amount=1000, currency="USD", amount_refunded=0,
        method="card", disputed=False,
    )  # fmt: skip
    mail = await make.insert(
        "mails", what="x:1", address="a@example.org", purpose="receipt", message_id="<1@x>", sender="", subject="Hello",
        body_text="Hello", attachments="[]", status="sent", attempts=1,
    )  # fmt: skip
    member = await make.member(role="auditor")
    volunteering = await everything.one_of_each(person.id, other.id)
    return SimpleNamespace(
        **volunteering,
        constituent_id=person.id,
        household_id=household.id,
        gift_id=gift.id,
        campaign_id=campaign.id,
        appeal_id=appeal.id,
        fund_id=fund.id,
        note_id=note,
        duplicate_id=await db.value("SELECT max(id) FROM duplicate_candidates"),
        proposal_id=await db.value("SELECT max(id) FROM proposals"),
        task_id=await db.value("SELECT max(id) FROM tasks"),
        membership_id=await db.value("SELECT max(id) FROM memberships"),
        event_id=event.id,
        payment_id=payment.id,
        mail_id=mail.id,
        member_id=member.id,
        session_id=0,
        job_id=0,
        receipt_id=0,
        run_id=0,
        reconciliation_id=await reconciliation.begin(by=SYSTEM),
        slug=campaign.slug,
        name="list",
        token="never-was-one",
        file_path="css/base.css",
    )


async def sign_in_as(browser: Any, role: str, ids: SimpleNamespace) -> Any:
    """A new member of this role is signed in; a volunteer coordinator coordinates this world's programme."""
    from tests.volunteers import everything

    member = await browser.sign_in(await make.member(role=role))
    if role == "volunteer_coordinator":
        await everything.coordinates(member, ids.programme_id)
    return member


def filled(path: str, ids: SimpleNamespace) -> str:
    """The path with this world's ids in its places; tokens and addresses are those of its own kind."""
    own = next((own for begins, own in ids.within.items() if path.startswith(begins)), {})
    found = {**vars(ids), **own}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda place: str(found[place[1]]), path)
