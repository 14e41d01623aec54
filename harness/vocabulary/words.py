"""The enumerations of the trade: what can be said of a check, a failure point and a verdict."""

from __future__ import annotations

import enum


class Status(enum.IntEnum):
    """What a look said. Ordered: what was not seen is worse than a warning, and never OK."""

    OK = 0
    WARN = 1
    UNKNOWN = 2
    ERROR = 3


class Severity(enum.StrEnum):
    """How much trading a failure point takes away (source: the catalogue's head)."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Desk(enum.StrEnum):
    """Which trading desk a failure point belongs to."""

    EQUITIES = "equities"
    FUTURES = "futures"
    BOTH = "both"

    def covers(self, other: Desk) -> bool:
        """Whether a point of this desk concerns a bot that runs `other`."""
        return self is other or Desk.BOTH in (self, other)


class Cause(enum.StrEnum):
    """What kind of thing went wrong. CONFIG, SCHEMA and RISK know no remedy."""

    TRANSIENT = "transient"
    CONFIG = "config"
    SCHEMA = "schema"
    RISK = "risk"
    RESOURCE = "resource"
    PROCESS = "process"
    DATA = "data"


class Blocks(enum.StrEnum):
    """What happens to an injected canary signal while the fault lasts."""

    ALL = "all"
    SYMBOL = "symbol"
    CYCLE = "cycle"
    NONE = "none"


class Stage(enum.StrEnum):
    """The path of a signal, in its order; a blocked canary stops at one of these."""

    PROVIDER = "provider"
    FEED = "feed"
    CACHE = "cache"
    CLUSTER = "cluster"
    ENRICHMENT = "enrichment"
    SCORE = "score"
    GATE = "gate"
    GUARD = "guard"
    VENUE = "venue"
    LOOP = "loop"


class Colour(enum.StrEnum):
    """The verdict. Its order and its exit code are in `harness.verdict`."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"
