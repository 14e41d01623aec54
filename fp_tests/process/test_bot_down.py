"""FP-6.1: the trading loop is killed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fp_tests.story import Detects, FaultOf, Recovers, healed, is_gone, point
from harness.drill.steps import consequences, golden, heal, not_ok, withhold
from harness.failure_points.process.bot_down import LoopLife
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Depth, Stage, Status

POINT = point("FP-6.1")


@pytest.fixture
def fault(fault_of: FaultOf) -> Iterator[int]:
    """The loop's process is gone, or a zombie that nobody can run any more."""
    with fault_of(POINT.name) as pid:
        assert is_gone(pid)
        yield pid


def test_detect(healthy_bench: Bench, fault: int, detects: Detects) -> None:
    """No live process, whatever its heartbeat still says; the daemon and its cache are well."""
    found = detects(POINT)
    evidence = found.finding.evidence

    assert found.status is Status.ERROR
    assert isinstance(evidence, LoopLife)
    assert evidence.alive is False
    assert not_ok(healthy_bench) - {"FP-6.1"} == consequences(POINT) == set()


def test_blocks(healthy_bench: Bench, fault: int) -> None:
    """The golden rows reach the cache, and of the running processes nobody sends an order."""
    canary = golden(healthy_bench, POINT)

    assert canary.depth is Depth.PROCESS
    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.LOOP, ())


def test_heal(healthy_bench: Bench, fault: int) -> None:
    """Nobody restarts it by itself; the remedy does, and touches no other service, no file and no order."""
    assert withhold(healthy_bench, POINT) is Status.ERROR
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did) == (Outcome.HEALED, "restarted trading_loop")
    assert done.touched == {"trading_loop"}


def test_recover(healthy_bench: Bench, fault: int, recovers: Recovers) -> None:
    """The new loop itself, not a fork of it, turns the next signal into exactly one order."""
    heal(healthy_bench, POINT)
    recovery = recovers(POINT)

    assert recovery.complete, recovery
    assert len(recovery.canary.orders) == 1
