"""Fifty canaries in a row through one warm bench: each trades, and each is exactly one order."""

from __future__ import annotations

import itertools

import pytest

from harness.canary import send
from harness.cli.arguments import REFERENCE
from harness.deployment import load
from harness.lab.bench import bench
from harness.vocabulary import Depth

CANARIES = 50


@pytest.mark.early
@pytest.mark.timeout(180)
def test_fifty_canaries_in_a_row_are_fifty_times_one_order() -> None:
    """At depth cycle, from the provider's rows on, while the bot's own processes run; none meets another."""
    with bench(load(REFERENCE), clean=True, warm=True) as made:
        symbols = itertools.islice(itertools.cycle(made.deployment.toml.canary.symbols), CANARIES)
        results = [send(made, symbol, Depth.CYCLE) for symbol in symbols]
        own = made.world.ledger(made.world.account)
    orders = [order for result in results for order in result.orders]

    assert [result.reason for result in results if not result.traded] == []
    assert [len(result.orders) for result in results] == [1] * CANARIES
    assert len({order.client_order_id for order in orders}) == CANARIES
    assert own == ()


def test_a_canary_on_a_warm_host_costs_a_small_part_of_an_import() -> None:
    """A host imports the bot once for all canaries. How many milliseconds each takes, the benchmark says."""
    with bench(load(REFERENCE), clean=True, processes=False, warm=True) as made:
        import_s = made.host.import_seconds
        results = [send(made, "AAPL", Depth.DECIDE) for _ in range(10)]

    assert all(result.traded for result in results)
    assert min(result.duration_s for result in results) < import_s / 5
