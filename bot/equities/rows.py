"""The provider's rows as this desk reads them, checked field by field.

Numbers come as strings in most fields and as numbers in some (Unusual Whales, observed rows); both are read, anything
else breaks the contract. A row that lacks what a signal needs is quarantined, never guessed at.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec


class RowBroken(ValueError):
    """One row does not keep the provider's contract; the message names the field."""


Number = Annotated[float, msgspec.Meta(ge=0, le=sys.float_info.max)]
"""Finite, from 0 on."""
Ticker = Annotated[str, msgspec.Meta(pattern=r"^\s*[^\s_]")]
"""Anything but nothing; names that begin with an underscore are the cache's own."""


class _AlertRow(msgspec.Struct, frozen=True):
    """What a row of flow-alerts must have, under the provider's names; but for its flags.

    Read as numbers are, "true" and 1 would be flags too.
    """

    ticker: Ticker
    type: Literal["call", "put"]
    created_at: str
    total_premium: Number
    total_ask_side_prem: Number
    total_bid_side_prem: Number
    underlying_price: Number
    strike: Number
    volume_oi_ratio: Number | None = None
    iv_start: Number | None = None
    iv_end: Number | None = None
    expiry: str | None = None
    next_earnings_date: str | None = None


class _PrintRow(msgspec.Struct, frozen=True):
    """What a dark-pool row must have, under the provider's names."""

    ticker: Ticker
    executed_at: str
    premium: Number
    price: Number
    nbbo_bid: Number | None = None
    nbbo_ask: Number | None = None


class FlowAlert(msgspec.Struct, frozen=True, kw_only=True):
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


class Print(msgspec.Struct, frozen=True, kw_only=True):
    """One dark-pool print. Dollars, and unix seconds."""

    ticker: str
    premium_usd: float
    price: float
    at: float
    mid: float | None
    is_canceled: bool


def flow_alert(row: Mapping[str, Any]) -> FlowAlert:
    """Read one row of flow-alerts. Raises RowBroken."""
    read = _read(row, _AlertRow)
    at = _time("created_at", read.created_at)
    return FlowAlert(
        id=str(row.get("id") or ""),
        ticker=read.ticker.strip().upper(),
        is_call=read.type == "call",
        premium_usd=read.total_premium,
        ask_side_usd=read.total_ask_side_prem,
        bid_side_usd=read.total_bid_side_prem,
        underlying_price=read.underlying_price,
        strike=read.strike,
        at=at,
        is_sweep=_flag(row, "has_sweep"),
        is_floor=row.get("has_floor") is True,
        is_single_leg=row.get("has_singleleg") is True,
        is_opening=row.get("all_opening_trades") is True,
        volume_over_interest=read.volume_oi_ratio,
        iv_rise=read.iv_end - read.iv_start if read.iv_start is not None and read.iv_end is not None else None,
        days_to_expiry=_days_until("expiry", read.expiry, at),
        days_to_earnings=_days_until("next_earnings_date", read.next_earnings_date, at),
    )


def dark_print(row: Mapping[str, Any]) -> Print:
    """Read one dark-pool row. Raises RowBroken."""
    read = _read(row, _PrintRow)
    bid, ask = read.nbbo_bid, read.nbbo_ask
    return Print(
        ticker=read.ticker.strip().upper(),
        premium_usd=read.premium,
        price=read.price,
        at=_time("executed_at", read.executed_at),
        mid=(bid + ask) / 2 if bid and ask else None,
        is_canceled=row.get("canceled") is True,
    )


T = TypeVar("T")


def _read(row: Mapping[str, Any], kind: type[T]) -> T:
    """The row by its contract; a field that holds an empty string is a field that is not there."""
    try:
        return msgspec.convert(row, kind, strict=False)
    except msgspec.ValidationError:
        given = {field: value for field, value in row.items() if value != ""}
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise RowBroken(str(error)) from None


def _flag(row: Mapping[str, Any], field: str) -> bool:
    value = row.get(field)
    if not isinstance(value, bool):
        raise RowBroken(f"{field} is {value!r}, neither true nor false")
    return value


def _time(field: str, value: str) -> float:
    try:
        at = datetime.fromisoformat(value)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise RowBroken(f"{field} is {value!r}, no ISO 8601 time") from None


def _days_until(field: str, value: str | None, at: float) -> int | None:
    if value is None:
        return None
    try:
        return (date.fromisoformat(value[:10]) - datetime.fromtimestamp(at, UTC).date()).days
    except (ValueError, OverflowError, OSError):
        raise RowBroken(f"{field} is {value!r}, no date") from None
