"""The broker refuses the bot's key.

A key was rotated, belongs to the other environment, or was never set: every call is answered 401 or 403, and each
strategy reads it as "no position, no money".
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import escalate
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, NotSeen, Severity, Stage, Status

REFUSALS = (401, 403)

SHEET = Sheet(
    id="FP-4.2",
    title="Alpaca authentication failure",
    desk=Desk.EQUITIES,
    severity=Severity.CRITICAL,
    cause=Cause.CONFIG,
    impact="The account cannot be read and no order is accepted.",
    blocks=Blocks.ALL,
    stage=Stage.VENUE,
    recovers_within_s=60.0,
    downstream_of=("FP-4.1",),
    playbook=(
        "Is it a paper key at the live host, or the other way round?",
        "Make a new key at the broker and put both halves into the bot's environment.",
        "Restart the bot so that it reads them, and verify again.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueAuth(Evidence):
    """What the account call was answered."""

    status: int | None
    code: str
    message: str


def venue_auth(snapshot: Snapshot) -> Finding[VenueAuth]:
    """The account call is not answered 401 or 403."""
    answer = snapshot.at_venue().reach.value
    found = VenueAuth(status=answer.status, code=answer.code, message=answer.message)
    if not answer.answered:
        raise NotSeen(f"the venue gave no answer to judge the key by ({answer.error})")
    if answer.status in REFUSALS:
        return Finding(Status.ERROR, f"the venue answers {answer.status} {answer.message}".rstrip(), found)
    return Finding(Status.OK, f"the venue accepts the key (status {answer.status})", found)


FP = FailurePoint(SHEET, detect=venue_auth, heal=escalate("credentials cannot be mended automatically"))
