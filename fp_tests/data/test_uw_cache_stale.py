"""FP-1.3: the cache is there, its file time is fresh, and its content is eleven minutes old."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.drill.steps import consequences, golden, heal, not_ok, withhold
from harness.failure_points.data.uw_cache_stale import CacheAge
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Stage, Status

POINT = point("FP-1.3")


@pytest.fixture
def fault(fault_of: FaultOf) -> Iterator[Path]:
    """The daemon beats on and can write no more; the file was touched just now, and holds old flow."""
    with fault_of(POINT.name) as cache:
        assert time.time() - cache.stat().st_mtime < 60.0
        yield cache


def test_detect(healthy_bench: Bench, fault: Path, detects: Detects) -> None:
    """The age of the content counts, not the age of the file; nothing else is in error."""
    found = detects(POINT)
    evidence = found.finding.evidence

    assert found.status is Status.ERROR
    assert isinstance(evidence, CacheAge)
    assert evidence.age_s == pytest.approx(660.0, abs=20.0)
    assert evidence.age_s_max == 600.0
    assert not_ok(healthy_bench) - {"FP-1.3"} == consequences(POINT) == set()


def test_blocks(healthy_bench: Bench, fault: Path) -> None:
    """A golden signal that is published now never reaches the cache, and the cycle refuses the old one."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.CACHE, ())
    assert canary.blocker is not None
    assert (canary.blocker.label, canary.blocker.failure_point) == ("cache_stale", "FP-1.3")
    assert (canary.blocker.limit, canary.blocker.needs) == ("600.0", "age_s <= 600.0")
    assert float(canary.blocker.value) == pytest.approx(660.0, abs=20.0)


def test_heal(healthy_bench: Bench, fault: Path) -> None:
    """Without the remedy it stays in error; the remedy restarts the daemon and touches nothing else."""
    assert withhold(healthy_bench, POINT) is Status.ERROR
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did) == (Outcome.HEALED, "restarted flow_daemon")
    assert done.touched == {"flow_daemon"}


def test_recover(healthy_bench: Bench, fault: Path, recovers: Recovers) -> None:
    """With the old daemon still broken and gone, the new one fills the cache, and the signal is an order again."""
    heal(healthy_bench, POINT)
    recovery = recovers(POINT)

    assert recovery.complete, recovery
