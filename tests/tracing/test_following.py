"""Signals are followed by identity, whatever they are and wherever they are dropped; named values by their lineage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from harness.vocabulary import GateVerdict
from tests.tracing.probed import Venue, blocker, ended, load, run, trace


@dataclass
class Plain:
    """A signal with an instance dict."""

    ticker: str
    score: float


@dataclass(slots=True, frozen=True)
class Slotted:
    """A signal with slots."""

    ticker: str
    score: float


class Tupled(NamedTuple):
    """A signal that is a tuple."""

    ticker: str
    score: float


OBJECTS = """
def enrich(s):
    return s

def decide(signals, venue):
    for number, s in enumerate(signals):
        s = enrich(s)
        if s.score < 3.0:
            continue
        venue.submit_order(s.ticker)
"""


@pytest.mark.parametrize("kind", [Plain, Slotted, Tupled])
def test_signals_may_be_objects_of_any_kind(kind: Any) -> None:
    """Instance dicts, slots and named tuples are known by the identity key."""
    signals = [kind("A", 1.0), kind("B", 5.0)]
    found = run(load(OBJECTS)["decide"], signals, Venue(), signals=signals, identity=("symbol", "ticker")).trace

    assert [(gate.signal, gate.verdict) for gate in found.gates] == [
        ("A", GateVerdict.BLOCKED),
        ("B", GateVerdict.PASSED),
    ]


def test_two_signals_of_one_symbol_are_told_apart() -> None:
    """A second signal with the same key has a number behind its label."""
    signals = [{"symbol": "A", "score": 1.0}, {"symbol": "A", "score": 5.0}]
    source = """
    def decide(signals, venue):
        for s in signals:
            if s["score"] < 3:
                continue
            venue.submit_order(1)
    """
    found = trace(source, *signals)

    assert [(gate.signal, gate.verdict) for gate in found.gates] == [
        ("A", GateVerdict.BLOCKED),
        ("A#2", GateVerdict.PASSED),
    ]


def test_copies_and_symbols_stand_for_their_signal() -> None:
    """A copied dict, and the bare symbol in a loop over symbols, are the same signal."""
    source = """
    def decide(signals, venue):
        by_symbol = {s["symbol"]: dict(s) for s in signals}
        for symbol in sorted(by_symbol):
            row = by_symbol[symbol]
            if row["score"] < 3.0:
                continue
            venue.submit_order(symbol)
    """
    found = trace(source, {"symbol": "A", "score": 1.0}, {"symbol": "B", "score": 5.0})

    assert blocker(found, "A").condition == "row['score'] < 3.0"
    assert not ended(found, "B")


def test_signals_that_come_from_inside_are_met_on_the_way() -> None:
    """Without given signals, every object with an identity key is one, from the feed to the order."""
    source = """
    def feed():
        rows = [{"symbol": "A", "score": 1.0}, {"symbol": "B", "score": 5.0}]
        return [row for row in rows if row["score"] > 0]

    def decide(venue):
        for s in feed():
            if s["score"] < 3.0:
                continue
            venue.submit_order(s["symbol"])
    """
    found = run(load(source)["decide"], Venue(), signals=None).trace

    assert (blocker(found, "A").condition, ended(found, "B")) == ("s['score'] < 3.0", False)


@pytest.mark.parametrize(
    ("body", "line", "how"),
    [
        ("for s in [s for s in signals if s['score'] > 3]:\n  venue.submit_order(1)", 2, "filter: s['score'] > 3"),
        ("for s in signals[1:]:\n  venue.submit_order(1)", 2, "slice: signals[1:]"),
        ("for s in []:\n  venue.submit_order(1)", 2, "not iterated: []"),
        ("for s in signals:\n  if s['score'] > 3:\n   venue.submit_order(1)", 3, "no else: s['score'] > 3"),
        ("best = max(signals, key=lambda s: s['score'])\n venue.submit_order(best['symbol'])", 2, "slice: max("),
    ],
    ids=["a filter", "a slice", "a loop that never starts", "an if without an else", "a choice of one"],
)
def test_a_signal_that_left_where_no_exit_stands_is_named(body: str, line: int, how: str) -> None:
    """Each is in the count, with the line and how it was dropped."""
    found = trace(f"def decide(signals, venue):\n {body}", {"symbol": "LOW", "score": 1}, {"symbol": "TOP", "score": 9})
    lost = next(lost for lost in found.lost if lost.signal == "LOW")

    assert lost.line == line
    assert lost.how.startswith(how)
    assert blocker(found, "LOW").line == line


LINEAGE = """
class Box:
    pass

