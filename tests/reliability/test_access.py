"""R4 and R12: nobody sees or changes what their role may not; looking changes nothing; other sites are refused."""

import pytest

from kit import db
from staff import permissions
from staff.tables import Role
from tests import make, routes

ROLES = [role.value for role in Role]


async def test_every_route_is_written_down_with_its_permission(app):
    written = {(route.method, route.path) for route in routes.expected()}

    assert routes.routes_of(app) == written


@pytest.mark.reliability
@pytest.mark.parametrize("role", ROLES)
async def test_a_role_gets_what_it_may_and_403_for_the_rest(browser, role):
    ids = await routes.world()
    await routes.sign_in_as(browser, role, ids)
    wrong = []
    for route in routes.expected():
        if route.path == "/sign-out":
            continue
        before = await _written()
        answer = await browser.request(route.method, routes.filled(route.path, ids))
        allowed = route.permission in ("public", "link", "machine") or permissions.may(role, route.permission)
        if (answer.status_code == 403) == allowed or answer.status_code == 401 or answer.status_code >= 500:
            wrong.append((route, answer.status_code))
        if not allowed and await _written() != before:
            wrong.append((route, "it wrote something"))

    assert wrong == []


@pytest.mark.reliability
async def test_nobody_signed_in_gets_only_public_pages(browser):
    ids = await routes.world()
    wrong = []
    for route in routes.expected():
        before = await _written()
        answer = await browser.request(route.method, routes.filled(route.path, ids))
        is_open = route.permission in ("public", "link", "machine")
        led_away = answer.headers.get("location", "").startswith("/sign-in?")
        turned_away = led_away if route.method == "GET" else answer.status_code == 401
        if turned_away == is_open or (not is_open and await _written() != before):
            wrong.append((route, answer.status_code))

    assert wrong == []


@pytest.mark.reliability
async def test_a_disabled_member_gets_what_nobody_gets(browser):
    ids = await routes.world()
    member = await browser.sign_in(await make.member(role="administrator"))
    await db.row("UPDATE members SET disabled_at = now() WHERE id = $1", member.id)

    for route in routes.expected():
        if route.permission in ("public", "link", "machine"):
            continue
        answer = await browser.request(route.method, routes.filled(route.path, ids))
        assert answer.status_code in (303, 401), route


@pytest.mark.reliability
async def test_looking_changes_nothing_and_every_answer_carries_its_headers(browser):
    ids = await routes.world()
    await browser.sign_in(await make.member(role="administrator"))
    wrong = []
    for route in routes.expected():
        if route.method != "GET":
            continue
        before = await _written()
        answer = await browser.get(routes.filled(route.path, ids))
        if await _written() != before:
            wrong.append((route, "it wrote something"))
        policy = answer.headers.get("content-security-policy", "")
        if "default-src 'none'" not in policy or answer.headers.get("x-content-type-options") != "nosniff":
            wrong.append((route, "headers"))
        if "unsafe" in policy or "strict-transport-security" not in answer.headers:
            wrong.append((route, policy))

    assert wrong == []


@pytest.mark.reliability
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "", "origin": "https://evil.example"},
        {"sec-fetch-site": "", "origin": "null"},
        {"sec-fetch-site": ""},
    ],
)
async def test_a_form_from_elsewhere_is_refused_everywhere(browser, headers):
    ids = await routes.world()
    await browser.sign_in(await make.member(role="administrator"))
    for route in routes.expected():
        if route.method != "POST" or route.permission == "machine":
            continue
        before = await _written()
        answer = await browser.post(routes.filled(route.path, ids), headers=headers)
        assert answer.status_code == 403, route
        assert await _written() == before, route


async def _written() -> list[tuple[str, int]]:
    """Rows written so far in this test's transaction, by table; the jobs' own tables and the session's last-seen left out."""
    rows = await db.rows(
        """
        SELECT relname, n_tup_ins + n_tup_upd + n_tup_del AS n FROM pg_stat_xact_user_tables
         WHERE relname NOT IN ('sessions') ORDER BY relname
        """
    )
    return [(row["relname"], row["n"]) for row in rows]
