"""What the unprobed function does, watched by `sys.settrace`: which lines ran while it worked on which signal."""

from __future__ import annotations

import copy
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from .generate import Stranger


@dataclass
class Venue:
    """Remembers the orders it is given, in order."""

    orders: list[tuple[Any, ...]] = field(default_factory=list)

    def submit_order(self, symbol: str, qty: int = 1) -> str:
        """Take an order."""
        self.orders.append((symbol, qty))
        return f"id {len(self.orders)}"


@dataclass
class Seen:
    """One run: how it ended, what it left behind, and (unprobed) the lines each signal touched."""

    returned: Any
    error: str
    orders: list[tuple[Any, ...]]
    logged: list[tuple[str, ...]]
    signals: list[dict[str, Any]]
    lines: dict[str, list[int]]

    def same_as(self, other: Seen) -> bool:
        """Whether two runs cannot be told apart from outside."""
        return (self.returned, self.error, self.orders, self.logged, self.signals) == (
            other.returned,
            other.error,
            other.orders,
            other.logged,
            other.signals,
        )


def play(namespace: dict[str, Any], signals: list[dict[str, Any]], *, watched: str = "") -> Seen:
    """Run `decide` of a namespace on these signals; with `watched` (a file name) under `sys.settrace`."""
    venue = Venue()
    lines: dict[str, list[int]] = defaultdict(list)

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != watched:
            return None
        signal = frame.f_locals.get("s")
        if event == "line" and isinstance(signal, dict):
            lines[signal["symbol"]].append(frame.f_lineno)
        return trace

    returned, error = None, ""
    if watched:
        sys.settrace(trace)
    try:
        returned = namespace["decide"](signals, venue)
    except Exception as caught:  # noqa: BLE001 - how it ends is what is compared
        error = f"{type(caught).__name__}: {caught}"
    finally:
        if watched:
            sys.settrace(None)
    logged = [tuple(map(str, words)) for words in namespace["LOGGED"]]
    return Seen(returned, error, venue.orders, logged, signals, dict(lines))


def unprobed(stranger: Stranger) -> Seen:
    """The truth: before Python 3.13 with the lines that each signal touched.

    3.13.0 dies (SIGSEGV) when a tracer reads a name that a comprehension has too. What the generator knows does not
    depend on the Python, so it is held against those lines where they can be had.
    """
    file = f"stranger_{stranger.seed}.py"
    namespace: dict[str, Any] = {"__name__": "stranger"}
    exec(compile(stranger.source, file, "exec"), namespace)  # noqa: S102 - generated here
    watched = file if sys.version_info < (3, 13) else ""
    return play(namespace, copy.deepcopy(stranger.signals), watched=watched)


def disagreement(stranger: Stranger, seen: Seen) -> str:
    """Where the generator's knowledge and the watched run differ; empty when they agree."""
    if seen.error:
        return f"it raised {seen.error}"
    sent = {order[0] for order in seen.orders}
    for signal in stranger.signals:
        symbol = signal["symbol"]
        if (symbol in sent) == (symbol in stranger.drops):
            return f"{symbol} was {'sent' if symbol in sent else 'not sent'}, and the generator thought otherwise"
        if symbol in sent or symbol not in seen.lines:
            continue
        problem = _touched(stranger, symbol, seen.lines[symbol])
        if problem:
            return problem
    return ""


def _touched(stranger: Stranger, symbol: str, lines: list[int]) -> str:
    """The last marked line that a dropped signal touched must be the one that dropped it."""
    drop = stranger.drops[symbol]
    if stranger.whole.issuperset(drop.marks):
        return ""
    allowed = {stranger.marks[mark] for mark in (*drop.marks, *drop.after)}
    of_gates = {line for mark, line in stranger.marks.items() if mark not in stranger.whole}
    marked = [line for line in lines if line in of_gates]
    if not set(stranger.lines(symbol)) & set(marked) or marked[-1] not in allowed:
        return f"{symbol} was to end at {stranger.lines(symbol)}; the marked lines it touched end with {marked[-3:]}"
    return ""
