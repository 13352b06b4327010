"""How many questions a page asks the database: as few with fifty rows as with one, and no more than it did."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kit import db
from tests import make, routes
from tests.volunteers import everything


@contextmanager
def questions() -> Iterator[list[str]]:
    """The statements of this test's connection from here on."""
    joined = db.engine().current_transaction.get()
    assert joined is not None
    asked: list[str] = []
    with joined.connection.query_logger(lambda query: asked.append(" ".join(query.query.split()))):
        yield asked


@pytest.mark.parametrize(
    ("path", "at_most"),
    [("/constituents", 3), ("/gifts", 3), ("/gifts?method=cheque", 3), ("/constituents/{id}", 5)],
)
async def test_a_page_asks_few_questions(browser, path, at_most):
    people = [
        await make.person(tags=["Monthly donor", "Volunteer"], email="m.okafor@example.org") for _ in range(3)
    ]
    for donor in people * 2:
        await make.gift(donor=donor)
    person = people[-1]
    await browser.sign_in(role="administrator")
    await browser.get(path.format(id=person.id))

    with questions() as asked:
        answer = await browser.get(path.format(id=person.id))
        await asyncio.sleep(0)

    assert answer.status_code == 200
    assert 0 < len(asked) <= at_most, "\n".join(asked)


# Path -> the most questions it asks. Who is signed in, the organisation and whose programmes one sees are among them.
VOLUNTEERING = {
    "/closed-days": 6, "/coverage?weeks=6": 6, "/coverage/attendance": 6, "/hours": 6, "/hours/entries": 6, "/hours/totals": 6,
    "/hours/values": 6, "/kiosks": 6, "/opportunities/{opportunity_id}": 10, "/places": 6, "/programmes": 6,
    "/programmes/{programme_id}": 6, "/qualifications": 6, "/qualifications/ending": 6, "/shifts": 7, "/shifts?view=week": 7,
    "/shifts?view=list": 7, "/shifts/{shift_id}": 8, "/shifts/today": 5, "/shifts/{shift_id}/door": 6, "/shifts/{shift_id}/sign-ups/new": 7,
    "/sign-ups/{signup_id}": 10, "/volunteers": 6, "/volunteers/{constituent_id}": 6, "/constituents/{constituent_id}/volunteering": 6,
    "/waivers/{waiver_id}": 6, "/volunteer": 6, "/volunteer/calendar": 6, "/volunteer/roles/{opportunity_id}": 6,
    "/volunteer/shifts/{shift_id}": 6, "/volunteer/shifts.json": 6, "/volunteer/mine/{token}": 9,
}  # fmt: skip
# These show one thing, or leave out who is on the shift: there is no more to list.
SINGLE = {
    "/hours/values",
    "/places",
    "/shifts/{shift_id}/sign-ups/new",
    "/volunteer/shifts/{shift_id}",
    "/waivers/{waiver_id}",
}


@pytest.mark.parametrize("path", VOLUNTEERING)
async def test_a_page_of_volunteers_asks_few_questions_and_no_more_for_more_rows(browser, path):
    ids = await routes.world()
    ids.token = ids.within["/volunteer/mine/"]["token"]
    await routes.sign_in_as(browser, "volunteer_coordinator", ids)
    asked_for = path.format(**vars(ids))
    await browser.get(asked_for)
    with questions() as few:
        before = await browser.get(asked_for)
        await asyncio.sleep(0)  # asyncpg tells of a question when the loop comes round

    await everything.many_more(ids)
    await browser.get(asked_for)
    with questions() as many:
        answer = await browser.get(asked_for)
        await asyncio.sleep(0)

    assert (before.status_code, answer.status_code) == (200, 200)
    assert len(answer.text) > len(before.text) or path in SINGLE
    assert 0 < len(few) <= VOLUNTEERING[path], "\n".join(few)
    assert len(many) == len(few), "\n".join(many)
