"""Members of staff: invited, given a role, signed in, disabled."""

from datetime import timedelta
from typing import Any

from kit import changes, days, db, jobs, mail, security
from kit.changes import Actor
from kit.errors import Conflict, NotFound, Refused
from kit.forms import email_normal
from kit.templates import url_for
from kit.words import _
from staff import organisation, passwords, permissions, sessions
from staff.tables import Role

_INVITATION_LIFE = timedelta(days=7)
_RESET_LIFE = timedelta(hours=2)
_WINDOW = timedelta(minutes=15)


class NotSignedIn(Refused):
    """E-mail and password do not belong together, or the member is disabled; nobody is told which."""


class AlreadyAMember(Refused):
    """One address, one member."""


class LastAdministrator(Refused):
    """Somebody must be able to manage staff."""


class StaleLink(Refused):
    """A mailed link works once, and for a while."""


# ------------------------------------------------------------------------------------------------ who there is


async def index() -> list[dict[str, Any]]:
    """All members, those who can sign in first."""
    return await db.rows(
        """
        SELECT m.id, m.name, m.email, m.role, m.disabled_at, m.password_hash IS NOT NULL AS has_password,
               (SELECT max(last_seen_at) FROM sessions s WHERE s.member = m.id) AS last_seen_at
          FROM members m ORDER BY m.disabled_at IS NOT NULL, lower(m.name), m.id
        """
    )


async def who_may(permission: str) -> list[dict[str, Any]]:
    """Members whose role has a permission, by name: id and name. For choosing who is responsible."""
    return await db.rows(
        "SELECT id, name FROM members WHERE disabled_at IS NULL AND role = ANY ($1) ORDER BY lower(name), id",
        list(permissions.table()[permission]),
    )


async def find(member_id: int) -> dict[str, Any]:
    """One member. Raises NotFound."""
    row = await db.row(
        "SELECT id, name, email, role, disabled_at, version, password_hash IS NOT NULL AS has_password"
        "  FROM members WHERE id = $1",
        member_id,
    )
    if row is None:
        raise NotFound(f"No member {member_id}.")
    return row


# ------------------------------------------------------------------------------------------------ coming in


async def invite(*, name: str, email: str, role: Role, by: Actor) -> int:
    """A new member, with a mailed link to choose a password. Raises AlreadyAMember."""
    async with db.tx():
        member_id = await _insert(name, email, role, None)
        await changes.note(
            "member.invited", "member", member_id, by=by, after={"name": name, "role": role.value}
        )
        await _mail_invitation(member_id, name, email)
    return member_id


async def invite_first(*, name: str, email: str, password_hash: str, by: Actor = changes.SYSTEM) -> int:
    """The first administrator, made at the shell. Raises AlreadyAMember when there is any member."""
    async with db.tx():
        await db.row("SELECT pg_advisory_xact_lock(hashtext('first member'))")
        if await db.value("SELECT count(*) FROM members"):
            raise AlreadyAMember(_("There are members already: an administrator invites the others."))
        member_id = await _insert(name, email, Role.ADMINISTRATOR, password_hash)
        await changes.note("member.invited", "member", member_id, by=by, after={"role": "administrator"})
    return member_id


async def make_known(*, name: str, email: str, role: Role, password: str) -> int:
    """A member who can sign in at once: for the demo and its roles."""
    stored = await passwords.hashed(password)
    async with db.tx():
        member_id = await _insert(name, email, role, stored)
        await changes.note(
            "member.invited", "member", member_id, by=changes.SYSTEM, after={"role": role.value}
        )
    return member_id


async def _insert(name: str, email: str, role: Role, password_hash: str | None) -> int:
    member_id = await db.value(
        """
        INSERT INTO members (name, email, email_normal, role, password_hash, created_at, version)
        VALUES ($1, $2, $3, $4, $5, $6, 1) ON CONFLICT (email_normal) DO NOTHING RETURNING id
        """,
        name,
        email,
        email_normal(email),
        role.value,
        password_hash,
        days.now(),
    )
    if member_id is None:
        raise AlreadyAMember(_("Somebody with this address is a member already."))
    return member_id


