"""What a canary came to: the orders that stand in the venue's book, and the trace that explains them."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal

from harness.vocabulary.trace import Gate, Trace
from harness.vocabulary.words import Desk, Stage


class Depth(enum.StrEnum):
    """Where the golden signal enters the bot."""

    DECIDE = "decide"
    CYCLE = "cycle"
    PROCESS = "process"


class Side(enum.StrEnum):
    """Which way an order goes."""

    BUY = "buy"
    SELL = "sell"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerOrder:
    """One order as the venue's own book has it; quantities in shares or contracts, prices in the quote currency."""

    order_id: str
    client_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    filled_quantity: Decimal
    kind: str
    status: str
    limit_price: Decimal | None
    submitted_at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryResult:
    """One golden signal, and what became of it. `traded` is read from the ledger, never from the trace."""

    desk: Desk
    depth: Depth
    symbol: str
    side: Side
    traded: bool
    reason: str
    """One sentence: why it traded, or why it did not count as one order."""
    orders: tuple[LedgerOrder, ...]
    trace: Trace
    stage: Stage | None
    """Where it stopped; None when it traded."""
    blocker: Gate | None
    started_at_s: float
    duration_s: float
