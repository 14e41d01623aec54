"""What the desk remembers between cycles, and what it does when a part of that memory is damaged.

Ledgers (positions, cooldowns) can be rebuilt: a corrupt one is moved aside and filled again from the broker and the
intent log. Protections (kill switch, freezes, the raised threshold) cannot: a corrupt one refuses every order until a
person has looked, because an unreadable brake must not count as a released one.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Annotated

import msgspec

from bot.durable.state_file import Document, StateCorrupt, move_aside, read_state, write_state
from bot.home import Home
from bot.journal import Journal
from bot.orders.intents import IntentLog, open_log

SCHEMA = 1

Price = Annotated[float, msgspec.Meta(ge=0)]


class KillSwitch(Document, kw_only=True):
    """Set by a person, or by the bot when it no longer trusts itself; only a person releases it."""

    active: bool
    reason: str = ""
    since: float | None = None


class Freeze(msgspec.Struct, kw_only=True):
    """A pause with a reason; `until` is its recorded end in unix seconds, None means that a person ends it."""

    active: bool
    reason: str = ""
    since: float | None = None
    until: float | None = None


class Freezes(Document, kw_only=True):
    """The governor's freezes by name, for instance `performance`."""

    freezes: dict[str, Freeze]


class Position(msgspec.Struct, kw_only=True):
    """A holding: `qty` in shares (negative when short), `avg_price` in dollars, `opened_at` in unix seconds."""

    qty: float
    avg_price: Price
    opened_at: float
    client_order_id: str = ""


class Positions(Document, kw_only=True):
    """Our book of positions by symbol."""

    positions: dict[str, Position]


class Cooldowns(Document, kw_only=True):
    """When each symbol was last traded, unix seconds."""

    cooldowns: dict[str, float]


class SelfHealing(Document, kw_only=True):
    """Losses in a row, and when they last raised the threshold (unix seconds)."""

    consecutive_losses: Annotated[int, msgspec.Meta(ge=0)]
    raised_at: float | None


class Band(msgspec.Struct, kw_only=True):
    """How much a component counts: `base * multiplier`, the multiplier kept between `low` and `high`."""

    base: Annotated[float, msgspec.Meta(ge=0, le=10)]
    multiplier: float
    low: float
    high: float


class Weights(Document, kw_only=True):
    """The adaptive weights of the composite score."""

    weight_bands: dict[str, Band]


class Profile(msgspec.Struct, kw_only=True):
    """How a symbol has done: closed trades, share of winners, average win and loss in percent, verdict per regime."""

    trades: Annotated[int, msgspec.Meta(ge=0)] = 0
    win_rate: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    average_win_pct: float = 0.0
    average_loss_pct: float = 0.0
    regimes: dict[str, str] = msgspec.field(default_factory=dict)


class Profiles(Document, kw_only=True):
    """Profiles by symbol."""

    profiles: dict[str, Profile]


# Made once: a decoder looks through its type when it is made, and never again.
KILL_SWITCH = msgspec.json.Decoder(KillSwitch)
FREEZES = msgspec.json.Decoder(Freezes)
SELF_HEALING = msgspec.json.Decoder(SelfHealing)
POSITIONS = msgspec.json.Decoder(Positions)
COOLDOWNS = msgspec.json.Decoder(Cooldowns)
WEIGHTS = msgspec.json.Decoder(Weights)
PROFILES = msgspec.json.Decoder(Profiles)


