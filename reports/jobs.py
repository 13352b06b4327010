"""The nightly look at the books: whatever promise is broken becomes a task for the administrators."""

from constituents import tasks
from kit import db, jobs
from kit.words import _
from reports import invariants


@jobs.every("look at the books", "53 4 * * *")
async def look_at_the_books() -> None:
    async with db.tx("repeatable_read") as connection:
        await connection.execute("SET LOCAL statement_timeout = 0")
        findings = await invariants.check()
    for finding in findings:
        await tasks.open(
            "broken_promise",
            _("The books break a promise: {promise}", promise=finding.promise),
            detail=str(finding)[:2000],
            permission="jobs.manage",
        )
