"""Gates that crash, fire without blocking, fail open, and the exceptions below them."""

from __future__ import annotations

from typing import Any

import pytest

from harness.vocabulary import GateVerdict, Trace
from tests.tracing.probed import Ran, Venue, blocker, load, run, trace

ONE: dict[str, Any] = {"symbol": "ONE", "score": 2.0}
TWO: dict[str, Any] = {"symbol": "TWO", "score": 5.0}


def _ran(source: str, *signals: dict[str, Any], **names: Any) -> Ran:
    namespace = load(source, **names)
    return run(namespace["decide"], list(signals), Venue(), signals=list(signals))


def _only(trace: Trace, verdict: GateVerdict) -> list[tuple[str, str]]:
    return [(gate.signal, gate.condition) for gate in trace.gates if gate.verdict is verdict]


FIRED = """
def decide(signals, venue):
    for s in signals:
        try:
            if s["score"] < 3.0:
                print(s["reason"])
                continue
        except Exception:
            pass
        venue.submit_order(s["symbol"])
"""


def test_fired_but_did_not_block() -> None:
    """A branch that raised before its exit, under a handler that swallowed it, let the order out."""
    found = trace(FIRED, ONE, TWO)

    assert _only(found, GateVerdict.FIRED_NOT_BLOCKED) == [("ONE", "s['score'] < 3.0")]
    assert found.blocker is None
    assert found.gates[0].why == "KeyError: 'reason', raised at bot_under_test.py:6"
    assert [(s.kind, s.raised_at, s.handled_at) for s in found.swallowed] == [
        ("KeyError", "bot_under_test.py:6", "bot_under_test.py:8")
    ]


CRASH = """
def decide(signals, venue):
    for s in signals:
        if s["score"] < 3.0:
            print("low", s["reason"])
            continue
        venue.submit_order(s["symbol"])
"""


def test_a_crash_in_a_branch_ends_the_cycle_and_the_signals_after_it() -> None:
    """The branch raised, nothing handled it: its gate crashed, and the signal after it was never looked at."""
    ran = _ran(CRASH, ONE, TWO)
    after = blocker(ran.trace, "TWO")

    assert _only(ran.trace, GateVerdict.CRASHED) == [("ONE", "s['score'] < 3.0")]
    assert (ran.trace.detail, ran.trace.detail_at) == ("KeyError: 'reason'", "bot_under_test.py:5")
    assert (after.exit, after.why) == ("not iterated", "KeyError: 'reason' ended the loop")
    assert [lost.signal for lost in ran.trace.lost] == ["TWO"]


CRASHED_CONDITION = """
def decide(signals, venue):
    for s in signals:
        try:
            if s["volume"] < 10:
                continue
            venue.submit_order(s["symbol"])
        except KeyError as error:
            print("bad row")
            continue
"""


def test_a_condition_that_raises_into_a_handler_is_no_gate_but_the_handler_is() -> None:
    """The handler gave the signal up, and is the blocker; its cause says where the condition could not be evaluated."""
    found = trace(CRASHED_CONDITION, ONE)
    gate = blocker(found, "ONE")

    assert (gate.verdict, gate.condition, gate.line) == (GateVerdict.BLOCKED, "except KeyError", 8)
    assert (gate.exit, gate.value, gate.label) == ("continue", "KeyError: 'volume'", "bad row")
    assert (gate.why, gate.needs) == (
        "KeyError: 'volume', raised at bot_under_test.py:5",
        "no KeyError at line 5",
    )
    assert [gate] == list(found.gates)


UNHANDLED_CONDITION = """
def decide(signals, venue):
    for s in signals:
        if s["volume"] < 10:
            continue
        venue.submit_order(s["symbol"])
"""


def test_a_condition_that_raises_and_is_handled_by_nobody_is_a_crashed_gate() -> None:
    """There is no handler to blame: the condition that could not be evaluated ended the cycle."""
    gate = blocker(_ran(UNHANDLED_CONDITION, ONE).trace, "ONE")

    assert (gate.verdict, gate.condition, gate.line) == (GateVerdict.CRASHED, "s['volume'] < 10", 4)
    assert (gate.exit, gate.value) == ("raise", "KeyError: 'volume'")


