"""The broker's replies, field by field: what is read, and what breaks the contract."""

from __future__ import annotations

from typing import Any

import pytest

from bot.clients.broker import (
    Account,
    Holding,
    read_account,
    read_clock,
    read_holdings,
    read_order,
    read_orders,
    read_quotes,
)

ACCOUNT = {"status": "ACTIVE", "equity": "100000", "buying_power": "200000.5", "trading_blocked": False}
POSITION = {"symbol": "AAPL", "qty": "-7", "avg_entry_price": "190.5", "market_value": "-1340"}
ORDER = {
    "id": "5f1c",
    "client_order_id": "eqd-1",
    "status": "partially_filled",
    "submitted_at": "2026-12-01T15:30:00.123456789Z",
    "symbol": "AAPL",
    "filled_qty": "3",
    "filled_avg_price": "190.25",
    "legs": [
        {
            "id": "5f1d",
            "client_order_id": "a",
            "status": "held",
            "submitted_at": None,
            "created_at": "2026-12-01T15:30:00Z",
        }
    ],
}


@pytest.mark.parametrize(
    ("changes", "blocked_by"),
    [
        ({}, None),
        ({"trading_blocked": True}, "trading_blocked"),
        ({"account_blocked": True, "status": "ACCOUNT_CLOSED"}, "account_blocked"),
        ({"status": "ONBOARDING"}, "status ONBOARDING"),
    ],
)
def test_an_account_says_what_blocks_it(changes: dict[str, Any], blocked_by: str | None) -> None:
    """A flag by its own name, or else the status."""
    account = read_account({**ACCOUNT, **changes})

    assert account == Account(equity_usd=100_000.0, buying_power_usd=200_000.5, blocked_by=blocked_by)


def test_a_position_without_a_market_value_is_worth_what_was_paid() -> None:
    """Before the first print of a day the broker leaves it open; exposure must not read as nothing."""
    held = read_holdings([POSITION, {**POSITION, "symbol": "XOM", "market_value": None}])

    assert held["AAPL"] == Holding(symbol="AAPL", qty=-7.0, avg_price=190.5, market_value_usd=-1340.0)
    assert held["XOM"].market_value_usd == -7 * 190.5


def test_an_order_is_read_with_its_legs() -> None:
    """Amounts as numbers, nanoseconds cut, an order without fills at nothing, one not submitted when it was made."""
    (order,) = read_orders([ORDER])
    (leg,) = order.legs

    assert (order.filled_qty, order.filled_avg_price, order.submitted_at) == (3.0, 190.25, 1_796_139_000.123457)
    assert (leg.symbol, leg.filled_qty, leg.filled_avg_price, leg.legs) == ("", 0.0, None, ())
    assert leg.submitted_at == 1_796_139_000.0


def test_a_quote_is_read_by_symbol() -> None:
    """The data host writes numbers where the trading host writes strings."""
    quotes = read_quotes({"quotes": {"AAPL": {"bp": 190.1, "ap": 190, "t": "2026-12-01T15:30:00Z"}}})

    assert (quotes["AAPL"].bid, quotes["AAPL"].ask, quotes["AAPL"].at) == (190.1, 190.0, 1_796_139_000.0)


@pytest.mark.parametrize(
    ("read", "reply"),
    [
        (read_account, {**ACCOUNT, "equity": "NaN"}),
        (read_account, {**ACCOUNT, "equity": None}),
        (read_account, {**ACCOUNT, "trading_blocked": None}),
        (read_account, {**ACCOUNT, "trading_blocked": "false"}),
        (read_clock, {"is_open": "true", "timestamp": "2026-11-30T10:00:13.270328123-05:00"}),
        (read_clock, {"is_open": True, "timestamp": "10:00"}),
        (read_clock, {"is_open": True}),
        (read_clock, None),
        (read_holdings, {"symbol": "AAPL"}),
        (read_holdings, [{**POSITION, "qty": "many"}]),
        (read_quotes, {"quotes": {"AAPL": {"bp": "Infinity", "ap": 1, "t": "2026-12-01T15:30:00Z"}}}),
        (read_quotes, {"quotes": {"AAPL": {"bp": 1, "ap": 1, "t": "2026-12-01T15:30:00"}}}),
        (read_order, {**ORDER, "id": None}),
        (read_order, {**ORDER, "submitted_at": None}),
        (read_order, {"code": 40310000, "message": "insufficient buying power"}),
    ],
)
def test_a_reply_against_the_contract_is_refused(read: Any, reply: Any) -> None:
    """Nothing that cannot be trusted becomes a number, a flag or an instant."""
    with pytest.raises(ValueError, match=r".+"):
        read(reply)
