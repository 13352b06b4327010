"""One colour of the organisation becomes the accent of every page, in light and dark, always readable.

The hue is kept; lightness moves, and chroma gives way where the screen cannot show it, until the accent reaches
WCAG AA contrast against each surface it is written on. Pure functions: a colour in, CSS out.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import atan2, cos, hypot, sin

DEFAULT = "#17685a"

# The surfaces of static/css/tokens.css that carry accent-coloured words: paper, card, sunk.
LIGHT_SURFACES = ("#faf9f6", "#ffffff", "#f3f1eb")
DARK_SURFACES = ("#14171a", "#1b1f23", "#101316")

AA = 4.6  # 4.5 and a little, for rounding to eight bits

_HEX = re.compile(r"#?([0-9a-fA-F]{6})")


class NotAColour(ValueError):
    """What came is not a colour written as #rrggbb."""


@dataclass(frozen=True)
class Accents:
    """The accent in one scheme: words, hover, soft ground, its line, and what is written on the accent."""

    accent: str
    strong: str
    soft: str
    line: str
    on: str


@lru_cache(maxsize=64)
def css(colour: str) -> str:
    """The style sheet `/theme.css` for a colour such as `#17685a`.

    Raises NotAColour for anything but six hex digits.
    """
    day, night = light(colour), dark(colour)
    pairs = {
        "--accent": (day.accent, night.accent),
        "--accent-strong": (day.strong, night.strong),
        "--accent-soft": (day.soft, night.soft),
        "--accent-line": (day.line, night.line),
        "--on-accent": (day.on, night.on),
    }
    lines = "\n".join(f"    {name}: light-dark({a}, {b});" for name, (a, b) in pairs.items())
    return f"@layer theme {{\n  :root {{\n{lines}\n  }}\n}}\n"


@lru_cache(maxsize=64)
def light(colour: str) -> Accents:
    """The accent on bright paper. Also for mails and PDFs, which have no dark scheme."""
    lightness, chroma, hue = _oklch(colour)
    soft = _hex(0.955, min(chroma * 0.25, 0.028), hue)
    accent_at = _darken(min(lightness, 0.62), chroma, hue, (*LIGHT_SURFACES, soft))
    return Accents(
        accent=_hex(accent_at, chroma, hue),
        strong=_hex(accent_at - 0.07, chroma, hue),
        soft=soft,
        line=_hex(0.86, min(chroma * 0.5, 0.06), hue),
        on="#ffffff",
    )


@lru_cache(maxsize=64)
def dark(colour: str) -> Accents:
    """The accent on dark paper: lighter, a little paler, with dark words on it."""
    lightness, chroma, hue = _oklch(colour)
    chroma = min(chroma, 0.14)
    soft = _hex(0.29, min(chroma * 0.4, 0.045), hue)
    on = _hex(0.2, min(chroma * 0.4, 0.03), hue)
    accent_at = _lighten(max(lightness, 0.74), chroma, hue, (*DARK_SURFACES, soft, on))
    return Accents(
        accent=_hex(accent_at, chroma, hue),
        strong=_hex(min(accent_at + 0.06, 0.97), chroma * 0.9, hue),
        soft=soft,
        line=_hex(0.44, min(chroma * 0.6, 0.07), hue),
        on=on,
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2, from 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _darken(start: float, chroma: float, hue: float, grounds: tuple[str, ...]) -> float:
    return _move(start, -0.005, chroma, hue, grounds)


def _lighten(start: float, chroma: float, hue: float, grounds: tuple[str, ...]) -> float:
    return _move(start, 0.005, chroma, hue, grounds)


def _move(lightness: float, step: float, chroma: float, hue: float, grounds: tuple[str, ...]) -> float:
    """Walk until the colour is readable on every ground. Black or white always is, so this ends."""
    while 0 < lightness < 1:
        if all(contrast(_hex(lightness, chroma, hue), ground) >= AA for ground in grounds):
            return lightness
        lightness += step
    return min(max(lightness, 0.0), 1.0)


def _channels(colour: str) -> tuple[float, float, float]:
    match = _HEX.fullmatch(colour.strip())
    if match is None:
        raise NotAColour("Write the colour as # and six digits, for example #17685a.")
    red, green, blue = (int(match[1][at : at + 2], 16) / 255 for at in (0, 2, 4))
    return _linear(red), _linear(green), _linear(blue)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _encoded(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _luminance(colour: str) -> float:
    red, green, blue = _channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklch(colour: str) -> tuple[float, float, float]:
    """Lightness, chroma and hue as the eye sees them (Björn Ottosson's OKLab, polar)."""
    r, g, b = _channels(colour)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    green_red = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    blue_yellow = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, hypot(green_red, blue_yellow), atan2(blue_yellow, green_red)


def _rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * cos(hue), chroma * sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """The nearest colour a screen can show: less chroma, same lightness and hue."""
    rgb = _rgb(lightness, chroma, hue)
    while chroma > 0 and not all(-0.0005 <= channel <= 1.0005 for channel in rgb):
        chroma = max(chroma - 0.002, 0.0)
        rgb = _rgb(lightness, chroma, hue)
    return "#" + "".join(f"{round(255 * _encoded(min(max(channel, 0.0), 1.0))):02x}" for channel in rgb)
