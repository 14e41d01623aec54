"""Times, places, numbers and counts in an owner's words; the page and the terminal say them alike."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from harness.report.visible import visible
from harness.verdict.document import Document, PointRow
from harness.vocabulary import Colour, Gate, GateVerdict

QUESTION = "Would a good signal become an order right now?"
MEANS = {
    Colour.GREEN: "ready to trade",
    Colour.YELLOW: "trades, but something is degraded",
    Colour.RED: "not ready to trade",
}
_NEEDS = re.compile(r"(?<![<>=!])(<=|>=|==|!=|<|>)(?!=)")


def duration(seconds: float) -> str:
    """`4 ms`, `9.8 s`, `6 min 52 s`, `3 h 20 min`, `2 d 4 h`; negative ones with a minus."""
    if not math.isfinite(seconds):
        return str(seconds)
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, name, below, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {name}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def instant(unix_s: float) -> str:
    """`2026-03-04 14:20:05 UTC`; a number that is no time of this calendar stays a number."""
    try:
        return f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{unix_s} s"


def halves(unix_s: float) -> tuple[str, str]:
    """The time of day, and the day, of `instant`."""
    day, _, clock = instant(unix_s).partition(" ")
    return clock, day


def place(file: str, line: int) -> str:
    """`decide.py:88`; empty where there is no file."""
    return f"{visible(PurePath(file).name, length_max=80)}:{line}" if file else ""


def headline(document: Document) -> str:
    """`12 of 126 judged, 2 not applicable, 112 not built`."""
    parts = [f"{document.judged} of {document.catalogued} judged"]
    if document.not_applicable:
        parts.append(f"{document.not_applicable} NOT APPLICABLE")
    parts.append(f"{document.not_built} NOT BUILT")
    return ", ".join(parts)


def age(row: PointRow, document: Document) -> float:
    """Seconds between the look and the end of the run, on the clock that the look used: the lab's or the host's."""
    lab_end_s = document.lab_time_s + document.duration_s
    ends = sorted((document.created_at_s, lab_end_s), key=lambda end_s: abs(end_s - row.observed_at_s))
    return max(0.0, ends[0] - row.observed_at_s)


def gate_name(gate: Gate, *, length_max: int = 200) -> str:
    """The label that the bot's own log call gives the exit, else the condition."""
    return visible(gate.label or gate.condition or "unnamed exit", length_max=length_max)


def against(gate: Gate, *, length_max: int = 120) -> str:
    """`3.82 >= 3.00`: value and limit with the relation that holds between them; `3.82` where there is no limit.

    The relation of `needs` where it holds, else the plain one of the two numbers; values that are no numbers are
    only set beside each other.
    """
    value, limit = visible(gate.value, length_max=length_max), visible(gate.limit, length_max=length_max)
    if not limit or not value:
        return value or limit
    left, right = number(gate.value), number(gate.limit)
    if left is not None and right is not None:
        value, limit = rounded(gate.value, right), rounded(gate.limit, left)
    if left is None or right is None:
        return f"{value} {'is' if gate.value == gate.limit else 'against'} {limit}"
    asked = _NEEDS.search(gate.needs)
    if gate.verdict is GateVerdict.PASSED and asked and _holds(left, asked[1], right):
        return f"{value} {asked[1]} {limit}"
    relation = "<" if left < right else ">" if left > right else "="
    return f"{value} {relation} {limit}"


_NUMBER_MAX = 8
"""A number of so many characters is told as it is."""


def rounded(text: str, beside: float) -> str:
    """The number that `text` is, a long one with four digits after the point; whole where that would make it equal to
    the number that it stands `beside`."""
    amount = number(text)
    if amount is None or len(text) <= _NUMBER_MAX or abs(amount) >= 1e15 or not text[-1].isdigit():
        return visible(text)
    short = f"{amount:.4f}".rstrip("0").rstrip(".")
    same = float(short) == round(beside, 4) and amount != beside
    return visible(text) if same or (amount and not float(short)) else short


def number(text: str) -> float | None:
    """The finite number that `text` is (`Decimal('3.0')` too), else None."""
    inside = re.fullmatch(r"Decimal\('(.*)'\)", text.strip())
    try:
        found = float(inside[1] if inside else text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _holds(left: float, relation: str, right: float) -> bool:
    return {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "==": left == right,
        "!=": left != right,
    }[relation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One value of the evidence, beside its limit where it has one; `over` when it is past it."""

    name: str
    value: str
    limit: str = ""
    over: bool = False


def measurements(evidence: Mapping[str, Any], *, length_max: int = 160, count_max: int = 16) -> list[Measurement]:
    """The evidence as measurements: `age_s_max` stands beside `age_s`, not as a value of its own."""
    shown = []
    for key, value in evidence.items():
        if _base(key) in evidence and _base(key) != key:
            continue
        most, least = evidence.get(f"{key}_max"), evidence.get(f"{key}_min")
        limits = [f"at most {_value(key, most)}"] if most is not None else []
        limits += [f"at least {_value(key, least)}"] if least is not None else []
        over = _past(value, most, least)
        name, told = visible(key, length_max=60), visible(_value(key, value), length_max=length_max)
        shown.append(Measurement(name=name, value=told, limit=visible(", ".join(limits), length_max=80), over=over))
    rest = len(shown) - count_max
    return shown if rest <= 0 else [*shown[:count_max], Measurement(name=f"{rest} more", value="in verdict.json")]


def _base(key: str) -> str:
    return key.removesuffix("_max").removesuffix("_min")


def _past(value: Any, most: Any, least: Any) -> bool:
    if not isinstance(value, int | float):
        return False
    return (isinstance(most, int | float) and value > most) or (isinstance(least, int | float) and value < least)


def _value(key: str, value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if key.endswith(("_at_s", "until_s")):
            return instant(value)
        return duration(value) if key.endswith("_s") else f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(_value("", item) for item in value) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_value(str(name), item)}" for name, item in value.items()) or "none"
    return str(value) or "none"
