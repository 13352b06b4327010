"""What a donor sees and chooses before Stripe: amounts, limits, funds, the fee she may cover."""

from datetime import timedelta
from typing import Any

import msgspec

from donations import campaigns, intents, stripe_api
from giving.forms import GivingForm
from kit import config, days, db, money, security
from kit.errors import Refused
from kit.templates import url_for
from kit.words import _

# Stripe takes at least this and at most that (docs.stripe.com/currencies): said before the call, not after it.
_STRIPE_SMALLEST = {"USD": 50, "CAD": 50, "EUR": 50, "GBP": 30, "AUD": 50, "NZD": 50, "CHF": 50, "JPY": 50,
                    "DKK": 250, "NOK": 300, "SEK": 300, "PLN": 200, "MXN": 1000, "INR": 50, "ZAR": 50}  # fmt: skip
_STRIPE_LARGEST = 99_999_999
_SUGGESTED = (15, 25, 50, 100, 250)
_TRIES_PER_EMAIL, _TRIES_PER_PAGE = 6, 600
_WINDOW = timedelta(hours=1)


class NotGivable(Refused):
    """The amount or fund cannot be taken; `field` says where."""

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


class Page(msgspec.Struct, frozen=True):
    """One giving page: the general one, or a campaign's."""

    organisation: dict[str, Any]
    campaign: dict[str, Any] | None
    funds: list[dict[str, Any]]

    @property
    def currency(self) -> str:
        return self.organisation["currency"]

    @property
    def smallest(self) -> int:
        return max(self.organisation["smallest_gift"], _STRIPE_SMALLEST.get(self.currency, 100))

    @property
    def largest(self) -> int:
        return min(self.organisation["largest_gift"], _STRIPE_LARGEST)

    @property
    def suggested(self) -> list[int]:
        """Minor units within the limits; a hundred times as many where the smallest coin is the whole, as for yen."""
        unit = max(10 ** money.digits(self.currency), 100)
        return [value * unit for value in _SUGGESTED if self.smallest <= value * unit <= self.largest]

    def fee_of(self, amount: int) -> int:
        """What to add to `amount` so that after the usual card fee the amount is left."""
        points, fixed = self.organisation["fee_basis_points"], self.organisation["fee_fixed"]
        return money.gross_up(amount, points, fixed) - amount


async def page_for(organisation: dict[str, Any], slug: str | None) -> Page | None:
    """The page at /give or /give/<slug>; None for a campaign that is unknown, closed, not public or not now."""
    campaign = None
    if slug is not None:
        campaign = await campaigns.by_slug(slug)
        if campaign is None or not _is_running(campaign, organisation):
            return None
    funds = await db.rows(
        """
        SELECT id, name, is_general FROM funds
         WHERE closed_at IS NULL AND (public OR is_general OR id = $1) ORDER BY id = $1 DESC, is_general DESC, name
        """,
        campaign["fund"] if campaign else None,
    )
    return Page(organisation, campaign, funds)


def _is_running(campaign: dict[str, Any], organisation: dict[str, Any]) -> bool:
    today = days.today(organisation["zone"])
    return (
        campaign["public"]
        and campaign["closed_at"] is None
        and (campaign["starts_on"] is None or campaign["starts_on"] <= today)
        and (campaign["ends_on"] is None or today <= campaign["ends_on"])
    )


class Choice(msgspec.Struct, frozen=True):
    """What a form adds up to, in minor units."""

    amount: int
    fund: int
    cover_offered: int
    cover: int

    @property
    def total(self) -> int:
        return self.amount + self.cover


def chosen(page: Page, form: GivingForm) -> Choice:
    """The sums of a form. Raises NotGivable with the field that is wrong."""
    amount = (
        form.own_amount if form.amount in ("", "other") or form.own_amount else _suggested(page, form.amount)
    )
    if amount is None:
        raise NotGivable(_("Choose an amount, or type your own."), "own_amount")
    limits = (money.show(page.smallest, page.currency), money.show(page.largest, page.currency))
    if amount < page.smallest:
        raise NotGivable(_("The smallest gift here is {amount}.", amount=limits[0]), "own_amount")
    offered = page.fee_of(amount)
    cover = offered if form.cover_fee else 0
    if amount + cover > page.largest:
        raise NotGivable(
            _("The largest gift here is {amount} at once. For more, write to us.", amount=limits[1]),
            "own_amount",
        )
    funds = [fund["id"] for fund in page.funds]
    fund = funds[0] if form.fund is None and funds else form.fund
    if fund is None or fund not in funds:
        raise NotGivable(_("Choose what the gift is for from the list."), "fund")
    return Choice(amount, fund, offered, cover)


def _suggested(page: Page, typed: str) -> int | None:
    for amount in page.suggested:
        if typed == money.plain(amount, page.currency):
            return amount
    return None


async def begin(
    page: Page, form: GivingForm, choice: Choice, *, address: str, source_code: str = "", instead_of: str = ""
) -> str:
    """Keep the intent and say where to go: to Stripe's page, or to the thank-you page of a form paid already.

    `instead_of` is the token of an earlier try: its page at Stripe is closed, so that nobody pays on both.

    Raises TooMany past the limits against card testing, stripe_api.Unreachable, stripe_api.RefusedByStripe.
    """
    details = await _details(page, form, choice, source_code)
    intent = await intents.known(details)
    if intent is None:
        await _count_try(page, form, address)
        intent = await intents.open(details)
    if intents.is_over(intent):
        return url_for("thanks:show", token=intents.token_of(intent))
    target = await intents.begin_checkout(intent)
    if instead_of:
        await intents.leave(instead_of, but=intent["id"])
    return target


async def _count_try(page: Page, form: GivingForm, address: str) -> None:
    """A card tester tries many cards from few places. The same form sent twice is one try."""
    for bucket, key, limit in (
        ("give:address", security.neighbourhood(address), config.settings().giving_tries),
        ("give:email", form.email.casefold(), _TRIES_PER_EMAIL),
        ("give:page", page.campaign["slug"] if page.campaign else "", _TRIES_PER_PAGE),
    ):
        await security.count_attempt(bucket, key, limit=limit, window=_WINDOW)


async def _details(page: Page, form: GivingForm, choice: Choice, source_code: str) -> intents.IntentDetails:
    return intents.IntentDetails(
        form_key=form.form_key,
        amount=choice.amount,
        cover_offered=choice.cover_offered,
        cover=choice.cover,
        currency=page.currency,
        fund=choice.fund,
        given_name=form.first_name,
        family_name=form.last_name,
        email=form.email,
        campaign=page.campaign["id"] if page.campaign else None,
        appeal=await _appeal(page, source_code),
        address=_address(form),
        comment=form.comment,
        anonymous=form.anonymous,
    )


def _address(form: GivingForm) -> dict[str, str]:
    if not (form.street or form.city or form.postal_code):
        return {}
    names = ("street", "city", "region", "postal_code", "country")
    return {name: getattr(form, name) for name in names}


async def _appeal(page: Page, source_code: str) -> int | None:
    """The open appeal of a link like /give/spring?s=SPR26; anything else is no appeal, not an error."""
    if not source_code:
        return None
    return await db.value(
        """
        SELECT id FROM appeals
         WHERE source_code = $1 AND closed_at IS NULL AND ($2::int IS NULL OR campaign = $2)
        """,
        source_code[:40], page.campaign["id"] if page.campaign else None,
    )  # fmt: skip


def is_open() -> bool:
    return stripe_api.is_open()
