"""Amending what an earlier import brought and the export now says otherwise: one changed row, one changed record.

Money goes through the verbs of gifts, so a corrected amount is a reversal and a new journal. What the export leaves
empty is not emptied here, and e-mails and phones are added rather than taken away: staff may have typed them.
"""

from datetime import date, datetime
from typing import Any

import msgspec

from constituents import contacts
from donations import gifts
from donations.tables import GiftKind, GiftMethod
from imports.plan import Address, Campaign, Constituent, Fund, Gift, Key, Pledge, Relationship
from imports.write_people import name_normal
from kit import changes, db
from kit.changes import Actor
from kit.errors import Refused
from kit.words import _


class NotAmended(Refused):
    """This record cannot follow the export; the text says why."""


class Amending(msgspec.Struct):
    """What every amendment needs at hand: who acts, when, and our ids of the plan's keys."""

    by: Actor
    now: datetime
    today: date
    general: int
    ids: dict[tuple[str, Key], int]
    moves_people: bool = True
    """Whether the export knows who lives with whom."""

    def of(self, key: Key | None, name: str = "constituent") -> int | None:
        return self.ids[name, key] if key else None


_TEXTS = (
    "name",
    "sort_key",
    "prefix",
    "given_name",
    "middle_name",
    "family_name",
    "suffix",
    "job_title",
    "greeting",
    "website",
)


async def constituent(one: Constituent, ours: int, at: Amending) -> bool:
    """Whether anything was different."""
    row = await _row("SELECT * FROM constituents WHERE id = $1 FOR UPDATE", ours)
    if row["kind"] != one.kind:
        raise NotAmended(
            _(
                "“{name}” is a {was} here and a {now} in the export.",
                name=one.name,
                was=row["kind"],
                now=one.kind,
            )
        )
    new = {name: getattr(one, name) or row[name] for name in _TEXTS}
    new["deceased"] = row["deceased"] or one.deceased
    before = {name: row[name] for name in new if row[name] != new[name]}
    after = {name: new[name] for name in before}
    if before:
        await db.row(
            """
            UPDATE constituents SET name = $2, sort_key = $3, prefix = $4, given_name = $5, middle_name = $6, family_name = $7,
                   suffix = $8, job_title = $9, greeting = $10, website = $11, deceased = $12, updated_at = $13, version = version + 1
             WHERE id = $1
            """,
            ours, *new.values(), at.now,
        )  # fmt: skip
    before.pop("sort_key", None)
    after.pop("sort_key", None)
    if added := await add_emails(one, ours):
        after["emails"] = added
    if added := await add_phones(one, ours):
        after["phones"] = added
    if at.moves_people and one.kind == "person" and (moved := await _household(one, ours, at)):
        before["household"], after["household"] = moved
    if one.note and not await db.value(
        "SELECT 1 FROM notes WHERE constituent = $1 AND text = $2", ours, one.note
    ):
        await db.row(
            "INSERT INTO notes (constituent, text, written_by, created_at) VALUES ($1, $2, $3, $4)",
            ours, one.note, at.by.label, at.now,
        )  # fmt: skip
        after["note"] = one.note
    if before or after:
        await changes.note(
            "constituent.edited", "constituent", ours, by=at.by, before=before, after=after, subject=ours
        )
    return bool(before or after)


async def add_emails(one: Constituent, ours: int) -> list[str]:
    added = []
    for line in one.emails:
        new = await db.value(
            """
            INSERT INTO emails (constituent, address, normal, kind, preferred) VALUES ($1, $2, $3, $4, false)
            ON CONFLICT (constituent, normal) DO NOTHING RETURNING id
            """,
            ours, line.address, line.normal, line.kind,
        )  # fmt: skip
        if new is not None:
            added.append(line.address)
            if line.preferred:
                await db.row("UPDATE emails SET preferred = false WHERE constituent = $1 AND preferred", ours)
                await db.row("UPDATE emails SET preferred = true WHERE id = $1", new)
    return added


