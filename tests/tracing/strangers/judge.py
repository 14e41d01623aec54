"""Trace one stranger with the probe and compare what the trace says with what the generator knows."""

from __future__ import annotations

import copy
import json
from typing import Any

from harness.tracing.probe import door, record, rewrite
from harness.tracing.reading import read
from harness.vocabulary import Gate, GateVerdict, Trace
from tests.tracing.strangers.generate import Stranger
from tests.tracing.strangers.oracle import Seen, play


def probed(stranger: Stranger, mode: str = "gates") -> tuple[Seen, dict[str, Any]]:
    """Run a stranger under the probe; the raw record has been through JSON."""
    door.stand()
    record.MODE["mode"] = mode
    namespace: dict[str, Any] = {"__name__": "stranger"}
    exec(rewrite.compiled(stranger.source, f"stranger_{stranger.seed}.py", mode), namespace)  # noqa: S102 - the source is ours
    signals = copy.deepcopy(stranger.signals)
    recorder = record.start(signals=signals, identity=["symbol"], lineage={"score": ["score"]})
    seen = play(namespace, signals)
    return seen, json.loads(json.dumps(recorder.finish("returned")))


def wrong(stranger: Stranger, raw: dict[str, Any]) -> list[str]:
    """Every signal about which the trace is wrong, one sentence each."""
    trace = read(raw)
    found: list[str] = []
    for signal in stranger.signals:
        problem = _about(stranger, trace, signal["symbol"])
        if problem:
            found.append(f"{signal['symbol']} {problem}")
    return found


def _about(stranger: Stranger, trace: Trace, symbol: str) -> str:
    gates = [gate for gate in trace.of(symbol) if gate.blocks]
    drop = stranger.drops.get(symbol)
    if drop is None:
        return f"was sent, yet the trace ends it at {_text(gates[0])}" if gates else ""
    lines = stranger.lines(symbol)
    if not gates:
        return f"ended at line {lines}, and the trace lost it"
    gate = gates[0]
    if gate.line not in lines:
        return f"ended at line {lines}, and the trace says {_text(gate)}"
    if drop.value and gate.value != drop.value:
        return f"ended with value {drop.value}, and the trace says {_text(gate)}"
    if drop.handler and not gate.condition.startswith("except"):
        return f"ended in a handler, and the trace says {_text(gate)}"
    if gate.verdict is not GateVerdict.BLOCKED:
        return f"was blocked, and the trace says {_text(gate)}"
    if drop.label and gate.label != drop.label:
        return f"ended under the name {drop.label}, and the trace says {gate.label!r}: {_text(gate)}"
    return ""


def _text(gate: Gate) -> str:
    return f"line {gate.line} `{gate.condition}` {gate.verdict} value {gate.value} limit {gate.limit} exit {gate.exit}"


def shown(stranger: Stranger, problems: list[str]) -> str:
    """A failing seed: its function, its marks, what is wrong, and the command that replays it."""
    numbered = "\n".join(f"{number:4} {line}" for number, line in enumerate(stranger.source.splitlines(), start=1))
    return "\n".join(
        [
            numbered,
            f"kinds: {', '.join(stranger.kinds)}",
            *problems,
            f"replay: python -m tests.tracing.strangers {stranger.seed}",
        ]
    )
