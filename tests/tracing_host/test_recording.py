"""What the probe records in a fork comes back with the run, however the call ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.tracing.host import Call
from harness.tracing.reading import read
from tests.tracing_host.bots import hosted, interpreters

BOT = """
    import logging, os, time

    LIMIT = 3.0

    def decide(clusters, then):
        taken = []
        for cluster in clusters:
            if cluster["score"] < LIMIT:
                logging.info("score_below_threshold")
                continue
            taken.append(cluster)
        if then == "hang":
            time.sleep(600)
        if then == "leave":
            os._exit(3)
        if then == "raise":
            raise ValueError("no good")
        return taken
"""
SIGNALS = [{"symbol": "AAPL", "score": 2.0}]
ENDS = {"return": "returned", "raise": "raised", "leave": "exited", "hang": "timed out"}


@pytest.mark.parametrize("python", interpreters())
@pytest.mark.parametrize("mode", ["gates", "exits"])
def test_record_survives_every_end(tmp_path: Path, python: str, mode: str) -> None:
    """Returned, raised, exited at once, or out of time: the gates so far are in the record."""
    with hosted(tmp_path, BOT, python=python, traced=["trader"], mode=mode) as host:
        runs = {}
        for then in ENDS:
            call = Call(target="trader:decide", args=["$signals", then], signals=SIGNALS, identity=["symbol"])
            runs[then] = host.run(call, deadline_s=0.5)

    assert {then: run.outcome for then, run in runs.items()} == ENDS
    assert {then: run.record["outcome"] for then, run in runs.items()} == ENDS
    assert [then for then, run in runs.items() if "score_below_threshold" not in json.dumps(run.record)] == []


def test_recording_off_records_nothing(tmp_path: Path) -> None:
    """With recording off the bot's modules stay as they are, and the record is empty."""
    with hosted(tmp_path, BOT, traced=["trader"], mode="off") as host:
        run = host.run(Call(target="trader:decide", args=["$signals", ""], signals=SIGNALS), deadline_s=5.0)

    assert (run.outcome, run.returned, run.record) == ("returned", "[]", {})


ENGAGES = """
waiting = []

def engage(symbol):
    pass

def decide(signals):
    for s in signals:
        if s["score"] < 3.0:
            waiting.append(s)
            continue
        engage(s["symbol"])
"""


@pytest.mark.parametrize(("orders", "blocked"), [(["engage"], ["AAPL"]), ([], ["MSFT"])])
def test_an_order_call_is_known_by_the_name_that_its_owner_gives(
    tmp_path: Path, orders: list[str], blocked: list[str]
) -> None:
    """`engage` says nothing of an order: told that it sends one, the trace ends the signal that waits; untold, it takes
    the list for the end of the path, and the other signal for the one that was dropped."""
    signals = [{"symbol": "AAPL", "score": 2.0}, {"symbol": "MSFT", "score": 4.0}]
    call = Call(target="trader:decide", args=["$signals"], signals=signals, identity=["symbol"])
    with hosted(tmp_path, ENGAGES, traced=["trader"], mode="gates", orders=orders) as host:
        trace = read(host.run(call, deadline_s=5.0).record)

    assert [gate.signal for gate in trace.gates if gate.blocks] == blocked