async def add_phones(one: Constituent, ours: int) -> list[str]:
    added = []
    for line in one.phones:
        new = await db.value(
            """
            INSERT INTO phones (constituent, number, extension, is_valid, kind, preferred) VALUES ($1, $2, $3, $4, $5, false)
            ON CONFLICT (constituent, number, extension) DO NOTHING RETURNING id
            """,
            ours, line.number, line.extension, line.is_valid, line.kind,
        )  # fmt: skip
        if new is not None:
            added.append(line.number)
            if line.preferred:
                await db.row("UPDATE phones SET preferred = false WHERE constituent = $1 AND preferred", ours)
                await db.row("UPDATE phones SET preferred = true WHERE id = $1", new)
    return added


async def _household(one: Constituent, ours: int, at: Amending) -> tuple[int | None, int | None] | None:
    """From today: what was given before stays with the household that the person was in."""
    wanted = at.of(one.household)
    stands = await db.row(
        "SELECT * FROM memberships WHERE person = $1 AND until_day IS NULL FOR UPDATE", ours
    )
    was = stands["household"] if stands else None
    if was == wanted:
        return None
    if stands:
        if stands["from_day"] is not None and stands["from_day"] >= at.today:
            await db.row("DELETE FROM memberships WHERE id = $1", stands["id"])
        else:
            await db.row("UPDATE memberships SET until_day = $2 WHERE id = $1", stands["id"], at.today)
    if wanted:
        await db.row(
            "INSERT INTO memberships (household, person, role, from_day) VALUES ($1, $2, '', $3)",
            wanted, ours, at.today if stands else None,
        )  # fmt: skip
    return was, wanted


async def address(one: Address, ours: int, at: Amending) -> None:
    row = await db.row("SELECT * FROM addresses WHERE id = $1 FOR UPDATE", ours)
    if row is None:
        raise NotAmended(_("The address “{street}” was deleted here.", street=one.street))
    of = at.of(one.of)
    assert of is not None
    season = one.season or (None, None, None, None)
    where = (one.street, one.city, one.region, one.postal_code, one.country, one.kind, *season)
    names = ("street", "city", "region", "postal_code", "country", "kind",
             "season_from_month", "season_from_day", "season_until_month", "season_until_day")  # fmt: skip
    if tuple(row[name] for name in names) == where and row["constituent"] == of:
        return
    await db.row(
        """
        UPDATE addresses SET constituent = $2, preferred = preferred AND constituent = $2 AND $9::smallint IS NULL,
               street = $3, city = $4, region = $5, postal_code = $6, country = $7, kind = $8,
               season_from_month = $9, season_from_day = $10, season_until_month = $11, season_until_day = $12
         WHERE id = $1
        """,
        ours, of, *where,
    )  # fmt: skip
    for constituent_id in {of, row["constituent"]}:
        await contacts.refresh_place(constituent_id)
    await changes.note(
        "constituent.edited", "constituent", of, by=at.by, subject=of,
        before={"address": _one_line(row)}, after={"address": _one_line(dict(zip(names, where, strict=True)))},
    )  # fmt: skip


def _one_line(row: dict[str, Any]) -> str:
    return ", ".join(
        row[name] for name in ("street", "city", "region", "postal_code", "country") if row[name]
    )


async def relationship(one: Relationship, ours: int, at: Amending) -> None:
    row = await db.row("SELECT * FROM relationships WHERE id = $1 FOR UPDATE", ours)
    if row is None:
        raise NotAmended(_("A relationship of this kind was deleted here, or said by another row."))
    of, other = at.of(one.of), at.of(one.other)
    assert of is not None
    now = {"constituent": of, "other": other, "kind": one.kind, "former": one.former}
    if all(row[name] == value for name, value in now.items()):
        return
    if await db.value(
        "SELECT 1 FROM relationships WHERE constituent = $1 AND other = $2 AND kind = $3 AND id <> $4",
        of,
        other,
        one.kind,
        ours,
    ):
        raise NotAmended(_("The same relationship is there already."))
    await db.row(
        "UPDATE relationships SET constituent = $2, other = $3, kind = $4, former = $5 WHERE id = $1",
        ours,
        *now.values(),
    )
    before = {"relationship": row["kind"], "with": row["other"], "former": row["former"]}
    after = {"relationship": one.kind, "with": other, "former": one.former}
    await changes.note(
        "constituent.edited", "constituent", of, by=at.by, subject=of, before=before, after=after
    )