@pytest.mark.parametrize(
    "source",
    [
        """
        def decide(signals, venue):
            for s in signals:
                try:
                    if s["equity"] < 100:
                        continue
                except Exception:
                    pass
                venue.submit_order(s["symbol"])
        """,
        """
        def decide(signals, venue):
            for s in signals:
                try:
                    equity = s["equity"]
                except Exception:
                    equity = 1000000
                if equity < 100:
                    continue
                venue.submit_order(s["symbol"])
        """,
        """
        def read_equity(s):
            try:
                return s["equity"]
            except Exception:
                return 1000000

        def decide(signals, venue):
            for s in signals:
                equity = read_equity(s)
                if equity < 100:
                    continue
                venue.submit_order(s["symbol"])
        """,
        """
        from contextlib import suppress

        def decide(signals, venue):
            for s in signals:
                with suppress(KeyError):
                    if s["equity"] < 100:
                        continue
                venue.submit_order(s["symbol"])
        """,
    ],
    ids=["the condition itself", "a default", "a callee's default", "suppress"],
)
def test_failed_open(source: str) -> None:
    """A gate whose input could not be read let the order through, and the trace says so."""
    found = trace(source, TWO)

    assert [gate.verdict for gate in found.gates] == [GateVerdict.FAILED_OPEN]
    assert "KeyError: 'equity'" in found.gates[0].why
    assert found.blocker is None


class _Response:
    status_code = 401
    url = "https://paper-api.alpaca.markets/v2/account?x=1"


class _HttpError(Exception):
    response = _Response()


UNDERNEATH = """
def fetch(s):
    raise HttpError("401 Client Error")

def price_of(s):
    try:
        return fetch(s)
    except Exception:
        return 0.0

def decide(signals, venue):
    for s in signals:
        price = price_of(s)
        if price <= 0:
            print("no price", s["symbol"])
            continue
        venue.submit_order(s["symbol"])
"""


def test_why_underneath() -> None:
    """The gate says that the price is not positive; the trace names the 401 that was swallowed below."""
    gate = blocker(trace(UNDERNEATH, TWO, HttpError=_HttpError), "TWO")

    assert (gate.condition, gate.value, gate.needs, gate.label) == ("price <= 0", "0.0", "price > 0", "no price")
    assert gate.why == "401 from /v2/account, swallowed in bot_under_test.py:8"


def test_an_exception_in_the_order_call_is_the_blocker() -> None:
    """The venue refused: the signal ended where the order call raised."""
    source = """
    class Venue:
        def submit_order(self, symbol):
            raise ValueError("insufficient buying power")

    def decide(signals, venue):
        for s in signals:
            try:
                Venue().submit_order(s["symbol"])
            except ValueError as error:
                print("order failed")
                continue
    """
    gate = blocker(trace(source, TWO), "TWO")

    assert (gate.verdict, gate.label, gate.exit) == (GateVerdict.BLOCKED, "order failed", "continue")
    assert (gate.condition, gate.value) == ("except ValueError", "ValueError: insufficient buying power")
    assert gate.why == "ValueError: insufficient buying power, raised at bot_under_test.py:4"


def test_an_order_call_that_raised_unseen_ended_at_the_handler_that_swallowed_it() -> None:
    """Every gate passed, and `except: pass` ate the refusal: the handler is the blocker, and no exit stands in it."""
    source = """
    def decide(signals, venue):
        for s in signals:
            if s["score"] < 3.0:
                continue
            try:
                venue.submit_order(s["symbol"], s["no such key"])
            except Exception:
                pass
        seen = [n for n, t in {}.items() if t > 3600]
    """
    found = trace(source, TWO)

    gate = blocker(found, "TWO")

    assert (gate.condition, gate.line, gate.exit) == ("except Exception", 8, "no else")
    assert gate.why == "KeyError: 'no such key', raised at bot_under_test.py:7"
    assert [gate.signal for gate in found.gates if gate.blocks] == ["TWO"]


MANAGED = """
import contextlib

@contextlib.contextmanager
def session():
    try:
        yield 1
    finally:
        print("closed")

def decide(signals, venue):
    for s in signals:
        with session():
            venue.submit_order(s["symbol"], s["price"])
"""


def test_a_crash_inside_a_with_block_is_where_it_was_raised() -> None:
    """The generator behind the block sees the exception before the function does, and has no part in it."""
    gate = blocker(_ran(MANAGED, ONE).trace, "ONE")

    assert (gate.line, gate.needs) == (14, "no KeyError at line 14")


def test_a_number_of_the_bots_own_is_no_http_status() -> None:
    """`error.code` is a status only where an address stands beside it."""
    source = """
class Refused(Exception):
    code = 305

def decide(signals, venue):
    for s in signals:
        raise Refused("spread")
    """

    assert blocker(_ran(source, ONE).trace, "ONE").why.startswith("Refused: spread")
