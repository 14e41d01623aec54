"""FP-3.8: three losses have raised the entry threshold, and the raise has ten minutes to run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.faults.file_write import write_file
from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.drill.steps import consequences, golden, not_ok
from harness.failure_points.gates.threshold_raised import Threshold
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.readiness.judging import await_status, judge_all
from harness.verdict import colour_of, reasons
from harness.vocabulary import Colour, Stage, Status
from harness.vocabulary.roles import File, Limit

POINT = point("FP-3.8")


@pytest.fixture
def fault(fault_of: FaultOf) -> Iterator[Path]:
    """A raise with its time, in the bot's own words, is on the disk."""
    with fault_of(POINT.name) as path:
        recorded = json.loads(path.read_bytes())
        assert (recorded["consecutive_losses"], type(recorded["raised_at"])) == (3, float)
        yield path


def whole_weights(bench: Bench) -> bytes:
    """The weights of a new bot, by which the golden signal is a better one."""
    table = bench.deployment.file(File.SIGNAL_WEIGHTS)
    return (bench.deployment.root / table.default).read_bytes()


def test_detect(healthy_bench: Bench, fault: Path, detects: Detects) -> None:
    """The threshold in force stands beside the usual one, with the raise and its own end; nothing else is in error."""
    raised_at_s = json.loads(fault.read_bytes())["raised_at"]
    lasts_s = healthy_bench.deployment.limits[Limit.RAISED_THRESHOLD_S]
    found = detects(POINT)
    evidence = found.finding.evidence

    assert found.status is Status.ERROR
    assert isinstance(evidence, Threshold)
    assert (evidence.threshold, evidence.threshold_max, evidence.losses_in_a_row) == (3.5, 3.0, 3)
    assert (evidence.raised_at_s, evidence.ends_at_s) == (raised_at_s, raised_at_s + lasts_s)
    assert evidence.age_s == pytest.approx(lasts_s - 600.0, abs=60.0)
    assert not_ok(healthy_bench) - {"FP-3.8"} == consequences(POINT) == set()


def test_blocks(healthy_bench: Bench, fault: Path) -> None:
    """A signal between the two thresholds is stopped by the raised one."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.GATE, ())
    assert canary.blocker is not None
    assert (canary.blocker.failure_point, canary.blocker.limit) == ("FP-3.8", "3.5")
    assert 3.0 <= float(canary.blocker.value) < 3.5
    assert canary.blocker.needs == "score >= 3.5"


def test_a_better_signal_still_trades(healthy_bench: Bench, fault: Path) -> None:
    """A score above the raised threshold is an order, so the verdict is YELLOW: it trades, and less than it could."""
    with write_file(healthy_bench.path(File.SIGNAL_WEIGHTS), whole_weights(healthy_bench)):
        canary = golden(healthy_bench, POINT)
        judged = judge_all(healthy_bench)
    gate = next(gate for gate in canary.trace.gates if gate.failure_point == "FP-3.8")
    found = reasons(judged, [canary], healthy_bench.deployment.desks, None, ())

    assert canary.traded, canary.reason
    assert float(gate.value) > float(gate.limit) == 3.5
    assert (colour_of(found), [reason.point for reason in found]) == (Colour.YELLOW, ["FP-3.8"])


def test_heal(healthy_bench: Bench, fault: Path) -> None:
    """Nobody lowers the threshold for the bot: the controller leaves it alone, and changes nothing."""
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did, done.touched) == (Outcome.LEFT_TO_BOT, "", set())


def test_recover(healthy_bench: Bench, fault: Path, recovers: Recovers) -> None:
    """A minute before its end it still holds; when the clock passes it, the same signal is an order again."""
    lasts_s = healthy_bench.deployment.limits[Limit.RAISED_THRESHOLD_S]
    ends_at_s = json.loads(fault.read_bytes())["raised_at"] + lasts_s
    healthy_bench.clock.advance(ends_at_s - healthy_bench.clock.now() - 60.0)
    before = await_status(healthy_bench, POINT, Status.OK, 0.0)
    healthy_bench.clock.advance(61.0)
    recovery = recovers(POINT)

    assert before.status is Status.ERROR
    assert recovery.complete, recovery
