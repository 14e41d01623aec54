"""A golden signal becomes exactly one order, through the bot's own feed and its own cycle."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import time_machine

from bot.equities import daemon, loop
from bot.equities.decide import decide_and_execute
from bot.equities.exits import manage_exits
from bot.stopping import Stop
from tests.bot.conftest import SESSION, World, patience


def test_a_golden_flow_becomes_one_bracket_order(world: World) -> None:
    """Rows at the provider, one poll, one cycle: one bracket buy stands in the venue's ledger."""
    with world.golden_flow("AAPL"):
        daemon.feed()
    report = loop.run_cycle()
    (order,) = world.parents()
    ask = world.venue.market.quote("AAPL").ask
    (submitted,) = report.submitted

    assert (order.symbol, order.side, order.order_class, order.time_in_force) == ("AAPL", "buy", "bracket", "gtc")
    assert order.client_order_id == submitted.client_order_id
    assert order.limit_price == ask
    assert order.qty is not None
    assert 1_000 <= order.qty * ask <= 2_000
    assert len(world.venue.book(world.account)) == 3
    assert [row["event"] for row in world.decisions() if row["symbol"] == "AAPL"] == ["submitted"]


def test_ordinary_flow_trades_nothing(world: World) -> None:
    """Without the golden rows, every cluster ends at the threshold."""
    daemon.feed()
    report = loop.run_cycle()

    assert report.clusters > 5
    assert report.submitted == ()
    assert {label for label, _, _ in world.blocked()} == {"score_below_threshold"}
    assert world.parents() == []


def test_the_same_signal_is_an_order_once(world: World) -> None:
    """Cycle after cycle over the same cache: the first one orders, the others do not."""
    with world.golden_flow("AAPL"):
        daemon.feed()
    orders = [len(loop.run_cycle().submitted) for _ in range(4)]

    assert orders == [1, 0, 0, 0]
    assert len(world.parents()) == 1


def test_the_same_signal_is_an_order_once_even_without_memory_of_the_cooldown(world: World) -> None:
    """With cooldowns lost and the position closed elsewhere, the intent log knows what was traded when, and by what."""
    cluster, fresh = world.cluster(), world.cluster(newest_at=world.clock.now())
    decide_and_execute([cluster])
    (first,) = world.parents()
    world.write_state("cooldowns.json", {"cooldowns": {}})
    world.venue.seed_position(world.account, "AAPL", 0, 190)
    manage_exits(world.desk())
    with time_machine.travel(SESSION + timedelta(seconds=600), tick=True):
        decide_and_execute([fresh])
    with time_machine.travel(SESSION + timedelta(seconds=1_200), tick=True):
        decide_and_execute([cluster])

    assert world.parents() == [first]
    assert [label for label, *_ in world.blocked()] == ["symbol_cooldown", "signal_already_used"]


def test_a_decision_asks_the_venue_five_times(world: World) -> None:
    """Clock, account, positions, one quote, one order; and it is quick."""
    desk, cluster = world.desk(), world.cluster()
    began = time.monotonic()
    submitted = decide_and_execute([cluster], desk=desk)
    took_s = time.monotonic() - began
    asked = [(request.method, request.path) for request in world.venue.script.log]

    assert len(submitted) == 1
    assert asked == [
        ("GET", "/v2/clock"),
        ("GET", "/v2/account"),
        ("GET", "/v2/positions"),
        ("GET", "/v2/stocks/quotes/latest"),
        ("POST", "/v2/orders"),
    ]
    assert took_s < 1.0 * patience()


def test_a_position_that_filled_is_taken_into_the_book(world: World) -> None:
    """The next cycle finds the fill at the broker, books it and closes the intent."""
    decide_and_execute([world.cluster()])
    loop.run_cycle()
    (order,) = world.parents()
    intents = world.desk().recall().intents

    assert order.status == "filled"
    assert intents.intents[order.client_order_id].event == "closed"


@pytest.mark.parametrize("symbol", ["MSFT", "XOM", "SPY"])
def test_other_symbols_trade_as_well(world: World, symbol: str) -> None:
    """Nothing is special about the symbol of the first test."""
    with world.golden_flow(symbol):
        daemon.feed()
    loop.run_cycle()

    assert [(order.symbol, order.side) for order in world.parents()] == [(symbol, "buy")]


def test_a_heartbeat_that_cannot_be_written_does_not_end_the_loop(world: World) -> None:
    """It says so, and its cycles and exits go on: a full disk passes, and then the heart beats again."""

    class AfterOneCycle(Stop):
        def wait(self, seconds: float) -> bool:
            self.set()
            return True

    (world.home.state / "heartbeat_trading_loop.json").mkdir()
    loop.run(AfterOneCycle())
    events = [row["event"] for row in world.log("trading_loop.jsonl")]

    assert events == ["started", "heartbeat_not_written", "cycle", "heartbeat_not_written", "stopped"]


def test_secrets_stay_out_of_every_file(world: World) -> None:
    """After a poll and a trade, no file of the bot holds a key."""
    with world.golden_flow("AAPL"):
        daemon.feed()
    loop.run_cycle()
    written = [path for path in world.home.root.rglob("*") if path.is_file()]

    assert len(written) > 8
    for path in written:
        raw = path.read_bytes()
        assert not any(secret in raw for secret in (b"PKTEST", b"venue-secret", b"provider-secret")), path
