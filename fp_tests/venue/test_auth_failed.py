"""FP-4.2: the broker answers 401 to the bot's key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
import pytest

from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.drill.steps import consequences, golden, not_ok
from harness.failure_points.venue.auth_failed import VenueAuth
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Stage, Status
from harness.vocabulary.roles import Upstream

POINT = point("FP-4.2")


@pytest.fixture
def fault(healthy_bench: Bench, fault_of: FaultOf) -> Iterator[ExitStack]:
    """The bot's own key, sent by another client, is refused."""
    venue = healthy_bench.access().endpoints[Upstream.VENUE]
    key = {"APCA-API-KEY-ID": venue.key, "APCA-API-SECRET-KEY": venue.secret}
    with ExitStack() as stack, httpx2.Client(trust_env=False) as client:
        stack.enter_context(fault_of(POINT.name))
        assert client.get(f"{venue.url}/v2/clock", headers=key).status_code == 401
        yield stack


def test_detect(healthy_bench: Bench, fault: ExitStack, detects: Detects) -> None:
    """The venue's own words are the evidence; the buying power cannot be read: the declared consequence."""
    found = detects(POINT)

    assert found.status is Status.ERROR
    assert found.finding.evidence == VenueAuth(status=401, code="", message="unauthorized.")
    assert not_ok(healthy_bench) - {"FP-4.2"} == consequences(POINT) == {"FP-4.3"}


def test_blocks(healthy_bench: Bench, fault: ExitStack) -> None:
    """The golden signal stops at the account call, and not as if there were no money."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.VENUE, ())
    assert canary.blocker is not None
    assert (canary.blocker.label, canary.blocker.condition) == ("venue_auth_refused", "except CallFailed")
    assert canary.blocker.why.startswith("401, raised at bot/clients/alpaca.py:")
    assert "401" in canary.reason


def test_heal(healthy_bench: Bench, fault: ExitStack) -> None:
    """No key is mended by a machine: a person gets the playbook, and nothing is touched."""
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did, done.touched) == (Outcome.ESCALATED, "", set())
    assert done.playbook == POINT.sheet.playbook


def test_recover(healthy_bench: Bench, fault: ExitStack, recovers: Recovers) -> None:
    """When the key is accepted again, the next signal is an order."""
    fault.close()
    recovery = recovers(POINT)

    assert recovery.complete, recovery
