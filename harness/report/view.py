"""What the page shows of a document, worked out beforehand, so that the template only lays it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.report import order, phrases, proven, waterfall
from harness.report.order import Root
from harness.report.phrases import Measurement
from harness.report.waterfall import Other, StageView
from harness.verdict.document import Blocker, Document, Phase, PointRow, Proof
from harness.vocabulary import CanaryResult, Gate, Lineage, LineageStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much of each kind the page shows; the rest is counted, and stands in `verdict.json`."""

    text_max: int
    evidence_max: int
    list_max: int
    """Orders, swallowed exceptions, lost signals, notes, reasons."""
    others_max: int
    """Other signals of the same run."""
    gates_max: int
    """Simply passed gates of one stage."""
    playbook_max: int
    faults_max: int
    """Rows of the matrix of faults and checks."""


ROOMY = Room(text_max=1200, evidence_max=12, list_max=50, others_max=200, gates_max=60, playbook_max=12, faults_max=150)
TIGHT = Room(text_max=60, evidence_max=4, list_max=12, others_max=20, gates_max=6, playbook_max=4, faults_max=24)

# A lineage step that changes a number by more than this is shown loud: 2.7 into 0.17 must not pass unseen.
_LEAP = 2.0
_FOLD_FROM = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step of a lineage, and by which factor it changed the number (empty where it did not, or is none)."""

    step: LineageStep
    factor: str = ""
    leap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryView:
    """One canary with its stages and all that its trace says."""

    canary: CanaryResult
    anchor: str
    stages: tuple[StageView, ...]
    rail: tuple[StageView, ...]
    """The ten stages alone, for the line at the top."""
    open: bool
    """Whether the passed gates are few enough to stand open."""
    loud: tuple[Gate, ...]
    lineage: tuple[tuple[str, tuple[StepView, ...]], ...]
    others: tuple[Other, ...]
    stopped_in: int
    """The place of the stage where it stopped, from 1; 0 where it did not, or none is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """Value and limit on one scale, in parts of a hundred."""

    value: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockerView:
    """The blocker with the measurement that decided, where one is known."""

    blocker: Blocker
    value: str = ""
    limit: str = ""
    gauge: Gauge | None = None
    why: str = ""
    evidence: tuple[Measurement, ...] = ()
    heal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointView:
    """One row of the table of failure points; `depth` 1 is a consequence of the row above it at depth 0."""

    row: PointRow
    depth: int
    age_s: float
    evidence: tuple[Measurement, ...]
    proof: str
    unverified: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One phase as a part of the bar, in parts of a hundred."""

    phase: Phase
    start: float
    width: float
    shade: int


def view(document: Document, room: Room) -> dict[str, Any]:
    """The names that the template uses beside `document` and `room`."""
    rows = [line for root in order.roots_first(document.points) for line in _lines(root, document, room)]
    canaries = tuple(_canary(canary, number) for number, canary in enumerate(document.canaries, 1))
    first = next((one for one in canaries if not one.canary.traded), canaries[0] if canaries else None)
    return {
        "question": phrases.QUESTION,
        "means": phrases.MEANS[document.verdict],
        "headline": phrases.headline(document),
        "blocker": _blocker(document, room),
        "canaries": canaries,
        "first": first,
        "orders": [(one.canary, found) for one in canaries for found in one.canary.orders],
        "attention": [row for row in rows if order.needs_attention(row.row) or row.depth],
        "fine": [row for row in rows if row.row.status == "OK" and not row.depth],
        "absent": [row for row in rows if row.row.status == order.NOT_APPLICABLE and not row.depth],
        "fold": len(rows) > _FOLD_FROM,
        "counts": _counts(document.points),
        "slices": _slices(document.phases),
        "proven": proven.proven_views(document),
        "matrix": proven.matrix(document, room.faults_max),
    }


def _canary(canary: CanaryResult, number: int) -> CanaryView:
    stages = waterfall.stages(canary)
    rail = tuple(stage for stage in stages if stage.stage is not None)
    stopped = next((place for place, stage in enumerate(rail, 1) if stage.passage is waterfall.Passage.STOPPED), 0)
    return CanaryView(
        canary=canary,
        anchor=f"canary-{number}",
        stages=stages,
        rail=rail,
        open=sum(len(stage.folded) for stage in stages) <= _FOLD_FROM,
        loud=waterfall.loud(canary),
        lineage=tuple((line.name, _steps(line, canary.traded)) for line in canary.trace.lineage),
        others=waterfall.others(canary),
        stopped_in=stopped,
    )


def _steps(lineage: Lineage, traded: bool) -> tuple[StepView, ...]:
    """The steps with their factors; a leap is loud only where the signal came to nothing."""
    shown: list[StepView] = []
    before: float | None = None
    for step in lineage.steps:
        now = phrases.number(step.value)
        factor = now / before if before and now is not None else None
        leap = not traded and factor is not None and not 1 / _LEAP <= factor <= _LEAP
        shown.append(StepView(step=step, factor=f"×{factor:.3g}" if factor not in (None, 1.0) else "", leap=leap))
        before = now
    return tuple(shown)


def _blocker(document: Document, room: Room) -> BlockerView | None:
    blocker = document.blocker
    if blocker is None:
        return None
    row = next((row for row in document.points if row.id == blocker.point), None)
    evidence = tuple(_evidence(row, room)) if row else ()
    heal = row.heal if row else ""
    gate = next((canary.blocker for canary in document.canaries if canary.blocker and _is_it(canary, blocker)), None)
    if gate is not None and gate.value:
        return BlockerView(blocker=blocker, value=gate.value, limit=gate.limit, gauge=_gauge(gate.value, gate.limit),
                           why=gate.why, evidence=evidence, heal=heal)  # fmt: skip
    over = next((one for one in evidence if one.over), None)
    measured = (over.value, over.limit) if over else ("", "")
    return BlockerView(blocker=blocker, value=measured[0], limit=measured[1], evidence=evidence, heal=heal)


def _is_it(canary: CanaryResult, blocker: Blocker) -> bool:
    """Whether the gate that stopped `canary` is the one that `blocker` speaks of."""
    gate = canary.blocker
    if gate is None or canary.traded:
        return False
    return blocker.where == f"{gate.file}:{gate.line}" or (bool(blocker.point) and blocker.point == gate.failure_point)


def _gauge(value: str, limit: str) -> Gauge | None:
    left, right = phrases.number(value), phrases.number(limit)
    if left is None or right is None or min(left, right) < 0 or max(left, right) == 0:
        return None
    whole = max(left, right) * 1.15
    return Gauge(value=round(left / whole * 100, 2), limit=round(right / whole * 100, 2))


def _lines(root: Root, document: Document, room: Room) -> list[PointView]:
    return [_point(root.row, 0, document, room), *(_point(row, 1, document, room) for row in root.consequences)]


def _point(row: PointRow, depth: int, document: Document, room: Room) -> PointView:
    proof = row.proof or Proof()
    passed = proven.since(proof, document)
    told = [f"Its own tests last passed {passed}" if passed else "no record that its own tests passed"]
    told += [f"failed since: {', '.join(proof.failed)}"] if proof.failed else []
    return PointView(
        row=row,
        depth=depth,
        age_s=phrases.age(row, document),
        evidence=tuple(_evidence(row, room)),
        proof="; ".join(told),
        unverified=proof.unverified,
    )


def _evidence(row: PointRow, room: Room) -> list[Measurement]:
    return phrases.measurements(row.evidence, length_max=min(300, room.text_max), count_max=room.evidence_max)


def _counts(points: Sequence[PointRow]) -> list[tuple[str, int]]:
    words = dict.fromkeys(["ERROR", "UNKNOWN", "WARN", "OK", order.NOT_APPLICABLE, *(row.status for row in points)])
    counted = [(word, sum(row.status == word for row in points)) for word in words]
    return [(word, number) for word, number in counted if number]


def _slices(phases: Sequence[Phase]) -> list[Slice]:
    whole = sum(max(phase.duration_s, 0.0) for phase in phases)
    slices, start = [], 0.0
    for number, phase in enumerate(phases):
        width = max(phase.duration_s, 0.0) / whole * 100 if whole else 0.0
        slices.append(Slice(phase=phase, start=round(start, 3), width=round(width, 3), shade=number % 5))
        start += width
    return slices
