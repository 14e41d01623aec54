"""The ugly stranger: one method of 597 lines that nobody here wrote, attached by its `bot.toml` alone.

What is expected of each gate is read from the stranger's source by a person; lines are found in its text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from harness.canary import send
from harness.deployment import load
from harness.lab.bench import Bench, bench
from harness.vocabulary import CanaryResult, Depth, Gate, GateVerdict, Side
from tests.strangers.attached import UGLY, deployed, line_of, tree_hash
from tests.strangers.gates_of_the_ugly import GATES, SYMBOL
from tests.strangers.world_of import Case, answers, both, file, run, through

pytestmark = pytest.mark.timeout(120)

SOURCE = (UGLY / "trader.py").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """The stranger on a bench, the folder it was copied from, and what that folder was before."""

    bench: Bench
    root: Path
    tree_before: str


@pytest.fixture(scope="module")
def ugly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attached]:
    toml = deployed(tmp_path_factory.mktemp("stranger"))
    tree_before = tree_hash(toml.parent)
    with bench(load(toml)) as made:
        yield Attached(bench=made, root=toml.parent, tree_before=tree_before)


def blocker_of(result: CanaryResult) -> Gate:
    """The first blocker, which must be there."""
    assert result.blocker is not None, result.reason
    return result.blocker


def lineage_of(result: CanaryResult, name: str) -> list[tuple[str, int]]:
    """Value and line of each step of a followed number."""
    return [(step.value, step.line) for line in result.trace.lineage if line.name == name for step in line.steps]


def said(case: Case, value: str) -> bool:
    """Whether `value` is what the case expects, or as near to it as the clock allows."""
    return abs(float(value) - float(case.value)) <= case.near if case.near else value == case.value


@pytest.mark.parametrize("case", GATES, ids=lambda case: case.name)
def test_first_blocker_of_each_gate_is_named_with_its_line_value_and_limit(ugly: Attached, case: Case) -> None:
    """Each gate, closed alone, is the first blocker; line, value, limit and label are those of the source."""
    line = line_of(case.condition, SOURCE)
    result = run(ugly.bench, case, SYMBOL)
    gate = blocker_of(result)

    assert (line, "trader.py") == (gate.line, Path(gate.file).name), gate
    assert said(case, gate.value), gate
    assert gate.limit.startswith(case.limit) if case.limit else gate.limit == "", gate
    assert case.label == gate.label, gate


@pytest.mark.parametrize("case", GATES, ids=lambda case: case.name)
def test_a_closed_gate_leaves_no_order_at_the_venue(ugly: Attached, case: Case) -> None:
    """The ledger has no order, and the signal is said to have stopped where `bot.toml` says that gates are."""
    result = run(ugly.bench, case, SYMBOL)

    assert (len(result.orders), result.traded, result.stage) == (0, False, "gate")


@pytest.mark.parametrize("symbol", ["AAPL", "MSFT"])
def test_a_healthy_stranger_sends_exactly_one_order(ugly: Attached, symbol: str) -> None:
    """A good signal is one limit order to buy, of the size that the stranger computed."""
    price = ugly.bench.world.mid_price(symbol)
    result = send(ugly.bench, symbol, Depth.DECIDE)

    assert result.traded, result.reason
    assert [(symbol, Side.BUY, Decimal(int(3000 / price)))] == [(o.symbol, o.side, o.quantity) for o in result.orders]
    assert not [gate for gate in result.trace.gates if gate.blocks]


def test_the_stranger_trades_from_its_own_scan_of_the_provider(ugly: Attached) -> None:
    """At depth cycle the rows of the provider become one order; the stranger has no daemon and no cache."""
    result = send(ugly.bench, SYMBOL, Depth.CYCLE)

    assert result.traded, result.reason


def test_the_silent_rewrite_of_the_score_shows_before_and_after(ugly: Attached) -> None:
    """3.4 passes the threshold of 3.0 and becomes 1.7 below it, with no word in any log."""
    steps = lineage_of(send(ugly.bench, SYMBOL, Depth.DECIDE), "score")

    expected = [("3.4", line_of("conv = round(conv, 2)", SOURCE)), ("1.7", line_of("round(conv * k, 2)", SOURCE))]
    assert expected == steps[-2:]


def test_a_rewrite_that_takes_every_share_is_beside_the_gate_that_it_closes(ugly: Attached) -> None:
    """The gate says 0 shares; the lineage says that the score was 3.4 and then 0.17, and where."""
    with file("omega_weights.json", {"*": 0.5, SYMBOL: 0.05})(ugly.bench):
        result = send(ugly.bench, SYMBOL, Depth.DECIDE)

    assert [value for value, _ in lineage_of(result, "score")][-2:] == ["3.4", "0.17"]
    assert [("0", line_of("n_shares = int(cash / px)", SOURCE))] == lineage_of(result, "quantity")


def test_what_would_let_it_through_is_true_just_below_and_at_the_limit(ugly: Attached) -> None:
    """`conv >= 3.0` is needed: 2.99 is blocked, 3.0 trades."""
    below = through(ugly.bench, SYMBOL, raw=2.19)
    at = through(ugly.bench, SYMBOL, raw=2.2)

    assert (blocker_of(below).needs, blocker_of(below).value) == ("conv >= 3.0", "2.99")
    assert at.traded, at.reason


def test_a_refusal_swallowed_further_down_is_the_cause_underneath(ugly: Attached) -> None:
    """The gate says that the price is 0.0; the cause is a 403 that a bare except swallowed."""
    with answers("/v2/stocks/AAPL/trades/latest", 403)(ugly.bench):
        gate = blocker_of(through(ugly.bench, SYMBOL))

    assert "403" in gate.why


def test_an_order_that_the_venue_refused_is_not_lost_in_except_pass(ugly: Attached) -> None:
    """`except: pass` ate the refusal: that handler is where the signal ended, and the venue is where it was refused."""
    place = line_of("o = self.api.submit_order(", SOURCE)
    handler = next(n for n, text in enumerate(SOURCE.splitlines(), 1) if n > place and "except Exception" in text)
    with answers("/v2/orders", 403, method="POST")(ugly.bench):
        told = through(ugly.bench, SYMBOL)
    gate = blocker_of(told)

    assert (len(told.orders), told.traded, told.stage) == (0, False, "venue")
    assert (gate.line, gate.condition, gate.verdict) == (handler, "except Exception", GateVerdict.BLOCKED)
    assert "403" in told.reason
    assert f"omega/trader.py:{handler}" in told.reason


def test_a_dry_run_left_on_is_named(ugly: Attached) -> None:
    """A bot that only prints its orders is stopped at the line that says so."""
    gate = blocker_of(through(ugly.bench, SYMBOL, kwargs={"dry": True}))

    assert (line_of('if dry or self.mode == "dry":', SOURCE), "True") == (gate.line, gate.value)


def test_another_signal_of_the_same_cycle_has_a_path_of_its_own(ugly: Attached) -> None:
    """Of two signals the first is too old: it alone is blocked, and at that gate."""
    trace = both(ugly.bench, SYMBOL, {"tkr": "MSFT", "ts": 0.0, "prem": 9e6, "dirn": "bull"})
    blocked = [(gate.signal, gate.line) for gate in trace.gates if gate.verdict is GateVerdict.BLOCKED]

    assert [("MSFT", line_of('if age > cfg["max_age"]:', SOURCE))] == blocked
    assert SYMBOL in {gate.signal for gate in trace.gates}


def test_orders_of_two_good_signals_of_one_cycle_are_told_apart(ugly: Attached) -> None:
    """The stranger trades MSFT as well; what became of AAPL is told by its own order, gates and numbers alone."""
    with ugly.bench.world.golden_rows("MSFT", Side.BUY):
        result = send(ugly.bench, SYMBOL, Depth.CYCLE)

    assert result.traded, result.reason
    assert [(SYMBOL, Decimal(12))] == [(order.symbol, order.quantity) for order in result.orders]
    assert [value for value, _ in lineage_of(result, "quantity")] == ["12"]
    assert {"", SYMBOL} >= {gate.signal for gate in result.trace.gates}


def test_the_thread_that_import_wanted_is_named_in_the_notes(ugly: Attached) -> None:
    """The scanner thread is not started in the lab, and whoever reads the trace is told so."""
    notes = send(ugly.bench, SYMBOL, Depth.DECIDE).trace.notes

    assert any("omega-scanner" in note and "_scan_forever" in note for note in notes), notes


def test_the_deployment_is_not_changed_by_one_byte(ugly: Attached) -> None:
    """The stranger writes its state beside its code; the lab's copy takes it, the deployment does not."""
    send(ugly.bench, SYMBOL, Depth.DECIDE)

    assert ugly.tree_before == tree_hash(ugly.root)


def test_the_env_file_is_neither_copied_nor_read(ugly: Attached) -> None:
    """`load_dotenv()` at import finds nothing: with the key that lies there the venue would have answered 401."""
    result = send(ugly.bench, SYMBOL, Depth.DECIDE)

    assert ((ugly.root / ".env").exists(), (ugly.bench.deployment.root / ".env").exists()) == (True, False)
    assert result.traded, result.reason
