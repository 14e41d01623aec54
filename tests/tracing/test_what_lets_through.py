"""What a blocked comparison says would let the signal through is exact: it passes at it, and not just below it."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from tests.tracing.probed import Venue, blocker, load, run

# the blocking condition, a value that it blocks, whether the named number itself passes, and which way is worse
COMPARISONS = [
    ("s['score'] < 3.0", 2.31, True, -math.inf),
    ("s['score'] <= 3.0", 3.0, False, -math.inf),
    ("s['score'] > 16", 17, True, math.inf),
    ("s['score'] >= 16", 16, False, math.inf),
    ("not s['score'] >= 3.0", 2.31, True, -math.inf),
    ("not (s['score'] > 3.0)", 3.0, False, -math.inf),
    ("3.0 > s['score']", 2.31, True, -math.inf),
    ("s['score'] < limit", 2.31, True, -math.inf),
]
SOURCE = """
def decide(signals, venue):
    limit = 3.0
    for s in signals:
        if {condition}:
            continue
        venue.submit_order(s["symbol"])
"""


def outcome(condition: str, score: float) -> tuple[bool, str]:
    """Whether a signal of this score is ordered, and what its blocker needs."""
    signal: dict[str, Any] = {"symbol": "AAPL", "score": score}
    venue = Venue()
    ran = run(load(SOURCE.format(condition=condition))["decide"], [signal], venue, signals=[signal])
    return bool(venue.orders), "" if venue.orders else blocker(ran.trace, "AAPL").needs


@pytest.mark.parametrize(("condition", "blocked", "itself_passes", "worse"), COMPARISONS)
def test_the_named_number_is_the_border(condition: str, blocked: float, itself_passes: bool, worse: float) -> None:
    """Rerun at the number that the blocker names, and one float to the worse and to the better side of it."""
    ordered, needs = outcome(condition, blocked)
    numbers = re.findall(r"-?\d+(?:\.\d+)?", needs)

    assert not ordered
    assert numbers, f"{needs!r} names no number"
    border = float(numbers[-1])
    better = math.nextafter(border, -worse)
    assert outcome(condition, border)[0] is itself_passes
    assert outcome(condition, math.nextafter(border, worse))[0] is False
    assert outcome(condition, better)[0] is True


def test_what_is_needed_can_be_read_aloud() -> None:
    """The sentence has the operand's own text and the limit's value, in the direction in which it passes."""
    assert outcome("s['score'] < limit", 2.31)[1] == "s['score'] >= 3.0"
