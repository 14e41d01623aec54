"""What a trace of one signal says: gates in their order, lineage, and what went wrong on the way.

A trace explains; it never proves that an order went out. That is read from the venue's own book.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from harness.vocabulary.words import Stage


class GateVerdict(enum.StrEnum):
    """What a gate did to the signal."""

    PASSED = "passed"
    BLOCKED = "blocked"
    CRASHED = "crashed"
    FIRED_NOT_BLOCKED = "fired but did not block"
    FAILED_OPEN = "failed open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One deciding condition as it was evaluated for one signal.

    `label` is the name the bot's own log call gives the exit, else empty. `condition` is the normalised source
    text. `value` and `limit` are the two sides of the deciding comparison (the side that names the signal or its
    state is the value), as short reprs; `needs` is what would let the signal through, such as "score >= 3.0".
    """

    label: str
    function: str
    file: str
    line: int
    condition: str
    verdict: GateVerdict
    value: str = ""
    limit: str = ""
    needs: str = ""
    operands: tuple[tuple[str, str], ...] = ()
    exit: str = ""
    """`continue`, `return`, `raise`, `break`, `filter`, `slice`, `no else`, `not iterated`; empty when passed."""
    signal: str = ""
    stage: Stage | None = None
    failure_point: str = ""
    why: str = ""
    """The cause underneath, where the gate's own words hide it ("401 from /v2/account, swallowed in client.py:88")."""

    @property
    def blocks(self) -> bool:
        """Whether the signal ended at this gate."""
        return self.verdict in (GateVerdict.BLOCKED, GateVerdict.CRASHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageStep:
    """One assignment to a value that matters: what it became, and where."""

    value: str
    expression: str
    function: str
    file: str
    line: int
    signal: str = ""
    """Which signal the value belongs to; empty where that is not known, or where it belongs to all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """How one named value (score, quantity, price) came to be, step by step."""

    name: str
    steps: tuple[LineageStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swallowed:
    """An exception that was raised on the path and that no one saw."""

    kind: str
    message: str
    raised_at: str
    handled_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LostSignal:
    """A signal that left the path where no exit stands, and where it was last seen."""

    signal: str
    file: str
    line: int
    how: str


class Outcome(enum.StrEnum):
    """How the traced call ended."""

    RETURNED = "returned"
    RAISED = "raised"
    EXITED = "exited"
    TIMED_OUT = "timed out"
    NOT_LOADED = "not loaded"
    NOT_SENT = "not sent"
    """Nothing could be handed to the bot: `bot.toml` names no way in, or the signal cannot be made."""
    DIED = "died"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One traced run of a bot's function. `gates` are in the order in which they were evaluated."""

    outcome: Outcome
    detail: str = ""
    """The exception, exit status or load error, one line; empty when the call returned."""
    detail_at: str = ""
    gates: tuple[Gate, ...] = ()
    lineage: tuple[Lineage, ...] = ()
    swallowed: tuple[Swallowed, ...] = ()
    lost: tuple[LostSignal, ...] = ()
    notes: tuple[str, ...] = ()
    """Facts about the run that a reader must know: a thread that import wanted to start, a bypass in the path."""
    duration_s: float = 0.0

    @property
    def ending(self) -> str:
        """How the call ended and where, in one clause."""
        at = f" at {self.detail_at}" if self.detail_at and self.detail_at not in self.detail else ""
        if self.outcome is Outcome.NOT_SENT:
            return f"{self.detail}{at}"
        what = "bot does not load" if self.outcome is Outcome.NOT_LOADED else f"bot's function {self.outcome}"
        return f"the {what}: {self.detail}{at}"

    @property
    def blocker(self) -> Gate | None:
        """The first gate at which a signal ended, or None."""
        return next((gate for gate in self.gates if gate.blocks), None)

    def of(self, signal: str) -> tuple[Gate, ...]:
        """The gates of one signal, in order; gates that stand before any signal count for all of them."""
        return tuple(gate for gate in self.gates if gate.signal in ("", signal))
