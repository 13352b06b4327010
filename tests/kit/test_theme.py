"""The accent is readable whatever colour an organisation has, and so are the colours of the tokens."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit import theme

TOKENS = (Path(__file__).parents[2] / "static/css/tokens.css").read_text()
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def token(name: str) -> tuple[str, str]:
    match = re.search(rf"--{name}: light-dark\((#\w{{6}}), (#\w{{6}})\)", TOKENS)
    assert match, name
    return match[1], match[2]


@given(colours)
@example("#000000")
@example("#ffffff")
@example("#ffff00")
@example("#0000ff")
@example("#808080")
def test_the_accent_is_readable_on_every_surface(colour):
    day, night = theme.light(colour), theme.dark(colour)

    for ground in (*theme.LIGHT_SURFACES, day.soft):
        assert theme.contrast(day.accent, ground) >= 4.5
        assert theme.contrast(day.strong, ground) >= 4.5
    for ground in (*theme.DARK_SURFACES, night.soft):
        assert theme.contrast(night.accent, ground) >= 4.5
    for accents in (day, night):
        assert theme.contrast(accents.on, accents.accent) >= 4.5
        assert theme.contrast(accents.on, accents.strong) >= 4.5


def test_a_colour_that_is_readable_already_stays_as_it_is():
    assert theme.light(theme.DEFAULT).accent == theme.DEFAULT


def test_the_sheet_fills_the_five_tokens_in_the_theme_layer():
    sheet = theme.css("#B3261E")

    assert sheet.startswith("@layer theme {")
    assert set(re.findall(r"(--[\w-]+): light-dark\(#[0-9a-f]{6}, #[0-9a-f]{6}\);", sheet)) == {
        "--accent", "--accent-strong", "--accent-soft", "--accent-line", "--on-accent",
    }  # fmt: skip


@pytest.mark.parametrize("wrong", ["", "red", "#12345", "#1234567", "#12345g", "#fff}body{", "#123456\n;"])
def test_what_is_no_colour_is_refused(wrong):
    with pytest.raises(theme.NotAColour):
        theme.css(wrong)


def test_the_surfaces_it_reckons_with_are_those_of_the_tokens():
    surfaces = [token(name) for name in ("paper", "card", "sunk")]

    assert tuple(day for day, _ in surfaces) == theme.LIGHT_SURFACES
    assert tuple(night for _, night in surfaces) == theme.DARK_SURFACES


@pytest.mark.parametrize(
    ("ink", "grounds", "least"),
    [
        ("ink", ["paper", "card", "sunk"], 7),
        ("ink-2", ["paper", "card", "sunk"], 4.5),
        ("ink-3", ["paper", "card", "sunk"], 4.5),
        ("edge", ["paper", "card"], 3),
        ("accent", ["paper", "card", "sunk", "accent-soft"], 4.5),
        ("good", ["paper", "card", "sunk", "good-soft"], 4.5),
        ("warn", ["paper", "card", "sunk", "warn-soft"], 4.5),
        ("bad", ["paper", "card", "sunk", "bad-soft"], 4.5),
        ("info", ["paper", "card", "sunk", "info-soft"], 4.5),
        ("ink", ["good-soft", "warn-soft", "bad-soft", "info-soft"], 4.5),
        ("on-accent", ["accent", "accent-strong"], 4.5),
    ],
)
def test_the_tokens_are_readable_in_both_schemes(ink, grounds, least):
    for ground in grounds:
        for mine, its in zip(token(ink), token(ground), strict=True):
            assert theme.contrast(mine, its) >= least, (ink, ground, mine, its)
