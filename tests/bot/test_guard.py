"""The guard's arithmetic."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.orders.guard import Exposure, Limits, review
from bot.orders.ticket import Ticket, bracket, client_order_id, quantise

LIMITS = Limits(
    max_shares=1_000,
    max_notional_usd=2_000.0,
    max_exposure_share=0.30,
    max_concentration_share=0.15,
    price_band_share=0.05,
    cooldown_s=300.0,
)
QUIET = Exposure(
    equity_usd=100_000.0,
    buying_power_usd=200_000.0,
    exposure_usd=0.0,
    held_qty=0.0,
    held_usd=0.0,
    reference_price=190.0,
    since_last_order_s=None,
)


def entry(qty: int = 8, price: str = "190.00") -> Ticket:
    return Ticket(
        symbol="AAPL",
        side="buy",
        qty=qty,
        limit_price=Decimal(price),
        take_profit=Decimal("197.60"),
        stop_loss=Decimal("186.20"),
        signal="AAPL|bullish|1",
    )


def test_a_quiet_account_may_buy() -> None:
    """A small order on an empty account breaks no rule."""
    assert review(entry(), QUIET, LIMITS) is None


@pytest.mark.parametrize(
    ("rule", "value", "limit", "ticket", "account"),
    [
        ("position_size", 1_001, 1_000, entry(1_001, "1.00"), replace(QUIET, reference_price=1.0)),
        ("notional", 2_090, 2_000, entry(11), QUIET),
        ("exposure", 0.3152, 0.30, entry(), replace(QUIET, exposure_usd=30_000.0)),
        ("concentration", 0.1552, 0.15, entry(), replace(QUIET, held_qty=73.0, held_usd=14_000.0)),
        ("direction_flip", -5, 0, entry(), replace(QUIET, held_qty=-5.0, held_usd=950.0)),
        ("price_band", 0.0556, 0.05, entry(), replace(QUIET, reference_price=180.0)),
        ("cooldown", 299, 300, entry(), replace(QUIET, since_last_order_s=299.0)),
        ("buying_power", 1_520, 1_519.99, entry(), replace(QUIET, buying_power_usd=1_519.99)),
        ("not_positive", 0, 0, entry(), replace(QUIET, equity_usd=0.0)),
    ],
)
def test_each_rule_names_its_value_and_limit(
    rule: str, value: float, limit: float, ticket: Ticket, account: Exposure
) -> None:
    """One rule broken: that rule is named, with the numbers that broke it and a way out."""
    refusal = review(ticket, account, LIMITS)

    assert refusal is not None
    assert (refusal.rule, round(refusal.value, 4), refusal.limit) == (rule, value, limit)
    assert refusal.way_out


def test_the_limit_itself_is_allowed() -> None:
    """Every limit is the last good value, not the first bad one."""
    at_the_limit = replace(QUIET, buying_power_usd=2_000.0, since_last_order_s=300.0, reference_price=200.0)

    assert review(entry(10, "200.00"), at_the_limit, LIMITS) is None


NUMBERS = ["equity_usd", "buying_power_usd", "exposure_usd", "held_qty", "held_usd", "reference_price"]


@pytest.mark.parametrize("field", [*NUMBERS, "since_last_order_s"])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf], ids=str)
def test_a_number_that_is_none_never_passes(field: str, number: float) -> None:
    """NaN and infinity are refused, wherever they come in."""
    account = replace(QUIET, **{field: number})

    assert review(entry(), account, LIMITS) is not None


money = st.floats(min_value=0, max_value=1e7, allow_nan=False)


@given(
    qty=st.integers(1, 5_000),
    price=st.decimals(Decimal("0.01"), Decimal(5_000), places=2),
    equity=st.floats(1, 1e7),
    buying_power=money,
    exposure=money,
    held=money,
    reference=st.floats(0.01, 5_000),
    since=st.none() | st.floats(-1e6, 1e6),
)
def test_what_passes_keeps_every_limit(
    qty: int,
    price: Decimal,
    equity: float,
    buying_power: float,
    exposure: float,
    held: float,
    reference: float,
    since: float | None,
) -> None:
    """Whatever the numbers, an order that the guard lets through breaks no rule when the sums are done again."""
    ticket = replace(entry(), qty=qty, limit_price=price)
    account = Exposure(
        equity_usd=equity,
        buying_power_usd=buying_power,
        exposure_usd=exposure,
        held_qty=0.0,
        held_usd=held,
        reference_price=reference,
        since_last_order_s=since,
    )
    cost = float(price) * qty
    keeps_all = (
        qty <= 1_000
        and cost <= 2_000
        and (exposure + cost) / equity <= 0.30
        and (held + cost) / equity <= 0.15
        and abs(float(price) - reference) / reference <= 0.05
        and (since is None or since >= 300)
        and cost <= buying_power
    )

    assert (review(ticket, account, LIMITS) is None) == keeps_all


@given(qty=st.integers(1, 1_000), more=st.integers(1, 1_000), exposure=st.floats(0, 40_000))
def test_more_of_a_refused_order_is_refused_too(qty: int, more: int, exposure: float) -> None:
    """The guard is monotone in size."""
    account = replace(QUIET, exposure_usd=exposure)
    if review(entry(qty), account, LIMITS) is not None:
        assert review(entry(qty + more), account, LIMITS) is not None


@given(st.floats(0.0001, 100_000, allow_nan=False), st.sampled_from(["buy", "sell"]))
def test_every_price_of_a_bracket_stands_on_a_tick(price: float, side: str) -> None:
    """Two decimals from a dollar on, four below: the venue refuses anything finer."""
    assert side in {"buy", "sell"}
    ticket = bracket("X", side, 1, price, signal="s", profit_share=0.04, loss_share=0.02)  # type: ignore[arg-type]

    for quantised in (ticket.limit_price, ticket.take_profit, ticket.stop_loss):
        exponent = quantised.as_tuple().exponent
        assert isinstance(exponent, int)
        assert -exponent <= (2 if quantised >= 1 else 4)


def test_quantising_rounds_as_it_is_told() -> None:
    """Near, down and up."""
    assert [quantise(1.006), quantise(1.006, towards="down"), quantise(1.001, towards="up")] == [
        Decimal("1.01"),
        Decimal("1.00"),
        Decimal("1.01"),
    ]


@given(st.text(), st.integers(1, 9))
def test_an_order_id_depends_on_signal_and_attempt_alone(signal: str, attempt: int) -> None:
    """The same signal always has the same id, another attempt another one, and the venue's limit of 128 is kept."""
    order_id = client_order_id(signal.encode("utf-8", "replace").decode(), attempt)

    assert order_id == client_order_id(signal.encode("utf-8", "replace").decode(), attempt)
    assert order_id != client_order_id(signal.encode("utf-8", "replace").decode(), attempt + 1)
    assert order_id.startswith("eqd-")
    assert len(order_id) <= 128
