"""The demo's nonprofit: Riverbend Food Bank, its thirty constituents, two years of gifts, forty volunteers and their year.

All invented, and made through the domain's own verbs; money that came online really went through the pretend Stripe,
in its past, so that the reconciliation is right to the cent.
"""

import csv
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec

from constituents import constituents, memberships, notes, tasks
from constituents.constituents import Details
from constituents.contacts import AddressLine, EmailLine, PhoneLine
from demo import volunteering
from donations import appeals, campaigns, convergence, funds, gifts, intents, reconciliation
from donations.tables import GiftKind, GiftMethod
from kit import config, db, money
from kit.changes import Actor
from kit.days import frozen, today
from staff import members, organisation
from staff.tables import Role

_ANA = Actor("staff", None, "Ana Ruiz")
_ZONE = "America/Los_Angeles"
_MEMBERS = (
    ("Ana Ruiz", Role.ADMINISTRATOR),
    ("Felix Brandt", Role.FUNDRAISER),
    ("Gwen Adler", Role.GIFT_ENTRY),
    ("Fiona Mbeki", Role.FINANCE),
    ("Victor Sato", Role.VOLUNTEER_COORDINATOR),
    ("Audrey Lund", Role.AUDITOR),
)
_AMOUNTS = (1500, 2500, 2500, 4000, 5000, 5000, 7500, 10000, 15000, 25000)


class Made(msgspec.Struct):
    """What the parts of the demo refer to each other by."""

    people: dict[str, int]
    general: int
    kitchen: int
    winter: int
    autumn: int
    spring: int


async def make(*, password: str, say: Callable[[str], None] = print) -> dict[str, str]:
    """Make it all; returns role → e-mail of those who can sign in with `password`."""
    luck = random.Random(20261121)
    await _organisation()
    signing_in = await _staff(password)
    made = await _what_is_given_for(await _people())
    say("  People and funds are there; now two years of gifts.")
    await _typed_gifts(made, luck)
    await _online_gifts(made, luck)
    await volunteering.make(made.people, by=_ANA)
    await _words(made)
    await reconciliation.run(await reconciliation.begin(by=_ANA))
    return signing_in


async def _organisation() -> None:
    await organisation.found(
        name="Riverbend Food Bank",
        country="US",
        by=_ANA,
        legal_name="Riverbend Food Bank, Inc.",
        registration_number="93-1234567",
        street="12 Mill Street",
        city="Portland",
        region="OR",
        postal_code="97206",
        email="gifts@riverbend.example",
        phone="+15035550100",
        website="https://riverbend.example",
        signer_name="Ana Ruiz",
        signer_title="Director",
        zone=_ZONE,
        giving_heading="Put food on the table this winter",
        giving_text="$25 is about forty meals. Nine in ten dollars go to food.",
    )


async def _staff(password: str) -> dict[str, str]:
    signing_in = {}
    for name, role in _MEMBERS:
        email = f"{name.split()[0].lower()}@riverbend.example"
        await members.make_known(name=name, email=email, role=role, password=password)
        signing_in[role.value] = email
    return signing_in


