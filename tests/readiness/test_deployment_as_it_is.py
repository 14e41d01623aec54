"""`verify` judges the deployment's own state: what somebody left there is RED, and is not touched."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.readiness import verify
from harness.vocabulary import Colour
from tests.lab.leftovers import tree_hash
from tests.readiness.deployed import deployed, quick

pytestmark = pytest.mark.timeout(120)

AT_S = datetime(2026, 11, 25, 15, 0, tzinfo=UTC).timestamp()
"""A Wednesday, 10:00 in New York."""
SIXTEEN = "KO PEP WMT XOM CVX JPM BAC GS MS INTC MU BA DIS NKE PFE MCD".split()
HELD = {symbol: {"qty": 1.0, "avg_price": 50.0, "opened_at": AT_S - 600} for symbol in SIXTEEN}
FROZEN = {"performance": {"active": True, "reason": "daily loss", "since": AT_S - 60, "until": AT_S + 86_400}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What was left in the state, and the words that the verdict must have for it."""

    name: str
    stem: str
    text: str
    says: tuple[str, ...]


LEFT = (
    Left(
        name="an active freeze",
        stem="governor_freezes",
        text=json.dumps({"schema": 1, "freezes": FROZEN}),
        says=("governor_freezes.json", "performance", "FP-3.1"),
    ),
    Left(
        name="a freeze flag",
        stem="pre_market_freeze",
        text="",
        says=("pre_market_freeze.flag", "FP-3.1", "decide.py:"),
    ),
    Left(
        name="sixteen recorded positions",
        stem="positions",
        text=json.dumps({"schema": 1, "positions": HELD}),
        says=("FP-3.2", "16 positions are open; 16 is the limit", "max_positions (16 against 16)"),
    ),
    Left(
        name="weights that nobody learned",
        stem="signal_weights",
        text=json.dumps({"schema": 1, "weight_bands": {}}),
        says=("FP-2.1", "signal_weights.json", "weights_not_initialised (0 against 21)"),
    ),
    Left(name="torn weights", stem="signal_weights", text='{"schema": 1, "weig', says=("signal_weights.json",)),
    Left(
        name="a kill switch",
        stem="kill_switch",
        text=json.dumps({"schema": 1, "active": True, "reason": "stopped by hand", "since": AT_S}),
        says=("kill_switch (True)", "decide.py:"),
    ),
)


@pytest.mark.parametrize("left", LEFT, ids=lambda left: left.name.replace(" ", "-"))
def test_what_was_left_in_the_state_is_red_and_named(left: Left, tmp_path: Path) -> None:
    """RED with the file, the value and the limit; the deployment keeps every byte and every time."""
    deployment = deployed(tmp_path, **{left.stem: left.text})
    before = tree_hash(tmp_path)
    document = verify(deployment, quick(at_s=AT_S))
    told = " ".join(reason.text for reason in document.reasons)

    assert document.verdict is Colour.RED
    assert [word for word in left.says if word not in told] == [], told
    assert document.answer.startswith("No. A good signal would not become an order now")
    assert tree_hash(tmp_path) == before


def test_clean_ignores_what_was_left(tmp_path: Path) -> None:
    """From declared defaults both canaries trade: the code is well, the deployment is not."""
    deployment = deployed(tmp_path, **{left.stem: left.text for left in LEFT if left.name != "torn weights"})
    before = tree_hash(tmp_path)
    document = verify(deployment, quick(at_s=AT_S, clean=True))

    assert [canary.traded for canary in document.canaries] == [True, True]
    assert document.clean
    assert tree_hash(tmp_path) == before


def test_a_raised_threshold_shows_as_the_limit_that_is_in_force(tmp_path: Path) -> None:
    """Three losses raised it from 3.0 to 3.5: the gate of the canary has that limit, whether or not it still trades."""
    raised = json.dumps({"schema": 1, "consecutive_losses": 3, "raised_at": AT_S - 60})
    document = verify(deployed(tmp_path, self_healing_threshold=raised), quick(at_s=AT_S))
    gates = document.canaries[0].trace.gates
    gate = next(gate for gate in gates if gate.label == "score_below_threshold")

    assert float(gate.limit) == 3.5
    assert document.canaries[0].traded is (float(gate.value) >= 3.5)


def test_a_few_recorded_positions_are_held_at_the_venue_and_trading_goes_on(tmp_path: Path) -> None:
    """The simulated account is seeded from the state; the canary takes a symbol that the bot does not hold."""
    held = {"AAPL": {"qty": 3.0, "avg_price": 230.0, "opened_at": AT_S - 600}, **dict(list(HELD.items())[:2])}
    document = verify(deployed(tmp_path, positions=json.dumps({"schema": 1, "positions": held})), quick(at_s=AT_S))
    positions = next(row for row in document.points if row.id == "FP-3.2")

    assert [canary.symbol for canary in document.canaries] == ["MSFT", "NVDA"]
    assert [canary.traded for canary in document.canaries] == [True, True], document.canaries[0].reason
    assert (positions.evidence["recorded"], positions.evidence["at_venue"]) == (3, 3)
