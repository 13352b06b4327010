"""The style guide renders, is sound HTML, and the public page stays light."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from kit import templates

ROOT = Path(__file__).parents[1]
PAGES = sorted(file.stem for file in (ROOT / "templates/style").glob("*.html"))
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
SHAPES = {"line", "path", "rect", "use"}


@pytest.fixture
def routes() -> Iterator[None]:
    """Every place of the rail exists; what the real application knew comes back afterwards."""
    known = dict(templates._routes)
    names = re.findall(r'"(\w+:\w+)"', (ROOT / "templates/layouts/staff.html").read_text())
    templates.know_routes({name: "/" + name.replace(":", "/") for name in names})
    yield
    templates._routes.clear()
    templates._routes.update(known)


def render(name: str, **more: object) -> str:
    everywhere = {
        "organisation": {"name": "Riverbend <Food> Bank"},
        "member": SimpleNamespace(name="Ana Ruiz", role="gift_entry"),
        "can": lambda _permission: True,
        "demo": True,
        "path": "/style",
        "today": date(2026, 11, 23),
        "logo_url": None,
        "notices": ["Done & dusted."],
    }
    return templates.environment().get_template(name).render({**everywhere, **more})


class Sound(HTMLParser):
    """Gathers what a page is made of, and where its tags do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if len({name for name, _ in attrs}) < len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice: {self.get_starttag_text()}")
        if tag not in VOID | SHAPES:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID | SHAPES:
            return
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> at {self.getpos()} closes <{self.open[-1] if self.open else ''}>")
        else:
            self.open.pop()

    def values(self, name: str) -> list[str]:
        return [value for _, attrs in self.tags if (value := attrs.get(name))]


@pytest.mark.usefixtures("routes")
@pytest.mark.parametrize("name", PAGES)
def test_each_page_of_the_guide_is_sound(name):
    page = Sound(render(f"style/{name}.html"))
    ids = page.values("id")
    pointed = [
        id
        for attribute in ("for", "aria-describedby", "aria-labelledby", "commandfor", "popovertarget")
        for value in page.values(attribute)
        for id in value.split()
    ]

    assert page.faults == []
    assert [id for id, times in Counter(ids).items() if times > 1] == []
    assert set(pointed) - set(ids) == set()
    assert page.values("style") == []
    assert [attrs for tag, attrs in page.tags if tag == "img" and "alt" not in attrs] == []


@pytest.mark.usefixtures("routes")
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 418, 422, 429, 500, 503])
def test_an_error_page_needs_nobody_and_nothing(status):
    html = render(
        "errors/error.html", status=status, sentence="A <b>sentence</b>.", reference="7f3a19c2",
        member=None, organisation=None, can=lambda _permission: False, demo=False,
    )  # fmt: skip

    assert Sound(html).faults == []
    assert "A &lt;b&gt;sentence&lt;/b&gt;." in html
    assert "7f3a19c2" in html


@pytest.mark.usefixtures("routes")
def test_the_rail_shows_only_what_one_may_open():
    html = render("style/list.html", can=lambda permission: permission == "constituents.read")

    assert "/constituents/index" in html
    assert "/gifts/index" not in html
    assert "Finance" not in html


def test_the_rail_leaves_out_what_does_not_exist_yet(routes):
    del templates._routes["imports:index"]

    assert "imports" not in render("style/settings.html")


@pytest.mark.usefixtures("routes")
@pytest.mark.parametrize("name", ["give", "thanks"])
def test_a_public_page_weighs_under_100_kilobytes(name):
    html = render(f"style/{name}.html")
    files = {
        path.partition("?")[0].partition("#")[0]
        for path in re.findall(r'(?:href|src)="/(static/[^"]+)"', html)
    }
    sheets = [(ROOT / path).read_text() for path in files if path.endswith(".css")]
    files |= {f"static/{path}" for sheet in sheets for path in re.findall(r'url\("\.\./([^"]+)"\)', sheet)}

    assert not any("htmx" in path for path in files)
    assert len(html.encode()) + sum((ROOT / path).stat().st_size for path in files) < 100_000
