"""Files are bytes in PostgreSQL, named by their SHA-256: the same bytes are stored once, and one dump is one backup."""

import hashlib

import msgspec

from kit import days, db
from kit.errors import NotFound


class File(msgspec.Struct, frozen=True):
    sha256: str
    media_type: str
    data: bytes


async def keep(data: bytes, media_type: str) -> str:
    """Store the bytes if they are new; returns their SHA-256 in hexadecimal."""
    sha256 = hashlib.sha256(data).hexdigest()
    await db.row(
        """
        INSERT INTO stored_files (sha256, media_type, size, data, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (sha256) DO NOTHING
        """,
        sha256,
        media_type,
        len(data),
        data,
        days.now(),
    )
    return sha256


async def read(sha256: str) -> File:
    """The stored file. Raises NotFound, and ValueError when the bytes are no longer what their name says."""
    row = await db.row("SELECT sha256, media_type, data FROM stored_files WHERE sha256 = $1", sha256)
    if row is None:
        raise NotFound(f"No file {sha256}.")
    if hashlib.sha256(row["data"]).hexdigest() != sha256:
        raise ValueError(f"File {sha256} is damaged.")
    return File(**row)
