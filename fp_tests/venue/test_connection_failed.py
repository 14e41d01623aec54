"""FP-4.1: the wire to the broker is down."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.drill.footprint import footprint
from harness.drill.steps import consequences, golden, not_ok
from harness.failure_points.venue.connection_failed import VenueReach
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Stage, Status
from harness.vocabulary.roles import Upstream

POINT = point("FP-4.1")

pytestmark = pytest.mark.needs("toxiproxy")


@pytest.fixture
def fault(healthy_bench: Bench, fault_of: FaultOf) -> Iterator[ExitStack]:
    """Whoever connects to the broker's address is refused by the kernel."""
    port = int(healthy_bench.access().endpoints[Upstream.VENUE].url.rpartition(":")[2])
    with ExitStack() as stack:
        stack.enter_context(fault_of(POINT.name))
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1.0)
        yield stack


def test_detect(healthy_bench: Bench, fault: ExitStack, detects: Detects) -> None:
    """The innermost error is named; key and buying power cannot be known: exactly the declared consequences."""
    refused = "ConnectionRefusedError: [Errno 111] Connection refused"
    expected = VenueReach(status=None, error=refused, latency_s=0.0, latency_s_max=2.0)
    found = detects(POINT)

    assert found.status is Status.ERROR
    assert replace(found.finding.evidence, latency_s=0.0) == expected
    assert not_ok(healthy_bench) - {"FP-4.1"} == consequences(POINT) == {"FP-4.2", "FP-4.3"}


def test_blocks(healthy_bench: Bench, fault: ExitStack) -> None:
    """The golden signal reaches the bot, and the bot cannot reach its broker."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.VENUE, ())
    assert canary.blocker is not None
    assert (canary.blocker.label, canary.blocker.failure_point) == ("venue_unreachable", "FP-4.1")
    assert canary.blocker.condition == "except CallFailed"
    assert "Connection refused" in canary.reason


def test_heal(healthy_bench: Bench, fault: ExitStack) -> None:
    """The bot retries by itself: the controller leaves it alone, and changes nothing."""
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did, done.touched) == (Outcome.LEFT_TO_BOT, "", set())


def test_recover(healthy_bench: Bench, fault: ExitStack, recovers: Recovers) -> None:
    """When the wire is up again, the same processes trade again: nobody had to restart them."""
    before = footprint(healthy_bench).pids
    fault.close()
    recovery = recovers(POINT)

    assert recovery.complete, recovery
    assert footprint(healthy_bench).pids == before
