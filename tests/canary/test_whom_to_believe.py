"""Control bots: each does one thing wrong, and the verdict on each is the one that the venue's own ledger gives."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from harness.canary import send
from harness.deployment import load
from harness.lab.bench import bench
from harness.verdict import colour_of, reasons
from harness.vocabulary import CanaryResult, Colour, Depth, Desk, GateVerdict, Outcome, Side, Stage
from tests.canary.attached import attached

SYMBOL = "AAPL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What must be said of one kind of bot: orders in the ledger, the verdict, and words of its reason."""

    kind: str
    orders: int
    traded: bool
    stage: Stage | None
    says: str


KINDS = (
    Told(kind="trades_rightly", orders=1, traded=True, stage=None, says="exactly one order stands at the venue"),
    Told(kind="never_orders", orders=0, traded=False, stage=Stage.GATE, says="stopped by paper_only (True)"),
    Told(kind="orders_twice", orders=2, traded=False, stage=Stage.VENUE, says="2 orders stand at the venue"),
    Told(
        kind="takes_the_wrong_side", orders=1, traded=False, stage=Stage.VENUE, says="is a sell, the signal was a buy"
    ),
    Told(kind="says_submitted", orders=0, traded=False, stage=Stage.LOOP, says="no order stands at the venue"),
    Told(kind="orders_another_symbol", orders=1, traded=False, stage=Stage.VENUE, says="is for KO, the signal was for"),
    Told(
        kind="orders_ten_times_too_much", orders=1, traded=False, stage=Stage.VENUE, says="decided on 5 and the venue"
    ),
    Told(
        kind="crashes_in_a_gate", orders=0, traded=False, stage=Stage.GATE, says="(3.5 against 9.0) at bot/trader.py:"
    ),
    Told(kind="gate_fires_and_does_not_block", orders=1, traded=True, stage=None, says="exactly one order"),
    Told(kind="orders_and_dies", orders=1, traded=True, stage=None, says="exactly one order"),
    Told(kind="orders_and_crashes", orders=1, traded=True, stage=None, says="exactly one order"),
    Told(kind="clears_the_recorder", orders=1, traded=True, stage=None, says="exactly one order"),
    Told(kind="runs_code_that_nobody_traced", orders=1, traded=True, stage=None, says="exactly one order"),
    Told(kind="orders_in_a_thread", orders=1, traded=True, stage=None, says="exactly one order"),
    Told(kind="leaves_the_order_to_a_thread", orders=1, traded=True, stage=None, says="exactly one order"),
    Told(kind="orders_in_a_subprocess", orders=1, traded=True, stage=None, says="exactly one order"),
    Told(kind="twice_by_thread_and_subprocess", orders=2, traded=False, stage=Stage.VENUE, says="2 orders stand"),
)


def test_a_call_that_hands_over_no_signal_is_not_sent(tmp_path: Path) -> None:
    """Without the word for the signals the bot would be blamed for what its `bot.toml` lacks."""
    path = attached(tmp_path, "trades_rightly").toml_path
    path.write_text(path.read_text(encoding="utf-8").replace('args = ["$signals"]', 'args = [""]'), encoding="utf-8")
    with bench(load(path)) as made:
        result = send(made, SYMBOL, Depth.DECIDE)

    assert "the venue: [canary.decide] hands the bot no signal: write args" in result.reason


def decided(folder: Path, kind: str) -> CanaryResult:
    """A golden signal straight into the decide function of this kind of bot."""
    with bench(attached(folder, kind)) as made:
        return send(made, SYMBOL, Depth.DECIDE)


def colour(canary: CanaryResult) -> Colour:
    """The verdict that this canary alone gives."""
    return colour_of(reasons((), [canary], [Desk.EQUITIES], None, ()))


@pytest.mark.parametrize("told", KINDS, ids=lambda told: told.kind)
def test_each_kind_of_bot_gets_the_verdict_of_the_ledger(told: Told, tmp_path: Path) -> None:
    """What traded is what stands in the venue's book, whatever the bot logged, returned, or did to its trace."""
    result = decided(tmp_path, told.kind)

    assert (told.orders, told.traded, told.stage) == (len(result.orders), result.traded, result.stage), result.reason
    assert told.says in result.reason


@pytest.mark.parametrize("told", [told for told in KINDS if not told.traded], ids=lambda told: told.kind)
def test_a_canary_that_did_not_trade_makes_the_verdict_red(told: Told, tmp_path: Path) -> None:
    """RED, with the canary's own reason."""
    result = decided(tmp_path, told.kind)
    found = reasons((), [result], [Desk.EQUITIES], None, ())

    assert Colour.RED is colour_of(found)
    assert any(result.reason in reason.text for reason in found)


