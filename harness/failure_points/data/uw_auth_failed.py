"""Unusual Whales refuses the bot's key.

A key expired, was rotated, or lost its plan: every poll is answered 401 or 403, the daemon beats on, and the cache
ages quietly.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import escalate
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, NotSeen, Severity, Stage, Status
from harness.vocabulary.roles import Service

REFUSALS = (401, 403)

SHEET = Sheet(
    id="FP-1.5",
    title="UW API authentication failure",
    desk=Desk.EQUITIES,
    severity=Severity.CRITICAL,
    cause=Cause.CONFIG,
    impact="No flow is given out, so no clusters, so no orders.",
    blocks=Blocks.ALL,
    stage=Stage.PROVIDER,
    recovers_within_s=60.0,
    playbook=(
        "Read the status: 401 is the key, 403 is the plan or the window it may see.",
        "Renew the key at the provider and put it into the bot's environment.",
        "Restart the daemon so that it reads the new key, and verify again.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAuth(Evidence):
    """What the provider answers to the bot's key, and the last status in the daemon's own log."""

    status: int | None
    message: str
    logged_status: int | None


def provider_auth(snapshot: Snapshot) -> Finding[ProviderAuth]:
    """Neither the provider's answer now nor the daemon's last logged status is 401 or 403."""
    answer = snapshot.at_provider().reach.value
    logged = snapshot.last_logged_status(Service.FLOW_DAEMON)
    found = ProviderAuth(status=answer.status, message=answer.message, logged_status=logged)
    if answer.status in REFUSALS:
        return Finding(Status.ERROR, f"the provider answers {answer.status} {answer.message}".rstrip(), found)
    if logged in REFUSALS:
        return Finding(Status.ERROR, f"the daemon's last logged answer from the provider is {logged}", found)
    if not answer.answered:
        raise NotSeen(f"the provider gave no answer to judge the key by ({answer.error})")
    return Finding(Status.OK, f"the provider accepts the key (status {answer.status})", found)


FP = FailurePoint(SHEET, detect=provider_auth, heal=escalate("credentials cannot be mended automatically"))
