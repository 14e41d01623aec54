"""A handler that ends the path of one signal is its gate, whatever it does before it leaves."""

from __future__ import annotations

from typing import Any

from harness.vocabulary import GateVerdict, Stage
from tests.tracing.probed import HEAD, Closed, Unauthorised, Venue, blocker, blocking, load, run, trace

ONE: dict[str, Any] = {"symbol": "ONE", "score": 5.0}
TWO: dict[str, Any] = {"symbol": "TWO", "score": 5.0}

AROUND = """
def decide(signals, venue):
    try:
        for s in signals:
            venue.submit_order(s["name"])
    except KeyError as error:
        print("cycle given up")
        return None
"""


def test_a_handler_around_the_loop_ends_one_signal_and_the_loop() -> None:
    """The second signal raised: it ended at the handler, the third was never looked at, the first was sent."""
    first, second, third = {**ONE, "name": "x"}, TWO, {"symbol": "THREE", "name": "y"}
    found = trace(AROUND, first, second, third)
    gate, after = blocker(found, "TWO"), blocker(found, "THREE")

    assert (gate.signal, gate.condition, gate.label) == ("TWO", "except KeyError", "cycle given up")
    assert (after.exit, after.why) == ("not iterated", "KeyError: 'name' ended the loop")
    assert not [gate for gate in found.of("ONE") if gate.blocks]


RETRY = """
def decide(signals, venue):
    for s in signals:
        price = None
        for attempt in range(2):
            try:
                price = s["prices"][attempt]["last"]
                break
            except KeyError:
                continue
        if price is None:
            print("no_price")
            continue
        venue.submit_order(s["symbol"])
"""


def test_a_handler_that_tries_again_is_no_gate() -> None:
    """One signal's second attempt succeeds and is sent; the other's fails too, and ends at the gate that asks."""
    good = {**ONE, "prices": [{}, {"last": 1.0}]}
    found = trace(RETRY, good, {**TWO, "prices": [{}, {}]})

    assert [(gate.signal, gate.label) for gate in blocking(found)] == [("TWO", "no_price")]


SMALLER = """
def send(s, venue, attempt=1):
    try:
        return venue.submit_order(s["symbol"])
    except CallFailed as error:
        smaller = error.args[0].get("buying_power")
        if smaller is not None and attempt == 1:
            return send(s, venue, 2)
        blocked("rejected_by_venue", value=str(error), limit="accepted")
    return None

def decide(signals, venue):
    for s in signals:
        order = send(s, venue)
        if order is None:
            continue
"""


def test_a_handler_that_could_have_sent_again_is_the_gate_and_belongs_to_the_venue() -> None:
    """What the handler asked for is a gate too, but the refusal comes first, under the name of its own log call."""
    found = trace(HEAD + SMALLER, ONE, venue=Closed(Unauthorised({})), CallFailed=Unauthorised)
    gate = blocker(found, "ONE")

    assert (gate.label, gate.condition, gate.exit) == ("rejected_by_venue", "except CallFailed", "return")
    assert gate.stage is Stage.VENUE


def test_a_handler_that_only_passes_on_leaves_a_crash() -> None:
    """`except: log; raise` handles nothing: the condition that raised ended the cycle."""
    source = """
    def decide(signals, venue):
        for s in signals:
            try:
                if s["volume"] < 1:
                    continue
            except KeyError:
                print("no volume")
                raise
            venue.submit_order(s["symbol"])
    """
    namespace = load(source)
    ran = run(namespace["decide"], [ONE], Venue(), signals=[ONE])
    gate = blocker(ran.trace, "ONE")

    assert (gate.verdict, gate.condition, gate.exit) == (GateVerdict.CRASHED, "s['volume'] < 1", "raise")


DOUBT = """
class Unresolved(Exception):
    pass

def ask(venue):
    found = venue.orders.get("id")
    if found is None:
        raise Unresolved(f"{venue}; the venue does not know the order yet")
    return found

def submit(s, venue):
    try:
        placed = venue.submit_order(s["symbol"])
    except CallFailed as error:
        placed = ask(venue)
    return placed

def decide(signals, venue):
    for s in signals:
        try:
            submit(s, venue)
        except Unresolved as error:
            blocked("submit_ambiguous", value=str(error))
            continue
"""


def test_a_sentence_that_is_raised_is_known_by_the_name_under_which_it_was_written_down() -> None:
    """The order call raised, its handler asked and found nothing: that is the gate, and nobody crashed."""
    venue: Any = Closed(Unauthorised("no"))
    venue.orders = {}
    found = trace(HEAD + DOUBT, ONE, venue=venue, CallFailed=Unauthorised)

    assert [(gate.label, gate.condition, gate.exit) for gate in blocking(found)] == [
        ("submit_ambiguous", "found is None", "raise"),
        ("submit_ambiguous", "except Unresolved", "continue"),
    ]


def test_a_word_that_makes_a_ticket_is_no_order_call() -> None:
    """`ticket = bracket(...)` only makes what is sent later; a handler around the sending is still where it ends."""
    source = """
    def bracket(symbol): return symbol
    def ticket_of(s):
        ticket = bracket(s["symbol"])
        return ticket
    def decide(signals, venue):
        for s in signals:
            ticket = ticket_of(s)
            try:
                venue.submit_order(ticket)
            except Exception:
                print("not_sent")
    """

    assert blocker(trace(source, ONE, venue=Closed(Unauthorised("no"))), "ONE").label == "not_sent"
