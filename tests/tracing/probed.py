"""Run a function from source with and without the probe, and read its trace."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.tracing.probe import door, record, rewrite
from harness.tracing.reading import read
from harness.vocabulary import Gate, GateVerdict, Trace

FILE = "bot_under_test.py"


@dataclass
class Venue:
    """Takes orders and remembers them."""

    orders: list[str] = field(default_factory=list)

    def submit_order(self, symbol: str, qty: float = 1) -> str:
        """Take an order."""
        self.orders.append(symbol)
        return f"order {len(self.orders)}"


@dataclass
class Ran:
    """What a probed call came to."""

    returned: Any
    error: BaseException | None
    trace: Trace
    record: dict[str, Any]


def load(source: str, mode: str = "gates", **names: Any) -> dict[str, Any]:
    """The namespace of a module that was compiled from rewritten source."""
    door.stand()
    record.MODE["mode"] = mode
    namespace: dict[str, Any] = {"__name__": "bot_under_test", **names}
    exec(rewrite.compiled(textwrap.dedent(source), FILE, mode), namespace)  # noqa: S102 - the source is ours
    return namespace


def run(
    function: Callable[..., Any],
    *args: Any,
    signals: list[Any] | None,
    identity: tuple[str, ...] = ("symbol",),
    lineage: dict[str, list[str]] | None = None,
) -> Ran:
    """Call a function under the recorder and read the record, which has been through JSON as it is in the field."""
    recorder = record.start(signals=signals, identity=list(identity), lineage=lineage or {})
    returned, error = None, None
    try:
        returned = function(*args)
    except BaseException as caught:  # noqa: BLE001 - the bot's own end is what is being recorded
        error = caught
    raw = json.loads(json.dumps(recorder.finish("raised" if error is not None else "returned", error)))
    return Ran(returned=returned, error=error, trace=read(raw), record=raw)


def trace(source: str, *signals: dict[str, Any], mode: str = "gates", **names: Any) -> Trace:
    """Trace `decide(signals, venue)` of a source."""
    namespace = load(source, mode, **names)
    return run(namespace["decide"], list(signals), names.get("venue", Venue()), signals=list(signals)).trace


def blocker(trace: Trace, signal: str) -> Gate:
    """The first gate that ended a signal."""
    return next(gate for gate in trace.of(signal) if gate.blocks)


def ended(trace: Trace, signal: str) -> bool:
    """Whether any gate ended a signal."""
    return any(gate.verdict in (GateVerdict.BLOCKED, GateVerdict.CRASHED) for gate in trace.of(signal))


HEAD = """
def blocked(label, *, value="", limit=""):
    pass
"""


class Closed:
    """A venue that answers no question, called where nothing is traced."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def ask(self, *_: object) -> bool:
        """Raise."""
        raise self.error

    submit_order = ask


class Unauthorised(Exception):
    """What a client makes of a 401."""

    label = "auth_refused"
    status = 401


def blocking(trace: Trace) -> list[Gate]:
    """The gates that ended something, in their order."""
    return [gate for gate in trace.gates if gate.blocks]
