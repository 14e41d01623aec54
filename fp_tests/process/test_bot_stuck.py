"""FP-6.3: the trading loop is stopped; its pid is there, and its service manager calls it running."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.faults.process_hang import hang
from fp_tests.story import Detects, FaultOf, Recovers, healed, not_ok_in_time, point
from harness.drill.steps import consequences, golden, heal, not_ok, withhold
from harness.failure_point import judge
from harness.failure_points.process.bot_stuck import LoopProgress
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Depth, Stage, Status
from harness.vocabulary.roles import Limit, Service

POINT = point("FP-6.3")


@pytest.fixture
def fault(fault_of: FaultOf) -> Iterator[int]:
    """The kernel says T: the process exists, and is given no time on a processor."""
    with fault_of(POINT.name) as pid:
        assert Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "T"
        yield pid


def test_detect(healthy_bench: Bench, fault: int, detects: Detects) -> None:
    """Named as stopped at once, though its last cycle is not old yet; whether it lives is another point's question."""
    found = detects(POINT)
    evidence = found.finding.evidence

    assert found.status is Status.ERROR
    assert isinstance(evidence, LoopProgress)
    assert (evidence.pid, evidence.stopped, evidence.counted_from) == (fault, True, "last completed cycle")
    assert evidence.cycle_age_s < evidence.cycle_age_s_max == 300.0
    assert not_ok(healthy_bench) - {"FP-6.3"} == consequences(POINT) == set()


def test_detect_later(healthy_bench: Bench, fault: int) -> None:
    """Five minutes later its last cycle is past the limit, no cycle was added, and no other point speaks of it."""
    before = healthy_bench.observe().services[Service.TRADING_LOOP].value
    healthy_bench.clock.advance(healthy_bench.deployment.limits[Limit.NO_CYCLE_S] + 1.0)
    evidence = judge(POINT, healthy_bench.observe()).finding.evidence

    assert evidence.cycle_age_s > evidence.cycle_age_s_max
    assert evidence.cycles == before.cycles
    assert not_ok_in_time(healthy_bench, {"FP-6.3"}) == {"FP-6.3"}


@pytest.mark.needs("strace")
def test_detect_hung(healthy_bench: Bench, detects: Detects) -> None:
    """A loop that hangs in a call is not stopped, and only its last completed cycle tells: it is past the limit."""
    with hang(healthy_bench.pid(Service.TRADING_LOOP)):
        early = judge(POINT, healthy_bench.observe()).status
        healthy_bench.clock.advance(healthy_bench.deployment.limits[Limit.NO_CYCLE_S] + 1.0)
        found = detects(POINT)
        others = not_ok_in_time(healthy_bench, {"FP-6.3"})

    assert (early, found.status, found.finding.evidence.stopped) == (Status.OK, Status.ERROR, False)
    assert found.finding.summary.endswith("is stuck: its last completed cycle is 301 s old; 300 s is the limit")
    assert others == {"FP-6.3"}


def test_blocks(healthy_bench: Bench, fault: int) -> None:
    """The golden rows reach the cache, and the loop that should read them stands still."""
    canary = golden(healthy_bench, POINT)

    assert canary.depth is Depth.PROCESS
    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.LOOP, ())


def test_heal(healthy_bench: Bench, fault: int) -> None:
    """Nobody lets it run on by itself; the remedy restarts it, and touches no other service, no file and no order."""
    assert withhold(healthy_bench, POINT) is Status.ERROR
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did) == (Outcome.HEALED, "restarted trading_loop")
    assert done.touched == {"trading_loop"}


def test_recover(healthy_bench: Bench, fault: int, recovers: Recovers) -> None:
    """The stopped process is gone; the new loop turns the next signal into exactly one order."""
    heal(healthy_bench, POINT)
    recovery = recovers(POINT)

    assert recovery.complete, recovery
    assert len(recovery.canary.orders) == 1
