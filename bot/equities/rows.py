"""The provider's rows as this desk reads them, checked field by field.

Numbers come as strings in most fields and as numbers in some (Unusual Whales, observed rows); both are read, anything
else breaks the contract. A row that lacks what a signal needs is quarantined, never guessed at.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any


class RowBroken(ValueError):
    """One row does not keep the provider's contract; the message names the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowAlert:
    """One option-flow alert. Premiums and prices in dollars, times in unix seconds, strike as a share of the price."""

    id: str
    ticker: str
    is_call: bool
    premium_usd: float
    ask_side_usd: float
    bid_side_usd: float
    underlying_price: float
    strike: float
    at: float
    is_sweep: bool
    is_floor: bool
    is_single_leg: bool
    is_opening: bool
    volume_over_interest: float | None
    iv_rise: float | None
    days_to_expiry: int | None
    days_to_earnings: int | None

    @property
    def lean_usd(self) -> float:
        """Dollars that lean up (positive) or down: bought calls and sold puts lean up."""
        lean = self.ask_side_usd - self.bid_side_usd
        return lean if self.is_call else -lean


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """One dark-pool print. Dollars, and unix seconds."""

    ticker: str
    premium_usd: float
    price: float
    at: float
    mid: float | None


def flow_alert(row: Mapping[str, Any]) -> FlowAlert:
    """Read one row of flow-alerts. Raises RowBroken."""
    kind = row.get("type")
    if kind not in ("call", "put"):
        raise RowBroken(f"type is {kind!r}, neither call nor put")
    at = _time(row, "created_at")
    before, after = _optional(row, "iv_start"), _optional(row, "iv_end")
    return FlowAlert(
        id=str(row.get("id") or ""),
        ticker=_ticker(row),
        is_call=kind == "call",
        premium_usd=_number(row, "total_premium"),
        ask_side_usd=_number(row, "total_ask_side_prem"),
        bid_side_usd=_number(row, "total_bid_side_prem"),
        underlying_price=_number(row, "underlying_price"),
        strike=_number(row, "strike"),
        at=at,
        is_sweep=_flag(row, "has_sweep"),
        is_floor=row.get("has_floor") is True,
        is_single_leg=row.get("has_singleleg") is True,
        is_opening=row.get("all_opening_trades") is True,
        volume_over_interest=_optional(row, "volume_oi_ratio"),
        iv_rise=after - before if before is not None and after is not None else None,
        days_to_expiry=_days_until(row, "expiry", at),
        days_to_earnings=_days_until(row, "next_earnings_date", at),
    )


def dark_print(row: Mapping[str, Any]) -> Print:
    """Read one dark-pool row. Raises RowBroken."""
    bid, ask = _optional(row, "nbbo_bid"), _optional(row, "nbbo_ask")
    return Print(
        ticker=_ticker(row),
        premium_usd=_number(row, "premium"),
        price=_number(row, "price"),
        at=_time(row, "executed_at"),
        mid=(bid + ask) / 2 if bid and ask else None,
    )


def _ticker(row: Mapping[str, Any]) -> str:
    ticker = row.get("ticker")
    if not isinstance(ticker, str) or not ticker.strip() or ticker.startswith("_"):
        raise RowBroken(f"ticker is {ticker!r}")
    return ticker.strip().upper()


def _number(row: Mapping[str, Any], field: str) -> float:
    if field not in row:
        raise RowBroken(f"{field} is missing")
    value = row[field]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RowBroken(f"{field} is {value!r}, no number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise RowBroken(f"{field} is {value!r}, no number") from None
    if not math.isfinite(number) or number < 0:
        raise RowBroken(f"{field} is {value!r}, not a finite number from 0 on")
    return number


def _optional(row: Mapping[str, Any], field: str) -> float | None:
    return _number(row, field) if row.get(field) not in (None, "") else None


def _flag(row: Mapping[str, Any], field: str) -> bool:
    value = row.get(field)
    if not isinstance(value, bool):
        raise RowBroken(f"{field} is {value!r}, neither true nor false")
    return value


def _time(row: Mapping[str, Any], field: str) -> float:
    value = row.get(field)
    if not isinstance(value, str):
        raise RowBroken(f"{field} is {value!r}, no time")
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise RowBroken(f"{field} is {value!r}, no ISO 8601 time") from None


def _days_until(row: Mapping[str, Any], field: str, at: float) -> int | None:
    value = row.get(field)
    if value in (None, ""):
        return None
    try:
        return (date.fromisoformat(str(value)[:10]) - datetime.fromtimestamp(at, UTC).date()).days
    except (ValueError, OverflowError, OSError):
        raise RowBroken(f"{field} is {value!r}, no date") from None
