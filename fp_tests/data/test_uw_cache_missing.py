"""FP-1.2: the cache is gone, and the daemon that beats on cannot write it again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.drill.steps import consequences, golden, heal, not_ok, withhold
from harness.failure_points.data.uw_cache_missing import CacheFile
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Stage, Status

POINT = point("FP-1.2")


@pytest.fixture
def fault(fault_of: FaultOf) -> Iterator[Path]:
    """There is no cache on the disk."""
    with fault_of(POINT.name) as cache:
        assert not cache.exists()
        yield cache


def test_detect(healthy_bench: Bench, fault: Path, detects: Detects) -> None:
    """The file is named; its age cannot be known and its symbols are none: exactly the declared consequences."""
    expected = CacheFile(path="data/uw_flow_cache.json", exists=False, size_bytes=0, size_bytes_min=1)
    found = detects(POINT)

    assert found.status is Status.ERROR
    assert found.finding.evidence == expected
    assert not_ok(healthy_bench) - {"FP-1.2"} == consequences(POINT) == {"FP-1.3", "FP-1.4"}


def test_detect_empty(healthy_bench: Bench, fault: Path, detects: Detects) -> None:
    """A file of zero bytes is no better than none."""
    fault.touch()
    found = detects(POINT)
    fault.unlink()

    assert found.finding.evidence == CacheFile(path="data/uw_flow_cache.json", exists=True, size_bytes=0)
    assert found.status is Status.ERROR


def test_blocks(healthy_bench: Bench, fault: Path) -> None:
    """The provider gives the golden rows, they reach no cache, and the cycle says that it has none."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.CACHE, ())
    assert canary.blocker is not None
    assert (canary.blocker.label, canary.blocker.failure_point) == ("cache_missing", "FP-1.2")
    assert (canary.blocker.condition, canary.blocker.exit) == ("except OSError", "raise")


def test_heal(healthy_bench: Bench, fault: Path) -> None:
    """The broken daemon beats on and never mends it; a new daemon does, and nothing else is touched."""
    assert withhold(healthy_bench, POINT) is Status.ERROR
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did) == (Outcome.HEALED, "restarted flow_daemon")
    assert done.touched == {"flow_daemon"}


def test_recover(healthy_bench: Bench, fault: Path, recovers: Recovers) -> None:
    """The cache is back with the fault not lifted, and the signal is an order again."""
    heal(healthy_bench, POINT)
    recovery = recovers(POINT)

    assert recovery.complete, recovery
    assert fault.stat().st_size > 0
