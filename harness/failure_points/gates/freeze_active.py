"""A freeze stands in the bot's state, and nothing trades until it ends.

A governor froze trading after a bad day, or someone left the pre-market flag there. The bot runs, the
dashboard is green, and every signal stops at the first gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import expire
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, NotApplicable, NotSeen, Severity, Stage, Status
from harness.vocabulary.roles import File

SHEET = Sheet(
    id="FP-3.1",
    title="Freeze state active",
    desk=Desk.BOTH,
    severity=Severity.CRITICAL,
    cause=Cause.RISK,
    impact="Every signal is stopped before it is looked at.",
    blocks=Blocks.ALL,
    stage=Stage.GATE,
    recovers_within_s=60.0,
    playbook=(
        "Read which freeze is active, and the reason recorded with it.",
        "If it has an end, wait for it: the bot clears it by itself.",
        "If it has none, its owner decides; lifting it by hand is an override and is recorded as one.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freezes(Evidence):
    """The freezes in force by name, the file each stands in, and the time (unix seconds) at which the last one ends."""

    active: tuple[str, ...]
    files: tuple[str, ...]
    reason: str
    until_s: float | None


def freezes(snapshot: Snapshot) -> Finding[Freezes]:
    """Read the governor's freezes and the pre-market flag; one that is past its recorded end is no freeze."""
    active, files, reasons, ends = _recorded(snapshot)
    if File.FREEZE_FLAG in snapshot.files:
        flag = snapshot.files[File.FREEZE_FLAG].value
        if flag.exists:
            active.append("pre-market flag")
            files.append(flag.path)
            ends.append(None)
    until_s = None if None in ends else max((end for end in ends if end is not None), default=None)
    found = Freezes(active=tuple(active), files=tuple(files), reason="; ".join(reasons), until_s=until_s)
    if not active:
        return Finding(Status.OK, "no freeze is active", found)
    return Finding(Status.ERROR, f"frozen by {', '.join(active)} in {files[0]}, {_ending(until_s)}", found)


def _ending(until_s: float | None) -> str:
    if until_s is None:
        return "with no end recorded"
    return f"until {datetime.fromtimestamp(until_s, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _recorded(snapshot: Snapshot) -> tuple[list[str], list[str], list[str], list[float | None]]:
    """Names, files, reasons and ends of the governor's freezes that are in force."""
    if File.FREEZES not in snapshot.files:
        if File.FREEZE_FLAG not in snapshot.files:
            raise NotApplicable("bot.toml has neither [files.freezes] nor [files.freeze_flag]")
        return [], [], [], []
    file = snapshot.files[File.FREEZES].value
    if not file.exists:
        return [], [], [], []
    table = file.content.get("freezes", file.content) if isinstance(file.content, dict) else None
    if not isinstance(table, dict):
        raise NotSeen(f"{file.path} holds no table of freezes" + (f" ({file.fault})" if file.fault else ""))
    held = {name: row for name, row in table.items() if isinstance(row, dict) and row.get("active") is True}
    in_force = {name: row for name, row in held.items() if not _is_over(row.get("until"), snapshot.now_s)}
    reasons = [str(row["reason"]) for row in in_force.values() if row.get("reason")]
    return list(in_force), [file.path] * len(in_force), reasons, [_end(row.get("until")) for row in in_force.values()]


def _end(until: object) -> float | None:
    return float(until) if isinstance(until, int | float) else None


def _is_over(until: object, now_s: float) -> bool:
    end = _end(until)
    return end is not None and end <= now_s


def ends_at(snapshot: Snapshot) -> float | None:
    """When the last active freeze ends by its own record; None when only a person can end it."""
    return freezes(snapshot).evidence.until_s


FP = FailurePoint(SHEET, detect=freezes, heal=expire(ends_at, "when the time recorded with the freeze has come"))
