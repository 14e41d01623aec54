"""The one sentence that says why no order stands at the venue: nothing twice, nothing that is not so."""

from __future__ import annotations

import pytest

from harness.canary.belief import believe
from harness.vocabulary import Gate, GateVerdict, Outcome, Side, Trace


def said(trace: Trace) -> str:
    """The sentence after "no order stands at the venue"."""
    return believe((), "AAPL", Side.BUY, trace, trace.blocker)[1].removeprefix("no order stands at the venue: ")


def stopped(condition: str, value: str, limit: str = "", needs: str = "", why: str = "") -> Trace:
    """A trace whose only gate blocked."""
    gate = Gate(
        label="",
        function="decide",
        file="bot.py",
        line=7,
        condition=condition,
        verdict=GateVerdict.BLOCKED,
        value=value,
        limit=limit,
        needs=needs,
        why=why,
    )
    return Trace(outcome=Outcome.RETURNED, gates=(gate,))


MISSING = "KeyError: 'ask'"
WORKER = "thread 'worker' of bot.worker (at bot.py:48)"
WAITS = (
    f"it may wait for what the bot starts at import and no canary does: {WORKER} and 1 more; "
    "name a function that decides without it as the target"
)


@pytest.mark.parametrize(
    ("trace", "sentence"),
    [
        (
            stopped("s['score'] < 3.0", "2.31", "3.0", "s['score'] >= 3.0"),
            "stopped by s['score'] < 3.0 (2.31 against 3.0) at bot.py:7; passes with s['score'] >= 3.0",
        ),
        (stopped("len(held) >= cap", "0", "0"), "stopped by len(held) >= cap (0 against 0) at bot.py:7"),
        (stopped("price is None", "None", "None"), "stopped by price is None (None) at bot.py:7"),
        (
            stopped(MISSING, MISSING, why=f"{MISSING}, raised at bot.py:7"),
            "stopped by KeyError: 'ask' at bot.py:7",
        ),
        (
            stopped("quote > 1", MISSING, why=f"{MISSING}, raised at feed.py:3"),
            "stopped by quote > 1 (KeyError: 'ask') at bot.py:7; underneath: KeyError: 'ask', raised at feed.py:3",
        ),
        (
            Trace(outcome=Outcome.NOT_SENT, detail="the golden signal cannot be made: m:Signal raised TypeError"),
            "the golden signal cannot be made: m:Signal raised TypeError",
        ),
        (
            Trace(outcome=Outcome.NOT_SENT, detail="bot.toml has no [canary.cycle], so no cycle can be run"),
            "bot.toml has no [canary.cycle], so no cycle can be run",
        ),
        (
            Trace(outcome=Outcome.NOT_LOADED, detail="the bot has no trader:decide"),
            "the bot does not load: the bot has no trader:decide",
        ),
        (
            Trace(
                outcome=Outcome.TIMED_OUT,
                detail="still running at bot.py:39",
                notes=(f"not started at import: {WORKER}", "not started at import: thread 'beat'", "another"),
            ),
            f"the bot's function timed out: still running at bot.py:39; {WAITS}",
        ),
    ],
    ids=[
        "a limit",
        "at the limit",
        "nothing there",
        "one exception",
        "another place",
        "no signal",
        "no cycle",
        "no function",
        "a worker",
    ],
)
def test_the_reason_is_one_sentence(trace: Trace, sentence: str) -> None:
    """Value and limit where both tell something, the cause where it is another place's."""
    assert said(trace) == sentence
