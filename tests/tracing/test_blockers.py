"""Each construct that can end a signal's path is named with its line, value, limit and what it needs."""

from __future__ import annotations

from typing import Any

import pytest

from harness.vocabulary import GateVerdict
from tests.tracing import cases_in_a_loop, cases_of_rules, cases_of_strangers, cases_on_a_detour
from tests.tracing.probed import blocker, ended, trace

GOOD: dict[str, Any] = {"symbol": "GOOD", "score": 5.0, "volume": 900, "side": "buy", "tags": ["x"]}
WEAK: dict[str, Any] = {**GOOD, "symbol": "WEAK", "score": 2.31}


CASES = [*cases_in_a_loop.CASES, *cases_on_a_detour.CASES, *cases_of_strangers.CASES, *cases_of_rules.CASES]


@pytest.mark.parametrize(
    ("source", "condition", "exit_kind", "value", "limit", "needs"),
    [case[1:] for case in CASES],
    ids=[c[0] for c in CASES],
)
@pytest.mark.parametrize("order", ["weak first", "good first"])
def test_blocker(source: str, condition: str, exit_kind: str, value: str, limit: str, needs: str, order: str) -> None:
    """The weak signal's blocker is the deciding condition; the good signal is ended by none."""
    signals = [WEAK, GOOD] if order == "weak first" else [GOOD, WEAK]
    found = trace(source, *signals)
    gate = blocker(found, "WEAK")

    assert (condition, exit_kind, value, limit, needs) == (
        gate.condition,
        gate.exit,
        gate.value,
        gate.limit,
        gate.needs,
    )
    assert gate.verdict is GateVerdict.BLOCKED
    assert not ended(found, "GOOD")


def test_a_choice_of_what_is_returned_for_all_signals_is_a_gate() -> None:
    """`return execute(...) if ready else []` drops the whole list, and says by which comparison."""
    source = """
    def execute(signals, venue):
        return [venue.submit_order(s["symbol"]) for s in signals]

    def decide(signals, venue):
        ready = len(signals) > 5
        return execute(signals, venue) if ready else []
    """
    found = trace(source, WEAK, GOOD)
    gates = [(gate.condition, gate.value, gate.limit, gate.exit) for gate in found.gates if gate.blocks]

    assert gates == [("len(signals) > 5", "2", "5", "return"), ("ready", "False", "", "return")]