async def fund(one: Fund, ours: int, at: Amending) -> None:
    row = await _row("SELECT * FROM funds WHERE id = $1 FOR UPDATE", ours)
    if await db.value("SELECT 1 FROM funds WHERE name_normal = $1 AND id <> $2", name_normal(one.name), ours):
        raise NotAmended(_("Another fund is called “{name}” already.", name=one.name))
    closed = (
        row["closed_at"]
        if not one.open and row["closed_at"]
        else None
        if one.open or row["is_general"]
        else at.now
    )
    now = {"name": one.name, "description": one.description or row["description"], "closed_at": closed}
    if all(row[name] == value for name, value in now.items()):
        return
    await db.row(
        "UPDATE funds SET name = $2, description = $3, closed_at = $4, name_normal = $5, version = version + 1 WHERE id = $1",
        ours, *now.values(), name_normal(one.name),
    )  # fmt: skip
    await changes.note(
        "fund.changed", "fund", ours, by=at.by, before={name: row[name] for name in now}, after=now
    )


async def campaign(one: Campaign, ours: int, at: Amending) -> None:
    row = await _row("SELECT * FROM campaigns WHERE id = $1 FOR UPDATE", ours)
    closed = (row["closed_at"] or at.now) if not one.open else None
    now = {"name": one.name, "text": one.text or row["text"], "starts_on": one.starts_on or row["starts_on"],
           "ends_on": one.ends_on or row["ends_on"], "closed_at": closed}  # fmt: skip
    if all(row[name] == value for name, value in now.items()):
        return
    await db.row(
        """
        UPDATE campaigns SET name = $2, text = $3, starts_on = $4, ends_on = $5, closed_at = $6, version = version + 1 WHERE id = $1
        """,
        ours, *now.values(),
    )  # fmt: skip
    await changes.note(
        "campaign.changed", "campaign", ours, by=at.by, before={name: row[name] for name in now}, after=now
    )


async def gift(one: Gift, ours: int, at: Amending) -> None:
    row = await _row("SELECT * FROM gifts WHERE id = $1 FOR UPDATE", ours)
    if row["status"] == "voided":
        raise NotAmended(_("Gift {id} was voided here. Enter it anew if the export is right.", id=ours))
    donor = at.of(one.donor)
    assert donor is not None
    if row["donor"] != donor:
        await gifts.move(ours, donor, by=at.by, confirmed=True)
    new: dict[str, Any] = {
        "amount": one.amount, "currency": one.currency, "given_on": one.given_on, "splits": _splits(one, at),
        "kind": GiftKind(one.kind), "method": GiftMethod(one.method) if one.method != "other" else GiftMethod(row["method"]),
    }  # fmt: skip
    new |= {
        name: getattr(one, name)
        for name in ("cheque_number", "in_kind_description", "note")
        if getattr(one, name)
    }
    campaign_id = at.of(one.campaign, "campaign")
    # A campaign that has closed since keeps what it has; one of the export is history, closed or not.
    if campaign_id and campaign_id != row["campaign"]:
        new["campaign"] = campaign_id
        new["appeal"] = None
    version = await db.value("SELECT version FROM gifts WHERE id = $1", ours)
    await gifts.correct(ours, new, version=version, by=at.by, reason=_("The export says so."), confirmed=True)
    await _soft_credits(one, ours, at)


