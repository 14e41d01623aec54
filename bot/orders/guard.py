"""The trade guard: the last word on every entry, in plain arithmetic over numbers that it is given.

It knows nothing of signals and asks nobody. Each refusal names its rule, the value, the limit and the way out, so that
the sum can be done again by hand. A number that is not finite is refused too: NaN compares false with every limit, and
would otherwise walk through all of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.orders.ticket import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an order may not go out. `value` and `limit` are in the unit that the rule's name ends with."""

    rule: str
    value: float
    limit: float
    way_out: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the guard allows. Shares are parts of equity."""

    max_shares: int
    max_notional_usd: float
    max_exposure_share: float
    max_concentration_share: float
    price_band_share: float
    cooldown_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """The account as the guard sees it. `held_usd` and `exposure_usd` count working orders as if they had filled."""

    equity_usd: float
    buying_power_usd: float
    exposure_usd: float
    held_qty: float
    held_usd: float
    reference_price: float
    since_last_order_s: float | None


def review(ticket: Ticket, account: Exposure, limits: Limits) -> Refusal | None:
    """The first rule that `ticket` breaks, or None when it may go out."""
    price, notional = float(ticket.limit_price), ticket.notional_usd
    for rule, value in _numbers(ticket, account).items():
        if not math.isfinite(value):
            return Refusal(rule=rule, value=value, limit=0.0, way_out="the number cannot be read; look at its source")
    if price <= 0 or account.reference_price <= 0 or account.equity_usd <= 0 or ticket.qty <= 0:
        worst = min(price, account.reference_price, account.equity_usd, float(ticket.qty))
        return Refusal(
            rule="not_positive", value=worst, limit=0.0, way_out="price, equity and quantity must be above 0"
        )
    if ticket.qty > limits.max_shares:
        return _over("position_size", ticket.qty, limits.max_shares, "order fewer shares")
    if notional > limits.max_notional_usd:
        return _over("notional", notional, limits.max_notional_usd, "order fewer shares")
    exposure = (abs(account.exposure_usd) + notional) / account.equity_usd
    if exposure > limits.max_exposure_share:
        return _over("exposure", exposure, limits.max_exposure_share, "close a position first")
    concentration = (abs(account.held_usd) + notional) / account.equity_usd
    if concentration > limits.max_concentration_share:
        return _over("concentration", concentration, limits.max_concentration_share, "hold less of this symbol")
    if account.held_qty * (1 if ticket.side == "buy" else -1) < 0:
        return Refusal(rule="direction_flip", value=account.held_qty, limit=0.0, way_out="close the opposite position")
    distance = abs(price - account.reference_price) / account.reference_price
    if distance > limits.price_band_share:
        return _over("price_band", distance, limits.price_band_share, "wait for quote and last price to agree")
    waited = account.since_last_order_s
    if waited is not None and waited < limits.cooldown_s:
        wait_s = limits.cooldown_s - waited
        return Refusal(rule="cooldown", value=waited, limit=limits.cooldown_s, way_out=f"wait {wait_s:.0f} s")
    if notional > account.buying_power_usd:
        return _over("buying_power", notional, account.buying_power_usd, "order fewer shares, or free buying power")
    return None


def _numbers(ticket: Ticket, account: Exposure) -> dict[str, float]:
    return {
        "price_not_finite": float(ticket.limit_price),
        "reference_price_not_finite": account.reference_price,
        "equity_not_finite": account.equity_usd,
        "buying_power_not_finite": account.buying_power_usd,
        "exposure_not_finite": account.exposure_usd,
        "held_qty_not_finite": account.held_qty,
        "held_value_not_finite": account.held_usd,
        "since_last_order_not_finite": account.since_last_order_s if account.since_last_order_s is not None else 0.0,
    }


def _over(rule: str, value: float, limit: float, way_out: str) -> Refusal:
    return Refusal(rule=rule, value=float(value), limit=float(limit), way_out=way_out)
