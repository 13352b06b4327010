"""How many questions a page asks the database: as few with fifty rows as with one, and no more than it did."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kit import db
from tests import make


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

    assert answer.status_code == 200
    assert 0 < len(asked) <= at_most, "\n".join(asked)
