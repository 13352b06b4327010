"""tx(): all or nothing, and nothing leaks, whatever fails."""

from kit import db
from tests import make


async def test_a_test_sees_its_own_rows():
    organisation = await make.organisation()

    assert await db.value("SELECT name FROM organisations") == organisation.name
