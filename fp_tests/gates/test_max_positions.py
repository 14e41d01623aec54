"""FP-3.2: sixteen positions are open, in the bot's record and at the venue alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.drill.steps import consequences, golden, not_ok
from harness.failure_points.gates.max_positions import OpenPositions
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Stage, Status
from harness.vocabulary.roles import File

POINT = point("FP-3.2")


@pytest.fixture
def fault(healthy_bench: Bench, fault_of: FaultOf) -> Iterator[ExitStack]:
    """The venue's own book and the file on the disk hold the same sixteen symbols."""
    with ExitStack() as stack:
        path = stack.enter_context(fault_of(POINT.name))
        held = healthy_bench.world.at_venue().positions(healthy_bench.world.account)
        assert len(held) == len(json.loads(path.read_bytes())["positions"]) == 16
        yield stack


def test_detect(healthy_bench: Bench, fault: ExitStack, detects: Detects) -> None:
    """Both counts stand beside the limit; nothing else is in error."""
    found = detects(POINT)

    assert found.status is Status.ERROR
    assert found.finding.evidence == OpenPositions(recorded=16, at_venue=16, positions_max=16)
    assert not_ok(healthy_bench) - {"FP-3.2"} == consequences(POINT) == set()


def test_blocks(healthy_bench: Bench, fault: ExitStack) -> None:
    """The gate compares sixteen with sixteen, and says what would let the signal through."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.GATE, ())
    assert canary.blocker is not None
    assert (canary.blocker.failure_point, canary.blocker.value, canary.blocker.limit) == ("FP-3.2", "16", "16")
    assert canary.blocker.needs.endswith("< 16")


def test_heal(healthy_bench: Bench, fault: ExitStack) -> None:
    """The limit protects the account: nobody closes a position or raises the limit to make room."""
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did, done.touched) == (Outcome.INTENDED, "", set())


def test_recover(healthy_bench: Bench, fault: ExitStack, recovers: Recovers) -> None:
    """When the positions are closed, the next signal is an order."""
    fault.close()
    recovery = recovers(POINT)

    assert recovery.complete, recovery
    assert json.loads(healthy_bench.path(File.POSITIONS).read_bytes())["positions"] == {}
