"""The trading loop is not running.

It was never started after the reboot, or it ended and nobody saw: the dashboard shows yesterday, the daemon fills
the cache, and there is no one to read it.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import restart
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, Severity, Stage, Status
from harness.vocabulary.roles import Service

SHEET = Sheet(
    id="FP-6.1",
    title="Bot process not running",
    desk=Desk.BOTH,
    severity=Severity.CRITICAL,
    cause=Cause.PROCESS,
    impact="Signals are born and nobody decides on them.",
    blocks=Blocks.ALL,
    stage=Stage.LOOP,
    recovers_within_s=60.0,
    playbook=(
        "Read its exit status and the end of its log: was it stopped, or did it fall?",
        "Restart it through the service manager and watch its first cycle.",
        "It falls again within minutes: leave it stopped and call its owner.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopLife(Evidence):
    """What the service manager and the kernel say of the trading loop."""

    state: str
    pid: int | None
    alive: bool
    exit_status: int | None


def loop_life(snapshot: Snapshot) -> Finding[LoopLife]:
    """The trading loop is a live process, not a zombie, and its service manager agrees."""
    loop = snapshot.services[Service.TRADING_LOOP].value
    life = LoopLife(state=loop.state, pid=loop.pid, alive=loop.alive, exit_status=loop.exit_status)
    if not loop.alive:
        ended = f", exit status {loop.exit_status}" if loop.exit_status is not None else ""
        return Finding(Status.ERROR, f"no live trading loop (its service manager says {loop.state}{ended})", life)
    return Finding(Status.OK, f"the trading loop lives, pid {loop.pid}", life)


FP = FailurePoint(SHEET, detect=loop_life, heal=restart(Service.TRADING_LOOP))
