"""Wait for a condition of the outside world, never for a stretch of time alone."""

from __future__ import annotations

import time
from collections.abc import Callable

STEP_S = 0.005


def wait_until(condition: Callable[[], bool], *, within_s: float) -> bool:
    """Ask until the condition holds or `within_s` seconds of monotonic time are over; says whether it held."""
    end_s = time.monotonic() + within_s
    while not condition():
        if time.monotonic() >= end_s:
            return False
        time.sleep(STEP_S)
    return True
