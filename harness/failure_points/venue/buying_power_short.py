"""There is not enough buying power left for the smallest order.

Open orders reserve, positions bind, a transfer has not settled: the account is fine, the market is open, and every
order would be refused or shrunk to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import bot_does
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, Severity, Stage, Status
from harness.vocabulary.roles import Limit

SHEET = Sheet(
    id="FP-4.3",
    title="Insufficient buying power",
    desk=Desk.EQUITIES,
    severity=Severity.HIGH,
    cause=Cause.RISK,
    impact="Orders are shrunk, and below the smallest order they are skipped.",
    blocks=Blocks.SYMBOL,
    stage=Stage.GUARD,
    recovers_within_s=60.0,
    downstream_of=("FP-4.1", "FP-4.2"),
    playbook=(
        "What binds it: open orders, positions, or an unsettled transfer?",
        "Cancel orders that nobody waits for.",
        "Fund the account or accept fewer positions; never lower the smallest order to squeeze through.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyingPower(Evidence):
    """What is left, beside the smallest order."""

    buying_power_usd: float
    buying_power_usd_min: float


def buying_power(snapshot: Snapshot) -> Finding[BuyingPower]:
    """The account's buying power covers the smallest order."""
    account = snapshot.at_venue().account.value
    least_usd = snapshot.limits[Limit.SMALLEST_ORDER_USD]
    found = BuyingPower(buying_power_usd=float(account.buying_power_usd), buying_power_usd_min=least_usd)
    if found.buying_power_usd < least_usd:
        said = f"buying power is {found.buying_power_usd:.2f} USD; the smallest order needs {least_usd:.2f} USD"
        return Finding(Status.ERROR, said, found)
    return Finding(Status.OK, f"buying power is {found.buying_power_usd:.2f} USD", found)


FP = FailurePoint(SHEET, detect=buying_power, heal=bot_does("reduces the size, and skips below the smallest order"))
