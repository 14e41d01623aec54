"""Every pair of text and ground in the page's palette can be read, in light and in dark (WCAG 2.2, 1.4.3: 4.5 to 1)."""

from __future__ import annotations

import re

import pytest

from harness.report.page import TEMPLATES

CSS = (TEMPLATES / "readiness.css").read_text(encoding="utf-8")
PAIRS = [
    *((text, ground) for text in ("ink", "soft") for ground in ("paper", "card", "sunk", "error-bg")),
    *((word, ground) for word in ("ok", "warn", "unknown", "error") for ground in ("card", f"{word}-bg")),
    ("card", "ink"),
    ("card", "ok"),
    ("card", "error"),
]


def palette(scheme: str) -> dict[str, str]:
    """The colours of `:root`, with those of the dark scheme over them where asked for."""
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", light + (dark if scheme == "dark" else "")))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (source: WCAG 2.2, relative luminance)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(scheme: str) -> None:
    """No pair is below 4.5 to 1."""
    colours = palette(scheme)
    weak = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in PAIRS}

    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


def test_the_verdict_can_be_read() -> None:
    """The word on its band, and the softer text there (86 parts of 100 of it), in each colour and scheme."""
    bands = re.findall(r"--band: (#[0-9a-f]{6})", CSS)
    yellow = {"#f6b912", "#dfa514"}
    weak = [band for band in bands if contrast(band, "#1c1500" if band in yellow else "#ffffff") < 6.0]

    assert (len(bands), weak) == (6, [])
