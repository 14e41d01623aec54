"""FP-1.4: the cache is fresh and well formed, and holds its metadata and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.drill.steps import consequences, golden, heal, not_ok, withhold
from harness.failure_points.data.uw_cache_no_symbols import CacheSymbols
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Stage, Status

POINT = point("FP-1.4")


@pytest.fixture
def fault(fault_of: FaultOf) -> Iterator[Path]:
    """The file on the disk has one key, its metadata."""
    with fault_of(POINT.name) as cache:
        assert list(json.loads(cache.read_bytes())) == ["_metadata"]
        yield cache


def test_detect(healthy_bench: Bench, fault: Path, detects: Detects) -> None:
    """The metadata does not count as a symbol, and the age stays right: nothing else is in error."""
    found = detects(POINT)

    assert found.status is Status.ERROR
    assert found.finding.evidence == CacheSymbols(symbols=0, symbols_min=1)
    assert not_ok(healthy_bench) - {"FP-1.4"} == consequences(POINT) == set()


def test_blocks(healthy_bench: Bench, fault: Path) -> None:
    """The golden rows never reach the cache, and the cycle says that it has no symbols."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.CACHE, ())
    assert canary.blocker is not None
    assert canary.blocker.label == "no_symbols"


def test_heal(healthy_bench: Bench, fault: Path) -> None:
    """Without the remedy no symbol comes back; a new daemon brings them, and nothing else is touched."""
    assert withhold(healthy_bench, POINT) is Status.ERROR
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did) == (Outcome.HEALED, "restarted flow_daemon")
    assert done.touched == {"flow_daemon"}


def test_recover(healthy_bench: Bench, fault: Path, recovers: Recovers) -> None:
    """The symbols are back with the fault not lifted, and the signal is an order again."""
    heal(healthy_bench, POINT)
    recovery = recovers(POINT)

    assert recovery.complete, recovery
    assert len(json.loads(fault.read_bytes())) > 1
