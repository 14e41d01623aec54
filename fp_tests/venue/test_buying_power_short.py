"""FP-4.3: forty dollars are left in the account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal

import pytest

from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.drill.steps import consequences, golden, not_ok
from harness.failure_points.venue.buying_power_short import BuyingPower
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Stage, Status

POINT = point("FP-4.3")


@pytest.fixture
def fault(healthy_bench: Bench, fault_of: FaultOf) -> Iterator[ExitStack]:
    """The venue's own account holds forty dollars."""
    with ExitStack() as stack:
        stack.enter_context(fault_of(POINT.name))
        assert healthy_bench.world.at_venue().account(healthy_bench.world.account).cash == Decimal(40)
        yield stack


def test_detect(healthy_bench: Bench, fault: ExitStack, detects: Detects) -> None:
    """Twice the cash on margin is still less than the smallest order; nothing else is in error."""
    found = detects(POINT)

    assert found.status is Status.ERROR
    assert found.finding.evidence == BuyingPower(buying_power_usd=80.0, buying_power_usd_min=100.0)
    assert not_ok(healthy_bench) - {"FP-4.3"} == consequences(POINT) == set()


def test_blocks(healthy_bench: Bench, fault: ExitStack) -> None:
    """The bot shrinks the order to nothing and skips it at the guard; it does not send what would be refused."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.GUARD, ())
    assert canary.blocker is not None
    assert (canary.blocker.label, canary.blocker.failure_point) == ("below_minimum_order", "FP-4.3")


def test_heal(healthy_bench: Bench, fault: ExitStack) -> None:
    """The bot skips what is too small: the controller leaves it alone, and changes nothing."""
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did, done.touched) == (Outcome.LEFT_TO_BOT, "", set())


def test_recover(healthy_bench: Bench, fault: ExitStack, recovers: Recovers) -> None:
    """When the money is there again, the next signal is an order."""
    fault.close()
    recovery = recovers(POINT)

    assert recovery.complete, recovery
