"""The decisions log: one line for each signal that ended, saying where, by which value against which limit."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bot.journal import Fact, Journal
from bot.orders.submit import Submitted

EVERYTHING = "*"
"""The symbol of a refusal that stops every signal."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Writes `logs/decisions.jsonl`."""

    journal: Journal

    def blocked(self, label: str, *, symbol: str = EVERYTHING, value: Fact, limit: Fact, way_out: str = "") -> None:
        """A signal ends here. `way_out` says what would let it through, where that is not plain from the limit."""
        self.journal.info("blocked", label=label, symbol=symbol, value=value, limit=limit, way_out=way_out)

    def submitted(self, order: Submitted, *, score: float) -> None:
        """A signal became an order."""
        self.journal.info(
            "submitted",
            symbol=order.symbol,
            side=order.side,
            qty=order.qty,
            limit_price=order.limit_price,
            score=score,
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id,
            adopted=order.adopted,
            decided_at=time.time(),
        )
