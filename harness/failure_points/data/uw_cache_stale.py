"""The flow cache is there, but nobody has written to it lately.

The daemon can die, or its API can stop answering, with yesterday's file still on disk.
Every check for the file passes, and every signal is scored on old flow.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import restart
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, NotSeen, Severity, Stage, Status
from harness.vocabulary.roles import File, Limit, Service

SHEET = Sheet(
    id="FP-1.3",
    title="UW cache stale",
    desk=Desk.EQUITIES,
    severity=Severity.CRITICAL,
    cause=Cause.DATA,
    impact="No fresh flow, so no clusters, so no orders.",
    blocks=Blocks.ALL,
    stage=Stage.CACHE,
    recovers_within_s=60.0,
    downstream_of=("FP-1.1", "FP-1.2", "FP-1.5", "FP-1.6"),
    playbook=(
        "Read the daemon's log: is the API answering 401 or 429?",
        "Restart the flow daemon and watch the cache age fall.",
        "Still stale after two restarts: stop the bot and call its owner.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheAge(Evidence):
    """How old the newest flow is, beside how old it may be."""

    age_s: float
    age_s_max: float


def cache_age(snapshot: Snapshot) -> Finding[CacheAge]:
    """Compare the cache's own last update with the snapshot's clock; a fresh mtime proves nothing."""
    cache = snapshot.files[File.FLOW_CACHE].value
    limit_s = snapshot.limits[Limit.FLOW_CACHE_AGE_S]
    if cache.updated_at_s is None:
        raise NotSeen(f"{cache.path} has no readable time of update" + (f" ({cache.fault})" if cache.fault else ""))
    age = CacheAge(age_s=snapshot.now_s - cache.updated_at_s, age_s_max=limit_s)
    if age.age_s > limit_s:
        return Finding(Status.ERROR, f"the newest flow is {age.age_s:.0f} s old; {limit_s:.0f} s is the limit", age)
    if age.age_s < -limit_s:
        return Finding(Status.ERROR, f"the cache is stamped {-age.age_s:.0f} s in the future", age)
    return Finding(Status.OK, f"the newest flow is {max(age.age_s, 0):.1f} s old", age)


FP = FailurePoint(SHEET, detect=cache_age, heal=restart(Service.FLOW_DAEMON))
