"""The trading loop is there, and completes no cycle.

A deadlock, an endless loop, a call without a deadline, a SIGSTOP that nobody took back: the pid lives, the
service manager says running, and no signal is looked at any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import restart
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, NotApplicable, NotSeen, Severity, Stage, Status
from harness.vocabulary.roles import Limit, Service

SHEET = Sheet(
    id="FP-6.3",
    title="Bot stuck",
    desk=Desk.BOTH,
    severity=Severity.CRITICAL,
    cause=Cause.PROCESS,
    impact="The loop is alive and idle: signals are born and nobody decides on them.",
    blocks=Blocks.ALL,
    stage=Stage.LOOP,
    recovers_within_s=60.0,
    playbook=(
        "Take its stack first (`py-spy dump --pid`, or `gdb -p`): after a restart nobody knows where it stood.",
        "Restart it through the service manager and watch its count of cycles grow.",
        "It stands still at the same place again: leave it stopped and call its owner.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopProgress(Evidence):
    """How long ago the loop last completed a cycle, beside how long ago that may be.

    `counted_from` says what the age is measured from: the last completed cycle, or the last heartbeat where the loop
    tells no such time, as before its first cycle is over.
    """

    pid: int | None
    stopped: bool
    cycles: int | None
    counted_from: str
    cycle_age_s: float
    cycle_age_s_max: float


def loop_progress(snapshot: Snapshot) -> Finding[LoopProgress]:
    """A live loop is not stopped, and its last completed cycle is not older than its limit.

    A loop that does not live is not stuck. One look is enough: the loop itself wrote down when it last finished.
    """
    loop = snapshot.services[Service.TRADING_LOOP].value
    if not loop.beats:
        raise NotApplicable("bot.toml names no heartbeat of the trading loop, so nothing tells when it last worked")
    at_s = loop.heartbeat_at_s if loop.cycled_at_s is None else loop.cycled_at_s
    if at_s is None:
        raise NotSeen("the trading loop has no heartbeat that can be read, so nothing tells when it last worked")
    counted_from = "last heartbeat" if loop.cycled_at_s is None else "last completed cycle"
    age_s, limit_s = snapshot.now_s - at_s, snapshot.limits[Limit.NO_CYCLE_S]
    progress = LoopProgress(
        pid=loop.pid,
        stopped=loop.stopped,
        cycles=loop.cycles,
        counted_from=counted_from,
        cycle_age_s=age_s,
        cycle_age_s_max=limit_s,
    )
    if not loop.alive:
        return Finding(Status.OK, "no trading loop lives, so none is stuck", progress)
    said = f"its {counted_from} is {max(age_s, 0):.0f} s old"
    if loop.stopped:
        return Finding(Status.ERROR, f"the trading loop, pid {loop.pid}, is stopped; {said}", progress)
    if age_s > limit_s:
        return Finding(
            Status.ERROR, f"the trading loop, pid {loop.pid}, is stuck: {said}; {limit_s:.0f} s is the limit", progress
        )
    return Finding(Status.OK, f"the trading loop works: {said}", progress)


FP = FailurePoint(SHEET, detect=loop_progress, heal=restart(Service.TRADING_LOOP))
