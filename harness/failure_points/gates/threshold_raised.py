"""Three losses in a row have raised the entry threshold, and signals that were good enough are not any more.

The bot protects itself from a market that it misreads, and lowers the threshold by itself. Who does not know of it sees
a bot that turns down good signals without a fault to be found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness.failure_point import FailurePoint, Sheet
from harness.observe.files import as_time
from harness.observe.snapshot import Snapshot
from harness.remedy import bot_does
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, NotSeen, Severity, Stage, Status
from harness.vocabulary.roles import File, Limit

SHEET = Sheet(
    id="FP-3.8",
    title="Self-healing threshold raised",
    desk=Desk.EQUITIES,
    severity=Severity.MEDIUM,
    cause=Cause.RISK,
    impact="Signals between the usual threshold and the raised one are stopped; better ones trade.",
    blocks=Blocks.SYMBOL,
    stage=Stage.GATE,
    recovers_within_s=60.0,
    playbook=(
        "Read the losses that raised it: one bad hour, or a market that the weights no longer fit?",
        "Wait: a winning trade lowers it at once, and otherwise it ends a day after it was raised.",
        "Stamped in the future: compare the host's clock with the venue's, and mend the clock first.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold(Evidence):
    """The score that a signal must reach now beside the usual one, and the raise: when, by how many losses, how old
    beside how old it may become, and when it ends by itself (unix seconds)."""

    threshold: float
    threshold_max: float
    losses_in_a_row: int | None
    raised_at_s: float | None
    age_s: float | None
    age_s_max: float
    ends_at_s: float | None


def threshold(snapshot: Snapshot) -> Finding[Threshold]:
    """No raise is recorded, or the recorded one is over."""
    usual, lasts_s = snapshot.limits[Limit.ENTRY_SCORE], snapshot.limits[Limit.RAISED_THRESHOLD_S]
    losses, raised_at_s = _recorded(snapshot)
    age_s = snapshot.age_s(raised_at_s)
    # The bot counts a raise that is stamped in the future as one that stands.
    in_force = age_s is not None and age_s < lasts_s
    found = Threshold(
        threshold=usual + snapshot.limits[Limit.RAISE_SCORE] if in_force else usual,
        threshold_max=usual,
        losses_in_a_row=losses,
        raised_at_s=raised_at_s,
        age_s=age_s,
        age_s_max=lasts_s,
        ends_at_s=None if raised_at_s is None else raised_at_s + lasts_s,
    )
    if age_s is None or found.ends_at_s is None or not in_force:
        return Finding(Status.OK, f"a signal needs the usual score of {usual:g}", found)
    when = f"{age_s:.0f} s ago" if age_s >= 0 else f"{-age_s:.0f} s in the future"
    ends = f"{datetime.fromtimestamp(found.ends_at_s, UTC):%Y-%m-%d %H:%M:%S} UTC"
    said = (
        f"a signal needs a score of {found.threshold:g}, not {usual:g}: raised {when}, until {ends} or a winning trade"
    )
    return Finding(Status.ERROR, said, found)


def _recorded(snapshot: Snapshot) -> tuple[int | None, float | None]:
    """Losses in a row, and when they raised the threshold; a bot that keeps no record yet has lost nothing."""
    file = snapshot.files[File.RAISED_THRESHOLD].value
    if not file.exists:
        return None, None
    table: Any = file.content
    if not isinstance(table, dict):
        raise NotSeen(f"{file.path} holds no record of a raise" + (f" ({file.fault})" if file.fault else ""))
    losses, said = table.get("consecutive_losses"), table.get("raised_at")
    raised_at_s = as_time(said)
    if raised_at_s is None and said is not None:
        raise NotSeen(f"{file.path} says that it was raised at {said!r}, which is no time")
    return losses if isinstance(losses, int) else None, raised_at_s


FP = FailurePoint(
    SHEET,
    detect=threshold,
    heal=bot_does("it lowers the threshold again after a winning trade, or when the raise is a day old"),
)
