"""What becomes of entries that nobody fills and of positions that nobody closes."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import time_machine

from bot.durable.state_file import write_state
from bot.equities.decide import decide_and_execute
from bot.equities.exits import manage_exits
from bot.equities.state import Position, Positions
from fixtures.script import Late, Reply
from tests.bot.conftest import SESSION, World

NO = Reply(403, {"code": 40310000, "message": "insufficient qty available for order"})


def hold(world: World, *symbols: str, since_s: float = 500_000) -> None:
    """Positions that the bot opened itself, `since_s` seconds ago by its own book."""
    assert len(decide_and_execute([world.cluster(symbol) for symbol in symbols])) == len(symbols)
    manage_exits(world.desk())
    book = world.read_state("positions.json")["positions"]
    aged = {symbol: Position(**{**row, "opened_at": time.time() - since_s}) for symbol, row in book.items()}
    write_state(world.home.state / "positions.json", Positions(schema=1, positions=aged), sealed=True)


def orders(world: World) -> list[tuple[str, str, str, str]]:
    """Symbol, side, type and status of each order in the venue's ledger, legs too."""
    return [(order.symbol, order.side, order.type, order.status) for order in world.venue.book(world.account)]


def sales(world: World) -> list[tuple[str, str]]:
    """Symbol and status of the exits at the market."""
    return [(symbol, status) for symbol, side, kind, status in orders(world) if (side, kind) == ("sell", "market")]


def failures(world: World, event: str) -> list[str]:
    """The symbols for which the loop's log tells `event`."""
    return [row["symbol"] for row in world.log("trading_loop.jsonl") if row["event"] == event]


def test_a_position_keeps_its_stop_overnight(world: World) -> None:
    """The legs are not those of a day order: the next morning the profit and the stop still work."""
    hold(world, "AAPL", since_s=60)
    with time_machine.travel(SESSION + timedelta(days=1), tick=True):
        manage_exits(world.desk())

        assert orders(world)[1:] == [("AAPL", "sell", "limit", "new"), ("AAPL", "sell", "stop", "held")]


@pytest.mark.parametrize("later", [timedelta(seconds=910), timedelta(days=3)])
def test_an_entry_that_nothing_filled_is_withdrawn(world: World, later: timedelta) -> None:
    """Its signal is old after a quarter of an hour, or after an outage of days: cancelled, then closed in the log."""
    desk, ask = world.desk(), float(world.venue.market.quote("AAPL").ask)
    with world.venue.script.rule(Reply(200, quote(world, "AAPL", ask * 0.99)), path="/v2/stocks/quotes/latest"):
        (order,) = decide_and_execute([world.cluster()])
    with time_machine.travel(SESSION + timedelta(seconds=890), tick=True):
        manage_exits(desk)
        young = orders(world)[0][3]
    with time_machine.travel(SESSION + later, tick=True):
        manage_exits(desk)
        manage_exits(desk)

    assert young == "new"
    assert [status for *_, status in orders(world)] == ["canceled"] * 3
    assert desk.recall().intents.intents[order.client_order_id].event == "closed"


def test_an_entry_that_came_after_it_was_given_up_counts_again(world: World) -> None:
    """It holds its place and its money, although nobody knew of it for a while."""
    (order,) = decide_and_execute([world.cluster()])
    log = world.desk().recall().intents
    log.resolve(order.client_order_id, "given_up")
    manage_exits(world.desk())

    assert world.desk().recall().intents.intents[order.client_order_id].event == "closed"


def quote(world: World, symbol: str, ask: float) -> dict[str, object]:
    at = world.clock.now_dt().isoformat()
    return {"quotes": {symbol: {"bp": round(ask - 0.01, 2), "ap": round(ask, 2), "t": at}}}


def test_our_own_exit_is_not_cancelled_while_it_waits(world: World) -> None:
    """After the close the exit waits for the next session, and cycle after cycle leaves it alone."""
    hold(world, "AAPL")
    with time_machine.travel(SESSION + timedelta(hours=8), tick=True):
        for _ in range(5):
            manage_exits(world.desk())

    assert sales(world) == [("AAPL", "accepted")]


