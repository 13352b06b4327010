"""Snapshots: everything a receipt will print, read once from gift, donor and organisation.

The refusals stand here, too, because only who writes the words can say which are missing.
"""

from datetime import date
from typing import Any

from constituents import places
from kit import db, pdf, templates
from kit.errors import NotFound, Refused
from kit.words import _
from receipts import letter, wording
from staff.organisation import missing_for_receipts

_LOCALES = {"US": "en_US"}
_SETTLED = ("settled", "partly_refunded")


class NotReceiptable(Refused):
    """This gift gets no receipt, or not yet; the text says why and what to do."""


async def gift_for_receipt(gift_id: int) -> dict[str, Any]:
    """The gift, locked, with its donor and what it is for. Belongs inside tx(). Raises NotFound."""
    gift = await db.row(
        """
        SELECT g.id, g.organisation, g.donor, g.kind, g.method, g.source, g.amount, g.refunded_amount, g.currency,
               g.amount - g.refunded_amount AS kept, g.fee_cover, g.status, g.given_on, g.cheque_number,
               g.in_kind_description, g.benefit_description, g.benefit_value, g.receipt_wanted, g.receipted_at,
               c.name AS donor_name, c.kind AS donor_kind, c.greeting, c.language
          FROM gifts g JOIN constituents c ON c.id = g.donor
         WHERE g.id = $1 FOR NO KEY UPDATE OF g
        """,
        gift_id,
    )
    if gift is None:
        raise NotFound(f"There is no gift {gift_id}.")
    return gift


def refuse_unless_receiptable(gift: dict[str, Any], organisation: dict[str, Any]) -> None:
    """Raise NotReceiptable for a gift that gets no receipt, or not yet."""
    if missing := missing_for_receipts(organisation):
        raise NotReceiptable(
            _(
                "The organisation lacks what a receipt must say: {missing}. Fill it in under Organisation.",
                missing=", ".join(missing),
            )
        )
    if gift["source"] == "import":
        raise NotReceiptable(
            _("This gift was imported as history. The system it came from receipted it or did not.")
        )
    if gift["status"] == "disputed":
        raise NotReceiptable(_("The donor's bank disputes this gift. Wait for the outcome."))
    if gift["status"] not in _SETTLED:
        raise NotReceiptable(_("Only a settled gift gets a receipt."))
    if gift["kind"] not in ("in_kind", "stock", "vehicle") and gift["kept"] <= 0:
        raise NotReceiptable(_("Nothing of this gift is left to be receipted."))


async def of_gift(
    gift: dict[str, Any], organisation: dict[str, Any], *, today: date
) -> tuple[letter.Snapshot, wording.Statement]:
    """What to print, without a number yet, and the rule it follows.

    Raises NotReceiptable when nothing is deductible or a name cannot be set in our fonts, wording.NoRule when the
    country's rules have no words for this gift.
    """
    country = organisation["country"]
    locale = _LOCALES.get(country, "en_US")
    statement = wording.statement(country, _given(gift), locale)
    if statement.rule == "part_payment" and not statement.deductible:
        raise NotReceiptable(
            _("What the donor received is worth as much as the gift, so nothing of it is deductible.")
        )
    head = _letterhead(organisation)
    valued = statement.deductible is not None or gift["kind"] == "donor_advised"
    amount = gift["kept"] if valued else None
    snapshot = letter.Snapshot(
        label="",
        title=_("Thank you")
        if gift["kind"] == "donor_advised"
        else wording.rule_for(country, "receipt_title", today).value,
        issued_on=today,
        country=country,
        locale=locale,
        currency=gift["currency"],
        head=head,
        addressee=(gift["donor_name"], *await _address_of(gift, country)),
        greeting=_greeting(gift),
        thanks=_thanks(gift, head.name),
        amount=amount,
        lines=(await _line(gift, amount, statement),),
        sentences=statement.sentences,
    )
    _refuse_missing_signs(snapshot)
    return snapshot, statement


async def addressee_of(gift: dict[str, Any]) -> str:
    """Where the receipt is mailed: what an online donor typed with this gift, else the preferred e-mail, else nowhere."""
    return (
        await db.value(
            """
            SELECT address FROM (
                SELECT 0 AS rank, email AS address, 0 AS id FROM giving_intents WHERE gift = $1
                UNION ALL
                SELECT CASE WHEN preferred THEN 1 ELSE 2 END, address, id FROM emails WHERE constituent = $2) found
             WHERE address <> '' ORDER BY rank, id LIMIT 1
            """,
            gift["id"],
            gift["donor"],
        )
        or ""
    )


def _given(gift: dict[str, Any]) -> wording.Given:
    return wording.Given(
        kind=gift["kind"],
        amount=gift["kept"],
        currency=gift["currency"],
        on=gift["given_on"],
        description=gift["in_kind_description"],
        benefit=gift["benefit_description"],
        benefit_value=gift["benefit_value"],
        fee_cover=gift["fee_cover"] if gift["refunded_amount"] == 0 else 0,
    )