def adjusted(score, factor=1.0):
    score *= factor
    return score

def decide(signals, venue):
    for s in signals:
        box = Box()
        score = s["score"]
        box.score = score
        box.score += 1
        s["score"] = adjusted(score, factor=0.5)
        if (score := s["score"]) < 0.1:
            continue
        order = {"symbol": s["symbol"], "qty": int(score * 10)}
        venue.submit_order(s["symbol"], qty=order["qty"])
"""


def test_lineage_of_score_and_quantity() -> None:
    """Names, attributes, constant keys, augmented ones, dict values, keywords and := are steps, in order."""
    signal = {"symbol": "A", "score": 2.7}
    namespace = load(LINEAGE)
    lineage = {"score": ["score"], "quantity": ["qty"]}
    found = run(namespace["decide"], [signal], Venue(), signals=[signal], lineage=lineage).trace
    steps = {line.name: [(step.value, step.expression, step.line) for step in line.steps] for line in found.lineage}

    assert steps["score"] == [
        ("2.7", "s['score']", 12),
        ("2.7", "score", 13),
        ("3.7", "box.score += 1", 14),
        ("1.35", "score *= factor", 6),
        ("1.35", "adjusted(score, factor=0.5)", 15),
        ("1.35", "s['score']", 16),
    ]
    assert steps["quantity"] == [("13", "int(score * 10)", 18), ("13", "order['qty']", 19)]


@pytest.mark.parametrize(
    ("body", "label"),
    [
        ("log.info('blocked by score: %s < %.2f', 1, 2)", "blocked by score: <"),
        ("decisions.blocked('score_low', symbol=1)", "score_low"),
        ("log.warning(f'score {s} is too low')", "score is too low"),
        ("print('score %s' % s['score'])", "score"),
        ("record(event='score_low', value=3)", "score_low"),
        ("reason = 'score too low'", "score too low"),
        ("pass", ""),
    ],
)
def test_labels_come_from_the_branchs_own_words(body: str, label: str) -> None:
    """The first string of a call in the branch, its constant part; else the reason that it states."""
    source = f"""
    def decide(signals, venue):
        for s in signals:
            if s["score"] < 3:
                {body}
                continue
            venue.submit_order(1)
    """

    class Log:
        def __getattr__(self, name: str) -> Any:
            return lambda *words, **more: None

    found = trace(source, {"symbol": "A", "score": 1}, log=Log(), decisions=Log(), record=lambda **more: None)

    assert blocker(found, "A").label == label


def test_a_label_further_out_names_the_cause_further_in() -> None:
    """A callee's silent condition takes the words of the gate that asked for it."""
    source = """
    def fault(s):
        if s["spread"] > 2:
            return "wide"
        return None

    def priced(s):
        problem = fault(s)
        if problem is not None:
            print("price_unusable")
            return None
        return s

    def decide(signals, venue):
        for s in signals:
            ticket = priced(s)
            if ticket is None:
                continue
            venue.submit_order(s["symbol"])
    """
    gate = blocker(trace(source, {"symbol": "A", "spread": 5}), "A")

    assert (gate.function, gate.condition, gate.label) == ("fault", "s['spread'] > 2", "wide")
    assert (gate.value, gate.limit, gate.needs) == ("5", "2", "s['spread'] <= 2")


def test_a_signal_of_which_nothing_follows_is_lost_where_it_was_last_seen() -> None:
    """A table of actions without the one that it asks for: no condition ends the signal, and its last line is told."""
    found = trace(
        """
        def noop(s, venue): pass
        def action(s):
            return "enter" if s["score"] >= 3.0 else "hold"

        def decide(signals, venue):
            table = {"enter": lambda s, venue: venue.submit_order(s["symbol"])}
            for s in signals:
                table.get(action(s), noop)(s, venue)
        """,
        {"symbol": "WEAK", "score": 2.0},
    )

    assert [(one.signal, one.line, one.how.partition(":")[0]) for one in found.lost] == [("WEAK", 4, "nothing follows")]
