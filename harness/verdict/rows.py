"""From findings to what an owner reads: rows of the table, and the one thing that stands in the way first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from harness.catalogue import built, entries
from harness.failure_point import Judged
from harness.verdict.document import Blocker, PointRow, Proof
from harness.verdict.rules import roots
from harness.vocabulary import CanaryResult, Gate, Severity, Status

NOT_APPLICABLE = "NOT APPLICABLE"
_SEVERITIES = list(Severity)


def point_rows(judged: Sequence[Judged], proofs: Mapping[str, Proof]) -> tuple[PointRow, ...]:
    """Every judged point as a row, worst first, a root before its consequences."""
    above = roots(judged)
    rows = [_row(one, above.get(one.id, ()), proofs.get(one.id)) for one in judged]
    return tuple(sorted(rows, key=_rank))


def _row(judged: Judged, consequence_of: tuple[str, ...], proof: Proof | None) -> PointRow:
    sheet, finding = judged.point.sheet, judged.finding
    return PointRow(
        id=sheet.id,
        name=judged.point.name,
        title=sheet.title,
        desk=sheet.desk,
        severity=sheet.severity,
        cause=sheet.cause,
        blocks=sheet.blocks,
        stage=sheet.stage,
        impact=sheet.impact,
        status=finding.status.name if judged.applies else NOT_APPLICABLE,
        summary=finding.summary,
        evidence={field.name: getattr(finding.evidence, field.name) for field in fields(finding.evidence)},
        heal=str(judged.point.heal),
        playbook=sheet.playbook,
        observed_at_s=judged.observed_at_s,
        consequence_of=consequence_of,
        proof=proof,
    )


def _rank(row: PointRow) -> tuple[Any, ...]:
    status = -1 if row.status == NOT_APPLICABLE else Status[row.status].value
    return -status, _SEVERITIES.index(Severity(row.severity)), bool(row.consequence_of), row.id


def _gate_blocker(gate: Gate, where: str) -> Blocker:
    """The bot's own gate as the blocker, in the words of the catalogued point that `bot.toml` says it is."""
    entry, point = entries().get(gate.failure_point), built().get(gate.failure_point)
    name = gate.label or gate.condition
    against = f"{gate.value} against {gate.limit}" if gate.limit else gate.value
    todo: tuple[str, ...] = ("Read the line above: bot.toml maps this gate to no failure point.",)
    if point is not None:
        todo = point.sheet.playbook
    elif entry is not None:
        todo = (f"{entry.heal[0].upper()}{entry.heal[1:]}.",)
    return Blocker(
        title=f"{entry.id} {entry.title} ({name})" if entry else name,
        detail=f"the signal ended at `{gate.condition}`" + (f": {against}" if against else ""),
        where=where,
        lets_through=gate.needs,
        point=gate.failure_point,
        todo=todo,
    )


def first_blocker(rows: Sequence[PointRow], canaries: Sequence[CanaryResult]) -> Blocker | None:
    """What stands in the way first: a root point that blocks, else the gate that stopped the canary, else nothing.

    A point and the gate it stands for tell one story: the point's evidence, the gate's line.
    """
    silent = [canary for canary in canaries if not canary.traded]
    gate = next((canary.blocker for canary in silent if canary.blocker is not None), None)
    all_bad = [row for row in rows if row.status in ("ERROR", "UNKNOWN")]
    # Points that name each other as causes explain one another, and one of them must still be shown.
    bad = [row for row in all_bad if not row.consequence_of] or all_bad
    critical = [row for row in all_bad if row.severity == Severity.CRITICAL]
    # A root of lesser severity that brings a critical point about is what stands in the way.
    in_the_way = {point for row in critical for point in (row.id, *row.consequence_of)}
    blocking = [row for row in bad if row.id in in_the_way or silent]
    named = next((row for row in blocking if gate is not None and row.id == gate.failure_point), None)
    root = named or next(iter(blocking), None)
    where = f"{gate.file}:{gate.line}" if gate is not None else ""
    if root is not None:
        same = gate is not None and gate.failure_point == root.id
        return Blocker(
            title=f"{root.id} {root.title}",
            detail=root.summary,
            where=where if same else "",
            lets_through=gate.needs if gate is not None and same else "",
            point=root.id,
            todo=root.playbook,
        )
    if gate is not None:
        return _gate_blocker(gate, where)
    if silent:
        return Blocker(title="the canary did not trade", detail=silent[0].reason, where="", lets_through="")
    return None
