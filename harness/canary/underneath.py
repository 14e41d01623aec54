"""The gate underneath: a blocking exit without a name (`if floor is None: return`) only repeats what a function below
it decided. The tracer says where that was; where a gate stands there, that gate is the one that blocked.
"""

from __future__ import annotations

import dataclasses
import re

from harness.vocabulary import Gate, GateVerdict, Trace

_WHERE = re.compile(r"\((?P<file>[^()]+):(?P<line>\d+)\)$")


def with_gate_underneath(trace: Trace) -> Trace:
    """The trace in which each gate that decided for an unnamed exit above it is blocked as well, and so comes first."""
    deciding = {
        found for gate in trace.gates if gate.blocks and not gate.label and (found := _decider(gate, trace.gates))
    }
    if not deciding:
        return trace
    gates = tuple(
        dataclasses.replace(gate, verdict=GateVerdict.BLOCKED, exit=gate.exit or "return") if at in deciding else gate
        for at, gate in enumerate(trace.gates, 1)
    )
    return dataclasses.replace(trace, gates=gates)


def _decider(blocked: Gate, gates: tuple[Gate, ...]) -> int | None:
    """The number, from one, of the last named gate before `blocked` that stands where its cause lies."""
    where = _WHERE.search(blocked.why)
    if where is None:
        return None
    before = [at for at, gate in enumerate(gates, 1) if gate.label and gate.verdict is GateVerdict.PASSED]
    place = where["file"], int(where["line"])
    return next((at for at in reversed(before) if (gates[at - 1].file, gates[at - 1].line) == place), None)
