"""What the broker says of an account: read out of Alpaca's JSON field by field, and anything else breaks the contract.

Alpaca writes amounts as strings (trading host) or as numbers (data host); both are read, and a number that is not
finite is refused. Functions raise ValueError when a reply is not what its page in Alpaca's API reference says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Dollars, and `blocked_by`: the flag that forbids trading, where one is set."""

    equity_usd: float
    buying_power_usd: float
    blocked_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A position at the broker; `qty` is negative when short."""

    symbol: str
    qty: float
    avg_price: float
    market_value_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketClock:
    """Whether the session is open, and what time it is there (unix seconds)."""

    is_open: bool
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketQuote:
    """Best bid and ask in dollars, and when they were quoted (unix seconds)."""

    bid: float
    ask: float
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedOrder:
    """An order as the venue tells it. `legs` are the protective orders of a bracket."""

    client_order_id: str
    venue_order_id: str
    symbol: str
    status: str
    filled_qty: float
    filled_avg_price: float | None
    submitted_at: float
    legs: tuple[PlacedOrder, ...]


class _AccountRow(msgspec.Struct):
    status: str
    equity: Decimal
    buying_power: Decimal
    account_blocked: bool = False
    trading_blocked: bool = False
    trade_suspended_by_user: bool = False


class _ClockRow(msgspec.Struct):
    is_open: bool
    timestamp: Instant


class _PositionRow(msgspec.Struct):
    symbol: str
    qty: Decimal
    avg_entry_price: Decimal
    market_value: Decimal | None = None


class _QuoteRow(msgspec.Struct):
    bp: Decimal
    ap: Decimal
    t: Instant


class _QuotesReply(msgspec.Struct):
    quotes: dict[str, _QuoteRow]


class _OrderRow(msgspec.Struct):
    id: str
    client_order_id: str
    status: str
    submitted_at: Instant | None = None
    created_at: Instant | None = None
    symbol: str | None = None
    filled_qty: Decimal | None = None
    filled_avg_price: Decimal | None = None
    legs: list[_OrderRow] | None = None


def read_account(reply: Any) -> Account:
    """GET /v2/account."""
    row = msgspec.convert(reply, _AccountRow)
    flags = ("account_blocked", "trading_blocked", "trade_suspended_by_user")
    blocked_by = next((flag for flag in flags if getattr(row, flag)), None)
    if blocked_by is None and row.status != "ACTIVE":
        blocked_by = f"status {row.status}"
    return Account(equity_usd=_finite(row.equity), buying_power_usd=_finite(row.buying_power), blocked_by=blocked_by)


def read_clock(reply: Any) -> MarketClock:
    """GET /v2/clock."""
    row = msgspec.convert(reply, _ClockRow)
    return MarketClock(is_open=row.is_open, at=row.timestamp.timestamp())


def read_holdings(reply: Any) -> dict[str, Holding]:
    """GET /v2/positions, by symbol. The broker may leave the market value open; then it is what was paid."""
    rows = msgspec.convert(reply, list[_PositionRow])
    return {
        row.symbol: Holding(
            symbol=row.symbol,
            qty=_finite(row.qty),
            avg_price=_finite(row.avg_entry_price),
            market_value_usd=_finite(row.qty * row.avg_entry_price if row.market_value is None else row.market_value),
        )
        for row in rows
    }


def read_quotes(reply: Any) -> dict[str, MarketQuote]:
    """GET /v2/stocks/quotes/latest, by symbol."""
    rows = msgspec.convert(reply, _QuotesReply).quotes
    return {
        symbol: MarketQuote(bid=_finite(row.bp), ask=_finite(row.ap), at=row.t.timestamp())
        for symbol, row in rows.items()
    }


def read_order(reply: Any) -> PlacedOrder:
    """An order, alone or out of a list."""
    return _placed(msgspec.convert(reply, _OrderRow))


def read_orders(reply: Any) -> list[PlacedOrder]:
    """GET /v2/orders."""
    return [_placed(row) for row in msgspec.convert(reply, list[_OrderRow])]


def _placed(row: _OrderRow) -> PlacedOrder:
    at = row.submitted_at or row.created_at  # the first may be null (Order in Alpaca's API reference)
    if at is None:
        raise ValueError(f"order {row.id} has no time")
    return PlacedOrder(
        client_order_id=row.client_order_id,
        venue_order_id=row.id,
        symbol=row.symbol or "",
        status=row.status,
        filled_qty=_finite(row.filled_qty or Decimal(0)),
        filled_avg_price=_finite(row.filled_avg_price) if row.filled_avg_price is not None else None,
        submitted_at=at.timestamp(),
        legs=tuple(_placed(leg) for leg in row.legs or ()),
    )


def _finite(amount: Decimal) -> float:
    number = float(amount)
    if not math.isfinite(number):
        raise ValueError(f"{amount} is no finite number")
    return number
