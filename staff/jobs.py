"""What staff lets wait: letters whose sending must not show whether somebody is a member, and tidying."""

from datetime import timedelta

from kit import days, db, jobs
from staff import members


@jobs.job("mail a password reset")
async def mail_a_password_reset(email: str) -> None:
    await members.mail_reset(email)


@jobs.every("forget old sessions and counts", "17 3 * * *")
async def forget_what_is_over() -> None:
    """Sessions, links, kept drafts and attempt counts that nobody can use any more."""
    long_ago = days.now() - timedelta(days=30)
    async with db.tx():
        await db.row("DELETE FROM sessions WHERE expires_at < $1", long_ago)
        await db.row("DELETE FROM member_links WHERE expires_at < $1", long_ago)
        await db.row("DELETE FROM drafts WHERE created_at < $1", days.now() - timedelta(days=2))
        await db.row("DELETE FROM attempts WHERE window_start < $1", days.now() - timedelta(days=2))
