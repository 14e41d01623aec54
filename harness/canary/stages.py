"""Which stage and which failure point a gate is: by `bot.toml`'s own words, never by guessing at names."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable
from pathlib import Path

from harness.catalogue import built
from harness.deployment import Deployment
from harness.vocabulary import Gate, Outcome, Stage, Trace


def place(trace: Trace, deployment: Deployment) -> Trace:
    """The trace with each gate's stage and failure point filled in, and the bot's files named as their owner knows
    them: relative to the folder above the bot's own."""
    above = f"{deployment.root.parent}/"

    def told(text: str) -> str:
        return text.replace(above, "")

    return dataclasses.replace(
        trace,
        detail=told(trace.detail),
        detail_at=told(trace.detail_at),
        gates=tuple(_placed(gate, deployment, told) for gate in trace.gates),
        lineage=tuple(
            dataclasses.replace(line, steps=tuple(dataclasses.replace(s, file=told(s.file)) for s in line.steps))
            for line in trace.lineage
        ),
        swallowed=tuple(
            dataclasses.replace(
                one, message=told(one.message), raised_at=told(one.raised_at), handled_at=told(one.handled_at)
            )
            for one in trace.swallowed
        ),
        lost=tuple(dataclasses.replace(one, file=told(one.file)) for one in trace.lost),
        notes=tuple(told(note) for note in trace.notes),
    )


def _placed(gate: Gate, deployment: Deployment, told: Callable[[str], str]) -> Gate:
    gates = deployment.toml.gates
    family = gate.label.partition("_")[0]
    point = gates.get(gate.label) or gates.get(gate.condition) or gates.get(f"{family}_*") or ""
    where = f"{_module(gate.file, deployment)}:{gate.function}"
    stage = built()[point].sheet.stage if point in built() else gate.stage or stage_of(where, deployment)
    return dataclasses.replace(
        gate,
        file=told(gate.file),
        value=told(gate.value),
        limit=told(gate.limit),
        why=told(gate.why),
        stage=stage,
        failure_point=point,
    )


def _module(file: str, deployment: Deployment) -> str:
    """The dotted name under which the bot imports `file`; empty where it lies on none of its paths."""
    return _dotted(file, str(deployment.root), deployment.toml.code.python_path)


@functools.lru_cache(
    maxsize=4096
)  # every gate of every canary asks, and resolving paths costs as much as a small trace
def _dotted(file: str, root: str, python_path: tuple[str, ...]) -> str:
    entries = [(Path(root) / entry).resolve() for entry in python_path]
    for entry in sorted(entries, key=lambda path: -len(path.parts)):
        if Path(file).is_relative_to(entry):
            return ".".join(Path(file).relative_to(entry).with_suffix("").parts).removesuffix(".__init__")
    return ""


def stage_of(function: str, deployment: Deployment) -> Stage | None:
    """The stage whose entry in `[stages]` is the longest that covers `module:qualname`; None where none does."""
    best: tuple[int, Stage] | None = None
    for stage, places in deployment.toml.stages.items():
        for place_ in places:
            if covers(place_, function) and (best is None or len(place_) > best[0]):
                best = len(place_), stage
    return best[1] if best else None


def covers(place_: str, function: str) -> bool:
    """Whether `module`, `package.*` or `module:qualname` covers a function named `module:qualname`."""
    module = function.partition(":")[0]
    if ":" in place_:
        return function == place_ or function.startswith(place_ + ".")
    if place_.endswith(".*"):
        return module.startswith(place_[:-1]) or module == place_[:-2]
    return module == place_


def stage_where_it_ended(trace: Trace, symbol: str, deployment: Deployment) -> Stage | None:
    """Where a signal that did not trade stopped, by its trace; None where the trace does not say."""
    blocker = blocker_of(trace, symbol)
    if blocker is not None:
        return _stage_underneath(trace, blocker, deployment) or blocker.stage
    if trace.outcome in (Outcome.NOT_LOADED, Outcome.NOT_SENT):
        return Stage.LOOP
    lost = next((lost for lost in trace.lost if lost.signal in ("", symbol)), None)
    if lost is not None:
        last = next((gate for gate in reversed(trace.gates) if gate.file == lost.file), None)
        return last.stage if last else None
    return None


def _stage_underneath(trace: Trace, blocker: Gate, deployment: Deployment) -> Stage | None:
    """Where the exception was raised that this gate only passed on: a 401 belongs to the venue, not to the gate."""
    told = [(place_, one) for one in trace.swallowed for place_ in (one.handled_at, one.raised_at) if place_]
    cause = next((one for place_, one in told if re.search(rf"{re.escape(place_)}(?!\d)", blocker.why)), None)
    if cause is None:
        return None
    file = deployment.root.parent / cause.raised_at.rpartition(":")[0]
    return stage_of(_module(str(file), deployment), deployment)


def blocker_of(trace: Trace, symbol: str) -> Gate | None:
    """The first gate at which this signal, or every signal, ended."""
    return next((gate for gate in trace.of(symbol) if gate.blocks), None)
