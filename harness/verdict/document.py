"""What `reports/verdict.json` carries, as values. Its schema is versioned; times are unix seconds, UTC.

`harness.report` renders it and the start gate reads it; nothing in it is a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.vocabulary import CanaryResult, Colour

DOCUMENT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """When, and at which commit, a point's own tests last passed; `unverified` says why they could not run here."""

    passed_at_s: float | None = None
    commit: str = ""
    unverified: str = ""
    failed: tuple[str, ...] = ()
    """The tests of it whose newest record is a failure, without `test_`; the check is not proven then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRow:
    """What the last run in which a point's own tests all passed measured, with the point's real fault injected."""

    point: str
    detect_s: float | None = None
    """Seconds from the injection to the look that said ERROR."""
    heal_s: float | None = None
    """Seconds from the remedy's start to the look that said OK; null where no remedy of ours heals it."""
    first_order_s: float | None = None
    """Seconds from the end of the fault, or of its healing, to the next golden signal's order."""
    not_ok: tuple[str, ...] = ()
    """Ids of the points that were not OK under that fault: its own, and the consequences."""
    at_s: float
    commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRow:
    """One failure point's finding, with what its sheet says."""

    id: str
    name: str
    title: str
    desk: str
    severity: str
    cause: str
    blocks: str
    stage: str
    impact: str
    status: str
    """OK, WARN, UNKNOWN or ERROR; NOT APPLICABLE stands outside their order."""
    summary: str
    evidence: Mapping[str, Any]
    """The typed evidence's fields, units in the names; a limit's name ends in `_max` or `_min`."""
    heal: str
    playbook: tuple[str, ...]
    observed_at_s: float
    consequence_of: tuple[str, ...] = ()
    """Ids of the root points, also ERROR or UNKNOWN now, that bring this one about."""
    proof: Proof | None = None
    """None: no record of its own tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """One injected fault of the receipt: the bench's verdict, and which stage it named."""

    stage: str
    fault: str
    colour: str
    named_stage: str
    named: str
    held: bool
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The proof that this run could have said RED."""

    rows: tuple[ReceiptRow, ...] = ()
    complete: bool = False
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One setting that differs between the deployment and the lab's copy of it. Secrets are named, never shown."""

    name: str
    deployment: str
    lab: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason for a verdict that is not GREEN."""

    colour: str
    text: str
    point: str = ""
    """The id of the failure point it is about, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """What stands in the way first, in an owner's words."""

    title: str
    detail: str
    """By which value against which limit."""
    where: str
    """File and line, or file and field; empty where there is none."""
    lets_through: str
    """What would let the signal through; empty where that is not known."""
    point: str = ""
    todo: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One part of the run, and how much of its time was waiting."""

    name: str
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole verdict."""

    version: int = DOCUMENT_VERSION
    verdict: Colour
    answer: str
    """The question's answer in one sentence."""
    blocker: Blocker | None
    reasons: tuple[Reason, ...]
    bot: str
    bot_toml: str
    desks: tuple[str, ...]
    catalogued: int
    judged: int
    not_applicable: int
    not_built: int
    points: tuple[PointRow, ...]
    canaries: tuple[CanaryResult, ...]
    receipt: Receipt
    drills: tuple[DrillRow, ...] = ()
    """What the failure points' own tests measured, where there is a record of them."""
    overrides: tuple[Override, ...]
    egress_guard: str
    toxiproxy: str
    """Which Toxiproxy carried the wire, and where it came from; or why there was none."""
    unverified: tuple[str, ...]
    lab_time_s: float
    """The lab's clock when it started."""
    lab_time_why: str
    clean: bool
    """Started from declared defaults instead of the deployment as it is."""
    bot_commit: str
    harness_commit: str
    configuration_hash: str
    created_at_s: float
    valid_until_s: float
    duration_s: float
    waiting_s: float
    """Of it: time in which neither the harness nor the bot computed."""
    phases: tuple[Phase, ...] = ()
