"""The names of gates: a word in the source, else what the log call was given when it ran."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tracing.probed import Closed, Unauthorised, blocker, trace

ONE: dict[str, Any] = {"symbol": "ONE", "score": 5.0}

LABELS = {
    'blocked(error.label, limit=f"an answer within {5} s")': "auth_refused",
    'blocked(error.label, way="the other door")': "auth_refused",
    'blocked("fixed", error.label)': "fixed",
    'blocked(f"it was {error}", code="code_of_it")': "code_of_it",
    'blocked(s["symbol"])': "",
    "blocked(error)": "",
    'blocked(f"refused with {error}")': "refused with",
    'log.info("refused: %s", error)': "refused",
    "blocked(KIND)": "kind_of_it",
    "other(error.label)": "",
}


@pytest.mark.parametrize("mode", ["gates", "exits"])
@pytest.mark.parametrize("call", LABELS)
def test_label(call: str, mode: str) -> None:
    """A word that stands in the source, else what the first argument held; neither a limit nor a signal's own name."""
    source = f"""
    import enum, logging
    class Kind(enum.Enum):
        ONE = "kind_of_it"
    KIND, log = Kind.ONE, logging.getLogger("quiet")

    def blocked(*words, **more): pass
    other = blocked

    def decide(signals, venue):
        for s in signals:
            try:
                venue.submit_order(s["symbol"])
            except Exception as error:
                {call}
                continue
    """
    found = trace(source, ONE, mode=mode, venue=Closed(Unauthorised("no")))

    assert LABELS[call] == blocker(found, "ONE").label


def test_a_label_is_asked_for_once_and_in_its_turn() -> None:
    """The argument that names the branch is evaluated as often, and as early, as without the probe."""
    source = """
    class Told:
        @property
        def label(self):
            asked.append("label")
            return "the_label"
    def log_of():
        asked.append("log")
        return Log
    def blocked(label, *words): asked.append(("called", label))
    def after():
        asked.append("after")

    def decide(signals, venue):
        for s in signals:
            if s["score"] > 1:
                reason = Told()
                log_of().blocked(reason.label, after())
                continue
            venue.submit_order(s["symbol"])
    class Log:
        blocked = blocked
    """
    asked: list[Any] = []
    found = trace(source, ONE, asked=asked)

    assert asked == ["log", "label", "after", ("called", "the_label")]
    assert blocker(found, "ONE").label == "the_label"


def test_a_branch_is_named_by_what_its_log_call_was_given() -> None:
    """`blocked(label)` in a branch: a name that was put together before, and constant text only as second best."""
    source = """
    def blocked(*words): pass
    def decide(signals, venue):
        for s in signals:
            if s["score"] > 1:
                label, value = f"guard_{'notional'}", 3
                blocked(label, value)
                continue
            venue.submit_order(s["symbol"])
    """

    assert blocker(trace(source, ONE), "ONE").label == "guard_notional"
