"""The bot holds as many positions as it may, so every new signal is stopped.

The limit is a protection and it is right. What is often wrong is the record: positions that were closed at the venue
and are still counted here.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import intended
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, Severity, Stage, Status
from harness.vocabulary.roles import File, Limit

SHEET = Sheet(
    id="FP-3.2",
    title="Max positions reached",
    desk=Desk.EQUITIES,
    severity=Severity.HIGH,
    cause=Cause.RISK,
    impact="No new position is opened until one is closed.",
    blocks=Blocks.ALL,
    stage=Stage.GATE,
    recovers_within_s=60.0,
    playbook=(
        "Compare the recorded positions with the venue's: are they all still held?",
        "Wait for an exit, or close the weakest position yourself.",
        "Raise the limit only as a decision about risk, never to make an alarm go away.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPositions(Evidence):
    """How many positions are recorded and held at the venue, beside how many there may be."""

    recorded: int | None
    at_venue: int | None
    positions_max: int


def open_positions(snapshot: Snapshot) -> Finding[OpenPositions]:
    """Neither the bot's own record nor the venue has reached the limit."""
    limit = int(snapshot.limits[Limit.OPEN_POSITIONS])
    recorded = _recorded(snapshot)
    at_venue = _at_venue(snapshot)
    found = OpenPositions(recorded=recorded, at_venue=at_venue, positions_max=limit)
    counted = [count for count in (recorded, at_venue) if count is not None]
    if not counted:
        # Neither source could be counted; reading the venue's fact says which of them failed, and how.
        counted = [len(snapshot.at_venue().positions.value)]
    held = max(counted)
    if held >= limit:
        return Finding(Status.ERROR, f"{held} positions are open; {limit} is the limit", found)
    return Finding(Status.OK, f"{held} of {limit} positions are open", found)


def _recorded(snapshot: Snapshot) -> int | None:
    if File.POSITIONS not in snapshot.files or not snapshot.files[File.POSITIONS].seen:
        return None
    return snapshot.files[File.POSITIONS].value.entries


def _at_venue(snapshot: Snapshot) -> int | None:
    if snapshot.venue is None or not snapshot.venue.positions.seen:
        return None
    return len(snapshot.venue.positions.value)


FP = FailurePoint(SHEET, detect=open_positions, heal=intended("the limit protects the account; it ends with an exit"))
