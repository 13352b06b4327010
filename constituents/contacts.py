"""E-mails, phones and addresses: kept as a set per constituent, one of each preferred."""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
import phonenumbers

from constituents import places
from kit import db
from kit.forms import email_normal

Line = TypeVar("Line", bound="EmailLine | PhoneLine | AddressLine")
# Columns of an address that say where it is; two addresses with the same are one.
WHERE = ("street", "city", "region", "postal_code", "country")


class EmailLine(msgspec.Struct, frozen=True):
    address: str
    kind: str = "home"
    preferred: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        return (email_normal(self.address),)


class PhoneLine(msgspec.Struct, frozen=True):
    """`number` is E.164 where it is a number; `;ext=` behind it is an extension."""

    number: str
    kind: str = "home"
    preferred: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        number, _sign, extension = self.number.partition(";ext=")
        return (number, extension)


class AddressLine(msgspec.Struct, frozen=True):
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    kind: str = "home"
    preferred: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        return (self.street, self.city, self.region, self.postal_code, self.country)

    @property
    def says_something(self) -> bool:
        """A country alone is what a form fills in by itself."""
        return any((self.street, self.city, self.region, self.postal_code))


def one_preferred(lines: Sequence[Line]) -> list[Line]:
    """The lines, each once, exactly one of them preferred: the first that says so, else the first."""
    once: dict[tuple[str, ...], Line] = {}
    for line in lines:
        once.setdefault(line.key, line)
    kept = list(once.values())
    chosen = next((place for place, line in enumerate(kept) if line.preferred), 0)
    return [msgspec.structs.replace(line, preferred=place == chosen) for place, line in enumerate(kept)]


# E-mails, phones and addresses of the constituent `c` as columns of a question about it, the preferred ones first.
AS_COLUMNS = """
    (SELECT json_agg(e ORDER BY e.preferred DESC, e.id) FROM emails e WHERE e.constituent = c.id) AS emails,
    (SELECT json_agg(p ORDER BY p.preferred DESC, p.id) FROM phones p WHERE p.constituent = c.id) AS phones,
    (SELECT json_agg(a ORDER BY a.preferred DESC, a.season_from_month IS NOT NULL, a.id)
       FROM addresses a WHERE a.constituent = c.id) AS addresses
    """


async def of(constituent: int) -> dict[str, list[dict[str, Any]]]:
    """`emails`, `phones` and `addresses` of a constituent, the preferred ones first."""
    row = await db.row(f"SELECT {AS_COLUMNS} FROM (SELECT $1::integer AS id) c", constituent)  # noqa: S608  a constant
    return taken_from(row or {})


def taken_from(row: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Take AS_COLUMNS out of a row and read them."""
    return {
        name: msgspec.json.decode(row.pop(name, None) or "[]") for name in ("emails", "phones", "addresses")
    }


async def emails_of(constituent: int) -> list[EmailLine]:
    """The e-mails as lines that `set_emails` takes."""
    return [
        EmailLine(row["address"], row["kind"], row["preferred"]) for row in (await of(constituent))["emails"]
    ]


async def phones_of(constituent: int) -> list[PhoneLine]:
    """The phones as lines that `set_phones` takes."""
    return [
        PhoneLine(with_extension(row["number"], row["extension"]), row["kind"], row["preferred"])
        for row in (await of(constituent))["phones"]
    ]


async def addresses_of(constituent: int) -> list[AddressLine]:
    """The addresses as lines that `set_addresses` takes, without the seasonal ones."""
    return [
        AddressLine(**{name: row[name] for name in WHERE}, kind=row["kind"], preferred=row["preferred"])
        for row in (await of(constituent))["addresses"]
        if row["season_from_month"] is None
    ]


def with_extension(number: str, extension: str) -> str:
    return f"{number};ext={extension}" if extension else number


async def set_emails(constituent: int, lines: Sequence[EmailLine]) -> None:
    """These are the constituent's e-mails from now on."""
    lines = one_preferred(lines)
    await db.row(
        "DELETE FROM emails WHERE constituent = $1 AND normal <> ALL ($2)",
        constituent,
        [line.key[0] for line in lines],
    )
    await _nothing_preferred("emails", constituent)
    for line in lines:
        await db.row(
            """
            INSERT INTO emails (constituent, address, normal, kind, preferred) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (constituent, normal)
            DO UPDATE SET address = excluded.address, kind = excluded.kind, preferred = excluded.preferred
            """,
            constituent,
            line.address,
            line.key[0],
            line.kind,
            line.preferred,
        )


async def set_phones(constituent: int, lines: Sequence[PhoneLine]) -> None:
    """These are the constituent's phones from now on."""
    lines = one_preferred(lines)
    await db.row(
        "DELETE FROM phones WHERE constituent = $1 AND (number || ';ext=' || extension) <> ALL ($2)",
        constituent,
        [";ext=".join(line.key) for line in lines],
    )
    await _nothing_preferred("phones", constituent)
    for line in lines:
        number, extension = line.key
        await db.row(
            """
            INSERT INTO phones (constituent, number, extension, is_valid, kind, preferred)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (constituent, number, extension)
            DO UPDATE SET kind = excluded.kind, preferred = excluded.preferred
            """,
            constituent,
            number,
            extension,
            is_a_number(number),
            line.kind,
            line.preferred,
        )


async def set_addresses(constituent: int, lines: Sequence[AddressLine]) -> None:
    """These are the constituent's addresses from now on; seasonal ones stay as they are."""
    wanted = one_preferred([line for line in lines if line.says_something])
    stored = await db.rows(
        "SELECT * FROM addresses WHERE constituent = $1 AND season_from_month IS NULL", constituent
    )
    ids = {tuple(row[name] for name in WHERE): row["id"] for row in stored}
    keep = [ids[line.key] for line in wanted if line.key in ids]
    await db.row(
        "DELETE FROM addresses WHERE constituent = $1 AND season_from_month IS NULL AND id <> ALL ($2)",
        constituent,
        keep,
    )
    await _nothing_preferred("addresses", constituent)
    for line in wanted:
        if line.key in ids:
            await db.row(
                "UPDATE addresses SET kind = $2, preferred = $3 WHERE id = $1",
                ids[line.key],
                line.kind,
                line.preferred,
            )
        else:
            await db.row(
                """
                INSERT INTO addresses (constituent, street, city, region, postal_code, country, kind, preferred)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                """,
                constituent,
                *line.key,
                line.kind,
                line.preferred,
            )
    await refresh_place(constituent)


async def refresh_place(constituent: int) -> None:
    """Bring the place that lists show in step with the preferred address."""
    row = await db.row(
        "SELECT city, region, country FROM addresses WHERE constituent = $1 ORDER BY preferred DESC, id LIMIT 1",
        constituent,
    )
    await db.row(
        "UPDATE constituents SET place = $2 WHERE id = $1 AND place <> $2",
        constituent,
        places.short(row or {}),
    )


_CLEAR = {
    "emails": "UPDATE emails SET preferred = false WHERE constituent = $1 AND preferred",
    "phones": "UPDATE phones SET preferred = false WHERE constituent = $1 AND preferred",
    "addresses": "UPDATE addresses SET preferred = false WHERE constituent = $1 AND preferred",
}


async def _nothing_preferred(table: str, constituent: int) -> None:
    # The unique index looks at each row at once, so the old one steps down before the new one steps up.
    await db.row(_CLEAR[table], constituent)


def is_a_number(number: str) -> bool:
    """Whether `number` is E.164 that some country could have given out."""
    try:
        return number.startswith("+") and phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
