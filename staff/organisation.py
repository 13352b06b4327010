"""The organisation: founded once, completed by its administrator, looked at by every page."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from PIL import Image, UnidentifiedImageError

from kit import changes, days, db, files
from kit.changes import Actor
from kit.errors import Conflict, Refused
from kit.words import _

_LOGO_BYTES = 2_000_000
_LOGO_PIXELS = 4000
_LOGO_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}

# What a receipt must say of its issuer, by country; the words are those of the settings page.
_NEEDED_EVERYWHERE = ("legal_name", "street", "city", "postal_code")
_NEEDED = {"US": (*_NEEDED_EVERYWHERE, "region", "registration_number")}
LABELS = {
    "legal_name": _("Legal name"),
    "street": _("Street"),
    "city": _("City"),
    "region": _("State or region"),
    "postal_code": _("Postal code"),
    "registration_number": _("Registration number (EIN)"),
}


class NotFounded(Refused):
    """There is no organisation yet."""


class AlreadyFounded(Refused):
    """There is one organisation in an installation, for now."""


class NotAPicture(Refused):
    """The logo must be a PNG or JPEG."""


_of_this_request: ContextVar[dict[str, Any] | None] = ContextVar("organisation", default=None)


async def ours() -> dict[str, Any] | None:
    """The organisation as a dict of its columns, or None before it is founded."""
    known = _of_this_request.get()
    return dict(known) if known else await db.row("SELECT * FROM organisations ORDER BY id LIMIT 1")


@contextmanager
def known(found: dict[str, Any] | None) -> Iterator[None]:
    """For the time of one request, this is the organisation: every verb and page asks for it, and it is read once."""
    token = _of_this_request.set(found)
    try:
        yield
    finally:
        _of_this_request.reset(token)


def _has_changed() -> None:
    """What this request read of it holds no longer."""
    _of_this_request.set(None)


async def needed() -> dict[str, Any]:
    """The organisation. Raises NotFounded."""
    found = await ours()
    if found is None:
        raise NotFounded(_("There is no organisation yet: run `almoner init` first."))
    return found


def missing_for_receipts(organisation: dict[str, Any]) -> list[str]:
    """What is still to be filled in before a receipt can be issued, in the words of the settings page."""
    names = _NEEDED.get(organisation["country"], _NEEDED_EVERYWHERE)
    return [LABELS[name] for name in names if not organisation[name].strip()]


async def found(*, name: str, country: str, by: Actor, **values: Any) -> int:
    """Make the organisation; the settings page completes it. Raises AlreadyFounded."""
    columns = {
        "name": name,
        "legal_name": name,
        "country": country,
        "created_at": days.now(),
        "version": 1,
        **values,
    }
    async with db.tx():
        await db.row("SELECT pg_advisory_xact_lock(hashtext('organisation'))")
        if await ours():
            raise AlreadyFounded(_("This installation has its organisation already."))
        await db.row(*_insert(columns))
        organisation = await needed()
        await changes.note(
            "organisation.founded",
            "organisation",
            organisation["id"],
            by=by,
            after={"name": name, "country": country},
        )
    return organisation["id"]


def _insert(columns: dict[str, Any]) -> tuple[Any, ...]:
    from staff.tables import Organisation

    fresh = Organisation(**columns).to_dict()
    fresh.pop("id")
    names = ", ".join(fresh)
    places = ", ".join(f"${place}" for place in range(1, len(fresh) + 1))
    return (f"INSERT INTO organisations ({names}) VALUES ({places})", *fresh.values())  # noqa: S608  our columns


async def edit(values: dict[str, Any], *, version: int, by: Actor) -> None:
    """Change settings. `values` are columns of the table. Raises Conflict when somebody else was faster."""
    _has_changed()
    async with db.tx():
        before = await db.row("SELECT * FROM organisations FOR UPDATE")
        if before is None:
            raise NotFounded(_("There is no organisation yet."))
        if before["version"] != version:
            raise Conflict(
                _("Somebody changed the settings meanwhile. Look at what is there now, and save again.")
            )
        names = [name for name in values if name in before and values[name] != before[name]]
        if not names:
            return
        settings = ", ".join(f'"{name}" = ${place}' for place, name in enumerate(names, 2))
        await db.row(
            f"UPDATE organisations SET {settings}, version = version + 1 WHERE id = $1",  # noqa: S608  our columns
            before["id"],
            *(values[name] for name in names),
        )
        await changes.note(
            "organisation.edited",
            "organisation",
            before["id"],
            by=by,
            before={name: before[name] for name in names},
            after={name: values[name] for name in names},
        )


async def put_logo(data: bytes, *, by: Actor) -> None:
    """Use this picture as the logo. Raises NotAPicture with the reason."""
    media_type = picture_type(data)
    _has_changed()
    async with db.tx():
        sha256 = await files.keep(data, media_type)
        organisation = await needed()
        await db.row("UPDATE organisations SET logo = $1, version = version + 1", sha256)
        await changes.note(
            "organisation.logo_changed", "organisation", organisation["id"], by=by, after={"logo": sha256}
        )


async def remove_logo(*, by: Actor) -> None:
    _has_changed()
    async with db.tx():
        organisation = await needed()
        await db.row("UPDATE organisations SET logo = NULL, version = version + 1")
        await changes.note(
            "organisation.logo_changed", "organisation", organisation["id"], by=by, after={"logo": None}
        )


def picture_type(data: bytes) -> str:
    """`image/png` or `image/jpeg` of a picture that can be printed. Raises NotAPicture with what to do."""
    if not data:
        raise NotAPicture(_("Choose a file first."))
    if len(data) > _LOGO_BYTES:
        raise NotAPicture(_("The file is larger than 2 MB. Make the picture smaller."))
    if data.lstrip()[:5].lower() in (b"<?xml", b"<svg ", b"<svg\n") or b"<svg" in data[:1000].lower():
        raise NotAPicture(_("An SVG can carry scripts, so it is not taken. Save the logo as PNG or JPEG."))
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.format not in _LOGO_TYPES:
                raise NotAPicture(_("Only PNG and JPEG can be used. Save the logo as one of them."))
            if max(picture.size) > _LOGO_PIXELS:
                raise NotAPicture(_("At most 4000 pixels on a side. Make the picture smaller."))
            picture.load()
            return _LOGO_TYPES[picture.format]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise NotAPicture(
            _("This file is no picture that can be read. Save the logo as PNG or JPEG.")
        ) from None
