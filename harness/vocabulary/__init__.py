"""Words that three rooms or more share: statuses, findings, traces, canary results, verdicts.

Nothing here reads a clock, a file or a socket, and nothing here imports another room.
"""

from harness.vocabulary.canary import CanaryResult, Depth, LedgerOrder, Side
from harness.vocabulary.evidence import Evidence, Finding, NotApplicable, NotSeen, Seen, Unseen
from harness.vocabulary.trace import (
    Gate,
    GateVerdict,
    Lineage,
    LineageStep,
    LostSignal,
    Outcome,
    Swallowed,
    Trace,
)
from harness.vocabulary.words import Blocks, Cause, Colour, Desk, Severity, Stage, Status

__all__ = [
    "Blocks",
    "CanaryResult",
    "Cause",
    "Colour",
    "Depth",
    "Desk",
    "Evidence",
    "Finding",
    "Gate",
    "GateVerdict",
    "LedgerOrder",
    "Lineage",
    "LineageStep",
    "LostSignal",
    "NotApplicable",
    "NotSeen",
    "Outcome",
    "Seen",
    "Severity",
    "Side",
    "Stage",
    "Status",
    "Swallowed",
    "Trace",
    "Unseen",
]