def test_a_gate_that_fires_and_does_not_block_is_never_green(tmp_path: Path) -> None:
    """The order went out, so it traded; the gate is shown as what it is, and the verdict names its line."""
    result = decided(tmp_path, "gate_fires_and_does_not_block")
    found = reasons((), [result], [Desk.EQUITIES], None, ())

    assert [gate.verdict for gate in result.trace.gates] == [GateVerdict.FIRED_NOT_BLOCKED]
    assert Colour.YELLOW is colour_of(found)
    assert any("trader.py:" in reason.text and "did not block" in reason.text for reason in found)


def test_a_crash_in_a_gate_is_told_apart_from_a_gate_that_blocks(tmp_path: Path) -> None:
    """The gate's branch raised: the cycle dies there, and the blocker says so."""
    result = decided(tmp_path, "crashes_in_a_gate")

    assert result.blocker is not None
    assert (result.blocker.verdict, result.trace.outcome) == (GateVerdict.CRASHED, Outcome.RAISED)


def test_a_good_bot_is_green(tmp_path: Path) -> None:
    """The control of all controls: right symbol, right side, the size that it decided on."""
    result = decided(tmp_path, "trades_rightly")
    (order,) = result.orders

    assert Colour.GREEN is colour(result)
    assert (order.symbol, order.side, order.quantity) == (SYMBOL, Side.BUY, Decimal(5))


@pytest.mark.parametrize(
    ("kind", "outcome", "says"),
    [
        ("never_returns", Outcome.TIMED_OUT, "still running after 2 s"),
        ("leaves_in_the_call", Outcome.EXITED, "SystemExit('no key for the journal') at bot/trader.py:"),
        ("raises_at_once", Outcome.RAISED, "no such field"),
    ],
)
def test_a_call_that_does_not_come_back_well_is_red_and_says_where(
    kind: str, outcome: Outcome, says: str, tmp_path: Path
) -> None:
    """It hangs, leaves or raises: no order, and the reason names the line."""
    result = decided(tmp_path, kind)

    assert (False, outcome) == (result.traded, result.trace.outcome)
    assert says in result.reason


def test_the_bot_s_own_cycle_trades_the_golden_rows(tmp_path: Path) -> None:
    """At depth cycle the rows come from the simulated provider, fetched by the bot itself."""
    with bench(attached(tmp_path, "trades_rightly")) as made:
        result = send(made, SYMBOL, Depth.CYCLE)

    assert (result.traded, len(result.orders)) == (True, 1), result.reason


def test_canaries_of_one_bench_never_meet(tmp_path: Path) -> None:
    """Three canaries in a row, each on a clone of its own: one order each, and none in the bot's own account."""
    with bench(attached(tmp_path, "trades_rightly")) as made:
        results = [send(made, symbol, Depth.DECIDE) for symbol in ("AAPL", "MSFT", "AAPL")]
        own = made.world.ledger(made.world.account)

    assert [len(result.orders) for result in results] == [1, 1, 1]
    assert own == ()


@pytest.mark.parametrize(
    ("kind", "orders", "traded"),
    [
        ("trades_rightly", 1, True),
        ("never_orders", 0, False),
        ("orders_twice", 2, False),
        ("takes_the_wrong_side", 1, False),
        ("says_submitted", 0, False),
        ("orders_in_a_subprocess", 1, True),
    ],
)
def test_the_running_process_is_judged_by_the_ledger_too(kind: str, orders: int, traded: bool, tmp_path: Path) -> None:
    """At depth process nothing is traced: what the lab's own running loop sent is counted."""
    with bench(attached(tmp_path, kind, loop=True)) as made:
        result = send(made, SYMBOL, Depth.PROCESS)

    assert (orders, traded) == (len(result.orders), result.traded), result.reason
    assert ("running processes sent none" in result.reason) == (orders == 0), result.reason


def test_a_loop_that_forgets_its_order_is_caught_by_its_next_cycle(tmp_path: Path) -> None:
    """One cycle alone looks right; the next one orders again, and the canary at depth process sees it."""
    with bench(attached(tmp_path, "trades_rightly", loop=True, settings='{ FORGETS = "yes" }')) as made:
        result = send(made, SYMBOL, Depth.PROCESS)

    assert not result.traded
    assert len(result.orders) >= 2
