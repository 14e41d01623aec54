"""The rules that turn findings and canaries into a colour. Pure: the same inputs, the same verdict.

GREEN: every critical point OK, no other point ERROR or UNKNOWN, at most two warnings, a canary traded on every desk
in use, the receipt complete, everything proven that was to be proven. YELLOW: trading works, something is
degraded (a gate that fired and did not block is one such thing). RED: a critical point is ERROR or UNKNOWN, or a
canary did not trade.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.failure_point import Judged
from harness.verdict.document import Reason, Receipt
from harness.vocabulary import CanaryResult, Colour, Desk, Gate, GateVerdict, Severity, Status

WARNINGS_MAX = 2
EXIT_CODES = {Colour.GREEN: 0, Colour.YELLOW: 1, Colour.RED: 2}
COULD_NOT_RUN = 3
"""The exit code for a verification that could not run."""

_ORDER = [Colour.GREEN, Colour.YELLOW, Colour.RED]


def worst(colours: Iterable[Colour]) -> Colour:
    """The worst of the colours; GREEN of none."""
    return max(colours, key=_ORDER.index, default=Colour.GREEN)


def reasons(
    judged: Sequence[Judged],
    canaries: Sequence[CanaryResult],
    desks: Sequence[Desk],
    receipt: Receipt | None,
    unverified: Sequence[str],
) -> tuple[Reason, ...]:
    """Every reason against GREEN, worst first. `receipt` None: none was asked for."""
    found = [*_of_canaries(canaries, desks), *of_points(judged)]
    if receipt is not None and not receipt.complete and colour_of(found) is not Colour.RED:
        why = receipt.why_not or "a fault of the receipt was not named"
        found.append(Reason(colour=Colour.YELLOW, text=f"no complete receipt that this run could have said RED: {why}"))
    found += [Reason(colour=Colour.YELLOW, text=f"UNVERIFIED: {what}") for what in unverified]
    return tuple(sorted(found, key=lambda reason: -_ORDER.index(Colour(reason.colour))))


def colour_of(found: Sequence[Reason]) -> Colour:
    """The verdict that these reasons leave."""
    return worst(Colour(reason.colour) for reason in found)


def _of_canaries(canaries: Sequence[CanaryResult], desks: Sequence[Desk]) -> list[Reason]:
    found = []
    for desk in desks:
        of_desk = [canary for canary in canaries if canary.desk is desk]
        if not of_desk:
            found.append(Reason(colour=Colour.RED, text=f"no canary was sent on the {desk} desk"))
        found += [
            Reason(colour=Colour.RED, text=f"the {desk} canary {canary.symbol} did not trade: {canary.reason}")
            for canary in of_desk
            if not canary.traded
        ]
        through = [canary for canary in of_desk if canary.traded]
        found += [_of_open_gate(canary, gate) for canary in through for gate in canary.trace.gates if _is_open(gate)]
    return found


def _is_open(gate: Gate) -> bool:
    return gate.verdict in (GateVerdict.FIRED_NOT_BLOCKED, GateVerdict.FAILED_OPEN)


def _of_open_gate(canary: CanaryResult, gate: Gate) -> Reason:
    """A signal that got past a gate which said no, or could not say anything: trading works, a protection does not."""
    name = gate.label or gate.condition
    text = f"the gate {name} at {gate.file}:{gate.line} {gate.verdict}, and let the canary {canary.symbol} through"
    return Reason(colour=Colour.YELLOW, text=text, point=gate.failure_point)


def of_points(judged: Sequence[Judged]) -> list[Reason]:
    """The reasons against GREEN that findings give, canaries aside."""
    found = []
    warnings = [row for row in judged if row.applies and row.status is Status.WARN]
    for row in judged:
        if not row.applies or row.status in (Status.OK, Status.WARN):
            continue
        critical = row.point.sheet.severity is Severity.CRITICAL
        colour = Colour.RED if critical else Colour.YELLOW
        text = f"{row.id} {row.point.sheet.title}: {row.finding.summary}"
        if row.status is Status.UNKNOWN:
            text = f"{row.id} {row.point.sheet.title} is UNKNOWN: {row.finding.summary}"
        found.append(Reason(colour=colour, text=text, point=row.id))
    for row in warnings:
        critical = row.point.sheet.severity is Severity.CRITICAL
        if critical or len(warnings) > WARNINGS_MAX:
            text = f"{row.id} {row.point.sheet.title} warns: {row.finding.summary}"
            found.append(Reason(colour=Colour.YELLOW, text=text, point=row.id))
    return found


def roots(judged: Sequence[Judged]) -> dict[str, tuple[str, ...]]:
    """For each point that is ERROR or UNKNOWN, the root points, also not OK now, that bring it about.

    A point that none of its `downstream_of` explains is a root itself and maps to an empty tuple.
    """
    bad = {row.id: row for row in judged if row.applies and row.status in (Status.ERROR, Status.UNKNOWN)}

    def climb(point_id: str, seen: frozenset[str]) -> set[str]:
        above = [up for up in bad[point_id].point.sheet.downstream_of if up in bad and up not in seen]
        if not above:
            return {point_id}
        return set().union(*(climb(up, seen | {point_id}) for up in above))

    return {point_id: tuple(sorted(climb(point_id, frozenset()) - {point_id})) for point_id in bad}