async def invite_again(member_id: int, *, by: Actor) -> None:
    """Another link for somebody who has not chosen a password yet; the earlier ones end."""
    async with db.tx():
        member = await find(member_id)
        if member["has_password"] or member["disabled_at"]:
            raise Refused(_("This member has a password already, or may not sign in."))
        await changes.note("member.invited", "member", member_id, by=by)
        await _mail_invitation(member_id, member["name"], member["email"])


async def _mail_invitation(member_id: int, name: str, email: str) -> None:
    ours = await organisation.ours()
    link, link_id = await _new_link(member_id, "invitation", _INVITATION_LIFE)
    await mail.post(
        what=f"member_link:{link_id}",
        address=email,
        purpose="invitation",
        template="member_invitation",
        context={"organisation_name": ours["name"] if ours else "Almoner", "days": 7},
        secrets={"link_url": link},
        name=name,
    )


async def _new_link(member_id: int, purpose: str, life: timedelta) -> tuple[str, int]:
    """The address of a fresh link, and its row; older links of the same purpose stop working."""
    token = security.new_token()
    await db.row(
        "DELETE FROM member_links WHERE member = $1 AND purpose = $2 AND used_at IS NULL", member_id, purpose
    )
    link_id = await db.value(
        """
        INSERT INTO member_links (token_hash, member, purpose, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)
        RETURNING id
        """,
        security.token_hash(token),
        member_id,
        purpose,
        days.now(),
        days.now() + life,
    )
    return url_for("password_choices:new", token=token), link_id


# ------------------------------------------------------------------------------------------------ signing in


async def sign_in(email: str, password: str, *, address: str, agent: str) -> str:
    """A session's token. Raises NotSignedIn, and TooMany after ten tries at an account or fifty from an address."""
    normal = email_normal(email)
    await security.count_attempt("sign-in:account", normal, limit=10, window=_WINDOW)
    await security.count_attempt("sign-in:address", address, limit=50, window=_WINDOW)
    member = await db.row(
        "SELECT id, password_hash, disabled_at FROM members WHERE email_normal = $1", normal
    )
    right = await passwords.fits(password, member["password_hash"] if member else None)
    if not right or member is None or member["disabled_at"]:
        raise NotSignedIn(
            _("E-mail and password do not belong together. Try again, or ask for a new password.")
        )
    await security.forget_attempts("sign-in:account", normal)
    return await sessions.start(member["id"], address=address, agent=agent)


async def ask_for_reset(email: str, *, address: str) -> None:
    """Promise a link if the address belongs to a member; nothing here depends on whether it does."""
    await security.count_attempt("reset:account", email_normal(email), limit=4, window=timedelta(hours=1))
    await security.count_attempt("reset:address", address, limit=20, window=timedelta(hours=1))
    async with db.tx():
        await jobs.enqueue("mail a password reset", {"email": email})


async def mail_reset(email: str) -> None:
    """The job behind ask_for_reset(): a letter for a member who may sign in, nothing for anybody else."""
    async with db.tx():
        member = await db.row(
            "SELECT id, name, email FROM members WHERE email_normal = $1 AND disabled_at IS NULL",
            email_normal(email),
        )
        if member is None:
            return
        link, link_id = await _new_link(member["id"], "reset", _RESET_LIFE)
        await mail.post(
            what=f"member_link:{link_id}",
            address=member["email"],
            purpose="reset",
            template="password_reset",
            context={"hours": 2},
            secrets={"link_url": link},
            name=member["name"],
        )


async def link_of(token: str) -> dict[str, Any]:
    """Whose link this is: member, name, email, purpose. Raises StaleLink."""
    row = await db.row(
        """
        SELECT l.id, l.member, l.purpose, m.name, m.email FROM member_links l JOIN members m ON m.id = l.member
         WHERE l.token_hash = $1 AND l.used_at IS NULL AND l.expires_at > $2 AND m.disabled_at IS NULL
        """,
        security.token_hash(token),
        days.now(),
    )
    if row is None:
        raise StaleLink(_("This link has been used or is too old. Ask for a new one."))
    return row


async def choose_password(token: str, password: str) -> int:
    """Set the password by a mailed link, once; every session of the member ends. Raises StaleLink, TooWeak."""
    link = await link_of(token)
    passwords.check_strength(password, link["name"], link["email"])
    stored = await passwords.hashed(password)
    async with db.tx():
        used = await db.value(
            "UPDATE member_links SET used_at = $2 WHERE id = $1 AND used_at IS NULL RETURNING id",
            link["id"],
            days.now(),
        )
        if used is None:
            raise StaleLink(_("This link has been used or is too old. Ask for a new one."))
        await _set_password(link["member"], stored, by=Actor("staff", link["member"], link["name"]))
        await sessions.end_all(link["member"])
    return link["member"]


