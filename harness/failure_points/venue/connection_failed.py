"""The broker cannot be reached, or answers too slowly to trade with.

A refused connection, a reset, a silent socket, a gateway error: the bot retries, reduces, waits. Signals come and go
meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import bot_does
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, Severity, Stage, Status
from harness.vocabulary.roles import Limit

GATEWAY_FROM = 500

SHEET = Sheet(
    id="FP-4.1",
    title="Alpaca connection failure",
    desk=Desk.EQUITIES,
    severity=Severity.CRITICAL,
    cause=Cause.TRANSIENT,
    impact="No account, no quote, no order: nothing can be sent.",
    blocks=Blocks.ALL,
    stage=Stage.VENUE,
    recovers_within_s=60.0,
    playbook=(
        "Does the broker's status page report an outage? Then wait; the bot retries by itself.",
        "Can this machine resolve and reach the host at all? Try from the same user.",
        "It lasts: close what must be closed by hand at the broker's own page.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueReach(Evidence):
    """What the account call came to, and how long it took beside how long it may."""

    status: int | None
    error: str
    latency_s: float
    latency_s_max: float


def venue_reach(snapshot: Snapshot) -> Finding[VenueReach]:
    """The account call is answered, by the venue and not by a gateway before it, within its limit."""
    answer = snapshot.at_venue().reach.value
    limit_s = snapshot.limits[Limit.VENUE_LATENCY_S]
    found = VenueReach(status=answer.status, error=answer.error, latency_s=answer.latency_s, latency_s_max=limit_s)
    if answer.status is None:
        return Finding(Status.ERROR, f"the venue cannot be reached: {answer.error}", found)
    if answer.status >= GATEWAY_FROM:
        return Finding(Status.ERROR, f"the venue answers {answer.status} {answer.message}".rstrip(), found)
    if answer.latency_s > limit_s:
        return Finding(
            Status.ERROR, f"the venue took {answer.latency_s:.2f} s to answer; {limit_s:g} s is the limit", found
        )
    return Finding(Status.OK, f"the venue answered {answer.status} in {answer.latency_s * 1000:.0f} ms", found)


FP = FailurePoint(SHEET, detect=venue_reach, heal=bot_does("retries with back-off, and opens nothing meanwhile"))