def _splits(one: Gift, at: Amending) -> list[tuple[int, int]]:
    parts: dict[int, int] = {}
    for split in one.splits:
        fund_id = at.of(split.fund, "fund") or at.general
        parts[fund_id] = parts.get(fund_id, 0) + split.amount
    return list(parts.items())


async def _soft_credits(one: Gift, ours: int, at: Amending) -> None:
    stand = {
        (row["constituent"], row["role"]): row["amount"]
        for row in await db.rows("SELECT constituent, role, amount FROM soft_credits WHERE gift = $1", ours)
    }
    wanted = {(at.ids["constituent", credit.to], credit.role): credit.amount for credit in one.soft_credits}
    if stand == wanted:
        return
    await db.row(
        "DELETE FROM timeline_entries WHERE kind = 'soft_credit' AND source_id IN (SELECT id FROM soft_credits WHERE gift = $1)",
        ours,
    )
    await db.row("DELETE FROM soft_credits WHERE gift = $1", ours)
    for (constituent_id, role), amount in wanted.items():
        await db.row(
            "INSERT INTO soft_credits (gift, constituent, amount, role) VALUES ($1, $2, $3, $4)",
            ours,
            constituent_id,
            amount,
            role,
        )
    await db.row(_CREDIT_LINES, ours, at.now)
    await changes.note(
        "gift.soft_credits_corrected", "gift", ours, by=at.by,
        before={"soft_credits": [[*who, amount] for who, amount in stand.items()]},
        after={"soft_credits": [[*who, amount] for who, amount in wanted.items()]},
    )  # fmt: skip


_CREDIT_LINES = """
INSERT INTO timeline_entries (constituent, kind, source_id, happened_on, at, title, detail, status, amount, currency,
                              route, route_id, permission)
SELECT c.constituent, 'soft_credit', c.id, g.given_on, $2, c.role, d.name, '', c.amount, g.currency, 'gifts:show', g.id, 'gifts.read'
  FROM soft_credits c JOIN gifts g ON g.id = c.gift JOIN constituents d ON d.id = g.donor WHERE g.id = $1
"""


async def pledge(one: Pledge, ours: int, at: Amending) -> None:
    row = await _row("SELECT * FROM pledges WHERE id = $1 FOR UPDATE", ours)
    now = {
        "donor": at.of(one.donor), "amount": one.amount, "currency": one.currency, "paid_amount": one.paid_amount,
        "due_on": one.due_on, "status": "kept" if one.paid_amount >= one.amount else "open",
        "campaign": at.of(one.campaign, "campaign"), "fund": at.of(one.fund, "fund"), "note": one.note,
    }  # fmt: skip
    await db.row(
        """
        UPDATE pledges SET donor = $2, amount = $3, currency = $4, paid_amount = $5, due_on = $6, status = $7, campaign = $8,
               fund = $9, note = $10 WHERE id = $1
        """,
        ours, *now.values(),
    )  # fmt: skip
    await db.row("DELETE FROM pledge_instalments WHERE pledge = $1", ours)
    for part in one.instalments:
        await db.row(
            "INSERT INTO pledge_instalments (pledge, due_on, amount, gift) VALUES ($1, $2, $3, $4)",
            ours, part.due_on, part.amount, at.of(part.gift, "gift"),
        )  # fmt: skip
    await db.row(
        """
        UPDATE timeline_entries SET constituent = $2, happened_on = coalesce($3, happened_on), amount = $4, currency = $5, status = $6
         WHERE kind = 'pledge' AND source_id = $1
        """,
        ours, now["donor"], one.due_on, one.amount, one.currency, now["status"],
    )  # fmt: skip
    await changes.note(
        "pledge.changed", "pledge", ours, by=at.by, subject=at.of(one.donor),
        before={name: row[name] for name in now}, after=now,
    )  # fmt: skip


async def _row(sql: str, ours: int) -> dict[str, Any]:
    row = await db.row(sql, ours)
    if row is None:
        raise NotAmended(_("It is no longer here."))
    return row
