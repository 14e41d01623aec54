"""FP-6.12: the heartbeat keeper is killed, or can write no more, and its last report stays green."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from chaos.faults.process_file_size import file_size_limit
from fp_tests.story import Detects, FaultOf, Recovers, healed, is_gone, not_ok_in_time, point
from harness.canary import send
from harness.drill.steps import consequences, golden, heal, not_ok, withhold
from harness.failure_points.process.heartbeat_keeper_down import KeeperLife
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Depth, Status
from harness.vocabulary.roles import Limit, Service

POINT = point("FP-6.12")


def report(bench: Bench) -> bytes:
    """The health report as it lies on the disk."""
    return (bench.deployment.root / bench.deployment.service(Service.HEARTBEAT_KEEPER).heartbeat).read_bytes()


@pytest.fixture
def fault(healthy_bench: Bench, fault_of: FaultOf) -> Iterator[int]:
    """The keeper's process is gone, or a zombie; its report is there, and says green."""
    assert healthy_bench.wait(lambda: json.loads(report(healthy_bench))["light"] == "green", 5.0)
    with fault_of(POINT.name) as pid:
        assert is_gone(pid)
        assert json.loads(report(healthy_bench))["light"] == "green"
        yield pid


def test_detect(healthy_bench: Bench, fault: int, detects: Detects) -> None:
    """No live process, whatever its report still says; the bot it reported on is well."""
    found = detects(POINT)
    evidence = found.finding.evidence

    assert found.status is Status.ERROR
    assert isinstance(evidence, KeeperLife)
    assert (evidence.alive, evidence.stopped, evidence.report_age_s_max) == (False, False, 60.0)
    assert not_ok(healthy_bench) - {"FP-6.12"} == consequences(POINT) == set()


def test_detect_fake_green(healthy_bench: Bench, detects: Detects) -> None:
    """A keeper that lives and can write no more leaves a green report that grows old, and that is said too."""
    with file_size_limit(healthy_bench.pid(Service.HEARTBEAT_KEEPER), bytes_max=16):
        healthy_bench.clock.advance(healthy_bench.deployment.limits[Limit.HEARTBEAT_AGE_S] + 1.0)
        others = not_ok_in_time(healthy_bench, {"FP-6.12"})
        evidence = detects(POINT).finding.evidence
        light = json.loads(report(healthy_bench))["light"]

    assert light == "green"
    assert (evidence.alive, evidence.stopped) == (True, False)
    assert evidence.report_age_s > evidence.report_age_s_max
    assert others == {"FP-6.12"}


def test_blocks(healthy_bench: Bench, fault: int) -> None:
    """It blocks nothing: the golden signal becomes exactly one order."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, len(canary.orders)) == (True, 1)


def test_heal(healthy_bench: Bench, fault: int) -> None:
    """Nobody restarts it by itself; the remedy does, and touches no other service, no file and no order."""
    assert withhold(healthy_bench, POINT) is Status.ERROR
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did) == (Outcome.HEALED, "restarted heartbeat_keeper")
    assert done.touched == {"heartbeat_keeper"}


def test_recover(healthy_bench: Bench, fault: int, recovers: Recovers) -> None:
    """The new keeper writes a new report, and signals go on becoming orders."""
    before = report(healthy_bench)
    heal(healthy_bench, POINT)
    recovery = recovers(POINT)

    assert recovery.complete, recovery
    assert healthy_bench.wait(lambda: report(healthy_bench) != before, 5.0)


def test_the_running_loop_trades_on(healthy_bench: Bench, fault: int) -> None:
    """Not only a fork of it: the loop itself sends its order while nobody keeps the report. Last in this module, for
    the position stays."""
    canary = send(healthy_bench, healthy_bench.deployment.toml.canary.symbols[0], Depth.PROCESS)

    assert (canary.traded, len(canary.orders)) == (True, 1)
