"""Somebody has stopped the bot by hand, and it stays stopped until somebody releases it.

The bot sets the switch itself too, when the venue holds orders that it cannot explain. A switch that cannot be read
is not a switch that is not set.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import FileFacts, Snapshot
from harness.remedy import escalate
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, NotSeen, Severity, Stage, Status
from harness.vocabulary.roles import File

SHEET = Sheet(
    id="FP-3.10",
    title="Manual kill switch active",
    desk=Desk.BOTH,
    severity=Severity.CRITICAL,
    cause=Cause.RISK,
    impact="Every signal is stopped before it is looked at.",
    blocks=Blocks.ALL,
    stage=Stage.GATE,
    recovers_within_s=60.0,
    downstream_of=("FP-5.3",),
    playbook=(
        "Read the reason and the time recorded with the switch, and find out who set it.",
        "Mend what the reason names, and compare the venue's orders with the bot's own record.",
        "Only then release it by hand, and write down who did and why.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KillSwitch(Evidence):
    """Where the switch stands, what it says, and since when (unix seconds), where that is recorded."""

    path: str
    active: bool
    reason: str
    since_s: float | None


def kill_switch(snapshot: Snapshot) -> Finding[KillSwitch]:
    """The switch's file says that it is not set; a bot that requires no such file may have none."""
    file = snapshot.files[File.KILL_SWITCH].value
    if not file.exists and not file.required:
        none = KillSwitch(path=file.path, active=False, reason="", since_s=None)
        return Finding(Status.OK, f"no kill switch is set: {file.path} does not exist", none)
    found = _recorded(file)
    if found.active:
        said = f": {found.reason}" if found.reason else ", with no reason recorded"
        return Finding(Status.ERROR, f"the kill switch in {file.path} is set{said}", found)
    return Finding(Status.OK, f"the kill switch in {file.path} is not set", found)


def _recorded(file: FileFacts) -> KillSwitch:
    """What the file says. Raises NotSeen where it does not say whether the switch is set."""
    if not file.exists:
        raise NotSeen(f"{file.path} is missing, so nobody knows whether the switch was set")
    content = file.content if isinstance(file.content, dict) else {}
    active, since = content.get("active"), content.get("since")
    if not isinstance(active, bool):
        why = f" ({file.fault})" if file.fault else ""
        raise NotSeen(f"{file.path} does not say whether the switch is set{why}")
    since_s = float(since) if isinstance(since, int | float) else None
    return KillSwitch(path=file.path, active=active, reason=str(content.get("reason") or ""), since_s=since_s)


FP = FailurePoint(SHEET, detect=kill_switch, heal=escalate("only a person may release it"))