@dataclass(slots=True, kw_only=True)
class Memory:
    """Everything under `state/`, read at one moment. Methods write through."""

    home: Home
    kill_switch: KillSwitch
    freezes: Freezes
    positions: dict[str, Position]
    cooldowns: dict[str, float]
    self_healing: SelfHealing
    weights: Weights
    profiles: dict[str, Profile]
    intents: IntentLog

    def traded_at(self, symbol: str) -> float:
        """When `symbol` was last traded, unix seconds; minus infinity for never.

        The intent log speaks too: the book of cooldowns is written after the order, and a crash may come between.
        """
        by_intent = self.intents.last_order_at(symbol)
        return max(self.cooldowns.get(symbol, -math.inf), -math.inf if by_intent is None else by_intent)

    def save_positions(self) -> None:
        """Raises OSError."""
        write_state(self.home.state / "positions.json", Positions(schema=SCHEMA, positions=self.positions), sealed=True)

    def save_cooldowns(self) -> None:
        """Raises OSError. The intent log can rebuild it, so it does not wait for the disk."""
        document = Cooldowns(schema=SCHEMA, cooldowns=self.cooldowns)
        write_state(self.home.state / "cooldowns.json", document, sealed=True, sync=False)

    def save_freezes(self) -> None:
        """Raises OSError."""
        write_state(self.home.state / "governor_freezes.json", self.freezes, sealed=False)

    def save_self_healing(self) -> None:
        """Raises OSError."""
        write_state(self.home.state / "self_healing_threshold.json", self.self_healing, sealed=False)

    def stop_trading(self, reason: str) -> None:
        """Set the kill switch, for a person to release. Raises OSError."""
        self.kill_switch = KillSwitch(schema=SCHEMA, active=True, reason=reason, since=time.time())
        write_state(self.home.state / "kill_switch.json", self.kill_switch, sealed=False)


def recall(home: Home, journal: Journal) -> Memory:
    """Read the whole state. Raises StateUnusable when the desk must not trade on it, OSError."""
    state = home.state
    intents = open_log(state / "intents.jsonl")
    return Memory(
        home=home,
        kill_switch=read_state(state / "kill_switch.json", KILL_SWITCH, schema=SCHEMA),
        freezes=read_state(state / "governor_freezes.json", FREEZES, schema=SCHEMA),
        self_healing=read_state(state / "self_healing_threshold.json", SELF_HEALING, schema=SCHEMA),
        positions=_positions(home, journal),
        cooldowns=_cooldowns(home, journal, intents),
        weights=_weights(home, journal),
        profiles=read_state(state / "symbol_profiles.json", PROFILES, schema=SCHEMA).profiles,
        intents=intents,
    )


def _positions(home: Home, journal: Journal) -> dict[str, Position]:
    """Start empty after corruption: reconciliation with the broker fills the book in the same cycle."""
    path = home.state / "positions.json"
    try:
        return read_state(path, POSITIONS, schema=SCHEMA).positions
    except StateCorrupt as error:
        kept = move_aside(path, replacement=msgspec.json.encode(Positions(schema=SCHEMA, positions={})))
        journal.error("state_corrupt", file=str(path), kept_as=str(kept), why=str(error))
        return {}


def _cooldowns(home: Home, journal: Journal, intents: IntentLog) -> dict[str, float]:
    """After corruption the intent log says when each symbol was last traded."""
    path = home.state / "cooldowns.json"
    try:
        return read_state(path, COOLDOWNS, schema=SCHEMA).cooldowns
    except StateCorrupt as error:
        symbols = {intent.symbol for intent in intents.intents.values()}
        last = {symbol: intents.last_order_at(symbol) for symbol in symbols}
        rebuilt = {symbol: at for symbol, at in last.items() if at is not None}
        kept = move_aside(path, replacement=msgspec.json.encode(Cooldowns(schema=SCHEMA, cooldowns=rebuilt)))
        journal.error("state_corrupt", file=str(path), kept_as=str(kept), why=str(error))
        return rebuilt


def _weights(home: Home, journal: Journal) -> Weights:
    """Missing or corrupt weights leave no band at all, which a gate of its own refuses."""
    path = home.state / "signal_weights.json"
    empty = Weights(schema=SCHEMA, weight_bands={})
    if not path.exists():
        journal.error("state_missing", file=str(path))
        return empty
    try:
        return read_state(path, WEIGHTS, schema=SCHEMA)
    except StateCorrupt as error:
        kept = move_aside(path, replacement=msgspec.json.encode(empty))
        journal.error("state_corrupt", file=str(path), kept_as=str(kept), why=str(error))
        return empty
