"""How often a provider may be asked: a token bucket that gives way when the provider says "too many"."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import cast

from pyrate_limiter import Rate, RateItem, StateBucket, TokenBucket
from pyrate_limiter.clocks import AbstractClock


class _Milliseconds(AbstractClock):
    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic

    def now(self) -> int:
        return int(self._monotonic() * 1000)


class Pacer:
    """At most `per_minute` requests a minute, with a burst of a sixth of that; half of it after each 429, but never
    less than `per_minute_min`.

    The bucket itself is pyrate-limiter's, used without its leaker thread.
    """

    def __init__(
        self, per_minute: int, *, per_minute_min: int = 1, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.per_minute_max = per_minute
        self.per_minute_min = min(per_minute, per_minute_min)
        self.per_minute = per_minute
        self._clock = _Milliseconds(monotonic)
        self._bucket = self._fill()

    def wait_s(self) -> float:
        """Take a token and return 0, or take none and return the seconds until there is one."""
        item = RateItem("request", self._clock.now())
        if self._bucket.put(item) is True:
            return 0.0
        # Only stores on another host answer with an awaitable; this one is in memory.
        return max(cast(int, self._bucket.waiting(item)), 1) / 1000

    def slow_down(self) -> None:
        """Half the rate, down to the least; the bucket starts empty, so the next request waits."""
        self.per_minute = max(self.per_minute_min, self.per_minute // 2)
        self._bucket = self._fill()
        while self.wait_s() == 0.0:
            continue

    def speed_up(self) -> None:
        """A tenth of the full rate back after a request that went well."""
        if self.per_minute < self.per_minute_max:
            self.per_minute = min(self.per_minute_max, self.per_minute + math.ceil(self.per_minute_max / 10))
            self._bucket.rates = [self._rate()]

    def _fill(self) -> StateBucket:
        return StateBucket([self._rate()], TokenBucket(), clock=self._clock)

    def _rate(self) -> Rate:
        return Rate(self.per_minute, 60_000, burst=max(1, self.per_minute // 6))
