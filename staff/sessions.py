"""Sessions: a signed-in browser, its token hashed in PostgreSQL, made anew at every sign-in."""

from datetime import timedelta
from typing import Any

import msgspec
from litestar.datastructures import Cookie

from kit import changes, config, days, db, security
from staff import permissions

_LIFE = timedelta(days=14)
_IDLE = timedelta(hours=12)
# Last-seen is written at most this often: a page view costs no write.
_SEEN_EVERY = timedelta(minutes=5)


class SignedIn(msgspec.Struct, frozen=True):
    """The member of staff behind a request."""

    id: int
    name: str
    email: str
    role: str
    session_id: int

    def may(self, permission: str) -> bool:
        return permissions.may(self.role, permission)

    @property
    def actor(self) -> changes.Actor:
        return changes.Actor("staff", self.id, self.name)


def cookie_name() -> str:
    """`__Host-` needs Secure; on plain http to this computer the cookie has another name."""
    return "__Host-session" if _secure() else "session"


def cookie(token: str) -> Cookie:
    return Cookie(
        key=cookie_name(),
        value=token,
        path="/",
        httponly=True,
        secure=_secure(),
        samesite="lax",
        max_age=int(_LIFE.total_seconds()),
    )


def _secure() -> bool:
    return config.settings().base_url.startswith("https:")


async def start(member_id: int, *, address: str, agent: str) -> str:
    """A new session; returns the token for the cookie. Whatever token the browser had before is not used."""
    token = security.new_token() + security.new_token()
    await db.row(
        """
        INSERT INTO sessions (token_hash, member, created_at, last_seen_at, expires_at, address, agent)
        VALUES ($1, $2, $3, $3, $4, $5, $6)
        """,
        security.token_hash(token),
        member_id,
        days.now(),
        days.now() + _LIFE,
        address[:60],
        agent[:300],
    )
    return token


async def find(token: str) -> SignedIn | None:
    """Whose session this is; None when there is none, it ended, slept too long, or its member is disabled."""
    return (await find_with_organisation(token))[0]


async def find_with_organisation(token: str) -> tuple[SignedIn | None, dict[str, Any] | None]:
    """The same, and the organisation: what every page asks first, in one question."""
    now = days.now()
    row = await db.row(
        """
        SELECT o.*, w.* FROM organisations o LEFT JOIN (
               SELECT m.id AS w_id, m.name AS w_name, m.email AS w_email, m.role AS w_role, s.id AS w_session_id,
                      s.last_seen_at AS w_seen
                 FROM sessions s JOIN members m ON m.id = s.member
                WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.last_seen_at > $3 AND m.disabled_at IS NULL) w ON true
      ORDER BY o.id LIMIT 1
        """,
        security.token_hash(token),
        now,
        now - _IDLE,
    )
    if row is None:
        return None, None  # nothing is founded, and nobody can have signed in
    who = {name: row.pop(f"w_{name}") for name in ("id", "name", "email", "role", "session_id", "seen")}
    seen = who.pop("seen")
    if seen is None:
        return None, row
    if seen < now - _SEEN_EVERY:
        await db.row("UPDATE sessions SET last_seen_at = $2 WHERE id = $1", who["session_id"], now)
    return SignedIn(**who), row


async def end_token(token: str) -> None:
    """End the session of this token, if there is one: the browser that signs in gets another."""
    await db.row("DELETE FROM sessions WHERE token_hash = $1", security.token_hash(token))


async def end(session_id: int, member_id: int) -> bool:
    """End one session of this member; false when it is not theirs or gone."""
    return bool(
        await db.value(
            "DELETE FROM sessions WHERE id = $1 AND member = $2 RETURNING id", session_id, member_id
        )
    )


async def end_all(member_id: int, *, but: int | None = None) -> None:
    """End a member's sessions, all of them or all but one."""
    await db.row("DELETE FROM sessions WHERE member = $1 AND id IS DISTINCT FROM $2", member_id, but)


async def of(member_id: int) -> list[dict[str, Any]]:
    """A member's live sessions, last seen first."""
    return await db.rows(
        """
        SELECT id, created_at, last_seen_at, address, agent FROM sessions
         WHERE member = $1 AND expires_at > $2 AND last_seen_at > $3 ORDER BY last_seen_at DESC
        """,
        member_id,
        days.now(),
        days.now() - _IDLE,
    )
