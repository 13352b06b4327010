"""The logo as pages show it: small enough for a giving page on a bad phone. Receipts print the picture as it was given."""

import asyncio
import io

from PIL import Image

from kit import files
from kit.files import File

_BYTES = 38_000
# Shown 40 pixels high; twice that for fine screens, and less where that is still too heavy.
_SIZES = ((640, 80), (480, 60), (320, 40), (160, 20))
_small: dict[str, File] = {}


async def small(sha256: str) -> File:
    """The logo with this hash at the size of a page. Made once in each process."""
    if sha256 not in _small:
        picture = await files.read(sha256)
        made = picture
        if len(picture.data) > _BYTES:
            made = await asyncio.to_thread(_shrunk, picture)
        _small.clear()  # there is one logo at a time
        _small[sha256] = made
    return _small[sha256]


def _shrunk(picture: File) -> File:
    data = picture.data
    with Image.open(io.BytesIO(picture.data)) as whole:
        for size in _SIZES:
            part = whole.convert("RGB" if picture.media_type == "image/jpeg" else "RGBA")
            part.thumbnail(size, Image.Resampling.LANCZOS)
            made = io.BytesIO()
            if picture.media_type == "image/jpeg":
                part.save(made, "JPEG", quality=80, optimize=True)
            else:
                part.save(made, "PNG", optimize=True)
            data = made.getvalue()
            if len(data) <= _BYTES:
                break
    return File(picture.sha256, picture.media_type, data)
