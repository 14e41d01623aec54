"""What the desk does when a part of its memory is damaged, gone or from the future."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from bot.durable.state_file import write_state
from bot.equities.decide import decide_and_execute
from bot.equities.exits import manage_exits
from bot.equities.state import Position, Positions
from tests.bot.conftest import World

STATE = (
    "kill_switch.json",
    "governor_freezes.json",
    "positions.json",
    "cooldowns.json",
    "self_healing_threshold.json",
    "symbol_profiles.json",
    "intents.jsonl",
)
DAMAGE: list[Any] = [
    pytest.param(lambda raw: raw[:-9], id="truncated"),
    pytest.param(lambda raw: b"", id="empty"),
    pytest.param(lambda raw: b"\x00" * 32, id="zeroed"),
    pytest.param(lambda raw: b'{"schema": 1}', id="keys-gone"),
]


def trade(world: World, symbol: str = "AAPL") -> int:
    return len(decide_and_execute([world.cluster(symbol)]))


@pytest.mark.parametrize("name", STATE)
def test_a_missing_state_file_stops_the_desk(world: World, name: str) -> None:
    """It is named, nothing is sent, and it is not made again silently."""
    (world.home.state / name).unlink()

    assert trade(world) == 0
    ((label, value, _),) = world.blocked()
    assert label == "state_missing"
    assert f"{name} is missing" in value
    assert not (world.home.state / name).exists()
    assert world.parents() == []


@pytest.mark.parametrize("name", [name for name in STATE if name.endswith(".json")])
def test_a_newer_schema_stops_the_desk_and_is_left_alone(world: World, name: str) -> None:
    """A newer version may have written it in good order: nothing is moved, nothing is sent."""
    newer = json.dumps({"schema": 2, "more": True}).encode()
    (world.home.state / name).write_bytes(newer)

    assert trade(world) == 0
    ((label, value, _),) = world.blocked()
    assert (label, "schema 2, this version knows schema 1" in value) == ("state_schema_unknown", True)
    assert (world.home.state / name).read_bytes() == newer
    assert world.parents() == []


@pytest.mark.parametrize("name", ["kill_switch.json", "governor_freezes.json", "self_healing_threshold.json"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_an_unreadable_brake_is_not_a_released_one(world: World, name: str, damage: Callable[[bytes], bytes]) -> None:
    """A corrupt protection refuses every order, and stays where it is for a person to look at."""
    path = world.home.state / name
    corrupt = damage(path.read_bytes())
    path.write_bytes(corrupt)

    assert trade(world) == 0
    assert world.blocked()[0][0] == "state_corrupt"
    assert (world.parents(), path.read_bytes()) == ([], corrupt)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_corrupt_book_is_moved_aside_and_filled_from_the_broker(
    world: World, damage: Callable[[bytes], bytes]
) -> None:
    """The evidence is kept, the broker's positions stand in the new book, and the desk trades on."""
    world.venue.seed_position(world.account, "XOM", 3, 110)
    path = world.home.state / "positions.json"
    write_state(
        path, Positions(schema=1, positions={"XOM": Position(qty=3.0, avg_price=110.0, opened_at=1.0)}), sealed=True
    )
    corrupt = damage(path.read_bytes())
    path.write_bytes(corrupt)

    assert trade(world) == 1
    (kept,) = world.home.state.glob("positions.json.corrupt.*")
    assert kept.read_bytes() == corrupt
    assert list(world.read_state("positions.json")["positions"]) == ["XOM"]


def test_a_changed_book_is_noticed_by_its_checksum(world: World) -> None:
    """One digit of a sealed file changed: corrupt, although it is good JSON of the right shape."""
    path = world.home.state / "positions.json"
    write_state(
        path, Positions(schema=1, positions={"XOM": Position(qty=3.0, avg_price=110.0, opened_at=1.0)}), sealed=True
    )
    path.write_bytes(path.read_bytes().replace(b'"qty": 3.0', b'"qty": 9.0'))
    trade(world)

    assert len(list(world.home.state.glob("positions.json.corrupt.*"))) == 1


def test_corrupt_cooldowns_are_rebuilt_from_the_intents(world: World) -> None:
    """What was traded a minute ago is still cooling down after the file was lost to corruption."""
    assert trade(world) == 1
    (world.home.state / "cooldowns.json").write_bytes(b"{")
    decide_and_execute([world.cluster()])

    assert world.blocked()[-1][0] == "symbol_cooldown"
    assert abs(world.read_state("cooldowns.json")["cooldowns"]["AAPL"] - time.time()) < 10


def test_corrupt_weights_leave_no_band_and_a_gate_says_so(world: World) -> None:
    """Moved aside, and refused by the gate for weights."""
    (world.home.state / "signal_weights.json").write_bytes(b"{")

    assert trade(world) == 0
    assert world.blocked() == [("weights_not_initialised", 0, 21)]
    assert len(list(world.home.state.glob("signal_weights.json.corrupt.*"))) == 1


def test_a_position_closed_by_its_legs_teaches_the_desk(world: World) -> None:
    """Three stops in a row raise the threshold; the next profit releases it."""
    for symbol in ("XOM", "JPM", "DIS"):
        assert trade(world, symbol) == 1
        manage_exits(world.desk())
        price = float(world.venue.market.quote(symbol).last)
        world.venue.market.set_quote(symbol, round(price * 0.95, 2), round(price * 0.951, 2))
        manage_exits(world.desk())
    healing = world.read_state("self_healing_threshold.json")
    assert healing["consecutive_losses"] == 3
    assert abs(healing["raised_at"] - time.time()) < 10

    world.write_state("self_healing_threshold.json", {"consecutive_losses": 3, "raised_at": None})
    assert trade(world, "AAPL") == 1
    manage_exits(world.desk())
    price = float(world.venue.market.quote("AAPL").last)
    world.venue.market.set_quote("AAPL", round(price * 1.06, 2), round(price * 1.061, 2))
    manage_exits(world.desk())

    assert world.read_state("self_healing_threshold.json")["consecutive_losses"] == 0
    assert world.venue.positions(world.account) == ()


def test_a_position_held_too_long_is_closed_in_two_steps(world: World) -> None:
    """First its legs are cancelled, in the next cycle it is sold, once."""
    assert trade(world) == 1
    manage_exits(world.desk())
    book = world.read_state("positions.json")["positions"]
    book["AAPL"]["opened_at"] = time.time() - 500_000
    write_state(
        world.home.state / "positions.json",
        Positions(schema=1, positions={"AAPL": Position(**book["AAPL"])}),
        sealed=True,
    )
    for _ in range(4):
        manage_exits(world.desk())
    sells = [order for order in world.parents() if order.side == "sell"]

    assert world.venue.positions(world.account) == ()
    assert [(order.symbol, order.type) for order in sells] == [("AAPL", "market")]