async def _people() -> dict[str, int]:
    people: dict[str, int] = {}
    joins: list[tuple[str, str]] = []
    with (Path(__file__).parent / "people.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            details = _details(row)
            people[details.display_name()] = await constituents.create(details, by=_ANA)
            if row["household"]:
                joins.append((row["household"], details.display_name()))
    for household, person in joins:
        await memberships.begin(people[household], people[person], by=_ANA)
    return people


def _details(row: dict[str, str]) -> Details:
    return Details(
        kind=row["kind"],
        name=row["name"],
        given_name=row["given"],
        family_name=row["family"],
        emails=[EmailLine(row["email"])] if row["email"] else [],
        phones=[PhoneLine(row["phone"])] if row["phone"] else [],
        addresses=[
            AddressLine(
                street=row["street"],
                city=row["city"],
                region=row["region"],
                postal_code=row["postal"],
                country="CA" if row["region"] == "BC" else "US",
            )
        ],
        tags=[tag for tag in row["tags"].split("|") if tag],
    )


async def _what_is_given_for(people: dict[str, int]) -> Made:
    general = await funds.create(
        funds.FundDetails(name="General fund", account_code="4000", is_general=True, public=True), by=_ANA
    )
    kitchen = await funds.create(
        funds.FundDetails(name="New kitchen", account_code="4100", restricted=True, public=True), by=_ANA
    )
    year = today(_ZONE).year
    winter = await campaigns.create(
        campaigns.CampaignDetails(
            name=f"Winter {year}",
            slug="winter",
            goal=25_000_00,
            starts_on=date(year, 10, 1),
            heading="A warm meal for everyone",
            text="From October to February, twice as many people come. $25 is about forty meals.",
        ),
        by=_ANA,
    )
    building = await campaigns.create(
        campaigns.CampaignDetails(
            name="A kitchen of our own",
            slug="kitchen",
            goal=80_000_00,
            fund=kitchen,
            starts_on=date(year - 1, 3, 1),
        ),
        by=_ANA,
    )
    autumn = await appeals.create(
        winter,
        appeals.AppealDetails(name="Autumn letter", source_code="AUT", asked_on=date(year, 10, 3)),
        by=_ANA,
    )
    spring = await appeals.create(
        building,
        appeals.AppealDetails(name="Spring letter", source_code="SPR", asked_on=date(year, 4, 2)),
        by=_ANA,
    )
    return Made(people, general, kitchen, winter, autumn, spring)


async def _typed_gifts(made: Made, luck: random.Random) -> None:
    """Cheques, cash and transfers over two years; the last month's are receipted."""
    last = today(_ZONE)
    givers = [
        name for name in made.people if "household" not in name and name not in ("Ada Lind", "Robert Quill")
    ]
    for number in range(190):
        day = last - timedelta(days=int(730 * (number + luck.random()) / 190))
        await _cheque(made, luck, luck.choice(givers), day, luck.choice(_AMOUNTS), number)
    await _special_gifts(made, last)


async def _cheque(made: Made, luck: random.Random, giver: str, day: date, amount: int, number: int) -> None:
    method = luck.choices([GiftMethod.CHEQUE, GiftMethod.TRANSFER, GiftMethod.CASH], [7, 2, 1])[0]
    is_cheque = method is GiftMethod.CHEQUE
    to_kitchen = luck.random() < 0.2
    halves = money.split(amount, [2, 1])
    splits = (
        [(made.general, halves[0]), (made.kitchen, halves[1])] if to_kitchen else [(made.general, amount)]
    )
    in_winter = day >= date(today(_ZONE).year, 10, 1)
    recent = (today(_ZONE) - day).days < 30
    gift = await gifts.record(
        gifts.GiftDetails(
            donor=made.people[giver],
            amount=amount,
            currency="USD",
            given_on=day,
            received_on=day,
            deposited_on=day + timedelta(days=2) if is_cheque and not recent else None,
            method=method,
            splits=splits,
            campaign=made.winter if in_winter else None,
            appeal=made.autumn if in_winter and luck.random() < 0.5 else None,
            cheque_number=str(1000 + number) if is_cheque else "",
            cheque_date=day if is_cheque else None,
            receipt_wanted=recent,
        ),
        by=_ANA,
    )
    if luck.random() < 0.8:
        await gifts.thank(gift, by=_ANA)


async def _special_gifts(made: Made, last: date) -> None:
    """One of each kind that a clerk meets."""
    for donor, details in (
        ("Okonjo Foundation", {"amount": 20_000_00, "method": GiftMethod.TRANSFER, "splits": [(made.kitchen, 20_000_00)]}),
        ("Charlotte Abernathy", {"amount": 5_000_00, "kind": GiftKind.STOCK, "method": GiftMethod.OTHER,
                                 "in_kind_description": "60 shares of Cascade Timber (CTMB)"}),
        ("Rose City Bakery", {"amount": 420_00, "kind": GiftKind.IN_KIND, "method": GiftMethod.OTHER,
                              "in_kind_description": "140 loaves of bread, delivered on a Saturday"}),
        ("Fidelis Donor Advised Fund", {"amount": 2_500_00, "kind": GiftKind.DONOR_ADVISED, "method": GiftMethod.TRANSFER}),
        ("Hannah Quill", {"amount": 250_00, "method": GiftMethod.CHEQUE, "cheque_number": "207",
                          "benefit_description": "Two dinners at the harvest evening", "benefit_value": 90_00}),
    ):  # fmt: skip
        await gifts.record(
            gifts.GiftDetails(
                donor=made.people[donor],
                currency="USD",
                given_on=last - timedelta(days=12),
                received_on=last - timedelta(days=12),
                receipt_wanted=True,
                **details,  # type: ignore[arg-type]
            ),
            by=_ANA,
        )


async def _online_gifts(made: Made, luck: random.Random) -> None:
    """Gifts by card in the last year, each through the pretend Stripe at its time."""
    givers = [
        ("Margaret", "Okafor", "margaret.okafor@example.org"),
        ("Fatima", "Omar", "fatima.omar@example.org"),
        ("Noor", "Haddad", "noor.haddad@example.org"),
        ("Sean", "O’Malley", "sean.omalley@example.org"),
        ("Priya", "Raghunathan", "priya.r@example.org"),
    ]
    base = str(config.settings().stripe_api_base)
    async with httpx.AsyncClient(
        base_url=base, timeout=30, headers={"sec-fetch-site": "same-origin"}
    ) as control:
        await _control(control, "set", balance_delay=0.0, webhooks="dropped", merchant="Riverbend Food Bank")
        try:
            for number in range(12, 0, -1):
                day = today(_ZONE) - timedelta(days=3 * number + luck.randrange(3))
                at = datetime.combine(day, time(luck.randrange(15, 23), luck.randrange(60)), UTC)
                await _online_gift(made, control, luck.choice(givers), at, luck.choice(_AMOUNTS), number)
        finally:
            await _control(control, "set", balance_delay=2.0, webhooks="on", clock_offset=0.0)


async def _online_gift(
    made: Made, control: httpx.AsyncClient, who: tuple[str, str, str], at: datetime, amount: int, number: int
) -> None:
    ours = await organisation.needed()
    offered = money.gross_up(amount, ours["fee_basis_points"], ours["fee_fixed"]) - amount
    await _control(control, "clock", at=at.timestamp())
    with frozen(at):
        intent = await intents.open(
            intents.IntentDetails(
                form_key=f"demo {number}",
                amount=amount,
                cover_offered=offered,
                cover=offered if number % 3 == 0 else 0,
                currency="USD",
                fund=made.kitchen if number % 4 == 0 else made.general,
                given_name=who[0],
                family_name=who[1],
                email=who[2],
                campaign=made.winter,
            )
        )
        await intents.begin_checkout(intent)
        session = await db.value("SELECT stripe_session FROM giving_intents WHERE id = $1", intent["id"])
        await _control(control, "pay", session=session)
        await convergence.converge("session", session)


async def _control(control: httpx.AsyncClient, deed: str, **given: Any) -> None:
    (await control.post(f"/control/{deed}", json=given)).raise_for_status()


async def _words(made: Made) -> None:
    margaret = made.people["Margaret Okafor"]
    await notes.write(margaret, "Met at the market; wants to see the new kitchen in January.", by=_ANA)
    await tasks.open(
        "invite",
        "Invite Margaret Okafor to the kitchen opening",
        detail="She asked about it at the market.",
        constituent=margaret,
        route="constituents:show",
        route_id=margaret,
    )
