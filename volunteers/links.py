"""Mailed links: each opens one volunteer's own shifts and hours, and nothing else."""

from datetime import timedelta

from kit import days, db, jobs, security

# Long enough for the hours of a season; each mail brings a new one.
LIFE = timedelta(days=180)


async def new_for(constituent: int) -> str:
    """A new link's token, for a mail to that person; only its hash is kept."""
    token = security.new_token()
    await db.row(
        "INSERT INTO volunteer_links (token_hash, constituent, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        security.token_hash(token),
        constituent,
        days.now(),
        days.now() + LIFE,
    )
    return token


async def whose(token: str) -> int | None:
    """Whose link it is; None for one that is unknown or too old."""
    return await db.value(
        "SELECT constituent FROM volunteer_links WHERE token_hash = $1 AND expires_at > $2",
        security.token_hash(token),
        days.now(),
    )


async def ask_for(email: str) -> None:
    """Somebody lost their link: whoever volunteers with this address gets a new one there, by a job. Nobody who asks
    learns whether there is anybody, for the work is the same."""
    async with db.tx():
        await jobs.enqueue("send volunteer links", {"email": email})


async def forget_old() -> None:
    """Links that open nothing any more are taken away."""
    await db.row("DELETE FROM volunteer_links WHERE expires_at < $1", days.now())
