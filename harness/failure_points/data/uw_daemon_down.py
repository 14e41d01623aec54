"""The daemon that fetches option flow is not there, or it is there and no longer lives.

A process can be gone, a zombie, or stopped; its pid file and its service manager may still look green.
Only a live process with a fresh heartbeat counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import restart
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, Severity, Stage, Status
from harness.vocabulary.roles import Limit, Service

SHEET = Sheet(
    id="FP-1.1",
    title="UW daemon not running",
    desk=Desk.EQUITIES,
    severity=Severity.CRITICAL,
    cause=Cause.PROCESS,
    impact="Nobody fetches flow, the cache ages out, and no signal is born.",
    blocks=Blocks.ALL,
    stage=Stage.FEED,
    recovers_within_s=60.0,
    playbook=(
        "Read the end of the daemon's log and its exit status: why did it stop?",
        "Restart it through the service manager and watch its heartbeat.",
        "It stops again within minutes: leave it stopped, stop the bot, call its owner.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonLife(Evidence):
    """What the service manager, the kernel and the heartbeat each say."""

    state: str
    pid: int | None
    alive: bool
    stopped: bool
    heartbeat_age_s: float | None
    heartbeat_age_s_max: float


def daemon_life(snapshot: Snapshot) -> Finding[DaemonLife]:
    """A live process that is not stopped, and a heartbeat within its limit."""
    daemon = snapshot.services[Service.FLOW_DAEMON].value
    age_s = snapshot.age_s(daemon.heartbeat_at_s)
    limit_s = snapshot.limits[Limit.HEARTBEAT_AGE_S]
    life = DaemonLife(
        state=daemon.state,
        pid=daemon.pid,
        alive=daemon.alive,
        stopped=daemon.stopped,
        heartbeat_age_s=age_s,
        heartbeat_age_s_max=limit_s,
    )
    if not daemon.alive:
        return Finding(Status.ERROR, f"no live daemon process (its service manager says {daemon.state})", life)
    if daemon.stopped:
        return Finding(Status.ERROR, f"the daemon, pid {daemon.pid}, is stopped", life)
    if age_s is None:
        return Finding(Status.ERROR, f"the daemon, pid {daemon.pid}, has never beaten", life)
    if age_s > limit_s:
        return Finding(
            Status.ERROR, f"the daemon's last heartbeat is {age_s:.0f} s old; {limit_s:.0f} s is the limit", life
        )
    return Finding(Status.OK, f"the daemon, pid {daemon.pid}, beat {max(age_s, 0):.1f} s ago", life)


FP = FailurePoint(SHEET, detect=daemon_life, heal=restart(Service.FLOW_DAEMON))
