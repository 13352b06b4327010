"""The nightly look at the books tells the administrators what is wrong."""

import pytest

from kit import db
from reports import jobs as nightly
from tests import make


@pytest.mark.commits
async def test_a_broken_promise_becomes_a_task_once():
    gift = await make.gift(amount=5000)
    await nightly.look_at_the_books()
    assert await db.value("SELECT count(*) FROM tasks") == 0

    await db.row("UPDATE giving_totals SET hard_total = 1 WHERE constituent = $1", gift.donor)
    await nightly.look_at_the_books()
    await nightly.look_at_the_books()

    [task] = await db.rows("SELECT title, permission FROM tasks")
    assert "break a promise" in task["title"] and task["permission"] == "jobs.manage"
