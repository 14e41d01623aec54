"""The adaptive weights were never initialised, or lost some of their bands.

Each component of the score has a band of weights. A missing one makes its component zero, or the whole score
unusable, and nothing reaches the threshold any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import complete
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, Severity, Stage, Status
from harness.vocabulary.roles import File, Limit

SHEET = Sheet(
    id="FP-2.1",
    title="Adaptive weights not initialised",
    desk=Desk.EQUITIES,
    severity=Severity.CRITICAL,
    cause=Cause.DATA,
    impact="Scores cannot be computed, so no signal passes.",
    blocks=Blocks.ALL,
    stage=Stage.SCORE,
    recovers_within_s=60.0,
    playbook=(
        "Keep the file as it is for a look: which bands are missing?",
        "Add the missing bands from the declared default; the learned ones stay.",
        "They vanish again: find the program that rewrites the file.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightBands(Evidence):
    """How many bands there are, beside how many there must be, and why the file could not be read, if so."""

    bands: int
    bands_min: int
    bands_max: int
    fault: str


def weight_bands(snapshot: Snapshot) -> Finding[WeightBands]:
    """The weights file holds exactly as many bands as there are components, and none of them is empty."""
    weights = snapshot.files[File.SIGNAL_WEIGHTS].value
    wanted = int(snapshot.limits[Limit.WEIGHT_BANDS])
    found = WeightBands(bands=weights.entries or 0, bands_min=wanted, bands_max=wanted, fault=weights.fault)
    if not weights.exists:
        return Finding(Status.ERROR, f"{weights.path} does not exist", found)
    if weights.entries is None:
        return Finding(Status.ERROR, f"{weights.path} holds no bands: {weights.fault or 'wrong structure'}", found)
    if weights.entries != wanted:
        return Finding(Status.ERROR, f"{weights.path} has {weights.entries} bands; {wanted} are needed", found)
    return Finding(Status.OK, f"{weights.path} has all {wanted} bands", found)


FP = FailurePoint(SHEET, detect=weight_bands, heal=complete(File.SIGNAL_WEIGHTS))
