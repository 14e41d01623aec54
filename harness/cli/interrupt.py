"""Ctrl-C, SIGTERM, a gone terminal: the command unwinds once, undisturbed, and all it did is lifted."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE_S = 15.0
"""So long may what was started take to come down; only after that does another signal break into it."""
_asked_s: list[float] = []
"""When (monotonic) the command was last asked to end."""


class Interrupted(KeyboardInterrupt):
    """Its own type: after a plain KeyboardInterrupt in some places Python itself ends by the signal, not with our code.

    Source: CPython's `Py_RunMain`, `unhandled_keyboard_interrupt`.
    """


def listen() -> None:
    """Have each signal raise `Interrupted` in the main thread. Whoever ignores one (`nohup`, `&`) still does."""
    _asked_s.clear()
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def obey() -> None:
    """Raise again what was lost: an exception raised in a finalizer goes no further than that."""
    if _asked_s:
        raise Interrupted


def _interrupt(number: int, frame: FrameType | None) -> None:
    now_s = time.monotonic()
    if _asked_s and now_s - _asked_s[-1] < PATIENCE_S:
        with suppress(OSError):  # the terminal may be gone
            os.write(2, b"harness: still taking everything down\n")
        return
    _asked_s.append(now_s)
    raise Interrupted