def _letterhead(organisation: dict[str, Any]) -> letter.Letterhead:
    country = organisation["country"]
    label = wording.rule_for(country, "registration_label", date.max).value
    return letter.Letterhead(
        name=organisation["legal_name"] or organisation["name"],
        address=tuple(places.lines(organisation, country)),
        contact=tuple(filter(None, (templates.phone(organisation["phone"]), organisation["email"]))),
        registration=f"{label} {organisation['registration_number']}",
        website=_website(organisation["website"]),
        logo=organisation["logo"],
        accent=organisation["accent"],
        signer_name=organisation["signer_name"],
        signer_title=organisation["signer_title"],
    )


def _website(address: str) -> str:
    if address and "://" not in address:
        return f"https://{address}"
    return address


async def _address_of(gift: dict[str, Any], home: str) -> list[str]:
    """The preferred address. A seasonal one is the donor's word for a part of the year and stays out of a receipt."""
    address = await db.row(
        "SELECT * FROM addresses WHERE constituent = $1 AND season_from_month IS NULL ORDER BY preferred DESC, id LIMIT 1",
        gift["donor"],
    )
    return places.lines({**address, "country": address["country"] or home}, home) if address else []


def _greeting(gift: dict[str, Any]) -> str:
    greeting = gift["greeting"].strip().rstrip(",") or gift["donor_name"]
    begins = greeting if greeting.casefold().startswith("dear ") else _("Dear {name}", name=greeting)
    return f"{begins},"


def _thanks(gift: dict[str, Any], organisation: str) -> str:
    organisation = organisation.rstrip(".")  # "Inc." and the end of the sentence share their point
    if gift["kind"] == "donor_advised":
        return _("Thank you for your support of {organisation}.", organisation=organisation)
    return _("Thank you for your gift to {organisation}.", organisation=organisation)


async def _line(gift: dict[str, Any], amount: int | None, statement: wording.Statement) -> letter.Line:
    shares = () if _is_described(gift) else await _shares(gift)
    return letter.Line(
        on=gift["given_on"],
        description=_description(gift, shares),
        detail=_detail(gift),
        amount=amount,
        benefit=gift["benefit_value"] if statement.rule == "part_payment" else None,
        deductible=statement.deductible,
        shares=shares if len(shares) > 1 else (),
    )


def _is_described(gift: dict[str, Any]) -> bool:
    return gift["kind"] in ("in_kind", "stock", "vehicle") and bool(gift["in_kind_description"])


async def _shares(gift: dict[str, Any]) -> tuple[letter.Share, ...]:
    """What each fund gets, largest first. After a refund nobody can say which fund's part was given back."""
    named = gift["refunded_amount"] == 0 and gift["kind"] not in ("in_kind", "stock", "vehicle")
    funds = await db.rows(
        "SELECT f.name, s.amount FROM gift_splits s JOIN funds f ON f.id = s.fund WHERE s.gift = $1"
        " ORDER BY s.amount DESC, s.id",
        gift["id"],
    )
    return tuple(letter.Share(of=fund["name"], amount=fund["amount"] if named else None) for fund in funds)


def _description(gift: dict[str, Any], shares: tuple[letter.Share, ...]) -> str:
    """What was given: goods by their words, money by its fund, or by how many funds stand below."""
    if _is_described(gift):
        return gift["in_kind_description"]
    words = {
        "stock": _("Gift of shares: {funds}"),
        "vehicle": _("Gift of a vehicle: {funds}"),
        "match": _("Matching gift: {funds}"),
        "bequest": _("Bequest: {funds}"),
        "donor_advised": _("Grant from a donor-advised fund: {funds}"),
    }.get(gift["kind"], _("Gift: {funds}"))
    funds = shares[0].of if len(shares) == 1 else _("{count} funds", count=len(shares))
    return words.format(funds=funds)


def _detail(gift: dict[str, Any]) -> str:
    if gift["kind"] in ("in_kind", "stock", "vehicle"):
        return ""
    by = {
        "card": _("by card"),
        "bank_debit": _("by bank debit"),
        "cheque": _("by check {number}", number=gift["cheque_number"]).strip(),
        "cash": _("in cash"),
        "transfer": _("by bank transfer"),
    }.get(gift["method"], "")
    after = _("what is left after a refund") if gift["refunded_amount"] else ""
    return ", ".join(filter(None, (by, after)))


def _refuse_missing_signs(snapshot: letter.Snapshot) -> None:
    """Before a number is taken: a letter that cannot be set must not use one up."""
    if missing := pdf.missing(letter.to_json(snapshot)):
        raise NotReceiptable(
            _(
                "The fonts for receipts have no sign for {signs}. Write the name in Latin, Greek or Cyrillic letters, then"
                " issue the receipt.",
                signs=", ".join(f"{sign} (U+{ord(sign):04X})" for sign in missing[:10]),
            )
        )
