"""FP-3.10: the kill switch is set by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.drill.steps import consequences, golden, not_ok
from harness.failure_points.gates.kill_switch_active import KillSwitch
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Stage, Status
from harness.vocabulary.roles import File

POINT = point("FP-3.10")


@pytest.fixture
def switch(healthy_bench: Bench) -> Path:
    """The switch's file."""
    return healthy_bench.path(File.KILL_SWITCH)


@pytest.fixture
def fault(fault_of: FaultOf, switch: Path) -> Iterator[ExitStack]:
    """The switch on the disk is set. Closing the stack releases it."""
    with ExitStack() as stack:
        stack.enter_context(fault_of(POINT.name))
        assert json.loads(switch.read_bytes())["active"] is True
        yield stack


def test_detect(healthy_bench: Bench, fault: ExitStack, switch: Path, detects: Detects) -> None:
    """The switch is named with its file, its reason and its time; nothing else is in error."""
    recorded = json.loads(switch.read_bytes())
    expected = KillSwitch(
        path="state/kill_switch.json", active=True, reason=recorded["reason"], since_s=recorded["since"]
    )
    found = detects(POINT)

    assert found.status is Status.ERROR
    assert found.finding.evidence == expected
    assert not_ok(healthy_bench) - {"FP-3.10"} == consequences(POINT) == set()


def test_blocks(healthy_bench: Bench, fault: ExitStack) -> None:
    """The golden signal is stopped by the gate that bot.toml maps to this point."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.GATE, ())
    assert canary.blocker is not None
    assert (canary.blocker.label, canary.blocker.failure_point) == ("kill_switch", "FP-3.10")


def test_heal(healthy_bench: Bench, fault: ExitStack, switch: Path) -> None:
    """No machine releases it: a person gets the playbook, and nothing is touched."""
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did, done.touched) == (Outcome.ESCALATED, "", set())
    assert done.playbook == POINT.sheet.playbook
    assert json.loads(switch.read_bytes())["active"] is True


def test_recover(healthy_bench: Bench, fault: ExitStack, recovers: Recovers) -> None:
    """When a person has released it, the next signal is an order."""
    fault.close()
    recovery = recovers(POINT)

    assert recovery.complete, recovery
