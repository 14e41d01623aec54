"""FP-3.1: a freeze with an hour to run stands in the governor's file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.drill.steps import consequences, golden, heal, not_ok
from harness.failure_points.gates.freeze_active import Freezes, ends_at
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.readiness.judging import await_status
from harness.vocabulary import Stage, Status

POINT = point("FP-3.1")


@pytest.fixture
def fault(fault_of: FaultOf) -> Iterator[Path]:
    """An active performance freeze that ends in an hour is on the disk."""
    with fault_of(POINT.name) as path:
        assert json.loads(path.read_bytes())["freezes"]["performance"]["active"] is True
        yield path


def test_detect(healthy_bench: Bench, fault: Path, detects: Detects) -> None:
    """The freeze is named with its file, its reason and its recorded end; nothing else is in error."""
    recorded = json.loads(fault.read_bytes())["freezes"]["performance"]
    expected = Freezes(
        active=("performance",),
        files=("state/governor_freezes.json",),
        reason=recorded["reason"],
        until_s=recorded["until"],
    )
    found = detects(POINT)

    assert found.status is Status.ERROR
    assert found.finding.evidence == expected
    assert not_ok(healthy_bench) - {"FP-3.1"} == consequences(POINT) == set()


def test_blocks(healthy_bench: Bench, fault: Path) -> None:
    """The golden signal is stopped by the gate that bot.toml maps to this point."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.GATE, ())
    assert canary.blocker is not None
    assert canary.blocker.failure_point == "FP-3.1"


def test_heal(healthy_bench: Bench, fault: Path) -> None:
    """Nobody lifts a freeze before its time: the controller waits, and changes nothing."""
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did, done.touched) == (Outcome.WAITING, "", set())


def test_heal_of_a_freeze_without_an_end(healthy_bench: Bench, fault_of: FaultOf) -> None:
    """The pre-market flag records no end, so a person decides: the playbook is handed over, the flag stays."""
    flag = healthy_bench.deployment.root / "state" / "pre_market_freeze.flag"
    flag.touch()
    healing = heal(healthy_bench, POINT)
    stayed = flag.exists()
    flag.unlink()

    assert (healing.outcome, healing.playbook) == (Outcome.ESCALATED, POINT.sheet.playbook)
    assert stayed


def test_recover(healthy_bench: Bench, fault: Path, recovers: Recovers) -> None:
    """A minute before its recorded end it still holds; when the clock passes it, the signal is an order again."""
    until_s = ends_at(healthy_bench.observe())
    assert until_s is not None
    healthy_bench.clock.advance(until_s - healthy_bench.clock.now() - 60.0)
    before = await_status(healthy_bench, POINT, Status.OK, 0.0)
    healthy_bench.clock.advance(61.0)
    recovery = recovers(POINT)

    assert before.status is Status.ERROR
    assert recovery.complete, recovery
