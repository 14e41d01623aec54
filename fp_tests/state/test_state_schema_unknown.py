"""FP-5.10: the governor's freezes carry a schema number that is newer than the bot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.drill.steps import consequences, golden, not_ok
from harness.failure_points.state.state_schema_unknown import StateSchemas
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Stage, Status
from harness.vocabulary.roles import File

POINT = point("FP-5.10")


@pytest.fixture
def freezes(healthy_bench: Bench) -> Path:
    """The governor's file."""
    return healthy_bench.path(File.FREEZES)


@pytest.fixture
def fault(fault_of: FaultOf, freezes: Path) -> Iterator[ExitStack]:
    """The file is good JSON with schema 2. Closing the stack puts the old one back."""
    with ExitStack() as stack:
        stack.enter_context(fault_of(POINT.name))
        assert json.loads(freezes.read_bytes()) == {"schema": 2, "freezes": {}}
        yield stack


def test_detect(healthy_bench: Bench, fault: ExitStack, detects: Detects) -> None:
    """The file is named with its number beside the number that the bot knows; nothing else is in error."""
    found = detects(POINT)

    assert found.status is Status.ERROR
    assert found.finding.evidence == StateSchemas(files=("state/governor_freezes.json",), schemas=(2,), known=("1",))
    assert not_ok(healthy_bench) - {"FP-5.10"} == consequences(POINT) == set()


def test_blocks(healthy_bench: Bench, fault: ExitStack) -> None:
    """The bot does not guess what the newer version meant: it refuses, and its gate is mapped to this point."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.GATE, ())
    assert canary.blocker is not None
    assert (canary.blocker.label, canary.blocker.failure_point) == ("state_schema_unknown", "FP-5.10")


def test_heal(healthy_bench: Bench, fault: ExitStack, freezes: Path) -> None:
    """We never rewrite a version: it is left to the bot, which leaves the newer file as it is."""
    newer = freezes.read_bytes()
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did, done.touched) == (Outcome.LEFT_TO_BOT, "", set())
    assert freezes.read_bytes() == newer


def test_recover(healthy_bench: Bench, fault: ExitStack, recovers: Recovers) -> None:
    """When the file that belongs to this version is back, the next signal is an order."""
    fault.close()
    recovery = recovers(POINT)

    assert recovery.complete, recovery
