"""What somebody was typing when their session ended: kept for two days, given back as often as asked."""

import msgspec

from kit import days, db, security

_MOST_BYTES = 100_000
_NEVER_KEPT = {"password", "again", "old"}


async def keep(token: str, path: str, fields: list[tuple[str, str]]) -> str | None:
    """Keep a form that came with a session that was once good; returns the token to get it back, else None.

    Only such a browser's words are kept: nobody else can fill the table.
    """
    if not await db.value("SELECT 1 FROM sessions WHERE token_hash = $1", security.token_hash(token)):
        return None
    typed = msgspec.json.encode([(name, text) for name, text in fields if name not in _NEVER_KEPT]).decode()
    if len(typed) > _MOST_BYTES or "\\u0000" in typed:
        return None
    back = security.new_token()
    await db.row(
        "INSERT INTO drafts (token_hash, path, typed, used, created_at) VALUES ($1, $2, $3, false, $4)",
        security.token_hash(back),
        path[:500],
        typed,
        days.now(),
    )
    return back


async def take(token: str) -> tuple[str, list[tuple[str, str]]] | None:
    """The path and the fields of a kept form; it is shown as often as asked within its two days."""
    row = await db.row("SELECT path, typed FROM drafts WHERE token_hash = $1", security.token_hash(token))
    return (row["path"], [tuple(pair) for pair in msgspec.json.decode(row["typed"])]) if row else None
