"""Findings and canaries made for the rules."""

from __future__ import annotations

from harness.failure_point import FailurePoint, Judged, NoEvidence, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import escalate
from harness.vocabulary import (
    Blocks,
    CanaryResult,
    Cause,
    Depth,
    Desk,
    Finding,
    Gate,
    GateVerdict,
    Outcome,
    Severity,
    Side,
    Stage,
    Status,
    Trace,
)


def silent(snapshot: Snapshot) -> Finding[NoEvidence]:
    """A judge that is never asked."""
    return Finding(Status.OK, "", NoEvidence(why=""))


def point(
    point_id: str, *, severity: Severity = Severity.CRITICAL, downstream_of: tuple[str, ...] = ()
) -> FailurePoint:
    """A failure point with this id."""
    sheet = Sheet(
        id=point_id,
        title="a fault",
        desk=Desk.EQUITIES,
        severity=severity,
        cause=Cause.CONFIG,
        impact="none",
        blocks=Blocks.ALL,
        stage=Stage.GATE,
        recovers_within_s=1.0,
        downstream_of=downstream_of,
        playbook=("look",),
    )
    return FailurePoint(sheet, detect=silent, heal=escalate("a person must"))


def judged(
    point_id: str, status: Status, *, severity: Severity = Severity.CRITICAL, downstream_of: tuple[str, ...] = ()
) -> Judged:
    """What that point said."""
    one = point(point_id, severity=severity, downstream_of=downstream_of)
    return Judged(point=one, finding=Finding(status, "said", NoEvidence(why="")), observed_at_s=0.0)


def gate(verdict: GateVerdict) -> Gate:
    """A gate of a bot."""
    return Gate(label="", function="f", file="bot/trader.py", line=7, condition="x < 3", verdict=verdict)


def canary(*, traded: bool, desk: Desk = Desk.EQUITIES, gates: tuple[Gate, ...] = ()) -> CanaryResult:
    """A canary that did or did not trade."""
    return CanaryResult(
        desk=desk,
        depth=Depth.CYCLE,
        symbol="AAPL",
        side=Side.BUY,
        traded=traded,
        reason="because",
        orders=(),
        trace=Trace(outcome=Outcome.RETURNED, gates=gates),
        stage=None if traded else Stage.GATE,
        blocker=None,
        started_at_s=0.0,
        duration_s=0.0,
    )
