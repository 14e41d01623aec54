"""A file that the bot cannot do without is not there.

A clean-up, a restore that was cut short, a deployment that forgot a folder. An empty book looks exactly like a book
with nothing in it, so a bot that silently goes on without one forgets what it holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import create_missing
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, NotApplicable, Severity, Stage, Status

SHEET = Sheet(
    id="FP-5.4",
    title="Required file missing",
    desk=Desk.BOTH,
    severity=Severity.HIGH,
    cause=Cause.DATA,
    impact="The bot refuses to trade on what it cannot remember.",
    blocks=Blocks.ALL,
    stage=Stage.GATE,
    recovers_within_s=60.0,
    playbook=(
        "Which files are missing, and is there a backup that is newer than the last trade? Put that back first.",
        "Create the others from their declared defaults; the bot fills its books from the venue.",
        "A brake or the record of orders is missing: find out what it said before you put a default in its place.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredFiles(Evidence):
    """Every required file that is missing, and how many files are required."""

    missing: tuple[str, ...]
    required: int


def required_files(snapshot: Snapshot) -> Finding[RequiredFiles]:
    """Every file for which bot.toml declares a default exists."""
    facts = snapshot.files.facts.values()
    required = [fact.value for fact in facts if fact.seen and fact.value.required]
    missing = tuple(file.path for file in required if not file.exists)
    found = RequiredFiles(missing=missing, required=len(required))
    if missing:
        return Finding(
            Status.ERROR, f"{len(missing)} of {len(required)} required files missing: {', '.join(missing)}", found
        )
    for fact in facts:
        _ = fact.value  # one that nobody could look at may be the one that is missing
    if not required:
        raise NotApplicable("bot.toml declares no file with a default")
    return Finding(Status.OK, f"all {len(required)} required files are there", found)


FP = FailurePoint(SHEET, detect=required_files, heal=create_missing())
