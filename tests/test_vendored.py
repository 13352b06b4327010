"""What others made is what the list says; what templates name is there; nothing needs more than the CSP allows."""

import re
from pathlib import Path

import pytest

from kit import vendored

ROOT = Path(__file__).parents[1]
TEMPLATES = [
    file for file in sorted((ROOT / "templates").rglob("*.html")) if not {"emails", "demo"} & set(file.parts)
]
ICON = re.compile(r"""\bicon(?:_name)?(?:\(|=|\s*=\s*)["']([a-z0-9-]+)["']""")


def sprite() -> set[str]:
    return set(re.findall(r'<symbol id="([a-z0-9-]+)"', (ROOT / "static/icons.svg").read_text()))


def icons_named() -> set[str]:
    """Icons that templates name: in calls, and in the tables of signs in ui.html and the rail."""
    named: set[str] = set()
    for file in TEMPLATES:
        text = file.read_text()
        named |= set(ICON.findall(text))
        if file.name in ("ui.html", "staff.html", "error.html"):
            named |= set(re.findall(r'"([a-z0-9-]+)"', text)) & sprite()
        for macro, place in (("empty", 4), ("link_button", 4), ("deed", 4), ("tag", 3), ("menu", 2)):
            for call in re.findall(rf"ui\.{macro}\(([^{{}}]*)\)\s*(?:%|}})", text):
                words = re.split(r",\s*(?![^()\[\]]*[)\]])", call)
                if len(words) >= place and (
                    match := re.fullmatch(r"""["']([a-z0-9-]+)["']""", words[place - 1].strip())
                ):
                    named.add(match[1])
    return named


def test_every_vendored_file_is_listed_and_unchanged():
    assert vendored.faults() == []


def test_a_changed_a_missing_and_an_unlisted_file_are_told(tmp_path):
    (tmp_path / "static/vendor").mkdir(parents=True)
    (tmp_path / "static/vendor/a.js").write_text("changed")
    (tmp_path / "static/vendor/c.js").write_text("new")
    rows = "".join(f"| `static/vendor/{name}.js` | npm {name} 1 | MIT | `{'0' * 64}` |\n" for name in "ab")
    (tmp_path / "static/VENDORED.md").write_text(rows)

    told = vendored.faults(tmp_path)

    assert [sentence.split(" ")[0] for sentence in told] == [f"static/vendor/{name}.js" for name in "abc"]


def test_every_icon_that_a_template_names_is_in_the_sprite():
    assert icons_named() - sprite() == set()


def test_no_icon_lies_unused_in_the_sprite():
    said = "".join(file.read_text() for file in (ROOT / "templates").rglob("*.html"))
    said += "".join(file.read_text() for file in ROOT.glob("*/pages/*.py"))
    assert {name for name in sprite() if f'"{name}"' not in said} == set()


def test_scripts_and_styles_that_layouts_name_exist():
    for layout in (ROOT / "templates/layouts").glob("*.html"):
        text = layout.read_text()
        for name in re.findall(r'\bcss\("([\w-]+)"\)', text):
            assert (ROOT / f"static/css/{name}.css").is_file(), name
        for name in re.findall(r'\bjs\("([^"]+)"\)', text):
            assert (ROOT / "static" / name).is_file(), name


FORBIDDEN = {
    "an inline style": re.compile(r"""<[^>]*\sstyle\s*=""", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "an inline handler": re.compile(r"\s(?:hx-on[:\w-]*|on[a-z]+)\s*=\s*[\"']"),
    "hx-vals with js": re.compile(r"hx-(?:vals|headers)\s*=\s*[\"']\s*js:"),
    "a filter on a trigger": re.compile(r"hx-trigger\s*=\s*[\"'][^\"']*\["),
    "something from elsewhere": re.compile(r"""(?:src|<link[^>]*href)\s*=\s*["']https?:"""),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has(what):
    found = [
        (file.relative_to(ROOT).as_posix(), match[0].strip()[:80])
        for file in TEMPLATES
        if "never sent to a browser" not in file.read_text()  # letters and posters are for paper
        for match in FORBIDDEN[what].finditer(file.read_text())
    ]
    assert found == []


def test_only_the_tokens_name_colours():
    for sheet in (ROOT / "static/css").glob("*.css"):
        if sheet.name in ("tokens.css", "print.css"):
            continue
        raw = re.sub(r'url\("data:[^"]*"\)', "", sheet.read_text())
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?!\s*\{)", raw) == [], sheet.name


def test_every_class_of_a_width_or_a_table_cell_has_a_rule():
    rules = (ROOT / "static/css/tables.css").read_text() + (ROOT / "static/css/forms.css").read_text()
    for name in ("lead", "end", "more", "more-end", "whole", "wide", "w2", "w3", "w4"):
        assert f".{name}" in rules
