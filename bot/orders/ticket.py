"""What is to be ordered, priced and sized, before anybody is asked.

Prices are quantised here, at the boundary: Alpaca refuses more than two decimals from a dollar on and more than four
below (sub-penny rule, error 42210000).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Literal

Side = Literal["buy", "sell"]

ID_PREFIX = "eqd-"
"""Every order of this desk carries it, so that nobody mistakes ours for someone else's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """An entry: a limit parent with a take-profit and a stop-loss leg. Prices in dollars, `qty` in whole shares.

    `signal` identifies what the order answers to: one signal becomes one order, in whatever cycle and process.
    """

    symbol: str
    side: Side
    qty: int
    limit_price: Decimal
    take_profit: Decimal
    stop_loss: Decimal
    signal: str

    @property
    def notional_usd(self) -> float:
        """What the order costs at its limit."""
        return float(self.limit_price) * self.qty


def client_order_id(signal: str, attempt: int) -> str:
    """The same for the same signal and attempt, for ever: a resend by mistake meets the venue's uniqueness rule.

    >>> client_order_id("AAPL|bullish|1760000000000", 1) == client_order_id("AAPL|bullish|1760000000000", 1)
    True
    """
    digest = hashlib.sha256(f"{signal}|{attempt}".encode()).hexdigest()[:24]
    return f"{ID_PREFIX}{digest}"


def quantise(price: float | Decimal, *, towards: Literal["near", "down", "up"] = "near") -> Decimal:
    """Round to the tick that the venue accepts at this price.

    >>> quantise(190.123), quantise(0.12345, towards="down")
    (Decimal('190.12'), Decimal('0.1234'))
    """
    exact = Decimal(str(price))
    tick = Decimal("0.01") if exact >= 1 else Decimal("0.0001")
    rounding = {"near": ROUND_HALF_UP, "down": ROUND_DOWN, "up": ROUND_UP}[towards]
    rounded = exact.quantize(tick, rounding=rounding)
    return rounded.quantize(Decimal("0.01")) if rounded >= 1 else rounded


def bracket(
    symbol: str, side: Side, qty: int, limit: float, *, signal: str, profit_share: float, loss_share: float
) -> Ticket:
    """Put the two protective legs around an entry: profit beyond the limit, stop behind it."""
    way = 1 if side == "buy" else -1
    return Ticket(
        symbol=symbol,
        side=side,
        qty=qty,
        limit_price=quantise(limit),
        take_profit=quantise(limit * (1 + way * profit_share)),
        stop_loss=quantise(limit * (1 - way * loss_share)),
        signal=signal,
    )
