"""Every gate of the ugly stranger, as a person finds it by reading the source: how it closes, on what, against what.

Nothing here comes from the probe. Where an exit only asks for a verdict that was found above it (in a nested function,
in a ternary), the condition there is the gate: `if not ok` tells its owner nothing.
The golden signal is worth 2.6 + 0.3 (premium) + 0.5 (five prints) = 3.4, and the learned weight of 0.5 makes 1.7 of it
after the threshold.
"""

from __future__ import annotations

from tests.strangers.world_of import (
    Case,
    answers,
    cooled_since,
    file,
    halted,
    holding,
    quoted,
    says,
    setting,
)

SYMBOL = "AAPL"

BEFORE_THE_LOOP = (
    Case(
        name="stop file",
        condition="if os.path.exists(STOPFILE):",
        value="True",
        limit="",
        label="!!! STOP file is there, not doing anything",
        world=file("STOP_TRADING", ""),
    ),
    Case(
        name="account cannot be read",
        condition="if acct is None:",
        value="None",
        limit="None",
        label="no account, giving up",
        world=answers("/v2/account", 403),
    ),
    Case(
        name="account blocked",
        condition="if acct.trading_blocked or acct.account_blocked:",
        value="True",
        limit="",
        label="account is blocked",
        world=says("/v2/account", "trading_blocked", True),
    ),
    Case(
        name="daily loss",
        condition='if day_pnl <= -cfg["max_loss"]:',
        value="-2000.0",
        limit="-1500",
        label="daily loss limit hit, going home",
        world=says("/v2/account", "equity", "98000"),
    ),
    Case(
        name="market closed",
        condition="if not is_open:",
        value="False",
        limit="",
        label="market is closed",
        world=says("/v2/clock", "is_open", False),
    ),
    Case(
        name="regime",
        condition='risk_ok = False if regime == "RISK_OFF" else True',
        value="'RISK_OFF'",
        limit="'RISK_OFF'",
        label="regime says no",
        world=setting(regime="risk_off"),
    ),
    Case(
        name="premium filter",
        condition='sigs = [s for s in sigs if (s.get("prem") or 0) >= cfg["min_prem"]]',
        value="100000.0",
        limit="250000",
        signal={"prem": 100_000.0},
    ),
    Case(
        name="slice of the best",
        condition='sigs = sorted(sigs, key=lambda s: -(s.get("prem") or 0))[: cfg["top_n"]]',
        value="number 1 of 1",
        limit="the slice keeps 0",
        world=setting(top_n=0),
    ),
)

OF_EACH_SIGNAL = (
    Case(
        name="direction",
        condition='if sig.get("dirn") not in ("bull", "up"):',
        value="'bear'",
        limit="('bull', 'up')",
        signal={"dirn": "bear"},
    ),
    Case(
        name="too old",
        condition='if age > cfg["max_age"]:',
        value="1000.0",
        near=5.0,
        limit="900",
        label="too old",
        signal={"ts": "$now-1000"},
    ),
    Case(
        name="banned",
        condition="if tkr in self.banned:",
        value="'AAPL'",
        limit="{'AAPL'}",
        label="banned name",
        world=setting(banned=["AAPL"]),
    ),
    Case(
        name="book full",
        condition='if len(held) >= cfg["max_names"]:',
        value="8",
        limit="8",
        label="book is full",
        world=holding("KO", "F", "GM", "XOM", "JPM", "PFE", "T", "VZ"),
    ),
    Case(
        name="already held",
        condition="if tkr in held:",
        value="'AAPL'",
        limit="{'AAPL': {'n': 10",
        label="already in",
        world=holding("AAPL"),
    ),
    Case(
        name="cooling down",
        condition='if gone < cfg["cool_min"]:',
        value="10.0",
        near=0.2,
        limit="45",
        label="cooling down",
        world=cooled_since("AAPL", 600.0),
    ),
    Case(
        name="sector full",
        condition='if n_in >= cfg["per_sector"]:',
        value="3",
        limit="3",
        label="sector is full",
        world=holding("MSFT", "META", "GOOGL"),
    ),
    Case(
        name="no price",
        condition="if px <= 0:",
        value="0.0",
        limit="0",
        label="no price",
        world=answers("/v2/stocks/AAPL/trades/latest", 403),
    ),
    Case(
        name="penny stock",
        condition='if px < cfg["min_px"]:',
        value="4.0",
        limit="5",
        label="penny stock",
        world=quoted("AAPL", "3.99", "4.01"),
    ),
    Case(
        name="spread",
        condition='if spread > cfg["spread_bps"]:',
        value="952.38",
        near=0.01,
        limit="35",
        label="spread too wide",
        world=quoted("AAPL", "100", "110"),
    ),
    Case(
        name="conviction",
        condition='if conv < cfg["min_conv"]:',
        value="2.7",
        limit="3.0",
        label="conviction too low",
        signal={"raw": 1.9},
    ),
    Case(
        name="thin tape",
        condition='if conv >= 4.5 or prints >= cfg["min_oi"]:',
        value="3.3",
        limit="4.5",
        label="thin tape",
        signal={"raw": 2.9, "prints": 1},
    ),
    Case(
        name="earnings",
        condition='if not sig.get("earn_ok"):',
        value="None",
        limit="",
        label="earnings in",
        signal={"dte": 1},
    ),
    Case(
        name="no shares left",
        condition="if n_shares < 1:",
        value="0",
        limit="1",
        world=file("omega_weights.json", {"*": 0.5, "AAPL": 0.05}),
    ),
    Case(
        name="buying power",
        condition="if need > bp:",
        value="4999912.5",
        limit="200000.0",
        label="not enough buying power",
        world=setting(cash_per_name=10_000_000),
    ),
    Case(
        name="enough for one cycle",
        condition='if sent >= cfg["max_new"]:',
        value="0",
        limit="0",
        label="enough for one cycle",
        world=setting(max_new=0),
    ),
    Case(
        name="not tradable",
        condition="if not tradable:",
        value="False",
        limit="",
        label="is not tradable",
        world=halted("AAPL"),
    ),
)

GATES = (*BEFORE_THE_LOOP, *OF_EACH_SIGNAL)
