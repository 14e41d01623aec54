"""Times, comparisons, evidence and the way through the stages are told in words that hold."""

from __future__ import annotations

import dataclasses

import pytest

from harness.report import phrases
from harness.report.order import roots_first
from harness.report.visible import visible
from harness.report.waterfall import Passage, stages
from harness.vocabulary import Depth, GateVerdict, Stage
from tests.report import examples, pieces


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0042, "4 ms"),
        (0.9996, "1.0 s"),
        (9.84, "9.8 s"),
        (59.96, "1 min"),
        (412, "6 min 52 s"),
        (12000, "3 h 20 min"),
        (187200, "2 d 4 h"),
        (-3, "-3.0 s"),
        (float("inf"), "inf"),
    ],
)
def test_durations(seconds: float, told: str) -> None:
    """A duration is told in the two largest units that say something."""
    assert told == phrases.duration(seconds)


@pytest.mark.parametrize(
    ("gate", "told"),
    [
        ({"value": "3.82", "limit": "3.00", "needs": "score >= 3.00"}, "3.82 >= 3.00"),
        ({"value": "3.82", "limit": "3.00"}, "3.82 > 3.00"),
        ({"value": "2.31", "limit": "3.00", "needs": "score >= 3.00", "verdict": GateVerdict.BLOCKED}, "2.31 < 3.00"),
        ({"value": "16", "limit": "16", "needs": "n < 16", "verdict": GateVerdict.BLOCKED}, "16 = 16"),
        ({"value": "2.0", "limit": "3.0", "needs": "score >= 3.0"}, "2.0 < 3.0"),
        ({"value": "Decimal('5')", "limit": "3"}, "Decimal('5') > 3"),
        ({"value": "'halt'", "limit": "'normal'"}, "'halt' against 'normal'"),
        ({"value": "'a'", "limit": "'a'"}, "'a' is 'a'"),
        ({"value": "nan", "limit": "3"}, "nan against 3"),
        ({"value": "True"}, "True"),
        ({}, ""),
    ],
)
def test_the_relation_that_is_told_holds(gate: dict[str, str], told: str) -> None:
    """The relation of `needs` only where it is true of the two numbers; otherwise the one that is."""
    assert told == phrases.against(pieces.gate("g", Stage.SCORE, 1, **gate))


def test_limits_stand_beside_their_measurement() -> None:
    """`age_s_max` is the limit of `age_s`; a limit without a measurement is told by itself."""
    found = phrases.measurements({"age_s": 412.0, "age_s_max": 120.0, "free": 3, "free_min": 2, "rate_max": 5})

    expected = [("age_s", "6 min 52 s", "at most 2 min", True), ("free", "3", "at least 2", False)]
    assert [*expected, ("rate_max", "5", "", False)] == [(m.name, m.value, m.limit, m.over) for m in found]


def test_age_is_taken_on_the_clock_of_the_look() -> None:
    """A look in lab time is compared with the lab's clock, a look in real time with the host's."""
    document = examples.green()
    lab, host = document.points[0], dataclasses.replace(document.points[0], observed_at_s=pieces.CREATED_AT_S - 2)

    assert [round(phrases.age(row, document), 6) for row in (lab, host)] == [3.84, 2.0]


def test_the_way_of_a_blocked_canary() -> None:
    """Stages before the stop were passed, later ones not reached, but for one whose gates stand earlier."""
    early = pieces.gate("freeze_active", Stage.GATE, 10)
    canary = pieces.blocked_by_score()
    trace = dataclasses.replace(canary.trace, gates=(early, *canary.trace.gates))
    way = {view.stage: view.passage for view in stages(dataclasses.replace(canary, trace=trace))}

    expected = [Passage.PASSED, Passage.STOPPED, Passage.PARTLY, Passage.NOT_REACHED]
    assert expected == [way[stage] for stage in (Stage.ENRICHMENT, Stage.SCORE, Stage.GATE, Stage.GUARD)]


def test_a_canary_at_decide_claims_nothing_about_the_feed() -> None:
    """What stands before the point of injection was not tried, and is not told as passed."""
    way = {view.stage: view.passage for view in stages(pieces.traded(Depth.DECIDE))}

    assert [way[stage] for stage in (Stage.FEED, Stage.SCORE)] == [Passage.SKIPPED, Passage.PASSED]


def test_every_point_is_told_once() -> None:
    """A consequence of a consequence, of itself, or of a point that is not there, is never lost."""
    rows = [
        pieces.point("1.10", "Ten", "ERROR"),
        pieces.point("1.9", "Nine", "ERROR"),
        pieces.point("2.1", "Itself", "ERROR", consequence_of=("FP-2.1",)),
        pieces.point("2.2", "Chained", "ERROR", consequence_of=("FP-2.1",)),
        pieces.point("2.3", "Absent", "UNKNOWN", consequence_of=("FP-7.7",)),
        pieces.point("2.4", "Below", "UNKNOWN", consequence_of=("FP-7.7", "FP-1.10")),
    ]
    told = [[root.row.id, *(row.id for row in root.consequences)] for root in roots_first(rows)]

    assert told == [["FP-1.9"], ["FP-1.10", "FP-2.4"], ["FP-2.1"], ["FP-2.2"], ["FP-2.3"]]


def test_visible_shows_what_hides() -> None:
    """Controls, overrides and zero-width characters are shown as escapes; letters of any script stay."""
    hidden = "a\x00\x1b[0m\n\u200b\u202e\u2069\ue000é漢🙂"

    assert visible(hidden) == r"a\x00\x1b[0m\n\u200b\u202e\u2069\ue000é漢🙂"
    assert visible("a" * 12, length_max=10) == "a" * 10 + "… (2 characters more)"
