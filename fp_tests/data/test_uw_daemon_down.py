"""FP-1.1: the flow daemon is killed, or stopped with its pid still there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chaos.faults.process_pause import pause
from fp_tests.story import Detects, FaultOf, Recovers, healed, is_gone, not_ok_in_time, point
from harness.canary import send
from harness.drill.steps import consequences, golden, heal, not_ok, withhold
from harness.failure_points.data.uw_daemon_down import DaemonLife
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Depth, Stage, Status
from harness.vocabulary.roles import Limit, Service

POINT = point("FP-1.1")


@pytest.fixture
def fault(healthy_bench: Bench, fault_of: FaultOf) -> Iterator[int]:
    """The daemon's process is gone, or a zombie that nobody can run any more."""
    with fault_of(POINT.name) as pid:
        assert is_gone(pid)
        yield pid


def test_detect(healthy_bench: Bench, fault: int, detects: Detects) -> None:
    """No live process, whatever the heartbeat still says; the cache is not old enough yet to be in error too."""
    found = detects(POINT)
    evidence = found.finding.evidence

    assert found.status is Status.ERROR
    assert isinstance(evidence, DaemonLife)
    assert (evidence.alive, evidence.stopped, evidence.heartbeat_age_s_max) == (False, False, 60.0)
    assert not_ok(healthy_bench) == {"FP-1.1"}


def test_detect_later(healthy_bench: Bench, fault: int) -> None:
    """Once the cache has aged past its limit it is stale as well, and that is a declared consequence."""
    healthy_bench.clock.advance(healthy_bench.deployment.limits[Limit.FLOW_CACHE_AGE_S] + 1.0)
    expected = {"FP-1.1", "FP-1.3"}

    assert not_ok_in_time(healthy_bench, expected) == expected
    assert consequences(POINT) == {"FP-1.2", "FP-1.3", "FP-1.4"}


def test_detect_stopped(healthy_bench: Bench, detects: Detects) -> None:
    """A stopped process keeps its pid, and its service manager calls it running; it does not live."""
    with pause(healthy_bench.pid(Service.FLOW_DAEMON)) as process:
        found = detects(POINT)

    assert found.status is Status.ERROR
    assert found.finding.summary == f"the daemon, pid {process.pid}, is stopped"


def test_blocks(healthy_bench: Bench, fault: int) -> None:
    """The golden rows stand at the provider and nobody fetches them: the running loop sends no order."""
    forked = golden(healthy_bench, POINT)
    running = send(healthy_bench, healthy_bench.deployment.toml.canary.symbols[0], Depth.PROCESS)

    assert (forked.traded, forked.stage) == (False, Stage.FEED)
    assert (running.traded, running.orders) == (False, ())


def test_heal(healthy_bench: Bench, fault: int) -> None:
    """Nobody restarts it by itself; the remedy does, and touches no other service and no file."""
    assert withhold(healthy_bench, POINT) is Status.ERROR
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did) == (Outcome.HEALED, "restarted flow_daemon")
    assert done.touched == {"flow_daemon"}


def test_recover(healthy_bench: Bench, fault: int, recovers: Recovers) -> None:
    """The new daemon fetches the rows that the dead one never saw, and the signal is an order."""
    heal(healthy_bench, POINT)
    recovery = recovers(POINT)

    assert recovery.complete, recovery
