"""Nobody keeps the bot's health report any more: it is green, and it is old.

The process that reads the other hearts and writes the report is gone, stopped or silent. Trading goes on; whoever
looks at the report sees the last good day, whatever breaks from now on.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import restart
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, Severity, Stage, Status
from harness.vocabulary.roles import Limit, Service

SHEET = Sheet(
    id="FP-6.12",
    title="Supervisor or heartbeat keeper down",
    desk=Desk.BOTH,
    severity=Severity.HIGH,
    cause=Cause.PROCESS,
    impact="The bot trades on, and its health report stays green whatever breaks.",
    blocks=Blocks.NONE,
    stage=Stage.LOOP,
    recovers_within_s=60.0,
    playbook=(
        "Believe nothing that the health report says: compare its time with the clock.",
        "Restart the heartbeat keeper through the service manager and watch the report's time move.",
        "It ends again within minutes: read its log, and watch the bot's own heartbeats meanwhile.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperLife(Evidence):
    """What the service manager and the kernel say of the keeper, and how old its report is, in seconds.

    `report_age_s` is None where it has never written one, or writes none at all.
    """

    state: str
    pid: int | None
    alive: bool
    stopped: bool
    report_age_s: float | None
    report_age_s_max: float


def keeper_life(snapshot: Snapshot) -> Finding[KeeperLife]:
    """A live process that is not stopped, and a health report within its limit: the words in the report count for
    nothing here, only its time."""
    keeper = snapshot.services[Service.HEARTBEAT_KEEPER].value
    age_s = snapshot.age_s(keeper.heartbeat_at_s)
    limit_s = snapshot.limits[Limit.HEARTBEAT_AGE_S]
    life = KeeperLife(
        state=keeper.state,
        pid=keeper.pid,
        alive=keeper.alive,
        stopped=keeper.stopped,
        report_age_s=age_s,
        report_age_s_max=limit_s,
    )
    if not keeper.alive:
        return Finding(Status.ERROR, f"no live heartbeat keeper (its service manager says {keeper.state})", life)
    if keeper.stopped:
        return Finding(Status.ERROR, f"the heartbeat keeper, pid {keeper.pid}, is stopped", life)
    if age_s is None:
        if keeper.beats:
            return Finding(Status.ERROR, f"the heartbeat keeper, pid {keeper.pid}, has never written its report", life)
        return Finding(Status.OK, f"the heartbeat keeper, pid {keeper.pid}, lives; it writes no report", life)
    if age_s > limit_s:
        return Finding(Status.ERROR, f"the health report is {age_s:.0f} s old; {limit_s:.0f} s is the limit", life)
    return Finding(Status.OK, f"the health report is {max(age_s, 0):.1f} s old", life)


FP = FailurePoint(SHEET, detect=keeper_life, heal=restart(Service.HEARTBEAT_KEEPER))