def test_a_clock_that_jumped_closes_nothing(world: World) -> None:
    """By our clock six days have passed, by the venue's none: positions and stops stay, and the log says why."""
    hold(world, "AAPL", since_s=60)
    with time_machine.travel(SESSION + timedelta(days=6), tick=True):
        world.clock.advance(-6 * 86_400)
        manage_exits(world.desk())
        manage_exits(world.desk())
        told = [row for row in world.log("trading_loop.jsonl") if row["event"] == "clock_astray"]

        assert orders(world)[1:] == [("AAPL", "sell", "limit", "new"), ("AAPL", "sell", "stop", "held")]
        assert [(row["kept"], round(row["ahead_s"], -3)) for row in told] == [(["AAPL"], 518_000)] * 2


def test_one_exit_that_fails_does_not_keep_the_others(world: World) -> None:
    """The venue refuses to sell the first symbol: that is told, and the second is sold in the same cycle."""
    hold(world, "AAPL", "XOM")
    manage_exits(world.desk())
    with world.venue.script.rule(NO, method="POST", path="/v2/orders", times=1):
        manage_exits(world.desk())

    assert sales(world) == [("XOM", "filled")]
    assert failures(world, "exit_failed") == ["AAPL"]


def test_an_exit_that_comes_late_is_not_sent_under_a_second_id(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Doubtful, then given up, then there after all: the second try meets the first one's id, and one sale stands."""
    monkeypatch.setenv("SETTLE_WINDOW_S", "0")
    monkeypatch.setenv("VENUE_READ_S", "0.2")
    hold(world, "AAPL")
    manage_exits(world.desk())
    unknown = Reply(404, {"code": 40410000, "message": "order not found"})
    none_yet, still_held = Reply(200, []), world.desk().venue.positions()["AAPL"]
    with (
        world.venue.script.rule(Late(9), method="POST", path="/v2/orders", times=1),
        world.venue.script.rule(unknown, path="/v2/orders:by_client_order_id"),
        world.venue.script.rule(none_yet, method="GET", path="/v2/orders"),
        world.venue.script.rule(Reply(200, [row(still_held.qty)]), path="/v2/positions"),
    ):
        manage_exits(world.desk())
        manage_exits(world.desk())
    manage_exits(world.desk())
    intents = world.desk().recall().intents.intents.values()

    assert sales(world) == [("AAPL", "filled")]
    assert world.venue.positions(world.account) == ()
    assert [intent.event for intent in intents if intent.kind == "exit"] == ["closed"]


def row(qty: float) -> dict[str, str]:
    return {"symbol": "AAPL", "qty": f"{qty:g}", "avg_entry_price": "232.52", "market_value": "1627.64"}


def test_a_closed_trade_is_learned_from_once(world: World) -> None:
    """Two stops, and the venue cannot tell of the second for three cycles: two losses, not four."""
    hold(world, "AAPL", "XOM", since_s=60)
    ids = {order.symbol: order.id for order in world.parents()}
    for symbol in ids:
        price = float(world.venue.market.quote(symbol).last)
        world.venue.market.set_quote(symbol, round(price * 0.95, 2), round(price * 0.951, 2))
    with world.venue.script.rule(Reply(500), path=f"/v2/orders/{ids['XOM']}"):
        for _ in range(3):
            manage_exits(world.desk())
    before = world.read_state("self_healing_threshold.json")["consecutive_losses"]
    manage_exits(world.desk())

    assert before == 1
    assert world.read_state("self_healing_threshold.json")["consecutive_losses"] == 2
    assert failures(world, "closed_trade_not_read") == ["XOM"] * 3


def test_a_loss_by_our_own_exit_counts_too(world: World) -> None:
    """Held too long and sold below its price: a lesson like a stop."""
    hold(world, "AAPL")
    world.venue.market.set_quote("AAPL", 230, 230.01)
    for _ in range(3):
        manage_exits(world.desk())

    assert sales(world) == [("AAPL", "filled")]
    assert world.read_state("self_healing_threshold.json")["consecutive_losses"] == 1


def test_an_exit_that_ended_while_the_bot_was_down_is_sent_again(world: World) -> None:
    """Three days later the list of orders does not reach back to it: it is asked for by its id, and then replaced."""
    hold(world, "AAPL")
    world.venue.market.halt("AAPL")
    manage_exits(world.desk())
    manage_exits(world.desk())
    world.venue.market.resume("AAPL")
    waiting = sales(world)
    with time_machine.travel(SESSION + timedelta(days=3), tick=True):
        manage_exits(world.desk())
        manage_exits(world.desk())

    assert waiting != [("AAPL", "filled")]
    assert sales(world)[-1] == ("AAPL", "filled")
