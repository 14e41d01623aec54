"""Roles: what a failure point may speak of. `bot.toml` says which service, file or host plays each.

No path, service name or limit of any one bot stands in the harness; a role that a bot does not have makes the
points that need it NOT APPLICABLE.
"""

from __future__ import annotations

import enum


class Service(enum.StrEnum):
    """Long-running processes of a bot."""

    FLOW_DAEMON = "flow_daemon"
    TRADING_LOOP = "trading_loop"
    HEARTBEAT_KEEPER = "heartbeat_keeper"


class File(enum.StrEnum):
    """Files that a bot lives by."""

    FLOW_CACHE = "flow_cache"
    FREEZES = "freezes"
    FREEZE_FLAG = "freeze_flag"
    KILL_SWITCH = "kill_switch"
    SIGNAL_WEIGHTS = "signal_weights"
    RAISED_THRESHOLD = "raised_threshold"
    POSITIONS = "positions"
    COOLDOWNS = "cooldowns"
    SYMBOL_PROFILES = "symbol_profiles"
    INTENTS = "intents"
    DECISIONS = "decisions"
    HEALTH = "health"


STATE_DOCUMENTS = (
    File.FREEZES,
    File.KILL_SWITCH,
    File.SIGNAL_WEIGHTS,
    File.RAISED_THRESHOLD,
    File.POSITIONS,
    File.COOLDOWNS,
    File.SYMBOL_PROFILES,
)
"""What a bot remembers between cycles, one JSON object each. The intents are lines, and a torn last one is ordinary."""

RELEASED_BY_A_PERSON = (File.FREEZES, File.KILL_SWITCH, File.RAISED_THRESHOLD, File.INTENTS)
"""Brakes, and the record of orders: a default in their place would release the one and forget the other, so no remedy
creates them."""


class Upstream(enum.StrEnum):
    """The outside parties that a bot calls."""

    VENUE = "venue"
    MARKET_DATA = "market_data"
    PROVIDER = "provider"


class Limit(enum.StrEnum):
    """Numbers that a judge compares a measurement with; the unit is the last word of the name."""

    FLOW_CACHE_AGE_S = "flow_cache_age_s"
    HEARTBEAT_AGE_S = "heartbeat_age_s"
    NO_CYCLE_S = "no_cycle_s"
    WEIGHT_BANDS = "weight_bands"
    OPEN_POSITIONS = "open_positions"
    SMALLEST_ORDER_USD = "smallest_order_usd"
    VENUE_LATENCY_S = "venue_latency_s"
    SYMBOL_COOLDOWN_S = "symbol_cooldown_s"
    ENTRY_SCORE = "entry_score"
    RAISE_SCORE = "raise_score"
    RAISED_THRESHOLD_S = "raised_threshold_s"


CATALOGUE_LIMITS: dict[Limit, float] = {
    Limit.FLOW_CACHE_AGE_S: 600.0,
    Limit.HEARTBEAT_AGE_S: 60.0,
    Limit.NO_CYCLE_S: 300.0,
    Limit.WEIGHT_BANDS: 21.0,
    Limit.OPEN_POSITIONS: 16.0,
    Limit.SMALLEST_ORDER_USD: 100.0,
    Limit.VENUE_LATENCY_S: 2.0,
    Limit.SYMBOL_COOLDOWN_S: 900.0,
    Limit.ENTRY_SCORE: 3.0,
    Limit.RAISE_SCORE: 0.5,
    Limit.RAISED_THRESHOLD_S: 86_400.0,
}
"""The catalogue's own numbers, in force where `bot.toml` gives none."""
