"""FP-5.4: a state file that the bot needs has been removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.faults.file_remove import remove
from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.drill.steps import golden, heal, not_ok, withhold
from harness.failure_points.state.required_file_missing import RequiredFiles
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Stage, Status
from harness.vocabulary.roles import File

POINT = point("FP-5.4")
PROFILES = "state/symbol_profiles.json"


@pytest.fixture
def fault(fault_of: FaultOf) -> Iterator[Path]:
    """The file is not on the disk."""
    with fault_of(POINT.name) as path:
        assert not path.exists()
        yield path


def test_detect(healthy_bench: Bench, fault: Path, detects: Detects) -> None:
    """The missing file is named; nothing else is in error."""
    found = detects(POINT)

    assert found.status is Status.ERROR
    assert found.finding.evidence == RequiredFiles(missing=(PROFILES,), required=8)
    assert not_ok(healthy_bench) == {"FP-5.4"}


def test_detect_every_missing_file(healthy_bench: Bench, fault: Path, detects: Detects) -> None:
    """Two are missing and both are named; of a kill switch that is gone nobody knows whether it was set."""
    with remove(healthy_bench.path(File.KILL_SWITCH)):
        found = detects(POINT)
        others = not_ok(healthy_bench) - {"FP-5.4"}

    assert found.finding.evidence == RequiredFiles(missing=("state/kill_switch.json", PROFILES), required=8)
    assert others == {"FP-3.10"}


def test_blocks(healthy_bench: Bench, fault: Path) -> None:
    """The bot refuses to trade without it, and says which file it misses."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.GATE, ())
    assert canary.blocker is not None
    assert (canary.blocker.label, canary.blocker.failure_point) == ("state_missing", "FP-5.4")


def test_heal(healthy_bench: Bench, fault: Path) -> None:
    """The bot never makes it again by itself; the remedy creates it from its default, and touches nothing else."""
    assert withhold(healthy_bench, POINT) is Status.ERROR
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did) == (Outcome.HEALED, f"created {PROFILES} from its declared default")
    assert done.touched == {PROFILES}
    assert fault.read_bytes() == (fault.parents[1] / "defaults" / fault.name).read_bytes()


def test_heal_of_a_missing_brake(healthy_bench: Bench, fault: Path) -> None:
    """No default stands in for a kill switch: the book beside it is created, and a person decides on the switch."""
    switch = healthy_bench.path(File.KILL_SWITCH)
    with remove(switch):
        healing = heal(healthy_bench, POINT)
        created = switch.exists()

    assert (healing.outcome, created, fault.exists()) == (Outcome.ESCALATED, False, True)
    assert "state/kill_switch.json may have held a brake" in healing.why
    assert healing.playbook == POINT.sheet.playbook


def test_recover(healthy_bench: Bench, fault: Path, recovers: Recovers) -> None:
    """The file is back with the fault not lifted, and the signal is an order again."""
    heal(healthy_bench, POINT)
    recovery = recovers(POINT)

    assert recovery.complete, recovery
    assert fault.exists()
