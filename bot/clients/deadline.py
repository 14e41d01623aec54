"""A deadline for the whole call, which the usual timeouts are not.

A timeout per read starts again with every byte, so a server that drips one byte a second holds a caller for ever. Here
each operation on the socket gets what is left of the deadline in force, and none gets more. Deadlines nest: the inner
one never outlives the outer one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends_at: ContextVar[float] = ContextVar("deadline_ends_at", default=math.inf)


class DeadlinePassed(TimeoutError):
    """The deadline of the call is over."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Everything done on a socket inside this block ends `seconds` from now at the latest."""
    token = _ends_at.set(min(_ends_at.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _ends_at.reset(token)


def remaining_s() -> float:
    """Seconds left of the deadline in force; infinite where there is none."""
    return _ends_at.get() - time.monotonic()


def cut(timeout_s: float | None) -> float | None:
    """`timeout_s`, but no more than what is left. Raises DeadlinePassed when nothing is."""
    left = remaining_s()
    if left <= 0:
        raise DeadlinePassed("the deadline of the call has passed")
    if math.isinf(left):
        return timeout_s
    return left if timeout_s is None else min(timeout_s, left)
