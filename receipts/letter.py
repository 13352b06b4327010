"""The letter: a snapshot of everything that is printed, set on paper.

A snapshot holds values and finished sentences, no ids that something else could change under it. `page()` makes HTML of
it for `kit.pdf`; the PDF is made once and kept, so a later template changes later receipts only.
"""

import base64
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import msgspec
import segno
from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kit import money, places
from kit.words import _, ngettext

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
VERSION = "letter-2"
"""Written into each receipt. Count it up with every change of letter.html or letter.css that shows on paper."""


class Letterhead(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes: the organisation as it was that day."""

    name: str
    address: tuple[str, ...]
    contact: tuple[str, ...] = ()
    registration: str = ""
    website: str = ""
    logo: str | None = None
    accent: str = "#17685a"
    signer_name: str = ""
    signer_title: str = ""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What a gift for several funds gives to one. Without an amount where part of the gift was given back."""

    of: str
    amount: int | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A gift in the table. An amount of None is not printed: goods are described, not valued."""

    on: date
    description: str
    detail: str = ""
    amount: int | None = None
    benefit: int | None = None
    deductible: int | None = None
    shares: tuple[Share, ...] = ()


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the paper."""

    template: str = VERSION
    label: str
    title: str
    issued_on: date
    country: str
    locale: str = "en_US"
    currency: str
    head: Letterhead
    addressee: tuple[str, ...]
    greeting: str
    thanks: str
    amount: int | None
    lines: tuple[Line, ...]
    sentences: tuple[str, ...]

    def with_label(self, label: str) -> "Snapshot":
        return msgspec.structs.replace(self, label=label)

    @property
    def given_on(self) -> date:
        return max(line.on for line in self.lines)


def page(
    snapshot: Snapshot, *, logo: bytes | None = None, logo_type: str = "image/png", stamp: str = ""
) -> str:
    """The letter as HTML for `kit.pdf`. `stamp` is set across a copy ("Void"); the original never gets one."""
    return (
        _environment()
        .get_template("receipts/letter.html")
        .render(
            snapshot=snapshot,
            paper=places.paper(snapshot.country),
            logo=_data_uri(logo, logo_type) if logo else "",
            qr=_qr(snapshot.head.website),
            stamp=stamp,
            with_parts=any(line.benefit for line in snapshot.lines),
            with_amounts=any(line.amount is not None for line in snapshot.lines),
            crowded=sum(1 + len(text) // 44 for text in snapshot.addressee) > 6,
            show=lambda amount: money.show(amount, snapshot.currency, snapshot.locale),
            day=lambda on, form="long": day(on, snapshot.locale, form),
        )
    )


def day(on: date, locale: str, form: str = "long") -> str:
    """A day as the reader writes it: November 12, 2026."""
    return format_date(on, form, locale=locale)


def to_json(snapshot: Snapshot) -> str:
    return msgspec.json.encode(snapshot).decode()


def from_json(stored: str | dict[str, Any]) -> Snapshot:
    if isinstance(stored, str):
        return msgspec.json.decode(stored, type=Snapshot)
    return msgspec.convert(stored, Snapshot)


def _data_uri(data: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


@lru_cache(maxsize=32)
def _qr(website: str) -> str:
    """The organisation's website as a QR code. Only a real web address: no code leads nowhere."""
    if not website.startswith(("https://", "http://")):
        return ""
    return segno.make(website, error="m", micro=False).png_data_uri(border=0, scale=8, dark="#1d242b")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update({"_": _, "ngettext": ngettext})
    return environment
