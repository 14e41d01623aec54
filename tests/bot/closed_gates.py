"""Ways to close one gate of the reference bot each, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from fixtures.script import Fault, Mangle, Put, Reply, Rule
from tests.bot.conftest import World

SOON = 4_000_000_000.0


def hold(world: World, *symbols: str, usd: float = 100.0) -> None:
    """Positions at the broker, each worth about `usd`."""
    for symbol in symbols:
        price = world.venue.market.quote(symbol).last
        world.venue.seed_position(world.account, symbol, max(1, round(usd / float(price))), price)


def kill(world: World) -> None:
    world.write_state("kill_switch.json", {"active": True, "reason": "drawdown"})


def freeze(world: World) -> None:
    row = {"active": True, "reason": "three bad days", "since": time.time() - 60, "until": None}
    world.write_state("governor_freezes.json", {"freezes": {"performance": row}})


def freeze_until_later(world: World) -> None:
    row = {"active": True, "reason": "bad hour", "since": time.time() - 60, "until": SOON}
    world.write_state("governor_freezes.json", {"freezes": {"performance": row}})


def flag(world: World) -> None:
    (world.home.state / "pre_market_freeze.flag").touch()


def one_band_less(world: World) -> None:
    weights = world.read_state("signal_weights.json")
    del weights["weight_bands"]["tide"]
    world.write_state("signal_weights.json", weights)


def another_band(world: World) -> None:
    weights = world.read_state("signal_weights.json")
    weights["weight_bands"]["hunch"] = weights["weight_bands"].pop("tide")
    world.write_state("signal_weights.json", weights)


def close_market(world: World) -> None:
    world.venue.script.add(rule_for(Mangle(Put("is_open", False)), "/v2/clock"))


def block_account(world: World) -> None:
    world.venue.account(world.account).flags.trading_blocked = True


def sixteen(world: World) -> None:
    hold(world, *[symbol for symbol in world.venue.market.universe if symbol != "AAPL"][:16], usd=1.0)


def cool(world: World) -> None:
    world.write_state("cooldowns.json", {"cooldowns": {"AAPL": time.time() - 60}})


def cool_in_the_future(world: World) -> None:
    world.write_state("cooldowns.json", {"cooldowns": {"AAPL": time.time() + 3_600}})


def poor_record(world: World) -> None:
    profile = {"trades": 40, "win_rate": 0.2, "average_win_pct": 2.0, "average_loss_pct": 2.0}
    world.write_state("symbol_profiles.json", {"profiles": {"AAPL": profile}})


def poor_regime(world: World) -> None:
    world.write_state("symbol_profiles.json", {"profiles": {"AAPL": {"regimes": {"NEUTRAL": "poor"}}}})


def full_theme(world: World) -> None:
    hold(world, "MSFT", "AMZN", usd=14_000.0)


def nothing(world: World) -> None:
    """The cluster alone is what is blocked."""


def poor(world: World) -> None:
    world.venue.script.add(rule_for(Mangle(Put("buying_power", "50")), "/v2/account"))


def no_quote(world: World) -> None:
    body = {"message": "subscription does not permit querying recent SIP data"}
    world.venue.script.add(rule_for(Reply(403, body), "/v2/stocks/quotes/latest"))


def crossed(world: World) -> None:
    world.venue.script.add(rule_for(Mangle(_quotes(bp=200.0, ap=190.0)), "/v2/stocks/quotes/latest"))


def zero_price(world: World) -> None:
    world.venue.script.add(rule_for(Mangle(_quotes(bp=0, ap=0)), "/v2/stocks/quotes/latest"))


def wide(world: World) -> None:
    world.venue.market.set_quote("AAPL", 180, 200)


def old_quote(world: World) -> None:
    world.venue.settings.quote_age_s = 600.0


def quote_from_the_future(world: World) -> None:
    world.venue.settings.quote_age_s = -600.0


def _quotes(**changes: float) -> Callable[[Any], Any]:
    return lambda body: {"quotes": {symbol: {**quote, **changes} for symbol, quote in body["quotes"].items()}}


def rule_for(fault: Fault, path: str) -> Rule:
    return Rule(fault=fault, path=path)
