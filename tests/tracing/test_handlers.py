"""A handler that ends the path of all signals is the gate; a neighbour that let them on stays passed."""

from __future__ import annotations

from typing import Any

from harness.vocabulary import GateVerdict, Trace
from tests.tracing.probed import HEAD, Closed, Unauthorised, Venue, blocking, load, run


def _cycle(source: str, venue: object = None, **names: Any) -> Trace:
    """A cycle that finds its signals itself; where it is stopped before, there are none."""
    namespace = load(HEAD + source, **names)
    return run(namespace["cycle"], venue, signals=None).trace


FLOOR = """
def is_stopped(venue):
    if len("bands") != 5:
        blocked("bands", value=5, limit=f"as many as {5}")
        return True
    return False

def floor_of(venue):
    if is_stopped(venue):
        return None
    try:
        if not venue.ask():
            blocked("market_closed")
            return None
        return "floor"
    except CallFailed as error:
        blocked(error.label, value=str(error), limit=f"an answer within {5} s")
    except OSError as error:
        blocked("not_written", value=str(error))
    return None

def cycle(venue):
    floor = floor_of(venue)
    if floor is None:
        return []
    for s in [{"symbol": "ONE"}]:
        venue.submit_order(s["symbol"])
"""


def test_a_handler_in_a_callee_that_stops_everything_is_the_blocker() -> None:
    """The venue refuses the key below an open question: the handler is named by what its log call said."""
    found = _cycle(FLOOR, Closed(Unauthorised("GET /clock answered 401")), CallFailed=Unauthorised)
    first, second = blocking(found)
    line = 1 + (HEAD + FLOOR).splitlines().index("    except CallFailed as error:")

    assert (first.label, first.condition, first.line, first.exit) == (
        "auth_refused",
        "except CallFailed",
        line,
        "return",
    )
    assert (first.value, first.limit) == ("Unauthorised: GET /clock answered 401", "")
    assert first.why.startswith("401, raised at ")
    assert first.why.split(":")[0].endswith("probed.py")
    assert (second.label, second.condition) == ("", "floor is None")


def test_what_passed_before_the_handler_stays_passed() -> None:
    """Neither the gate of the callee before nor the question that raised is said to have done anything else."""
    found = _cycle(FLOOR, Closed(Unauthorised("no")), CallFailed=Unauthorised)
    verdicts = {gate.condition: gate.verdict for gate in found.gates}

    assert verdicts["len('bands') != 5"] is GateVerdict.PASSED
    assert verdicts["is_stopped(venue)"] is GateVerdict.PASSED
    assert "not venue.ask()" not in verdicts
    assert GateVerdict.FAILED_OPEN not in verdicts.values()


CACHE = """
class Unusable(Exception):
    def __init__(self, label, sentence):
        super().__init__(sentence)
        self.label = label

def read(path, age_s, max_age_s=600.0):
    try:
        raw = open(path).read()
    except OSError as error:
        raise Unusable("cache_missing", f"{path}: {error}") from None
    if age_s > max_age_s:
        raise Unusable("cache_stale", f"{path} is {age_s} s old")
    return [{"symbol": "ONE"}]

def found(venue):
    try:
        rows = read(*venue.where)
    except Unusable as error:
        blocked(error.label, value=str(error), limit=f"a file of {3} rows")
        return []
    return rows

def cycle(venue):
    rows = found(venue)
    sent = [venue.submit_order(s["symbol"]) for s in rows] if rows else []
"""


class _Where(Venue):
    where: tuple[str, float] = ("/no/such/file", 1.0)


class _Stale(Venue):
    where: tuple[str, float] = ("/dev/null", 660.0)


def test_a_handler_that_raises_a_named_refusal_is_the_first_blocker() -> None:
    """A file is missing: the place that gave it its name comes first, then the caller's handler, then the question."""
    gates = blocking(_cycle(CACHE, _Where()))

    assert [(gate.label, gate.condition, gate.exit) for gate in gates] == [
        ("cache_missing", "except OSError", "raise"),
        ("cache_missing", "except Unusable", "return"),
        ("", "rows", "no else"),
    ]
    assert gates[0].value.startswith("FileNotFoundError: [Errno 2]")


def test_a_condition_that_raises_a_named_refusal_says_what_it_needs() -> None:
    """A file is too old: label from the raise, value and limit from the condition."""
    first = blocking(_cycle(CACHE, _Stale()))[0]

    assert (first.label, first.value, first.limit, first.needs, first.exit) == (
        "cache_stale",
        "660.0",
        "600.0",
        "age_s <= 600.0",
        "raise",
    )


def test_a_good_cache_is_blocked_by_nothing() -> None:
    """The ternary that calls for orders, and the handlers that were not entered, are no blockers."""

    class Fresh(Venue):
        where: tuple[str, float] = ("/dev/null", 1.0)

    venue = Fresh()

    assert blocking(_cycle(CACHE, venue)) == []
    assert venue.orders == ["ONE"]


HOUSEKEEPING = """
def close_positions(venue):
    try:
        venue.ask()
        venue.submit_exit_order("OLD")
    except Exception as error:
        blocked("exits_failed")
        return

def cycle(venue):
    close_positions(venue)
    enter_trades(venue, [])

def enter_trades(venue, rows):
    if len(rows) < 1:
        blocked("nothing_to_do")
        return
    venue.submit_order(rows[0]["symbol"])
"""


def test_a_handler_after_which_the_cycle_went_on_to_its_entries_is_no_blocker() -> None:
    """Exits failed and were given up; the entries had their turn, and ended at their own gate."""
    found = _cycle(HOUSEKEEPING, Closed(Unauthorised("no")))

    assert [gate.label for gate in blocking(found)] == ["nothing_to_do"]
    assert [swallowed.message for swallowed in found.swallowed] == ["401"]
