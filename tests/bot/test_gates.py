"""Each gate blocks alone, says its label, value and limit, and sends nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from bot.clients.broker import Holding
from bot.equities.decide import decide_and_execute, open_floor
from bot.orders.reconcile import compare_positions
from fixtures.script import Mangle, Put, Reply
from tests.bot.closed_gates import (
    SOON,
    another_band,
    block_account,
    close_market,
    cool,
    cool_in_the_future,
    crossed,
    flag,
    freeze,
    freeze_until_later,
    full_theme,
    hold,
    kill,
    no_quote,
    nothing,
    old_quote,
    one_band_less,
    poor,
    poor_record,
    poor_regime,
    quote_from_the_future,
    rule_for,
    sixteen,
    wide,
    zero_price,
)
from tests.bot.conftest import World

ANY = object()


@dataclass(frozen=True)
class Case:
    """A state of the world, the golden cluster's changes, and what the log must say."""

    label: str
    value: Any
    limit: Any
    arrange: Callable[[World], None] = nothing
    cluster: tuple[tuple[str, Any], ...] = ()


CASES = [
    Case("kill_switch", "drawdown", "released by a person", kill),
    Case("freeze_active", "performance", "lifted by a person", freeze),
    Case("freeze_active", "performance", SOON, freeze_until_later),
    Case("pre_market_freeze", ANY, "no such file", flag),
    Case("weights_not_initialised", 20, 21, one_band_less),
    Case("weights_not_initialised", 21, 21, another_band),
    Case("market_closed", "closed", "open", close_market),
    Case("account_blocked", "trading_blocked", "ACTIVE", block_account),
    Case("score_unusable", None, "a finite number", cluster=(("conviction", float("nan")),)),
    Case("score_unusable", None, "a finite number", cluster=(("premium_usd", "much"),)),
    Case("score_below_threshold", ANY, 3.0, cluster=(("premium_usd", 200_000.0),)),
    Case("max_positions", 16, 16, sixteen),
    Case("expectancy_low", pytest.approx(-1.2), 0.1, poor_record),
    Case("regime_mismatch", "poor in NEUTRAL", "fair or good", poor_regime),
    Case("theme_limit", ANY, 0.2, full_theme),
    Case("direction_not_traded", "bearish", "bullish", cluster=(("direction", "bearish"),)),
    Case("symbol_cooldown", pytest.approx(60, abs=5), 900, cool),
    Case("symbol_cooldown", pytest.approx(-3_600, abs=5), 900, cool_in_the_future),
    Case("already_held", ANY, 0, lambda world: hold(world, "AAPL")),
    Case("no_quote", ANY, "a quote", no_quote),
    Case("price_unusable", "crossed", 0.02, crossed),
    Case("price_unusable", "not above 0", 0.02, zero_price),
    Case("price_unusable", "spread 0.1000 of the price", 0.02, wide),
    Case("quote_stale", pytest.approx(600, abs=5), 60, old_quote),
    Case("quote_stale", pytest.approx(-600, abs=5), 60, quote_from_the_future),
    Case("below_minimum_order", 50, ANY, poor),
    Case("guard_price_band", ANY, 0.05, cluster=(("underlying_price", 10.0),)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.label}-{CASES.index(case)}")
def test_a_gate_blocks_and_says_by_what(world: World, case: Case) -> None:
    """A golden cluster, one thing wrong: one line with that label, its value and its limit, and an empty ledger."""
    cluster = world.cluster(**dict(case.cluster))
    case.arrange(world)
    submitted = decide_and_execute([cluster])
    ((label, value, limit),) = world.blocked()

    assert label == case.label
    assert case.value is ANY or value == case.value
    assert case.limit is ANY or limit == case.limit
    assert (submitted, world.parents()) == ([], [])


def test_the_golden_cluster_passes_all_of_them(world: World) -> None:
    """The same cluster in a healthy world is an order, so each case above is stopped by its own cause."""
    assert len(decide_and_execute([world.cluster()])) == 1
    assert world.blocked() == []


def test_a_raised_threshold_asks_for_half_a_point_more(world: World) -> None:
    """After three losses a signal of 3.1 is refused at 3.5; a day later it trades at 3.0."""
    weak = world.cluster(darkpool_usd=0.0)
    world.write_state("self_healing_threshold.json", {"consecutive_losses": 3, "raised_at": time.time() - 3_600})
    decide_and_execute([weak])
    ((label, value, limit),) = world.blocked()
    world.write_state("self_healing_threshold.json", {"consecutive_losses": 3, "raised_at": time.time() - 90_000})

    assert (label, limit) == ("threshold_raised", 3.5)
    assert 3.0 <= value < 3.5
    assert len(decide_and_execute([weak])) == 1


def test_a_freeze_past_its_end_is_cleared_by_the_bot(world: World) -> None:
    """Its recorded end has come: the bot writes it inactive and trades; a second freeze without an end still blocks."""
    over = {"active": True, "reason": "bad hour", "since": time.time() - 7_200, "until": time.time() - 1}
    world.write_state("governor_freezes.json", {"freezes": {"performance": over}})
    submitted = decide_and_execute([world.cluster()])
    kept = world.read_state("governor_freezes.json")["freezes"]["performance"]

    assert len(submitted) == 1
    assert (kept["active"], kept["reason"]) == (False, "bad hour")


def test_six_new_positions_a_cycle(world: World) -> None:
    """The seventh golden signal of one cycle is refused, the first six are orders."""
    symbols = ["AAPL", "JPM", "XOM", "SPY", "WMT", "UNH", "DIS"]
    submitted = decide_and_execute([world.cluster(symbol) for symbol in symbols])

    assert [order.symbol for order in submitted] == symbols[:6]
    assert world.blocked() == [("max_new_positions_per_cycle", 6, 6)]
    assert len(world.parents()) == 6


def test_six_orders_share_one_exposure(world: World) -> None:
    """Orders of the same cycle count before they fill: at 28 % exposure, the first one is the last one."""
    hold(world, "QQQ", usd=39_500.0)
    submitted = decide_and_execute([world.cluster(symbol) for symbol in ("XOM", "JPM")])

    assert [order.symbol for order in submitted] == ["XOM"]
    assert [label for label, _, _ in world.blocked()] == ["guard_exposure"]


def test_a_quote_is_as_old_as_the_venues_clock_says(world: World) -> None:
    """Our own clock is an hour behind: a quote of ten minutes ago is stale all the same, and a new one is not."""
    clock, old = world.clock, pytest.approx(600, abs=5)
    clock.advance(3_600)
    world.venue.settings.quote_age_s = 600.0
    decide_and_execute([world.cluster()])
    ((label, value, _),) = world.blocked()
    world.venue.settings.quote_age_s = 0.0

    assert (label, value) == ("quote_stale", old)
    assert len(decide_and_execute([world.cluster()])) == 1


def test_an_order_that_has_filled_in_part_counts_whole(world: World) -> None:
    """Two shares are held and the others are on order: the guard counts what it will be."""
    world.venue.market.set_quote("XOM", 120.40, 120.41, size=2)
    (order,) = decide_and_execute([world.cluster("XOM")])
    floor = open_floor(world.desk())

    assert floor is not None
    assert floor.holdings["XOM"].qty == 2
    assert floor.exposure("XOM", 120.4).exposure_usd == pytest.approx(order.qty * order.limit_price)


def test_a_theme_is_not_filled_beyond_its_limit_by_a_strong_score(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A score that earns 1.3 times the size is measured by that size: 9 % held and 13 % wanted are more than 20 %."""
    monkeypatch.setenv("POSITION_SHARE", "0.10")
    monkeypatch.setenv("GUARD_MAX_NOTIONAL_USD", "100000")
    hold(world, "MSFT", usd=10_000.0)
    submitted = decide_and_execute([world.cluster()])
    ((label, value, limit),) = world.blocked()

    assert (submitted, label, limit) == ([], "theme_limit", 0.2)
    assert value == pytest.approx(0.22, abs=0.01)


def test_size_is_reduced_to_buying_power(world: World) -> None:
    """With 700 dollars of buying power the order is for 700 dollars at most, and not refused."""
    world.venue.script.add(rule_for(Mangle(Put("buying_power", "700")), "/v2/account"))
    (order,) = decide_and_execute([world.cluster()])

    assert 350 < order.qty * order.limit_price <= 700


def test_a_refusal_for_buying_power_is_tried_once_more_with_less(world: World) -> None:
    """The venue names what there is; the second order fits it, under a second intent."""
    body = {"code": 40310000, "message": "insufficient buying power", "buying_power": "800", "cost_basis": "1900"}
    with world.venue.script.rule(Reply(403, body), method="POST", path="/v2/orders", times=1):
        (order,) = decide_and_execute([world.cluster()])
    (stands,) = world.parents()

    assert order.qty * order.limit_price <= 800
    assert stands.qty == Decimal(order.qty)
    assert [intent.event for intent in world.desk().recall().intents.intents.values()] == ["rejected", "accepted"]


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        (Reply(422, {"code": 42210000, "message": "sub-penny increment"}), "rejected_by_venue"),
        (Reply(403, {"code": 40310000, "message": "potential wash trade detected"}), "rejected_by_venue"),
        (Reply(401, {"message": "unauthorized."}), "venue_auth_refused"),
        (Reply(429, {"code": 42910000, "message": "rate limit exceeded"}), "venue_rate_limited"),
    ],
)
def test_a_refused_order_is_told_and_not_repeated(world: World, reply: Reply, label: str) -> None:
    """One POST, the venue's words in the log, nothing in the ledger."""
    with world.venue.script.rule(reply, method="POST", path="/v2/orders") as handle:
        assert decide_and_execute([world.cluster()]) == []
    ((found, value, _),) = world.blocked()

    assert found == label
    assert f"answered {reply.status}" in value
    assert (handle.hits, world.parents()) == (1, [])


@pytest.mark.parametrize(
    ("path", "reply", "label"),
    [
        ("/v2/account", Reply(401, {"message": "unauthorized."}), "venue_auth_refused"),
        ("/v2/clock", Reply(503, "<html>maintenance</html>"), "venue_unreachable"),
        ("/v2/positions", Reply(200, {"totally": "wrong"}), "venue_contract_broken"),
        ("/v2/account", Reply(200, {}), "venue_contract_broken"),
        ("/v2/account", Reply(429, {"code": 42910000, "message": "too many requests."}), "venue_rate_limited"),
    ],
)
def test_a_venue_that_cannot_be_asked_stops_everything(world: World, path: str, reply: Reply, label: str) -> None:
    """The cause stands in the log in the venue's own words, and no order is sent on half a picture."""
    with world.venue.script.rule(reply, path=path):
        assert decide_and_execute([world.cluster(), world.cluster("XOM")]) == []
    ((found, value, _),) = world.blocked()

    assert found == label
    assert path in value
    assert world.parents() == []


def test_the_broker_is_right_about_positions(world: World) -> None:
    """Positions we do not know are adopted, ours that are gone are dropped, and trading goes on."""
    hold(world, "XOM")
    lost = {"qty": 5.0, "avg_price": 40.0, "opened_at": time.time() - 60}
    world.write_state("positions.json", {"positions": {"BAC": lost}})
    submitted = decide_and_execute([world.cluster()])

    assert len(submitted) == 1
    assert list(world.read_state("positions.json")["positions"]) == ["XOM"]


def test_an_opposite_position_halts(world: World) -> None:
    """Long here and short there: nothing is sent before somebody has looked, and our book is left as it is."""
    ours = {"qty": 5.0, "avg_price": 40.0, "opened_at": time.time() - 60}
    world.write_state("positions.json", {"positions": {"BAC": ours}})
    world.venue.seed_position(world.account, "BAC", -5, 40)
    before = (world.home.state / "positions.json").read_bytes()
    decide_and_execute([world.cluster()])

    assert world.blocked() == [("reconciliation", "BAC -5", "BAC 5")]
    assert (world.parents(), (world.home.state / "positions.json").read_bytes()) == ([], before)


def test_differences_are_by_symbol_and_quantity() -> None:
    """Equal quantities are no difference; the sign decides what is critical."""
    broker = {
        symbol: Holding(symbol=symbol, qty=qty, avg_price=1.0, market_value_usd=qty)
        for symbol, qty in {"A": 1.0, "B": 3.0, "C": -2.0}.items()
    }
    found = compare_positions({"A": 1.0, "B": 2.0, "C": 2.0, "D": 4.0}, broker)

    assert [(d.symbol, d.is_critical) for d in found] == [("B", False), ("C", True), ("D", False)]


def test_a_line_that_is_no_json_number_is_still_json(world: World) -> None:
    """A NaN score is written as null, so that the log stays readable."""
    decide_and_execute([world.cluster(sweep_share=float("nan"))])
    (line,) = (world.home.logs / "decisions.jsonl").read_text().splitlines()

    assert json.loads(line)["value"] is None
