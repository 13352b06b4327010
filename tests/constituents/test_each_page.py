"""For every route of constituents: who may, what is not there, which method."""

import pytest

from tests import make
from tests.constituents.pages import FORM, stored

READS = [
    "/",
    "/tasks",
    "/search",
    "/constituents",
    "/constituents/count",
    "/constituents/{id}",
    "/constituents/{id}/timeline",
]
WRITES = [
    "/constituents", "/constituents/{id}", "/constituents/{id}/archival", "/constituents/{id}/restoral",
    "/constituents/{id}/death", "/constituents/{id}/death/destroy", "/constituents/{id}/memberships",
    "/proposals/{id}/acceptance", "/proposals/{id}/dismissal", "/duplicates/{id}/dismissal", "/memberships/{id}/end",
]  # fmt: skip
FORMS = [
    "/constituents/new",
    "/constituents/{id}/edit",
    "/constituents/{id}/archival",
    "/constituents/{id}/death",
    "/constituents/likenesses",
]


async def test_nobody_sees_anything_without_signing_in(browser):
    margaret = await make.person()
    before = await stored(margaret.id)

    for path in (*READS, *FORMS):
        answer = await browser.get(path.format(id=margaret.id))
        assert answer.status_code in (303, 401) and "Okafor" not in answer.text, path
    for path in WRITES:
        assert (await browser.submit(path.format(id=margaret.id))).status_code in (303, 401), path
    assert await stored(margaret.id) == before


async def test_who_may_only_read_changes_nothing(browser):
    margaret = await make.person()
    before = await stored(margaret.id)
    await browser.sign_in(role="auditor")

    for path in READS:
        assert (await browser.get(path.format(id=margaret.id))).status_code in (200, 303), path
    for path in FORMS:
        assert (await browser.get(path.format(id=margaret.id))).status_code == 403, path
    for path in (*WRITES, "/constituents/{id}/notes", "/tasks/{id}/completion"):
        assert (await browser.submit(path.format(id=margaret.id), **FORM)).status_code == 403, path
    assert await stored(margaret.id) == before
    assert "/edit" not in (await browser.get(f"/constituents/{margaret.id}")).text


@pytest.mark.parametrize("id", ["999999", "99999999999999999999", "0"])
async def test_what_is_not_there_is_not_found(browser, id):
    await browser.sign_in()

    for path in (
        *READS,
        *FORMS,
        "/notes/{id}",
        "/memberships/{id}/end",
        "/constituents/{id}/memberships/new",
    ):
        if "{id}" in path and path != "/constituents/{id}/timeline":
            assert (await browser.get(path.format(id=id))).status_code == 404, path
    assert (await browser.part(f"/constituents/{id}/timeline")).status_code == 404
    for path in (*WRITES, "/constituents/{id}/notes", "/tasks/{id}/completion"):
        if "{id}" in path:
            answer = await browser.submit(
                path.format(id=id),
                **FORM,
                version=1,
                note="x",
                person=1,
                role="",
                from_day="",
                until_day="2025-01-01",
                deceased_on="",
            )
            assert answer.status_code == 404 or (
                path.endswith("memberships") and answer.status_code == 422
            ), path


async def test_a_wrong_method_is_refused(browser):
    margaret = await make.person()
    await browser.sign_in()

    for path in ("/constituents/{id}/restoral", "/proposals/{id}/acceptance", "/tasks/{id}/completion"):
        assert (await browser.get(path.format(id=margaret.id))).status_code == 405, path
    for path in ("/search", "/tasks", "/constituents/count", "/constituents/{id}/edit"):
        assert (await browser.post(path.format(id=margaret.id))).status_code == 405, path
    assert (await browser.delete(f"/constituents/{margaret.id}")).status_code == 405
