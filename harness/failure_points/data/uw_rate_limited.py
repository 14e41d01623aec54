"""Unusual Whales says that it was asked too often.

Another program with the same token, a poll interval that somebody shortened, a day's budget used up before the close:
polls are answered 429, the daemon beats on, and the cache ages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import bot_does
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, NotSeen, Severity, Stage, Status
from harness.vocabulary.roles import Service

TOO_MANY = 429

SHEET = Sheet(
    id="FP-1.6",
    title="UW API rate limit exceeded",
    desk=Desk.EQUITIES,
    severity=Severity.HIGH,
    cause=Cause.TRANSIENT,
    impact="Polls are refused until the provider's minute, or its day, is over; the cache ages meanwhile.",
    blocks=Blocks.ALL,
    stage=Stage.PROVIDER,
    recovers_within_s=360.0,
    playbook=(
        "Read which budget is used up: the minute's comes back by itself, the day's at 20:00 New York time.",
        "Look for another program that uses the same token, and give it one of its own.",
        "Still refused after five quiet minutes: raise UW_POLL_INTERVAL_S, or the plan.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRate(Evidence):
    """What the provider answers, the last status in the daemon's own log, and what its headers leave of the budgets.

    Shares of 1; None where the provider sends no such header.
    """

    status: int | None
    message: str
    logged_status: int | None
    minute_left_share: float | None
    day_left_share: float | None
    left_share_min: float = 0.05


def provider_rate(snapshot: Snapshot) -> Finding[ProviderRate]:
    """Neither the provider's answer now nor the daemon's last logged status is 429, and the budgets are not used up."""
    answer = snapshot.at_provider().reach.value
    logged = snapshot.last_logged_status(Service.FLOW_DAEMON)
    minute, day = _minute_left(answer.headers), _day_left(answer.headers)
    found = ProviderRate(
        status=answer.status,
        message=answer.message,
        logged_status=logged,
        minute_left_share=minute,
        day_left_share=day,
    )
    if answer.status == TOO_MANY:
        return Finding(Status.ERROR, f"the provider answers {answer.status} {answer.message}".rstrip(), found)
    if logged == TOO_MANY:
        return Finding(Status.ERROR, f"the daemon's last logged answer from the provider is {logged}", found)
    if not answer.answered:
        raise NotSeen(f"the provider gave no answer to judge its rate limit by ({answer.error})")
    for name, share in (("minute", minute), ("day", day)):
        if share is not None and share < found.left_share_min:
            least = f"{found.left_share_min:.0%} is the least"
            return Finding(Status.WARN, f"{share:.1%} of the {name}'s requests are left; {least}", found)
    return Finding(Status.OK, f"the provider answers (status {answer.status}), and not that it is too often", found)


def _minute_left(headers: Mapping[str, str]) -> float | None:
    """The limit of the minute is in no header: it is what was used and what remains (live probe of 2026-05)."""
    used = _count(headers, "x-uw-minute-req-counter")
    left = _count(headers, "x-uw-req-per-minute-remaining")
    return None if used is None or left is None else _share(left, used + left)


def _day_left(headers: Mapping[str, str]) -> float | None:
    used = _count(headers, "x-uw-daily-req-count")
    limit = _count(headers, "x-uw-token-req-limit")
    return None if used is None or limit is None else _share(max(0, limit - used), limit)


def _count(headers: Mapping[str, str], name: str) -> int | None:
    """The header as a count; None where it is absent, or no count."""
    said = headers.get(name, "")
    return int(said) if said.isdecimal() else None


def _share(left: int, of: int) -> float | None:
    return left / of if of > 0 else None


FP = FailurePoint(
    SHEET,
    detect=provider_rate,
    heal=bot_does("it waits as long as it is told, with jitter, halves its rate, and comes back to the full one"),
)
