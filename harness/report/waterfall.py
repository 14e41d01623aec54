"""One canary's way through the stages: which it passed, where it stopped, and which gates stood in each."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from harness.vocabulary import CanaryResult, Depth, Gate, GateVerdict, Stage

# A canary that enters at decide brings its own cluster; what stands before is not tried.
_BEFORE_DECIDE = (Stage.PROVIDER, Stage.FEED, Stage.CACHE, Stage.CLUSTER)
_LOUD = (GateVerdict.FIRED_NOT_BLOCKED, GateVerdict.FAILED_OPEN)


class Passage(enum.StrEnum):
    """What became of the signal at one stage."""

    PASSED = "passed"
    STOPPED = "stopped here"
    PARTLY = "partly passed"
    """Some of its gates stand before the stage where the signal ended."""
    NOT_REACHED = "not reached"
    SKIPPED = "not tried at this depth"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One gate, and its place in the order in which all of them were evaluated (from 1)."""

    place: int
    gate: Gate
    decisive: bool = False
    """Whether the signal ended here."""

    @property
    def matters(self) -> bool:
        """Whether it must be seen: the signal ended here, or something went wrong."""
        return self.decisive or self.gate.verdict is not GateVerdict.PASSED


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """One stage, what became of the signal there, and its gates in order."""

    stage: Stage | None
    """None for the gates whose stage `bot.toml` does not name."""
    passage: Passage
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        return str(self.stage) if self.stage else "other gates"

    @property
    def shown(self) -> tuple[Step, ...]:
        """The gates that must not be folded away: where it ended, and what went wrong on the way."""
        return tuple(step for step in self.steps if step.matters)

    @property
    def folded(self) -> tuple[Step, ...]:
        """The gates that were simply passed."""
        return tuple(step for step in self.steps if not step.matters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another signal of the same run: where it ended, and how many gates it had passed."""

    signal: str
    passed: int
    blocker: Gate | None


def stages(canary: CanaryResult) -> tuple[StageView, ...]:
    """Every stage in the order of the path, then the gates without a stage where there are any."""
    steps = _steps(canary)
    stopped_at = None if canary.traded else canary.stage
    homes: dict[Stage | None, list[Step]] = {stage: [] for stage in Stage}
    for step in steps:
        # the place where it ended is never to be looked for under "other gates"
        home = step.gate.stage or (stopped_at if step.decisive else None)
        homes.setdefault(home, []).append(step)
    return tuple(
        StageView(stage=stage, passage=_passage(stage, canary, bool(of_stage)), steps=tuple(of_stage))
        for stage, of_stage in homes.items()
    )


def _steps(canary: CanaryResult) -> list[Step]:
    gates = list(canary.trace.of(signal_of(canary)))
    blocker = None if canary.traded else canary.blocker
    if blocker is not None and blocker not in gates:
        gates.append(blocker)
    return [Step(place=place, gate=gate, decisive=gate == blocker) for place, gate in enumerate(gates, 1)]


def signal_of(canary: CanaryResult) -> str:
    """The name by which the trace knows the canary's signal: its symbol, else the only one that the trace has."""
    names = {gate.signal for gate in canary.trace.gates} - {""}
    return names.pop() if canary.symbol not in names and len(names) == 1 else canary.symbol


def _passage(stage: Stage | None, canary: CanaryResult, has_gates: bool) -> Passage:
    if canary.depth is Depth.DECIDE and stage in _BEFORE_DECIDE and not has_gates and stage is not canary.stage:
        return Passage.SKIPPED
    if canary.traded:
        return Passage.PASSED
    if canary.stage is None or stage is None:
        return Passage.PASSED if has_gates else Passage.NOT_KNOWN
    order = list(Stage)
    here, end = order.index(stage), order.index(canary.stage)
    if here > end:
        return Passage.PARTLY if has_gates else Passage.NOT_REACHED
    return Passage.STOPPED if here == end else Passage.PASSED


def others(canary: CanaryResult) -> tuple[Other, ...]:
    """The other signals of the run, in the order in which they appeared."""
    own_names = ("", signal_of(canary))
    names = dict.fromkeys(gate.signal for gate in canary.trace.gates if gate.signal not in own_names)
    gates: dict[str, list[Gate]] = {name: [] for name in names}
    for gate in canary.trace.gates:
        if gate.signal in gates:
            gates[gate.signal].append(gate)
    return tuple(
        Other(
            signal=name,
            passed=sum(gate.verdict is GateVerdict.PASSED for gate in own),
            blocker=next((gate for gate in own if gate.blocks), None),
        )
        for name, own in gates.items()
    )


def loud(canary: CanaryResult) -> tuple[Gate, ...]:
    """Gates of any signal that fired without blocking, or failed open: the most dangerous there are."""
    return tuple(gate for gate in canary.trace.gates if gate.verdict in _LOUD)
