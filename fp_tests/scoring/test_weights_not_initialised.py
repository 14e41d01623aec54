"""FP-2.1: the weights file has lost three of its bands; the others have learned something."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.drill.steps import consequences, golden, heal, not_ok, withhold
from harness.failure_points.scoring.weights_not_initialised import WeightBands
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Stage, Status

POINT = point("FP-2.1")
WEIGHTS = "state/signal_weights.json"


@pytest.fixture
def fault(fault_of: FaultOf) -> Iterator[Path]:
    """Eighteen bands are left, and they differ from the declared default."""
    with fault_of(POINT.name) as path:
        assert len(bands(path)) == 18
        assert not bands(path).items() <= defaults(path).items()
        yield path


def bands(path: Path) -> dict[str, Any]:
    """The bands of a weights file, as they stand on the disk."""
    held: dict[str, Any] = json.loads(path.read_bytes())["weight_bands"]
    return held


def defaults(path: Path) -> dict[str, Any]:
    """The bands of the default that bot.toml declares."""
    return bands(path.parents[1] / "defaults" / path.name)


def test_detect(healthy_bench: Bench, fault: Path, detects: Detects) -> None:
    """The number of bands stands beside the number there must be; nothing else is in error."""
    found = detects(POINT)

    assert found.status is Status.ERROR
    assert found.finding.evidence == WeightBands(bands=18, bands_min=21, bands_max=21, fault="")
    assert not_ok(healthy_bench) - {"FP-2.1"} == consequences(POINT) == set()


def test_blocks(healthy_bench: Bench, fault: Path) -> None:
    """A good signal cannot be scored, and the gate that says so is the one that bot.toml maps to this point."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.SCORE, ())
    assert canary.blocker is not None
    assert canary.blocker.failure_point == "FP-2.1"


def test_heal(healthy_bench: Bench, fault: Path) -> None:
    """Without the remedy they stay lost; the remedy adds what is missing, keeps what was learned, and sets a copy
    of the file aside."""
    aside = fault.parent / f"{fault.name}.before_completion"
    aside.unlink(missing_ok=True)  # what an earlier healing on this bench set aside
    assert withhold(healthy_bench, POINT) is Status.ERROR
    learned, lost = bands(fault), fault.read_bytes()
    expected = {**defaults(fault), **learned}
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did) == (Outcome.HEALED, f"added 3 missing entries to {WEIGHTS}; kept 18")
    assert done.touched == {WEIGHTS, f"{WEIGHTS}.before_completion"}
    assert bands(fault) == expected
    assert aside.read_bytes() == lost


def test_recover(healthy_bench: Bench, fault: Path, recovers: Recovers) -> None:
    """With the bands complete the signal is scored, and is an order again."""
    heal(healthy_bench, POINT)
    recovery = recovers(POINT)

    assert recovery.complete, recovery
