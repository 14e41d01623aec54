"""FP-3.7: a symbol's cooldown is stamped an hour in the future."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from chaos.faults.file_write import write_file
from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.drill.steps import consequences, golden, not_ok
from harness.failure_point import judge
from harness.failure_points.gates.cooldown_active import Cooldowns
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Stage, Status
from harness.vocabulary.roles import File, Limit

POINT = point("FP-3.7")
RESTED_S = 600.0


@pytest.fixture
def fault(healthy_bench: Bench, fault_of: FaultOf) -> Iterator[ExitStack]:
    """The record on the disk says that the symbol was traded later than now."""
    with ExitStack() as stack:
        path = stack.enter_context(fault_of(POINT.name))
        assert json.loads(path.read_bytes())["cooldowns"]["AAPL"] > healthy_bench.clock.now() + 3000.0
        yield stack


def test_detect(healthy_bench: Bench, fault: ExitStack, detects: Detects) -> None:
    """The symbol is named, and how far ahead its stamp is; nothing else is in error."""
    found = detects(POINT)
    evidence = found.finding.evidence

    assert found.status is Status.ERROR
    assert isinstance(evidence, Cooldowns)
    assert (evidence.ahead, evidence.running, evidence.cooldown_s) == (("AAPL",), (), 900.0)
    assert evidence.ahead_s == pytest.approx(3600.0, abs=60.0)
    assert not_ok(healthy_bench) - {"FP-3.7"} == consequences(POINT) == set()


def test_blocks(healthy_bench: Bench, fault: ExitStack) -> None:
    """The gate says how long ago, below nothing, the symbol was traded; another symbol is an order."""
    canary, other = golden(healthy_bench, POINT), golden(healthy_bench, POINT, nth=1)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.GATE, ())
    assert canary.blocker is not None
    assert (canary.blocker.failure_point, canary.blocker.limit) == ("FP-3.7", "900.0")
    assert float(canary.blocker.value) == pytest.approx(-3600.0, abs=60.0)
    assert canary.blocker.needs.endswith(">= 900.0")
    assert (other.symbol, other.traded) == ("MSFT", True)


def test_a_running_cooldown_is_no_alarm_and_ends_by_itself(healthy_bench: Bench) -> None:
    """Ten minutes after its trade the symbol rests, and all is well; five minutes later its signal is an order."""
    lasts_s = healthy_bench.deployment.limits[Limit.SYMBOL_COOLDOWN_S]
    stamp = json.dumps({"schema": 1, "cooldowns": {"AAPL": healthy_bench.clock.now() - RESTED_S}})
    with write_file(healthy_bench.path(File.COOLDOWNS), stamp):
        resting, blocked = judge(POINT, healthy_bench.observe()), golden(healthy_bench, POINT)
        healthy_bench.clock.advance(lasts_s - RESTED_S)
        free, trades = judge(POINT, healthy_bench.observe()), golden(healthy_bench, POINT)

    assert (resting.status, resting.finding.evidence.running) == (Status.OK, ("AAPL",))
    assert blocked.blocker is not None
    assert (blocked.traded, blocked.blocker.failure_point) == (False, "FP-3.7")
    assert RESTED_S <= float(blocked.blocker.value) < float(blocked.blocker.limit) == lasts_s
    assert (free.status, free.finding.evidence.running) == (Status.OK, ())
    assert trades.traded, trades.reason


def test_heal(healthy_bench: Bench, fault: ExitStack) -> None:
    """Nobody ends a cooldown, not even a wrong one: the controller says so, and changes nothing."""
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did, done.touched) == (Outcome.INTENDED, "", set())


def test_recover(healthy_bench: Bench, fault: ExitStack, recovers: Recovers) -> None:
    """When the stamp is mended, other symbols and this one are orders."""
    fault.close()
    recovery = recovers(POINT)
    canary = golden(healthy_bench, POINT)

    assert recovery.complete, recovery
    assert (canary.symbol, canary.traded) == ("AAPL", True)
