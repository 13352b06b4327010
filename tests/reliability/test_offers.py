"""No page offers what it would then refuse: every link and form on it is open to the role that sees it."""

import html
import re

import pytest

from staff import permissions
from staff.tables import Role
from tests import routes

_LINK = re.compile(r'\b(?:href|hx-get)="(/[^"#?]*)')
_FORM = re.compile(r'<form\b[^>]*?method="(post|get)"[^>]*?action="(/[^"?]*)|\bhx-post="(/[^"?]*)')


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+(:\w+)?\}", lambda place: r"\d+" if place[1] == ":int" else ".+", path))


def _offered(text: str) -> set[tuple[str, str]]:
    """(method, path) of all that a person could press."""
    found = {("GET", html.unescape(path)) for path in _LINK.findall(text)}
    for method, action, posted in _FORM.findall(text):
        found.add((method.upper() or "POST", html.unescape(action or posted)))
    return {(method, path) for method, path in found if not path.startswith(("/static/", "/theme.css"))}


@pytest.mark.parametrize("role", [role.value for role in Role])
async def test_no_page_offers_what_it_would_refuse(browser, role):
    ids = await routes.world()
    await routes.sign_in_as(browser, role, ids)
    known = [(route, _pattern(route.path)) for route in routes.expected()]
    looked, wrong = 0, set()

    for route, _ in known:
        if route.method != "GET" or route.permission in ("public", "link", "machine"):
            continue
        path = routes.filled(route.path, ids)
        if not permissions.may(role, route.permission):
            continue
        for part in (False, True):
            answer = await (browser.part(path) if part else browser.get(path))
            if answer.status_code != 200 or "html" not in answer.headers.get("content-type", ""):
                continue
            looked += 1
            for method, offer in _offered(answer.text):
                meant = [one for one, pattern in known if one.method == method and pattern.fullmatch(offer)]
                needed = meant[0].permission if meant else "no such route"
                if needed not in ("public", "link", "machine") and not permissions.may(role, needed):
                    wrong.add((route.path, method, offer, needed))

    assert looked > 20
    assert wrong == set()