async def change_password(member_id: int, old: str, new: str, *, session_id: int, by: Actor) -> None:
    """Change one's own password; the other sessions end. Raises NotSignedIn for a wrong old one, TooWeak, TooMany."""
    await security.count_attempt("sign-in:account", f"member:{member_id}", limit=10, window=_WINDOW)
    member = await db.row("SELECT name, email, password_hash FROM members WHERE id = $1", member_id)
    assert member is not None
    if not await passwords.fits(old, member["password_hash"]):
        raise NotSignedIn(_("That is not your present password."))
    passwords.check_strength(new, member["name"], member["email"])
    stored = await passwords.hashed(new)
    async with db.tx():
        await _set_password(member_id, stored, by=by)
        await sessions.end_all(member_id, but=session_id)


async def _set_password(member_id: int, stored: str, *, by: Actor) -> None:
    row = await db.row(
        "UPDATE members SET password_hash = $2, version = version + 1 WHERE id = $1 RETURNING name, email, version",
        member_id,
        stored,
    )
    assert row is not None
    await changes.note("member.password_changed", "member", member_id, by=by)
    await mail.post(
        what=f"member:{member_id}:{row['version']}",
        address=row["email"],
        purpose="password changed",
        template="password_changed",
        context={},
        name=row["name"],
    )


# ------------------------------------------------------------------------------------------------ roles


async def edit(member_id: int, *, name: str, role: Role, version: int, by: Actor) -> None:
    """Another name or role. Raises LastAdministrator, Conflict."""
    async with db.tx():
        before = await _locked(member_id)
        if before["version"] != version:
            raise Conflict(
                _("Somebody changed this member meanwhile. Look at what is there now, and save again.")
            )
        if role is not Role.ADMINISTRATOR:
            await _keep_an_administrator(but=member_id)
        await db.row(
            "UPDATE members SET name = $2, role = $3, version = version + 1 WHERE id = $1",
            member_id,
            name,
            role.value,
        )
        await changes.note(
            "member.edited",
            "member",
            member_id,
            by=by,
            before={"name": before["name"], "role": before["role"]},
            after={"name": name, "role": role.value},
        )


async def disable(member_id: int, *, by: Actor) -> None:
    """Let somebody in no more; their sessions and links end at once. Raises LastAdministrator."""
    async with db.tx():
        await _locked(member_id)
        await _keep_an_administrator(but=member_id)
        await db.row(
            "UPDATE members SET disabled_at = coalesce(disabled_at, $2) WHERE id = $1", member_id, days.now()
        )
        await db.row("DELETE FROM member_links WHERE member = $1 AND used_at IS NULL", member_id)
        await sessions.end_all(member_id)
        await changes.note("member.disabled", "member", member_id, by=by)


async def enable(member_id: int, *, by: Actor) -> None:
    """Let somebody in again."""
    async with db.tx():
        await _locked(member_id)
        await db.row("UPDATE members SET disabled_at = NULL WHERE id = $1", member_id)
        await changes.note("member.enabled", "member", member_id, by=by)


async def _locked(member_id: int) -> dict[str, Any]:
    row = await db.row("SELECT * FROM members WHERE id = $1 FOR UPDATE", member_id)
    if row is None:
        raise NotFound(f"No member {member_id}.")
    return row


async def _keep_an_administrator(*, but: int) -> None:
    # The lock makes two administrators who disable each other at once take turns.
    await db.row("SELECT pg_advisory_xact_lock(hashtext('administrators'))")
    others = await db.value(
        "SELECT count(*) FROM members WHERE role = 'administrator' AND disabled_at IS NULL"
        " AND password_hash IS NOT NULL AND id <> $1",
        but,
    )
    is_one = await db.value(
        "SELECT role = 'administrator' AND disabled_at IS NULL FROM members WHERE id = $1", but
    )
    if is_one and not others:
        raise LastAdministrator(_("This is the only administrator. Make somebody else one first."))
