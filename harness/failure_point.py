"""A failure point is a frozen value: its sheet, a pure judge, and what is to be done.

The judge is a function from a snapshot to a finding: no clock, no I/O, no randomness. It may raise; only `judge`
here turns that into UNKNOWN, so a check that crashed can never keep an old OK.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.observe.snapshot import Snapshot
from harness.remedy import Heal, Remedy
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, NotApplicable, NotSeen, Severity, Stage, Status

NO_REMEDY = (Cause.CONFIG, Cause.SCHEMA, Cause.RISK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What does not change about a failure point."""

    id: str
    title: str
    desk: Desk
    severity: Severity
    cause: Cause
    impact: str
    blocks: Blocks
    stage: Stage
    """Where a canary stops while the fault lasts."""
    recovers_within_s: float
    downstream_of: tuple[str, ...] = ()
    """Ids of points that bring this one about; a fault there makes this one a consequence."""
    playbook: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailurePoint:
    """A sheet, a judge and a way to heal, plugged together."""

    sheet: Sheet
    detect: Callable[[Snapshot], Finding[Any]]
    heal: Heal

    def __init__(self, sheet: Sheet, *, detect: Callable[[Snapshot], Finding[Any]], heal: Heal) -> None:
        if isinstance(heal, Remedy) and sheet.cause in NO_REMEDY:
            raise ValueError(f"{sheet.id}: a point of class {sheet.cause} knows no remedy; bypassing it is not healing")
        object.__setattr__(self, "sheet", sheet)
        object.__setattr__(self, "detect", detect)
        object.__setattr__(self, "heal", heal)

    @property
    def name(self) -> str:
        """The path of its module below `failure_points`: `data/uw_cache_stale`."""
        return self.detect.__module__.removeprefix("harness.failure_points.").replace(".", "/")


@dataclass(frozen=True, slots=True)
class NoEvidence(Evidence):
    """There is none: the judge could not speak."""

    why: str = field(kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One failure point's word on one snapshot. `applies` is False where the bot lacks the role it speaks of."""

    point: FailurePoint
    finding: Finding[Any]
    observed_at_s: float
    applies: bool = True

    @property
    def id(self) -> str:
        return self.point.sheet.id

    @property
    def status(self) -> Status:
        return self.finding.status


def judge(point: FailurePoint, snapshot: Snapshot) -> Judged:
    """Ask `point` about `snapshot`. A judge that raises, or reads what was not seen, says UNKNOWN."""
    try:
        finding = point.detect(snapshot)
    except NotApplicable as absent:
        why = str(absent)
        none = Finding(Status.UNKNOWN, f"not applicable: {why}", NoEvidence(why=why))
        return Judged(point=point, finding=none, observed_at_s=snapshot.now_s, applies=False)
    except NotSeen as unseen:
        why = f"not seen: {unseen}"
        finding = Finding(Status.UNKNOWN, why, NoEvidence(why=why))
    except Exception as error:  # noqa: BLE001 - whatever a judge does wrong, the answer is "not known", never an old OK
        why = f"the check itself failed: {type(error).__name__}: {error}"
        finding = Finding(Status.UNKNOWN, why, NoEvidence(why=why))
    return Judged(point=point, finding=finding, observed_at_s=snapshot.now_s)
