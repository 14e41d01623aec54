"""FP-1.5: Unusual Whales answers 401 to the bot's key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from fp_tests.story import Detects, FaultOf, Recovers, healed, not_ok_in_time, point, provider_asked
from harness.drill.steps import consequences, golden, not_ok
from harness.failure_points.data.uw_auth_failed import ProviderAuth
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Stage, Status
from harness.vocabulary.roles import Limit

POINT = point("FP-1.5")


@pytest.fixture
def fault(healthy_bench: Bench, fault_of: FaultOf) -> Iterator[ExitStack]:
    """The bot's own key, sent by another client, is refused."""
    with ExitStack() as stack:
        stack.enter_context(fault_of(POINT.name))
        answer = provider_asked(healthy_bench)
        assert answer.status_code == 401
        yield stack


def test_detect(healthy_bench: Bench, fault: ExitStack, detects: Detects) -> None:
    """The provider's own answer is the evidence; the cache is young still, so nothing else is in error."""
    found = detects(POINT)
    evidence = found.finding.evidence

    assert found.status is Status.ERROR
    assert isinstance(evidence, ProviderAuth)
    assert (evidence.status, evidence.message) == (401, "Unauthorized")
    assert not_ok(healthy_bench) == {"FP-1.5"}


def test_detect_later(healthy_bench: Bench, fault: ExitStack) -> None:
    """The daemon has nothing to write, so the cache ages past its limit: a declared consequence."""
    healthy_bench.clock.advance(healthy_bench.deployment.limits[Limit.FLOW_CACHE_AGE_S] + 1.0)
    expected = {"FP-1.5", "FP-1.3"}

    assert not_ok_in_time(healthy_bench, expected) == expected
    assert consequences(POINT) == {"FP-1.2", "FP-1.3", "FP-1.4"}


def test_blocks(healthy_bench: Bench, fault: ExitStack) -> None:
    """The golden rows stand at the provider, which gives them to nobody."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.PROVIDER, ())
    assert "answers 401" in canary.reason


def test_heal(healthy_bench: Bench, fault: ExitStack) -> None:
    """No key is mended by a machine: a person gets the playbook, and nothing is touched."""
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did, done.touched) == (Outcome.ESCALATED, "", set())
    assert done.playbook == POINT.sheet.playbook


def test_recover(healthy_bench: Bench, fault: ExitStack, recovers: Recovers) -> None:
    """When the key is accepted again, the daemon comes back by itself, and the signal is an order."""
    fault.close()
    recovery = recovers(POINT)

    assert recovery.complete, recovery
